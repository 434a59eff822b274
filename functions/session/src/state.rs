//! The state between two commands: what deciding needs and nothing else.

use sightline_wire::{
    AgentId, Digest, DisplayName, EndReason, Language, LobbyStep, LocatedAt, PageId, PhoneNumber,
    PictureSource, Reference, Refusal, Seats, Stars, Upload, UploadBytes, UtcOffset,
};

use crate::{Arrived, Asking, Board};

/// The state of one session. Chat text lives in the log only. At all limits the encoded state stays
/// under 64 KB.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Counts commits; the store's condition. It also moves when only an answer was remembered.
    pub revision: u32,
    /// Number of the newest event.
    pub head: u32,
    /// When the newest event happened, by the clock of the deadlines, milliseconds.
    pub head_at_ms: u64,
    /// How far the times in the log are ahead of the clock of the deadlines, milliseconds. The log
    /// has the time of day, whose clock can be set; deadlines follow a clock that does not jump.
    /// Never decreases, so that times in a log do not go back.
    pub dates_ahead_ms: i64,
    /// When the session began, epoch milliseconds.
    pub began_at_ms: u64,
    /// The agent who has the call, or [`AgentId::NOBODY`] while it waits for one.
    pub agent: AgentId,
    /// The agent's name, from the sign-in.
    pub agent_name: DisplayName,
    /// The invited number. `None` for a call that is reached by a link only.
    pub number: Option<PhoneNumber>,
    /// The agent's reference.
    pub reference: Reference,
    /// Language of the text message.
    pub language: Language,
    /// When the invite expires unless the customer joins, by the clock of the deadlines.
    pub expires_at_ms: u64,
    /// When the session ends in any case, likewise.
    pub ends_at_ms: u64,
    /// Text messages.
    pub sms: SmsState,
    /// Further links made.
    pub links: u32,
    /// How often the agent renewed the link. A seat's cookie of an earlier round gives no seat.
    pub links_renewed: u32,
    /// The links and codes since the newest renewal. Before the first one, all that were made lead
    /// in, and none is listed here.
    pub leading: Vec<LinkId>,
    /// A link was tapped.
    pub link_opened: bool,
    /// How far the customer is before joining.
    pub lobby: Option<LobbyStep>,
    /// The seats.
    pub seats: Seats<SeatState>,
    /// The customer's clock, once known.
    pub utc_offset: Option<UtcOffset>,
    /// Pictures that are not deleted, oldest first; at most [`crate::Rules::pictures_max`].
    pub pictures: Vec<Picture>,
    /// Pictures with strokes that were sent to the chat, oldest first; at most
    /// [`crate::Rules::sends_max`].
    pub sent: Vec<Sent>,
    /// Uploads that pages may send; at most [`crate::Rules::uploads_max`].
    pub uploads: Vec<OpenUpload>,
    /// The open board.
    pub board: Option<Board>,
    /// The agent's open request to the customer.
    pub asking: Option<Asking>,
    /// Where the customer was last, if the agent asked.
    pub located: Option<LocatedAt>,
    /// When the customer first joined, epoch milliseconds. `None` before, and in a session that was
    /// joined in a version that did not keep it.
    pub joined_at_ms: Option<u64>,
    /// Why the session ended, once it has.
    pub ended: Option<EndReason>,
    /// When it ended, epoch milliseconds; likewise.
    pub ended_at_ms: Option<u64>,
    /// How many texts each note has, the first and its edits. The texts stand beside the log.
    pub notes: Vec<u8>,
}

impl State {
    /// Takes over the time of day, as how far it is ahead of the clock of the deadlines.
    pub fn date(&mut self, ahead_ms: i64) {
        self.dates_ahead_ms = self.dates_ahead_ms.max(ahead_ms);
    }

    /// Says whether a picture was sent to the chat with the strokes up to an event.
    #[must_use]
    pub fn was_sent(&self, picture: u32, through: u32) -> bool {
        self.sent(picture, through).is_some()
    }

    /// Returns the picture that was sent to the chat with the strokes up to an event.
    #[must_use]
    pub fn sent(&self, picture: u32, through: u32) -> Option<&Sent> {
        let mut sent = self.sent.iter();
        sent.find(|sent| (sent.picture, sent.through) == (picture, through))
    }

    /// Returns the time of day, as the log has it, for a time of the clock of the deadlines.
    #[must_use]
    pub const fn dated(&self, at_ms: u64) -> u64 {
        at_ms.saturating_add_signed(self.dates_ahead_ms)
    }
}

