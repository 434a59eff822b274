//! What a page says and hears over the WebSocket.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    AnnotationCommand, ChatCommand, Event, Object, PageId, Passing, Refusal, RelayId,
    ScreenshotsCommand, Sdp, Seat, SessionCommand, SessionId, Upload, UploadBytes,
};

/// A message of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FromPage {
    /// The session it is about.
    pub session: SessionId,
    /// The page that speaks.
    pub page: PageId,
    /// The number of a durable command, absent in all other messages. A page counts its commands
    /// from 1, each is answered by [`Done`], and one is under way at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub n: Option<u32>,
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

/// Topic `session`.
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
    /// The page goes away without ending the call. Not answered.
    Leave,
    /// A durable command.
    #[serde(untagged)]
    Command(SessionCommand),
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
    /// The person is typing. Not stored.
    Typing,
    /// A durable command.
    #[serde(untagged)]
    Command(ChatCommand),
}

/// Topic `annotation`. The strokes a command touches are those of the seat that asks, whatever it
/// sends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AnnotationSays {
    /// Told to the other seat as it is. Not stored.
    Passing {
        /// What.
        passing: Passing,
    },
    /// A durable command.
    #[serde(untagged)]
    Command(AnnotationCommand),
}

/// Topic `screenshots`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ScreenshotsSays {
    /// Asks for a signed upload. Answered by `slot` or `no_slot`.
    Slot {
        /// What it is to become.
        upload: Upload,
        /// Its exact length.
        bytes: UploadBytes,
    },
    /// Asks for a link to look at a picture. Answered by `link` or `no_link`.
    View {
        /// Which.
        object: Object,
    },
    /// A durable command.
    #[serde(untagged)]
    Command(ScreenshotsCommand),
}

impl PageSays {
    /// Whether this is a durable command, which needs a number.
    #[must_use]
    pub const fn is_command(&self) -> bool {
        matches!(
            self,
            Self::Session(SessionSays::Command(_))
                | Self::Chat(ChatSays::Command(_))
                | Self::Annotation(AnnotationSays::Command(_))
                | Self::Screenshots(ScreenshotsSays::Command(_))
        )
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
