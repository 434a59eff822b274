//! The guest's controls: who may, one request at a time, and how it ends.

use sightline_session::{Fact, PageCommand, Rules, due};
use sightline_wire::{
    Degrees, GeoPlace, GuestAnswer, GuestCommand, GuestDevice, GuestWish, LocatedAt, PublicFact,
    Refusal, Seat, ZoomLevel,
};

use crate::given::{
    AGENT, BEGUN, C1, C2, CUSTOMER, CUSTOMER_ELSEWHERE, SECOND, after, both_joined,
    both_joined_then, check, check_at, joined, left, lost, media_changed, moved, nobody, resumed,
};
use crate::shown::{ready, ready_then};

/// The number of the first request of these tables.
const ASKED: u32 = 5;

pub fn here() -> GeoPlace {
    GeoPlace {
        latitude_e5: Degrees::new(5_252_001).expect("a latitude"),
        longitude_e5: Degrees::new(1_340_495).expect("a longitude"),
        accuracy_m: 14,
    }
}

const fn off(device: GuestDevice) -> PageCommand {
    PageCommand::Guest(GuestCommand::SwitchOff { device })
}

fn zoom() -> PageCommand {
    let zoom = ZoomLevel::new(250).expect("a share");
    PageCommand::Guest(GuestCommand::Zoom { zoom })
}

const fn ask(wish: GuestWish) -> PageCommand {
    PageCommand::Guest(GuestCommand::Ask { wish })
}

const fn answer(asked: u32, answer: GuestAnswer) -> PageCommand {
    PageCommand::Guest(GuestCommand::Answer { asked, answer })
}

fn locate(asked: u32) -> PageCommand {
    let place = here();
    PageCommand::Guest(GuestCommand::Locate { asked, place })
}

const fn asked(wish: GuestWish) -> Fact {
    Fact::Public(PublicFact::GuestAsked { wish })
}

const fn answered(answer: GuestAnswer) -> Fact {
    let asked = ASKED;
    Fact::Public(PublicFact::GuestAnswered { asked, answer })
}

fn switched_off(device: GuestDevice) -> Fact {
    Fact::Public(PublicFact::GuestSwitchedOff { device })
}

fn located() -> Fact {
    Fact::Public(PublicFact::Located {
        asked: ASKED,
        place: here(),
    })
}

/// A request is open, asked for at the beginning.
fn open_then(wish: GuestWish, more: impl IntoIterator<Item = Fact>) -> Vec<Fact> {
    ready_then([asked(wish)].into_iter().chain(more))
}

#[test]
fn what_is_on_is_switched_off_at_once_and_what_is_off_stays() {
    for device in [
        GuestDevice::Microphone,
        GuestDevice::Camera,
        GuestDevice::Torch,
    ] {
        let then = [switched_off(device)];
        check(&ready(), AGENT, off(device), Ok(&then));
        check(&both_joined(), AGENT, off(device), Ok(&[]));
    }
}

#[test]
fn only_the_agent_controls_and_only_the_customer_answers() {
    let all = [
        off(GuestDevice::Camera),
        zoom(),
        ask(GuestWish::Flip),
        ask(GuestWish::Location),
    ];
    for command in all {
        check(&ready(), CUSTOMER, command, Err(Refusal::NotYours));
    }
    let open = open_then(GuestWish::Location, []);
    for command in [answer(ASKED, GuestAnswer::Allowed), locate(ASKED)] {
        check(&open, AGENT, command.clone(), Err(Refusal::NotYours));
        check(&open, CUSTOMER_ELSEWHERE, command, Err(Refusal::Moved));
    }
}

#[test]
fn without_a_customer_on_the_page_there_is_nothing_to_control() {
    let alone = [joined(Seat::Agent, crate::given::A1)];
    let away = [
        ready_then([left(Seat::Customer)]),
        ready_then([lost(Seat::Customer)]),
        ready_then([Fact::Public(PublicFact::LinksRenewed)]),
        alone.to_vec(),
    ];
    for given in away {
        for command in [off(GuestDevice::Camera), zoom(), ask(GuestWish::Camera)] {
            check(&given, AGENT, command, Err(Refusal::NotJoined));
        }
    }
}

#[test]
fn zoom_flip_and_light_need_the_camera() {
    let zoomed = PublicFact::GuestZoomed {
        zoom: ZoomLevel::new(250).expect("a share"),
    };
    check(&ready(), AGENT, zoom(), Ok(&[zoomed.into()]));
    for command in [zoom(), ask(GuestWish::Flip), ask(GuestWish::Torch)] {
        check(&both_joined(), AGENT, command, Err(Refusal::CameraOff));
    }
}

#[test]
fn what_is_on_is_not_asked_for() {
    for wish in [GuestWish::Microphone, GuestWish::Camera] {
        check(&ready(), AGENT, ask(wish), Ok(&[]));
        check(&both_joined(), AGENT, ask(wish), Ok(&[asked(wish)]));
    }
}

#[test]
fn one_request_is_open_at_a_time() {
    let wait_ms = u32::try_from(Rules::default().ask_ms - SECOND).expect("a short time");
    let open = open_then(GuestWish::Flip, []);
    let second = ask(GuestWish::Location);
    check(
        &open,
        AGENT,
        second.clone(),
        Err(Refusal::TooSoon { wait_ms }),
    );
    for closing in [
        GuestAnswer::NotNow,
        GuestAnswer::NoAnswer,
        GuestAnswer::Busy,
    ] {
        let closed = open_then(GuestWish::Flip, [answered(closing)]);
        let then = [asked(GuestWish::Location)];
        check(&closed, AGENT, second.clone(), Ok(&then));
    }
    let allowed = open_then(GuestWish::Flip, [answered(GuestAnswer::Allowed)]);
    let wait_ms = u32::try_from(Rules::default().allowed_ms - SECOND).expect("a short time");
    check(&allowed, AGENT, second, Err(Refusal::TooSoon { wait_ms }));
}

