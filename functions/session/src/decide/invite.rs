//! The invite: text messages, links, taking it back.

use sightline_wire::{EndReason, Refusal, Seat, SmsFailure};

use crate::{By, Rules, State, What};

/// The limit is looked at before the cool-down: waiting does not help against it.
pub(super) fn send_sms(
    state: &State,
    by: By,
    attempt: u32,
    now_ms: u64,
    rules: &Rules,
) -> Result<Vec<What>, Refusal> {
    if !matches!(by, By::AgentApi | By::House) {
        return Err(Refusal::NotYours);
    }
    let sms = &state.sms;
    if attempt == 0 || attempt > sms.attempts.saturating_add(1) {
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
    Ok(vec![What::SmsAttempted { attempt }])
}

/// The first outcome of the newest attempt counts. Of older attempts the state does not say whether
/// they have one, so their late outcomes are dropped: the page shows them as not known, as it did
/// when the newer one was asked for.
pub(super) fn settle_sms(
    state: &State,
    by: By,
    attempt: u32,
    outcome: Result<(), SmsFailure>,
) -> Result<Vec<What>, Refusal> {
    if by != By::House {
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
        Ok(()) => What::SmsAccepted { attempt },
        Err(why) => What::SmsFailed { attempt, why },
    }])
}

/// Also during the call: a customer who lost the page may need a fresh link to come back.
pub(super) fn make_link(state: &State, by: By, rules: &Rules) -> Result<Vec<What>, Refusal> {
    if by != By::AgentApi {
        return Err(Refusal::NotYours);
    }
    if state.links >= rules.links_max {
        return Err(Refusal::LimitReached);
    }
    Ok(vec![What::LinkMade])
}

pub(super) fn open_link(state: &State, by: By) -> Result<Vec<What>, Refusal> {
    if by != By::Link {
        return Err(Refusal::NotYours);
    }
    if state.link_opened {
        return Ok(Vec::new());
    }
    Ok(vec![What::LinkOpened])
}

/// Any page of the agent may: while waiting, none of them holds the seat.
pub(super) fn cancel(state: &State, by: By) -> Result<Vec<What>, Refusal> {
    if !matches!(by, By::AgentApi | By::Page(Seat::Agent, _)) {
        return Err(Refusal::NotYours);
    }
    if state.seats.get(Seat::Customer).joined() {
        return Err(Refusal::AlreadyJoined);
    }
    Ok(vec![What::Ended {
        why: EndReason::InviteCancelled,
    }])
}
