//! Events as they are stored.

use serde::{Deserialize, Serialize};
use sightline_session::{Event, What};
use sightline_wire::{
    AgentId, CaptureTrouble, ChatText, DisplayName, EndReason, Language, LobbyStep, PageId,
    PhoneNumber, Reference, Seat, SmsFailure, Stroke, UtcOffset,
};

use super::{Record, codec};
use crate::ports::Trouble;

#[derive(Serialize, Deserialize)]
struct Event1 {
    seq: u32,
    at_ms: u64,
    #[serde(flatten)]
    what: What1,
}

/// Mirrors [`What`] field by field; the session's own type is no record.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum What1 {
    InviteIssued {
        agent: AgentId,
        agent_name: DisplayName,
        number: PhoneNumber,
        reference: Reference,
        language: Language,
        expires_at_ms: u64,
        ends_at_ms: u64,
    },
    SmsAttempted {
        attempt: u32,
    },
    SmsAccepted {
        attempt: u32,
    },
    SmsFailed {
        attempt: u32,
        why: SmsFailure,
    },
    LinkMade,
    LinkOpened,
    LobbyReached {
        step: LobbyStep,
    },
    Renamed {
        name: DisplayName,
    },
    Joined {
        seat: Seat,
        page: PageId,
        name: DisplayName,
        video_only: bool,
    },
    Lost {
        seat: Seat,
    },
    Resumed {
        seat: Seat,
    },
    Moved {
        seat: Seat,
        page: PageId,
        #[serde(default)]
        video_only: bool,
    },
    Left {
        seat: Seat,
    },
    MediaChanged {
        seat: Seat,
        microphone: bool,
        camera: bool,
    },
    Said {
        seat: Seat,
        text: ChatText,
    },
    ZoneTold {
        utc_offset: UtcOffset,
    },
    CaptureAsked {
        seat: Seat,
    },
    CaptureRepeated {
        seat: Seat,
        picture: u32,
        attempt: u8,
    },
    CaptureFailed {
        picture: u32,
        why: CaptureTrouble,
    },
    PictureKept {
        picture: u32,
        width: u16,
        height: u16,
        low_resolution: bool,
    },
    PictureDeleted {
        seat: Seat,
        picture: u32,
    },
    BoardOpened {
        seat: Seat,
        picture: u32,
    },
    BoardClosed {
        seat: Seat,
        picture: u32,
    },
    Drawn {
        seat: Seat,
        picture: u32,
        stroke: Stroke,
    },
    Undone {
        seat: Seat,
        picture: u32,
        strokes: Vec<u32>,
    },
    Redone {
        seat: Seat,
        picture: u32,
        strokes: Vec<u32>,
    },
    Cleared {
        picture: u32,
    },
    PictureSent {
        seat: Seat,
        picture: u32,
        through: u32,
        width: u16,
        height: u16,
    },
    Ended {
        why: EndReason,
    },
}

impl Record for Event {
    fn encode(&self) -> Vec<u8> {
        let record = Event1 {
            seq: self.seq,
            at_ms: self.at_ms,
            what: What1::from(self.what.clone()),
        };
        codec::encode(1, &record)
    }

    fn decode(bytes: &[u8]) -> Result<Self, Trouble> {
        const WHAT: &str = "decode event";
        match codec::version(WHAT, bytes)? {
            1 => {
                let record: Event1 = codec::read(WHAT, bytes)?;
                Ok(Self {
                    seq: record.seq,
                    at_ms: record.at_ms,
                    what: record.what.into(),
                })
            }
            v => Err(codec::newer(WHAT, v)),
        }
    }
}

/// Both directions of a field-by-field mirror.
macro_rules! mirror {
    ($one:ident <=> $other:ident { $($variant:ident { $($field:ident),* }),* $(,)? }) => {
        impl From<$one> for $other {
            fn from(value: $one) -> Self {
                match value { $($one::$variant { $($field),* } => Self::$variant { $($field),* }),* }
            }
        }
        impl From<$other> for $one {
            fn from(value: $other) -> Self {
                match value { $($other::$variant { $($field),* } => Self::$variant { $($field),* }),* }
            }
        }
    };
}

mirror!(What <=> What1 {
    InviteIssued { agent, agent_name, number, reference, language, expires_at_ms, ends_at_ms },
    SmsAttempted { attempt },
    SmsAccepted { attempt },
    SmsFailed { attempt, why },
    LinkMade {},
    LinkOpened {},
    LobbyReached { step },
    Renamed { name },
    Joined { seat, page, name, video_only },
    Lost { seat },
    Resumed { seat },
    Moved { seat, page, video_only },
    Left { seat },
    MediaChanged { seat, microphone, camera },
    Said { seat, text },
    ZoneTold { utc_offset },
    CaptureAsked { seat },
    CaptureRepeated { seat, picture, attempt },
    CaptureFailed { picture, why },
    PictureKept { picture, width, height, low_resolution },
    PictureDeleted { seat, picture },
    BoardOpened { seat, picture },
    BoardClosed { seat, picture },
    Drawn { seat, picture, stroke },
    Undone { seat, picture, strokes },
    Redone { seat, picture, strokes },
    Cleared { picture },
    PictureSent { seat, picture, through, width, height },
    Ended { why },
});
