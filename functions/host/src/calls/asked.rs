//! The parameters of `GET /api/sessions`.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;
use sightline_wire::api::ApiError;
use sightline_wire::{AgentId, EndReason, SessionId, Stars};

use super::terms::{SEARCH_CHARS_MAX, Search};
use super::{CALLS_MAX, DAY_MS};
use crate::ports::{ListPlace, Span};
use crate::records::CallSummary;

/// Longest query, bytes.
const QUERY_BYTES_MAX: usize = 2 * 1024;

/// Furthest time zones from UTC, minutes (the tz database: UTC-12 to UTC+14, historic ones to 16).
const ZONE_MAX: i64 = 16 * 60;

const MINUTE_MS: i64 = 60 * 1_000;

/// Which calls are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    pub(crate) search: Option<Search>,
    /// Of all agents.
    pub(crate) all: bool,
    pub(crate) agent: Option<AgentId>,
    /// Where the answer before ended.
    pub(crate) after: Option<ListPlace>,
    /// Days since 1970, as a calendar has them in the zone.
    day: Option<i64>,
    /// East of UTC, minutes.
    zone_min: i64,
    reason: Option<EndReason>,
    stars: Option<Stars>,
    with_pictures: bool,
    goes_within_days: Option<u32>,
    began_within_days: Option<u32>,
    limit: Option<usize>,
}

/// Calls that another program may ask for at a time.
const LIMIT_MAX: u32 = 100;

impl Asked {
    /// Reads a query. A parameter without a value is as if it were absent.
    ///
    /// # Errors
    /// `malformed` for an unknown parameter, one that comes twice, and a value that it cannot have.
    pub(crate) fn of(query: &str) -> Result<Self, ApiError> {
        let asked = Self::read(query, Self::set);
        asked.map_err(|_| ApiError::Malformed)
    }

    /// Reads the query of another program, which sees the calls of all agents. A parameter without
    /// a value is refused, except for the search.
    ///
    /// # Errors
    /// Which parameter is unknown, comes twice, or has a value that it cannot have.
    pub(crate) fn by_program(query: &str) -> Result<Self, String> {
        let mut asked = Self::read(query, Self::set_by_program)?;
        asked.all = true;
        Ok(asked)
    }

    fn read(
        query: &str,
        set: impl Fn(&mut Self, &str, &str) -> Option<()>,
    ) -> Result<Self, String> {
        if query.len() > QUERY_BYTES_MAX {
            return Err("the query is too long".to_owned());
        }
        let mut asked = Self::default();
        let mut seen: Vec<Cow<'_, str>> = Vec::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if seen.contains(&name) {
                return Err(format!("the parameter `{name}` comes twice"));
            }
            let set = set(&mut asked, &name, &value);
            set.ok_or_else(|| format!("the parameter `{name}` is unknown or has a wrong value"))?;
            seen.push(name);
        }
        Ok(asked)
    }

    /// `None` for what cannot be asked.
    fn set_by_program(&mut self, name: &str, value: &str) -> Option<()> {
        match (name, value) {
            ("search", _) => {}
            ("all", _) | (_, "") => return None,
            ("limit", value) => {
                self.limit = Some(number::<u32>(value, 1..=LIMIT_MAX)?.try_into().ok()?);
                return Some(());
            }
            ("pictures", value) => {
                self.with_pictures = value.parse().ok()?;
                return Some(());
            }
            (_, value) if value.trim() != value => return None,
            _ => {}
        }
        self.set(name, value)
    }

    /// The most calls in an answer.
    pub(crate) fn limit(&self) -> usize {
        self.limit.unwrap_or(CALLS_MAX)
    }

    /// `None` for what cannot be asked.
    fn set(&mut self, name: &str, value: &str) -> Option<()> {
        let value = value.trim();
        match name {
            "search" => {
                let is_short = value.chars().count() <= SEARCH_CHARS_MAX;
                self.search = is_short.then(|| Search::of(value))?;
            }
            "all" => self.all = one_of(value, true)?.is_some(),
            "pictures" => self.with_pictures = one_of(value, true)?.is_some(),
            "agent" => self.agent = parsed(value, |text| text.parse().ok())?,
            "after" => self.after = parsed(value, place)?,
            "day" => self.day = parsed(value, day)?,
            "zone" => self.zone_min = parsed(value, zone)?.unwrap_or_default(),
            "reason" => self.reason = parsed(value, reason)?,
            "rating" => {
                self.stars = parsed(value, |text| number(text, 1..=5).and_then(Stars::new))?
            }
            "goes" => self.goes_within_days = parsed(value, |text| number(text, 1..=36_500))?,
            "days" => {
                self.began_within_days = parsed(value, |text| number(text, 1..=36_500))?;
            }
            _ => return None,
        }
        Some(())
    }

    /// The part of a list that is of these days, behind what was answered before.
    pub(crate) fn part(&self, now_ms: u64) -> Span {
        let after = self.after;
        let within_ms = self.began_within_days.map(|days| u64::from(days) * DAY_MS);
        let newest_ms = within_ms.map_or(0, |within_ms| now_ms.saturating_sub(within_ms));
        let Some(day) = self.day else {
            return Span {
                from_ms: newest_ms,
                after,
                ..Span::WHOLE
            };
        };
        let day_ms = i64::try_from(DAY_MS).unwrap_or(i64::MAX);
        let begins_ms = day * day_ms - self.zone_min * MINUTE_MS;
        let to_ms = u64::try_from(begins_ms + day_ms).unwrap_or_default();
        let from_ms = u64::try_from(begins_ms).unwrap_or_default();
        Span {
            from_ms: from_ms.max(newest_ms).min(to_ms),
            to_ms,
            after,
        }
    }

    /// Whether calls of the lists may not be asked for, other than by the search.
    pub(crate) const fn is_filtered(&self) -> bool {
        let is_other = self.reason.is_some() || self.stars.is_some() || self.with_pictures;
        is_other || self.goes_within_days.is_some()
    }

    /// Whether a call of the lists is asked for.
    pub(crate) fn wants(&self, call: &CallSummary, now_ms: u64) -> bool {
        let goes_soon = |days: u32| {
            let until_ms = now_ms.saturating_add(u64::from(days) * DAY_MS);
            call.goes_at_ms(now_ms)
                .is_some_and(|at_ms| at_ms <= until_ms)
        };
        self.search
            .as_ref()
            .is_none_or(|search| search.matches(call))
            && self.reason.is_none_or(|reason| call.reason == Some(reason))
            && self
                .stars
                .is_none_or(|given| call.stars.iter().any(|(_, stars)| *stars == Some(given)))
            && (!self.with_pictures || call.pictures > 0)
            && self.goes_within_days.is_none_or(goes_soon)
    }
}

