//! What a page says and hears over the WebSocket.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    CaptureTrouble, ChatText, DisplayName, Event, LobbyStep, Object, PageId, Passing, Refusal,
    RelayId, Sdp, Seat, SessionId, Strokes, Upload, UploadBytes, UtcOffset,
};

/// A message of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FromPage {
    /// The session it is about.
    pub session: SessionId,
    /// The page that speaks.
    pub page: PageId,
    /// What it says.
    #[serde(flatten)]
    pub says: PageSays,
}

/// What a page says, by topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "topic", rename_all = "snake_case")]
pub enum PageSays {
    /// The log, the seats, the end.
    Session(SessionSays),
    /// Media set-up.
    Signaling(SignalingSays),
    /// Words between the two.
    Chat(ChatSays),
    /// Strokes on the open board.
    Annotation(AnnotationSays),
    /// Pictures and their boards.
    Screenshots(ScreenshotsSays),
}

/// Topic `session`. What carries `n` is a durable command: numbered from 1 by its page, answered by
/// [`Done`], one under way at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SessionSays {
    /// The first message of a connection: this page wants to hear about the session. Displaces
    /// nobody.
    Attach {
        /// For which seat; the connection's cookies must allow it.
        seat: Seat,
    },
    /// Sign of life. Answered by `pong`.
    Ping,
    /// Asks for the events after `after`.
    Resume {
        /// The last event this page has.
        after: u32,
    },
    /// How far the customer is.
    Lobby {
        /// Command number.
        n: u32,
        /// Where.
        step: LobbyStep,
    },
    /// The customer's name.
    Rename {
        /// Command number.
        n: u32,
        /// The name.
        name: DisplayName,
    },
    /// Takes the seat for this page.
    Join {
        /// Command number.
        n: u32,
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
        /// Command number.
        n: u32,
        /// The microphone is on.
        microphone: bool,
        /// The camera is on.
        camera: bool,
    },
    /// The customer's clock, for the time stamp on pictures.
    Zone {
        /// Command number.
        n: u32,
        /// Minutes ahead of UTC.
        utc_offset_min: UtcOffset,
    },
    /// The page goes away without ending the call. Not answered.
    Leave,
    /// Takes the invite back; the agent only.
    Cancel {
        /// Command number.
        n: u32,
    },
    /// Ends the call for both.
    End {
        /// Command number.
        n: u32,
    },
}

/// Topic `signaling`. Nothing here is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SignalingSays {
    /// The page's one offer. Answered by `answer` or `no_relay`.
    Offer {
        /// Counts up per page, so that a late answer is told from the one asked for.
        attempt: u32,
        /// The offer.
        sdp: Sdp,
        /// A relay that did not answer, to be avoided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        avoid: Option<RelayId>,
    },
    /// The relay still treats this page as a guest although it joined: tell the relay again.
    Promote,
    /// Told to the other seat as it is.
    Presence(Presence),
}

/// Topic `chat`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChatSays {
    /// A line of chat.
    Say {
        /// Command number.
        n: u32,
        /// The line.
        text: ChatText,
    },
    /// The person is typing. Not stored.
    Typing,
}

/// Topic `annotation`. The strokes a command touches are those of the seat that asks, whatever it
/// sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AnnotationSays {
    /// Finished strokes.
    Draw {
        /// Command number.
        n: u32,
        /// On which picture; its board must be the open one.
        picture: u32,
        /// The strokes.
        strokes: Strokes,
    },
    /// Takes back the newest of one's own strokes that stand.
    Undo {
        /// Command number.
        n: u32,
        /// On which picture.
        picture: u32,
    },
    /// Takes back all of one's own strokes.
    UndoAll {
        /// Command number.
        n: u32,
        /// On which picture.
        picture: u32,
    },
    /// Takes one's own newest undo back, as long as nothing was drawn after it.
    Redo {
        /// Command number.
        n: u32,
        /// On which picture.
        picture: u32,
    },
    /// Takes everybody's strokes away, for good; the agent only.
    Clear {
        /// Command number.
        n: u32,
        /// On which picture.
        picture: u32,
    },
    /// Told to the other seat as it is. Not stored.
    Passing {
        /// What.
        passing: Passing,
    },
}

