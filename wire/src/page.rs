//! Messages of a page's WebSocket, in both directions.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    AnnotationCommand, ChatCommand, Event, GoneWhy, GuestCommand, Moments, Object, OfferFault,
    PageId, Passing, Refusal, RelayId, ScreenshotsCommand, Sdp, Seat, SessionCommand, SessionId,
    Upload, UploadBytes,
};

/// A message of a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FromPage {
    /// The session.
    pub session: SessionId,
    /// The page that sends it.
    pub page: PageId,
    /// The number of a durable command, absent in all other messages. A page counts its commands
    /// from 1, each is answered by [`Done`], and one is under way at a time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub n: Option<u32>,
    /// The message itself.
    #[serde(flatten)]
    pub says: PageSays,
}

/// A message of a page, by topic.
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
    /// The guest's controls.
    Guest(GuestCommand),
}

/// Topic `session`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SessionSays {
    /// The first message of a connection: subscribes this page to the session. Displaces no page.
    Attach {
        /// For which seat; the connection's cookies must allow it.
        seat: Seat,
        /// The page's offer, if it is made already: it saves a round trip. A server of the version
        /// before ignores it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        offer: Option<FirstOffer>,
    },
    /// Sign of life. Answered by `pong`.
    Ping {
        /// How well the call ran lately; at most once a minute.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        moments: Option<Moments>,
    },
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

/// An offer that comes with `attach`, treated as the message `offer` after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FirstOffer {
    /// As in `offer`.
    pub attempt: u32,
    /// The offer.
    pub sdp: Sdp,
}

/// Topic `signaling`. Nothing here is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SignalingSays {
    /// The page's one offer. Answered by `answer` or `no_relay`.
    Offer {
        /// Counts up per page, so that the page can ignore late answers.
        attempt: u32,
        /// The offer.
        sdp: Sdp,
        /// A relay that did not answer and is to be avoided.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        avoid: Option<RelayId>,
    },
    /// The relay still treats this page as a guest although it has joined: asks the host to tell
    /// the relay again.
    Promote,
    /// Passed to the other seats unchanged.
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

/// Topic `annotation`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum AnnotationSays {
    /// Passed to the other seats unchanged. Not stored.
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
        /// The purpose of the upload.
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
    /// Whether this is a durable command, which must have a number.
    #[must_use]
    pub const fn is_command(&self) -> bool {
        matches!(
            self,
            Self::Session(SessionSays::Command(_))
                | Self::Chat(ChatSays::Command(_))
                | Self::Annotation(AnnotationSays::Command(_))
                | Self::Screenshots(ScreenshotsSays::Command(_))
                | Self::Guest(_)
        )
    }
}

/// Passing circumstances of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Presence {
    /// The page is in the background, or its phone keeps the camera's picture back.
    pub paused: bool,
    /// Only the camera is paused: the page is in front, and its sound goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub camera: Option<bool>,
}

/// A message to a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ToPage {
    /// The session; absent only in the refusal of a message without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub session: Option<SessionId>,
    /// The message itself.
    #[serde(flatten)]
    pub hears: PageHears,
}

/// A message to a page, by topic.
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
        /// Newest sequence number. A page with a lower head sends `resume`.
        head: u32,
        /// The server's clock, epoch milliseconds.
        #[ts(type = "number")]
        now_ms: u64,
    },
    /// Events in order: pushed as they happen, or the answer to `resume`.
    Events(Batch),
    /// Answer to a durable command.
    Done(Done),
    /// A message other than a durable command was refused.
    Refused {
        /// Why.
        #[serde(flatten)]
        refusal: Refusal,
    },
    /// Another page took this page's seat. It must not reconnect by itself.
    Moved,
    /// The agent took back the link that led this page here. It must not reconnect by itself, and
    /// its connection is about to be closed.
    Renewed,
    /// The other seat's connection came or went. A hint only; the events `lost` and `resumed`
    /// decide.
    Connection {
        /// Whose.
        seat: Seat,
        /// The connection exists.
        here: bool,
    },
    /// A page that does not hold this seat attached to it: a second device or somebody else has the
    /// link, too. Others learn no more of it.
    Guest {
        /// Which.
        seat: Seat,
    },
    /// The connection is about to be closed with this code. Sent before a close that cannot carry
    /// the code itself (API Gateway's `DELETE @connections` has none).
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
    /// The other seat has a connection.
    pub other_here: bool,
    /// The attempt of the offer that came with `attach`: it is passed on. A page that sent one and
    /// does not find it here sends `offer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub offered: Option<u32>,
}

/// Some events in order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Batch {
    /// In order, without gaps.
    pub events: Vec<Event>,
    /// Newest sequence number of the session.
    pub head: u32,
    /// The log goes on after these: ask again after the last.
    pub more: bool,
}

/// The answer to a durable command. A repeated command gets its first answer again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Done {
    /// Which command.
    pub n: u32,
    /// Newest sequence number of the session.
    pub head: u32,
    /// The refusal, absent if it was done.
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
    /// The offer is on its way to this relay. Without an answer within 1 s the page repeats it,
    /// avoiding this relay.
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
        /// The offer itself was refused: trying again is useless.
        unacceptable: bool,
        /// What is wrong with an unacceptable offer, as far as the relay said.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        fault: Option<OfferFault>,
    },
    /// The relay dropped this page's seat: offer again.
    Gone {
        /// The relay.
        relay: RelayId,
        /// What the page did to bring it about, if it did.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        why: Option<GoneWhy>,
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
    /// The message of another seat's page.
    Passing {
        /// What.
        passing: Passing,
    },
}

/// Topic `screenshots`, towards a page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ScreenshotsHears {
    /// Answer to `slot`: a signed request that is valid for [`crate::UPLOAD_S`], once, for exactly
    /// the requested length. Its type is [`crate::UPLOAD_TYPE`]. The status 412 means that the
    /// upload exists already.
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
