//! The shutter, the base, sending and deleting.

use sightline_session::{Base, Fact, PageCommand, Picture, Rules, Sent, State, apply};
use sightline_wire::{CaptureTrouble, PictureSource, PublicFact, Refusal, Seat, UtcOffset};

use crate::given::{
    A1, AGENT, AGENT_ELSEWHERE, BEGUN, C1, CUSTOMER, CUSTOMER_ELSEWHERE, after, both_joined, check,
    check_at, decide, joined, left, lost, media_changed, resumed, said,
};
use crate::shown::{
    COMPOSED, PICTURE, SHARP, asked, asked_then, closed, deleted, draw, drawn, failed, fails,
    fails_at, keep, kept, kept_quick, kept_then, open, opened, ready, ready_then, repeated, send,
    sent,
};

const AGAIN: PageCommand = PageCommand::CaptureAgain { picture: PICTURE };
const DELETE: PageCommand = PageCommand::Delete { picture: PICTURE };

fn zone(minutes: i16) -> (PageCommand, Fact) {
    let utc_offset = UtcOffset::new(minutes).expect("an offset");
    (
        PageCommand::Zone { utc_offset },
        Fact::Public(PublicFact::ZoneTold {
            utc_offset_min: utc_offset,
        }),
    )
}

/// One of each command about pictures, boards and clocks.
fn each() -> Vec<PageCommand> {
    vec![
        zone(60).0,
        PageCommand::Capture,
        PageCommand::Bring,
        AGAIN,
        fails(PICTURE),
        keep(PICTURE, false),
        send(PICTURE, PICTURE),
        DELETE,
        open(PICTURE, PICTURE),
        PageCommand::CloseBoard { picture: PICTURE },
        draw(PICTURE, 1),
        PageCommand::Undo { picture: PICTURE },
        PageCommand::UndoAll { picture: PICTURE },
        PageCommand::Redo { picture: PICTURE },
        PageCommand::Clear { picture: PICTURE },
    ]
}

#[test]
fn only_the_page_that_holds_its_seat_is_heard() {
    let given = kept_then([]);
    for command in each() {
        for elsewhere in [AGENT_ELSEWHERE, CUSTOMER_ELSEWHERE] {
            check(&given, elsewhere, command.clone(), Err(Refusal::Moved));
        }
        check(&[], CUSTOMER, command.clone(), Err(Refusal::NotJoined));
        check(&[], AGENT, command.clone(), Err(Refusal::NotJoined));
    }
}

#[test]
fn who_asks_is_there_again_be_it_for_nothing_new() {
    for (seat, by, away) in [
        (Seat::Customer, CUSTOMER, lost(Seat::Customer)),
        (Seat::Agent, AGENT, left(Seat::Agent)),
    ] {
        let back = resumed(seat);
        let given = ready_then([away.clone()]);
        check(
            &given,
            by,
            PageCommand::Capture,
            Ok(&[back.clone(), asked(seat)]),
        );
        let given = asked_then([away]);
        check(
            &given,
            by,
            PageCommand::Capture,
            Ok(std::slice::from_ref(&back)),
        );
        check(
            &given,
            by,
            PageCommand::Undo { picture: 9 },
            Err(Refusal::BoardClosed),
        );
        let drawing = [back, drawn(seat, PICTURE)];
        check(&given, by, draw(PICTURE, 1), Ok(&drawing));
    }
}

#[test]
fn the_customers_clock_is_told_when_it_is_new() {
    let (ask, told) = zone(-210);
    let one = std::slice::from_ref(&told);
    check(&both_joined(), CUSTOMER, ask.clone(), Ok(one));
    check(&both_joined(), AGENT, ask.clone(), Err(Refusal::NotYours));
    let given = ready_then([told.clone()]);
    check(&given, CUSTOMER, ask.clone(), Ok(&[]));
    check(&given, CUSTOMER, zone(0).0, Ok(&[zone(0).1]));
    let given = ready_then([told.clone(), zone(0).1]);
    check(&given, CUSTOMER, ask, Ok(one));
}

