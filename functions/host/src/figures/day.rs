//! Days of UTC, as requests and answers write them.

use sightline_wire::FIGURE_DAYS_MAX;
use sightline_wire::api::ApiError;

use crate::case::utc;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// The last day that may be asked for: 9999-12-31. Later ones have another width.
const LAST: u32 = 2_932_896;

/// A period of whole days, both ends included, days since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period {
    pub(crate) from: u32,
    pub(crate) to: u32,
}

impl Period {
    /// Reads the two days of a request.
    ///
    /// # Errors
    /// `malformed` for what is no day, for a period that ends before it begins, and for more than
    /// [`FIGURE_DAYS_MAX`] days.
    pub(crate) fn of(from: &str, to: &str) -> Result<Self, ApiError> {
        let day = |text: &str| parsed(text).ok_or(ApiError::Malformed);
        let (from, to) = (day(from)?, day(to)?);
        let days = to.checked_sub(from).ok_or(ApiError::Malformed)?;
        match u64::from(days) < FIGURE_DAYS_MAX {
            true => Ok(Self { from, to }),
            false => Err(ApiError::Malformed),
        }
    }
}

/// Returns a day such as `2026-11-28`.
pub(crate) fn written(day: u32) -> String {
    let mut date = utc(u64::from(day) * DAY_MS);
    date.truncate("2026-11-28".len());
    date
}

fn parsed(text: &str) -> Option<u32> {
    if text.len() != "2026-11-28".len() {
        return None;
    }
    let mut parts = text.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, of_month) = (parts.next()??, parts.next()??, parts.next()??);
    // The first guess is right, or the text is no day.
    let day = u32::try_from(days_before(year, month) + of_month - 1).ok()?;
    (day <= LAST && written(day) == text).then_some(day)
}

/// Days from 1970-01-01 to the first of a month. Years begin in March here, as in [`utc`].
const fn days_before(year: i64, month: i64) -> i64 {
    let (year, month) = match month {
        1 | 2 => (year - 1, month + 9),
        _ => (year, month - 3),
    };
    365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_day_is_read_as_it_is_written() {
        // Five hundred years, with leap days of all kinds.
        for day in (0..182_622).chain(LAST - 400..=LAST) {
            assert_eq!(parsed(&written(day)), Some(day));
        }
        // As `date -u -d 2026-11-28 +%s` has it.
        assert_eq!(parsed("2026-11-28"), Some(1_795_824_000 / 86_400));
    }

    #[test]
    fn what_is_no_day_is_not_read() {
        for text in [
            "",
            "2026-11-31",
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-001",
            "+026-11-28",
            "2026-11-+8",
            "1969-12-31",
            "2026/11/28",
            "2026-11-28 ",
            "２０２６",
            "10000-01-01",
            "\u{661}026-1-1",
        ] {
            assert_eq!(parsed(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_period_has_at_most_93_days_and_does_not_end_before_it_begins() {
        let ok = |from, to| Period::of(from, to).is_ok();
        assert!(ok("2026-11-28", "2026-11-28"));
        assert!(ok("2026-01-01", "2026-04-03"));
        assert!(!ok("2026-01-01", "2026-04-04"));
        assert!(!ok("2026-11-28", "2026-11-27"));
        assert!(!ok("2026-11-28", ""));
    }
}
