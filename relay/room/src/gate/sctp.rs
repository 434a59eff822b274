//! What a page may bring about in the SCTP association of its data channels. sctp-proto 0.10 keeps
//! up to 65,535 streams and 100,000 associations for a peer, and limits what it holds back by the
//! bytes of users, not by what they cost.

/// Header of a packet (RFC 9260 section 3.1), bytes.
const HEADER: usize = 12;
/// Most chunks of a packet. As many of the shortest DATA fill a packet.
const CHUNKS_MAX: usize = 64;
/// Most different streams. A page of ours opens two.
const STREAMS_MAX: usize = 32;
/// Most different beginnings of an association. Browsers repeat theirs under one tag.
const TAGS_MAX: usize = 8;
/// Most requests to reset streams in the life of a transport.
const RESETS_MAX: u32 = 256;
/// Most chunks of DATA beyond the last one that was acknowledged without a gap.
const AHEAD_MAX: u32 = 1_024;
/// Most bytes that are taken while unfinished messages wait, as far as they cost memory.
const HELD_BYTES_MAX: usize = 2 * 1024 * 1024;
/// What a chunk costs beside its packet, bytes.
const CHUNK_COST: usize = 320;
/// With fewer bytes than this waiting, nothing waits: the rest are two packets on their way.
const WAITING_LOW: u32 = 2_560;

const DATA: u8 = 0;
const INIT: u8 = 1;
const SACK: u8 = 3;
const I_DATA: u8 = 64;
const RECONFIG: u8 = 130;
const FORWARD_TSN: u8 = 192;
const I_FORWARD_TSN: u8 = 194;
/// The parameter of a RECONFIG that names streams to reset (RFC 6525 section 4.1).
const OUTGOING_RESET: u16 = 13;

/// What one peer has used of its limits.
#[derive(Debug, Default)]
pub(super) struct SctpGate {
    tags: Vec<u32>,
    streams: Vec<u16>,
    resets: u32,
    /// The last TSN that our side acknowledged without a gap.
    acknowledged: Option<u32>,
    /// The highest TSN that was let in.
    highest: Option<u32>,
    /// The widest window that our side ever had.
    window: u32,
    /// Bytes taken since nothing waited.
    held: usize,
}

impl SctpGate {
    /// Whether the association may see this packet of the peer. A packet that breaks a limit goes
    /// as a whole; a page that means well never sends one.
    pub(super) fn admits(&mut self, packet: &[u8]) -> bool {
        let mut count = 0;
        let mut data = 0;
        for chunk in chunks(packet) {
            count += 1;
            let admitted = count <= CHUNKS_MAX
                && match chunk.kind {
                    INIT => self.admits_tag(chunk.value),
                    DATA | I_DATA => {
                        data += 1;
                        self.admits_data(chunk.value)
                    }
                    // The new TSN, then four bytes for each stream; eight of the second kind.
                    FORWARD_TSN => self.admits_streams(chunk.value.get(4..), 4),
                    I_FORWARD_TSN => self.admits_streams(chunk.value.get(4..), 8),
                    RECONFIG => self.admits_reset(chunk.value),
                    _ => true,
                };
            if !admitted {
                return false;
            }
        }
        if data > 0 {
            self.held += packet.len() + data * CHUNK_COST;
        }
        true
    }

    /// Notes what our side sends: its acknowledgements tell what it holds.
    pub(super) fn note_sent(&mut self, packet: &[u8]) {
        for chunk in chunks(packet).filter(|chunk| chunk.kind == SACK) {
            let (Some(tsn), Some(window)) = (number(chunk.value, 0), number(chunk.value, 4)) else {
                continue;
            };
            self.acknowledged = Some(tsn);
            self.window = self.window.max(window);
            if window.saturating_add(WAITING_LOW) >= self.window {
                self.held = 0;
            }
        }
    }

    fn admits_tag(&mut self, value: &[u8]) -> bool {
        let Some(tag) = number(value, 0) else {
            return true;
        };
        admit(&mut self.tags, tag, TAGS_MAX)
    }

    fn admits_data(&mut self, value: &[u8]) -> bool {
        let (Some(tsn), Some(stream)) = (number(value, 0), short(value, 4)) else {
            return true;
        };
        let ahead = self.acknowledged.map_or(0, |last| distance(last, tsn));
        let fills = self
            .highest
            .is_some_and(|highest| distance(highest, tsn) <= 0);
        let admits = ahead <= AHEAD_MAX.cast_signed()
            // What fills a gap lets waiting messages go.
            && (fills || self.held <= HELD_BYTES_MAX)
            && admit(&mut self.streams, stream, STREAMS_MAX);
        if admits && !fills {
            self.highest = Some(tsn);
        }
        admits
    }

    fn admits_streams(&mut self, entries: Option<&[u8]>, bytes: usize) -> bool {
        let mut entries = entries.unwrap_or_default().chunks_exact(bytes);
        entries.all(|entry| {
            short(entry, 0).is_none_or(|stream| admit(&mut self.streams, stream, STREAMS_MAX))
        })
    }

    fn admits_reset(&mut self, value: &[u8]) -> bool {
        self.resets += 1;
        self.resets <= RESETS_MAX
            && parameters(value).all(|(kind, body)| {
                // Three numbers, then the streams.
                kind != OUTGOING_RESET || self.admits_streams(body.get(12..), 2)
            })
    }
}

/// Whether something is one of the few that a peer may have. Remembers it if so.
fn admit<T: PartialEq>(known: &mut Vec<T>, one: T, most: usize) -> bool {
    if known.contains(&one) {
        return true;
    }
    let room = known.len() < most;
    if room {
        known.push(one);
    }
    room
}

/// How far a TSN is after another, in the arithmetic of serial numbers (RFC 1982).
fn distance(from: u32, to: u32) -> i32 {
    to.wrapping_sub(from).cast_signed()
}

/// A chunk (RFC 9260 section 3.2).
struct Chunk<'a> {
    kind: u8,
    value: &'a [u8],
}

/// The chunks of a packet, as far as they are whole.
fn chunks(packet: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = packet.get(HEADER..).unwrap_or_default();
    std::iter::from_fn(move || {
        let kind = *rest.first()?;
        let value = next_of(&mut rest)?;
        Some(Chunk { kind, value })
    })
}

/// The parameters in a chunk (RFC 9260 section 3.2.1), with their kinds.
fn parameters(value: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    let mut rest = value;
    std::iter::from_fn(move || {
        let kind = short(rest, 0)?;
        let body = next_of(&mut rest)?;
        Some((kind, body))
    })
}

/// Takes what begins with two bytes of kind and two of length, both counted, and is padded to four.
fn next_of<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::from(short(rest, 2)?);
    let value = rest.get(4..length)?;
    *rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
    Some(value)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

#[cfg(test)]
mod tests;
