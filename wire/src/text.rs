//! Texts with limits. Lengths count UTF-16 units, as `maxlength` does in a browser, after trimming.
//!
//! What people write is kept in Normalization Form C (UAX #15): keyboards and clipboards give the
//! same word composed or decomposed, and search, text messages and fonts know the composed one.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

use crate::alike::alike;
use crate::seen::{composed, seen, shows};

/// Why a text was not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TextError {
    /// Fewer UTF-16 units than allowed remain after trimming.
    #[error("text is too short: {units} units, at least {min}")]
    TooShort {
        /// Units found.
        units: usize,
        /// Fewest units allowed.
        min: usize,
    },
    /// More UTF-16 units than allowed remain after trimming.
    #[error("text is too long: {units} units, at most {max}")]
    TooLong {
        /// Units found.
        units: usize,
        /// Most units allowed.
        max: usize,
    },
    /// A character that is not allowed in this kind of text.
    #[error("text has a disallowed character")]
    BadCharacter,
    /// No character of a name shows.
    #[error("text has no character that shows")]
    Blank,
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $min:literal ..= $max:expr, $normal:expr, $allowed:expr, $shows:expr, $debug:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
        #[ts(type = "string")]
        pub struct $name(String);

        impl $name {
            /// Fewest UTF-16 units.
            pub const UNITS_MIN: usize = $min;
            /// Most UTF-16 units.
            pub const UNITS_MAX: usize = $max;

            /// Normalises (trims, at least) and checks a text.
            ///
            /// # Errors
            /// The reason for which it is refused.
            pub fn new(text: &str) -> Result<Self, TextError> {
                let normal: fn(&str) -> Cow<'_, str> = $normal;
                let text = normal(text);
                let text = text.trim();
                let units = text.encode_utf16().count();
                if units < Self::UNITS_MIN {
                    return Err(TextError::TooShort { units, min: Self::UNITS_MIN });
                }
                if units > Self::UNITS_MAX {
                    return Err(TextError::TooLong { units, max: Self::UNITS_MAX });
                }
                let allowed: fn(char) -> bool = $allowed;
                if !text.chars().all(allowed) {
                    return Err(TextError::BadCharacter);
                }
                let shows: fn(&str) -> bool = $shows;
                if !shows(text) {
                    return Err(TextError::Blank);
                }
                Ok(Self(text.to_owned()))
            }

            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let show: fn(&str) -> String = $debug;
                write!(f, "{}({})", stringify!($name), show(&self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(deserializer)?;
                let shows: fn(&str) -> bool = $shows;
                match Self::new(&text) {
                    Err(_) if !shows(&seen(&text)) && was_taken(&text) => {
                        Ok(Self(STAND_IN.to_owned()))
                    }
                    read => read.map_err(serde::de::Error::custom),
                }
            }
        }
    };
}

impl DisplayName {
    /// Says whether people may take this name for another one.
    #[must_use]
    pub fn looks_like(&self, other: &str) -> bool {
        alike(&self.0, other)
    }
}

/// Stands for a name or label in which nothing shows. Records of versions before have such names,
/// and must be read on.
const STAND_IN: &str = "?";

/// Says whether versions before took a text as a name although nothing of it shows: they left out
/// these characters only.
fn was_taken(text: &str) -> bool {
    let left_out = |c: char| {
        matches!(c, '\u{200B}' | '\u{200E}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
    };
    !text.replace(left_out, "").trim().is_empty()
}

/// Reads a name that somebody gives now: one in which nothing shows is refused.
///
/// # Errors
/// The text breaks a rule of [`DisplayName`].
pub(crate) fn given_name<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<DisplayName, D::Error> {
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    DisplayName::new(&text).map_err(serde::de::Error::custom)
}

fn hidden(text: &str) -> String {
    format!("{} bytes", text.len())
}

fn printable(c: char) -> bool {
    !c.is_control()
}

fn as_seen(text: &str) -> Cow<'_, str> {
    Cow::Owned(seen(text))
}

/// For texts that need no character that shows.
fn whole(_: &str) -> bool {
    true
}

