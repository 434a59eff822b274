mod agent;
mod api_keys;
mod beside;
mod claim;
mod counts;
mod guest;
mod lines;
mod logo;
mod pictures;
mod small;
mod summary;
mod webhooks;

use sightline_session::{
    Actor, Answer, Away, Base, Board, Event, Fact, Invitation, LinkId, Mark, OpenUpload,
    PageMemory, Picture, Rules, SeatState, Sent, SmsState, State, SystemCommand, apply, begin,
    decide_system,
};
use sightline_wire::{
    AgentId, CaptureTrouble, ChatText, Digest, DisplayName, EndReason, Ink, LabelText, Language,
    Line, LobbyStep, Moment, NOTE_VERSIONS_MAX, NOTES_MAX, PageId, PhoneNumber, PictureSource,
    Point, Pressure, PublicFact, Reference, Refusal, Seat, Seats, SmsFailure, Stars, StepNumber,
    Stroke, Upload, UploadBytes, UtcOffset,
};

use super::*;

use guest::facts_of_guest;
use pictures::facts_of_pictures;

/// Reads every golden sample of a record, and writes the newest one. Samples are never edited; a
/// new version gets a new one.
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

const fn sms() -> SmsState {
    SmsState {
        attempts: 2,
        attempted_at_ms: 1_800_000_001_000,
        settled: true,
        opted_out: false,
    }
}

