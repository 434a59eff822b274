//! What every plug must do, one suite a port. A suite panics with what was expected; it never looks
//! at how.
//!
//! A plug's test gives its ports and a [`Case`], whose salt keeps suites and repeated runs apart in
//! one store:
//!
//! ```ignore
//! contract::sessions(&ports, &Case::new(1, now_ms)).await;
//! ```

mod agents;
mod api_keys;
mod attachments;
mod audit;
pub(crate) mod beside;
mod cases;
mod chance;
mod claims;
mod crowd;
mod directory;
mod erasures;
mod figures;
mod lines;
mod lists;
mod logos;
mod minutes;
mod objects;
mod pictured;
mod push;
mod rate_counters;
mod relays;
mod sessions;
mod sign_ins;
mod spent_tokens;
pub(crate) mod together;
mod webhooks;

pub use agents::agents;
pub use api_keys::api_keys;
pub use attachments::{attachments, connections};
pub use audit::audit;
pub use beside::beside_log;
pub use cases::{case_files, case_keys};
pub use chance::chance;
pub use claims::claims;
pub use crowd::{ListTime, crowd_agent, crowd_call, export_us, list_times, print_list_times};
pub use directory::directory;
pub use erasures::erasures;
pub use figures::figures;
pub use lines::ready_lines;
pub use lists::lists;
pub use logos::logos;
pub use minutes::minutes;
pub use objects::{Got, ObjectsDoor, pictures, uploads};
pub use pictured::{case_link, pictured_call};
pub use push::{push, sms_out};
pub use rate_counters::rate_counters;
pub use relays::relays;
pub use sessions::sessions;
pub use sign_ins::sign_ins;
pub use spent_tokens::spent_tokens;
pub use webhooks::{deliveries, delivery_queue, webhooks};

use sightline_session::{
    Actor, Event, Invitation, PageCommand, Rules, State, SystemCommand, apply, begin, decide_page,
    decide_system,
};
use sightline_wire::{
    AgentId, DisplayName, Language, PageId, PhoneNumber, Reference, RelayId, Seat, SessionId,
};

use crate::ports::{Commit, ConnectionKey};
use crate::records::{InviteHash, SearchTerm};

/// Names for one run of a suite.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    salt: u64,
    now_ms: u64,
}

impl Case {
    /// Names that no other salt has. `now_ms` is the store's present, epoch milliseconds: nothing
    /// here is deleted within the hour after it.
    #[must_use]
    pub const fn new(salt: u64, now_ms: u64) -> Self {
        Self { salt, now_ms }
    }

    fn id(&self, kind: u8, which: u8) -> [u8; 16] {
        let mut id = [kind; 16];
        for (place, byte) in id
            .iter_mut()
            .zip(self.salt.to_be_bytes().into_iter().chain([which]))
        {
            *place = byte;
        }
        id
    }

    fn session(&self, which: u8) -> SessionId {
        SessionId::from_bytes(self.id(1, which))
    }

    fn agent(&self, which: u8) -> AgentId {
        AgentId::from_bytes(self.id(2, which))
    }

    fn page(&self, which: u8) -> PageId {
        PageId::from_bytes(self.id(3, which))
    }

    fn relay(&self, which: u8) -> RelayId {
        RelayId::from_bytes(self.id(4, which))
    }

    fn connection(&self, which: u8) -> ConnectionKey {
        ConnectionKey(format!("contract-{}-{which}", self.salt))
    }

    fn invite(&self, which: u8) -> InviteHash {
        let mut hash = [5; 32];
        for (place, byte) in hash.iter_mut().zip(self.id(5, which)) {
            *place = byte;
        }
        InviteHash(hash)
    }

    fn term(&self, which: u8) -> SearchTerm {
        SearchTerm(self.id(6, which))
    }

    /// Well after the suite is over.
    const fn delete_at_s(&self) -> u64 {
        self.now_ms / 1_000 + 3_600
    }

    /// The first commit of a session.
    fn beginning(&self, session: SessionId, agent: AgentId, at_ms: u64) -> Commit {
        let invitation = Invitation {
            agent,
            agent_name: DisplayName::new("Ada").expect("a fine name"),
            number: Some(PhoneNumber::new("+4915123456789").expect("a fine number")),
            reference: Reference::new("CLAIM-2026-1").expect("a fine reference"),
            language: Language::new("en").expect("a fine language"),
        };
        let (state, issued) = begin(invitation, at_ms, 0, &Rules::default());
        Commit::first(session, state, vec![issued], self.delete_at_s())
    }
}

/// What is asked of a session, by a page or by its agent over the HTTP API.
enum Asked {
    Page(Seat, PageId, PageCommand),
    System(SystemCommand),
}

/// The commit that follows on a state by a command.
fn following(
    session: SessionId,
    before: &State,
    asked: &Asked,
    now_ms: u64,
    delete_at_s: u64,
) -> Commit {
    let rules = Rules {
        links_max: u32::MAX,
        ..Rules::default()
    };
    let mut state = before.clone();
    let facts = match asked {
        Asked::Page(seat, page, command) => {
            decide_page(before, *seat, *page, command, now_ms, &rules)
        }
        Asked::System(command) => decide_system(before, Actor::AgentApi, command, now_ms, &rules),
    };
    let events: Vec<Event> = facts
        .expect("the suite asks what is allowed")
        .into_iter()
        .map(|fact| apply(&mut state, fact, now_ms))
        .collect();
    state.revision = before.revision + 1;
    Commit {
        expected: Some(before.revision),
        ..Commit::first(session, state, events, delete_at_s)
    }
}
