//! Lines that agents have ready for the chat: written by admins, read by everybody who is signed
//! in.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use super::world::{Answer, Browser, ORIGIN, World};
use crate::memory::Faults;

async fn read(browser: &mut Browser<'_>) -> Value {
    let answer = browser.get("/api/lines").await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.body
}

async fn write(admin: &mut Browser<'_>, revision: u32, lines: &[&str]) -> Answer {
    let wanted = json!({ "revision": revision, "lines": lines });
    admin.put("/api/lines", wanted).await
}

/// The names of those who changed the lines, as the audit log has them, and its text.
async fn changed_by(admin: &mut Browser<'_>) -> (Vec<String>, String) {
    let log = admin.get("/api/audit").await.body;
    let lines = log["lines"].as_array().unwrap().iter();
    let changes = lines.filter(|line| line["deed"] == "lines_changed");
    let names = changes.map(|line| line["name"].as_str().unwrap().to_owned());
    (names.collect(), log.to_string())
}

#[tokio::test]
async fn what_an_admin_writes_every_agent_reads() {
    let world = World::new();
    let mut admin = world.admin_called("Root");
    let mut agent = world.agent_called("Grace");
    let none = json!({ "revision": 0, "lines": [] });
    assert_eq!(read(&mut agent).await, none);

    let written = write(
        &mut admin,
        0,
        &[" Please hold still. ", "Thank you.", "Thank you."],
    )
    .await;
    let kept = json!({ "revision": 1, "lines": ["Please hold still.", "Thank you."] });
    assert_eq!((written.status, &written.body), (StatusCode::OK, &kept));
    assert_eq!(read(&mut agent).await, kept);

    let emptied = write(&mut admin, 1, &[]).await;
    assert_eq!(emptied.body, json!({ "revision": 2, "lines": [] }));
    assert_eq!(read(&mut agent).await, emptied.body);
    let (names, log) = changed_by(&mut admin).await;
    assert_eq!(names, ["Root", "Root"]);
    assert!(!log.contains("hold still"), "{log}");
}

#[tokio::test]
async fn an_admin_does_not_overwrite_lines_that_were_not_read() {
    let world = World::new();
    let mut first = world.admin_called("Root");
    let mut second = world.admin_called("Hedy");
    assert_eq!(
        write(&mut first, 0, &["First."]).await.status,
        StatusCode::OK
    );
    for stale in [0, 2, u32::MAX] {
        let refused = write(&mut second, stale, &["Second."]).await;
        let told = (refused.status, refused.error());
        assert_eq!(told, (StatusCode::CONFLICT, "changed_meanwhile"), "{stale}");
    }
    let stands = json!({ "revision": 1, "lines": ["First."] });
    assert_eq!(read(&mut second).await, stands);
    let both = write(&mut second, 1, &["First.", "Second."]).await;
    assert_eq!(both.body["revision"], 2);
    assert_eq!(changed_by(&mut first).await.0, ["Hedy", "Root"]);
}

#[tokio::test]
async fn of_two_admins_at_once_one_is_refused() {
    let world = World::new();
    let mut first = world.admin_called("Root");
    let mut second = world.admin_called("Hedy");
    let (one, other) = tokio::join!(
        write(&mut first, 0, &["First."]),
        write(&mut second, 0, &["Second."])
    );
    let (stored, refused) = match one.status {
        StatusCode::OK => (one, other),
        _ => (other, one),
    };
    assert_eq!(refused.error(), "changed_meanwhile");
    assert_eq!(read(&mut first).await, stored.body);
    assert_eq!(stored.body["revision"], 1);
}

#[tokio::test]
async fn a_repeated_request_is_one_change_wherever_its_answer_was_lost() {
    let world = World::new();
    let mut admin = world.admin_called("Root");
    world.memory().order(Faults {
        lost_lines: 1,
        ..Faults::default()
    });
    for _again in 0..3 {
        let written = write(&mut admin, 0, &["Thank you."]).await;
        let stored = json!({ "revision": 1, "lines": ["Thank you."] });
        assert_eq!((written.status, written.body), (StatusCode::OK, stored));
    }
    assert_eq!(changed_by(&mut admin).await.0, ["Root"]);
}

#[tokio::test]
async fn a_hostile_body_is_refused_in_words_and_nothing_is_lost() {
    let world = World::new();
    let mut admin = world.admin_called("Root");
    let kept = write(&mut admin, 0, &["Thank you."]).await.body;
    let list = |lines: Value| json!({ "revision": 1, "lines": lines }).to_string();
    let many: Vec<String> = (0..31).map(|n| n.to_string()).collect();
    let malformed = [
        list(json!(many)),
        list(json!(["x".repeat(2_001)])),
        list(json!([7, null, ["x"], { "x": 1 }])),
        list(json!("x")),
        list(json!(["a\u{7}b"])),
        list(json!(["a\nb"])),
        list(json!([" "])),
        json!({ "lines": ["x"] }).to_string(),
        json!({ "revision": -1, "lines": ["x"] }).to_string(),
        json!({ "revision": 4_294_967_296_u64, "lines": ["x"] }).to_string(),
        json!([1, ["x"]]).to_string(),
        "[".repeat(100_000),
        String::new(),
    ];
    for body in malformed {
        let answer = send(&mut admin, body.clone()).await;
        let told = (answer.status, answer.error());
        assert_eq!(told, (StatusCode::BAD_REQUEST, "malformed"), "{body:.60}");
    }
    let answer = send(&mut admin, list(json!(["x".repeat(1 << 20)]))).await;
    let told = (answer.status, answer.error());
    assert_eq!(told, (StatusCode::PAYLOAD_TOO_LARGE, "too_long"));
    assert_eq!(read(&mut admin).await, kept);
}

async fn send(admin: &mut Browser<'_>, body: String) -> Answer {
    let request = Request::put("/api/lines")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ORIGIN, ORIGIN);
    admin.ask(request.body(Body::from(body)).unwrap()).await
}
