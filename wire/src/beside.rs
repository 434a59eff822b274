//! What is said of a call beside its log: notes, ratings, and where a person came from.

use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

use crate::{
    CommentText, DisplayName, EndReason, Language, LocatedAt, Moment, NoteText, PhoneNumber,
    Reference, Seat, SessionId, UtcOffset,
};

/// Most notes of a call.
pub const NOTES_MAX: u8 = 50;

/// Most texts of one note, the first and its edits.
pub const NOTE_VERSIONS_MAX: u8 = 50;

/// How many stars a person gave, 1 to 5.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, TS)]
#[ts(type = "number")]
pub struct Stars(u8);

impl Stars {
    /// Most stars.
    pub const MAX: u8 = 5;

    /// Returns the stars if they are 1 to 5.
    #[must_use]
    pub fn new(stars: u8) -> Option<Self> {
        (1..=Self::MAX).contains(&stars).then_some(Self(stars))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Stars {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stars = u8::deserialize(deserializer)?;
        Self::new(stars).ok_or_else(|| serde::de::Error::custom("not 1 to 5 stars"))
    }
}

/// `PUT /api/sessions/{id}/rating`, by either seat in the ten minutes after the call. A later one
/// replaces it. Answered 204.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Rate {
    /// Whose rating it is. A browser may have the cookies of both seats.
    pub seat: Seat,
    /// How the call was.
    pub stars: Stars,
    /// What the person says about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub comment: Option<CommentText>,
}

impl Rate {
    /// Longest body, bytes. JSON may take six of them for one unit of a text.
    pub const BYTES_MAX: usize = 8 * 1024;
}

/// `POST /api/sessions/{id}/notes` writes a note, `PUT /api/sessions/{id}/notes/{n}` edits one.
/// Both answer [`Notes`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, schemars::JsonSchema)]
#[schemars(description = "A text of a note.")]
pub struct WriteNote {
    /// The text.
    pub text: NoteText,
}

impl WriteNote {
    /// Longest body, bytes. JSON may take six of them for one unit of a text.
    pub const BYTES_MAX: usize = 24 * 1024;
}

/// All notes of a call, in the order of their beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, schemars::JsonSchema)]
pub struct Notes {
    /// The notes.
    pub notes: Vec<Note>,
}

/// A note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, schemars::JsonSchema)]
pub struct Note {
    /// Its number, from 1.
    pub n: u8,
    /// What it said and says, the newest text last. Never empty.
    pub texts: Vec<NoteVersion>,
}

/// What a note says since a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, schemars::JsonSchema)]
pub struct NoteVersion {
    /// Who wrote it.
    pub author: DisplayName,
    /// When, epoch milliseconds.
    #[ts(type = "number")]
    pub at_ms: u64,
    /// The text.
    pub text: NoteText,
}

/// A rating of one seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, schemars::JsonSchema)]
pub struct Rating {
    /// Whose.
    pub seat: Seat,
    /// The stars.
    pub stars: Stars,
    /// What the person says about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub comment: Option<CommentText>,
    /// When it was given last, epoch milliseconds.
    #[ts(type = "number")]
    pub at_ms: u64,
}

/// What a person joined with. A page tells it for display.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Arrival {
    /// The kind of browser.
    pub browser: BrowserKind,
    /// The kind of system.
    pub system: SystemKind,
    /// The language in which the page said what is shared.
    pub language: Language,
}

/// A family of browsers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum BrowserKind {
    /// Safari.
    Safari,
    /// Chrome and Chromium.
    Chrome,
    /// Firefox.
    Firefox,
    /// Edge.
    Edge,
    /// Samsung Internet.
    Samsung,
    /// Opera.
    Opera,
    /// The browser inside another app.
    InApp,
    /// Another one, also one that a later page knows.
    #[serde(other)]
    Other,
}

/// A family of systems.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SystemKind {
    /// An iPhone.
    Iphone,
    /// An iPad.
    Ipad,
    /// Android.
    Android,
    /// Windows.
    Windows,
    /// A Mac.
    Mac,
    /// Linux and `ChromeOS`.
    Linux,
    /// Another one, also one that a later page knows.
    #[serde(other)]
    Other,
}

/// Answer to `GET /api/sessions/{id}`, for the call's agent and for admins. The log stands at
/// `GET /api/sessions/{id}/log`, the pictures at `GET /api/sessions/{id}/pictures`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CallDetail {
    /// The session.
    pub session: SessionId,
    /// The agent's reference.
    pub reference: Reference,
    /// The invited number. Pages show it masked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub number: Option<PhoneNumber>,
    /// The agent's name.
    pub agent_name: DisplayName,
    /// The customer's last name in the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub customer_name: Option<DisplayName>,
    /// The customer's clock, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub utc_offset_min: Option<UtcOffset>,
    /// When the call was begun, epoch milliseconds.
    #[ts(type = "number")]
    pub at_ms: u64,
    /// Why it ended. Absent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub ended: Option<EndReason>,
    /// What the customer joined with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub arrival: Option<Arrival>,
    /// The signed-in person may rate the call until then, epoch milliseconds. Absent where they
    /// may not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub rate_until_ms: Option<u64>,
    /// Where the customer was last, if the agent asked and the customer allowed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub located: Option<LocatedAt>,
    /// The ratings that were given.
    pub ratings: Vec<Rating>,
    /// The notes.
    pub notes: Vec<Note>,
    /// How the call ran, for each seat the newest minutes.
    pub quality: Vec<SeatQuality>,
    /// When chat, notes, ratings and quality go, epoch milliseconds.
    #[ts(type = "number")]
    pub goes_ms: u64,
    /// When its line in the list goes, likewise.
    #[ts(type = "number")]
    pub line_goes_ms: u64,
    /// When its pictures go, likewise.
    #[ts(type = "number")]
    pub pictures_go_ms: u64,
    /// Days that the lobby named when the customer joined: for pictures, then for chat and notes.
    /// Today's where nobody joined, and in calls of the version before.
    pub kept_days: [u32; 2],
}

/// How the call ran for one seat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SeatQuality {
    /// Whose.
    pub seat: Seat,
    /// Minutes in which its page told something, the earliest first.
    pub minutes: Vec<MinuteQuality>,
}

/// One minute of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MinuteQuality {
    /// When it began, epoch milliseconds.
    #[ts(type = "number")]
    pub at_ms: u64,
    /// Some 20 seconds each.
    pub moments: Vec<Moment>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_are_one_to_five() {
        for wrong in ["0", "6", "-1", "2.5", "\"3\"", "null", "256"] {
            assert!(serde_json::from_str::<Stars>(wrong).is_err(), "{wrong}");
        }
        for stars in 1..=5 {
            let read: Stars = serde_json::from_str(&stars.to_string()).unwrap();
            assert_eq!(read.get(), stars);
        }
    }

    #[test]
    fn a_note_holds_its_limit_and_lines() {
        assert!(NoteText::new(&"x\n".repeat(2_000)).is_ok());
        assert!(NoteText::new(&"x".repeat(4_001)).is_err());
        assert!(CommentText::new(&"😀".repeat(500)).is_ok());
        assert!(CommentText::new(&"😀".repeat(501)).is_err());
    }

    #[test]
    fn a_browser_of_a_later_page_is_another_one() {
        let read: BrowserKind = serde_json::from_str("\"ladybird\"").unwrap();
        assert_eq!(read, BrowserKind::Other);
    }
}
