//! What a page says and hears over the WebSocket.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    ChatText, DisplayName, Event, LobbyStep, PageId, Refusal, RelayId, Sdp, Seat, SessionId,
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
}

/// Topic `session`. What carries `n` is a durable command: numbered from 1 by its page, answered by [`Done`], one under way at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum SessionSays {
    /// The first message of a connection: this page wants to hear about the session. Displaces nobody.
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
                | SessionSays::Cancel { n }
                | SessionSays::End { n },
            )
            | Self::Chat(ChatSays::Say { n, .. }) => Some(*n),
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
    /// The other seat's connection came or went. A hint only; what counts are the events `lost` and `resumed`.
    Connection {
        /// Whose.
        seat: Seat,
        /// It is there.
        here: bool,
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
    /// The offer is on its way to this relay; without an answer within 1 s the page repeats it, avoiding this one.
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