fn state() -> State {
    State {
        revision: 12,
        head: 9,
        head_at_ms: 1_800_000_009_000,
        dates_ahead_ms: 0,
        began_at_ms: 1_800_000_000_000,
        agent: AgentId::from_bytes([1; 16]),
        agent_name: DisplayName::new("Ada").unwrap(),
        number: Some(PhoneNumber::new("+4915123456789").unwrap()),
        reference: Reference::new("CLAIM-2026-1").unwrap(),
        language: Language::new("de").unwrap(),
        expires_at_ms: 1_800_003_600_000,
        ends_at_ms: 1_800_014_400_000,
        sms: sms(),
        links: 3,
        links_renewed: 0,
        leading: Vec::new(),
        link_opened: true,
        lobby: Some(LobbyStep::Joining),
        seats: Seats::from_fn(|seat| match seat {
            Seat::Agent => SeatState {
                name: Some(DisplayName::new("Ada").unwrap()),
                holder: Some(page(1)),
                seen: true,
                away: Some(Away::Left),
                microphone: true,
                camera: false,
                video_only: false,
                made: 0,
                bytes: 0,
                taken_at_ms: None,
                held_since: 0,
                arrival: None,
                stars: None,
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
            Seat::Customer => SeatState {
                away: Some(Away::Lost),
                ..SeatState::default()
            },
        }),
        utc_offset: None,
        pictures: Vec::new(),
        sent: Vec::new(),
        uploads: Vec::new(),
        board: None,
        asking: None,
        located: None,
        joined_at_ms: None,
        ended: Some(EndReason::NobodyHeard),
        ended_at_ms: None,
        notes: Vec::new(),
    }
}

/// Longer than any number of a session: its log ends far below seven digits.
const fn longest_mark() -> Mark {
    Mark {
        id: 9_999_999,
        author: Seat::Customer,
        undone: Some(9_999_999),
    }
}

const fn longest_sent() -> Sent {
    Sent {
        picture: u32::MAX,
        through: u32::MAX,
        digest: Some(Digest::from_bytes([u8::MAX; 32])),
    }
}

const fn sent_upload(picture: u32) -> Upload {
    Upload::Sent {
        picture,
        through: u32::MAX,
    }
}

fn open(upload: Upload) -> OpenUpload {
    OpenUpload {
        upload,
        bytes: UploadBytes::new(UploadBytes::MAX).unwrap(),
        until_ms: 1_800_000_600_000,
    }
}

#[test]
fn a_state_of_every_version_is_read() {
    check(&state(), &[include_str!("../../samples/state.1.json")]);
}

fn with_pictures() -> State {
    let base = |low_resolution| {
        Some(Base {
            width: 1920,
            height: 1080,
            low_resolution,
            digest: None,
        })
    };
    let picture = |id, attempts, base, touched| Picture {
        id,
        attempts,
        asked_at_ms: 0,
        failed: false,
        source: PictureSource::Camera,
        base,
        touched,
    };
    let mark = |id, author, undone| Mark { id, author, undone };
    State {
        head: 60,
        utc_offset: UtcOffset::new(-570),
        pictures: vec![
            picture(20, 1, base(false), 20),
            picture(31, 9, base(true), 44),
            picture(50, 2, None, 57),
        ],
        sent: vec![
            Sent {
                picture: 20,
                through: 25,
                digest: None,
            },
            Sent {
                picture: 19,
                through: 19,
                digest: None,
            },
        ],
        board: Some(Board {
            picture: 50,
            strokes: vec![
                mark(52, Seat::Agent, None),
                mark(53, Seat::Customer, Some(57)),
                mark(55, Seat::Customer, None),
            ],
        }),
        ended: None,
        notes: Vec::new(),
        ..state()
    }
}

#[test]
fn a_state_with_pictures_is_read() {
    check(
        &with_pictures(),
        &[include_str!("../../samples/state.1.pictures.json")],
    );
}

#[test]
fn a_state_with_digests_and_open_uploads_is_read() {
    let mut with_digests = with_pictures();
    if let Some(base) = with_digests
        .pictures
        .first_mut()
        .and_then(|one| one.base.as_mut())
    {
        base.digest = Some(Digest::from_bytes([0x20; 32]));
    }
    if let Some(sent) = with_digests.sent.last_mut() {
        sent.digest = Some(Digest::from_bytes([0x19; 32]));
    }
    check(
        &with_digests,
        &[include_str!("../../samples/state.1.digests.json")],
    );
    let mut with_uploads = with_digests;
    let upload = Upload::Sharp {
        picture: 50,
        attempt: 2,
    };
    with_uploads.uploads.push(open(upload));
    check(
        &with_uploads,
        &[include_str!("../../samples/state.1.uploads.json")],
    );
}

#[test]
fn a_state_with_askings_and_points_is_read() {
    let picture = |id, attempts, failed| Picture {
        id,
        attempts,
        asked_at_ms: 1_800_000_100_000 + u64::from(id),
        failed,
        source: PictureSource::Camera,
        base: None,
        touched: id,
    };
    let mut with_askings = State {
        head: 60,
        pictures: vec![picture(20, 1, false), picture(31, 9, true)],
        ended: None,
        notes: Vec::new(),
        ..state()
    };
    let reads = |state: &State, sample: &str| {
        assert_eq!(&State::decode(sample.as_bytes()).unwrap(), state);
    };
    // The points of seats in these two are forgotten: the share is counted in bytes.
    reads(
        &with_askings,
        include_str!("../../samples/state.1.askings.json"),
    );
    if let Some(last) = with_askings.pictures.last_mut() {
        last.source = PictureSource::Gallery;
    }
    reads(
        &with_askings,
        include_str!("../../samples/state.1.sources.json"),
    );
    let agent = with_askings.seats.get_mut(Seat::Agent);
    agent.bytes = 1_234;
    agent.taken_at_ms = Some(1_800_000_008_000);
    agent.held_since = 7;
    with_askings.links_renewed = 2;
    with_askings.leading = vec![LinkId([1; 16]), LinkId([0xff; 16])];
    check(
        &with_askings,
        &[include_str!("../../samples/state.1.shares.json")],
    );
}

#[test]
fn an_event_of_every_version_is_read() {
    let seat = Seat::Customer;
    let name = || DisplayName::new("Grüße 👋").unwrap();
    let facts = vec![
        Fact::InviteIssued {
            agent: AgentId::from_bytes([1; 16]),
            agent_name: DisplayName::new("Ada").unwrap(),
            number: Some(PhoneNumber::new("+4915123456789").unwrap()),
            reference: Reference::new("CLAIM-2026-1").unwrap(),
            language: Language::new("de").unwrap(),
            expires_at_ms: 1_800_003_600_000,
            ends_at_ms: 1_800_014_400_000,
        },
        Fact::Public(PublicFact::SmsAttempted { attempt: 1 }),
        Fact::Public(PublicFact::SmsAccepted { attempt: 1 }),
        Fact::Public(PublicFact::SmsFailed {
            attempt: 2,
            why: SmsFailure::OptedOut,
        }),
        Fact::Public(PublicFact::LinkMade),
        Fact::Public(PublicFact::LinkOpened),
        Fact::Public(PublicFact::LobbyReached {
            step: LobbyStep::CameraDenied,
        }),
        Fact::Public(PublicFact::Renamed { name: name() }),
        Fact::Joined {
            seat,
            page: page(1),
            name: name(),
            video_only: true,
            arrival: None,
        },
        Fact::Public(PublicFact::Lost { seat }),
        Fact::Public(PublicFact::Resumed { seat }),
        Fact::Moved {
            seat,
            page: page(2),
            video_only: false,
            arrival: None,
        },
        Fact::Public(PublicFact::Left { seat }),
        Fact::Public(PublicFact::MediaChanged {
            seat,
            microphone: true,
            camera: false,
        }),
        Fact::Public(PublicFact::Said {
            seat: Seat::Agent,
            text: ChatText::new("one\ntwo \"three\"").unwrap(),
        }),
        Fact::Public(PublicFact::Ended {
            why: EndReason::CustomerEnded,
        }),
    ];
    let facts = facts.into_iter().chain(facts_of_pictures());
    let facts = facts.chain(facts_of_guest());
    let taken = Fact::CallTaken {
        agent: AgentId::from_bytes([4; 16]),
        agent_name: name(),
    };
    let facts: Vec<Fact> = facts.chain([taken]).collect();
    let samples: Vec<&str> = include_str!("../../samples/event.1.jsonl")
        .lines()
        .collect();
    assert_eq!(samples.len(), facts.len());
    for ((seq, fact), sample) in (1..).zip(facts).zip(samples) {
        let at_ms = 1_800_000_000_000 + u64::from(seq);
        check(&Event { seq, at_ms, fact }, &[sample]);
    }
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
            !trouble.retryable && !trouble.to_string().contains("4915"),
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
    let wide = "😀".repeat(20);
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
        bytes: u32::MAX,
        taken_at_ms: Some(u64::MAX),
        held_since: u32::MAX,
        arrival: Some(beside::arrived("zh-Hant-TWxx", Some([u32::MAX; 2]))),
        stars: Stars::new(5),
        pages: (0..SeatState::PAGES_MAX).map(memory).collect(),
    };
    let rules = Rules::default();
    let picture = Picture {
        id: u32::MAX,
        attempts: rules.attempts_max,
        asked_at_ms: u64::MAX,
        failed: true,
        source: PictureSource::Gallery,
        base: Some(Base {
            width: u16::MAX,
            height: u16::MAX,
            low_resolution: true,
            digest: Some(Digest::from_bytes([u8::MAX; 32])),
        }),
        touched: u32::MAX,
    };
    let mark = longest_mark();
    let notes = vec![NOTE_VERSIONS_MAX; usize::from(NOTES_MAX)];
    let full = State {
        notes,
        revision: u32::MAX,
        head: u32::MAX,
        head_at_ms: u64::MAX,
        dates_ahead_ms: i64::MIN,
        agent_name: name(),
        reference: Reference::new(&"\u{10ffff}".repeat(10)).unwrap(),
        leading: vec![LinkId([0xff; 16]); (rules.links_max + rules.sms_max + 1) as usize],
        language: Language::new("aa-bbbbb-ccc").unwrap(),
        lobby: Some(LobbyStep::MicrophoneAbsent),
        seats: Seats::from_fn(|_| seat()),
        utc_offset: UtcOffset::new(-840),
        pictures: vec![picture; rules.pictures_max as usize],
        sent: vec![longest_sent(); rules.sends_max as usize],
        uploads: vec![open(sent_upload(u32::MAX)); rules.uploads_max as usize],
        board: Some(Board {
            picture: u32::MAX,
            strokes: vec![mark; rules.strokes_max as usize],
        }),
        ..state()
    };
    let bytes = full.encode();
    assert!(bytes.len() < 64 * 1024, "{} bytes", bytes.len());
    assert_eq!(State::decode(&bytes).unwrap(), full);
}

