//! What random tests draw from. Few values of each kind, so that they meet.

use proptest::prelude::*;
use sightline_session::{By, Command, Heard, PerSeat};
use sightline_wire::{LobbyStep, PageId, Seat, SmsFailure};

use crate::given::{name, say};

pub fn seat() -> impl Strategy<Value = Seat> {
    prop::sample::select(Seat::BOTH.to_vec())
}

/// More pages than a seat remembers.
pub fn page() -> impl Strategy<Value = PageId> {
    prop_oneof![3 => 0..3_u8, 1 => 3..12_u8].prop_map(|place| PageId::from_bytes([place; 16]))
}

pub fn by() -> impl Strategy<Value = By> {
    prop_oneof![
        6 => (seat(), page()).prop_map(|(seat, page)| By::Page(seat, page)),
        2 => Just(By::AgentApi),
        1 => Just(By::Link),
        2 => Just(By::House),
    ]
}

/// What a page asks. Ends are rare, or every run would be short.
pub fn page_command() -> impl Strategy<Value = Command> {
    let step = prop::sample::select(vec![
        LobbyStep::InLobby,
        LobbyStep::Asking,
        LobbyStep::Joining,
    ]);
    let called = prop::sample::select(vec!["Guest", "Bo"]);
    let flags = any::<[bool; 4]>();
    prop_oneof![
        4 => step.prop_map(|step| Command::Lobby { step }),
        2 => called.clone().prop_map(|called| Command::Rename { name: name(called) }),
        8 => (called, flags).prop_map(|(called, [video_only, microphone, camera, take])| {
            Command::Join { name: name(called), video_only, microphone, camera, take }
        }),
        4 => any::<[bool; 2]>().prop_map(|[microphone, camera]| Command::Media { microphone, camera }),
        8 => (0..4_u8).prop_map(|line| say(&format!("line {line}"))),
        1 => prop_oneof![3 => Just(Command::Leave), 1 => Just(Command::Cancel), 1 => Just(Command::End)],
    ]
}

pub fn command() -> impl Strategy<Value = Command> {
    let outcome = prop_oneof![Just(Ok(())), Just(Err(SmsFailure::Trouble))];
    let attempt = prop_oneof![8 => 0..8_u32, 1 => any::<u32>()];
    prop_oneof![
        12 => page_command(),
        3 => attempt.clone().prop_map(|attempt| Command::SendSms { attempt }),
        2 => (attempt, outcome).prop_map(|(attempt, outcome)| Command::SettleSms { attempt, outcome }),
        2 => Just(Command::MakeLink),
        1 => Just(Command::OpenLink),
        3 => Just(Command::Return),
        2 => Just(Command::Leave),
    ]
}

/// How far a clock goes on, or back, milliseconds.
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

/// When the seats were heard, as ages in milliseconds: of the last word, and of the closing.
pub fn ages() -> impl Strategy<Value = PerSeat<Option<(u64, Option<u64>)>>> {
    let age = || prop_oneof![8 => 0..50_000_u64, 1 => 899_000..901_000_u64];
    let one = move || prop::option::of((age(), prop::option::of(age())));
    (one(), one()).prop_map(|(agent, customer)| PerSeat { agent, customer })
}

pub fn heard(ages: &PerSeat<Option<(u64, Option<u64>)>>, now_ms: u64) -> PerSeat<Option<Heard>> {
    let one = |aged: Option<(u64, Option<u64>)>| {
        aged.map(|(last_ms, closed_ms)| Heard {
            at_ms: now_ms.saturating_sub(last_ms),
            closed_at_ms: closed_ms.map(|closed_ms| now_ms.saturating_sub(closed_ms)),
        })
    };
    PerSeat {
        agent: one(ages.agent),
        customer: one(ages.customer),
    }
}
