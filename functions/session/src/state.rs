//! What is remembered between two commands: only what deciding needs.

use sightline_wire::{
    AgentId, DisplayName, EndReason, Language, LobbyStep, PageId, PhoneNumber, Reference, Refusal,
    Seats, UtcOffset,
};

use crate::Board;

/// The state of one session. Chat text lives in the log only; the encoded state stays under 64 KB
/// at all limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Counts commits; the store's condition. Moves also when only an answer was remembered.
    pub revision: u32,
    /// Newest event.
    pub head: u32,
    /// Its time, epoch milliseconds.
    pub head_at_ms: u64,
    /// When the session began, epoch milliseconds.
    pub began_at_ms: u64,
    /// Who invites.
    pub agent: AgentId,
    /// What the sign-in calls them.
    pub agent_name: DisplayName,
    /// Whom.
    pub number: PhoneNumber,
    /// The agent's reference.
    pub reference: Reference,
    /// Language of the text message.
    pub language: Language,
    /// When the invite expires unless somebody joins, epoch milliseconds.
    pub expires_at_ms: u64,
    /// When the session ends in any case, epoch milliseconds.
    pub ends_at_ms: u64,
    /// Text messages.
    pub sms: SmsState,
    /// Further links made.
    pub links: u32,
    /// A link was tapped.
    pub link_opened: bool,
    /// How far the customer is before joining.
    pub lobby: Option<LobbyStep>,
    /// Who sits where.
    pub seats: Seats<SeatState>,
    /// The customer's clock, as far as told.
    pub utc_offset: Option<UtcOffset>,
    /// Pictures that were not deleted, oldest first; at most [`crate::Rules::pictures_max`].
    pub pictures: Vec<Picture>,
    /// Pictures with strokes that went to the chat, oldest first; at most
    /// [`crate::Rules::sends_max`].
    pub sent: Vec<Sent>,
    /// The board that both look at.
    pub board: Option<Board>,
    /// Over, and why.
    pub ended: Option<EndReason>,
}

/// A picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The number of the event that asked for it.
    pub id: u32,
    /// How often the customer's page was asked.
    pub attempts: u8,
    /// When it was asked last, epoch milliseconds.
    pub asked_at_ms: u64,
    /// It had no picture to give when it was asked last.
    pub failed: bool,
    /// Its base, once stored.
    pub base: Option<Base>,
    /// The newest event that changed its board, or the one that asked for it: what a board is
    /// rebuilt from reaches at least here, and nothing is sent through a later one.
    pub touched: u32,
}

/// What lies under the strokes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base {
    /// Pixels.
    pub width: u16,
    /// Pixels.
    pub height: u16,
    /// It is what the agent saw, not what the camera gave.
    pub low_resolution: bool,
}

/// A picture with strokes that went to the chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Which picture.
    pub picture: u32,
    /// With the strokes that stood at this event.
    pub through: u32,
}

/// Text messages of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SmsState {
    /// Attempts made.
    pub attempts: u32,
    /// When the newest was made, epoch milliseconds.
    pub attempted_at_ms: u64,
    /// The newest has an outcome.
    pub settled: bool,
}

/// One seat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeatState {
    /// What the person is called.
    pub name: Option<DisplayName>,
    /// The page that holds the seat; none before the first join.
    pub holder: Option<PageId>,
    /// Somebody was seen in this seat (in the lobby or joined), so that they can be lost.
    pub seen: bool,
    /// Not there at present.
    pub away: Option<Away>,
    /// Microphone on.
    pub microphone: bool,
    /// Camera on.
    pub camera: bool,
    /// They speak on the telephone already.
    pub video_only: bool,
    /// Events that its pages brought about.
    pub made: u32,
    /// Points of all strokes that its pages drew, those taken back included: the log keeps them
    /// all.
    pub points: u32,
    /// What the newest pages of this seat asked last, oldest first; at most
    /// [`SeatState::PAGES_MAX`].
    pub pages: Vec<PageMemory>,
}

impl SeatState {
    /// Pages remembered per seat.
    pub const PAGES_MAX: usize = 8;

    /// Somebody took this seat.
    #[must_use]
    pub const fn joined(&self) -> bool {
        self.holder.is_some()
    }
}

/// How a seat came to be empty for the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Away {
    /// Nothing was heard.
    Lost,
    /// The page said goodbye.
    Left,
}

/// The last numbered command of a page and its answer: all that idempotence needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageMemory {
    /// The page.
    pub page: PageId,
    /// Its last number.
    pub n: u32,
    /// What it was told.
    pub answer: Answer,
}

/// What a command was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Done.
    Done,
    /// Not done.
    Refused(Refusal),
}