#[test]
fn the_shutter_begins_a_picture_and_opens_its_board() {
    for (seat, by) in [(Seat::Customer, CUSTOMER), (Seat::Agent, AGENT)] {
        check(&ready(), by, PageCommand::Capture, Ok(&[asked(seat)]));
    }
    let state = after(asked_then([]).into_iter().map(|fact| (0, fact)));
    let picture = Picture {
        id: PICTURE,
        attempts: 1,
        asked_at_ms: BEGUN,
        failed: false,
        source: PictureSource::Camera,
        base: None,
        touched: PICTURE,
    };
    assert_eq!(state.head, PICTURE);
    assert_eq!(state.pictures, [picture]);
    assert_eq!(state.board, Some(sightline_session::Board::empty(PICTURE)));
}

#[test]
fn two_presses_at_once_make_one_picture() {
    for (one, other) in [(CUSTOMER, AGENT), (AGENT, CUSTOMER), (AGENT, AGENT)] {
        let mut state = after(ready().into_iter().map(|fact| (0, fact)));
        for by in [one, other] {
            let rules = Rules::default();
            let follows =
                decide(&state, by, &PageCommand::Capture, BEGUN, &rules).expect("allowed");
            for fact in follows {
                apply(&mut state, fact, BEGUN);
            }
        }
        assert_eq!(state.pictures.len(), 1);
    }
    check(&kept_then([]), AGENT, PageCommand::Capture, Ok(&[]));
    let gone = kept_then([deleted(Seat::Agent, PICTURE)]);
    check(
        &gone,
        AGENT,
        PageCommand::Capture,
        Ok(&[asked(Seat::Agent)]),
    );
    let kept = kept_then([closed(Seat::Agent, PICTURE)]);
    check(
        &kept,
        AGENT,
        PageCommand::Capture,
        Ok(&[asked(Seat::Agent)]),
    );
}

#[test]
fn the_customer_brings_a_picture_from_elsewhere_without_a_camera() {
    let brought = Fact::Public(PublicFact::CaptureAsked {
        seat: Seat::Customer,
        source: PictureSource::Gallery,
    });
    let dark = || ready_then([media_changed(Seat::Customer, true, false)]);
    let bring = PageCommand::Bring;
    let begins = [brought];
    check(&dark(), CUSTOMER, bring.clone(), Ok(&begins));
    check(&ready(), CUSTOMER, bring.clone(), Ok(&begins));
    check(&dark(), AGENT, bring.clone(), Err(Refusal::NotYours));
    check(&asked_then([]), CUSTOMER, bring, Ok(&[]));

    let mut given = dark();
    given.extend(begins);
    let state = after(given.iter().cloned().map(|fact| (0, fact)));
    let id = state.head;
    let sources = state.pictures.iter().map(|one| (one.id, one.source));
    assert_eq!(sources.collect::<Vec<_>>(), [(id, PictureSource::Gallery)]);
    // It is uploaded again without a camera, and the agent has no frame of it.
    let again = PageCommand::CaptureAgain { picture: id };
    check(&given, AGENT, again, Ok(&[repeated(Seat::Agent, id, 2)]));
    check(&given, CUSTOMER, keep(id, false), Ok(&[kept(id)]));
    check(&given, AGENT, keep(id, true), Err(Refusal::NotYours));
}

#[test]
fn a_picture_from_elsewhere_counts_among_all() {
    let rules = Rules {
        pictures_max: 1,
        ..Rules::default()
    };
    let state = after(
        kept_then([closed(Seat::Agent, PICTURE)])
            .into_iter()
            .map(|fact| (0, fact)),
    );
    let refused = decide(&state, CUSTOMER, &PageCommand::Bring, BEGUN, &rules);
    assert_eq!(refused, Err(Refusal::LimitReached));
}

#[test]
fn without_the_customers_camera_there_is_no_picture() {
    let alone = [joined(Seat::Agent, A1)];
    check(&alone, AGENT, PageCommand::Capture, Err(Refusal::NotJoined));
    // The agent's own camera does not help.
    let agents = media_changed(Seat::Agent, true, true);
    let dark = [joined(Seat::Customer, C1), joined(Seat::Agent, A1), agents];
    check(&dark, AGENT, PageCommand::Capture, Err(Refusal::CameraOff));
    check(
        &dark,
        CUSTOMER,
        PageCommand::Capture,
        Err(Refusal::CameraOff),
    );
    let off = media_changed(Seat::Customer, true, false);
    let given = ready_then([off.clone()]);
    check(&given, AGENT, PageCommand::Capture, Err(Refusal::CameraOff));
    // While a board is open no picture is taken.
    check(&asked_then([off]), AGENT, PageCommand::Capture, Ok(&[]));
}