#[test]
fn a_request_is_allowed_and_then_done() {
    let open = open_then(GuestWish::Flip, []);
    let allowed = open_then(GuestWish::Flip, [answered(GuestAnswer::Allowed)]);
    let say = |what| answer(ASKED, what);
    let (yes, done) = (GuestAnswer::Allowed, GuestAnswer::Done);
    check(&open, CUSTOMER, say(yes), Ok(&[answered(yes)]));
    check(&allowed, CUSTOMER, say(yes), Ok(&[]));
    check(&open, CUSTOMER, say(done), Err(Refusal::Malformed));
    check(&allowed, CUSTOMER, say(done), Ok(&[answered(done)]));
    let not_now = GuestAnswer::NotNow;
    check(&allowed, CUSTOMER, say(not_now), Err(Refusal::Malformed));
    check(
        &allowed,
        CUSTOMER,
        answer(ASKED + 1, done),
        Err(Refusal::TooLate),
    );
    let closed = open_then(GuestWish::Flip, [answered(not_now)]);
    check(&closed, CUSTOMER, say(yes), Err(Refusal::TooLate));
}

#[test]
fn a_place_is_told_once_it_was_asked_for_and_allowed() {
    let open = open_then(GuestWish::Location, []);
    check(&open, CUSTOMER, locate(ASKED), Err(Refusal::Malformed));
    let flip = open_then(GuestWish::Flip, [answered(GuestAnswer::Allowed)]);
    check(&flip, CUSTOMER, locate(ASKED), Err(Refusal::Malformed));
    let allowed = open_then(GuestWish::Location, [answered(GuestAnswer::Allowed)]);
    let done = answer(ASKED, GuestAnswer::Done);
    check(&allowed, CUSTOMER, done, Err(Refusal::Malformed));
    check(&allowed, CUSTOMER, locate(ASKED), Ok(&[located()]));
    let told = open_then(
        GuestWish::Location,
        [answered(GuestAnswer::Allowed), located()],
    );
    check(&told, CUSTOMER, locate(ASKED), Err(Refusal::TooLate));

    let state = after(told.into_iter().map(|fact| (2 * SECOND, fact)));
    let (place, at_ms) = (here(), BEGUN + 2 * SECOND);
    assert_eq!(state.located, Some(LocatedAt { place, at_ms }));
    assert_eq!(state.asking, None);
}

#[test]
fn a_request_goes_with_the_page_that_it_was_made_to() {
    let gone = [
        vec![left(Seat::Customer), resumed(Seat::Customer)],
        vec![lost(Seat::Customer)],
        vec![moved(Seat::Customer, C2)],
        vec![Fact::Public(PublicFact::LinksRenewed)],
    ];
    for more in gone {
        let state = after(
            open_then(GuestWish::Flip, more)
                .into_iter()
                .map(|fact| (0, fact)),
        );
        assert_eq!(state.asking, None);
    }
    let elsewhere = [left(Seat::Agent), moved(Seat::Agent, crate::given::A2)];
    let state = after(
        open_then(GuestWish::Flip, elsewhere)
            .into_iter()
            .map(|fact| (0, fact)),
    );
    assert_eq!(state.asking.map(|asking| asking.id), Some(ASKED));
}

#[test]
fn a_request_without_an_answer_ends_by_itself() {
    let rules = Rules::default();
    for (more, wait_ms) in [
        (None, rules.ask_ms),
        (Some(answered(GuestAnswer::Allowed)), rules.allowed_ms),
    ] {
        let state = after(
            open_then(GuestWish::Location, more)
                .into_iter()
                .map(|fact| (0, fact)),
        );
        let at = |ms: u64| due(&state, &nobody(), BEGUN + ms, &rules);
        assert_eq!(at(wait_ms - 1), []);
        assert_eq!(at(wait_ms), [answered(GuestAnswer::NoAnswer)]);
    }
}

#[test]
fn switching_off_and_refusing_go_on_when_the_log_is_nearly_full() {
    let mut state = after(
        open_then(GuestWish::Flip, [])
            .into_iter()
            .map(|fact| (0, fact)),
    );
    let rules = Rules::default();
    for seat in Seat::ALL {
        state.seats.get_mut(seat).bytes = rules.seat_bytes_max + rules.chat_bytes;
    }
    let device = GuestDevice::Camera;
    check_at(
        &state,
        SECOND,
        AGENT,
        off(device),
        Ok(&[switched_off(device)]),
    );
    let no = GuestAnswer::NotNow;
    check_at(
        &state,
        SECOND,
        CUSTOMER,
        answer(ASKED, no),
        Ok(&[answered(no)]),
    );
    check_at(&state, SECOND, AGENT, zoom(), Err(Refusal::LimitReached));
}

#[test]
fn a_customer_who_joins_again_elsewhere_is_asked_there() {
    let given = both_joined_then([
        asked(GuestWish::Camera),
        moved(Seat::Customer, C2),
        media_changed(Seat::Customer, false, false),
    ]);
    let wish = GuestWish::Camera;
    check(&given, AGENT, ask(wish), Ok(&[asked(wish)]));
    check(&given, (Seat::Customer, C1), locate(4), Err(Refusal::Moved));
}
