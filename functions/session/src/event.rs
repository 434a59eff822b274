//! Events and facts, in the past tense.

use sightline_wire::{
    AgentId, Arrival, DisplayName, Language, PageId, PhoneNumber, PublicFact, Reference, Seat,
};

/// What a person joined with, and what the lobby said then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrived {
    /// As the page tells it.
    pub with: Arrival,
    /// Days for which things are kept, as the lobby named them: pictures, then chat and notes.
    /// `None` in a log of the version before.
    pub kept_days: Option<[u32; 2]>,
}

/// A fact at its place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Place in the log, from 1 without gaps.
    pub seq: u32,
    /// When the server took it, by the time of day, epoch milliseconds; never earlier than the
    /// previous event.
    pub at_ms: u64,
    /// What happened.
    pub fact: Fact,
}

/// What happened. Variants here have fields that not every page may see. All other facts are public
/// and are the wire's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// Always the first event.
    InviteIssued {
        /// The inviting agent.
        agent: AgentId,
        /// The agent's name.
        agent_name: DisplayName,
        /// The invited number. `None` for a call that is reached by a link only.
        number: Option<PhoneNumber>,
        /// The agent's reference.
        reference: Reference,
        /// Language of the text message.
        language: Language,
        /// When the invite expires unless the customer joins, epoch milliseconds.
        expires_at_ms: u64,
        /// When the session ends in any case, epoch milliseconds.
        ends_at_ms: u64,
    },
    /// An agent took a call that waited for one.
    CallTaken {
        /// The agent.
        agent: AgentId,
        /// The agent's name.
        agent_name: DisplayName,
    },
    /// A seat was taken for the first time.
    Joined {
        /// Which seat.
        seat: Seat,
        /// By which page.
        page: PageId,
        /// The person's name.
        name: DisplayName,
        /// The person already speaks on the telephone.
        video_only: bool,
        /// What the person joined with.
        arrival: Option<Arrived>,
    },
    /// Another page took the seat.
    Moved {
        /// Which seat.
        seat: Seat,
        /// The page that holds it from here on.
        page: PageId,
        /// The person speaks on the telephone there.
        video_only: bool,
        /// What the person joined with there.
        arrival: Option<Arrived>,
    },
    /// The same for every page.
    Public(PublicFact),
}

impl From<PublicFact> for Fact {
    fn from(fact: PublicFact) -> Self {
        Self::Public(fact)
    }
}