/// Topic `screenshots`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ScreenshotsSays {
    /// The shutter was pressed. While a board is open this changes nothing: two presses at once
    /// make one picture.
    Capture {
        /// Command number.
        n: u32,
    },
    /// Asks the customer's page for the picture once more.
    CaptureAgain {
        /// Command number.
        n: u32,
        /// Which picture.
        picture: u32,
    },
    /// There is no picture to give; the customer only.
    CaptureFailed {
        /// Command number.
        n: u32,
        /// Which picture.
        picture: u32,
        /// Which asking failed: 1, and one more for each repeat. Of an older one nobody needs to
        /// hear.
        attempt: u8,
        /// Why.
        why: CaptureTrouble,
    },
    /// Asks for a signed upload. Answered by `slot` or `no_slot`.
    Slot {
        /// What it is to become.
        upload: Upload,
        /// Its exact length.
        bytes: UploadBytes,
    },
    /// A base was uploaded: it is checked, kept, and shown to both.
    Uploaded {
        /// Command number.
        n: u32,
        /// Which upload; `sharp` or `quick`.
        upload: Upload,
    },
    /// A picture with strokes was uploaded as `sent`: it is checked, kept, and appears in both
    /// chats.
    Send {
        /// Command number.
        n: u32,
        /// Which picture.
        picture: u32,
        /// The page composed it from the strokes that stand at this event: of those the page has,
        /// the newest that changed the picture's board, or the picture's own when none did. So the
        /// same strokes have one number.
        through: u32,
    },
    /// Deletes the picture, storage included. Answered when it is gone.
    Delete {
        /// Command number.
        n: u32,
        /// Which picture.
        picture: u32,
    },
    /// Opens the board of a kept picture for both.
    Open {
        /// Command number.
        n: u32,
        /// Which picture.
        picture: u32,
    },
    /// Closes the board for both and keeps it.
    Close {
        /// Command number.
        n: u32,
        /// Which picture.
        picture: u32,
    },
    /// Asks for a link to look at a picture. Answered by `link` or `no_link`.
    View {
        /// Which.
        object: Object,
    },
}

impl PageSays {
    /// The command number, when this is a durable command.
    #[must_use]
    pub const fn command_number(&self) -> Option<u32> {
        match self {
            Self::Session(
                SessionSays::Lobby { n, .. }
                | SessionSays::Rename { n, .. }
                | SessionSays::Join { n, .. }
                | SessionSays::Media { n, .. }
                | SessionSays::Zone { n, .. }
                | SessionSays::Cancel { n }
                | SessionSays::End { n },
            )
            | Self::Chat(ChatSays::Say { n, .. })
            | Self::Annotation(
                AnnotationSays::Draw { n, .. }
                | AnnotationSays::Undo { n, .. }
                | AnnotationSays::UndoAll { n, .. }
                | AnnotationSays::Redo { n, .. }
                | AnnotationSays::Clear { n, .. },
            )
            | Self::Screenshots(
                ScreenshotsSays::Capture { n }
                | ScreenshotsSays::CaptureAgain { n, .. }
                | ScreenshotsSays::CaptureFailed { n, .. }
                | ScreenshotsSays::Uploaded { n, .. }
                | ScreenshotsSays::Send { n, .. }
                | ScreenshotsSays::Delete { n, .. }
                | ScreenshotsSays::Open { n, .. }
                | ScreenshotsSays::Close { n, .. },
            ) => Some(*n),
            _ => None,
        }
    }
}

/// Passing circumstances of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Presence {
    /// The page is in the background or the phone took the camera away.
    pub paused: bool,
}

/// A message to a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ToPage {
    /// The session it is about; absent only in a refusal of something that named none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub session: Option<SessionId>,
    /// What it hears.
    #[serde(flatten)]
    pub hears: PageHears,
}

/// What a page hears, by topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "topic", rename_all = "snake_case")]
pub enum PageHears {
    /// The log, the seats, the end.
    Session(SessionHears),
    /// Media set-up.
    Signaling(SignalingHears),
    /// Words between the two.
    Chat(ChatHears),
    /// Strokes on the open board.
    Annotation(AnnotationHears),
    /// Pictures and their boards.
    Screenshots(ScreenshotsHears),
}

