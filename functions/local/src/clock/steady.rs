//! The clock of the deadlines: it goes on while the desk runs, and does not jump. Pure: readings of
//! the machine's clocks are arguments.
//!
//! The machine's time of day may be set by hand or by NTP, by any amount in both directions. Its
//! running time (`CLOCK_MONOTONIC`) is not set, but says nothing of a pause: a suspended machine, a
//! paused virtual machine, a stopped process. In a pause the desk hears nobody, so a pause does not
//! count either.

/// Longest time between two looks that counts. The desk looks every second, so that a longer one
/// was a pause.
pub const COUNTED_MS: u64 = 10_000;

/// Smallest difference that is reported. NTP corrects smaller ones gradually.
pub const STEP_MS: u64 = 2_000;

/// Both clocks of the machine at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The time of day, epoch milliseconds.
    pub wall_ms: u64,
    /// The running time, milliseconds since any moment.
    pub running_ms: u64,
}

/// What a look found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looked {
    /// The running time since the last look, milliseconds.
    pub passed_ms: u64,
    /// By how much the time of day moved against this clock, if that is worth a word,
    /// milliseconds.
    pub step_ms: Option<i64>,
}

/// The clock of the deadlines.
#[derive(Clone, Debug)]
pub struct Steady {
    now_ms: u64,
    last: Reading,
}

impl Steady {
    /// A clock that shows `now_ms` at this reading.
    #[must_use]
    pub const fn new(now_ms: u64, at: Reading) -> Self {
        Self { now_ms, last: at }
    }

    /// Takes a reading.
    pub fn look(&mut self, at: Reading) -> Looked {
        let passed_ms = at.running_ms.saturating_sub(self.last.running_ms);
        let counted_ms = passed_ms.min(COUNTED_MS);
        let ahead_before_ms = self.ahead_ms();
        self.now_ms = self.now_ms.saturating_add(counted_ms);
        self.last = Reading {
            wall_ms: at.wall_ms,
            running_ms: self.last.running_ms.max(at.running_ms),
        };
        let step_ms = self.ahead_ms().saturating_sub(ahead_before_ms);
        Looked {
            passed_ms,
            step_ms: Some(step_ms).filter(|step_ms| step_ms.unsigned_abs() >= STEP_MS),
        }
    }

    /// Returns the time at the last look, milliseconds.
    #[must_use]
    pub const fn now_ms(&self) -> u64 {
        self.now_ms
    }

    /// Returns how far the time of day is ahead of this clock, milliseconds.
    #[must_use]
    pub fn ahead_ms(&self) -> i64 {
        difference_ms(self.last.wall_ms, self.now_ms)
    }
}

/// Returns `a - b`.
pub(super) fn difference_ms(a: u64, b: u64) -> i64 {
    let difference = i128::from(a) - i128::from(b);
    let bounded = difference.clamp(i128::from(i64::MIN), i128::from(i64::MAX));
    i64::try_from(bounded).unwrap_or(i64::MAX)
}
