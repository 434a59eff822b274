//! Erasing a call: who may, when, what goes, and what is left of a half-done one.

use axum::body::Body;
use axum::http::{Request, header};
use sightline_wire::api::Role;
use sightline_wire::{DisplayName, Seat, SessionId};

use super::camera::{SHARP, sent, sharp};
use super::world::{Answer, Browser, NOW_MS, NUMBER, ORIGIN, Page, World};
use crate::memory::Faults;
use crate::ports::Connections as _;

const WEEK_S: u64 = 7 * 24 * 60 * 60;

impl Browser<'_> {
    pub async fn erase(&mut self, session: SessionId) -> Answer {
        let request = Request::delete(format!("/api/sessions/{session}"))
            .header(header::ORIGIN, ORIGIN)
            .header("sec-fetch-site", "same-origin");
        self.ask(request.body(Body::empty()).unwrap()).await
    }
}

impl World {
    /// Somebody else of the deployment, with this role.
    pub fn signed_in(&self, name: &str, role: Role) -> Browser<'_> {
        let mut browser = self.browser();
        let named = DisplayName::new(name).unwrap();
        let id = crate::agent_id("elsewhere", name);
        let value = self.host.keys().agent(
            (id, sightline_wire::SignInId::from_bytes([9; 16])),
            &named,
            role,
            NOW_MS,
        );
        browser.jar.insert("__Host-agent".to_owned(), value);
        browser
    }
}

fn said(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.error())
}

/// A call with a picture, strokes, a picture in the chat and a line, which has ended.
async fn ended(world: &World) -> (Page<'_>, Page<'_>) {
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    customers.gives(picture).await;
    let through = customers.draw(picture).await;
    customers.sends(picture, through).await;
    assert_eq!(customers.chat("the boiler drips").await.refused, None);
    let asked = agents.asks("location").await;
    customers.tells_place(asked).await;
    // An upload that nobody reported.
    assert_eq!(agents.put(sent(picture, through), SHARP).await, 200);
    let ended = agents
        .command("session", "end", serde_json::json!({}))
        .await;
    assert_eq!(ended.refused, None);
    (agents, customers)
}

#[tokio::test]
async fn an_admin_erases_any_call_that_has_ended_and_nothing_is_found_of_it() {
    let world = World::with(|config| {
        config.log_days = Some(30);
        config.backup_days = Some(7);
    });
    let (agents, customers) = ended(&world).await;
    let session = agents.session;
    let secret = world.last_secret();
    let mut admin = world.signed_in("Grace", Role::Admin);
    let answer = admin.erase(session).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let wanted = serde_json::json!({
        "session": session, "tombstone_days": 7, "log_days": 30, "backup_days": 7,
    });
    assert_eq!(answer.body, wanted, "what stays elsewhere");

    let mut agent = world.agent().await;
    let calls = agent.get("/api/sessions").await.body;
    assert_eq!(calls["calls"], serde_json::json!([]));
    assert_eq!(said(&agents.log_by_http().await), (404, "not_found"));
    let path = format!("/api/sessions/{session}/seat");
    let seat = customers.browser.clone().get(&path).await;
    assert_eq!(said(&seat), (404, "unknown_link"));
    let body = serde_json::json!({ "secret": secret });
    let look = world.browser().post("/api/look", body).await;
    assert_eq!(said(&look), (404, "unknown_link"));
    assert_eq!(world.memory().object_keys(), Vec::<String>::new());
    let hash = world.host.keys().pseudonym("number", NUMBER.as_bytes());
    let counters = world.memory().counters();
    let of_call = |name: &str| name.contains(&hash) || name.contains(&session.to_string());
    assert!(
        !counters.iter().any(|(name, _)| of_call(name)),
        "{counters:?}"
    );
    assert!(!counters.is_empty(), "the budget of the deployment stays");
}

#[tokio::test]
async fn connections_keep_nothing_of_an_erased_call() {
    let world = World::new();
    let (agents, customers) = ended(&world).await;
    let mut admin = world.agent().await;
    assert_eq!(admin.erase(agents.session).await.status, 200);
    let memory = world.memory();
    let record = memory.find_connection(&customers.connection).await;
    assert_eq!(record, Ok(None));
    assert_eq!(memory.close_code(&customers.connection), Some(1000));
    // The agent's tab may be in another call.
    let record = memory.find_connection(&agents.connection).await.unwrap();
    assert_eq!(record.unwrap().attached, Vec::new());
    assert_eq!(memory.close_code(&agents.connection), None);
    agents.ping().await;
}

