//! Events of a session's log, as a page may see them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    CaptureTrouble, ChatText, Digest, DisplayName, GeoPlace, GuestAnswer, GuestDevice, GuestWish,
    Language, PhoneNumber, PictureSource, Reference, Seat, Stroke, UtcOffset, ZoomLevel,
};

/// A durable event of a session. Events are numbered without gaps from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Event {
    /// Its place in the session's log, from 1.
    pub seq: u32,
    /// When the server took it, epoch milliseconds; never earlier than the previous event.
    #[ts(type = "number")]
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub kind: EventKind,
}

/// What happened, as one seat may see it. The host knows more about the first variants than it
/// sends; fields that this seat may not see are absent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventKind {
    /// The session began with an invite. Always event 1.
    InviteIssued {
        /// The inviting agent's name; the business's if the call waits for an agent.
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
    /// An agent took a call that waited for one.
    CallTaken {
        /// The agent's name.
        agent_name: DisplayName,
    },
    /// A page took a seat for the first time.
    Joined {
        /// Whose.
        seat: Seat,
        /// The person's name.
        name: DisplayName,
        /// The person already speaks on the telephone: no microphone, no sound.
        video_only: bool,
    },
    /// Another page took the seat.
    Moved {
        /// Whose.
        seat: Seat,
        /// The person speaks on the telephone there: no microphone, no sound.
        video_only: bool,
    },
    /// The same for every seat.
    #[serde(untagged)]
    Public(PublicFact),
}

/// What happened, for events that are the same for every seat. A field here is public: every page
/// of the session receives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum PublicFact {
    /// A text message is about to be sent. Without an outcome within 30 s it is not known whether
    /// it was sent.
    SmsAttempted {
        /// Counts from 1 in the session.
        attempt: u32,
    },
    /// The carrier accepted the message, which does not prove delivery.
    SmsAccepted {
        /// Which attempt.
        attempt: u32,
    },
    /// The message was rejected or not sent.
    SmsFailed {
        /// Which attempt.
        attempt: u32,
        /// Why.
        why: SmsFailure,
    },
    /// A further link was made, to be copied or shown as a QR code.
    LinkMade,
    /// The agent took back every link, code and seat of the customer and made a new link. No page
    /// holds the customer's seat from here on, and it is away until somebody joins.
    LinksRenewed,
    /// A link was opened by a tap for the first time.
    LinkOpened,
    /// How far the customer is before joining.
    LobbyReached {
        /// The step.
        step: LobbyStep,
    },
    /// The customer chose a name.
    Renamed {
        /// The name.
        name: DisplayName,
    },
    /// A seat's page was silent for too long (10 s after its connection closed, 40 s after its last
    /// message).
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
    /// A person switched a device.
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
    /// The shutter was pressed, or the customer chose a picture. This event's number names the new
    /// picture, whose board opens for both. The customer's page takes the picture. This event's
    /// time is stamped on it.
    CaptureAsked {
        /// Who pressed.
        seat: Seat,
        /// Where the picture comes from. Absent for the camera.
        #[serde(default, skip_serializing_if = "PictureSource::is_camera")]
        #[ts(optional, as = "Option<PictureSource>")]
        source: PictureSource,
    },
    /// The picture is requested from the customer's page again.
    CaptureRepeated {
        /// Who asks.
        seat: Seat,
        /// Which picture.
        picture: u32,
        /// The number of this request, from 2.
        attempt: u8,
    },
    /// The customer's page could not take or upload the picture.
    CaptureFailed {
        /// Which picture.
        picture: u32,
        /// Why.
        why: CaptureTrouble,
    },
    /// The base is stored and can be viewed.
    PictureKept {
        /// Which picture.
        picture: u32,
        /// Pixels.
        width: u16,
        /// Pixels.
        height: u16,
        /// It is the frame that the agent saw, not the camera's picture.
        low_resolution: bool,
        /// Of the stored bytes. Absent for pictures from before there were digests.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        digest: Option<Digest>,
    },
    /// The picture and its board are deleted, also from storage.
    PictureDeleted {
        /// Who pressed.
        seat: Seat,
        /// Which picture.
        picture: u32,
    },
    /// A kept picture's board was opened for both.
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
    /// The author undid strokes.
    Undone {
        /// Whose.
        seat: Seat,
        /// On which picture.
        picture: u32,
        /// Their numbers, ascending.
        strokes: Vec<u32>,
    },
    /// The author brought undone strokes back.
    Redone {
        /// Whose.
        seat: Seat,
        /// On which picture.
        picture: u32,
        /// Their numbers, ascending.
        strokes: Vec<u32>,
    },
    /// The agent removed the strokes of all seats for good.
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
        /// The event up to which strokes are in it.
        through: u32,
        /// Pixels.
        width: u16,
        /// Pixels.
        height: u16,
        /// Of the stored bytes. Absent for pictures from before there were digests.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        digest: Option<Digest>,
        /// Of the base under the strokes, likewise.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[ts(optional)]
        base: Option<Digest>,
    },
    /// The agent switched a device of the customer off. The customer's page does it, and says so
    /// with `media_changed`.
    GuestSwitchedOff {
        /// Which.
        device: GuestDevice,
    },
    /// The agent zoomed the customer's camera.
    GuestZoomed {
        /// How far.
        zoom: ZoomLevel,
    },
    /// The agent asks the customer for something. This event's number names the request. It is over
    /// when it is answered, or when the customer's page goes.
    GuestAsked {
        /// For what.
        wish: GuestWish,
    },
    /// A request went on. Every answer but `allowed` closes it.
    GuestAnswered {
        /// The number of the event that asked.
        asked: u32,
        /// How.
        answer: GuestAnswer,
    },
    /// The customer's phone told where it is. Closes the request.
    Located {
        /// The number of the event that asked.
        asked: u32,
        /// Where.
        place: GeoPlace,
    },
    /// The session is over; nothing follows.
    Ended {
        /// Why.
        why: EndReason,
    },
}

