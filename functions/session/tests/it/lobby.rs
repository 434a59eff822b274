//! Before joining: steps, names, return and leave.

use sightline_session::{PageCommand, Rules};
use sightline_wire::{LobbyStep, Refusal, Seat};

use crate::given::{
    AGENT, BEGUN, C1, CUSTOMER, CUSTOMER_ELSEWHERE, after, both_joined, both_joined_then, check,
    decide, join, joined, left, lost, media, name, reached, renamed, resumed, say,
};

const fn lobby(step: LobbyStep) -> PageCommand {
    PageCommand::Lobby { step }
}

fn rename(to: &str) -> PageCommand {
    PageCommand::Rename { name: name(to) }
}

#[test]
fn a_step_is_told_when_it_differs() {
    let here = reached(LobbyStep::InLobby);
    let asking = reached(LobbyStep::Asking);
    check(
        &[],
        CUSTOMER,
        lobby(LobbyStep::InLobby),
        Ok(std::slice::from_ref(&here)),
    );
    check(
        std::slice::from_ref(&here),
        CUSTOMER,
        lobby(LobbyStep::InLobby),
        Ok(&[]),
    );
    check(
        std::slice::from_ref(&here),
        CUSTOMER,
        lobby(LobbyStep::Asking),
        Ok(std::slice::from_ref(&asking)),
    );
    check(
        &[here.clone(), asking],
        CUSTOMER,
        lobby(LobbyStep::InLobby),
        Ok(&[here]),
    );
}

#[test]
fn only_a_customer_who_has_not_joined_is_in_the_lobby() {
    check(
        &[],
        AGENT,
        lobby(LobbyStep::InLobby),
        Err(Refusal::NotYours),
    );
    let given = [joined(Seat::Customer, C1)];
    for by in [CUSTOMER, CUSTOMER_ELSEWHERE] {
        check(
            &given,
            by,
            lobby(LobbyStep::InLobby),
            Err(Refusal::AlreadyJoined),
        );
    }
}

#[test]
fn a_customer_is_seen_from_the_lobby_on_and_an_agent_from_joining() {
    let seen = |facts: &[_]| {
        let state = after(facts.iter().cloned().map(|fact| (0, fact)));
        (
            state.seats.get(Seat::Agent).seen,
            state.seats.get(Seat::Customer).seen,
        )
    };
    assert_eq!(seen(&[]), (false, false));
    assert_eq!(seen(&[reached(LobbyStep::InLobby)]), (false, true));
    assert_eq!(seen(&[renamed("Bo")]), (false, false));
    assert_eq!(seen(&both_joined()), (true, true));
}

#[test]
fn a_name_is_told_when_it_differs() {
    check(&[], CUSTOMER, rename("Bo"), Ok(&[renamed("Bo")]));
    check(&[renamed("Bo")], CUSTOMER, rename("Bo"), Ok(&[]));
    check(&both_joined(), CUSTOMER, rename("Guest"), Ok(&[]));
    check(&both_joined(), CUSTOMER, rename("Bo"), Ok(&[renamed("Bo")]));
    check(&both_joined(), AGENT, rename("Bo"), Err(Refusal::NotYours));
}

#[test]
fn in_the_lobby_any_page_names_the_customer_and_in_the_call_the_holder_alone() {
    check(&[], CUSTOMER_ELSEWHERE, rename("Bo"), Ok(&[renamed("Bo")]));
    for name in ["Bo", "Guest"] {
        check(
            &both_joined(),
            CUSTOMER_ELSEWHERE,
            rename(name),
            Err(Refusal::Moved),
        );
    }
}

#[test]
fn whoever_was_never_seen_neither_leaves_nor_returns() {
    for command in [PageCommand::Leave, PageCommand::Return] {
        check(&[], CUSTOMER, command.clone(), Ok(&[]));
        check(&[], AGENT, command, Ok(&[]));
    }
}