/// Topic `session`, towards a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SessionHears {
    /// Answer to `attach`.
    Attached(Attached),
    /// Answer to `ping`.
    Pong {
        /// Newest sequence number: whoever is behind asks with `resume`.
        head: u32,
        /// The server's clock, epoch milliseconds.
        #[ts(type = "number")]
        now_ms: u64,
    },
    /// Events in order: pushed as they happen, or the answer to `resume`.
    Events(Batch),
    /// Answer to a durable command.
    Done(Done),
    /// Something that is no durable command was refused.
    Refused {
        /// Why.
        #[serde(flatten)]
        refusal: Refusal,
    },
    /// Another page took this page's seat. It must not reconnect by itself.
    Moved,
    /// The other seat's connection came or went. A hint only; what counts are the events `lost` and
    /// `resumed`.
    Connection {
        /// Whose.
        seat: Seat,
        /// It is there.
        here: bool,
    },
    /// The connection is about to be closed: said before the close where its frame cannot carry the
    /// code (API Gateway's `DELETE @connections` has none). To be taken as that code.
    Closing {
        /// [`crate::CLOSE_VERSION`] or [`crate::CLOSE_FLOOD`].
        code: u16,
    },
}

/// Answer to `attach`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Attached {
    /// The seat.
    pub seat: Seat,
    /// Newest sequence number.
    pub head: u32,
    /// The server's clock, epoch milliseconds.
    #[ts(type = "number")]
    pub now_ms: u64,
    /// This page holds the seat: it joined before and may go on (a reload).
    pub holds_seat: bool,
    /// Another page holds the seat: `join` needs `take`.
    pub held_elsewhere: bool,
    /// The number of this page's next command, as the server remembers it.
    pub next_n: u32,
    /// The other seat's connection is there.
    pub other_here: bool,
}

/// Some events in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Batch {
    /// In order, without gaps.
    pub events: Vec<Event>,
    /// Newest sequence number of the session.
    pub head: u32,
    /// There is more after these: ask again after the last.
    pub more: bool,
}

/// The answer to a durable command. A repeated command gets its first answer again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Done {
    /// Which command.
    pub n: u32,
    /// Newest sequence number of the session.
    pub head: u32,
    /// Why not, or absent when it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub refused: Option<Refusal>,
}

/// Topic `signaling`, towards a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SignalingHears {
    /// A relay answered.
    Answer {
        /// To which attempt.
        attempt: u32,
        /// The answer.
        sdp: Sdp,
        /// Which relay.
        relay: RelayId,
    },
    /// The offer is on its way to this relay; without an answer within 1 s the page repeats it,
    /// avoiding this one.
    Offered {
        /// Which attempt.
        attempt: u32,
        /// Which relay.
        relay: RelayId,
    },
    /// No relay can take the offer at the moment. The page tries again.
    NoRelay {
        /// Which attempt.
        attempt: u32,
        /// The offer itself was not acceptable: trying again is no use.
        unacceptable: bool,
    },
    /// The relay dropped this page's seat: offer again.
    Gone {
        /// The relay.
        relay: RelayId,
    },
    /// Circumstances of the other seat.
    Presence(Presence),
}

/// Topic `chat`, towards a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ChatHears {
    /// The other person is typing.
    Typing,
}

/// Topic `annotation`, towards a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AnnotationHears {
    /// What the other seat's page said.
    Passing {
        /// What.
        passing: Passing,
    },
}

/// Topic `screenshots`, towards a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ScreenshotsHears {
    /// Answer to `slot`: a request that is good for [`crate::UPLOAD_S`], once, for exactly the
    /// length that was named. Its type is [`crate::UPLOAD_TYPE`]. An answer of 412 to it means that
    /// the upload is already there.
    Slot {
        /// For which upload.
        upload: Upload,
        /// Where to `PUT`.
        url: String,
        /// Headers to send with it, name and value: they are signed.
        headers: Vec<(String, String)>,
    },
    /// Answer to `slot`: not possible.
    NoSlot {
        /// For which upload.
        upload: Upload,
        /// Why.
        refusal: Refusal,
    },
    /// Answer to `view`.
    Link {
        /// Which picture.
        object: Object,
        /// Where to `GET` it.
        url: String,
        /// When the link stops working, epoch milliseconds.
        #[ts(type = "number")]
        expires_at_ms: u64,
    },
    /// Answer to `view`: not possible.
    NoLink {
        /// Which picture.
        object: Object,
        /// Why.
        refusal: Refusal,
    },
}