#[test]
fn pictures_are_taken_up_to_their_limit_and_a_deleted_one_makes_room() {
    let rules = Rules::default();
    let mut state = after(ready().into_iter().map(|fact| (0, fact)));
    for taken in 0..=rules.pictures_max {
        let follows = decide(&state, AGENT, &PageCommand::Capture, BEGUN, &rules);
        if taken == rules.pictures_max {
            assert_eq!(follows, Err(Refusal::LimitReached));
            break;
        }
        assert_eq!(follows, Ok(vec![asked(Seat::Agent)]));
        let picture = apply(&mut state, asked(Seat::Agent), BEGUN).seq;
        apply(&mut state, kept(picture), BEGUN);
        apply(&mut state, closed(Seat::Agent, picture), BEGUN);
    }
    let oldest = state.pictures[0].id;
    apply(&mut state, deleted(Seat::Customer, oldest), BEGUN);
    let follows = decide(&state, AGENT, &PageCommand::Capture, BEGUN, &rules);
    assert_eq!(follows, Ok(vec![asked(Seat::Agent)]));
}

#[test]
fn pictures_that_never_came_make_room_for_new_ones() {
    let rules = Rules::default();
    let mut state = after(ready().into_iter().map(|fact| (0, fact)));
    for place in 0..rules.pictures_max {
        let picture = apply(&mut state, asked(Seat::Customer), BEGUN).seq;
        if place % 2 == 0 {
            apply(&mut state, kept(picture), BEGUN);
        }
        apply(&mut state, closed(Seat::Customer, picture), BEGUN);
    }
    let based = |state: &State| {
        let pictures = state.pictures.iter();
        pictures.filter(|known| known.base.is_some()).count()
    };
    let there = based(&state);
    for _ in 0..3 * rules.pictures_max {
        let oldest = state.pictures.iter().find(|known| known.base.is_none());
        let gone = deleted(Seat::Agent, oldest.expect("one that never came").id);
        let follows = decide(&state, AGENT, &PageCommand::Capture, BEGUN, &rules);
        assert_eq!(follows, Ok(vec![gone.clone(), asked(Seat::Agent)]));
        apply(&mut state, gone, BEGUN);
        let picture = apply(&mut state, asked(Seat::Agent), BEGUN).seq;
        apply(&mut state, failed(picture), BEGUN);
        apply(&mut state, closed(Seat::Agent, picture), BEGUN);
        assert_eq!(state.pictures.len(), rules.pictures_max as usize);
        assert_eq!(based(&state), there, "those that came stay");
    }
}

#[test]
fn a_missing_picture_is_asked_for_again() {
    for (seat, by) in [(Seat::Customer, CUSTOMER), (Seat::Agent, AGENT)] {
        let second = repeated(seat, PICTURE, 2);
        check(
            &asked_then([]),
            by,
            AGAIN,
            Ok(std::slice::from_ref(&second)),
        );
        // The other seat asked at the same moment.
        let given = asked_then([failed(PICTURE), second]);
        check(&given, by, AGAIN, Ok(&[repeated(seat, PICTURE, 3)]));
    }
    check(&ready(), AGENT, AGAIN, Err(Refusal::NoPicture));
    let gone = asked_then([deleted(Seat::Agent, PICTURE)]);
    check(&gone, AGENT, AGAIN, Err(Refusal::NoPicture));
    check(&kept_then([]), AGENT, AGAIN, Ok(&[]));
    let away = closed(Seat::Agent, PICTURE);
    check(&kept_then([away.clone()]), AGENT, AGAIN, Ok(&[]));
    check(&asked_then([away]), AGENT, AGAIN, Err(Refusal::BoardClosed));
    let dark = asked_then([media_changed(Seat::Customer, true, false)]);
    check(&dark, AGENT, AGAIN, Err(Refusal::CameraOff));
}