impl State {
    /// Whether an agent has the call. Another program may make one that waits for an agent.
    #[must_use]
    pub fn has_agent(&self) -> bool {
        self.agent != AgentId::NOBODY
    }

    /// Whether a link or a code of this session still leads in.
    #[must_use]
    pub fn leads_in(&self, link: &LinkId) -> bool {
        self.links_renewed == 0 || self.leading.contains(link)
    }
}

/// Names a link or a code without giving it away: part of its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkId(pub [u8; 16]);

/// A picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The number of the event that asked for it.
    pub id: u32,
    /// How often the customer's page was asked.
    pub attempts: u8,
    /// When it was asked last, epoch milliseconds.
    pub asked_at_ms: u64,
    /// The newest request failed.
    pub failed: bool,
    /// Where it comes from.
    pub source: PictureSource,
    /// Its base, once stored.
    pub base: Option<Base>,
    /// The newest event that changed its board, or the one that asked for it. A board is rebuilt
    /// from events up to here at least, and a sent picture names no later one.
    pub touched: u32,
}

/// The image under the strokes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Base {
    /// Pixels.
    pub width: u16,
    /// Pixels.
    pub height: u16,
    /// It is the frame that the agent saw, not the camera's picture.
    pub low_resolution: bool,
    /// Of the stored bytes, which it names. `None` if it was stored before there were digests.
    pub digest: Option<Digest>,
}

/// A picture with strokes that was sent to the chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Which picture.
    pub picture: u32,
    /// The event up to which strokes are in it.
    pub through: u32,
    /// As [`Base::digest`].
    pub digest: Option<Digest>,
}

/// An upload that a page may send, or has sent, and that was not taken yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenUpload {
    /// What it is for.
    pub upload: Upload,
    /// Its length.
    pub bytes: UploadBytes,
    /// When nothing of it can be left, by the clock of the deadlines.
    pub until_ms: u64,
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
    /// The person asked for no more messages, as the carrier said of the newest that has an
    /// outcome.
    pub opted_out: bool,
}

/// One seat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SeatState {
    /// The person's name.
    pub name: Option<DisplayName>,
    /// The page that holds the seat; `None` before the first join.
    pub holder: Option<PageId>,
    /// A page was seen in this seat (in the lobby or joined), so that the seat can be lost.
    pub seen: bool,
    /// The seat is empty for the moment.
    pub away: Option<Away>,
    /// Microphone on.
    pub microphone: bool,
    /// Camera on.
    pub camera: bool,
    /// The person already speaks on the telephone.
    pub video_only: bool,
    /// Events that its pages caused.
    pub made: u32,
    /// Bytes of log that its pages caused ([`crate::Rules::seat_bytes_max`]).
    pub bytes: u32,
    /// When it was last taken from a page that was present, by the clock of the deadlines,
    /// milliseconds.
    pub taken_at_ms: Option<u64>,
    /// The event with which its holder took it; 0 before the first join, and in a session of the
    /// version before until the seat moves. Of two holders the newer one has the higher number.
    pub held_since: u32,
    /// What its holder joined with.
    pub arrival: Option<Arrived>,
    /// How the person rated the call.
    pub stars: Option<Stars>,
    /// The last command of each of this seat's newest pages, oldest first; at most
    /// [`SeatState::PAGES_MAX`].
    pub pages: Vec<PageMemory>,
}

impl SeatState {
    /// Pages remembered per seat.
    pub const PAGES_MAX: usize = 8;

    /// Holds the seat of a customer whose link was taken back.
    pub const NOBODY: PageId = PageId::NOBODY;

    /// Whether a page has taken this seat, though it may have lost it since.
    #[must_use]
    pub const fn joined(&self) -> bool {
        self.holder.is_some()
    }

    /// Whether a page holds this seat.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.holder.is_some_and(|holder| holder != Self::NOBODY)
    }

    /// Whether another page than this holds the seat.
    #[must_use]
    pub fn is_held_by_another(&self, page: PageId) -> bool {
        self.is_held() && self.holder != Some(page)
    }
}

/// Why a seat is empty for the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Away {
    /// No message came for too long.
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
    /// The answer to it.
    pub answer: Answer,
}

/// The answer to a numbered command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Done.
    Done,
    /// Not done.
    Refused(Refusal),
}
