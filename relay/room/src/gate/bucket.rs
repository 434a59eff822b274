//! A budget that refills with time.

use std::time::{Duration, Instant};

/// So many units a second, and so many at once after a pause. One comparison and one addition per
/// use: the generic cell rate algorithm (ITU-T I.371 annex A), which remembers only the time at
/// which everything used so far is paid for.
#[derive(Debug)]
pub(crate) struct Bucket {
    each: Duration,
    at_once: Duration,
    paid_at: Option<Instant>,
}

impl Bucket {
    /// `units` in every `period`, and `at_once` after a pause.
    pub(crate) const fn new(units: u32, period: Duration, at_once: u32) -> Self {
        let each = Duration::from_nanos(period.as_nanos() as u64 / units as u64);
        Self {
            each,
            at_once: each.saturating_mul(at_once),
            paid_at: None,
        }
    }

    /// Takes units if there are as many, else none. Returns whether it took them.
    pub(crate) fn take(&mut self, units: u32, now: Instant) -> bool {
        let from = self.paid_at.map_or(now, |paid| paid.max(now));
        let paid = from + self.each.saturating_mul(units);
        let fits = paid.saturating_duration_since(now) <= self.at_once;
        if fits {
            self.paid_at = Some(paid);
        }
        fits
    }

    /// Whether it is as full as at the beginning.
    pub(crate) fn is_full(&self, now: Instant) -> bool {
        self.paid_at.is_none_or(|paid| paid <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_a_burst_then_its_rate_and_never_saves_more_than_a_burst() {
        #[expect(
            clippy::disallowed_methods,
            reason = "an Instant has no other beginning"
        )]
        let begin = Instant::now();
        let mut bucket = Bucket::new(100, Duration::from_secs(1), 200);
        let mut taken = |ms: u64| {
            let now = begin + Duration::from_millis(ms);
            (0..1_000).filter(|_| bucket.take(1, now)).count()
        };
        assert_eq!(taken(0), 200);
        assert_eq!(taken(5), 0);
        assert_eq!(taken(10), 1);
        assert_eq!(taken(510), 50);
        assert_eq!(taken(3_600_000), 200, "an hour of silence saves no more");
        let now = begin + Duration::from_secs(3_601);
        assert!(!bucket.take(201, now), "what does not fit takes nothing");
        assert!(bucket.take(100, now) && !bucket.take(1, now));
        assert!(!bucket.is_full(now) && bucket.is_full(now + Duration::from_secs(2)));
    }
}
