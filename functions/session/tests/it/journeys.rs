//! Whole calls from the invite to the end.

use sightline_session::{Actor, Fact, Heard, PageCommand, Rules, State, SystemCommand, apply, due};
use sightline_wire::{EndReason, LobbyStep, PublicFact, Refusal, Seat, Seats};

use crate::given::{
    A1, AGENT, Asked, BEGUN, C1, C2, CUSTOMER, CUSTOMER_ELSEWHERE, MINUTE, SECOND, begun, decide,
    ended, join, joined, left, lost, moved, reached, resumed, said, say,
};

struct Told {
    state: State,
    rules: Rules,
}

impl Told {
    fn begun() -> Self {
        Self {
            state: begun().0,
            rules: Rules::default(),
        }
    }

    #[track_caller]
    fn asks<B, C: Clone>(&mut self, at_ms: u64, by: B, command: &C, then: Result<&[Fact], Refusal>)
    where
        Asked: From<(B, C)>,
    {
        let now_ms = BEGUN + at_ms;
        let follows = decide(&self.state, by, command, now_ms, &self.rules);
        assert_eq!(follows, then.map(<[Fact]>::to_vec));
        for fact in follows.unwrap_or_default() {
            apply(&mut self.state, fact, now_ms);
        }
    }

    #[track_caller]
    fn waits(&mut self, at_ms: u64, agent_ms: u64, customer_ms: u64, then: &[Fact]) {
        let heard = |at_ms| {
            Some(Heard {
                at_ms: BEGUN + at_ms,
                closed_at_ms: None,
            })
        };
        let heard = Seats::from_fn(|seat| match seat {
            Seat::Agent => heard(agent_ms),
            Seat::Customer => heard(customer_ms),
        });
        let overdue = due(&self.state, &heard, BEGUN + at_ms, &self.rules);
        assert_eq!(overdue, then);
        for fact in overdue {
            apply(&mut self.state, fact, BEGUN + at_ms);
        }
    }
}

#[test]
fn a_call_from_the_invite_to_the_end() {
    let mut call = Told::begun();
    let attempt = 1;
    call.asks(
        0,
        Actor::Host,
        &SystemCommand::SendSms { attempt },
        Ok(&[Fact::Public(PublicFact::SmsAttempted { attempt })]),
    );
    let taken = SystemCommand::SettleSms {
        attempt,
        outcome: Ok(()),
    };
    call.asks(
        90,
        Actor::Host,
        &taken,
        Ok(&[Fact::Public(PublicFact::SmsAccepted { attempt })]),
    );
    call.asks(
        MINUTE,
        Actor::Link,
        &SystemCommand::OpenLink,
        Ok(&[Fact::Public(PublicFact::LinkOpened)]),
    );
    let step = LobbyStep::InLobby;
    call.asks(
        MINUTE + 1,
        CUSTOMER,
        &PageCommand::Lobby { step },
        Ok(&[reached(step)]),
    );
    let agent = joined(Seat::Agent, A1);
    call.asks(
        2 * MINUTE,
        CUSTOMER,
        &join("Guest", false),
        Ok(&[joined(Seat::Customer, C1)]),
    );
    call.asks(2 * MINUTE + 300, AGENT, &join("Ada", false), Ok(&[agent]));
    call.asks(
        3 * MINUTE,
        AGENT,
        &PageCommand::Cancel,
        Err(Refusal::AlreadyJoined),
    );
    call.asks(
        3 * MINUTE,
        CUSTOMER,
        &say("hi"),
        Ok(&[said(Seat::Customer, "hi")]),
    );
    call.asks(
        4 * MINUTE,
        AGENT,
        &PageCommand::End,
        Ok(&[ended(EndReason::AgentEnded)]),
    );
    call.asks(
        4 * MINUTE,
        CUSTOMER,
        &PageCommand::End,
        Err(Refusal::CallEnded),
    );
    assert_eq!(call.state.head, 9);
}

#[test]
fn a_customer_whose_phone_sleeps_comes_back_and_then_moves_to_another_device() {
    let mut call = Told::begun();
    call.asks(
        0,
        CUSTOMER,
        &join("Guest", false),
        Ok(&[joined(Seat::Customer, C1)]),
    );
    call.asks(
        0,
        AGENT,
        &join("Ada", false),
        Ok(&[joined(Seat::Agent, A1)]),
    );
    call.waits(40 * SECOND, 40 * SECOND, 0, &[lost(Seat::Customer)]);
    call.waits(50 * SECOND, 40 * SECOND, 0, &[]);
    call.asks(
        MINUTE,
        CUSTOMER,
        &PageCommand::Return,
        Ok(&[resumed(Seat::Customer)]),
    );
    call.asks(
        2 * MINUTE,
        CUSTOMER,
        &PageCommand::Leave,
        Ok(&[left(Seat::Customer)]),
    );
    let there = [moved(Seat::Customer, C2), resumed(Seat::Customer)];
    call.asks(
        3 * MINUTE,
        CUSTOMER_ELSEWHERE,
        &join("Guest", true),
        Ok(&there),
    );
    call.asks(3 * MINUTE, CUSTOMER, &PageCommand::Return, Ok(&[]));
    call.asks(3 * MINUTE, CUSTOMER, &say("hi"), Err(Refusal::Moved));
    call.waits(
        4 * MINUTE,
        3 * MINUTE,
        3 * MINUTE,
        &[lost(Seat::Agent), lost(Seat::Customer)],
    );
    call.waits(
        18 * MINUTE,
        3 * MINUTE,
        3 * MINUTE,
        &[ended(EndReason::NobodyHeard)],
    );
}