fn as_written(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

text!(
    /// A person's name on the screen, at most 40 units. Personal: `Debug` hides it.
    DisplayName, 1..=40, as_seen, printable, shows, hidden
);
text!(
    /// One line of chat, at most 2,000 units, line breaks allowed. `Debug` hides it.
    ChatText, 1..=2000, composed, |c| !c.is_control() || c == '\n' || c == '\t' || c == '\r', whole, hidden
);
text!(
    /// A line of chat that is ready to be sent: as long as [`ChatText`], in one line. `Debug` hides
    /// it.
    ReadyLine, 1..=ChatText::UNITS_MAX, composed, |c| !c.is_control() || c == '\t', whole, hidden
);
text!(
    /// A note on a call, at most 4,000 units, line breaks allowed. `Debug` hides it.
    NoteText, 1..=4000, composed, |c| !c.is_control() || c == '\n' || c == '\t' || c == '\r', whole, hidden
);
text!(
    /// What a person says with a rating, at most 1,000 units, line breaks allowed. `Debug` hides
    /// it.
    CommentText, 1..=1000, composed, |c| !c.is_control() || c == '\n' || c == '\t' || c == '\r', whole, hidden
);
text!(
    /// A label on a picture, at most 80 units in one line. `Debug` hides it.
    LabelText, 1..=80, as_seen, printable, shows, hidden
);
text!(
    /// The agent's reference for a call, 8 to 20 units.
    Reference, 8..=20, composed, printable, whole, hidden
);
text!(
    /// A telephone number in E.164 form: `+`, then 7 to 15 digits (ITU-T E.164 section 6). The host
    /// checks whether it is possible. `Debug` hides it.
    PhoneNumber, 8..=16, as_written, |c| c == '+' || c.is_ascii_digit(), whole, hidden
);
text!(
    /// A language tag of BCP 47, such as `en` or `pt-BR`.
    Language, 2..=12, as_written, |c| c == '-' || c.is_ascii_alphanumeric(), whole, |text| text.to_owned()
);

/// A session description (RFC 8866), at most 16 KiB of printable ASCII in lines. Not trimmed, since
/// its lines end in CR LF. `Debug` hides it.
///
/// Quotes and backslashes are refused: nothing that this protocol keeps of a description has them,
/// and they are twice as long in JSON. So every hop can tell from the description's own length how
/// long its message becomes, whatever envelope it puts around it.
#[derive(Clone, PartialEq, Eq, Serialize, TS)]
#[ts(type = "string")]
pub struct Sdp(String);

impl Sdp {
    /// Most bytes.
    pub const BYTES_MAX: usize = 16 * 1024;
    /// Most bytes in JSON, where CR and LF take two each. The rest of a message is for the
    /// envelope.
    pub const JSON_BYTES_MAX: usize = 20 * 1024;

    /// Checks length and characters.
    ///
    /// # Errors
    /// The text is empty, longer than [`Self::BYTES_MAX`], in JSON longer than
    /// [`Self::JSON_BYTES_MAX`], or has another character than printable ASCII, CR and LF, or a
    /// quote or a backslash.
    pub fn new(text: String) -> Result<Self, TextError> {
        let breaks = text.bytes().filter(|b| matches!(b, b'\r' | b'\n')).count();
        for (units, max) in [
            (text.len(), Self::BYTES_MAX),
            (text.len() + breaks, Self::JSON_BYTES_MAX),
        ] {
            if units > max {
                return Err(TextError::TooLong { units, max });
            }
        }
        let allowed = |b| matches!(b, b'\r' | b'\n' | b' '..=b'~') && b != b'"' && b != b'\\';
        match text.as_str() {
            "" => Err(TextError::TooShort { units: 0, min: 1 }),
            _ if !text.bytes().all(allowed) => Err(TextError::BadCharacter),
            _ => Ok(Self(text)),
        }
    }

    /// The description itself.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Sdp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sdp({})", hidden(&self.0))
    }
}

