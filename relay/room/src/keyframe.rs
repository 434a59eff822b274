//! Key frames: recognizing their first packet, and limiting the requests for them.

use std::time::{Duration, Instant};

use str0m::format::{Codec, detect_h264_nalu, detect_vp8_keyframe};

/// Shortest time between two requests to one sender. More requests would only make congestion
/// worse.
pub(crate) const REQUEST_EVERY: Duration = Duration::from_millis(500);

/// An H.264 sequence parameter set: the packet before a key frame, without which the frame cannot
/// be decoded.
const H264_SPS: u8 = 7;
/// An H.264 slice of a key frame.
const H264_IDR: u8 = 5;

/// Whether a key frame begins with this packet. True for every packet of a codec that the relay
/// does not offer.
pub(crate) fn begins(codec: Codec, payload: &[u8]) -> bool {
    match codec {
        Codec::Vp8 => detect_vp8_keyframe(payload),
        Codec::H264 => detect_h264_nalu(payload, H264_SPS) || detect_h264_nalu(payload, H264_IDR),
        _ => true,
    }
}

/// Requests to one sender: at most one per [`REQUEST_EVERY`], and the last one is never lost.
#[derive(Debug, Default)]
pub(crate) struct KeyframeRequests {
    wanted: bool,
    sent_at: Option<Instant>,
}

impl KeyframeRequests {
    /// A receiver needs a key frame.
    pub(crate) fn request(&mut self) {
        self.wanted = true;
    }

    /// A receiver still needs a key frame: requests another one if the last request has had enough
    /// time to be answered.
    pub(crate) fn request_again(&mut self, now: Instant) {
        let answered_within = 2 * REQUEST_EVERY;
        if self.sent_at.is_none_or(|at| now >= at + answered_within) {
            self.wanted = true;
        }
    }

    /// When the next request may be sent. `None` if no key frame is needed.
    pub(crate) fn due(&self, now: Instant) -> Option<Instant> {
        self.wanted
            .then(|| self.sent_at.map_or(now, |at| at + REQUEST_EVERY))
    }

    /// Takes the request that is due. Returns whether there was one.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let due = self.due(now).is_some_and(|at| at <= now);
        if due {
            self.wanted = false;
            self.sent_at = Some(now);
        }
        due
    }
}