/// Returns where an answer ended, as pages hand it back: 8 bytes time, 16 bytes id. It is no
/// secret, and whatever a page makes of it leads to calls of the same lists.
pub(super) fn cursor(place: ListPlace) -> String {
    let mut bytes = place.at_ms.to_be_bytes().to_vec();
    bytes.extend(place.session.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn place(text: &str) -> Option<ListPlace> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let bytes: [u8; 24] = bytes.try_into().ok()?;
    Some(ListPlace {
        at_ms: u64::from_be_bytes(*bytes.first_chunk()?),
        session: SessionId::from_bytes(*bytes.last_chunk()?),
    })
}

/// Reads a value. An empty one counts as absent; `None` refuses one that cannot be read.
#[expect(clippy::option_option, reason = "refused, absent, given")]
fn parsed<T>(value: &str, read: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    match value {
        "" => Some(None),
        given => read(given).map(Some),
    }
}

#[expect(clippy::option_option, reason = "refused, absent, given")]
fn one_of<T>(value: &str, given: T) -> Option<Option<T>> {
    parsed(value, |text| matches!(text, "1" | "true").then_some(given))
}

fn number<T: TryFrom<u32>>(text: &str, range: std::ops::RangeInclusive<u32>) -> Option<T> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_plain.then(|| text.parse().ok())??;
    range.contains(&number).then(|| T::try_from(number).ok())?
}

fn zone(text: &str) -> Option<i64> {
    let minutes: i64 = text.parse().ok()?;
    (-ZONE_MAX..=ZONE_MAX).contains(&minutes).then_some(minutes)
}

fn reason(text: &str) -> Option<EndReason> {
    serde_json::from_value(Value::String(text.to_owned())).ok()
}

/// Reads `YYYY-MM-DD` (RFC 3339, `full-date`) as days since 1970.
fn day(text: &str) -> Option<i64> {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else {
        return None;
    };
    if [year.len(), month.len(), day.len()] != [4, 2, 2] {
        return None;
    }
    let year: i64 = number::<u32>(year, 1970..=9999)?.into();
    let month: i64 = number::<u32>(month, 1..=12)?.into();
    let day = number::<u32>(day, 1..=days_of(year, month))?;
    Some(first_of(year, month) + i64::from(day) - 1)
}

fn days_of(year: i64, month: i64) -> u32 {
    let next = if month == 12 {
        (year + 1, 1)
    } else {
        (year, month + 1)
    };
    let days = first_of(next.0, next.1) - first_of(year, month);
    u32::try_from(days).unwrap_or_default()
}

