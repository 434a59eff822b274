//! What can be asked of a session, imperative.

use sightline_wire::{
    AgentId, CaptureTrouble, ChatText, DisplayName, Language, LobbyStep, PageId, PhoneNumber,
    Reference, Seat, SmsFailure, Strokes, UtcOffset,
};

use crate::{Base, Board};

/// What a session begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Who invites.
    pub agent: AgentId,
    /// What they are called.
    pub agent_name: DisplayName,
    /// Whom.
    pub number: PhoneNumber,
    /// The agent's reference.
    pub reference: Reference,
    /// Language of the text message.
    pub language: Language,
}

/// Who gives a system command. The host has checked that they are who they say.
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

/// What somebody other than a page may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SystemCommand {
    /// Hand a text message over. `attempt` is the newest known plus one; an attempt that was made
    /// already yields no event, so asking twice sends one.
    SendSms {
        /// Which attempt this would be.
        attempt: u32,
    },
    /// What became of a text message.
    SettleSms {
        /// Which attempt.
        attempt: u32,
        /// Accepted, or why not.
        outcome: Result<(), SmsFailure>,
    },
    /// Make a further link.
    MakeLink,
    /// A link was tapped. Yields an event the first time only.
    OpenLink,
    /// Withdraw the invite.
    Cancel,
}

/// What a page may ask for its seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageCommand {
    /// How far the customer is.
    Lobby {
        /// Where.
        step: LobbyStep,
    },
    /// The customer's name.
    Rename {
        /// The name.
        name: DisplayName,
    },
    /// Take the seat for the asking page. The agent's page always may; a customer's page needs
    /// `take` when another holds the seat.
    Join {
        /// Their name (for the agent the one of the sign-in, put in by the host).
        name: DisplayName,
        /// They speak on the telephone already.
        video_only: bool,
        /// Microphone on.
        microphone: bool,
        /// Camera on.
        camera: bool,
        /// Move the seat here.
        take: bool,
    },
    /// A device was switched.
    Media {
        /// Microphone on.
        microphone: bool,
        /// Camera on.
        camera: bool,
    },
    /// The asking page is attached again. Yields `Resumed` when its seat was away.
    Return,
    /// The asking page goes away without ending the call.
    Leave,
    /// Withdraw the invite; the agent only.
    Cancel,
    /// The customer's clock.
    Zone {
        /// How far ahead of UTC.
        utc_offset: UtcOffset,
    },
    /// The shutter. Yields nothing while a board is open: two presses at once make one picture.
    Capture,
    /// Ask the customer's page for the picture once more.
    CaptureAgain {
        /// Which.
        picture: u32,
    },
    /// The customer's page has no picture to give.
    CaptureFailed {
        /// Which.
        picture: u32,
        /// Which asking it was. Of an older one, or of one that failed already, nothing follows.
        attempt: u8,
        /// Why.
        why: CaptureTrouble,
    },
    /// A base was uploaded and found good. The first one stands.
    Keep {
        /// Which picture.
        picture: u32,
        /// From what the agent saw (the agent's), or from the camera (the customer's).
        base: Base,
    },
    /// A picture with strokes was uploaded and found good. Sending the same strokes twice is
    /// sending them once.
    Send {
        /// Which picture.
        picture: u32,
        /// Composed from the strokes that stand at this event: at most the newest that changed its
        /// board.
        through: u32,
        /// Width and height in pixels.
        size: (u16, u16),
    },
    /// Delete a picture. One that is gone already yields nothing.
    Delete {
        /// Which.
        picture: u32,
    },
    /// Open a kept picture's board for both. The event carries no strokes: [`crate::take`] puts
    /// this board into the state after it, and code that decides and applies by itself calls
    /// [`crate::restore`].
    OpenBoard {
        /// The board as the log tells it ([`crate::replay`]): of closed boards the state keeps no
        /// strokes.
        board: Board,
        /// The log was read up to here. When the board changed since, the session is `Busy`, which
        /// [`crate::take`] does not remember: the host reads the log again and asks again.
        as_of: u32,
    },
    /// Close the board for both.
    CloseBoard {
        /// Of which picture.
        picture: u32,
    },
    /// Finished strokes.
    Draw {
        /// On which picture.
        picture: u32,
        /// The strokes.
        strokes: Strokes,
    },
    /// Take back one's newest standing stroke.
    Undo {
        /// On which picture.
        picture: u32,
    },
    /// Take back all of one's strokes.
    UndoAll {
        /// On which picture.
        picture: u32,
    },
    /// Take one's newest undo back, unless one drew since.
    Redo {
        /// On which picture.
        picture: u32,
    },
    /// Take everybody's strokes away; the agent.
    Clear {
        /// On which picture.
        picture: u32,
    },
    /// A line of chat.
    Say {
        /// The line.
        text: ChatText,
    },
    /// End the call for both.
    End,
}
