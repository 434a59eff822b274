//! Limits the messages of one connection. Pure: a plug keeps one bucket per connection and passes
//! the time.

/// Messages that may arrive at once.
pub const BURST: u32 = 60;

/// Messages per second that may arrive continuously.
pub const SUSTAINED_PER_S: u32 = 30;

/// Messages dropped after the warning before the connection is closed. A page that sends 1,000 a
/// second is cut off within half a second. A page that heeds the warning never is.
pub const DROPPED_MAX: u32 = 200;

/// What to do with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Accept the message.
    Pass,
    /// Drop the message and send [`crate::too_often`].
    Warn,
    /// Drop the message silently.
    Drop,
    /// Close the connection with [`sightline_wire::CLOSE_FLOOD`].
    Close,
}

/// Token bucket of one connection.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Thousandths of a message.
    level: u64,
    at_ms: u64,
    warned: bool,
    dropped: u32,
}

impl Bucket {
    const FULL: u64 = BURST as u64 * 1_000;

    /// Returns a full bucket.
    #[must_use]
    pub const fn new(now_ms: u64) -> Self {
        Self {
            level: Self::FULL,
            at_ms: now_ms,
            warned: false,
            dropped: 0,
        }
    }

    /// Accounts for one message that arrived.
    pub fn take(&mut self, now_ms: u64) -> Flow {
        let passed_ms = now_ms.saturating_sub(self.at_ms);
        self.at_ms = self.at_ms.max(now_ms);
        // Milliseconds times messages per second are thousandths of a message.
        let refill = passed_ms.saturating_mul(u64::from(SUSTAINED_PER_S));
        self.level = self.level.saturating_add(refill).min(Self::FULL);
        if self.level >= Self::FULL / 2 {
            self.warned = false;
            self.dropped = 0;
        }
        if self.level >= 1_000 {
            self.level -= 1_000;
            return Flow::Pass;
        }
        if !self.warned {
            self.warned = true;
            return Flow::Warn;
        }
        self.dropped += 1;
        if self.dropped >= DROPPED_MAX {
            Flow::Close
        } else {
            Flow::Drop
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_the_next_message_is_warned() {
        let mut bucket = Bucket::new(0);
        for _ in 0..BURST {
            assert_eq!(bucket.take(0), Flow::Pass);
        }
        assert_eq!(bucket.take(0), Flow::Warn);
        assert_eq!(bucket.take(0), Flow::Drop);
    }

    #[test]
    fn the_sustained_rate_passes_for_ever() {
        let mut bucket = Bucket::new(0);
        for i in 0..10_000_u64 {
            assert_eq!(bucket.take(i * 34), Flow::Pass);
        }
    }

    #[test]
    fn a_flooder_at_a_thousand_a_second_is_cut_within_half_a_second() {
        let mut bucket = Bucket::new(0);
        let closed = (0..2_000_u64).find(|ms| bucket.take(*ms) == Flow::Close);
        assert!(closed.is_some_and(|ms| ms < 500), "{closed:?}");
    }

    #[test]
    fn after_a_rest_everything_is_forgiven() {
        let mut bucket = Bucket::new(0);
        while bucket.take(0) != Flow::Drop {}
        for _ in 0..BURST {
            assert_eq!(bucket.take(10_000), Flow::Pass);
        }
        assert_eq!(bucket.take(10_000), Flow::Warn);
    }

    #[test]
    fn a_clock_that_steps_back_gives_nothing_away() {
        let mut bucket = Bucket::new(1_000_000);
        while bucket.take(1_000_000) == Flow::Pass {}
        assert_ne!(bucket.take(0), Flow::Pass);
        assert_ne!(bucket.take(1_000_000), Flow::Pass);
    }
}
