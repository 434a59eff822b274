//! Tells a gap in what a page sends, in which packets were lost, from a pause of its own.

use std::time::{Duration, Instant};

use str0m::rtp::{RtpPacket, Ssrc};

/// Silence after which missing packets are not waited for: a gap that people notice.
const GAP: Duration = Duration::from_millis(300);
/// For how long after a silence missing packets are due to it: until each stream has gone on.
const AFTER_GAP: Duration = Duration::from_millis(500);

/// What arrived of a page lately.
#[derive(Debug, Default)]
pub(crate) struct Gaps {
    woke_at: Option<Instant>,
    audio: Option<(Ssrc, u64)>,
    video: Option<(Ssrc, u64)>,
}

impl Gaps {
    /// Something arrived after a silence of this length.
    pub(crate) fn note_silence(&mut self, silent: Duration, now: Instant) {
        if silent >= GAP {
            self.woke_at = Some(now);
        }
    }

    /// Notes a packet of media. Returns whether packets before it are missing after a silence, once
    /// for each silence. A sender that paused, or sends few pictures, misses none.
    pub(crate) fn note_packet(&mut self, packet: &RtpPacket, audio: bool, now: Instant) -> bool {
        let (ssrc, seq) = (packet.header.ssrc, *packet.seq_no);
        let newest = if audio {
            &mut self.audio
        } else {
            &mut self.video
        };
        let last = newest.filter(|(of, _)| *of == ssrc).map(|(_, seq)| seq);
        if last.is_some_and(|last| seq <= last) {
            return false;
        }
        *newest = Some((ssrc, seq));
        let missing = last.is_some_and(|last| seq > last + 1)
            && self.woke_at.is_some_and(|at| now <= at + AFTER_GAP);
        if missing {
            self.woke_at = None;
        }
        missing
    }
}
