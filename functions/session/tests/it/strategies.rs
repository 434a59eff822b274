//! Strategies of random tests. Few values of each kind, so that they collide.

use proptest::prelude::*;
use sightline_session::{Actor, Board, Event, Heard, PageCommand, State, SystemCommand, replay};
use sightline_wire::{
    GuestAnswer, GuestCommand, GuestDevice, GuestWish, LobbyStep, PageId, Seat, Seats, SmsFailure,
    UtcOffset, ZoomLevel,
};

use crate::given::{Asked, name, say};
use crate::guest::here;
use crate::shown::{draw, fails, keep, send};

pub fn seat() -> impl Strategy<Value = Seat> {
    prop::sample::select(Seat::ALL.to_vec())
}

/// More pages than a seat remembers.
pub fn page() -> impl Strategy<Value = PageId> {
    prop_oneof![3 => 0..3_u8, 1 => 3..12_u8].prop_map(|place| PageId::from_bytes([place; 16]))
}

fn actor() -> impl Strategy<Value = Actor> {
    prop::sample::select(vec![Actor::AgentApi, Actor::Link, Actor::Host])
}

/// Commands of a page. Ends are rare, or every run would be short.
pub fn page_command() -> impl Strategy<Value = PageCommand> {
    let step = prop::sample::select(vec![
        LobbyStep::InLobby,
        LobbyStep::Asking,
        LobbyStep::Joining,
    ]);
    let called = prop::sample::select(vec!["Guest", "Bo"]);
    let flags = any::<[bool; 4]>();
    prop_oneof![
        4 => step.prop_map(|step| PageCommand::Lobby { step }),
        2 => called.clone().prop_map(|called| PageCommand::Rename { name: name(called) }),
        8 => (called, flags).prop_map(|(called, [video_only, microphone, camera, take])| {
            PageCommand::Join { name: name(called), video_only, microphone, camera, take, arrival: None }
        }),
        4 => any::<[bool; 2]>().prop_map(|[microphone, camera]| PageCommand::Media { microphone, camera }),
        8 => (0..4_u8).prop_map(|line| say(&format!("line {line}"))),
        16 => picture_command(),
        8 => guest_command().prop_map(PageCommand::Guest),
        1 => prop_oneof![3 => Just(PageCommand::Leave), 1 => Just(PageCommand::Cancel), 1 => Just(PageCommand::End)],
    ]
}

/// What a page does and says about the customer's devices. [`aimed`] says which request is meant.
fn guest_command() -> impl Strategy<Value = GuestCommand> {
    let device = prop::sample::select(vec![GuestDevice::Microphone, GuestDevice::Camera]);
    let wish = prop::sample::select(vec![
        GuestWish::Camera,
        GuestWish::Flip,
        GuestWish::Location,
    ]);
    let answer = prop::sample::select(vec![
        GuestAnswer::Allowed,
        GuestAnswer::Done,
        GuestAnswer::NotNow,
        GuestAnswer::NoAnswer,
    ]);
    let asked = prop_oneof![8 => Just(0), 1 => 1..9_u32];
    prop_oneof![
        2 => device.prop_map(|device| GuestCommand::SwitchOff { device }),
        1 => Just(GuestCommand::Zoom { zoom: ZoomLevel::new(250).expect("a share") }),
        4 => wish.prop_map(|wish| GuestCommand::Ask { wish }),
        6 => (asked.clone(), answer)
            .prop_map(|(asked, answer)| GuestCommand::Answer { asked, answer }),
        3 => asked.prop_map(|asked| GuestCommand::Locate { asked, place: here() }),
    ]
}

/// What a page asks of pictures and strokes. Pictures are named by their place; [`aimed`] says
/// which that is.
pub fn picture_command() -> impl Strategy<Value = PageCommand> {
    let place = || prop_oneof![12 => 0..3_u32, 1 => 3..9_u32];
    let about = |make: fn(u32) -> PageCommand| place().prop_map(make);
    prop_oneof![
        1 => (-2..2_i16).prop_map(|hours| PageCommand::Zone {
            utc_offset: UtcOffset::new(60 * hours).expect("an offset"),
        }),
        6 => Just(PageCommand::Capture),
        1 => Just(PageCommand::Bring),
        2 => about(|picture| PageCommand::CaptureAgain { picture }),
        1 => about(fails),
        5 => (place(), any::<bool>()).prop_map(|(picture, quick)| keep(picture, quick)),
        3 => (place(), 0..20_u32).prop_map(|(picture, after)| send(picture, after)),
        1 => about(|picture| PageCommand::Delete { picture }),
        4 => (place(), prop_oneof![4 => Just(0), 1 => 0..9_u32]).prop_map(|(picture, behind)| {
            PageCommand::OpenBoard { board: Board::empty(picture), as_of: behind }
        }),
        2 => about(|picture| PageCommand::CloseBoard { picture }),
        12 => (place(), 1..4_usize).prop_map(|(picture, count)| draw(picture, count)),
        6 => about(|picture| PageCommand::Undo { picture }),
        2 => about(|picture| PageCommand::UndoAll { picture }),
        5 => about(|picture| PageCommand::Redo { picture }),
        1 => about(|picture| PageCommand::Clear { picture }),
    ]
}

