//! What happened, past tense.

use sightline_wire::{
    AgentId, CaptureTrouble, ChatText, DisplayName, EndReason, Language, LobbyStep, PageId,
    PhoneNumber, Reference, Seat, SmsFailure, Stroke, UtcOffset,
};

/// One thing that happened, in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Place in the log, from 1 without gaps.
    pub seq: u32,
    /// When the server took it, epoch milliseconds; never earlier than the event before.
    pub at_ms: u64,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Always the first event.
    InviteIssued {
        /// Who invites.
        agent: AgentId,
        /// What they are called.
        agent_name: DisplayName,
        /// Whom.
        number: PhoneNumber,
        /// The agent's reference.
        reference: Reference,
        /// Language of the text message.
        language: Language,
        /// When the invite expires unless somebody joins, epoch milliseconds.
        expires_at_ms: u64,
        /// When the session ends in any case, epoch milliseconds.
        ends_at_ms: u64,
    },
    /// A text message is about to be handed over; committed before it is.
    SmsAttempted {
        /// Counts from 1.
        attempt: u32,
    },
    /// It was taken.
    SmsAccepted {
        /// Which.
        attempt: u32,
    },
    /// It was not taken.
    SmsFailed {
        /// Which.
        attempt: u32,
        /// Why.
        why: SmsFailure,
    },
    /// A further link was made.
    LinkMade,
    /// A link was tapped for the first time.
    LinkOpened,
    /// How far the customer is before joining.
    LobbyReached {
        /// Where.
        step: LobbyStep,
    },
    /// The customer's name.
    Renamed {
        /// The name.
        name: DisplayName,
    },
    /// A seat was taken for the first time.
    Joined {
        /// Whose.
        seat: Seat,
        /// By which page.
        page: PageId,
        /// Their name.
        name: DisplayName,
        /// They speak on the telephone already.
        video_only: bool,
    },
    /// Nothing was heard of a seat for too long.
    Lost {
        /// Whose.
        seat: Seat,
    },
    /// A lost or left seat is back.
    Resumed {
        /// Whose.
        seat: Seat,
    },
    /// Another page took the seat.
    Moved {
        /// Whose.
        seat: Seat,
        /// The page that holds it from here on.
        page: PageId,
        /// They speak on the telephone there.
        video_only: bool,
    },
    /// The page said goodbye without ending the call.
    Left {
        /// Whose.
        seat: Seat,
    },
    /// A device was switched.
    MediaChanged {
        /// Whose.
        seat: Seat,
        /// Microphone on.
        microphone: bool,
        /// Camera on.
        camera: bool,
    },
    /// A line of chat.
    Said {
        /// Who.
        seat: Seat,
        /// The line.
        text: ChatText,
    },
    /// The customer's clock.
    ZoneTold {
        /// How far ahead of UTC.
        utc_offset: UtcOffset,
    },
    /// The shutter was pressed: a picture with this event's number begins, and its board is open.
    CaptureAsked {
        /// By whom.
        seat: Seat,
    },
    /// The customer's page is asked once more.
    CaptureRepeated {
        /// By whom.
        seat: Seat,
        /// For which picture.
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
    /// The base is stored.
    PictureKept {
        /// Which picture.
        picture: u32,
        /// Pixels.
        width: u16,
        /// Pixels.
        height: u16,
        /// It is what the agent saw.
        low_resolution: bool,
    },
    /// The picture is gone, and its board.
    PictureDeleted {
        /// By whom.
        seat: Seat,
        /// Which picture.
        picture: u32,
    },
    /// A board was opened again.
    BoardOpened {
        /// By whom.
        seat: Seat,
        /// Of which picture.
        picture: u32,
    },
    /// The board was closed and is kept.
    BoardClosed {
        /// By whom.
        seat: Seat,
        /// Of which picture.
        picture: u32,
    },
    /// A finished stroke; its number is this event's.
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
    /// Everybody's strokes are gone, for good.
    Cleared {
        /// On which picture.
        picture: u32,
    },
    /// A picture with strokes went to the chat.
    PictureSent {
        /// By whom.
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
    /// Over. Nothing follows.
    Ended {
        /// Why.
        why: EndReason,
    },
}
