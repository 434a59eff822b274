//! Random sequences of commands: no panic, and a consistent log.

use proptest::prelude::*;
use sightline_session::{
    Asking, Effect, Event, Fact, PageCommand, Rules, SeatState, State, SystemCommand, Taken, Turn,
    apply, due, next_number, react, replay, restore, take,
};
use sightline_wire::{GuestAnswer, GuestDevice, LobbyStep, PageId, PublicFact, Seat, Seats};

use crate::given::{Asked, BEGUN, begun, decide_asked, log_only};
use crate::strategies::{ages, aimed, asked, heard, page, page_command, passing, seat};

#[derive(Clone, Debug)]
enum Step {
    Asks(Asked),
    /// The number is the expected one and this.
    AsksNumbered(Seat, PageId, i64, PageCommand),
    Looks(Seats<Option<(u64, Option<u64>)>>),
}

fn step() -> impl Strategy<Value = (i64, Step)> {
    let off = prop_oneof![8 => Just(0), 1 => -2..4_i64, 1 => Just(i64::from(u32::MAX))];
    let step = prop_oneof![
        5 => asked().prop_map(Step::Asks),
        4 => (seat(), page(), off, page_command())
            .prop_map(|(seat, page, off, command)| Step::AsksNumbered(seat, page, off, command)),
        2 => ages().prop_map(Step::Looks),
    ];
    (passing(), step)
}

/// A small session reaches its limits within a run.
fn rules() -> impl Strategy<Value = Rules> {
    (prop_oneof![Just(60_000), 3..60_u32], 1..12_u32).prop_map(|(events_max, most)| Rules {
        events_max,
        pictures_max: most,
        attempts_max: 3,
        strokes_max: most,
        sends_max: most,
        ..Rules::default()
    })
}

struct Run {
    state: State,
    log: Vec<Event>,
    effects: Vec<Effect>,
}

fn run(steps: &[(i64, Step)], rules: &Rules) -> Run {
    let (mut state, first) = begun();
    let mut log = vec![first];
    let mut all_effects = Vec::new();
    let mut now_ms = BEGUN;
    for (passes_ms, step) in steps {
        now_ms = now_ms.saturating_add_signed(*passes_ms);
        let before = state.clone();
        let apply_all = |state: &mut State, facts: Vec<Fact>| -> Vec<Event> {
            let apply_one = |fact| apply(state, fact, now_ms);
            facts.into_iter().map(apply_one).collect()
        };
        let events = match step {
            Step::Asks(asked) => {
                let asked = match asked {
                    Asked::Page(seat, page, command) => {
                        Asked::Page(*seat, *page, aimed(command, &state, &log))
                    }
                    system => system.clone(),
                };
                let facts = decide_asked(&state, &asked, now_ms, rules).unwrap_or_default();
                let opens = facts
                    .iter()
                    .any(|fact| matches!(fact, Fact::Public(PublicFact::BoardOpened { .. })));
                let events = apply_all(&mut state, facts);
                if let Asked::Page(.., PageCommand::OpenBoard { board, .. }) = &asked
                    && opens
                {
                    restore(&mut state, board);
                }
                events
            }
            Step::Looks(ages) => {
                let facts = due(&state, &heard(ages, now_ms), now_ms, rules);
                apply_all(&mut state, facts)
            }
            Step::AsksNumbered(seat, page, off, command) => {
                let (seat, page) = (*seat, *page);
                let command = aimed(command, &state, &log);
                let expected = i64::from(next_number(&state, seat, page));
                let n = u32::try_from(expected.saturating_add(*off)).unwrap_or_default();
                match take(&mut state, Turn { seat, page, n }, &command, now_ms, rules) {
                    Taken::Fresh { events, .. } => events,
                    Taken::Repeat(_) | Taken::OutOfTurn { .. } => {
                        assert_eq!(state, before, "nothing changed");
                        Vec::new()
                    }
                }
            }
        };
        check_made(&before, step, &events, &state);
        all_effects.extend(react(&before, &events, &state));
        log.extend(events);
        check_boards(&state, &log, rules);
    }
    Run {
        state,
        log,
        effects: all_effects,
    }
}

/// Events that a page causes, over its socket or without one, count towards the share of its seat,
/// except an end, and a request without an answer: the clock may say those as well. No others do.
fn check_made(before: &State, step: &Step, events: &[Event], after: &State) {
    let asking = match step {
        Step::Asks(Asked::Page(seat, ..)) | Step::AsksNumbered(seat, ..) => Some(*seat),
        Step::Asks(Asked::System(_, SystemCommand::HoldUp { .. })) => Some(Seat::Customer),
        _ => None,
    };
    let by_clock = |event: &&Event| {
        matches!(
            event.fact,
            Fact::Public(
                PublicFact::Ended { .. }
                    | PublicFact::GuestAnswered {
                        answer: GuestAnswer::NoAnswer,
                        ..
                    }
            )
        )
    };
    let new = events.iter().filter(|event| !by_clock(event)).count();
    for seat in Seat::ALL {
        let made = after.seats.get(seat).made - before.seats.get(seat).made;
        let own = if asking == Some(seat) { new } else { 0 };
        assert_eq!(made as usize, own, "{step:?}");
    }
}