/// Days since 1970 of a month's first, in the Gregorian calendar. Years begin in March here, so
/// that a leap day is their last.
fn first_of(year: i64, month: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leaps = year / 4 - year / 100 + year / 400;
    // 719,468 days from March 1 of the year 0 to 1970.
    year * 365 + leaps + (153 * month + 2) / 5 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noon of 2026-11-28.
    const NOW_MS: u64 = 20_785 * DAY_MS + DAY_MS / 2;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (text, days) in [
            ("1970-01-01", Some(0)),
            ("1970-12-31", Some(364)),
            ("2000-02-29", Some(11_016)),
            ("2026-11-28", Some(20_785)),
            ("2028-02-29", Some(21_243)),
            ("9999-12-31", Some(2_932_896)),
            ("1969-12-31", None),
            ("2026-02-29", None),
            ("2100-02-29", None),
            ("2026-13-01", None),
            ("2026-00-10", None),
            ("2026-04-31", None),
            ("2026-4-01", None),
            ("+026-04-01", None),
            ("2026-04-01T", None),
            ("2026-04", None),
            ("today", None),
        ] {
            assert_eq!(day(text), days, "{text}");
        }
        let mut expected = 0;
        for year in 1970..2400 {
            for month in 1..=12 {
                for of_month in 1..=days_of(year, month) {
                    let text = format!("{year}-{month:02}-{of_month:02}");
                    assert_eq!(day(&text), Some(expected), "{text}");
                    expected += 1;
                }
            }
        }
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_no_other_text_is_one() {
        let written = ListPlace {
            at_ms: 1_795_363_200_000,
            session: SessionId::from_bytes([7; 16]),
        };
        let text = cursor(written);
        assert_eq!(place(&text), Some(written));
        for other in [
            "x",
            &text[1..],
            &format!("{text}A"),
            "=",
            "ä",
            &text.replace('A', "+"),
        ] {
            assert_eq!(place(other), None, "{other}");
        }
    }

    #[test]
    fn what_cannot_be_asked_is_malformed_and_an_empty_value_is_absent() {
        for query in [
            "unknown=1",
            "day=tomorrow",
            "day=2026-11-28&day=2026-11-28",
            "all=0",
            "pictures=2",
            "rating=0",
            "rating=6",
            "rating=%2B3",
            "goes=0",
            "goes=99999999999",
            "reason=bored",
            "agent=me",
            "after=%00",
            "zone=961",
            "zone=east",
            &format!("search={}", "x".repeat(81)),
            &format!("search={}", "%20".repeat(700)),
        ] {
            assert_eq!(Asked::of(query), Err(ApiError::Malformed), "{query}");
        }
        let empty = "search=&all=&agent=&after=&day=&zone=&reason=&rating=&pictures=&goes=&days=";
        assert_eq!(Asked::of(empty), Ok(Asked::default()));
        assert_eq!(Asked::of("search=%20%E2%80%8B"), Ok(Asked::default()));
        assert_eq!(Asked::of(""), Ok(Asked::default()));
        assert!(Asked::of("search=%FF%FE&zone=-210&reason=agent_ended&rating=5").is_ok());
    }

    #[test]
    fn a_day_begins_where_the_agent_is() {
        let part = |query: &str| Asked::of(query).map(|asked| asked.part(NOW_MS)).unwrap();
        let (utc, east) = (part("day=2026-11-28"), part("day=2026-11-28&zone=330"));
        assert_eq!(utc.from_ms, 20_785 * DAY_MS);
        assert_eq!(utc.to_ms - utc.from_ms, DAY_MS);
        assert_eq!(utc.from_ms - east.from_ms, 330 * 60_000);
        assert_eq!(part("day=1970-01-01&zone=960").from_ms, 0);
        assert_eq!(part("zone=60"), Span::WHOLE);
    }

    #[test]
    fn the_last_days_end_now_and_meet_a_day_in_what_both_have() {
        let part = |query: &str| Asked::of(query).map(|asked| asked.part(NOW_MS)).unwrap();
        assert_eq!(part("days=7").from_ms, NOW_MS - 7 * DAY_MS);
        assert_eq!(part("days=36500").from_ms, 0);
        let both = part("day=2026-11-27&days=1");
        assert_eq!(both.from_ms, NOW_MS - DAY_MS);
        assert_eq!(both.to_ms, 20_785 * DAY_MS);
        let apart = part("day=2026-11-01&days=1");
        assert!(apart.from_ms == apart.to_ms, "{apart:?}");
    }
}
