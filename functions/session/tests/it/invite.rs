//! Text messages, links, cancelling the invite, and answers after the end.

use sightline_session::{
    Actor, Fact, LinkId, PageCommand, Rules, SystemCommand, apply, code_leads_in,
};
use sightline_wire::{AgentId, EndReason, LobbyStep, PublicFact, Refusal, Seat, SmsFailure};

use crate::given::{
    A1, AGENT, AGENT_ELSEWHERE, Asked, BEGUN, C1, C2, CUSTOMER, CUSTOMER_ELSEWHERE, SECOND, after,
    begun, both_joined, both_joined_then, check, check_at, decide, decide_asked, ended, join,
    joined, left, media, moved, name, reached, resumed, said, say,
};

const fn send(attempt: u32) -> SystemCommand {
    SystemCommand::SendSms { attempt }
}

const fn attempted(attempt: u32) -> Fact {
    Fact::Public(PublicFact::SmsAttempted { attempt })
}

const fn settle(attempt: u32, outcome: Result<(), SmsFailure>) -> SystemCommand {
    SystemCommand::SettleSms { attempt, outcome }
}

#[test]
fn the_first_message_goes_out_at_once() {
    let (state, _) = begun();
    for by in [Actor::Host, Actor::AgentApi] {
        check_at(&state, 0, by, send(1), Ok(&[attempted(1)]));
        // Also on a clock that has just begun.
        let follows = decide(&state, by, &send(1), 0, &Rules::default());
        assert_eq!(follows, Ok(vec![attempted(1)]));
    }
}

#[test]
fn asking_twice_sends_one_message() {
    check(&[attempted(1)], Actor::AgentApi, send(1), Ok(&[]));
    check(
        &[attempted(1), attempted(2)],
        Actor::AgentApi,
        send(1),
        Ok(&[]),
    );
    check(
        &[attempted(1), attempted(2)],
        Actor::AgentApi,
        send(2),
        Ok(&[]),
    );
}

#[test]
fn an_attempt_that_cannot_be_next_is_malformed() {
    check(&[], Actor::AgentApi, send(0), Err(Refusal::Malformed));
    check(&[], Actor::AgentApi, send(2), Err(Refusal::Malformed));
    check(
        &[attempted(1)],
        Actor::AgentApi,
        send(3),
        Err(Refusal::Malformed),
    );
    check(
        &[attempted(1)],
        Actor::AgentApi,
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
        check_at(&state, at_ms, Actor::AgentApi, send(2), then);
    }
}

#[test]
fn the_cool_down_counts_from_the_newest_message() {
    let state = after([(0, attempted(1)), (30 * SECOND, attempted(2))]);
    check_at(
        &state,
        59_999,
        Actor::AgentApi,
        send(3),
        Err(Refusal::TooSoon { wait_ms: 1 }),
    );
    check_at(
        &state,
        60_000,
        Actor::AgentApi,
        send(3),
        Ok(&[attempted(3)]),
    );
}

#[test]
fn no_message_is_sent_to_somebody_who_joined() {
    let customer = joined(Seat::Customer, C1);
    check(
        std::slice::from_ref(&customer),
        Actor::AgentApi,
        send(1),
        Err(Refusal::AlreadyJoined),
    );
    // What was sent before stays answered.
    check(&[attempted(1), customer], Actor::AgentApi, send(1), Ok(&[]));
    check(
        &[joined(Seat::Agent, A1)],
        Actor::AgentApi,
        send(1),
        Ok(&[attempted(1)]),
    );
}

#[test]
fn only_the_agent_and_the_house_send_messages() {
    check(&[], Actor::Link, send(1), Err(Refusal::NotYours));
}

#[test]
fn the_first_outcome_of_a_message_counts() {
    let (taken, late) = (settle(1, Ok(())), settle(1, Err(SmsFailure::Throttled)));
    let accepted = Fact::Public(PublicFact::SmsAccepted { attempt: 1 });
    let failed = Fact::Public(PublicFact::SmsFailed {
        attempt: 1,
        why: SmsFailure::Throttled,
    });
    check(
        &[attempted(1)],
        Actor::Host,
        taken.clone(),
        Ok(std::slice::from_ref(&accepted)),
    );
    check(
        &[attempted(1)],
        Actor::Host,
        late.clone(),
        Ok(std::slice::from_ref(&failed)),
    );
    check(
        &[attempted(1), accepted.clone()],
        Actor::Host,
        late.clone(),
        Ok(&[]),
    );
    check(
        &[attempted(1), accepted],
        Actor::Host,
        taken.clone(),
        Ok(&[]),
    );
    check(&[attempted(1), failed], Actor::Host, taken, Ok(&[]));
}

