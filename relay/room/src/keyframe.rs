//! Whole pictures: when one begins, and when to ask for one.

use std::time::{Duration, Instant};

use str0m::format::{Codec, detect_h264_nalu, detect_vp8_keyframe};

/// Between two requests to one sender. Encoders that are asked more often only make the congestion
/// worse.
pub(crate) const REQUEST_EVERY: Duration = Duration::from_millis(500);

/// An H.264 sequence parameter set: the packet before a key frame, without which the frame cannot
/// be decoded.
const H264_SPS: u8 = 7;
/// An H.264 slice of a key frame.
const H264_IDR: u8 = 5;

/// Whether a whole picture begins with this packet. A codec this relay does not offer always says
/// yes.
pub(crate) fn begins(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::Vp8 => detect_vp8_keyframe(payload),
        Codec::H264 => detect_h264_nalu(payload, H264_SPS) || detect_h264_nalu(payload, H264_IDR),
        _ => true,
    }
}

/// Requests to one sender: at most one per [`REQUEST_EVERY`], and the last one is never lost.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    wanted: bool,
    sent_at: Option<Instant>,
}

impl Requests {
    /// Somebody needs a whole picture.
    pub(crate) fn want(&mut self) {
        self.wanted = true;
    }

    /// Somebody still needs one: asks again if the last request had its time to be answered.
    pub(crate) fn want_if_unanswered(&mut self, now: Instant) {
        let patience = 2 * REQUEST_EVERY;
        if self.sent_at.is_none_or(|at| now >= at + patience) {
            self.wanted = true;
        }
    }

    /// When a request may go out; `None` while nobody wants one.
    pub(crate) fn due(&self, now: Instant) -> Option<Instant> {
        self.wanted
            .then(|| self.sent_at.map_or(now, |at| at + REQUEST_EVERY))
    }

    /// Takes the request that may go out, if there is one.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let ripe = self.due(now).is_some_and(|due| due <= now);
        if ripe {
            self.wanted = false;
            self.sent_at = Some(now);
        }
        ripe
    }
}
