//! Exports: what stands in them, and how they are written.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use sightline_session::Invitation;
use sightline_wire::{DisplayName, Language, PhoneNumber, Reference, Seat, SessionId};

use super::guest::PLACE;
use super::world::{Answer, Browser, NOW_MS, ORIGIN, World};
use crate::ports::{Commit, Committed, Entries, Sessions as _};

/// The day of the world's clock.
const TODAY: &str = "2027-01-15";

const DAY_S: u64 = 24 * 60 * 60;

fn path(format: &str, file: u8) -> String {
    let file = sightline_wire::PageId::from_bytes([file; 16]);
    format!("/api/export?from={TODAY}&to={TODAY}&as={format}&file={file}")
}

async fn asked(world: &World, format: &str, file: u8) -> Answer {
    world.admin_called("Root").get(&path(format, file)).await
}

fn text(world: &World, answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
    let link = answer.headers[header::LOCATION].to_str().unwrap();
    let got = world.memory().get_object(link);
    assert_eq!(got.status, 200);
    String::from_utf8(got.body).unwrap()
}

/// Calls as other processes stored them, one each second of the day before the world's present.
async fn stored(world: &World, count: u32, name: &str) {
    stored_from(world, 0, count, name).await;
}

async fn stored_from(world: &World, first: u32, end: u32, name: &str) {
    for n in first..end {
        let mut id = [9; 16];
        id[..4].copy_from_slice(&n.to_be_bytes());
        let invitation = Invitation {
            agent: crate::agent_id("elsewhere", "Grace"),
            agent_name: DisplayName::new("Grace, \"the\" agent").unwrap(),
            number: PhoneNumber::new("+4915123456789").ok(),
            reference: Reference::new("CLAIM-2026-1").unwrap(),
            language: Language::new("en").unwrap(),
        };
        let at_ms = NOW_MS - u64::from(n % 20_000) * 1_000;
        let rules = sightline_session::Rules::default();
        let (mut state, issued) = sightline_session::begin(invitation, at_ms, 0, &rules);
        state.seats.get_mut(Seat::Customer).name = DisplayName::new(name).ok();
        let session = SessionId::from_bytes(id);
        let commit = Commit {
            entries: Entries {
                new: world.host.terms_of(&state).await.unwrap(),
                ..Entries::default()
            },
            ..Commit::first(session, state, vec![issued], NOW_MS / 1_000 + DAY_S)
        };
        assert_eq!(world.memory().commit(commit).await, Ok(Committed::Done));
    }
}

#[tokio::test]
async fn an_export_has_what_the_list_shows_and_no_whole_number() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let wish = agents.asks("location").await;
    customers.tells_place(wish).await;
    world.advance_s(61);
    agents.command("session", "end", json!({})).await;
    let csv = text(&world, &asked(&world, "csv", 1).await);
    let session = agents.session;
    let wanted = [
        "\u{feff}call,began,joined,ended,joining_s,length_s,phase,reason,reference,number,agent,customer,pictures,sent,agent_stars,customer_stars\r\n".to_owned(),
        format!("{session},2027-01-15T08:00:00Z,2027-01-15T08:00:00Z,2027-01-15T08:01:01Z,0,61,ended,agent_ended,CLAIM-2026-1,•••789,Ada,Guest,0,0,,\r\n"),
    ];
    assert_eq!(csv, wanted.concat());
    let read: Value = serde_json::from_str(&text(&world, &asked(&world, "json", 1).await)).unwrap();
    assert_eq!(read[0]["call"], session.to_string());
    assert_eq!(read[0]["length_s"], 61);
    assert_eq!(read[0]["agent_stars"], Value::Null);
    assert_eq!(read.as_array().unwrap().len(), 1);
    let all = format!("{csv}{read}");
    for private in [PLACE[0], PLACE[1], "15123456789"] {
        assert!(!all.contains(private), "{private} in {all}");
    }
}

#[tokio::test]
async fn a_period_without_calls_has_an_export_without_lines() {
    let world = World::new();
    let csv = text(&world, &asked(&world, "csv", 1).await);
    assert_eq!(csv.lines().count(), 1);
    let read: Value = serde_json::from_str(&text(&world, &asked(&world, "json", 1).await)).unwrap();
    assert_eq!(read, json!([]));
}

