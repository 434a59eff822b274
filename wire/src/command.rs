//! The durable commands of a page. Each is done at most once, in the order of its page.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::text::given_name;
use crate::{
    Arrival, CaptureTrouble, ChatText, Digest, DisplayName, GeoPlace, GuestAnswer, GuestDevice,
    GuestWish, LobbyStep, Strokes, Upload, UtcOffset, ZoomLevel,
};

/// Durable commands of the topic `session`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SessionCommand {
    /// How far the customer is.
    Lobby {
        /// The step.
        step: LobbyStep,
    },
    /// The customer's name.
    Rename {
        /// The name.
        #[serde(deserialize_with = "given_name")]
        name: DisplayName,
    },
    /// Takes the seat for this page.
    Join {
        /// The person's name. An agent's is ignored, because the sign-in names them.
        #[serde(deserialize_with = "given_name")]
        name: DisplayName,
        /// No microphone and no sound: the person already speaks on the telephone.
        video_only: bool,
        /// The microphone is on.
        microphone: bool,
        /// The camera is on.
        camera: bool,
        /// Move the call here if another page holds the seat.
        take: bool,
        /// What the person joins with. Pages of the version before leave it out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        arrival: Option<Arrival>,
    },
    /// A device was switched.
    Media {
        /// The microphone is on.
        microphone: bool,
        /// The camera is on.
        camera: bool,
    },
    /// The customer's clock, for the time stamp on pictures.
    Zone {
        /// Minutes ahead of UTC.
        utc_offset_min: UtcOffset,
    },
    /// Cancels the invite; the agent only.
    Cancel,
    /// Ends the call for both.
    End,
}

/// Durable commands of the topic `chat`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChatCommand {
    /// A line of chat.
    Say {
        /// The line.
        text: ChatText,
    },
}

/// Durable commands of the topic `guest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GuestCommand {
    /// Switches a device of the customer off; the agent only.
    SwitchOff {
        /// Which.
        device: GuestDevice,
    },
    /// Zooms the customer's camera; the agent only.
    Zoom {
        /// How far.
        zoom: ZoomLevel,
    },
    /// Asks the customer for something; the agent only. One request is open at a time.
    Ask {
        /// For what.
        wish: GuestWish,
    },
    /// How a request went on; the customer only.
    Answer {
        /// The number of the event that asked.
        asked: u32,
        /// The answer.
        answer: GuestAnswer,
    },
    /// Tells where the phone is, once that was allowed; the customer only.
    Locate {
        /// The number of the event that asked.
        asked: u32,
        /// Where.
        place: GeoPlace,
    },
}

/// Durable commands of the topic `annotation`. A command changes only the strokes of the seat that
/// sends it, except `clear`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AnnotationCommand {
    /// Finished strokes.
    Draw {
        /// The picture; its board must be the open one.
        picture: u32,
        /// The strokes.
        strokes: Strokes,
    },
    /// Undoes the seat's newest stroke.
    Undo {
        /// On which picture.
        picture: u32,
    },
    /// Undoes all strokes of the seat.
    UndoAll {
        /// On which picture.
        picture: u32,
    },
    /// Reverts the seat's newest undo, unless the seat has drawn since.
    Redo {
        /// On which picture.
        picture: u32,
    },
    /// Removes the strokes of all seats for good; the agent only.
    Clear {
        /// On which picture.
        picture: u32,
    },
}

/// Durable commands of the topic `screenshots`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ScreenshotsCommand {
    /// The shutter was pressed. While a board is open this changes nothing: two presses at once
    /// make one picture.
    Capture,
    /// The customer chose a picture of another source than the call's camera, and uploads it as
    /// `sharp`; the customer only. While a board is open this changes nothing.
    Bring,
    /// Requests the picture from the customer's page again.
    CaptureAgain {
        /// Which picture.
        picture: u32,
    },
    /// The page could not take or upload the picture; the customer only.
    CaptureFailed {
        /// Which picture.
        picture: u32,
        /// The number of the failed request: 1, and one more for each repeat. Older ones are
        /// ignored.
        attempt: u8,
        /// Why.
        why: CaptureTrouble,
    },
    /// A base was uploaded: it is checked, kept, and shown to both.
    Uploaded {
        /// Which upload; `sharp` or `quick`.
        upload: Upload,
    },
    /// A picture with strokes was uploaded as `sent`: it is checked, kept, and appears in both
    /// chats.
    Send {
        /// Which picture.
        picture: u32,
        /// The event up to which strokes are in it: the newest known to the page that changed the
        /// picture's board, or the picture's own number. So the same strokes have one number.
        through: u32,
        /// The digest of the base that the strokes were drawn on, as its event names it. Another
        /// base is `malformed`. Pages from before there were digests leave it out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        base: Option<Digest>,
    },
    /// Deletes the picture, storage included. Answered when it is gone.
    Delete {
        /// Which picture.
        picture: u32,
    },
    /// Opens the board of a kept picture for both.
    Open {
        /// Which picture.
        picture: u32,
    },
    /// Closes the board for both and keeps it.
    Close {
        /// Which picture.
        picture: u32,
    },
}
