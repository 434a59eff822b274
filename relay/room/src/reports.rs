//! The link of a page without transport feedback, judged by its receiver reports (RFC 3550 section
//! 6.4). It counts as wide until they show loss or growing delay.

use std::time::{Duration, Instant};

use str0m::stats::MediaEgressStats;

/// Loss up to this is no sign of a full link.
const LOSS_LOW: f32 = 0.02;
/// Loss above this is: some of it is the link's own.
const LOSS_HIGH: f32 = 0.1;
/// Loss above this says what the link carries: what arrives.
const LOSS_FULL: f32 = 0.25;
/// A round trip longer than the shortest one by this much has a queue in it.
const QUEUE: Duration = Duration::from_millis(150);
/// The estimate is never below this, bit/s: sound and the smallest picture.
const BPS_MIN: f64 = 100_000.0;
/// Above this the estimate limits nothing, bit/s.
const BPS_MAX: f64 = 5_000_000.0;

/// What the receiver reports of a second say about a stream of video.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Report {
    /// When it was made.
    pub(crate) at: Instant,
    /// Bytes sent so far.
    pub(crate) bytes: u64,
    /// The share of packets that did not arrive; absent without a report.
    pub(crate) loss: Option<f32>,
    /// The round trip.
    pub(crate) rtt: Option<Duration>,
    /// What is sent beside it, bit/s: the sound.
    pub(crate) beside_bps: f64,
}

impl Report {
    pub(crate) fn of(stats: &MediaEgressStats, beside_bps: f64) -> Self {
        Self {
            at: stats.timestamp,
            bytes: stats.bytes,
            loss: stats.loss,
            rtt: stats.rtt,
            beside_bps,
        }
    }
}

/// What is known of the link.
#[derive(Debug, Default)]
pub(crate) struct ReportedLink {
    last: Option<Report>,
    bps: Option<f64>,
    shortest: Option<Duration>,
}

impl ReportedLink {
    /// What the link carries, bit/s; absent while nothing speaks against the whole picture.
    pub(crate) fn bps(&self) -> Option<u32> {
        self.bps.map(|bps| bps.round() as u32)
    }

    pub(crate) fn take(&mut self, report: &Report) {
        let Some(last) = self.last.replace(*report) else {
            return;
        };
        let seconds = report.at.saturating_duration_since(last.at).as_secs_f64();
        let Some(loss) = report.loss.filter(|_| seconds > 0.0) else {
            return;
        };
        let video_bps = report.bytes.saturating_sub(last.bytes) as f64 * 8.0 / seconds;
        let sent_bps = video_bps + report.beside_bps;
        let now = self.bps.map_or(sent_bps, |bps| bps.min(sent_bps));
        let queued = report.rtt.is_some_and(|rtt| self.is_queued(rtt));
        let next = if loss > LOSS_FULL {
            Some(sent_bps * f64::from(1.0 - loss) * 0.95)
        } else if loss > LOSS_HIGH {
            Some(now * f64::from(1.0 - loss / 2.0))
        } else if queued {
            Some(now * 0.85)
        } else if loss <= LOSS_LOW {
            // Only what is used was tested.
            self.bps
                .map(|bps| bps.max((sent_bps * 1.5).min(bps * 1.08)))
        } else {
            self.bps
        };
        self.bps = next.map(|bps| bps.clamp(BPS_MIN, BPS_MAX));
    }

    /// Whether this round trip has a queue in it. The shortest one is forgotten slowly, because a
    /// path may change.
    fn is_queued(&mut self, rtt: Duration) -> bool {
        let shortest = self
            .shortest
            .map_or(rtt, |known| known.mul_f64(1.01).min(rtt));
        self.shortest = Some(shortest);
        rtt > shortest + QUEUE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reports of one second each, as `(bytes, loss in percent, round trip in ms)`.
    fn after(seconds: &[(u64, u8, u64)]) -> Option<u32> {
        #[expect(
            clippy::disallowed_methods,
            reason = "an Instant has no other beginning"
        )]
        let begin = Instant::now();
        let mut link = ReportedLink::default();
        let mut bytes = 0;
        for (second, &(sent, loss, rtt)) in (0u32..).zip(seconds) {
            bytes += sent;
            link.take(&Report {
                at: begin + Duration::from_secs(1) * second,
                bytes,
                loss: Some(f32::from(loss) / 100.0),
                rtt: Some(Duration::from_millis(rtt)),
                beside_bps: 0.0,
            });
        }
        link.bps()
    }

    const MEGABIT: u64 = 125_000;

    #[test]
    fn nothing_is_said_until_reports_show_loss_or_a_queue() {
        assert_eq!(after(&[(2 * MEGABIT, 0, 20); 60]), None);
        assert_eq!(after(&[(2 * MEGABIT, 4, 120); 60]), None);
        let [quiet, lossy, queued] = [0, 50, 0].map(|loss| (2 * MEGABIT, loss, 20));
        let queued = (queued.0, queued.1, 400);
        assert_eq!(after(&[quiet, lossy]), Some(950_000));
        assert_eq!(after(&[quiet, quiet, queued]), Some(1_700_000));
    }

    #[test]
    fn the_estimate_falls_to_what_arrives_and_grows_with_what_is_used() {
        let start = [(2 * MEGABIT, 0, 20), (2 * MEGABIT, 80, 20)];
        let narrow = after(&start).unwrap();
        assert_eq!(narrow, 380_000);
        let used = [start.as_slice(), &[(MEGABIT / 3, 0, 20); 10]].concat();
        assert!((450_000..550_000).contains(&after(&used).unwrap()));
        let idle = [start.as_slice(), &[(100, 0, 20); 10]].concat();
        assert_eq!(after(&idle), Some(narrow));
        let worst = [start.as_slice(), &[(2 * MEGABIT, 100, 20); 10]].concat();
        assert_eq!(after(&worst), Some(100_000));
    }
}