/// The open board matches the log, and everything kept stays within its limits.
fn check_boards(state: &State, log: &[Event], rules: &Rules) {
    if let Some(board) = &state.board {
        assert_eq!(board, &replay(board.picture, log));
        assert!(board.strokes.len() <= rules.strokes_max as usize);
        let there = |picture: &sightline_session::Picture| picture.id == board.picture;
        assert!(state.pictures.iter().any(there), "the board of a picture");
    }
    assert!(state.pictures.len() <= rules.pictures_max as usize);
    assert!(state.sent.len() <= rules.sends_max as usize);
}

/// A board that is opened again is rebuilt from the log alone.
fn fold(log: &[Event], mut each: impl FnMut(&State, &Event)) -> State {
    let (mut replica, _) = begun();
    for (place, event) in log.iter().enumerate().skip(1) {
        each(&replica, event);
        let again = apply(&mut replica, event.fact.clone(), event.at_ms);
        assert_eq!(&again, event);
        if let Fact::Public(PublicFact::BoardOpened { picture, .. }) = event.fact {
            restore(&mut replica, &replay(picture, &log[..place]));
        }
    }
    replica
}

/// Properties of every log.
fn check_log(log: &[Event], rules: &Rules) {
    assert_eq!(log[0], begun().1);
    for (event, place) in log.iter().zip(1..) {
        assert_eq!(event.seq, place, "no gap");
    }
    for pair in log.windows(2) {
        assert!(pair[0].at_ms <= pair[1].at_ms, "time does not go back");
    }
    // The clock may still say that a request had no answer, that both seats are lost, and the end.
    assert!(log.len() <= rules.events_max as usize + 4);
    fold(log, |before, event| check_makes_sense(before, &event.fact));
}

/// Each event changes something.
fn check_makes_sense(before: &State, fact: &Fact) {
    assert_eq!(before.ended, None, "nothing follows the end");
    let sense = match fact {
        Fact::InviteIssued { .. } => false,
        Fact::CallTaken { .. } => !before.has_agent(),
        Fact::Joined { seat, .. } => !before.seats.get(*seat).joined(),
        Fact::Moved { seat, page, .. } => {
            let holder = before.seats.get(*seat).holder;
            holder.is_some() && holder != Some(*page)
        }
        Fact::Public(fact) => is_news(before, fact),
    };
    assert!(sense, "{fact:?} after {before:?}");
}

fn is_news(before: &State, fact: &PublicFact) -> bool {
    match fact {
        PublicFact::SmsAttempted { attempt } => {
            *attempt == before.sms.attempts + 1 && !before.seats.get(Seat::Customer).joined()
        }
        PublicFact::SmsAccepted { attempt } | PublicFact::SmsFailed { attempt, .. } => {
            *attempt == before.sms.attempts && !before.sms.settled
        }
        PublicFact::LinkMade | PublicFact::LinksRenewed | PublicFact::Ended { .. } => true,
        PublicFact::LinkOpened => !before.link_opened,
        PublicFact::LobbyReached { step } => {
            let outside = *step == LobbyStep::ConnectionBlocked;
            before.lobby != Some(*step) && (outside || !before.seats.get(Seat::Customer).joined())
        }
        PublicFact::Renamed { name } => {
            before.seats.get(Seat::Customer).name.as_ref() != Some(name)
        }
        PublicFact::Lost { seat } | PublicFact::Left { seat } => {
            let there = before.seats.get(*seat);
            there.seen && there.away.is_none()
        }
        PublicFact::Resumed { seat } => before.seats.get(*seat).away.is_some(),
        PublicFact::MediaChanged {
            seat,
            microphone,
            camera,
        } => {
            let there = before.seats.get(*seat);
            there.joined() && (there.microphone, there.camera) != (*microphone, *camera)
        }
        PublicFact::Said { seat, .. } => {
            let there = before.seats.get(*seat);
            there.joined() && there.away.is_none()
        }
        PublicFact::GuestSwitchedOff { device } => {
            let guest = before.seats.get(Seat::Customer);
            match device {
                GuestDevice::Microphone => guest.microphone,
                GuestDevice::Camera | GuestDevice::Torch => guest.camera,
            }
        }
        PublicFact::GuestZoomed { .. } => before.seats.get(Seat::Customer).camera,
        PublicFact::GuestAsked { .. } => before.asking.is_none(),
        PublicFact::GuestAnswered { asked, answer } => {
            let again = *answer == GuestAnswer::Allowed;
            is_open(before, *asked, |asking| !(again && asking.allowed))
        }
        PublicFact::Located { asked, .. } => is_open(before, *asked, |asking| asking.allowed),
        _ => is_of_pictures(before, fact),
    }
}