#[test]
fn an_outcome_belongs_to_the_newest_message() {
    let given = [attempted(1), attempted(2)];
    check(&given, Actor::Host, settle(1, Ok(())), Ok(&[]));
    check(
        &given,
        Actor::Host,
        settle(2, Ok(())),
        Ok(&[Fact::Public(PublicFact::SmsAccepted { attempt: 2 })]),
    );
    let given = [
        attempted(1),
        Fact::Public(PublicFact::SmsAccepted { attempt: 1 }),
        attempted(2),
    ];
    check(
        &given,
        Actor::Host,
        settle(2, Ok(())),
        Ok(&[Fact::Public(PublicFact::SmsAccepted { attempt: 2 })]),
    );
}

#[test]
fn an_outcome_of_no_known_message_is_malformed_and_only_the_house_reports_one() {
    check(&[], Actor::Host, settle(0, Ok(())), Err(Refusal::Malformed));
    check(&[], Actor::Host, settle(1, Ok(())), Err(Refusal::Malformed));
    check(
        &[attempted(1)],
        Actor::Host,
        settle(2, Ok(())),
        Err(Refusal::Malformed),
    );
    for by in [Actor::Link, Actor::AgentApi] {
        check(
            &[attempted(1)],
            by,
            settle(1, Ok(())),
            Err(Refusal::NotYours),
        );
    }
}

#[test]
fn a_page_that_cannot_connect_is_noted_once_until_it_is_back() {
    let hold = |step| SystemCommand::HoldUp { step };
    let (blocked, cookies) = (LobbyStep::ConnectionBlocked, LobbyStep::CookiesBlocked);
    for step in [blocked, cookies] {
        check(&[], Actor::Link, hold(step), Ok(&[reached(step)]));
        check(&[reached(step)], Actor::Link, hold(step), Ok(&[]));
        for by in [Actor::AgentApi, Actor::Host] {
            check(&[], by, hold(step), Err(Refusal::NotYours));
        }
    }
    let other = hold(LobbyStep::InLobby);
    check(&[], Actor::Link, other, Err(Refusal::Malformed));
    let seat = Seat::Customer;
    let gone = [
        reached(blocked),
        Fact::Public(PublicFact::Lost { seat }),
        Fact::Public(PublicFact::Resumed { seat }),
    ];
    check(&gone, Actor::Link, hold(blocked), Ok(&[reached(blocked)]));
    let called = both_joined();
    check(&called, Actor::Link, hold(blocked), Ok(&[reached(blocked)]));
    check(&called, Actor::Link, hold(cookies), Ok(&[]));
}

#[test]
fn links_are_made_by_the_agent_until_the_end() {
    check(
        &[],
        Actor::AgentApi,
        SystemCommand::MakeLink,
        Ok(&[Fact::Public(PublicFact::LinkMade)]),
    );
    check(
        &both_joined(),
        Actor::AgentApi,
        SystemCommand::MakeLink,
        Ok(&[Fact::Public(PublicFact::LinkMade)]),
    );
    for by in [Actor::Link, Actor::Host] {
        check(&[], by, SystemCommand::MakeLink, Err(Refusal::NotYours));
    }
}

