//! Commands to a session, in the imperative.

use sightline_wire::{
    AgentId, Arrival, CaptureTrouble, ChatText, Digest, DisplayName, GuestCommand, Language,
    LobbyStep, PageId, PhoneNumber, Reference, Seat, SmsFailure, Strokes, UtcOffset,
};

use crate::{Base, Board, Sent};

/// What a session begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The inviting agent, or [`AgentId::NOBODY`]: the first who opens the call takes it.
    pub agent: AgentId,
    /// The agent's name; the business's while the call waits for an agent.
    pub agent_name: DisplayName,
    /// The invited number. `None` for a call that is reached by a link only.
    pub number: Option<PhoneNumber>,
    /// The agent's reference.
    pub reference: Reference,
    /// Language of the text message.
    pub language: Language,
}

/// The source of a system command. The host has authenticated it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The signed-in agent over the HTTP API.
    AgentApi,
    /// A person with the invite's secret.
    Link,
    /// The host itself: outcomes of its own effects.
    Host,
}

/// A page's numbered command: which page of which seat, and its number from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The seat.
    pub seat: Seat,
    /// The page.
    pub page: PageId,
    /// The command's number.
    pub n: u32,
}

/// A command of the HTTP API or of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SystemCommand {
    /// Send a text message. `attempt` is the newest known plus one. A repeated attempt yields no
    /// event, so asking twice sends one message.
    SendSms {
        /// The number of this attempt.
        attempt: u32,
    },
    /// The outcome of a text message.
    SettleSms {
        /// Which attempt.
        attempt: u32,
        /// Accepted, or why not.
        outcome: Result<(), SmsFailure>,
    },
    /// Make a further link.
    MakeLink,
    /// Take back every link, code and seat of the customer, and make a new link.
    RenewLinks,
    /// Note that a link was opened. Yields an event the first time only.
    OpenLink,
    /// Note what keeps the customer's page from connecting.
    HoldUp {
        /// `ConnectionBlocked` or `CookiesBlocked`.
        step: LobbyStep,
    },
    /// Withdraw the invite.
    Cancel,
    /// Take a call that waits for an agent. For its own agent it changes nothing.
    TakeCall {
        /// Who takes it.
        agent: AgentId,
        /// The agent's name.
        agent_name: DisplayName,
    },
}

/// A command of a page, for its seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageCommand {
    /// Note how far the customer is.
    Lobby {
        /// The step.
        step: LobbyStep,
    },
    /// Change the customer's name.
    Rename {
        /// The name.
        name: DisplayName,
    },
    /// Take the seat for the asking page. The agent's page always may; a customer's page needs
    /// `take` when another holds the seat.
    Join {
        /// The person's name. For the agent the host takes it from the sign-in.
        name: DisplayName,
        /// The person already speaks on the telephone.
        video_only: bool,
        /// Microphone on.
        microphone: bool,
        /// Camera on.
        camera: bool,
        /// Move the seat here.
        take: bool,
        /// What the person joins with.
        arrival: Option<Arrival>,
    },
    /// Note which devices are on.
    Media {
        /// Microphone on.
        microphone: bool,
        /// Camera on.
        camera: bool,
    },
    /// Note that the page is attached again. Yields `Resumed` if its seat was away.
    Return,
    /// Leave without ending the call.
    Leave,
    /// Withdraw the invite; the agent only.
    Cancel,
    /// Note the customer's clock.
    Zone {
        /// The minutes ahead of UTC.
        utc_offset: UtcOffset,
    },
    /// Take a picture. Yields nothing while a board is open: two presses at once make one picture.
    Capture,
    /// Take a picture that the customer chose, whose camera need not run; the customer only. Yields
    /// nothing while a board is open.
    Bring,
    /// Ask the customer's page for the picture once more.
    CaptureAgain {
        /// Which.
        picture: u32,
    },
    /// Note that the customer's page could not take or upload the picture.
    CaptureFailed {
        /// Which.
        picture: u32,
        /// The number of the failed request. Older requests and repeats yield nothing.
        attempt: u8,
        /// Why.
        why: CaptureTrouble,
    },
    /// Keep a base that was uploaded and checked. The first one stands.
    Keep {
        /// Which picture.
        picture: u32,
        /// Quick from the agent, sharp from the customer.
        base: Base,
    },
    /// Send a picture with strokes that was uploaded and checked. The same strokes are sent once.
    Send {
        /// The picture. Its strokes are at most the newest that changed its board.
        sent: Sent,
        /// Width and height in pixels.
        size: (u16, u16),
        /// The base that the page drew on, if it says so.
        base: Option<Digest>,
    },
    /// Delete a picture. Yields nothing if it is already deleted.
    Delete {
        /// Which.
        picture: u32,
    },
    /// Open a kept picture's board for both. The event carries no strokes: [`crate::take`] puts
    /// this board into the state afterwards, and code that decides and applies by itself must call
    /// [`crate::restore`].
    OpenBoard {
        /// The board as replayed from the log ([`crate::replay`]), because the state keeps no
        /// strokes of closed boards.
        board: Board,
        /// The last event that was replayed. If the board has changed since, the answer is `Busy`,
        /// which [`crate::take`] does not remember: the host reads the log again and retries.
        as_of: u32,
    },
    /// Close the board for both.
    CloseBoard {
        /// Of which picture.
        picture: u32,
    },
    /// Add finished strokes.
    Draw {
        /// On which picture.
        picture: u32,
        /// The strokes.
        strokes: Strokes,
    },
    /// Undo the seat's newest stroke.
    Undo {
        /// On which picture.
        picture: u32,
    },
    /// Undo all strokes of the seat.
    UndoAll {
        /// On which picture.
        picture: u32,
    },
    /// Revert the seat's newest undo, unless it has drawn since.
    Redo {
        /// On which picture.
        picture: u32,
    },
    /// Remove the strokes of all seats; the agent only.
    Clear {
        /// On which picture.
        picture: u32,
    },
    /// Control the customer's devices, or answer a request about them.
    Guest(GuestCommand),
    /// Write a line of chat.
    Say {
        /// The line.
        text: ChatText,
    },
    /// End the call for both.
    End,
}