fn is_open(before: &State, asked: u32, fits: impl Fn(&Asking) -> bool) -> bool {
    let asking = before.asking.as_ref();
    asking.is_some_and(|asking| asking.id == asked && fits(asking))
}

fn is_of_pictures(before: &State, fact: &PublicFact) -> bool {
    let has_base = |picture: u32| {
        let found = before.pictures.iter().find(|found| found.id == picture);
        found.map(|found| found.base.is_some())
    };
    let open = before.board.as_ref();
    let on_board = |picture: u32| open.filter(|board| board.picture == picture);
    let all_are = |picture: u32, ids: &[u32], seat: Seat, undone: bool| {
        let marks = on_board(picture).map_or(&[][..], |board| &board.strokes);
        let is = |id: &u32| {
            let own = marks.iter().find(|mark| mark.id == *id);
            own.is_some_and(|mark| mark.author == seat && mark.undone.is_some() == undone)
        };
        !ids.is_empty() && ids.is_sorted() && ids.iter().all(is)
    };
    match fact {
        PublicFact::ZoneTold {
            utc_offset_min: utc_offset,
        } => before.utc_offset != Some(*utc_offset),
        PublicFact::CaptureAsked { source, .. } => {
            let camera = before.seats.get(Seat::Customer).camera;
            open.is_none() && (camera || !source.is_camera())
        }
        PublicFact::CaptureRepeated { picture, .. } => {
            has_base(*picture) == Some(false) && on_board(*picture).is_some()
        }
        PublicFact::CaptureFailed { picture, .. } | PublicFact::PictureKept { picture, .. } => {
            has_base(*picture) == Some(false)
        }
        PublicFact::PictureDeleted { picture, .. } => has_base(*picture).is_some(),
        PublicFact::BoardOpened { picture, .. } => {
            has_base(*picture) == Some(true) && on_board(*picture).is_none()
        }
        PublicFact::BoardClosed { picture, .. } | PublicFact::Drawn { picture, .. } => {
            on_board(*picture).is_some()
        }
        PublicFact::Undone {
            seat,
            picture,
            strokes,
        } => all_are(*picture, strokes, *seat, false),
        PublicFact::Redone {
            seat,
            picture,
            strokes,
        } => all_are(*picture, strokes, *seat, true),
        PublicFact::Cleared { picture } => {
            on_board(*picture).is_some_and(|board| !board.strokes.is_empty())
        }
        PublicFact::PictureSent {
            picture, through, ..
        } => {
            let same = |sent: &sightline_session::Sent| {
                (sent.picture, sent.through) == (*picture, *through)
            };
            has_base(*picture) == Some(true) && !before.sent.iter().any(same)
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_sequence_of_commands_leaves_a_log_that_holds_together(
        steps in prop::collection::vec(step(), 0..200),
        rules in rules(),
    ) {
        let run = run(&steps, &rules);
        check_log(&run.log, &rules);
        for seat in Seat::ALL {
            let pages = &run.state.seats.get(seat).pages;
            prop_assert!(pages.len() <= SeatState::PAGES_MAX);
            let different: std::collections::BTreeSet<_> = pages.iter().map(|memory| memory.page).collect();
            prop_assert_eq!(different.len(), pages.len());
        }
    }

    #[test]
    fn folding_the_log_from_the_first_event_gives_the_same_state(
        steps in prop::collection::vec(step(), 0..200),
        rules in rules(),
    ) {
        let run = run(&steps, &rules);
        let replica = fold(&run.log, |_, _| {});
        prop_assert_eq!(log_only(&replica), log_only(&run.state));
    }

    #[test]
    fn the_same_sequence_gives_the_same_run(
        steps in prop::collection::vec(step(), 0..100),
        rules in rules(),
    ) {
        let (one, other) = (run(&steps, &rules), run(&steps, &rules));
        prop_assert_eq!(one.state, other.state);
        prop_assert_eq!(one.log, other.log);
        prop_assert_eq!(one.effects, other.effects);
    }

    #[test]
    fn effects_that_are_not_pushes_are_asked_for_once(
        steps in prop::collection::vec(step(), 0..200),
        rules in rules(),
    ) {
        let run = run(&steps, &rules);
        let count = |effect: &Effect| run.effects.iter().filter(|other| *other == effect).count();
        prop_assert_eq!(count(&Effect::CloseRoom), usize::from(run.state.ended.is_some()));
        for attempt in 1..=run.state.sms.attempts {
            prop_assert_eq!(count(&Effect::SendSms { attempt }), 1);
        }
    }
}
