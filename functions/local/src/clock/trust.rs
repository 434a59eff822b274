//! Whether the time of day is believed, so that records may be erased by their dates. Pure.
//!
//! A wrong clock would erase everything for good, and no clock can prove itself. The desk compares
//! it with what it wrote itself and with the running time: a date far ahead of the newest record,
//! or before it, is doubted. A person confirms it, or a day in which it goes on steadily.

use super::steady::{STEP_MS, difference_ms};

/// How far ahead of the newest record the time of day may be, milliseconds.
pub const AHEAD_MS: u64 = 7 * DAY_MS;

/// How far it may go back, milliseconds. NTP corrects a running clock by less.
pub const BACK_MS: u64 = 60_000;

/// After this running time a clock that is in doubt and was not set again is believed.
pub const STEADY_MS: u64 = DAY_MS;

/// After this running time a believed date is what the next one is compared with.
const COMPARED_MS: u64 = 60 * 60 * 1_000;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Why the time of day is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockDoubt {
    /// It is more than a week ahead of the newest record.
    Ahead {
        /// By so much, milliseconds.
        by_ms: u64,
    },
    /// It went back.
    Back {
        /// By so much, milliseconds.
        by_ms: u64,
    },
}

impl ClockDoubt {
    /// Returns the doubt as a sentence for operators.
    #[must_use]
    pub fn words(self) -> String {
        let what = match self {
            Self::Ahead { by_ms } => {
                format!("the clock is {} ahead of the newest record", span(by_ms))
            }
            Self::Back { by_ms } => format!("the clock went back by {}", span(by_ms)),
        };
        format!(
            "{what}: nothing is erased until `sightline clock-is-right`, or a day of steady time"
        )
    }

    const fn is_like(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Ahead { .. }, Self::Ahead { .. }) | (Self::Back { .. }, Self::Back { .. })
        )
    }
}

/// A change of opinion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum News {
    /// The time of day is not believed from here on.
    Doubted(ClockDoubt),
    /// It is believed again.
    Believed,
}

/// The opinion of the time of day.
#[derive(Clone, Debug)]
pub struct Trust {
    /// A date that was believed, and the running time since.
    compared_ms: u64,
    since_ms: u64,
    /// The newest believed date. While in doubt it goes on with the running time.
    date_ms: u64,
    doubt: Option<ClockDoubt>,
    /// The last reading.
    wall_ms: u64,
    /// The running time since the doubt began or the clock was set last.
    steady_for_ms: u64,
}

impl Trust {
    /// An opinion that begins with the date of the newest record.
    #[must_use]
    pub const fn new(newest_ms: u64) -> Self {
        Self {
            compared_ms: newest_ms,
            since_ms: 0,
            date_ms: newest_ms,
            doubt: None,
            wall_ms: newest_ms,
            steady_for_ms: 0,
        }
    }

    /// Takes over how long a doubt of the process before lasted.
    pub const fn doubted_before(&mut self, steady_for_ms: u64) {
        if self.doubt.is_some() {
            self.steady_for_ms = steady_for_ms;
        }
    }

    /// Takes a reading of the time of day. `passed_ms` is the running time since the last one.
    pub fn look(&mut self, wall_ms: u64, passed_ms: u64) -> Option<News> {
        let moved_ms = difference_ms(wall_ms, self.wall_ms.saturating_add(passed_ms));
        let stepped = moved_ms.unsigned_abs() >= STEP_MS;
        self.wall_ms = wall_ms;
        self.since_ms = self.since_ms.saturating_add(passed_ms);
        self.date_ms = self.date_ms.saturating_add(passed_ms);
        let Some(doubt) = self.judge(wall_ms) else {
            self.date_ms = wall_ms;
            if self.since_ms >= COMPARED_MS {
                (self.compared_ms, self.since_ms) = (wall_ms, 0);
            }
            return self.doubt.take().map(|_| News::Believed);
        };
        let known = self.doubt.is_some_and(|known| known.is_like(doubt));
        self.steady_for_ms = match known && !stepped {
            true => self.steady_for_ms.saturating_add(passed_ms),
            false => 0,
        };
        self.doubt = Some(doubt);
        if self.steady_for_ms >= STEADY_MS {
            return self.confirm(wall_ms);
        }
        (!known || stepped).then_some(News::Doubted(doubt))
    }

    fn judge(&self, wall_ms: u64) -> Option<ClockDoubt> {
        let compared_ms = difference_ms(wall_ms, self.compared_ms.saturating_add(self.since_ms));
        let by_ms = compared_ms.unsigned_abs();
        if compared_ms > 0 && by_ms > AHEAD_MS {
            return Some(ClockDoubt::Ahead { by_ms });
        }
        // The running time says the same as the time of day, whatever was between.
        if by_ms <= BACK_MS {
            return None;
        }
        let back_ms = self.date_ms.saturating_sub(wall_ms);
        (back_ms > BACK_MS).then_some(ClockDoubt::Back { by_ms: back_ms })
    }

    /// Believes this time of day.
    pub fn confirm(&mut self, wall_ms: u64) -> Option<News> {
        (self.compared_ms, self.since_ms, self.date_ms) = (wall_ms, 0, wall_ms);
        self.steady_for_ms = 0;
        self.doubt.take().map(|_| News::Believed)
    }

    /// Returns the newest believed date, epoch milliseconds.
    #[must_use]
    pub const fn date_ms(&self) -> u64 {
        self.date_ms
    }

    /// Returns why the time of day is not believed, if it is not.
    #[must_use]
    pub const fn doubt(&self) -> Option<ClockDoubt> {
        self.doubt
    }

    /// Returns for how long the clock has been in doubt and was not set, if it is in doubt.
    #[must_use]
    pub fn doubted_for_ms(&self) -> Option<u64> {
        self.doubt.map(|_| self.steady_for_ms)
    }
}

/// A length of time in its largest whole unit.
pub(super) fn span(ms: u64) -> String {
    let (count, unit) = match ms / 1_000 {
        s if s < 120 => (s, "s"),
        s if s < 2 * 60 * 60 => (s / 60, "min"),
        s if s < 2 * 24 * 60 * 60 => (s / (60 * 60), "h"),
        s => (s / (24 * 60 * 60), "days"),
    };
    format!("{count} {unit}")
}