#[test]
fn any_page_of_the_lobby_leaves_once_and_returns() {
    let here = reached(LobbyStep::InLobby);
    for by in [CUSTOMER, CUSTOMER_ELSEWHERE] {
        check(
            std::slice::from_ref(&here),
            by,
            PageCommand::Leave,
            Ok(&[left(Seat::Customer)]),
        );
        check(
            std::slice::from_ref(&here),
            by,
            PageCommand::Return,
            Ok(&[]),
        );
        for away in [left(Seat::Customer), lost(Seat::Customer)] {
            let given = [here.clone(), away];
            check(&given, by, PageCommand::Leave, Ok(&[]));
            check(
                &given,
                by,
                PageCommand::Return,
                Ok(&[resumed(Seat::Customer)]),
            );
        }
    }
}

#[test]
fn a_step_of_somebody_away_brings_them_back() {
    let given = [reached(LobbyStep::InLobby), left(Seat::Customer)];
    let back = resumed(Seat::Customer);
    check(
        &given,
        CUSTOMER,
        lobby(LobbyStep::InLobby),
        Ok(std::slice::from_ref(&back)),
    );
    let then = [back, reached(LobbyStep::Joining)];
    check(&given, CUSTOMER, lobby(LobbyStep::Joining), Ok(&then));
}

#[test]
fn joining_from_away_needs_no_return() {
    let given = [reached(LobbyStep::InLobby), lost(Seat::Customer)];
    let then = joined(Seat::Customer, C1);
    check(
        &given,
        CUSTOMER,
        join("Guest", false),
        Ok(std::slice::from_ref(&then)),
    );
    let state = after([(0, given[0].clone()), (0, given[1].clone()), (0, then)]);
    assert_eq!(state.seats.get(Seat::Customer).away, None);
}

#[test]
fn before_joining_there_is_no_call_to_speak_in() {
    let given = [reached(LobbyStep::InLobby)];
    for command in [say("hello"), media(true, true), PageCommand::End] {
        check(&given, CUSTOMER, command.clone(), Err(Refusal::NotJoined));
        check(&given, AGENT, command, Err(Refusal::NotJoined));
    }
}

#[test]
fn a_seat_that_is_away_stays_so_while_only_its_name_changes() {
    let given = both_joined_then([lost(Seat::Customer)]);
    check(&given, CUSTOMER, rename("Bo"), Ok(&[renamed("Bo")]));
}

/// H: nobody reads "Ada" or the business's name and takes the customer for them.
#[test]
fn a_customer_cannot_take_the_name_of_the_agent_or_of_the_business() {
    let rules = Rules {
        business: "Miller & Sons".to_owned(),
        ..Rules::default()
    };
    let lobby = after([]);
    let inside = after([(0, joined(Seat::Customer, C1))]);
    for taken in [
        "Ada",
        "ADA",
        "\u{410}d\u{430}",
        "A.d.a.",
        "Miller & Sons",
        "MiIIer & Sons",
        "MILLER SONS",
        "Agent",
        "\u{410}gent",
        "Sightline",
        "sightIine",
    ] {
        for (state, command) in [
            (&lobby, rename(taken)),
            (&lobby, join(taken, false)),
            (&inside, rename(taken)),
            (&inside, join(taken, true)),
        ] {
            let refused = decide(state, CUSTOMER, &command, BEGUN, &rules);
            assert_eq!(refused, Err(Refusal::NameTaken), "{taken}");
        }
        // The sign-in names the agent.
        let agents = decide(&lobby, AGENT, &join(taken, false), BEGUN, &rules);
        assert!(agents.is_ok(), "{taken}");
    }
    // Another page hears first that it has to take the seat over.
    let refused = decide(
        &inside,
        CUSTOMER_ELSEWHERE,
        &join("Ada", false),
        BEGUN,
        &rules,
    );
    assert_eq!(refused, Err(Refusal::SeatTaken));
    for free in [
        "Guest",
        "Miller",
        "Ada Miller",
        "Adam",
        "Agent Ada",
        "Ida",
        "Sons",
    ] {
        let command = rename(free);
        assert!(
            decide(&lobby, CUSTOMER, &command, BEGUN, &rules).is_ok(),
            "{free}"
        );
    }
    // Somebody who joined under such a name before the rule existed comes back under it.
    let mut before = inside;
    before.seats.get_mut(Seat::Customer).name = Some(name("Ada"));
    let back = decide(&before, CUSTOMER, &join("Ada", true), BEGUN, &rules);
    assert!(back.is_ok());
}