/// The command with the picture that its place means (the newest is 0), with events counted from
/// there, and with the board as the log told it.
pub fn aimed(command: &PageCommand, state: &State, log: &[Event]) -> PageCommand {
    let id = |place: u32| {
        let there = state.pictures.iter().rev().nth(place as usize);
        there.map_or(place, |picture| picture.id)
    };
    let mut command = command.clone();
    let open = state.asking.map_or(0, |asking| asking.id);
    match &mut command {
        PageCommand::Guest(
            GuestCommand::Answer { asked, .. } | GuestCommand::Locate { asked, .. },
        ) => *asked += open,
        PageCommand::CaptureAgain { picture }
        | PageCommand::CaptureFailed { picture, .. }
        | PageCommand::Keep { picture, .. }
        | PageCommand::Delete { picture }
        | PageCommand::CloseBoard { picture }
        | PageCommand::Draw { picture, .. }
        | PageCommand::Undo { picture }
        | PageCommand::UndoAll { picture }
        | PageCommand::Redo { picture }
        | PageCommand::Clear { picture } => *picture = id(*picture),
        PageCommand::Send { sent, .. } => {
            sent.picture = id(sent.picture);
            sent.through += sent.picture;
        }
        PageCommand::OpenBoard { board, as_of } => {
            *as_of = state.head.saturating_sub(*as_of);
            let known = log.iter().take_while(|event| event.seq <= *as_of);
            *board = replay(id(board.picture), known);
        }
        _ => {}
    }
    command
}

/// Any command by any sender, mostly a page.
pub fn asked() -> impl Strategy<Value = Asked> {
    let command = prop_oneof![
        24 => page_command(),
        3 => Just(PageCommand::Return),
        2 => Just(PageCommand::Leave),
    ];
    let by_page = (seat(), page(), command);
    let by_system = (actor(), system_command());
    prop_oneof![
        6 => by_page.prop_map(|(seat, page, command)| Asked::Page(seat, page, command)),
        2 => by_system.prop_map(|(actor, command)| Asked::System(actor, command)),
    ]
}

fn system_command() -> impl Strategy<Value = SystemCommand> {
    let outcome = prop_oneof![Just(Ok(())), Just(Err(SmsFailure::Trouble))];
    let attempt = prop_oneof![8 => 0..8_u32, 1 => any::<u32>()];
    prop_oneof![
        9 => attempt.clone().prop_map(|attempt| SystemCommand::SendSms { attempt }),
        6 => (attempt, outcome)
            .prop_map(|(attempt, outcome)| SystemCommand::SettleSms { attempt, outcome }),
        6 => Just(SystemCommand::MakeLink),
        2 => Just(SystemCommand::RenewLinks),
        3 => Just(SystemCommand::OpenLink),
        2 => prop::sample::select(vec![
            LobbyStep::ConnectionBlocked,
            LobbyStep::CookiesBlocked,
            LobbyStep::InLobby,
        ])
        .prop_map(|step| SystemCommand::HoldUp { step }),
        1 => Just(SystemCommand::Cancel),
    ]
}

/// How far a clock moves on or back, milliseconds.
pub fn passing() -> impl Strategy<Value = i64> {
    prop_oneof![
        8 => Just(0),
        8 => 0..2_000_i64,
        4 => 9_999..10_002_i64,
        4 => 29_999..30_002_i64,
        2 => -5_000..0_i64,
        1 => 800_000..1_000_000_i64,
    ]
}

/// When the seats were heard, as ages in milliseconds: of the last message, and of the close.
pub fn ages() -> impl Strategy<Value = Seats<Option<(u64, Option<u64>)>>> {
    let age = || prop_oneof![8 => 0..50_000_u64, 1 => 899_000..901_000_u64];
    let one = move || prop::option::of((age(), prop::option::of(age())));
    let all = prop::collection::vec(one(), Seat::ALL.len());
    all.prop_map(|mut ages| Seats::from_fn(|_| ages.pop().flatten()))
}

pub fn heard(ages: &Seats<Option<(u64, Option<u64>)>>, now_ms: u64) -> Seats<Option<Heard>> {
    let one = |aged: Option<(u64, Option<u64>)>| {
        aged.map(|(last_ms, closed_ms)| Heard {
            at_ms: now_ms.saturating_sub(last_ms),
            closed_at_ms: closed_ms.map(|closed_ms| now_ms.saturating_sub(closed_ms)),
        })
    };
    Seats::from_fn(|seat| one(*ages.get(seat)))
}
