//! The lines of chat that a deployment has ready for its agents.

use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

use crate::ReadyLine;

/// Most lines that a deployment has ready.
pub const READY_LINES_MAX: usize = 30;

/// Answer to `GET /api/lines` and `PUT /api/lines`, and the body of the latter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ReadyLineList {
    /// Counts the changes of the list. In a `PUT`, the one that it replaces. 0: there was none yet.
    pub revision: u32,
    /// The lines.
    pub lines: ReadyLines,
}

impl ReadyLineList {
    /// Most bytes of one in JSON. A UTF-16 unit takes three at most, quotes and comma are three.
    pub const BYTES_MAX: usize = READY_LINES_MAX * (3 * ReadyLine::UNITS_MAX + 3) + 64;
}

/// Lines in the order in which agents see them, at most [`READY_LINES_MAX`], each once: a repeat is
/// dropped.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[ts(type = "ReadyLine[]")]
pub struct ReadyLines(Vec<ReadyLine>);

impl ReadyLines {
    /// The lines.
    #[must_use]
    pub fn as_slice(&self) -> &[ReadyLine] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for ReadyLines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Reading)
    }
}

/// Reads lines one by one, and stops at the first that is too many.
struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = ReadyLines;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {READY_LINES_MAX} lines")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut given: A) -> Result<ReadyLines, A::Error> {
        let mut lines = Vec::new();
        for count in 0.. {
            let Some(line) = given.next_element::<ReadyLine>()? else {
                break;
            };
            if count == READY_LINES_MAX {
                return Err(serde::de::Error::invalid_length(count + 1, &self));
            }
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        Ok(ReadyLines(lines))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn read(lines: Value) -> Option<Vec<String>> {
        let body = json!({ "revision": 1, "lines": lines }).to_string();
        let list: ReadyLineList = crate::read_json(body.as_bytes()).ok()?;
        let lines = list.lines.as_slice().iter();
        Some(lines.map(|line| line.as_str().to_owned()).collect())
    }

    fn numbered(count: usize) -> Value {
        (0..count).map(|n| format!("Line {n}")).collect()
    }

    #[test]
    fn lines_are_trimmed_and_composed_and_keep_their_order_without_repeats() {
        let given = json!([
            " B ",
            "u\u{308}ber",
            "A\tb",
            "B",
            "über",
            "\u{a0}A\tb\u{a0}"
        ]);
        let kept = ["B", "über", "A\tb"].map(str::to_owned);
        assert_eq!(read(given), Some(kept.to_vec()));
        assert_eq!(read(json!([])), Some(Vec::new()));
    }

    #[test]
    fn limits_of_a_list_hold_just_before_at_and_after_the_edge() {
        assert!(read(numbered(READY_LINES_MAX)).is_some());
        assert_eq!(read(numbered(READY_LINES_MAX + 1)), None);
        let repeated = vec!["Same"; READY_LINES_MAX + 1];
        assert_eq!(read(json!(repeated)), None, "repeats count");
        let units = ReadyLine::UNITS_MAX;
        for (n, fits) in [(units - 1, true), (units, true), (units + 1, false)] {
            assert_eq!(read(json!(["x".repeat(n)])).is_some(), fits, "{n}");
        }
    }

    #[test]
    fn the_longest_list_fits_into_its_bytes() {
        let longest = |n: usize| format!("{}{n:02}", "\u{2014}".repeat(ReadyLine::UNITS_MAX - 2));
        let lines: Vec<String> = (0..READY_LINES_MAX).map(longest).collect();
        let body = json!({ "revision": u32::MAX, "lines": lines }).to_string();
        assert!(crate::read_json::<ReadyLineList>(body.as_bytes()).is_ok());
        let spare = ReadyLineList::BYTES_MAX - body.len();
        assert!(spare < 4 * READY_LINES_MAX + 64, "{spare}");
    }

    #[test]
    fn what_is_no_line_refuses_the_whole_list() {
        let wrong = [
            json!([""]),
            json!([" \u{a0} "]),
            json!(["a\nb"]),
            json!(["a\u{0}b"]),
            json!(["a\u{b}b"]),
            json!([1]),
            json!([null]),
            json!([["a"]]),
            json!("a"),
            json!({ "0": "a" }),
            Value::Null,
        ];
        for lines in wrong {
            assert_eq!(read(lines.clone()), None, "{lines}");
        }
    }
}