impl<'de> Deserialize<'de> for Sdp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_just_before_at_and_after_the_edge() {
        assert!(Reference::new(&"x".repeat(7)).is_err());
        assert!(Reference::new(&"x".repeat(8)).is_ok());
        assert!(Reference::new(&"x".repeat(20)).is_ok());
        assert_eq!(
            Reference::new(&"x".repeat(21)),
            Err(TextError::TooLong { units: 21, max: 20 })
        );
        assert!(ChatText::new(&"x".repeat(2000)).is_ok());
        assert!(ChatText::new(&"x".repeat(2001)).is_err());
        assert!(Sdp::new("x".repeat(Sdp::BYTES_MAX)).is_ok());
        assert!(Sdp::new("x".repeat(Sdp::BYTES_MAX + 1)).is_err());
    }

    #[test]
    fn a_description_is_printable_lines_and_short_in_json_too() {
        let sdp = |text: &str| Sdp::new(text.to_owned());
        assert_eq!(sdp(""), Err(TextError::TooShort { units: 0, min: 1 }));
        for c in "\"\\\0\t\u{b}\u{1f}\u{7f}\u{80}\u{e9}\u{2028}\u{1f600}".chars() {
            let found = sdp(&format!("v=0\r\ns={c}\r\n"));
            assert_eq!(found, Err(TextError::BadCharacter), "{c:?}");
        }
        let printable: String = (' '..='~').filter(|c| !"\"\\".contains(*c)).collect();
        let whole = sdp(&format!("{printable}\r\n")).unwrap();
        assert_eq!(
            serde_json::to_string(&whole).unwrap().len(),
            whole.as_str().len() + 2 + 2
        );
        let lines = |count: usize| sdp(&"a=x\r\n".repeat(count));
        assert!(lines(Sdp::JSON_BYTES_MAX / 7).is_ok());
        assert!(lines(Sdp::JSON_BYTES_MAX / 7 + 1).is_err());
    }

    #[test]
    fn lengths_count_utf_16_units_after_trimming() {
        assert!(DisplayName::new(&"😀".repeat(20)).is_ok());
        assert!(DisplayName::new(&"😀".repeat(21)).is_err());
        assert!(DisplayName::new(&format!("  {}  ", "x".repeat(40))).is_ok());
        assert!(DisplayName::new("   ").is_err());
    }

    #[test]
    fn control_characters_are_refused_except_line_breaks_in_chat() {
        assert_eq!(DisplayName::new("a\u{7}b"), Err(TextError::BadCharacter));
        assert_eq!(DisplayName::new("a\nb"), Err(TextError::BadCharacter));
        assert!(ChatText::new("a\nb").is_ok());
        assert_eq!(ChatText::new("a\0b"), Err(TextError::BadCharacter));
        assert!(PhoneNumber::new("+4915112345678").is_ok());
        assert!(PhoneNumber::new("+49 151 12345678").is_err());
    }

    #[test]
    fn names_lose_what_would_turn_or_hide_words_and_chat_keeps_it() {
        let name = |text: &str| DisplayName::new(text).map(|name| name.as_str().to_owned());
        assert_eq!(
            name(" \u{202E}A\u{200B}d\u{2066}\u{2069}a\u{FEFF} \u{200F}"),
            Ok("Ada".to_owned())
        );
        assert_eq!(
            name(" \u{200B} \u{202E}"),
            Err(TextError::TooShort { units: 0, min: 1 })
        );
        assert_eq!(
            name(&format!("{}\u{200B}", "x".repeat(40))),
            Ok("x".repeat(40)),
            "units count after dropping"
        );
        for kept in ["می\u{200C}خواهم", "👩\u{200D}💻", "\u{2010}", "\u{202F}x"] {
            assert_eq!(name(kept), Ok(kept.trim().to_owned()));
        }
        let decoded: DisplayName = serde_json::from_str(r#""A\u202Eda""#).unwrap();
        assert_eq!(decoded.as_str(), "Ada");
        assert_eq!(ChatText::new("a\u{202E}b").unwrap().as_str(), "a\u{202E}b");
    }

    #[test]
    fn a_name_in_which_nothing_shows_is_refused_and_read_on_from_old_records() {
        for blank in ["\u{3164}", "\u{AD}", "\u{200D}", "\u{2800}", "\u{FE0F}"] {
            assert!(DisplayName::new(blank).is_err(), "{blank:?}");
            let json = serde_json::to_string(blank).unwrap();
            let read: DisplayName = serde_json::from_str(&json).unwrap();
            assert_eq!(read.as_str(), STAND_IN, "{blank:?}");
            let label: LabelText = serde_json::from_str(&json).unwrap();
            assert_eq!(label.as_str(), STAND_IN, "{blank:?}");
            let join = format!(r#"{{"type":"rename","name":{json}}}"#);
            assert!(
                serde_json::from_str::<crate::SessionCommand>(&join).is_err(),
                "{blank:?}"
            );
        }
        assert!(serde_json::from_str::<DisplayName>(r#""  ""#).is_err());
        assert!(serde_json::from_str::<ChatText>(r#""\u3164""#).is_ok());
    }

    #[test]
    fn texts_are_composed_as_pages_compose_them() {
        #[derive(Deserialize)]
        struct Case {
            typed: String,
            name: String,
            chat: String,
        }
        let cases: Vec<Case> = serde_json::from_str(include_str!("../tests/texts.json")).unwrap();
        for Case { typed, name, chat } in cases {
            for (kept, wanted) in [
                (DisplayName::new(&typed).map(|kept| kept.0), &name),
                (LabelText::new(&typed).map(|kept| kept.0), &name),
                (ChatText::new(&typed).map(|kept| kept.0), &chat),
                (DisplayName::new(&name).map(|kept| kept.0), &name),
            ] {
                assert_eq!(kept.as_ref(), Ok(wanted), "{typed:?}");
            }
        }
        let reference = Reference::new(&"u\u{308}".repeat(20)).unwrap();
        assert_eq!(reference.as_str(), "ü".repeat(20), "units count composed");
    }

    #[test]
    fn private_texts_do_not_show_themselves() {
        let shown = format!(
            "{:?} {:?}",
            ChatText::new("secret words"),
            PhoneNumber::new("+4915112345678")
        );
        assert!(
            !shown.contains("secret") && !shown.contains("4915"),
            "{shown}"
        );
    }
}