#[test]
fn one_picture_is_asked_for_nine_times() {
    let max = Rules::default().attempts_max;
    assert_eq!(max, 9);
    for attempts in 2..=max {
        let given = asked_then((2..=attempts).map(|n| repeated(Seat::Agent, PICTURE, n)));
        let next = [repeated(Seat::Agent, PICTURE, attempts + 1)];
        let then = if attempts < max {
            Ok(&next[..])
        } else {
            Err(Refusal::LimitReached)
        };
        check(&given, AGENT, AGAIN, then);
    }
}

#[test]
fn a_failure_is_told_while_the_picture_is_missing() {
    let told = [failed(PICTURE)];
    check(&asked_then([]), CUSTOMER, fails(PICTURE), Ok(&told));
    check(
        &asked_then([]),
        AGENT,
        fails(PICTURE),
        Err(Refusal::NotYours),
    );
    // Each request may fail, and its failure is recorded once.
    let given = asked_then([failed(PICTURE)]);
    check(&given, CUSTOMER, fails(PICTURE), Ok(&[]));
    let given = asked_then([failed(PICTURE), repeated(Seat::Agent, PICTURE, 2)]);
    check(&given, CUSTOMER, fails_at(PICTURE, 2), Ok(&told));
    for late in [0, 1] {
        check(&given, CUSTOMER, fails_at(PICTURE, late), Ok(&[]));
    }
    for never_asked in [3, u8::MAX] {
        let command = fails_at(PICTURE, never_asked);
        check(&given, CUSTOMER, command, Err(Refusal::Malformed));
    }
    let given = asked_then([closed(Seat::Agent, PICTURE)]);
    check(&given, CUSTOMER, fails(PICTURE), Ok(&told));
    check(&kept_then([]), CUSTOMER, fails(PICTURE), Ok(&[]));
    let gone = asked_then([deleted(Seat::Agent, PICTURE)]);
    check(&gone, CUSTOMER, fails(PICTURE), Ok(&[]));
    for unknown in [0, 1, PICTURE + 1, u32::MAX] {
        check(&asked_then([]), CUSTOMER, fails(unknown), Ok(&[]));
    }
    for why in [CaptureTrouble::CameraOff, CaptureTrouble::UploadFailed] {
        let command = PageCommand::CaptureFailed {
            picture: PICTURE,
            attempt: 1,
            why,
        };
        let told = Fact::Public(PublicFact::CaptureFailed {
            picture: PICTURE,
            why,
        });
        check(&asked_then([]), CUSTOMER, command, Ok(&[told]));
    }
}

#[test]
fn the_first_base_stands() {
    let (sharp, quick) = (keep(PICTURE, false), keep(PICTURE, true));
    let given = asked_then([failed(PICTURE)]);
    check(&given, CUSTOMER, sharp.clone(), Ok(&[kept(PICTURE)]));
    check(&given, AGENT, quick.clone(), Ok(&[kept_quick(PICTURE)]));
    check(&given, AGENT, sharp.clone(), Err(Refusal::NotYours));
    check(&given, CUSTOMER, quick.clone(), Err(Refusal::NotYours));
    for first in [kept(PICTURE), kept_quick(PICTURE)] {
        let given = asked_then([first]);
        check(&given, CUSTOMER, sharp.clone(), Ok(&[]));
        check(&given, AGENT, quick.clone(), Ok(&[]));
    }
    // It comes late, but its board was kept.
    let late = asked_then([closed(Seat::Agent, PICTURE)]);
    check(&late, CUSTOMER, sharp.clone(), Ok(&[kept(PICTURE)]));
    let gone = asked_then([deleted(Seat::Agent, PICTURE)]);
    check(&gone, CUSTOMER, sharp, Err(Refusal::NoPicture));
    for unknown in [0, 1, PICTURE + 1] {
        let command = keep(unknown, false);
        check(&given, CUSTOMER, command, Err(Refusal::NoPicture));
    }
    let state = after(kept_then([]).into_iter().map(|fact| (0, fact)));
    let base = Base {
        width: 1920,
        height: 1080,
        low_resolution: false,
        digest: Some(SHARP),
    };
    assert_eq!(state.pictures[0].base, Some(base));
    assert_eq!(state.pictures[0].touched, PICTURE, "no stroke moved");
}