#[tokio::test]
async fn what_a_customer_typed_is_no_formula() {
    let world = World::new();
    stored(&world, 1, "=HYPERLINK(\"http://x\",1)").await;
    let csv = text(&world, &asked(&world, "csv", 1).await);
    let cells = "\"Grace, \"\"the\"\" agent\",\"'=HYPERLINK(\"\"http://x\"\",1)\"";
    assert!(csv.contains(cells), "{csv}");
}

#[tokio::test]
async fn ten_thousand_calls_are_written_in_pieces_each_once() {
    let world = World::new();
    stored(&world, 10_000, "Guest").await;
    let csv = text(&world, &asked(&world, "csv", 1).await);
    let calls: std::collections::BTreeSet<_> = csv
        .lines()
        .skip(1)
        .map(|line| line.split(',').next())
        .collect();
    assert_eq!(calls.len(), 10_000);
    assert_eq!(csv.lines().count(), 10_001);
    let (made, longest) = world.memory().cases_made();
    assert!(made == 1 && longest < 300_000, "{longest} bytes at a time");
    let newest = |line: &str| line.split(',').nth(1).map(str::to_owned);
    let times: Vec<_> = csv.lines().skip(1).map(newest).collect();
    assert!(times.is_sorted_by(|one, two| one >= two), "newest first");
}

#[tokio::test]
async fn too_many_calls_are_refused_in_words() {
    let world = World::with(|config| config.export_calls_max = 3);
    stored(&world, 3, "Guest").await;
    let csv = text(&world, &asked(&world, "csv", 2).await);
    assert_eq!(csv.lines().count(), 4);
    stored_from(&world, 3, 4, "Guest").await;
    let answer = asked(&world, "csv", 1).await;
    assert_eq!(answer.error(), "refused", "{answer:?}");
    assert_eq!(answer.body["why"], "limit_reached");
    assert_eq!(world.memory().cases_made().0, 1, "and no file is left");
}

#[tokio::test]
async fn the_same_request_is_the_same_file_and_each_fetching_is_a_line() {
    let world = World::new();
    for _again in 0..2 {
        text(&world, &asked(&world, "csv", 1).await);
    }
    assert_eq!(world.memory().cases_made().0, 1);
    stored(&world, 1, "Guest").await;
    let csv = text(&world, &asked(&world, "csv", 2).await);
    assert_eq!(csv.lines().count(), 2, "another file has what is new");
    let mut admin = world.admin_called("Root");
    let lines = admin.get("/api/audit").await.body;
    let lines = lines["lines"].as_array().unwrap().clone();
    let exported = lines.iter().filter(|line| line["deed"] == "calls_exported");
    let about: Vec<_> = exported.map(|line| line["about"].clone()).collect();
    assert_eq!(about, vec![json!("2027-01-15 2027-01-15"); 3]);
}

#[tokio::test]
async fn what_is_no_export_is_refused() {
    let world = World::new();
    let mut admin: Browser<'_> = world.admin_called("Root");
    let whole = path("csv", 1);
    for path in [
        "/api/export".to_owned(),
        whole.replace("as=csv", "as=xlsx"),
        whole.replace("&to=2027-01-15", "&to=2027-04-18"),
        whole.split("&file=").next().unwrap().to_owned(),
        whole.replace("&file=", "&file=.."),
    ] {
        let answer = admin.get(&path).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
    }
}

#[tokio::test]
async fn an_erased_call_is_in_no_export_that_lies_there() {
    let world = World::new();
    let (mut agents, _) = world.call().await;
    agents.command("session", "end", json!({})).await;
    let csv = text(&world, &asked(&world, "csv", 1).await);
    assert_eq!(csv.lines().count(), 2);
    let mut admin = world.admin_called("Root");
    let request = Request::delete(format!("/api/sessions/{}", agents.session));
    let request = request.header(header::ORIGIN, ORIGIN).body(Body::empty());
    assert_eq!(admin.ask(request.unwrap()).await.status, StatusCode::OK);
    // The same file is made again no sooner than two minutes later.
    world.advance_s(180);
    let csv = text(&world, &asked(&world, "csv", 1).await);
    assert_eq!(csv.lines().count(), 1, "{csv}");
}
