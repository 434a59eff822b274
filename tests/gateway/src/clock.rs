//! The wall clock, and the time formats of AWS.

use std::time::{SystemTime, UNIX_EPOCH};

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The time in epoch milliseconds.
#[must_use]
// Events carry the time at which they happened, so this edge reads the clock.
#[allow(clippy::disallowed_methods)]
pub fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}

/// Formats a time as `22/Feb/2022:19:07:37 +0000`, like `requestTime`.
#[must_use]
pub fn request_time(at_ms: u64) -> String {
    let (year, month, day) = date(at_ms);
    let name = usize::try_from(month - 1).ok();
    let name = name.and_then(|at| MONTHS.get(at)).unwrap_or(&"Jan");
    format!("{day:02}/{name}/{year}:{} +0000", time(at_ms))
}

/// Formats a time as `2022-02-22T19:07:37Z`.
#[must_use]
pub fn iso(at_ms: u64) -> String {
    let (year, month, day) = date(at_ms);
    format!("{year}-{month:02}-{day:02}T{}Z", time(at_ms))
}

fn time(at_ms: u64) -> String {
    let s = at_ms / 1_000 % 86_400;
    format!("{:02}:{:02}:{:02}", s / 3_600, s / 60 % 60, s % 60)
}

/// Returns year, month and day. Years count from March, so that the leap day is the last day.
fn date(at_ms: u64) -> (u64, u64, u64) {
    // 719,468 days lie between 1 March of year 0 and 1970; 400 years have 146,097.
    let days = at_ms / 86_400_000 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day + 2) / 153;
    let day = day - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_aws_writes_them() {
        assert_eq!(
            request_time(1_645_556_857_902),
            "22/Feb/2022:19:07:37 +0000"
        );
        assert_eq!(iso(0), "1970-01-01T00:00:00Z");
        assert_eq!(iso(1_709_164_800_000), "2024-02-29T00:00:00Z");
        assert_eq!(iso(1_709_251_199_000), "2024-02-29T23:59:59Z");
        assert_eq!(iso(4_102_444_799_000), "2099-12-31T23:59:59Z");
    }
}