#[test]
fn a_call_that_waits_for_an_agent_is_taken_once() {
    let (mut state, _) = begun();
    let (first, second) = (AgentId::from_bytes([21; 16]), AgentId::from_bytes([22; 16]));
    let take = |agent| SystemCommand::TakeCall {
        agent,
        agent_name: name("Grace"),
    };
    let own = state.agent;
    check_at(&state, 0, Actor::AgentApi, take(own), Ok(&[]));
    check_at(
        &state,
        0,
        Actor::AgentApi,
        take(first),
        Err(Refusal::NotYours),
    );

    state.agent = AgentId::NOBODY;
    for by in [Actor::Link, Actor::Host] {
        check_at(&state, 0, by, take(first), Err(Refusal::NotYours));
    }
    let nobody = take(AgentId::NOBODY);
    check_at(&state, 0, Actor::AgentApi, nobody, Err(Refusal::NotYours));
    let taken = Fact::CallTaken {
        agent: first,
        agent_name: name("Grace"),
    };
    check_at(
        &state,
        0,
        Actor::AgentApi,
        take(first),
        Ok(std::slice::from_ref(&taken)),
    );
    apply(&mut state, taken, BEGUN);
    assert_eq!((state.agent, &state.agent_name), (first, &name("Grace")));
    check_at(&state, 0, Actor::AgentApi, take(first), Ok(&[]));
    check_at(
        &state,
        0,
        Actor::AgentApi,
        take(second),
        Err(Refusal::NotYours),
    );
    apply(&mut state, ended(EndReason::InviteCancelled), BEGUN);
    let late = take(second);
    check_at(
        &state,
        0,
        Actor::AgentApi,
        late,
        Err(Refusal::InviteCancelled),
    );
}

#[test]
fn a_number_that_opted_out_counts_as_such_until_a_message_is_accepted() {
    let failed = |attempt, why| Fact::Public(PublicFact::SmsFailed { attempt, why });
    let accepted = |attempt| Fact::Public(PublicFact::SmsAccepted { attempt });
    let opted_out = failed(1, SmsFailure::OptedOut);
    for (facts, wanted) in [
        (vec![attempted(1)], false),
        (vec![attempted(1), failed(1, SmsFailure::BadNumber)], false),
        (vec![attempted(1), opted_out.clone()], true),
        (vec![attempted(1), opted_out.clone(), attempted(2)], true),
        (
            vec![attempted(1), opted_out, attempted(2), accepted(2)],
            false,
        ),
    ] {
        let state = after(facts.iter().map(|fact| (0, fact.clone())));
        assert_eq!(state.sms.opted_out, wanted, "{facts:?}");
    }
}

#[test]
fn opening_a_link_is_told_once() {
    check(
        &[],
        Actor::Link,
        SystemCommand::OpenLink,
        Ok(&[Fact::Public(PublicFact::LinkOpened)]),
    );
    check(
        &[Fact::Public(PublicFact::LinkOpened)],
        Actor::Link,
        SystemCommand::OpenLink,
        Ok(&[]),
    );
    for by in [Actor::AgentApi, Actor::Host] {
        check(&[], by, SystemCommand::OpenLink, Err(Refusal::NotYours));
    }
}

#[test]
fn the_agent_cancels_until_the_customer_joined() {
    let cancelled = [ended(EndReason::InviteCancelled)];
    let lobby = [
        Fact::Public(PublicFact::LinkOpened),
        reached(LobbyStep::Joining),
    ];
    let agent = [joined(Seat::Agent, A1)];
    let customer = [joined(Seat::Customer, C1)];
    let too_late = Err(Refusal::AlreadyJoined);
    for given in [&[][..], &lobby, &agent] {
        for by in [AGENT, AGENT_ELSEWHERE] {
            check(given, by, PageCommand::Cancel, Ok(&cancelled));
        }
        check(
            given,
            Actor::AgentApi,
            SystemCommand::Cancel,
            Ok(&cancelled),
        );
    }
    for by in [AGENT, AGENT_ELSEWHERE] {
        check(&customer, by, PageCommand::Cancel, too_late);
    }
    check(&customer, Actor::AgentApi, SystemCommand::Cancel, too_late);
    check(&[], CUSTOMER, PageCommand::Cancel, Err(Refusal::NotYours));
    for by in [Actor::Link, Actor::Host] {
        check(&[], by, SystemCommand::Cancel, Err(Refusal::NotYours));
    }
}