#[tokio::test]
async fn only_an_admin_of_this_origin_erases_and_never_a_running_call() {
    let world = World::new();
    let mut agent = world.agent().await;
    let session = agent.start_call(1).await;
    assert_eq!(said(&agent.erase(session).await), (409, "call_running"));
    let mut other = world.signed_in("Ada", Role::Agent);
    assert_eq!(said(&other.erase(session).await), (403, "not_admin"));
    assert_eq!(
        said(&world.browser().erase(session).await),
        (401, "not_signed_in")
    );
    let unknown = SessionId::from_bytes([9; 16]);
    assert_eq!(
        said(&other.erase(unknown).await),
        (403, "not_admin"),
        "which calls there are"
    );
    assert_eq!(said(&agent.erase(unknown).await), (404, "not_found"));
    let request = Request::delete(format!("/api/sessions/{session}"));
    let request = request.header(header::ORIGIN, "https://evil.example");
    let answer = agent.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!(said(&answer), (403, "wrong_origin"));

    // An invite that has expired needs nobody to have noticed it.
    world.advance_s(60 * 60 - 1);
    assert_eq!(said(&agent.erase(session).await), (409, "call_running"));
    world.advance_s(1);
    assert_eq!(agent.erase(session).await.status, 200);
}

#[tokio::test]
async fn an_erasure_that_was_cut_off_is_finished_by_repeating_it() {
    let world = World::new();
    let (agents, _) = ended(&world).await;
    let session = agents.session;
    let mut admin = world.agent().await;
    let no_note = Faults {
        failed_notes: u32::MAX,
        ..Faults::default()
    };
    world.memory().order(no_note);
    assert_eq!(said(&admin.erase(session).await), (503, "trouble"));
    assert_eq!(
        agents.log_by_http().await.status,
        200,
        "what no restore would know of is not erased"
    );
    assert_eq!(world.memory().noted_erased(), []);
    let faults = [
        Faults {
            failed_erasures: 1,
            ..Faults::default()
        },
        Faults {
            failed_deletes: u32::MAX,
            ..Faults::default()
        },
    ];
    for fault in faults {
        world.memory().order(fault);
        assert_eq!(said(&admin.erase(session).await), (503, "trouble"));
        let calls = agents.log_by_http().await;
        assert_eq!(said(&calls), (404, "not_found"), "nobody sees a half of it");
        assert_eq!(world.memory().noted_erased(), [session]);
    }
    world.memory().order(Faults::default());
    for _ in 0..2 {
        assert_eq!(admin.erase(session).await.status, 200);
        assert_eq!(world.memory().object_keys(), Vec::<String>::new());
        let counters = world.memory().counters();
        let of_call = counters
            .iter()
            .any(|(name, _)| name.contains(&session.to_string()));
        assert!(!of_call, "{counters:?}");
    }
    world.advance_s(WEEK_S - 1);
    let mut admin = world.agent().await;
    assert_eq!(admin.erase(session).await.status, 200);
    world.advance_s(1);
    assert_eq!(said(&admin.erase(session).await), (404, "not_found"));
}

#[tokio::test]
async fn what_older_records_bring_back_is_erased_again() {
    let world = World::new();
    let (agents, _) = ended(&world).await;
    let session = agents.session;
    let unknown = SessionId::from_bytes([9; 16]);
    assert_eq!(world.host.erase_again(unknown).await, Ok(false));
    // The older records may have it as a half of an erasure, which no reader sees.
    let cut_off = Faults {
        failed_erasures: 1,
        ..Faults::default()
    };
    world.memory().order(cut_off);
    let mut admin = world.agent().await;
    assert_eq!(said(&admin.erase(session).await), (503, "trouble"));
    for there in [true, false] {
        assert_eq!(world.host.erase_again(session).await, Ok(there));
        assert_eq!(world.memory().object_keys(), Vec::<String>::new());
    }
    assert_eq!(admin.erase(session).await.status, 200, "its tombstone");
}

#[tokio::test]
async fn a_clash_with_another_commit_is_tried_again() {
    let world = World::new();
    let mut agent = world.agent().await;
    let session = agent.start_call(1).await;
    world.advance_s(60 * 60);
    let clashes = Faults {
        clashes: 2,
        ..Faults::default()
    };
    world.memory().order(clashes);
    assert_eq!(agent.erase(session).await.status, 200);
}

#[tokio::test]
async fn what_comes_late_is_refused_and_leaves_nothing() {
    let world = World::new();
    let (mut agents, customers) = world.call().await;
    let picture = agents.capture().await;
    assert_eq!(customers.put(sharp(picture, 1), SHARP).await, 200);
    let (session, mut admin) = (agents.session, world.agent().await);
    // The picture is read and kept while the call ends and is erased.
    let uploading = async {
        let rest = serde_json::json!({ "n": customers.n, "upload": sharp(picture, 1) });
        customers.say("screenshots", "uploaded", rest).await;
    };
    let erasing = async {
        let end = serde_json::json!({ "n": agents.n });
        agents.say("session", "end", end).await;
        assert_eq!(admin.erase(session).await.status, 200);
    };
    tokio::join!(uploading, erasing);
    assert_eq!(world.memory().object_keys(), Vec::<String>::new());
    assert_eq!(said(&agents.log_by_http().await), (404, "not_found"));
    // The same request would begin the same session.
    let again = admin.post("/api/sessions", Browser::start_body(1)).await;
    assert_eq!(said(&again), (404, "not_found"));
    assert_eq!(said(&agents.log_by_http().await), (404, "not_found"));
    let attached = customers.browser.page(session, Seat::Customer).await;
    let refused = attached.log_by_http().await;
    assert_eq!(said(&refused), (404, "not_found"));
}
