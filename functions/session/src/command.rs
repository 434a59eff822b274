//! What can be asked of a session, imperative.

use sightline_wire::{
    AgentId, ChatText, DisplayName, Language, LobbyStep, PageId, PhoneNumber, Reference, Seat,
    SmsFailure,
};

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

/// Who asks. The host has checked that they are who they say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A page, for its seat.
    Page(Seat, PageId),
    /// The signed-in agent over the HTTP API.
    AgentApi,
    /// Whoever holds the invite's secret.
    Link,
    /// The house itself: outcomes of its own effects.
    House,
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

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Hand a text message over. `attempt` is the newest known plus one; an attempt that was made already yields no event, so asking twice sends one.
    SendSms {
        /// Which attempt this would be.
        attempt: u32,
    },
    /// What became of a text message.
    SettleSms {
        /// Which.
        attempt: u32,
        /// Taken, or why not.
        outcome: Result<(), SmsFailure>,
    },
    /// Make a further link.
    MakeLink,
    /// A link was tapped. Yields an event the first time only.
    OpenLink,
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
    /// Take the seat for the asking page. The agent's page always may; a customer's page needs `take` when another holds the seat.
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
    /// The agent takes the invite back.
    Cancel,
    /// A line of chat.
    Say {
        /// The line.
        text: ChatText,
    },
    /// End the call for both.
    End,
}