/// One of every command, from a permitted sender.
fn everything() -> Vec<Asked> {
    let step = LobbyStep::InLobby;
    vec![
        (Actor::AgentApi, send(1)).into(),
        (Actor::AgentApi, SystemCommand::MakeLink).into(),
        (Actor::Link, SystemCommand::OpenLink).into(),
        (CUSTOMER, PageCommand::Lobby { step }).into(),
        (CUSTOMER, PageCommand::Rename { name: name("Bo") }).into(),
        (CUSTOMER, join("Guest", true)).into(),
        (AGENT, join("Ada", false)).into(),
        (AGENT, media(true, true)).into(),
        (CUSTOMER, PageCommand::Return).into(),
        (CUSTOMER, PageCommand::Leave).into(),
        (AGENT, PageCommand::Cancel).into(),
        (AGENT, say("hello")).into(),
        (AGENT, PageCommand::End).into(),
    ]
}

#[track_caller]
fn check_asked(given: &[Fact], asked: Asked, then: Result<&[Fact], Refusal>) {
    let state = after(given.iter().map(|fact| (0, fact.clone())));
    let follows = decide_asked(&state, &asked, BEGUN + SECOND, &Rules::default());
    assert_eq!(follows, then.map(<[Fact]>::to_vec), "{asked:?}");
}

#[test]
fn a_cancelled_invite_is_refused() {
    for asked in everything() {
        let given = [ended(EndReason::InviteCancelled)];
        check_asked(&given, asked, Err(Refusal::InviteCancelled));
    }
}

#[test]
fn an_expired_invite_is_refused() {
    for asked in everything() {
        let given = [ended(EndReason::InviteExpired)];
        check_asked(&given, asked, Err(Refusal::InviteExpired));
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
        for asked in everything() {
            let mut given = both_joined();
            given.push(ended(why));
            check_asked(&given, asked, Err(Refusal::CallEnded));
        }
    }
}

#[test]
fn an_outcome_after_the_end_is_taken_in_silence() {
    let given = [attempted(1), ended(EndReason::InviteCancelled)];
    check(&given, Actor::Host, settle(1, Ok(())), Ok(&[]));
}

/// Security finding 12: a link that had leaked stayed good for the whole call.
#[test]
fn finding_12_the_agent_takes_the_links_back_and_with_them_the_seat() {
    let renewed = Fact::Public(PublicFact::LinksRenewed);
    let renew = || SystemCommand::RenewLinks;
    let then = std::slice::from_ref(&renewed);
    for given in [
        vec![],
        both_joined(),
        both_joined_then([left(Seat::Customer)]),
    ] {
        check(&given, Actor::AgentApi, renew(), Ok(then));
        for by in [Actor::Link, Actor::Host] {
            check(&given, by, renew(), Err(Refusal::NotYours));
        }
    }
    let given = both_joined_then([moved(Seat::Customer, C2), renewed.clone()]);
    for by in [CUSTOMER, CUSTOMER_ELSEWHERE] {
        check(&given, by, say("hi"), Err(Refusal::Moved));
        // A page with the new link displaces nobody, so neither `take` nor a pause is needed.
        let joins = [moved(Seat::Customer, by.1), resumed(Seat::Customer)];
        check(&given, by, join("Guest", false), Ok(&joins));
    }
    check(&given, AGENT, say("hi"), Ok(&[said(Seat::Agent, "hi")]));
    let state = after(given.into_iter().map(|fact| (0, fact)));
    let customer = state.seats.get(Seat::Customer);
    assert!(customer.joined() && !customer.is_held(), "the call goes on");
    assert_eq!(code_leads_in(&state), Ok(()), "the new code does");
    assert!(
        !state.leads_in(&LinkId([1; 16])),
        "no link but those made since"
    );
}

#[test]
fn renewed_links_count_as_further_links() {
    let rules = Rules::default();
    let made = (1..rules.links_max).map(|_| (0, Fact::Public(PublicFact::LinkMade)));
    let mut state = after(made);
    let renew = SystemCommand::RenewLinks;
    let then = decide(&state, Actor::AgentApi, &renew, BEGUN, &rules);
    assert_eq!(then, Ok(vec![Fact::Public(PublicFact::LinksRenewed)]));
    apply(&mut state, Fact::Public(PublicFact::LinksRenewed), BEGUN);
    for more in [renew, SystemCommand::MakeLink] {
        let then = decide(&state, Actor::AgentApi, &more, BEGUN, &rules);
        assert_eq!(then, Err(Refusal::LimitReached));
    }
}
