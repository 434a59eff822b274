//! Pictures: how they are named, uploaded and viewed.

use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

/// A stored picture. The number of the event `capture_asked` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum Object {
    /// The picture itself, without strokes.
    Base {
        /// Which.
        picture: u32,
    },
    /// The picture as sent to the chat, with the strokes up to an event.
    Sent {
        /// Which.
        picture: u32,
        /// The event.
        through: u32,
    },
}

/// The purpose of an upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Upload {
    /// The base, sharp, from the customer's camera; the customer only.
    Sharp {
        /// Of which picture.
        picture: u32,
        /// The number of the request: 1, and one more for each repeat.
        attempt: u8,
    },
    /// The base, from the frame that the agent saw: low resolution; the agent only.
    Quick {
        /// Of which picture.
        picture: u32,
    },
    /// The picture with strokes, for the chat; every seat.
    Sent {
        /// Which picture.
        picture: u32,
        /// The event up to which strokes are in it: the newest that changed the picture's board
        /// (`drawn`, `undone`, `redone`, `cleared`), or `capture_asked` itself. So the same strokes
        /// have one number.
        through: u32,
    },
}

impl Upload {
    /// Which picture.
    #[must_use]
    pub const fn picture(self) -> u32 {
        match self {
            Self::Sharp { picture, .. } | Self::Quick { picture } | Self::Sent { picture, .. } => {
                picture
            }
        }
    }
}

/// Length of an upload, bytes: 1 to 8 MiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[ts(type = "number")]
pub struct UploadBytes(u32);

impl UploadBytes {
    /// Most bytes.
    pub const MAX: u32 = 8 * 1024 * 1024;

    /// Checks the length; `None` if it is 0 or too large.
    #[must_use]
    pub const fn new(bytes: u32) -> Option<Self> {
        if bytes >= 1 && bytes <= Self::MAX {
            Some(Self(bytes))
        } else {
            None
        }
    }

    /// The length.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl<'de> Deserialize<'de> for UploadBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = u32::deserialize(deserializer)?;
        Self::new(bytes).ok_or_else(|| serde::de::Error::custom("upload is empty or too long"))
    }
}

/// The one media type of uploads.
pub const UPLOAD_TYPE: &str = "image/jpeg";

/// Most pixels of a picture, 12 million: the largest that phone cameras give to a page.
pub const PICTURE_PIXELS_MAX: u32 = 12_000_000;

/// Most pixels on one side of a picture: more than browsers can paint on everywhere.
pub const PICTURE_SIDE_MAX: u16 = 8_192;

/// Most pictures that one session keeps at a time, unless a deployment's rules differ.
pub const PICTURES_MAX: u32 = 50;

/// Most strokes on one board, unless a deployment's rules differ.
pub const BOARD_STROKES_MAX: u32 = 1_000;

/// A signed upload may begin this long after it was issued, seconds.
pub const UPLOAD_S: u32 = 120;

/// Minutes that a clock is ahead of UTC: -14 h to +14 h.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[ts(type = "number")]
pub struct UtcOffset(i16);

impl UtcOffset {
    /// Most minutes ahead or behind.
    pub const MINUTES_MAX: i16 = 14 * 60;

    /// Checks the minutes; `None` if no clock in the world is that far off.
    #[must_use]
    pub const fn new(minutes: i16) -> Option<Self> {
        if minutes >= -Self::MINUTES_MAX && minutes <= Self::MINUTES_MAX {
            Some(Self(minutes))
        } else {
            None
        }
    }

    /// The minutes.
    #[must_use]
    pub const fn minutes(self) -> i16 {
        self.0
    }
}

impl<'de> Deserialize<'de> for UtcOffset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let minutes = i16::deserialize(deserializer)?;
        Self::new(minutes).ok_or_else(|| serde::de::Error::custom("no clock is that far off UTC"))
    }
}

/// Why the customer's page could not take or upload a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CaptureTrouble {
    /// The camera is off.
    CameraOff,
    /// The page is in the background.
    InBackground,
    /// The camera gave no picture, or it could not be encoded.
    NoPicture,
    /// The upload failed, also after retries.
    UploadFailed,
    /// The browser does not let pages read pictures: it returns noise (protection against
    /// fingerprinting).
    CanvasBlocked,
}

/// Where a picture comes from.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    TS,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum PictureSource {
    /// The customer's camera, in the call.
    #[default]
    Camera,
    /// A file that the customer chose.
    Gallery,
}

impl PictureSource {
    /// Whether it comes from the customer's camera. Records and messages leave this source out.
    #[must_use]
    pub const fn is_camera(&self) -> bool {
        matches!(self, Self::Camera)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn takes<T: for<'de> Deserialize<'de>>(json: &str) -> bool {
        serde_json::from_str::<T>(json).is_ok()
    }

    #[test]
    fn an_upload_has_1_byte_to_8_mebibytes() {
        for (bytes, taken) in [
            ("0", false),
            ("1", true),
            ("8388608", true),
            ("8388609", false),
            ("4294967296", false),
            ("-1", false),
            ("1.5", false),
            ("1e308", false),
            ("null", false),
            ("\"1\"", false),
        ] {
            assert_eq!(takes::<UploadBytes>(bytes), taken, "{bytes}");
        }
        assert_eq!(
            UploadBytes::new(UploadBytes::MAX).map(UploadBytes::get),
            Some(8_388_608)
        );
    }

    #[test]
    fn a_clock_is_at_most_14_hours_off() {
        for (minutes, taken) in [
            ("-841", false),
            ("-840", true),
            ("0", true),
            ("840", true),
            ("841", false),
            ("65536", false),
            ("60.5", false),
            ("1e308", false),
            ("null", false),
        ] {
            assert_eq!(takes::<UtcOffset>(minutes), taken, "{minutes}");
        }
        assert_eq!(
            UtcOffset::new(-840).map(UtcOffset::minutes),
            Some(-UtcOffset::MINUTES_MAX)
        );
    }

    #[test]
    fn an_attempt_fits_into_a_byte_and_every_kind_names_its_picture() {
        for (attempt, taken) in [("0", true), ("255", true), ("256", false), ("-1", false)] {
            let upload = format!(r#"{{"kind":"sharp","picture":5,"attempt":{attempt}}}"#);
            assert_eq!(takes::<Upload>(&upload), taken, "{attempt}");
        }
        for bad in [
            r#"{"kind":"blurred","picture":5}"#,
            r#"{"kind":"sharp","picture":5}"#,
            r#"{"kind":"sent","picture":5}"#,
            r#"{"kind":"quick"}"#,
            r#"{"kind":"quick","picture":-5}"#,
            r#"{"picture":5}"#,
        ] {
            assert!(!takes::<Upload>(bad), "{bad}");
        }
        for bad in [r#"{"of":"base"}"#, r#"{"of":"board","picture":5}"#, "5"] {
            assert!(!takes::<Object>(bad), "{bad}");
        }
        let picture = 5;
        for upload in [
            Upload::Sharp {
                picture,
                attempt: 1,
            },
            Upload::Quick { picture },
            Upload::Sent {
                picture,
                through: 9,
            },
        ] {
            assert_eq!(upload.picture(), picture);
        }
    }
}
