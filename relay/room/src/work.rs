//! The processor time that a transport takes, as samples tell it.

use std::time::{Duration, Instant};

/// The time that the samples are counted for.
const PERIOD: Duration = Duration::from_secs(1);
/// A transport's share of a period. A page of ours takes a hundredth of it, and ten times as much
/// in a build for tests.
const SHARE: Duration = Duration::from_millis(200);
/// Periods in a row above the share, before the transport ends. One may be chance.
const PERIODS_MAX: u32 = 3;

/// What one transport took of late.
#[derive(Debug)]
pub(crate) struct Work {
    since: Instant,
    spent: Duration,
    /// Periods in a row that were above the share.
    above: u32,
}

impl Work {
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            since: now,
            spent: Duration::ZERO,
            above: 0,
        }
    }

    /// Notes time. Returns whether the transport took more than its share for too long.
    pub(crate) fn note(&mut self, spent: Duration, now: Instant) -> bool {
        let passed = now.saturating_duration_since(self.since);
        if passed >= PERIOD {
            let above = self.spent > SHARE && passed < 2 * PERIOD;
            *self = Self {
                above: if above { self.above + 1 } else { 0 },
                ..Self::new(now)
            };
        }
        self.spent += spent;
        self.above + u32::from(self.spent > SHARE) >= PERIODS_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The second in which the transport ends, with so many milliseconds of work in each tenth.
    fn ends(work_ms: impl Fn(u64) -> u64) -> Option<u64> {
        #[expect(
            clippy::disallowed_methods,
            reason = "an Instant has no other beginning"
        )]
        let begin = Instant::now();
        let mut work = Work::new(begin);
        let ended = (1..=600).find(|tenth| {
            let now = begin + Duration::from_millis(100 * tenth);
            work.note(Duration::from_millis(work_ms(*tenth)), now)
        });
        ended.map(|tenth| tenth / 10)
    }

    #[test]
    fn more_than_a_share_for_seconds_ends_and_a_peak_does_not() {
        assert_eq!(ends(|_| 18), None);
        assert_eq!(ends(|_| 30), Some(2));
        assert_eq!(ends(|tenth| if tenth % 40 < 20 { 100 } else { 0 }), None);
        assert_eq!(ends(|tenth| u64::from(tenth == 300) * 10_000), None);
    }
}
