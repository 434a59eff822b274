//! Sessions of these tests.

use std::sync::atomic::{AtomicU64, Ordering};

use sightline_host::ports::Commit;
use sightline_session::{
    Actor, Event, Fact, Invitation, PageCommand, Rules, State, SystemCommand, apply, begin,
    decide_page, decide_system,
};
use sightline_wire::{
    AgentId, DisplayName, Language, PageId, PhoneNumber, Reference, Seat, SessionId,
};

use crate::support::now_ms;

/// Sixteen bytes that no other test of this run has.
pub fn fresh() -> [u8; 16] {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let mut id = [9; 16];
    let count = COUNT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
    id[8..].copy_from_slice(&count);
    id
}

/// The agent's page in these sessions.
pub fn page() -> PageId {
    PageId::from_bytes([3; 16])
}

/// A session's first commit, to be deleted an hour later.
pub fn first(at_ms: u64) -> Commit {
    let invitation = Invitation {
        agent: AgentId::from_bytes(fresh()),
        agent_name: DisplayName::new("Ada").unwrap(),
        number: Some(PhoneNumber::new("+4915123456789").unwrap()),
        reference: Reference::new("CLAIM-2026-1").unwrap(),
        language: Language::new("en").unwrap(),
    };
    let session = SessionId::from_bytes(fresh());
    let (state, issued) = begin(invitation, at_ms, 0, &Rules::default());
    Commit::first(session, state, vec![issued], now_ms() / 1_000 + 3_600)
}

/// The commit after one that left the session in this state, by the agent over the HTTP API.
pub fn next(before: &Commit, state: &State, command: &SystemCommand) -> Commit {
    let (now_ms, rules) = (state.head_at_ms, Rules::default());
    let facts = decide_system(state, Actor::AgentApi, command, now_ms, &rules);
    following(before, state, facts.unwrap())
}

/// The same, by the agent's page.
pub fn next_of_page(before: &Commit, state: &State, command: &PageCommand) -> Commit {
    let (now_ms, rules) = (state.head_at_ms, Rules::default());
    let facts = decide_page(state, Seat::Agent, page(), command, now_ms, &rules);
    following(before, state, facts.unwrap())
}

fn following(before: &Commit, state: &State, facts: Vec<Fact>) -> Commit {
    let mut after = state.clone();
    let events: Vec<Event> = facts
        .into_iter()
        .map(|fact| apply(&mut after, fact, state.head_at_ms))
        .collect();
    after.revision = state.revision + 1;
    Commit {
        expected: Some(state.revision),
        state: after,
        events,
        summary: None,
        ..before.clone()
    }
}

/// The agent takes their seat.
pub fn join() -> PageCommand {
    PageCommand::Join {
        name: DisplayName::new("Ada").unwrap(),
        video_only: false,
        arrival: None,
        microphone: true,
        camera: false,
        take: false,
    }
}
