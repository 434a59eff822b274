//! Dates as a case file has them: UTC.

const DAY_S: u64 = 24 * 60 * 60;

/// Returns a time of day as ISO 8601 has it, such as `2026-11-28T02:05:09Z`. Takes epoch
/// milliseconds.
#[must_use]
pub fn utc(at_ms: u64) -> String {
    let at_s = at_ms / 1_000;
    let (year, month, day) = civil(at_s / DAY_S);
    let of_day = at_s % DAY_S;
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Returns year, month and day of a count of days since 1970-01-01, in the Gregorian calendar.
/// Years begin in March here, so that the leap day is the last one of a year.
const fn civil(days: u64) -> (u64, u64, u64) {
    // From 0000-03-01, in eras of 400 years.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400;
    (if month <= 2 { year + 1 } else { year }, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        // As `date -u -d @… +%FT%TZ` prints them.
        for (at_s, date) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_709_164_800, "2024-02-29T00:00:00Z"),
            (1_795_831_509, "2026-11-28T02:05:09Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(utc(at_s * 1_000 + 999), date);
        }
    }
}
