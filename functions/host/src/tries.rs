//! Repeats what failed for a moment. No other place does.

use crate::ports::Ports;

/// How often something is attempted, and how long the pauses are.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    /// Attempts, the first included.
    most: u32,
    /// Time after which no further attempt begins, milliseconds: a page waits for the answer.
    within_ms: u64,
    /// Shortest pause, milliseconds.
    least_ms: u64,
    /// Longest pause, milliseconds.
    longest_ms: u64,
}

/// Pace of commits and counters. Others write to the same record at the same moment, so pauses are
/// short and of random length.
pub(crate) const CONTENDED: Pace = Pace {
    most: 12,
    within_ms: 3_000,
    least_ms: 10,
    longest_ms: 200,
};

/// Pace of a session's first commit. Only the same request can come in between, and the agent has
/// waited for the budget by then.
pub(crate) const BEGINNING: Pace = Pace {
    most: 3,
    within_ms: 1_000,
    least_ms: 10,
    longest_ms: 200,
};

/// Pace of the object store, whose failures last longer.
pub(crate) const OBJECTS: Pace = Pace {
    most: 3,
    within_ms: 3_000,
    least_ms: 100,
    longest_ms: 400,
};

/// The attempts made so far.
pub(crate) struct Tries {
    pace: Pace,
    began_ms: u64,
    made: u32,
}

impl Tries {
    /// Begins with the first attempt.
    pub(crate) fn begin(pace: Pace, ports: &impl Ports) -> Self {
        Self {
            pace,
            began_ms: ports.now_ms(),
            made: 1,
        }
    }

    /// Waits before another attempt. Returns `false` if there is to be none.
    pub(crate) async fn again(&mut self, ports: &impl Ports) -> bool {
        if self.made >= self.pace.most {
            return false;
        }
        ports
            .pause(self.pace.pause_ms(self.made, ports.random()))
            .await;
        self.made += 1;
        ports.now_ms().saturating_sub(self.began_ms) < self.pace.within_ms
    }
}

impl Pace {
    /// Returns a random pause between the shortest and a bound that doubles with each attempt.
    fn pause_ms(self, attempt: u32, chance: [u8; 16]) -> u64 {
        let bound_ms = self.longest_ms.min(self.least_ms << attempt.min(8));
        let span_ms = u128::from(bound_ms - self.least_ms + 1);
        self.least_ms + (u128::from_be_bytes(chance) % span_ms) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_stay_between_the_shortest_and_the_longest() {
        for pace in [CONTENDED, BEGINNING, OBJECTS] {
            for attempt in 1..pace.most {
                for byte in 0..=255 {
                    let ms = pace.pause_ms(attempt, [byte; 16]);
                    assert!((pace.least_ms..=pace.longest_ms).contains(&ms), "{ms}");
                }
            }
        }
    }
}
