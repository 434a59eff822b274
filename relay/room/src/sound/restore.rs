//! Restores the frames of a page that were lost on their way to the relay, from the packets of RED
//! after them.

use std::sync::Arc;

use str0m::format::PayloadParams;
use str0m::rtp::{RtpPacket, Ssrc};

use super::red;

/// Packets that are remembered: 1.3 s of frames of 20 ms. Later ones than that are of no use to
/// anybody.
const KEPT: usize = 64;
/// How far before a packet its earlier frames may lie, in packets.
const REACH: u64 = 16;

/// A frame to forward.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    /// The number of the packet that it came in, or was lost in.
    pub(crate) seq: u64,
    /// In steps of the sender's clock.
    pub(crate) time: u32,
    pub(crate) payload: Arc<[u8]>,
    /// It comes from a later packet.
    pub(crate) restored: bool,
}

/// What to forward for a packet.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// Lost frames, the oldest first.
    pub(crate) restored: Vec<Frame>,
    /// The packet's own. `None` if it was forwarded before, or the packet is malformed.
    pub(crate) own: Option<Frame>,
}

/// The frames of one page that were forwarded of late.
#[derive(Debug)]
pub(crate) struct Arrived {
    ssrc: Option<Ssrc>,
    newest: u64,
    /// Number and time of each, at its number's place.
    frames: [Option<(u64, u32)>; KEPT],
}

impl Default for Arrived {
    fn default() -> Self {
        Self {
            ssrc: None,
            newest: 0,
            frames: [None; KEPT],
        }
    }
}

impl Arrived {
    /// Takes a packet of sound, plain or RED. `params` are those of the codec.
    pub(crate) fn take(&mut self, packet: &RtpPacket, params: PayloadParams) -> Taken {
        self.follow(packet.header.ssrc);
        let (seq, time) = (*packet.seq_no, packet.header.timestamp);
        let is_red = params.red() == Some(packet.header.payload_type);
        if !is_red {
            return self.plain(seq, time, &packet.payload);
        }
        let read = red::read(&packet.payload, params.pt());
        read.map_or_else(Taken::default, |read| self.wrapped(seq, time, &read))
    }

    /// Numbers and times of another stream are unrelated.
    fn follow(&mut self, ssrc: Ssrc) {
        if self.ssrc != Some(ssrc) {
            *self = Self {
                ssrc: Some(ssrc),
                ..Self::default()
            };
        }
    }

    fn plain(&mut self, seq: u64, time: u32, payload: &Arc<[u8]>) -> Taken {
        Taken {
            restored: Vec::new(),
            own: self.note(seq, time).then(|| Frame {
                seq,
                time,
                payload: payload.clone(),
                restored: false,
            }),
        }
    }

    fn wrapped(&mut self, seq: u64, time: u32, read: &red::Read<'_>) -> Taken {
        let mut restored = Vec::new();
        for (distance, payload) in &read.earlier {
            let at = time.wrapping_sub(*distance);
            if let Some(lost) = self
                .place(at, (seq, time))
                .filter(|lost| self.note(*lost, at))
            {
                restored.push(Frame {
                    seq: lost,
                    time: at,
                    payload: Arc::from(*payload),
                    restored: true,
                });
            }
        }
        restored.sort_by_key(|frame| frame.seq);
        let own = self.note(seq, time).then(|| Frame {
            seq,
            time,
            payload: Arc::from(read.newest),
            restored: false,
        });
        Taken { restored, own }
    }

    /// The number of the lost frame of this time. `packet` is the number and the time of the packet
    /// that brings it again.
    ///
    /// RED tells no numbers. A hole of one packet has one frame; in a longer one they lie at equal
    /// distances, or nothing is restored.
    fn place(&self, time: u32, packet: (u64, u32)) -> Option<u64> {
        let mut above = packet;
        for seq in (packet.0.saturating_sub(REACH)..packet.0).rev() {
            let Some(known) = self.time_of(seq) else {
                continue;
            };
            let after = time.wrapping_sub(known).cast_signed();
            if after < 0 {
                above = (seq, known);
                continue;
            }
            let steps = u32::try_from(above.0 - seq).ok()?;
            let span = above.1.wrapping_sub(known);
            let after = after.cast_unsigned();
            return match steps {
                _ if after == 0 || after >= span || steps == 1 => None,
                2 => Some(seq + 1),
                _ => {
                    let step = span / steps;
                    let even = step > 0 && span.is_multiple_of(steps) && after.is_multiple_of(step);
                    even.then(|| seq + u64::from(after / step))
                }
            };
        }
        None
    }

    fn time_of(&self, seq: u64) -> Option<u32> {
        let (known, time) = self.frames.get(place_of(seq)).copied().flatten()?;
        (known == seq).then_some(time)
    }

    /// Notes that a frame is forwarded. Returns false if it was before, or is too late.
    fn note(&mut self, seq: u64, time: u32) -> bool {
        if seq + KEPT as u64 <= self.newest || self.time_of(seq).is_some() {
            return false;
        }
        self.newest = self.newest.max(seq);
        if let Some(place) = self.frames.get_mut(place_of(seq)) {
            *place = Some((seq, time));
        }
        true
    }
}

fn place_of(seq: u64) -> usize {
    // Below `KEPT`.
    (seq % KEPT as u64) as usize
}

/// A stream of an outsider: in each piece of the bytes, the first two say which packet comes next,
/// the rest is its payload of RED. Whatever it is, each frame is forwarded at most once, and those
/// that a packet restores lie before it, in their order.
#[cfg(any(test, fuzzing))]
pub(crate) fn hostile(bytes: &[u8]) {
    let mut arrived = Arrived::default();
    let mut forwarded = std::collections::BTreeSet::new();
    let (mut seq, mut time) = (1_000_u64, u32::MAX - 48_000);
    for piece in bytes.split(|byte| *byte == 0xff) {
        let [step, pace, payload @ ..] = piece else {
            continue;
        };
        seq = seq.saturating_add_signed(i64::from(step.cast_signed()));
        time = time.wrapping_add_signed(i32::from(step.cast_signed()) * i32::from(*pace) * 8);
        let Some(read) = red::read(payload, 111.into()) else {
            continue;
        };
        let taken = arrived.wrapped(seq, time, &read);
        let restored = taken.restored.iter().map(|frame| frame.seq);
        assert!(restored.clone().is_sorted() && restored.clone().all(|lost| lost < seq));
        for frame in restored.chain(taken.own.map(|frame| frame.seq)) {
            assert!(forwarded.insert(frame), "frame {frame} twice");
        }
    }
}

#[cfg(test)]
mod tests;
