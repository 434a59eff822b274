//! Text messages, links, taking the invite back, and what is said after the end.

use sightline_session::{By, Command, Rules, What, decide};
use sightline_wire::{EndReason, LobbyStep, Refusal, Seat, SmsFailure};

use crate::given::{
    A1, AGENT, AGENT_ELSEWHERE, BEGUN, C1, CUSTOMER, SECOND, after, begun, both_joined, check,
    check_at, ended, join, joined, media, name, reached, say,
};

const fn send(attempt: u32) -> Command {
    Command::SendSms { attempt }
}

const fn attempted(attempt: u32) -> What {
    What::SmsAttempted { attempt }
}

const fn settle(attempt: u32, outcome: Result<(), SmsFailure>) -> Command {
    Command::SettleSms { attempt, outcome }
}

#[test]
fn the_first_message_goes_out_at_once() {
    let (state, _) = begun();
    for by in [By::House, By::AgentApi] {
        check_at(&state, 0, by, send(1), Ok(&[attempted(1)]));
        // Also on a clock that has just begun.
        let follows = decide(&state, by, &send(1), 0, &Rules::default());
        assert_eq!(follows, Ok(vec![attempted(1)]));
    }
}

#[test]
fn asking_twice_sends_one_message() {
    check(&[attempted(1)], By::AgentApi, send(1), Ok(&[]));
    check(
        &[attempted(1), attempted(2)],
        By::AgentApi,
        send(1),
        Ok(&[]),
    );
    check(
        &[attempted(1), attempted(2)],
        By::AgentApi,
        send(2),
        Ok(&[]),
    );
}

#[test]
fn an_attempt_that_cannot_be_next_is_malformed() {
    check(&[], By::AgentApi, send(0), Err(Refusal::Malformed));
    check(&[], By::AgentApi, send(2), Err(Refusal::Malformed));
    check(
        &[attempted(1)],
        By::AgentApi,
        send(3),
        Err(Refusal::Malformed),
    );
    check(
        &[attempted(1)],
        By::AgentApi,
        send(u32::MAX),
        Err(Refusal::Malformed),
    );
}

#[test]
fn sending_again_waits_for_the_cool_down() {
    let sent_at = 7 * SECOND;
    let state = after([(sent_at, attempted(1))]);
    let again = [attempted(2)];
    let wait = |wait_ms| Err(Refusal::TooSoon { wait_ms });
    for (at_ms, then) in [
        // Another server's clock may be behind.
        (sent_at - 1, wait(30_001)),
        (sent_at, wait(30_000)),
        (sent_at + 29_999, wait(1)),
        (sent_at + 30_000, Ok(again.as_slice())),
        (sent_at + 30_001, Ok(&again)),
    ] {
        check_at(&state, at_ms, By::AgentApi, send(2), then);
    }
}

#[test]
fn the_cool_down_counts_from_the_newest_message() {
    let state = after([(0, attempted(1)), (30 * SECOND, attempted(2))]);
    check_at(
        &state,
        59_999,
        By::AgentApi,
        send(3),
        Err(Refusal::TooSoon { wait_ms: 1 }),
    );
    check_at(&state, 60_000, By::AgentApi, send(3), Ok(&[attempted(3)]));
}

#[test]
fn no_message_is_sent_to_somebody_who_joined() {
    let customer = joined(Seat::Customer, C1);
    check(
        std::slice::from_ref(&customer),
        By::AgentApi,
        send(1),
        Err(Refusal::AlreadyJoined),
    );
    // What was sent before stays answered.
    check(&[attempted(1), customer], By::AgentApi, send(1), Ok(&[]));
    check(
        &[joined(Seat::Agent, A1)],
        By::AgentApi,
        send(1),
        Ok(&[attempted(1)]),
    );
}

#[test]
fn only_the_agent_and_the_house_send_messages() {
    for by in [AGENT, CUSTOMER, By::Link] {
        check(&[], by, send(1), Err(Refusal::NotYours));
    }
}

#[test]
fn the_first_outcome_of_a_message_counts() {
    let (taken, late) = (settle(1, Ok(())), settle(1, Err(SmsFailure::Throttled)));
    let accepted = What::SmsAccepted { attempt: 1 };
    let failed = What::SmsFailed {
        attempt: 1,
        why: SmsFailure::Throttled,
    };
    check(
        &[attempted(1)],
        By::House,
        taken.clone(),
        Ok(std::slice::from_ref(&accepted)),
    );
    check(
        &[attempted(1)],
        By::House,
        late.clone(),
        Ok(std::slice::from_ref(&failed)),
    );
    check(
        &[attempted(1), accepted.clone()],
        By::House,
        late.clone(),
        Ok(&[]),
    );
    check(&[attempted(1), accepted], By::House, taken.clone(), Ok(&[]));
    check(&[attempted(1), failed], By::House, taken, Ok(&[]));
}

