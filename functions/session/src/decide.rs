//! Deciding: command and state in, facts or a refusal out.

mod guest;
mod ink;
mod invite;
mod name;
mod picture;
mod seat;
mod share;

use sightline_wire::{AgentId, DisplayName, EndReason, PageId, Refusal, Seat, Seats};

use crate::{
    Actor, Event, Fact, Invitation, PageCommand, Rules, SmsState, State, SystemCommand, apply,
};

/// Returns the first event of a session and the state after it. The state's revision is 1; each
/// commit adds one. The time of day is `ahead_ms` ahead of the deadlines' clock.
#[must_use]
pub fn begin(invitation: Invitation, now_ms: u64, ahead_ms: i64, rules: &Rules) -> (State, Event) {
    let today_ms = now_ms.saturating_add_signed(ahead_ms);
    let issued = Fact::InviteIssued {
        agent: invitation.agent,
        agent_name: invitation.agent_name.clone(),
        number: invitation.number.clone(),
        reference: invitation.reference.clone(),
        language: invitation.language.clone(),
        expires_at_ms: today_ms.saturating_add(rules.invite_ms),
        ends_at_ms: today_ms.saturating_add(rules.total_ms),
    };
    let mut state = State {
        revision: 1,
        head: 0,
        head_at_ms: 0,
        dates_ahead_ms: ahead_ms,
        began_at_ms: 0,
        agent: invitation.agent,
        agent_name: invitation.agent_name,
        number: invitation.number,
        reference: invitation.reference,
        language: invitation.language,
        expires_at_ms: 0,
        ends_at_ms: 0,
        sms: SmsState::default(),
        links: 0,
        links_renewed: 0,
        leading: Vec::new(),
        link_opened: false,
        lobby: None,
        seats: Seats::default(),
        utc_offset: None,
        pictures: Vec::new(),
        sent: Vec::new(),
        uploads: Vec::new(),
        board: None,
        asking: None,
        located: None,
        joined_at_ms: None,
        ended: None,
        ended_at_ms: None,
        notes: Vec::new(),
    };
    let event = apply(&mut state, issued, now_ms);
    (state, event)
}

/// Returns the facts that follow from a page's command, in order. The list is empty if the state is
/// already as the command wants it.
///
/// Overdue facts ([`crate::due`]) must have been applied before: this function does not check
/// deadlines.
///
/// # Errors
/// The reason for which the session refuses.
pub fn decide_page(
    state: &State,
    seat: Seat,
    page: PageId,
    command: &PageCommand,
    now_ms: u64,
    rules: &Rules,
) -> Result<Vec<Fact>, Refusal> {
    if let Some(why) = state.ended {
        return Err(after_the_end(why));
    }
    let facts = seat::decide(state, seat, page, command, now_ms, rules)?;
    let ends = matches!(command, PageCommand::Cancel | PageCommand::End);
    let new = u32::try_from(facts.len()).unwrap_or(u32::MAX);
    let has_room = || share::has_room(state, seat, share::bound(command, rules), &facts, rules);
    if ends || new == 0 || has_room() && log_has_room(state, new, rules) {
        Ok(facts)
    } else {
        Err(Refusal::LimitReached)
    }
}

/// Returns the facts that follow from a system command, as [`decide_page`] does for a page's.
///
/// # Errors
/// The reason for which the session refuses.
pub fn decide_system(
    state: &State,
    actor: Actor,
    command: &SystemCommand,
    now_ms: u64,
    rules: &Rules,
) -> Result<Vec<Fact>, Refusal> {
    if let Some(why) = state.ended {
        // A text message may be under way when the session ends. Its outcome is dropped.
        let settles = matches!(command, SystemCommand::SettleSms { .. });
        if settles && actor == Actor::Host {
            return Ok(Vec::new());
        }
        return Err(after_the_end(why));
    }
    let facts = match command {
        SystemCommand::TakeCall { agent, agent_name } => {
            take_call(state, actor, *agent, agent_name)?
        }
        command => {
            let facts = invite::decide(state, actor, command, now_ms, rules)?.into_iter();
            facts.map(Fact::Public).collect()
        }
    };
    let ends = matches!(command, SystemCommand::Cancel);
    let new = u32::try_from(facts.len()).unwrap_or(u32::MAX);
    if ends || new == 0 || log_has_room(state, new, rules) {
        Ok(facts)
    } else {
        Err(Refusal::LimitReached)
    }
}

/// Two agents may open a call at once: the one whose commit comes first has it.
fn take_call(
    state: &State,
    actor: Actor,
    agent: AgentId,
    agent_name: &DisplayName,
) -> Result<Vec<Fact>, Refusal> {
    if actor != Actor::AgentApi || agent == AgentId::NOBODY {
        return Err(Refusal::NotYours);
    }
    if state.has_agent() {
        return match state.agent == agent {
            true => Ok(Vec::new()),
            false => Err(Refusal::NotYours),
        };
    }
    let agent_name = agent_name.clone();
    Ok(vec![Fact::CallTaken { agent, agent_name }])
}

/// The refusal of every command after the end.
pub(crate) const fn after_the_end(why: EndReason) -> Refusal {
    match why {
        EndReason::InviteCancelled => Refusal::InviteCancelled,
        EndReason::InviteExpired => Refusal::InviteExpired,
        EndReason::AgentEnded
        | EndReason::CustomerEnded
        | EndReason::NobodyHeard
        | EndReason::TooLong => Refusal::CallEnded,
    }
}

const fn log_has_room(state: &State, new: u32, rules: &Rules) -> bool {
    state.head.saturating_add(new) <= rules.events_max
}
