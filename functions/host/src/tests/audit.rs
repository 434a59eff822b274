//! The audit log: who did what.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use sightline_wire::api::Role;
use sightline_wire::{AuditDeed, DisplayName};

use super::world::{Browser, ORIGIN, World};
use crate::memory::Faults;
use crate::records::{AuditRecord, Record as _};

async fn lines(admin: &mut Browser<'_>, query: &str) -> (Vec<Value>, Option<String>) {
    let answer = admin.get(&format!("/api/audit{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    let after = answer.body["after"].as_str().map(str::to_owned);
    (answer.body["lines"].as_array().unwrap().clone(), after)
}

async fn delete(browser: &mut Browser<'_>, path: &str) -> StatusCode {
    let request = Request::delete(path).header(header::ORIGIN, ORIGIN);
    browser
        .ask(request.body(Body::empty()).unwrap())
        .await
        .status
}

#[tokio::test]
async fn deeds_are_told_newest_first_with_who_and_about_what() {
    let world = World::new();
    let (mut agents, _) = world.call().await;
    agents.command("session", "end", json!({})).await;
    let mut admin = world.admin_called("Root");
    let wanted = json!({ "name": "Claims", "scopes": ["read"] });
    let made = admin.post("/api/keys", wanted).await;
    let key = made.body["key"]["id"].as_str().unwrap().to_owned();
    for gone in [true, false] {
        let status = delete(&mut admin, &format!("/api/keys/{key}")).await;
        assert_eq!(status.is_success(), gone);
    }
    let id = crate::agent_id("elsewhere", "Grace");
    let grace = DisplayName::new("Grace").unwrap();
    world.host.note_signed_in(id, &grace, Role::Agent).await;
    for allowed in [false, true] {
        let path = format!("/api/agents/{id}/access");
        admin.put(&path, json!({ "allowed": allowed })).await;
    }
    let call = format!("/api/sessions/{}", agents.session);
    for status in [StatusCode::SEE_OTHER, StatusCode::SEE_OTHER] {
        let answer = agents.browser.get(&format!("{call}/case")).await;
        assert_eq!(answer.status, status);
    }
    for _again in 0..2 {
        assert_eq!(delete(&mut admin, &call).await, StatusCode::OK);
    }
    let (lines, after) = lines(&mut admin, "").await;
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line["deed"].as_str().unwrap(), line["name"].as_str()))
        .collect();
    let mut expected = [
        ("signed_in", Some("Ada")),
        ("key_made", Some("Root")),
        ("key_revoked", Some("Root")),
        ("signed_in", Some("Grace")),
        ("access_taken", Some("Root")),
        ("access_given", Some("Root")),
        ("case_fetched", Some("Ada")),
        ("case_fetched", Some("Ada")),
        ("call_erased", Some("Root")),
        ("audit_read", Some("Root")),
    ];
    expected.reverse();
    let sorted = |mut told: Vec<(_, _)>| {
        // Several stand in one millisecond of this world.
        told.sort_unstable();
        told
    };
    assert_eq!(sorted(told), sorted(expected.to_vec()));
    assert_eq!(after, None);
    let of = |deed: &str| lines.iter().find(|line| line["deed"] == deed).unwrap();
    assert_eq!(of("key_revoked")["about"], "Claims");
    assert_eq!(of("access_taken")["about"], "Grace");
    assert_eq!(of("call_erased")["call"], agents.session.to_string());
    let text = Value::from(lines.clone()).to_string();
    assert!(
        !text.contains("CLAIM-2026-1") && !text.contains("15123456789"),
        "{text}"
    );
}

#[tokio::test]
async fn the_log_tells_what_happens_to_webhooks() {
    let world = World::new();
    let mut admin = world.admin_called("Root");
    let wanted = json!({ "name": "Claims", "url": "https://claims.example.com/in" });
    let made = admin.post("/api/webhooks", wanted).await;
    let id = made.body["webhook"]["id"].as_str().unwrap();
    let path = format!("/api/webhooks/{id}");
    admin.put(&path, json!({ "on": false })).await;
    admin.post(&format!("{path}/rotate"), json!({})).await;
    for gone in [true, false] {
        assert_eq!(delete(&mut admin, &path).await.is_success(), gone);
    }
    let (lines, _) = lines(&mut admin, "").await;
    let mut told: Vec<_> = lines
        .iter()
        .filter(|line| line["about"] == "Claims")
        .map(|line| line["deed"].as_str().unwrap())
        .collect();
    told.sort_unstable();
    let deeds = ["made", "removed", "rotated", "switched"];
    assert_eq!(told, deeds.map(|deed| format!("webhook_{deed}")));
}

#[tokio::test]
async fn what_is_given_away_is_written_down_first_and_other_deeds_go_on_without_a_line() {
    let world = World::new();
    let (mut agents, _) = world.call().await;
    agents.command("session", "end", json!({})).await;
    let mut admin = world.admin_called("Root");
    let failing = || {
        world.memory().order(Faults {
            failed_lines: 100,
            ..Faults::default()
        });
    };
    let case = format!("/api/sessions/{}/case", agents.session);
    failing();
    for path in ["/api/audit", &*case] {
        let answer = admin.get(path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}");
    }
    failing();
    let wanted = json!({ "name": "Claims", "scopes": ["read"] });
    let made = admin.post("/api/keys", wanted).await;
    assert_eq!(made.status, StatusCode::OK);
    world.memory().order(Faults::default());
    assert_eq!(admin.get(&case).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_long_log_is_read_in_parts_until_its_lines_go() {
    let world = World::new();
    let mut admin = world.admin_called("Root");
    let grace = DisplayName::new("Grace").unwrap();
    let id = crate::agent_id("elsewhere", "Grace");
    for _ in 0..150 {
        world.advance_s(1);
        world.host.note_signed_in(id, &grace, Role::Agent).await;
    }
    world.advance_s(1);
    let (first, after) = lines(&mut admin, "").await;
    assert_eq!(
        (first.len(), &first[0]["deed"]),
        (100, &json!("audit_read"))
    );
    let query = format!("?after={}", after.unwrap());
    let (second, after) = lines(&mut admin, &query).await;
    assert_eq!((second.len(), after), (51, None), "reading on is no line");
    assert!(first[99]["at_ms"].as_u64() > second[0]["at_ms"].as_u64());
    for wrong in ["x", "1-2", "", "001800000060000-00000000000000FF"] {
        let answer = admin.get(&format!("/api/audit?after={wrong}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    world.advance_s(365 * 24 * 60 * 60);
    let mut admin = world.admin_called("Root");
    assert_eq!(lines(&mut admin, "").await.0.len(), 1);
}

/// A later version may write deeds that this one does not know.
#[test]
fn an_unknown_deed_is_read() {
    let line = r#"{"v":1,"place":{"at_ms":1,"tag":2},"deed":"tea_made"}"#;
    let line = AuditRecord::decode(line.as_bytes()).unwrap();
    assert_eq!((line.deed, line.by), (AuditDeed::Other, None));
}