impl PublicFact {
    /// How many bytes it has as JSON, without the number and the time of its event.
    #[must_use]
    pub fn json_bytes(&self) -> u32 {
        json_bytes(self)
    }
}

/// Counts the bytes of a value as JSON, and keeps none of them.
fn json_bytes(value: &impl Serialize) -> u32 {
    struct Count(usize);
    impl std::io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 = self.0.saturating_add(bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    // Words of ours always encode, and counting cannot fail.
    match serde_json::to_writer(&mut count, value) {
        Ok(()) => u32::try_from(count.0).unwrap_or(u32::MAX),
        Err(_) => u32::MAX,
    }
}

/// How far a customer is before joining, or the obstacle.
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
    /// The customer's network lets requests through and no WebSocket. Reported over HTTP.
    ConnectionBlocked,
    /// The customer's browser keeps no cookie. Reported over HTTP.
    CookiesBlocked,
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
    /// Text messages to this country are not allowed.
    CountryBlocked,
    /// The agent's limit of the day is reached.
    AgentLimit,
    /// The limit of the day of the number, or of the numbers next to it, is reached.
    NumberLimit,
    /// The deployment's limit of the day is reached.
    DayLimit,
    /// Text messages are switched off.
    SwitchedOff,
    /// The messages service failed.
    Trouble,
}

/// Why a session ended.
#[derive(
    Clone,
    Copy,
    Debug,
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
pub enum EndReason {
    /// The agent ended the call.
    AgentEnded,
    /// The customer ended the call.
    CustomerEnded,
    /// The agent cancelled the invite.
    InviteCancelled,
    /// The invite expired before the customer joined.
    InviteExpired,
    /// No page sent anything for too long.
    NobodyHeard,
    /// The session reached its longest duration.
    TooLong,
}