#[test]
fn what_the_agent_saw_waits_for_a_failure_or_seven_seconds() {
    let quick = keep(PICTURE, true);
    let there = [kept_quick(PICTURE)];
    let wait = |wait_ms| Err(Refusal::TooSoon { wait_ms });
    let given = |facts: &[(u64, Fact)]| {
        let asked = asked_then([]).into_iter().map(|fact| (0, fact));
        after(asked.chain(facts.iter().cloned()))
    };
    let once = given(&[]);
    for (at_ms, then) in [
        (0, wait(7_000)),
        (6_999, wait(1)),
        (7_000, Ok(&there[..])),
        (60_000, Ok(&there[..])),
    ] {
        check_at(&once, at_ms, AGENT, quick.clone(), then);
        // The camera's own is always in time.
        let sharp = keep(PICTURE, false);
        check_at(&once, at_ms, CUSTOMER, sharp, Ok(&[kept(PICTURE)]));
    }
    let given_up = given(&[(100, failed(PICTURE))]);
    check_at(&given_up, 100, AGENT, quick.clone(), Ok(&there));
    // A new request gives the camera its time again.
    let again = given(&[
        (100, failed(PICTURE)),
        (500, repeated(Seat::Agent, PICTURE, 2)),
    ]);
    check_at(&again, 7_499, AGENT, quick.clone(), wait(1));
    check_at(&again, 7_500, AGENT, quick.clone(), Ok(&there));
    // A base that exists makes the time irrelevant.
    let based = given(&[(100, kept(PICTURE))]);
    check_at(&based, 100, AGENT, quick, Ok(&[]));
}

#[test]
fn a_line_of_chat_between_two_sends_makes_no_second_picture() {
    let stroke = PICTURE + 2;
    let given = kept_then([
        drawn(Seat::Agent, PICTURE),
        sent(Seat::Agent, PICTURE, stroke),
        said(Seat::Customer, "thank you"),
        closed(Seat::Agent, PICTURE),
        opened(Seat::Agent, PICTURE),
    ]);
    for by in [AGENT, CUSTOMER] {
        check(&given, by, send(PICTURE, stroke), Ok(&[]));
        for later in stroke + 1..=stroke + 4 {
            check(&given, by, send(PICTURE, later), Err(Refusal::Malformed));
        }
    }
    // Another stroke makes another picture.
    let given = [given, vec![drawn(Seat::Customer, PICTURE)]].concat();
    let newer = stroke + 5;
    let then = [sent(Seat::Agent, PICTURE, newer)];
    check(&given, AGENT, send(PICTURE, newer), Ok(&then));
}

#[test]
fn the_same_strokes_are_sent_once() {
    let given = kept_then([drawn(Seat::Agent, PICTURE)]);
    let through = PICTURE + 2;
    for (seat, by) in [(Seat::Customer, CUSTOMER), (Seat::Agent, AGENT)] {
        let there = sent(seat, PICTURE, through);
        check(
            &given,
            by,
            send(PICTURE, through),
            Ok(std::slice::from_ref(&there)),
        );
        let given = kept_then([drawn(Seat::Agent, PICTURE), there]);
        check(&given, CUSTOMER, send(PICTURE, through), Ok(&[]));
        check(&given, AGENT, send(PICTURE, through), Ok(&[]));
        // Sending it does not change its strokes.
        let command = send(PICTURE, through + 1);
        check(&given, AGENT, command, Err(Refusal::Malformed));
    }
    // A closed board can be sent as well.
    let kept = kept_then([closed(Seat::Agent, PICTURE)]);
    let then = [sent(Seat::Agent, PICTURE, PICTURE)];
    check(&kept, AGENT, send(PICTURE, PICTURE), Ok(&then));
}

