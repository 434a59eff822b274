//! What the desk keeps of its clocks, so that a restart goes on where the process before stopped.

use serde::{Deserialize, Serialize};

use super::trust::{AHEAD_MS, BACK_MS};

/// The file in the data folder.
pub const FILE: &str = "clock.json";

/// The clocks when they were kept. Times are milliseconds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The clock of the deadlines.
    pub now_ms: u64,
    /// The time of day.
    pub wall_ms: u64,
    /// The newest believed date.
    pub date_ms: u64,
    /// For how long the time of day was in doubt and steady; `None` if it was believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubted_for_ms: Option<u64>,
    /// The machine's run, where the system tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<Boot>,
}

/// A run of the machine, from one boot to the next.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Boot {
    /// Names the run.
    pub id: String,
    /// The time since its beginning, milliseconds. Suspension counts.
    pub up_ms: u64,
}

impl Kept {
    /// Returns the clock of the deadlines at this moment. Within one run of the machine its own
    /// clock tells the time since; else the time of day does, unless it went back or is more than
    /// a week ahead. Then no time has passed: deadlines rather wait than pass unseen.
    #[must_use]
    pub fn now_ms(&self, wall_ms: u64, boot: Option<&Boot>) -> u64 {
        let same = self.boot.as_ref().zip(boot);
        let same = same.filter(|(kept, boot)| kept.id == boot.id && kept.up_ms <= boot.up_ms);
        let passed_ms = match same {
            Some((kept, boot)) => boot.up_ms - kept.up_ms,
            None => Some(wall_ms.saturating_sub(self.wall_ms))
                .filter(|passed_ms| *passed_ms <= AHEAD_MS)
                .unwrap_or_default(),
        };
        self.now_ms.saturating_add(passed_ms)
    }

    /// Whether a time of day may follow on the kept one.
    #[must_use]
    pub const fn goes_on(&self, wall_ms: u64) -> bool {
        follows(self.wall_ms, wall_ms)
    }
}

/// Whether a time of day may follow on an earlier one: it is neither before it nor far ahead.
pub(super) const fn follows(before_ms: u64, wall_ms: u64) -> bool {
    wall_ms.saturating_add(BACK_MS) >= before_ms && wall_ms <= before_ms.saturating_add(AHEAD_MS)
}
