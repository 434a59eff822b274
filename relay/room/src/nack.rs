//! When to ask a page again for packets of its picture that did not arrive.
//!
//! Nobody can go on watching without them, so one that stays away needs a key frame. str0m asks
//! too, but only every 33 ms, whenever a packet is missing. So it may not until this says so: at
//! the first packet after a gap, and again one round trip later.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use str0m::rtp::Ssrc;

/// str0m's shortest time between two requests (0.25, `NACK_MIN_INTERVAL`).
const REQUEST_EVERY: Duration = Duration::from_millis(33);
/// str0m waits for the round trip and 5 ms before it asks for the same packet again, and for 100 ms
/// while it knows none (0.25, `NACK_RETRY_MARGIN`, `DEFAULT_RTT`).
const RETRY_MARGIN: Duration = Duration::from_millis(6);
const RTT_UNKNOWN: Duration = Duration::from_millis(100);
/// How often str0m asks for a packet at most (0.25, `MAX_NACKS`).
const REQUESTS_MAX: u8 = 5;
/// How far back str0m asks for packets (0.25, `MAX_MISORDER`).
const BACK_MAX: u64 = 100;
/// A packet that did not come within this, and two round trips and a half, is given up.
const GIVEN_UP: Duration = Duration::from_millis(500);
/// A missing packet that arrives within this was overtaken, not lost: no answer is that quick over
/// a network that overtakes.
const OVERTAKEN: Duration = Duration::from_millis(30);

/// A packet that did not arrive.
#[derive(Clone, Copy, Debug)]
struct Missing {
    since: Instant,
    ask_at: Instant,
    asked: u8,
}

/// The packets of one stream that are asked for.
#[derive(Debug, Default)]
pub(crate) struct Missed {
    newest: Option<(Ssrc, u64)>,
    missing: BTreeMap<u64, Missing>,
    asked_at: Option<Instant>,
    rtt: Option<Duration>,
    /// A packet was given up.
    lost: bool,
    /// How long a packet is given to come by itself: none, unless packets overtake each other.
    patience: Duration,
}

impl Missed {
    /// The round trip to the page.
    pub(crate) fn note_rtt(&mut self, rtt: Option<Duration>) {
        self.rtt = rtt;
    }

    /// Notes a packet, whether the first of its number or a repeated one.
    pub(crate) fn note_packet(&mut self, ssrc: Ssrc, seq: u64, now: Instant) {
        let last = self
            .newest
            .filter(|(of, _)| *of == ssrc)
            .map(|(_, seq)| seq);
        let Some(last) = last else {
            self.missing.clear();
            self.newest = Some((ssrc, seq));
            return;
        };
        if seq <= last {
            if let Some(missing) = self.missing.remove(&seq) {
                self.note_wait(now.saturating_duration_since(missing.since));
            }
            return;
        }
        self.newest = Some((ssrc, seq));
        let oldest = seq.saturating_sub(BACK_MAX);
        for number in (last + 1).max(oldest)..seq {
            let missing = Missing {
                since: now,
                ask_at: now + self.patience,
                asked: 0,
            };
            self.missing.insert(number, missing);
        }
        let kept = self.missing.split_off(&oldest);
        self.lost |= !self.missing.is_empty() || last + 1 < oldest;
        self.missing = kept;
        self.patience = self.patience.mul_f64(0.999);
    }

    fn note_wait(&mut self, waited: Duration) {
        let overtaken = waited <= OVERTAKEN && self.rtt.is_some_and(|rtt| waited < rtt * 3 / 4);
        if overtaken {
            let wait = waited + Duration::from_millis(2);
            self.patience = self.patience.max(wait.min(OVERTAKEN));
        }
    }

    /// A key frame begins with this packet: nobody needs those before it.
    pub(crate) fn note_key_frame(&mut self, seq: u64) {
        self.missing = self.missing.split_off(&seq);
        self.lost = false;
    }

    /// When to ask next, or to give up.
    pub(crate) fn due(&self) -> Option<Instant> {
        let patience = self.patience_of_all();
        let ask_at = self.missing.values().map(|missing| missing.ask_at).min()?;
        let ask_at = self
            .asked_at
            .map_or(ask_at, |at| ask_at.max(at + REQUEST_EVERY));
        let give_up_at = self.missing.values().map(|m| m.since + patience).min()?;
        Some(ask_at.min(give_up_at))
    }

    /// Whether nothing is missing, and nothing was.
    pub(crate) fn is_calm(&self) -> bool {
        self.missing.is_empty() && !self.lost
    }

    /// Whether a packet was given up since this was asked last.
    pub(crate) fn take_lost(&mut self) -> bool {
        std::mem::take(&mut self.lost)
    }

    fn patience_of_all(&self) -> Duration {
        let trips = self.rtt.unwrap_or(RTT_UNKNOWN).mul_f64(2.5);
        trips.max(GIVEN_UP)
    }

