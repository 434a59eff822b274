//! The invite: text messages, links, cancelling.

use sightline_wire::{EndReason, LobbyStep, PublicFact, Refusal, Seat, SmsFailure};

use super::share;
use crate::{Actor, Fact, Rules, State, SystemCommand};

pub(super) fn decide(
    state: &State,
    actor: Actor,
    command: &SystemCommand,
    now_ms: u64,
    rules: &Rules,
) -> Result<Vec<PublicFact>, Refusal> {
    match command {
        SystemCommand::SendSms { attempt } => send_sms(state, actor, *attempt, now_ms, rules),
        SystemCommand::SettleSms { attempt, outcome } => {
            settle_sms(state, actor, *attempt, *outcome)
        }
        SystemCommand::MakeLink => make_link(state, actor, rules),
        SystemCommand::RenewLinks => {
            make_link(state, actor, rules).map(|_| vec![PublicFact::LinksRenewed])
        }
        SystemCommand::OpenLink => open_link(state, actor),
        SystemCommand::HoldUp { step } => hold_up(state, actor, *step, rules),
        SystemCommand::Cancel if actor == Actor::AgentApi => cancel(state),
        // Taking a call is no matter of its invite.
        SystemCommand::Cancel | SystemCommand::TakeCall { .. } => Err(Refusal::NotYours),
    }
}

/// Checks the limit before the cool-down, because waiting does not help against the limit.
fn send_sms(
    state: &State,
    actor: Actor,
    attempt: u32,
    now_ms: u64,
    rules: &Rules,
) -> Result<Vec<PublicFact>, Refusal> {
    if !matches!(actor, Actor::AgentApi | Actor::Host) {
        return Err(Refusal::NotYours);
    }
    let sms = &state.sms;
    if state.number.is_none() || attempt == 0 || attempt > sms.attempts.saturating_add(1) {
        return Err(Refusal::Malformed);
    }
    if attempt <= sms.attempts {
        return Ok(Vec::new());
    }
    if state.seats.get(Seat::Customer).joined() {
        return Err(Refusal::AlreadyJoined);
    }
    if sms.attempts >= rules.sms_max {
        return Err(Refusal::LimitReached);
    }
    let ready_at_ms = sms.attempted_at_ms.saturating_add(rules.cool_down_ms);
    if sms.attempts > 0 && now_ms < ready_at_ms {
        let wait_ms = u32::try_from(ready_at_ms - now_ms).unwrap_or(u32::MAX);
        return Err(Refusal::TooSoon { wait_ms });
    }
    Ok(vec![PublicFact::SmsAttempted { attempt }])
}

/// Tracks the first outcome of the newest attempt only. Late outcomes of earlier attempts are
/// dropped; the page shows those attempts as not known, as it did when the newer one began.
fn settle_sms(
    state: &State,
    actor: Actor,
    attempt: u32,
    outcome: Result<(), SmsFailure>,
) -> Result<Vec<PublicFact>, Refusal> {
    if actor != Actor::Host {
        return Err(Refusal::NotYours);
    }
    let sms = &state.sms;
    if attempt == 0 || attempt > sms.attempts {
        return Err(Refusal::Malformed);
    }
    if attempt < sms.attempts || sms.settled {
        return Ok(Vec::new());
    }
    Ok(vec![match outcome {
        Ok(()) => PublicFact::SmsAccepted { attempt },
        Err(why) => PublicFact::SmsFailed { attempt, why },
    }])
}

/// Is allowed during the call too: a customer who lost the page may need a fresh link to return.
fn make_link(state: &State, actor: Actor, rules: &Rules) -> Result<Vec<PublicFact>, Refusal> {
    if actor != Actor::AgentApi {
        return Err(Refusal::NotYours);
    }
    if state.links >= rules.links_max {
        return Err(Refusal::LimitReached);
    }
    Ok(vec![PublicFact::LinkMade])
}

fn open_link(state: &State, actor: Actor) -> Result<Vec<PublicFact>, Refusal> {
    if actor != Actor::Link {
        return Err(Refusal::NotYours);
    }
    if state.link_opened {
        return Ok(Vec::new());
    }
    Ok(vec![PublicFact::LinkOpened])
}

/// A blocked connection is noted during the call too: the customer may have changed networks. A
/// browser without cookies is then another one than the holder's.
fn hold_up(
    state: &State,
    actor: Actor,
    step: LobbyStep,
    rules: &Rules,
) -> Result<Vec<PublicFact>, Refusal> {
    if actor != Actor::Link {
        return Err(Refusal::NotYours);
    }
    let customer = state.seats.get(Seat::Customer);
    let noted = match step {
        LobbyStep::ConnectionBlocked => true,
        LobbyStep::CookiesBlocked => !customer.joined(),
        _ => return Err(Refusal::Malformed),
    };
    if !noted || state.lobby == Some(step) {
        return Ok(Vec::new());
    }
    // It counts towards the share of the customer's pages, as if it had come over a socket.
    let told = PublicFact::LobbyReached { step };
    let bytes_max = rules.seat_bytes_max.saturating_add(rules.chat_bytes);
    let fact = [Fact::Public(told.clone())];
    if !share::has_room(state, Seat::Customer, bytes_max, &fact, rules) {
        return Err(Refusal::LimitReached);
    }
    Ok(vec![told])
}

/// Is allowed only before the customer joins. Afterwards the call is ended, not cancelled.
pub(super) fn cancel(state: &State) -> Result<Vec<PublicFact>, Refusal> {
    if state.seats.get(Seat::Customer).joined() {
        return Err(Refusal::AlreadyJoined);
    }
    Ok(vec![PublicFact::Ended {
        why: EndReason::InviteCancelled,
    }])
}
