//! The gate in front of a transport: what its page may send in a second, before its endpoint spends
//! time or memory on it. A page of ours stays far below each of these limits.

mod bucket;
mod dtls;
mod sctp;

use std::time::{Duration, Instant};

use sightline_wire::CHANNEL_MESSAGE_BYTES_MAX;

pub(crate) use self::bucket::Bucket;
pub(crate) use self::dtls::provider;
use crate::rate::LINK_DESIRED_BPS;

const SECOND: Duration = Duration::from_secs(1);
/// How often the negotiated rate may be sent: what is resent, probes, and a second of delay.
const GENEROSITY: u32 = 3;
/// Packets of RTP and RTCP in a second of a call: some 270 of video at its full rate, 50 of sound,
/// 80 of feedback.
const PACKETS_PER_S: u32 = 400;
/// Longest packet of RTP or RTCP, bytes: a frame of Ethernet. Browsers send up to 1,200. str0m 0.25
/// writes one that it forwards, with a header of its own, into 2,000 bytes, and panics where it
/// does not fit: in the endpoint of another page.
const MEDIA_BYTES_MAX: usize = 1_500;
/// Most records of DTLS a second. Two channels need less: 100 messages of one record, and the
/// acknowledgements of as many.
const RECORDS_PER_S: u32 = 400;
/// Most checks of ICE a second. Browsers send some 20 a second while they connect, then one in
/// 2.5 s for each address.
const CHECKS_PER_S: u32 = 50;
/// Most different streams of RTP: two with their repair, and some that came before them.
const SSRCS_MAX: usize = 16;
/// The stream on which Chromium probes a link before it sends media (libwebrtc, `kProbingSsrc`).
const PROBING_SSRC: u32 = 0;
/// Most new addresses in [`ADDRESS_PERIOD`]: a telephone that changes its network, with a few
/// sockets.
const NEW_ADDRESSES: u32 = 4;
const ADDRESS_PERIOD: Duration = Duration::from_secs(10);
/// Most addresses of a transport in its life. str0m 0.25 never forgets one.
const ADDRESSES_EVER: u32 = 1_024;
/// Most messages on the data channels a second, and at once.
const MESSAGES_PER_S: u32 = 100;
const MESSAGES_AT_ONCE: u32 = 200;

/// A message needs records of some 1,150 bytes each.
const _: () = assert!(CHANNEL_MESSAGE_BYTES_MAX / 1_150 < RECORDS_PER_S as usize);

/// The budgets of one transport.
pub(crate) struct Gate {
    packets: Bucket,
    bytes: Bucket,
    records: Bucket,
    checks: Bucket,
    addresses: Bucket,
    addresses_left: u32,
    messages: Bucket,
    ssrcs: Ssrcs,
}

impl Gate {
    /// A gate for a page whose offer declares these streams.
    pub(crate) fn new(declared: DeclaredSsrcs) -> Self {
        let bytes_per_s = LINK_DESIRED_BPS / 8 * GENEROSITY;
        let packets_per_s = PACKETS_PER_S * GENEROSITY;
        Self {
            packets: Bucket::new(packets_per_s, SECOND, packets_per_s),
            bytes: Bucket::new(bytes_per_s, SECOND, bytes_per_s),
            records: Bucket::new(RECORDS_PER_S, SECOND, RECORDS_PER_S),
            checks: Bucket::new(CHECKS_PER_S, SECOND, 2 * CHECKS_PER_S),
            addresses: Bucket::new(NEW_ADDRESSES, ADDRESS_PERIOD, NEW_ADDRESSES),
            addresses_left: ADDRESSES_EVER,
            messages: Bucket::new(MESSAGES_PER_S, SECOND, MESSAGES_AT_ONCE),
            ssrcs: Ssrcs::new(declared),
        }
    }

    /// Whether the endpoint may see this datagram. It may be forged: this is before anything is
    /// authenticated.
    pub(crate) fn admits(&mut self, datagram: &[u8], now: Instant) -> bool {
        // The kinds of RFC 7983 section 7.
        match datagram.first() {
            Some(0..=3) => self.checks.take(1, now),
            Some(20..=63) => self.records.take(records(datagram), now),
            Some(128..=191) => {
                let bytes = u32::try_from(datagram.len()).unwrap_or(u32::MAX);
                datagram.len() <= MEDIA_BYTES_MAX
                    && self.ssrcs.admit(datagram)
                    && self.packets.take(1, now)
                    && self.bytes.take(bytes, now)
            }
            _ => false,
        }
    }

    /// Whether the transport may have one address more. Only for authenticated checks.
    pub(crate) fn admits_address(&mut self, now: Instant) -> bool {
        let admits = self.addresses_left > 0 && self.addresses.take(1, now);
        self.addresses_left -= u32::from(admits);
        admits
    }

    /// Whether the page may send one message more.
    pub(crate) fn admits_message(&mut self, now: Instant) -> bool {
        self.messages.take(1, now)
    }
}

/// The records in a datagram of DTLS (RFC 6347 section 4.1: a header of 13 bytes, the length last).
fn records(datagram: &[u8]) -> u32 {
    let mut count = 0;
    let mut rest = datagram;
    while let Some((header, after)) = rest.split_first_chunk::<13>() {
        count += 1;
        let [.., high, low] = *header;
        let length = usize::from(u16::from_be_bytes([high, low]));
        rest = after.get(length..).unwrap_or_default();
    }
    count.max(1)
}

/// The streams that an offer declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DeclaredSsrcs {
    /// Their numbers.
    pub(crate) ssrcs: Vec<u32>,
    /// Each section that carries media declares some.
    pub(crate) complete: bool,
}

/// The streams of RTP that a transport may have. str0m keeps something for each that it ever saw,
/// and takes a new one for the successor of an earlier before it has authenticated the packet.
struct Ssrcs {
    known: Vec<u32>,
    declared: usize,
    complete: bool,
    /// A packet of a declared stream came.
    came: bool,
}

impl Ssrcs {
    fn new(DeclaredSsrcs { ssrcs, complete }: DeclaredSsrcs) -> Self {
        let mut known = ssrcs;
        known.truncate(SSRCS_MAX);
        Self {
            declared: known.len(),
            known,
            complete,
            came: false,
        }
    }

    /// Whether a packet of RTP is of a stream that the transport may have. Others of one that
    /// declared all of its streams, and uses them, are not its own.
    fn admit(&mut self, packet: &[u8]) -> bool {
        let Some(ssrc) = ssrc(packet) else {
            return true;
        };
        if let Some(place) = self.known.iter().position(|known| *known == ssrc) {
            self.came |= place < self.declared;
            return true;
        }
        if ssrc == PROBING_SSRC {
            return true;
        }
        let room = self.known.len() < SSRCS_MAX && !(self.complete && self.came);
        if room {
            self.known.push(ssrc);
        }
        room
    }
}

/// The stream of a packet of RTP (RFC 3550 section 5.1). `None` for RTCP, by RFC 5761 section 4.
pub(crate) fn ssrc(packet: &[u8]) -> Option<u32> {
    let (header, _) = packet.split_first_chunk::<12>()?;
    let [_, kind, .., a, b, c, d] = *header;
    (!(64..=95).contains(&(kind & 0x7f))).then(|| u32::from_be_bytes([a, b, c, d]))
}

#[cfg(test)]
mod tests;