#[test]
fn an_event_at_its_limits_stays_below_24_kib_stored_and_said() {
    let (seat, picture) = (Seat::Customer, u32::MAX);
    let drawn = |ink| {
        Fact::Public(PublicFact::Drawn {
            seat,
            picture,
            stroke: Stroke {
                mark: u32::MAX,
                ink,
            },
        })
    };
    let ids: Vec<u32> = vec![u32::MAX; Rules::default().strokes_max as usize];
    let longest = "😀".repeat(40);
    for fact in [
        drawn(Ink::Pen {
            line: Line::new(vec![u16::MAX; 2 * Line::POINTS_MAX]).unwrap(),
            pressure: Some(Pressure::new(vec![u8::MAX; Line::POINTS_MAX]).unwrap()),
        }),
        drawn(Ink::Text {
            at: Point(u16::MAX, u16::MAX),
            text: LabelText::new(&longest).unwrap(),
        }),
        Fact::Public(PublicFact::Undone {
            seat,
            picture,
            strokes: ids.clone(),
        }),
        Fact::Public(PublicFact::Redone {
            seat,
            picture,
            strokes: ids,
        }),
    ] {
        let event = Event {
            seq: u32::MAX,
            at_ms: u64::MAX,
            fact,
        };
        let bytes = event.encode();
        assert!(bytes.len() < 24 * 1024, "{} bytes", bytes.len());
        assert_eq!(Event::decode(&bytes).unwrap(), event);
        let batch = crate::words::batch(std::slice::from_ref(&event), seat, event.seq);
        assert_eq!(batch.events.len(), 1);
        let said = serde_json::to_string(&batch).unwrap().len();
        assert!(said < 24 * 1024, "{said} bytes");
    }
}

