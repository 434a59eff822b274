//! What the version before left behind (`tests/before`) is read on: its records, its cookies, and
//! every word that it exchanged with pages and relays.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use hyper::Method;
use serde::Deserialize;
use serde_json::Value;
use sightline_host::Keys;
use sightline_wire::api::{LinkState, Look};
use sightline_wire::{
    Event, FromPage, FromRelay, InviteSecret, PageId, Seat, SessionId, ToPage, ToRelay,
};

use crate::http::ask;
use crate::world::{Agent, World};

/// The recording was made with the clock in this year, so that nothing of it is over: epoch
/// milliseconds of its first event at the earliest.
const RECORDED_MS: u64 = 4_095_000_000_000;

#[derive(Deserialize)]
struct Cookies {
    agent: String,
    once: InviteSecret,
    ended: Entered,
    running: Entered,
    invited: Invited,
}

#[derive(Deserialize)]
struct Entered {
    session: SessionId,
    seat: String,
    pages: Option<BTreeMap<String, PageId>>,
}

#[derive(Deserialize)]
struct Invited {
    session: SessionId,
    secret: String,
}

#[derive(Deserialize)]
struct Expected {
    sessions: BTreeMap<SessionId, BTreeMap<String, Vec<Value>>>,
    calls: Value,
}

/// One line of a talk.
#[derive(Deserialize)]
struct Word {
    from: String,
    text: Option<String>,
    handshake: Option<String>,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_goes_on_with_what_the_version_before_stored() {
    let world = World::start_on(&recorded("data"));
    let cookies: Cookies = read("cookies.json");
    let expected: Expected = read("expected.json");
    let agent = Agent {
        cookie: cookies.agent.clone(),
    };
    let headers = [("cookie", agent.cookie.as_str())];
    let calls = ask(world.base(), Method::GET, "/api/sessions", &headers, "");
    assert_eq!(calls.await.unwrap().json::<Value>(), expected.calls);

    for session in [cookies.ended.session, cookies.running.session] {
        let log = world.log(&agent, session).await;
        let events = &expected.sessions[&session]["agent"];
        assert_eq!(values(&log[..events.len()]), *events);
    }

    let look = world.look(&format!("#{}", cookies.invited.secret)).await;
    let look: Look = look.json();
    assert_eq!(
        (look.state, look.session),
        (LinkState::Valid, Some(cookies.invited.session))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_the_version_before_goes_on() {
    let world = World::start_on(&recorded("data"));
    let Cookies { agent, running, .. } = read("cookies.json");
    let expected: Expected = read("expected.json");
    let events = &expected.sessions[&running.session];
    let pages = running.pages.unwrap();
    let mut agent_page = world.page(&agent, running.session, Seat::Agent);
    let mut customer_page = world.page(&running.seat, running.session, Seat::Customer);
    for (page, seat) in [(&mut agent_page, "agent"), (&mut customer_page, "customer")] {
        page.reload_of(pages[seat]).await;
        page.catch_up(u32::try_from(events[seat].len()).unwrap())
            .await;
        assert_eq!(values(&page.log), events[seat], "{seat}");
    }

    let done = agent_page.say("Are you still there?").await.unwrap();
    assert_eq!(
        done.head as usize,
        events["agent"].len() + 1,
        "the next number"
    );
    customer_page.catch_up(done.head).await;
    assert_eq!(customer_page.lines().last(), Some(&"Are you still there?"));
}

#[test]
fn cookies_and_tokens_of_the_version_before_are_valid() {
    let key: [u8; 32] = fs::read(recorded("data/key")).unwrap().try_into().unwrap();
    let keys = Keys::from_bytes(&key);
    let Cookies { once, .. } = read("cookies.json");
    assert!(keys.check_once(&once, RECORDED_MS).is_some());
    let hello = talk("relay")
        .into_iter()
        .find_map(|word| word.handshake)
        .unwrap();
    let token = hello
        .split("earer ")
        .nth(1)
        .unwrap()
        .split("\r\n")
        .next()
        .unwrap();
    let issued_ms = issued_ms();
    assert!(keys.check_relay(token, issued_ms));
}

#[test]
fn every_word_of_the_version_before_is_read_and_written_the_same() {
    let mut count = 0;
    for name in names() {
        for Word { from, text, .. } in talk(&name) {
            let Some(text) = text else { continue };
            match (name.as_str(), from.as_str()) {
                ("relay", "relay") => assert_eq!(again::<FromRelay>(&text), text),
                ("relay", _) => assert_eq!(again::<ToRelay>(&text), text),
                // A page writes its fields in an order of its own.
                (_, "page") => assert_eq!(value(&again::<FromPage>(&text)), value(&text)),
                _ => assert_eq!(again::<ToPage>(&text), text),
            }
            count += 1;
        }
    }
    assert!(count > 300, "{count} messages");
}

#[test]
fn the_recording_is_never_edited() {
    let sums = fs::read_to_string(recorded("sums")).unwrap();
    for line in sums.lines() {
        let (sum, name) = line.split_once("  ").unwrap();
        let bytes = fs::read(recorded(name)).unwrap();
        let found = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
        assert_eq!(
            hex::encode(found),
            sum,
            "{name}: restore it, it was recorded once"
        );
    }
}

/// Reads a message and writes it again.
fn again<T: serde::de::DeserializeOwned + serde::Serialize>(text: &str) -> String {
    let message: T = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    serde_json::to_string(&message).unwrap()
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// When the first event of the recording happened, about when the relay came.
fn issued_ms() -> u64 {
    let Expected { sessions, .. } = read("expected.json");
    let first = sessions.values().flat_map(|seats| seats["agent"].first());
    first
        .map(|event| event["at_ms"].as_u64().unwrap())
        .min()
        .unwrap()
}

fn values(events: &[Event]) -> Vec<Value> {
    events
        .iter()
        .map(|event| serde_json::to_value(event).unwrap())
        .collect()
}

fn names() -> Vec<String> {
    let files = fs::read_dir(recorded("talk")).unwrap();
    let name = |path: PathBuf| path.file_stem().unwrap().to_str().unwrap().to_owned();
    let names = files.map(|entry| name(entry.unwrap().path()));
    names.filter(|name| name != "http").collect()
}

fn talk(name: &str) -> Vec<Word> {
    let text = fs::read_to_string(recorded(&format!("talk/{name}.jsonl"))).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn read<T: serde::de::DeserializeOwned>(name: &str) -> T {
    serde_json::from_slice(&fs::read(recorded(name)).unwrap()).unwrap()
}

fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/before")
        .join(name)
}
