use sightline_session::{
    Answer, Away, By, Command, Event, Invitation, PageMemory, PerSeat, Rules, SeatState, SmsState,
    State, What, apply, begin, decide,
};
use sightline_wire::api::{CallPhase, Role};
use sightline_wire::{
    AgentId, ChatText, DisplayName, EndReason, Language, LobbyStep, PageId, PhoneNumber, Reference,
    Refusal, RelayId, Seat, SessionId, SmsFailure,
};

use super::*;
use crate::ports::ConnectionKey;

/// Reads every golden sample of a record, and writes the newest one. Samples are never edited; a new version gets a new one.
fn check<T: Record + PartialEq + std::fmt::Debug>(record: &T, samples: &[&str]) {
    for sample in samples {
        assert_eq!(&T::decode(sample.as_bytes()).unwrap(), record);
    }
    let newest = samples.last().unwrap().trim_end();
    assert_eq!(String::from_utf8(record.encode()).unwrap(), newest);
}

fn page(which: u8) -> PageId {
    PageId::from_bytes([which; 16])
}

fn state() -> State {
    State {
        revision: 12,
        head: 9,
        head_at_ms: 1_800_000_009_000,
        began_at_ms: 1_800_000_000_000,
        agent: AgentId::from_bytes([1; 16]),
        agent_name: DisplayName::new("Ada").unwrap(),
        number: PhoneNumber::new("+4915123456789").unwrap(),
        reference: Reference::new("CLAIM-2026-1").unwrap(),
        language: Language::new("de").unwrap(),
        expires_at_ms: 1_800_003_600_000,
        ends_at_ms: 1_800_014_400_000,
        sms: SmsState {
            attempts: 2,
            attempted_at_ms: 1_800_000_001_000,
            settled: true,
        },
        links: 3,
        link_opened: true,
        lobby: Some(LobbyStep::Joining),
        seats: PerSeat {
            agent: SeatState {
                name: Some(DisplayName::new("Ada").unwrap()),
                holder: Some(page(1)),
                seen: true,
                away: Some(Away::Left),
                microphone: true,
                camera: false,
                video_only: false,
                made: 0,
                pages: vec![
                    PageMemory {
                        page: page(1),
                        n: 4,
                        answer: Answer::Done,
                    },
                    PageMemory {
                        page: page(2),
                        n: 1,
                        answer: Answer::Refused(Refusal::TooSoon { wait_ms: 500 }),
                    },
                ],
            },
            customer: SeatState {
                away: Some(Away::Lost),
                ..SeatState::default()
            },
        },
        utc_offset: None,
        pictures: Vec::new(),
        sent: Vec::new(),
        board: None,
        ended: Some(EndReason::NobodyHeard),
    }
}

#[test]
fn a_state_of_every_version_is_read() {
    check(&state(), &[include_str!("../../samples/state.1.json")]);
}

#[test]
fn an_event_of_every_version_is_read() {
    let seat = Seat::Customer;
    let name = || DisplayName::new("Grüße 👋").unwrap();
    let whats = vec![
        What::InviteIssued {
            agent: AgentId::from_bytes([1; 16]),
            agent_name: DisplayName::new("Ada").unwrap(),
            number: PhoneNumber::new("+4915123456789").unwrap(),
            reference: Reference::new("CLAIM-2026-1").unwrap(),
            language: Language::new("de").unwrap(),
            expires_at_ms: 1_800_003_600_000,
            ends_at_ms: 1_800_014_400_000,
        },
        What::SmsAttempted { attempt: 1 },
        What::SmsAccepted { attempt: 1 },
        What::SmsFailed {
            attempt: 2,
            why: SmsFailure::OptedOut,
        },
        What::LinkMade,
        What::LinkOpened,
        What::LobbyReached {
            step: LobbyStep::CameraDenied,
        },
        What::Renamed { name: name() },
        What::Joined {
            seat,
            page: page(1),
            name: name(),
            video_only: true,
        },
        What::Lost { seat },
        What::Resumed { seat },
        What::Moved {
            seat,
            page: page(2),
            video_only: false,
        },
        What::Left { seat },
        What::MediaChanged {
            seat,
            microphone: true,
            camera: false,
        },
        What::Said {
            seat: Seat::Agent,
            text: ChatText::new("one\ntwo \"three\"").unwrap(),
        },
        What::Ended {
            why: EndReason::CustomerEnded,
        },
    ];
    let samples: Vec<&str> = include_str!("../../samples/event.1.jsonl")
        .lines()
        .collect();
    assert_eq!(samples.len(), whats.len());
    for ((seq, what), sample) in (1..).zip(whats).zip(samples) {
        let at_ms = 1_800_000_000_000 + u64::from(seq);
        check(&Event { seq, at_ms, what }, &[sample]);
    }
}