#[test]
fn what_is_sent_lies_between_the_picture_and_the_newest_change_of_its_board() {
    let stroke = PICTURE + 2;
    let given = kept_then([drawn(Seat::Agent, PICTURE), said(Seat::Agent, "look")]);
    for through in [PICTURE, stroke] {
        let then = [sent(Seat::Agent, PICTURE, through)];
        check(&given, AGENT, send(PICTURE, through), Ok(&then));
    }
    for through in [0, PICTURE - 1, stroke + 1, stroke + 2, u32::MAX] {
        let command = send(PICTURE, through);
        check(&given, AGENT, command, Err(Refusal::Malformed));
    }
    for unknown in [0, 1, PICTURE + 1, u32::MAX] {
        let command = send(unknown, PICTURE);
        check(&given, AGENT, command, Err(Refusal::NoPicture));
    }
    let without = asked_then([]);
    let command = send(PICTURE, PICTURE);
    check(&without, AGENT, command.clone(), Err(Refusal::NoPicture));
    let gone = kept_then([deleted(Seat::Agent, PICTURE)]);
    check(&gone, AGENT, command, Err(Refusal::NoPicture));
}

#[test]
fn a_hundred_pictures_may_be_sent() {
    let rules = Rules::default();
    let mut state = after(kept_then([]).into_iter().map(|fact| (0, fact)));
    for count in 0..=rules.sends_max {
        let before = state.pictures[0].touched;
        let through = apply(&mut state, drawn(Seat::Agent, PICTURE), BEGUN).seq;
        let command = send(PICTURE, through);
        if count == rules.sends_max {
            check_at(&state, 0, AGENT, command, Err(Refusal::LimitReached));
            // What was sent already is answered at the limit too.
            check_at(&state, 0, AGENT, send(PICTURE, before), Ok(&[]));
        } else {
            let then = sent(Seat::Agent, PICTURE, through);
            check_at(&state, 0, AGENT, command, Ok(std::slice::from_ref(&then)));
            apply(&mut state, then, BEGUN);
        }
    }
}

#[test]
fn a_picture_is_deleted_once_and_what_was_sent_of_it_stays() {
    let through = PICTURE;
    let given = kept_then([sent(Seat::Agent, PICTURE, through)]);
    for (seat, by) in [(Seat::Customer, CUSTOMER), (Seat::Agent, AGENT)] {
        let gone = deleted(seat, PICTURE);
        check(&given, by, DELETE, Ok(std::slice::from_ref(&gone)));
        check(&asked_then([]), by, DELETE, Ok(std::slice::from_ref(&gone)));
        let given: Vec<Fact> = given.iter().cloned().chain([gone]).collect();
        check(&given, CUSTOMER, DELETE, Ok(&[]));
        check(&given, AGENT, DELETE, Ok(&[]));
        let state = after(given.into_iter().map(|fact| (0, fact)));
        assert_eq!(state.pictures, []);
        assert_eq!(state.board, None);
        let stays = Sent {
            picture: PICTURE,
            through,
            digest: Some(COMPOSED),
        };
        assert_eq!(state.sent, [stays]);
    }
    let head = PICTURE + 2;
    for picture in [0, head + 1, u32::MAX] {
        let command = PageCommand::Delete { picture };
        check(&given, AGENT, command, Err(Refusal::NoPicture));
    }
    // Other events may have been pictures: deleting them yields nothing.
    for picture in [1, PICTURE - 1, head] {
        check(&given, AGENT, PageCommand::Delete { picture }, Ok(&[]));
    }
}

#[test]
fn deleting_another_picture_leaves_the_open_board() {
    let second = PICTURE + 3;
    let given = kept_then([
        closed(Seat::Agent, PICTURE),
        asked(Seat::Agent),
        drawn(Seat::Agent, second),
    ]);
    check(&given, AGENT, DELETE, Ok(&[deleted(Seat::Agent, PICTURE)]));
    let given = given.into_iter().chain([deleted(Seat::Agent, PICTURE)]);
    let state = after(given.map(|fact| (0, fact)));
    let ids: Vec<u32> = state.pictures.iter().map(|picture| picture.id).collect();
    assert_eq!(ids, [second]);
    assert_eq!(state.board.expect("open").picture, second);
}

#[test]
fn a_picture_that_is_not_there_any_more_is_not_opened() {
    let given = kept_then([closed(Seat::Agent, PICTURE)]);
    let head = PICTURE + 2;
    check(
        &given,
        AGENT,
        open(PICTURE, head),
        Ok(&[opened(Seat::Agent, PICTURE)]),
    );
    let gone = kept_then([deleted(Seat::Agent, PICTURE)]);
    check(&gone, AGENT, open(PICTURE, head), Err(Refusal::NoPicture));
}