    /// Takes the request that is due. Returns whether there is one.
    pub(crate) fn take(&mut self, now: Instant) -> bool {
        if self.due().is_none_or(|at| at > now) {
            return false;
        }
        let patience = self.patience_of_all();
        let missing = self.missing.len();
        self.missing.retain(|_, m| m.since + patience > now);
        self.lost |= self.missing.len() < missing;
        let Some(ask_at) = self.missing.values().map(|missing| missing.ask_at).min() else {
            return false;
        };
        if ask_at > now || self.asked_at.is_some_and(|at| now < at + REQUEST_EVERY) {
            return false;
        }
        self.asked_at = Some(now);
        let again_at = now + self.rtt.unwrap_or(RTT_UNKNOWN) + RETRY_MARGIN;
        self.missing.retain(|_, missing| {
            // str0m asks for all that it has not asked for, also for those that were given time.
            if missing.ask_at <= now || missing.asked == 0 {
                missing.ask_at = again_at;
                missing.asked += 1;
            }
            if missing.asked == REQUESTS_MAX {
                missing.ask_at = now + patience;
            }
            true
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SSRC: u32 = 7;

    /// Packets as `(milliseconds, number)`. Returns when they were asked for, in milliseconds.
    fn asked(rtt_ms: Option<u64>, packets: &[(u64, u64)], until: u64) -> Vec<u64> {
        #[expect(
            clippy::disallowed_methods,
            reason = "an Instant has no other beginning"
        )]
        let begin = Instant::now();
        let mut missed = Missed::default();
        missed.note_rtt(rtt_ms.map(Duration::from_millis));
        let mut times = vec![];
        for ms in 0..until {
            let now = begin + Duration::from_millis(ms);
            for (_, seq) in packets.iter().filter(|(at, _)| *at == ms) {
                missed.note_packet(SSRC.into(), *seq, now);
            }
            if missed.take(now) {
                times.push(ms);
            }
        }
        times
    }

    #[test]
    fn a_gap_is_asked_for_at_once_and_again_after_a_round_trip() {
        let lost = [(0, 1), (10, 3), (20, 4)];
        assert_eq!(asked(Some(80), &lost, 250), [10, 96, 182]);
        assert_eq!(asked(None, &lost, 250), [10, 116, 222]);
        // Not for ever.
        assert_eq!(asked(Some(80), &lost, 5000).len(), 5);
        assert_eq!(asked(Some(400), &lost, 5000), [10, 416, 822]);
    }

    #[test]
    fn what_arrived_is_not_asked_for() {
        assert!(asked(Some(80), &[(0, 1), (10, 2), (20, 3)], 500).is_empty());
        assert_eq!(asked(Some(80), &[(0, 1), (10, 3), (95, 2)], 500), [10]);
    }

    #[test]
    fn requests_keep_their_distance() {
        let lost: Vec<(u64, u64)> = (0..20).map(|n| (n * 5, n * 2)).collect();
        let asked = asked(Some(400), &lost, 100);
        assert_eq!(asked, [5, 38, 71]);
    }

    #[test]
    fn packets_that_overtake_each_other_are_given_time() {
        // Every third packet comes 12 ms later than the one after it.
        let late = |n: u64| if n % 3 == 1 { n * 10 + 22 } else { n * 10 };
        let packets: Vec<(u64, u64)> = (0..60).map(|n| (late(n), n)).collect();
        let asked = asked(Some(80), &packets, 700);
        assert!(asked.len() < 3, "{asked:?}");
    }

    #[test]
    fn another_stream_begins_anew_and_old_packets_are_given_up() {
        #[expect(
            clippy::disallowed_methods,
            reason = "an Instant has no other beginning"
        )]
        let now = Instant::now();
        let mut missed = Missed::default();
        missed.note_packet(1.into(), 10, now);
        missed.note_packet(1.into(), 1_000_000, now);
        assert_eq!(missed.missing.len() as u64, BACK_MAX);
        assert!(missed.take_lost(), "what is too far back is given up");
        assert!(!missed.take_lost());
        missed.note_packet(1.into(), 1_000_001, now);
        assert!(missed.take_lost());
        missed.note_packet(2.into(), 10, now);
        assert_eq!(missed.due(), None);
    }

    #[test]
    fn a_packet_that_stays_away_is_given_up_and_a_key_frame_makes_it_needless() {
        #[expect(
            clippy::disallowed_methods,
            reason = "an Instant has no other beginning"
        )]
        let now = Instant::now();
        for key_frame in [false, true] {
            let mut missed = Missed::default();
            missed.note_packet(1.into(), 10, now);
            missed.note_packet(1.into(), 12, now);
            missed.take(now);
            if key_frame {
                missed.note_packet(1.into(), 13, now);
                missed.note_key_frame(13);
            }
            for ms in 0..499 {
                missed.take(now + Duration::from_millis(ms));
            }
            assert!(!missed.take_lost());
            missed.take(now + Duration::from_millis(500));
            assert_eq!(missed.take_lost(), !key_frame);
            assert_eq!(missed.due(), None);
        }
    }
}