#[test]
fn an_outcome_belongs_to_the_newest_message() {
    let given = [attempted(1), attempted(2)];
    check(&given, By::House, settle(1, Ok(())), Ok(&[]));
    check(
        &given,
        By::House,
        settle(2, Ok(())),
        Ok(&[What::SmsAccepted { attempt: 2 }]),
    );
    let given = [attempted(1), What::SmsAccepted { attempt: 1 }, attempted(2)];
    check(
        &given,
        By::House,
        settle(2, Ok(())),
        Ok(&[What::SmsAccepted { attempt: 2 }]),
    );
}

#[test]
fn an_outcome_of_no_known_message_is_malformed_and_only_the_house_reports_one() {
    check(&[], By::House, settle(0, Ok(())), Err(Refusal::Malformed));
    check(&[], By::House, settle(1, Ok(())), Err(Refusal::Malformed));
    check(
        &[attempted(1)],
        By::House,
        settle(2, Ok(())),
        Err(Refusal::Malformed),
    );
    for by in [AGENT, CUSTOMER, By::Link, By::AgentApi] {
        check(
            &[attempted(1)],
            by,
            settle(1, Ok(())),
            Err(Refusal::NotYours),
        );
    }
}

#[test]
fn links_are_made_by_the_agent_until_the_end() {
    check(&[], By::AgentApi, Command::MakeLink, Ok(&[What::LinkMade]));
    check(
        &both_joined(),
        By::AgentApi,
        Command::MakeLink,
        Ok(&[What::LinkMade]),
    );
    for by in [AGENT, CUSTOMER, By::Link, By::House] {
        check(&[], by, Command::MakeLink, Err(Refusal::NotYours));
    }
}

#[test]
fn opening_a_link_is_told_once() {
    check(&[], By::Link, Command::OpenLink, Ok(&[What::LinkOpened]));
    check(&[What::LinkOpened], By::Link, Command::OpenLink, Ok(&[]));
    for by in [AGENT, CUSTOMER, By::AgentApi, By::House] {
        check(&[], by, Command::OpenLink, Err(Refusal::NotYours));
    }
}

#[test]
fn the_agent_cancels_until_the_customer_joined() {
    let cancelled = [ended(EndReason::InviteCancelled)];
    let lobby = [What::LinkOpened, reached(LobbyStep::Joining)];
    for by in [AGENT, AGENT_ELSEWHERE, By::AgentApi] {
        check(&[], by, Command::Cancel, Ok(&cancelled));
        check(&lobby, by, Command::Cancel, Ok(&cancelled));
        check(
            &[joined(Seat::Agent, A1)],
            by,
            Command::Cancel,
            Ok(&cancelled),
        );
        check(
            &[joined(Seat::Customer, C1)],
            by,
            Command::Cancel,
            Err(Refusal::AlreadyJoined),
        );
    }
    for by in [CUSTOMER, By::Link, By::House] {
        check(&[], by, Command::Cancel, Err(Refusal::NotYours));
    }
}

/// One of every command, by somebody who may.
fn everything() -> Vec<(By, Command)> {
    let step = LobbyStep::InLobby;
    vec![
        (By::AgentApi, send(1)),
        (By::AgentApi, Command::MakeLink),
        (By::Link, Command::OpenLink),
        (CUSTOMER, Command::Lobby { step }),
        (CUSTOMER, Command::Rename { name: name("Bo") }),
        (CUSTOMER, join("Guest", true)),
        (AGENT, join("Ada", false)),
        (AGENT, media(true, true)),
        (CUSTOMER, Command::Return),
        (CUSTOMER, Command::Leave),
        (By::House, Command::Return),
        (By::House, Command::Leave),
        (AGENT, Command::Cancel),
        (AGENT, say("hello")),
        (AGENT, Command::End),
    ]
}

#[test]
fn a_cancelled_invite_is_refused() {
    for (by, command) in everything() {
        let given = [ended(EndReason::InviteCancelled)];
        check(&given, by, command, Err(Refusal::InviteCancelled));
    }
}

#[test]
fn an_expired_invite_is_refused() {
    for (by, command) in everything() {
        let given = [ended(EndReason::InviteExpired)];
        check(&given, by, command, Err(Refusal::InviteExpired));
    }
}

#[test]
fn an_ended_call_is_refused() {
    for why in [
        EndReason::AgentEnded,
        EndReason::CustomerEnded,
        EndReason::NobodyHeard,
        EndReason::TooLong,
    ] {
        for (by, command) in everything() {
            let mut given = both_joined();
            given.push(ended(why));
            check(&given, by, command, Err(Refusal::CallEnded));
        }
    }
}

#[test]
fn an_outcome_after_the_end_is_taken_in_silence() {
    let given = [attempted(1), ended(EndReason::InviteCancelled)];
    check(&given, By::House, settle(1, Ok(())), Ok(&[]));
    check(
        &given,
        AGENT,
        settle(1, Ok(())),
        Err(Refusal::InviteCancelled),
    );
}

#[test]
fn only_pages_ask_for_what_belongs_to_a_seat() {
    let (state, _) = begun();
    for (by, command) in everything() {
        let By::Page(..) = by else { continue };
        for other in [By::Link, By::House] {
            let follows = decide(&state, other, &command, BEGUN, &Rules::default());
            assert_eq!(follows, Err(Refusal::NotYours), "{command:?}");
        }
    }
}
