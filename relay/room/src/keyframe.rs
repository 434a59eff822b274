//! Key frames: recognizing their first packet, and limiting the requests for them.

use std::time::{Duration, Instant};

use str0m::format::{Codec, detect_h264_nalu, detect_vp8_keyframe};

/// Shortest time between two requests to one sender. More requests would only make congestion
/// worse.
pub(crate) const REQUEST_EVERY: Duration = Duration::from_millis(500);
/// How often a request is repeated while no key frame comes, with pauses that double: after 1, 2,
/// 4 and 8 s.
const REPEATS: u32 = 4;

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

/// Requests to one sender: at most one per [`REQUEST_EVERY`], and the last one is never lost. A
/// request, or its key frame, may be lost on the way, so it is repeated until one comes.
#[derive(Debug, Default)]
pub(crate) struct KeyframeRequests {
    wanted: bool,
    sent_at: Option<Instant>,
    /// Requests sent since the last key frame.
    unanswered: u32,
}

impl KeyframeRequests {
    /// A receiver needs a key frame.
    pub(crate) fn request(&mut self) {
        self.wanted = true;
    }

    /// A receiver still needs a key frame: requests another one if the last one came, or if the
    /// last request has had enough time to be answered.
    pub(crate) fn request_again(&mut self, now: Instant) {
        let answered_within = 2 * REQUEST_EVERY;
        let late = self.sent_at.is_none_or(|at| now >= at + answered_within);
        if late || !self.is_open() {
            self.wanted = true;
        }
    }

    /// Whether a request waits for its key frame.
    pub(crate) fn is_open(&self) -> bool {
        self.unanswered > 0
    }

    /// A key frame began.
    pub(crate) fn answered(&mut self) {
        self.unanswered = 0;
    }

    /// When the next request may be sent. `None` if no key frame is needed.
    pub(crate) fn due(&self, now: Instant) -> Option<Instant> {
        let Some(at) = self.sent_at else {
            return self.wanted.then_some(now);
        };
        if self.wanted {
            return Some(at + REQUEST_EVERY);
        }
        (1..=REPEATS)
            .contains(&self.unanswered)
            .then(|| at + REQUEST_EVERY * (1 << self.unanswered))
    }

    /// Takes the request that is due. Returns whether there was one.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        let due = self.due(now).is_some_and(|at| at <= now);
        if due {
            self.wanted = false;
            self.sent_at = Some(now);
            self.unanswered = self.unanswered.saturating_add(1);
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(
        clippy::disallowed_methods,
        reason = "an Instant has no other beginning; from here on time moves when told"
    )]
    fn begin() -> Instant {
        Instant::now()
    }

    /// The seconds after the beginning at which requests go out.
    fn sent(requests: &mut KeyframeRequests, from: Instant) -> Vec<u64> {
        let mut at = vec![];
        for ms in (0..60_000).step_by(100) {
            if requests.take(from + Duration::from_millis(ms)) {
                at.push(ms / 1000);
            }
        }
        at
    }

    #[test]
    fn a_request_without_an_answer_is_repeated_with_growing_pauses_and_then_given_up() {
        let mut requests = KeyframeRequests::default();
        requests.request();
        assert_eq!(sent(&mut requests, begin()), [0, 1, 3, 7, 15]);
    }

    #[test]
    fn an_answer_ends_the_repeats() {
        let mut requests = KeyframeRequests::default();
        let at = begin();
        requests.request();
        assert!(requests.take(at));
        assert!(requests.is_open());
        requests.answered();
        assert!(!requests.is_open());
        assert!(sent(&mut requests, at).is_empty());
    }
}
