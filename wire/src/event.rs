//! The ordered log of a session, as a page may see it.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    CaptureTrouble, ChatText, DisplayName, Language, PhoneNumber, Reference, Seat, Stroke,
    UtcOffset,
};

/// One durable thing that happened in a session. Events are numbered without gaps from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Event {
    /// Its place in the session's log, from 1.
    pub seq: u32,
    /// When the server took it, epoch milliseconds; never earlier than the event before.
    #[ts(type = "number")]
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened, as one seat may see it. The first variants are what the host knows more about than
/// it tells; fields that this seat may not see are absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventKind {
    /// The session began with an invite. Always event 1.
    InviteIssued {
        /// Who invites.
        agent_name: DisplayName,
        /// The language of the text message.
        language: Language,
        /// The invited number; the agent only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        number: Option<PhoneNumber>,
        /// The agent's reference; the agent only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        reference: Option<Reference>,
        /// When the invite expires, epoch milliseconds.
        #[ts(type = "number")]
        expires_at_ms: u64,
    },
    /// Somebody took their seat for the first time.
    Joined {
        /// Whose.
        seat: Seat,
        /// What they are called.
        name: DisplayName,
        /// They speak on the telephone already: no microphone, no sound.
        video_only: bool,
    },
    /// Another page took the seat.
    Moved {
        /// Whose.
        seat: Seat,
        /// They speak on the telephone there: no microphone, no sound.
        video_only: bool,
    },
    /// The same for every seat.
    #[serde(untagged)]
    Public(PublicFact),
}

/// What happened, as far as it is the same for every seat. A field here is public: every page of the
/// session receives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PublicFact {
    /// A text message is about to be handed over. No outcome within 30 s means: not known whether
    /// it went out.
    SmsAttempted {
        /// Counts from 1 in the session.
        attempt: u32,
    },
    /// The carrier's side took the message. That is no proof of delivery.
    SmsAccepted {
        /// Which attempt.
        attempt: u32,
    },
    /// The message was not taken.
    SmsFailed {
        /// Which attempt.
        attempt: u32,
        /// Why.
        why: SmsFailure,
    },
    /// A further link was made, to be copied or shown as a QR code.
    LinkMade,
    /// Somebody who holds a link tapped for the first time.
    LinkOpened,
    /// How far the customer is before joining.
    LobbyReached {
        /// Where.
        step: LobbyStep,
    },
    /// The customer chose a name.
    Renamed {
        /// The name.
        name: DisplayName,
    },
    /// Nothing was heard of a seat for a while (10 s after its connection closed, 40 s after its
    /// last word).
    Lost {
        /// Whose.
        seat: Seat,
    },
    /// A seat that was lost or left is back.
    Resumed {
        /// Whose.
        seat: Seat,
    },
    /// The page of a seat said goodbye without ending the call.
    Left {
        /// Whose.
        seat: Seat,
    },
    /// Somebody switched a device.
    MediaChanged {
        /// Whose.
        seat: Seat,
        /// The microphone is on.
        microphone: bool,
        /// The camera is on.
        camera: bool,
    },
    /// A line of chat.
    Said {
        /// Who.
        seat: Seat,
        /// The line.
        text: ChatText,
    },
    /// The customer's clock, for the time stamp on pictures.
    ZoneTold {
        /// Minutes ahead of UTC.
        utc_offset_min: UtcOffset,
    },
    /// Somebody pressed the shutter: the board of a new picture, named by this event's number,
    /// opens for both, and the customer's page takes the picture. This event's time is the one
    /// stamped on it.
    CaptureAsked {
        /// Who pressed.
        seat: Seat,
    },
    /// The customer's page is asked for the picture once more.
    CaptureRepeated {
        /// Who asks.
        seat: Seat,
        /// Which picture.
        picture: u32,
        /// Which asking this is, from 2.
        attempt: u8,
    },
    /// The customer's page has no picture to give.
    CaptureFailed {
        /// Which picture.
        picture: u32,
        /// Why.
        why: CaptureTrouble,
    },
    /// The base is there and can be looked at.
    PictureKept {
        /// Which picture.
        picture: u32,
        /// Pixels.
        width: u16,
        /// Pixels.
        height: u16,
        /// It is what the agent saw, not what the camera gave.
        low_resolution: bool,
    },
    /// The picture is gone, storage included, and its board with it.
    PictureDeleted {
        /// Who pressed.
        seat: Seat,
        /// Which picture.
        picture: u32,
    },
    /// A board of the strip was opened for both.
    BoardOpened {
        /// Who opened it.
        seat: Seat,
        /// Which picture.
        picture: u32,
    },
    /// The board was closed for both, and is kept.
    BoardClosed {
        /// Who closed it.
        seat: Seat,
        /// Which picture.
        picture: u32,
    },
    /// A finished stroke, named by this event's number.
    Drawn {
        /// Whose.
        seat: Seat,
        /// On which picture.
        picture: u32,
        /// The stroke.
        stroke: Stroke,
    },
    /// Strokes were taken back by their author.
    Undone {
        /// Whose.
        seat: Seat,
        /// On which picture.
        picture: u32,
        /// Their numbers, ascending.
        strokes: Vec<u32>,
    },
    /// Strokes taken back stand again.
    Redone {
        /// Whose.
        seat: Seat,
        /// On which picture.
        picture: u32,
        /// Their numbers, ascending.
        strokes: Vec<u32>,
    },
    /// The agent took everybody's strokes away, for good.
    Cleared {
        /// On which picture.
        picture: u32,
    },
    /// A picture with strokes was sent to the chat.
    PictureSent {
        /// Who sent it.
        seat: Seat,
        /// Which picture.
        picture: u32,
        /// With the strokes that stood at this event.
        through: u32,
        /// Pixels.
        width: u16,
        /// Pixels.
        height: u16,
    },
    /// The session is over; nothing follows.
    Ended {
        /// Why.
        why: EndReason,
    },
}

/// How far a customer is before joining, and what keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum LobbyStep {
    /// The lobby is open.
    InLobby,
    /// The browser's question for camera or microphone is open.
    Asking,
    /// Join was tapped.
    Joining,
    /// The camera was refused.
    CameraDenied,
    /// There is no camera.
    CameraAbsent,
    /// Another program holds the camera.
    CameraBusy,
    /// The microphone was refused.
    MicrophoneDenied,
    /// There is no microphone, or another program holds it.
    MicrophoneAbsent,
    /// The browser's question was not answered for 8 s.
    NoAnswer,
    /// The link was opened inside an app whose browser gives no camera.
    InAppBrowser,
}

/// Why a text message did not go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SmsFailure {
    /// The number cannot receive text messages.
    BadNumber,
    /// The person asked for no more messages.
    OptedOut,
    /// Too many messages in too short a time.
    Throttled,
    /// The month's budget is used up.
    SpendLimit,
    /// Nothing is sent to this country.
    CountryBlocked,
    /// This agent has sent all they may in a day.
    AgentLimit,
    /// This number has been sent all it may in a day.
    NumberLimit,
    /// The deployment has sent all it may in a day.
    DayLimit,
    /// Text messages are switched off.
    SwitchedOff,
    /// The messages service failed.
    Trouble,
}

/// Why a session ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The agent ended the call.
    AgentEnded,
    /// The customer ended the call.
    CustomerEnded,
    /// The agent took the invitation back.
    InviteCancelled,
    /// Nobody joined before the invite expired.
    InviteExpired,
    /// Nobody was heard for too long.
    NobodyHeard,
    /// The session reached its longest duration.
    TooLong,
}
