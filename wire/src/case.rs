//! What a call leaves behind: bodies of `GET /api/sessions/{id}/pictures`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::PictureSource;

/// Answer to `GET /api/sessions/{id}/pictures`: what is stored of the call's pictures. Each address
/// is valid for five minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, schemars::JsonSchema)]
#[schemars(description = "What is stored of the pictures of a call.")]
pub struct CallPictures {
    /// In the order in which they were asked for.
    pub pictures: Vec<CallPicture>,
}

/// A picture of a call, of which the base or what was sent is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, schemars::JsonSchema)]
pub struct CallPicture {
    /// The number of the event that asked for it.
    pub picture: u32,
    /// When it was asked for, epoch milliseconds.
    #[ts(type = "number")]
    pub at_ms: u64,
    /// Where it comes from.
    pub source: PictureSource,
    /// The address of the base. Absent for a picture that was deleted after it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub base: Option<String>,
    /// Of the base, pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub width: Option<u16>,
    /// Of the base, pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub height: Option<u16>,
    /// With strokes, as sent to the chat; oldest first.
    pub sent: Vec<SentPicture>,
}

/// A picture with strokes, as sent to the chat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, schemars::JsonSchema)]
pub struct SentPicture {
    /// The event up to which strokes are in it.
    pub through: u32,
    /// Its address.
    pub url: String,
}