#[test]
fn small_records_of_every_version_are_read() {
    let connection = ConnectionKey("con/nec=tion".to_owned());
    let session = SessionId::from_bytes([9; 16]);
    let relay = RelayId::from_bytes([3; 16]);
    check(
        &Attachment {
            connection: connection.clone(),
            page: page(1),
            heard_at_ms: 1_800_000_000_000,
            closed_at_ms: Some(1_800_000_001_000),
        },
        &[include_str!("../../samples/attachment.1.json")],
    );
    check(
        &ConnectionRecord {
            agent: Some((AgentId::from_bytes([1; 16]), Role::Admin)),
            seats: vec![session],
            relay: true,
            relay_id: Some(relay),
            attached: vec![(session, Seat::Agent)],
            delete_at_s: 1_800_086_400,
        },
        &[include_str!("../../samples/connection.1.json")],
    );
    check(
        &RelayRecord {
            relay,
            connection,
            rooms_max: 100,
            rooms: 7,
            draining: true,
            lease_until_ms: 1_800_000_045_000,
        },
        &[include_str!("../../samples/relay.1.json")],
    );
    check(
        &Assignment { relay, epoch: 2 },
        &[include_str!("../../samples/assignment.1.json")],
    );
    check(
        &CallSummary {
            session,
            at_ms: 1_800_000_000_000,
            number: PhoneNumber::new("+4915123456789").unwrap(),
            reference: Reference::new("CLAIM-2026-1").unwrap(),
            phase: CallPhase::Live,
        },
        &[include_str!("../../samples/call.1.json")],
    );
}

#[test]
fn damaged_and_newer_records_are_trouble_that_quotes_nothing() {
    let damaged = state().encode();
    for bytes in [
        &b""[..],
        b"{",
        b"null",
        b"{\"v\":1}",
        b"\xff",
        &damaged[..damaged.len() - 1],
    ] {
        let trouble = State::decode(bytes).unwrap_err();
        assert!(
            !trouble.again && !trouble.to_string().contains("4915"),
            "{trouble}"
        );
    }
    let wrong = String::from_utf8(damaged)
        .unwrap()
        .replace("+4915123456789", "no-number");
    let trouble = State::decode(wrong.as_bytes()).unwrap_err();
    assert!(!trouble.to_string().contains("no-number"), "{trouble}");
    let newer = State::decode(br#"{"v":2}"#).unwrap_err();
    assert!(newer.to_string().contains("version 2"), "{newer}");
}

#[test]
fn a_state_at_all_limits_stays_far_below_64_kilobytes() {
    let wide = "\u{10ffff}".repeat(20);
    let name = || DisplayName::new(&wide).unwrap();
    let memory = |which: usize| PageMemory {
        page: page(which as u8),
        n: u32::MAX,
        answer: Answer::Refused(Refusal::OutOfTurn { expected: u32::MAX }),
    };
    let seat = || SeatState {
        name: Some(name()),
        holder: Some(page(1)),
        seen: false,
        away: Some(Away::Lost),
        microphone: false,
        camera: false,
        video_only: false,
        made: u32::MAX,
        pages: (0..SeatState::PAGES_MAX).map(memory).collect(),
    };
    let full = State {
        revision: u32::MAX,
        head: u32::MAX,
        head_at_ms: u64::MAX,
        agent_name: name(),
        reference: Reference::new(&"\u{10ffff}".repeat(10)).unwrap(),
        language: Language::new("aa-bbbbb-ccc").unwrap(),
        lobby: Some(LobbyStep::MicrophoneAbsent),
        seats: PerSeat {
            agent: seat(),
            customer: seat(),
        },
        ..state()
    };
    let bytes = full.encode();
    assert!(bytes.len() < 64 * 1024, "{} bytes", bytes.len());
    assert_eq!(State::decode(&bytes).unwrap(), full);
}

#[test]
fn a_state_that_a_session_made_survives_the_store() {
    let invitation = Invitation {
        agent: AgentId::from_bytes([1; 16]),
        agent_name: DisplayName::new("Ada").unwrap(),
        number: PhoneNumber::new("+4915123456789").unwrap(),
        reference: Reference::new("CLAIM-2026-1").unwrap(),
        language: Language::new("de").unwrap(),
    };
    let rules = Rules::default();
    let (mut state, issued) = begin(invitation, 1, &rules);
    assert_eq!(Event::decode(&issued.encode()).unwrap(), issued);
    for whats in [
        decide(
            &state,
            By::AgentApi,
            &Command::SendSms { attempt: 1 },
            2,
            &rules,
        ),
        decide(&state, By::Link, &Command::OpenLink, 3, &rules),
    ] {
        for what in whats.unwrap() {
            let event = apply(&mut state, what, 4);
            assert_eq!(Event::decode(&event.encode()).unwrap(), event);
            assert_eq!(State::decode(&state.encode()).unwrap(), state);
        }
    }
}
