//! Looking: which events follow from a command, or why none.

mod ink;
mod invite;
mod picture;
mod seat;

use sightline_wire::{EndReason, Refusal, Seats};

use crate::{By, Command, Event, Invitation, Rules, SmsState, State, What, apply};

/// The first event of a session and the state after it. The state's revision is 1; whoever commits
/// adds one each time.
#[must_use]
pub fn begin(invitation: Invitation, now_ms: u64, rules: &Rules) -> (State, Event) {
    let issued = What::InviteIssued {
        agent: invitation.agent,
        agent_name: invitation.agent_name.clone(),
        number: invitation.number.clone(),
        reference: invitation.reference.clone(),
        language: invitation.language.clone(),
        expires_at_ms: now_ms.saturating_add(rules.invite_ms),
        ends_at_ms: now_ms.saturating_add(rules.total_ms),
    };
    let mut state = State {
        revision: 1,
        head: 0,
        head_at_ms: 0,
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
        link_opened: false,
        lobby: None,
        seats: Seats::default(),
        utc_offset: None,
        pictures: Vec::new(),
        sent: Vec::new(),
        board: None,
        ended: None,
    };
    let event = apply(&mut state, issued, now_ms);
    (state, event)
}

/// What follows from a command, in order; nothing when it asks for what is so already.
///
/// What is overdue ([`crate::due`]) is expected to have been applied: a date that has passed is not
/// looked at here.
///
/// # Errors
/// Why the session says no.
pub fn decide(
    state: &State,
    by: By,
    command: &Command,
    now_ms: u64,
    rules: &Rules,
) -> Result<Vec<What>, Refusal> {
    if let Some(why) = state.ended {
        return after_the_end(why, by, command);
    }
    let events = match command {
        Command::SendSms { attempt } => invite::send_sms(state, by, *attempt, now_ms, rules),
        Command::SettleSms { attempt, outcome } => {
            invite::settle_sms(state, by, *attempt, *outcome)
        }
        Command::MakeLink => invite::make_link(state, by, rules),
        Command::OpenLink => invite::open_link(state, by),
        Command::Cancel => invite::cancel(state, by),
        Command::Lobby { .. }
        | Command::Rename { .. }
        | Command::Join { .. }
        | Command::Media { .. }
        | Command::Return
        | Command::Leave
        | Command::Say { .. }
        | Command::Zone { .. }
        | Command::Capture
        | Command::CaptureAgain { .. }
        | Command::CaptureFailed { .. }
        | Command::Keep { .. }
        | Command::Send { .. }
        | Command::Delete { .. }
        | Command::OpenBoard { .. }
        | Command::CloseBoard { .. }
        | Command::Draw { .. }
        | Command::Undo { .. }
        | Command::UndoAll { .. }
        | Command::Redo { .. }
        | Command::Clear { .. }
        | Command::End => match by {
            By::Page(seat, page) => seat::decide(state, seat, page, command, now_ms, rules),
            By::AgentApi | By::Link | By::House => Err(Refusal::NotYours),
        },
    }?;
    let ends = matches!(command, Command::Cancel | Command::End);
    if !ends && !fits(state, by, &events, rules) {
        return Err(Refusal::LimitReached);
    }
    Ok(events)
}

/// Nothing follows the end. The outcome of a text message that was under way when the session ended
/// is taken in silence.
fn after_the_end(why: EndReason, by: By, command: &Command) -> Result<Vec<What>, Refusal> {
    if by == By::House && matches!(command, Command::SettleSms { .. }) {
        return Ok(Vec::new());
    }
    Err(match why {
        EndReason::InviteCancelled => Refusal::InviteCancelled,
        EndReason::InviteExpired => Refusal::InviteExpired,
        EndReason::AgentEnded
        | EndReason::CustomerEnded
        | EndReason::NobodyHeard
        | EndReason::TooLong => Refusal::CallEnded,
    })
}

/// What changes nothing always fits, so that a repeated question has its answer at the limit too.
fn fits(state: &State, by: By, events: &[What], rules: &Rules) -> bool {
    let new = u32::try_from(events.len()).unwrap_or(u32::MAX);
    let share = match by {
        By::Page(seat, _) => {
            state.seats.get(seat).made.saturating_add(new) <= rules.seat_events_max
        }
        By::AgentApi | By::Link | By::House => true,
    };
    new == 0 || share && state.head.saturating_add(new) <= rules.events_max
}