#[test]
fn a_state_that_a_session_made_survives_the_store() {
    let invitation = Invitation {
        agent: AgentId::from_bytes([1; 16]),
        agent_name: DisplayName::new("Ada").unwrap(),
        number: Some(PhoneNumber::new("+4915123456789").unwrap()),
        reference: Reference::new("CLAIM-2026-1").unwrap(),
        language: Language::new("de").unwrap(),
    };
    let rules = Rules::default();
    let (mut state, issued) = begin(invitation, 1, 0, &rules);
    assert_eq!(Event::decode(&issued.encode()).unwrap(), issued);
    for facts in [
        decide_system(
            &state,
            Actor::AgentApi,
            &SystemCommand::SendSms { attempt: 1 },
            2,
            &rules,
        ),
        decide_system(&state, Actor::Link, &SystemCommand::OpenLink, 3, &rules),
    ] {
        for fact in facts.unwrap() {
            let event = apply(&mut state, fact, 4);
            assert_eq!(Event::decode(&event.encode()).unwrap(), event);
            assert_eq!(State::decode(&state.encode()).unwrap(), state);
        }
    }
}

#[test]
fn a_minute_of_every_version_is_read() {
    let moment = Moment {
        frozen_ms: 420,
        made_up: 12,
        kbit: 1_480,
        lost: 31,
        trip_ms: Some(84),
        rung: Some(1),
    };
    check(
        &CallMinute {
            minute: 30_000_000,
            moments: vec![moment, Moment::default()],
        },
        &[include_str!("../../samples/minute.1.json")],
    );
}
