//! The durable commands of a page. Each is done at most once, in the order of its page.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{CaptureTrouble, ChatText, DisplayName, LobbyStep, Strokes, Upload, UtcOffset};

/// Durable commands of the topic `session`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SessionCommand {
    /// How far the customer is.
    Lobby {
        /// Where.
        step: LobbyStep,
    },
    /// The customer's name.
    Rename {
        /// The name.
        name: DisplayName,
    },
    /// Takes the seat for this page.
    Join {
        /// What the person is called. An agent's is ignored: the sign-in names them.
        name: DisplayName,
        /// No microphone, no sound: they speak on the telephone already.
        video_only: bool,
        /// The microphone is on.
        microphone: bool,
        /// The camera is on.
        camera: bool,
        /// Move the call here if another page holds the seat.
        take: bool,
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
    /// Takes the invite back; the agent only.
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

/// Durable commands of the topic `annotation`. The strokes a command touches are those of the seat
/// that asks, whatever it sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AnnotationCommand {
    /// Finished strokes.
    Draw {
        /// On which picture; its board must be the open one.
        picture: u32,
        /// The strokes.
        strokes: Strokes,
    },
    /// Takes back the newest of one's own strokes that stand.
    Undo {
        /// On which picture.
        picture: u32,
    },
    /// Takes back all of one's own strokes.
    UndoAll {
        /// On which picture.
        picture: u32,
    },
    /// Takes one's own newest undo back, as long as nothing was drawn after it.
    Redo {
        /// On which picture.
        picture: u32,
    },
    /// Takes everybody's strokes away, for good; the agent only.
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
    /// Asks the customer's page for the picture once more.
    CaptureAgain {
        /// Which picture.
        picture: u32,
    },
    /// There is no picture to give; the customer only.
    CaptureFailed {
        /// Which picture.
        picture: u32,
        /// Which asking failed: 1, and one more for each repeat. Of an older one nobody needs to
        /// hear.
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
        /// The page composed it from the strokes that stand at this event: of those the page has,
        /// the newest that changed the picture's board, or the picture's own when none did. So the
        /// same strokes have one number.
        through: u32,
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
