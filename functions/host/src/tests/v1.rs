//! The door for other programs.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use serde_json::{Value, json};
use sightline_wire::{DisplayName, KeyScope, MakeKey, Seat, SessionId};

use super::world::{Answer, HOLDER, ORIGIN, Page, World};
use crate::api::v1::{REQUESTS_PER_S, V1_ROUTES, V1Route, document};

/// A program with a key.
pub struct Program<'w> {
    world: &'w World,
    authorization: Option<String>,
    /// What it calls its requests.
    named: Option<&'static str>,
}

impl<'w> Program<'w> {
    pub async fn with(world: &'w World, scopes: &[KeyScope]) -> Self {
        let asked = MakeKey {
            name: DisplayName::new("Claims").unwrap(),
            scopes: scopes.iter().copied().collect(),
            days: None,
        };
        let made = world.host.make_api_key(None, asked).await.unwrap();
        Self {
            world,
            authorization: Some(format!("Bearer {}", made.secret)),
            named: None,
        }
    }

    /// The same program, which calls its requests by a name.
    pub fn named(mut self, name: &'static str) -> Self {
        self.named = Some(name);
        self
    }

    pub async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        // So that no test meets the limit by chance.
        self.world.advance_s(1);
        self.ask_at_once(method, path, body).await
    }

    async fn ask_at_once(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let method: Method = method.to_uppercase().parse().unwrap();
        let mut request = Request::builder().method(method).uri(path);
        if let Some(line) = &self.authorization {
            request = request.header(header::AUTHORIZATION, line);
        }
        if let Some(name) = self.named {
            request = request.header("idempotency-key", name);
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut nobody = self.world.browser();
        nobody.ask(request.body(body).unwrap()).await
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("get", path, None).await
    }
}

/// A path of a route: of a call or of none.
fn path_of(route: &V1Route, call: SessionId) -> String {
    let path = route.path.replace("{id}", &call.to_string());
    path.replace("{n}", "1")
}

fn body_of(route: &V1Route) -> Option<Value> {
    route
        .body
        .map(|_| json!({ "text": "A note.", "reference": "CLAIM-2026-1", "origin": HOLDER }))
}

pub fn assert_problem(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{answer:?}");
    assert_eq!(answer.body["code"], code, "{answer:?}");
    assert_eq!(answer.body["status"], status);
    assert_eq!(answer.body["type"], format!("/api/v1/docs#{code}"));
    let kind = answer.headers.get(header::CONTENT_TYPE).unwrap();
    assert_eq!(kind, "application/problem+json");
}

async fn ended(agents: &mut Page<'_>) -> SessionId {
    let end = agents.command("session", "end", json!({})).await;
    assert_eq!(end.refused, None);
    agents.session
}

const NO_CALL: SessionId = SessionId::from_bytes([1; 16]);

#[tokio::test]
async fn every_route_needs_a_key_of_its_scope_and_no_cookie_opens_one() {
    let world = World::new();
    let mut keys = Vec::new();
    for scope in KeyScope::ALL {
        keys.push((scope, Program::with(&world, &[scope]).await));
    }
    let mut admin = world.agent().await;
    for route in V1_ROUTES {
        let path = path_of(route, NO_CALL);
        for (scope, program) in &keys {
            let answer = program.ask(route.method, &path, body_of(route)).await;
            if Some(*scope) == route.scope {
                let status = answer.status.as_u16();
                assert!(matches!(status, 200 | 404), "{path}: {answer:?}");
            } else {
                assert_problem(&answer, 403, "no_scope");
                let challenge = &answer.headers[header::WWW_AUTHENTICATE];
                assert!(challenge.to_str().unwrap().contains("insufficient_scope"));
            }
        }
        let method: Method = route.method.to_uppercase().parse().unwrap();
        let request = Request::builder().method(method).uri(&path);
        let request = request.header(header::ORIGIN, ORIGIN);
        let by_cookie = admin.ask(request.body(Body::empty()).unwrap()).await;
        assert_problem(&by_cookie, 401, "no_key");
        assert_eq!(by_cookie.headers[header::WWW_AUTHENTICATE], "Bearer");
    }
}

#[tokio::test]
async fn what_is_no_key_opens_nothing_and_keys_open_no_other_door() {
    let world = World::new();
    let program = Program::with(&world, &KeyScope::ALL).await;
    let line = program.authorization.clone().unwrap();
    let secret = line.strip_prefix("Bearer ").unwrap();
    for wrong in [
        None,
        Some(String::new()),
        Some(secret.to_owned()),
        Some(format!("Basic {secret}")),
        Some(format!("Bearer {}", &secret[4..])),
        Some(format!("Bearer {secret}A")),
        Some(format!("Bearer slk_{}", "A".repeat(43))),
        Some(format!("{line}, {line}")),
    ] {
        let stranger = Program {
            world: &world,
            authorization: wrong.clone(),
            named: None,
        };
        let answer = stranger.get("/api/v1/calls").await;
        assert_problem(&answer, 401, "no_key");
    }
    let lower = Program {
        world: &world,
        authorization: Some(format!("bearer {secret}")),
        named: None,
    };
    assert_eq!(lower.get("/api/v1/calls").await.status, StatusCode::OK);
    for path in ["/api/me", "/api/sessions", "/api/keys"] {
        let answer = program.get(path).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn a_revoked_key_is_refused_at_once() {
    let world = World::new();
    let program = Program::with(&world, &[KeyScope::Read]).await;
    assert_eq!(program.get("/api/v1/calls").await.status, StatusCode::OK);
    let id = world.host.listed_api_keys().await.unwrap().keys[0].id;
    let admin = DisplayName::new("Ada").unwrap();
    let by = (crate::agent_id("elsewhere", "Ada"), &admin);
    world.host.revoke_api_key(by, id).await.unwrap();
    assert_problem(&program.get("/api/v1/calls").await, 401, "no_key");
}

#[tokio::test]
async fn a_key_may_ask_ten_times_a_second() {
    let world = World::new();
    let program = Program::with(&world, &[KeyScope::Read]).await;
    let other = Program::with(&world, &[KeyScope::Read]).await;
    let ask = async |program: &Program<'_>| {
        let answer = program.ask_at_once("get", "/api/v1/calls", None);
        answer.await
    };
    for _ in 0..REQUESTS_PER_S {
        assert_eq!(ask(&program).await.status, StatusCode::OK);
    }
    let refused = ask(&program).await;
    assert_problem(&refused, 429, "too_often");
    assert_eq!(refused.headers[header::RETRY_AFTER], "1");
    assert_eq!(ask(&other).await.status, StatusCode::OK, "each key");
    world.advance_s(1);
    assert_eq!(ask(&program).await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_tries_keys_is_slowed_down() {
    let world = World::new();
    let mut codes = BTreeSet::new();
    for which in 0..700_u32 {
        let mut bytes = [9; 32];
        bytes[..4].copy_from_slice(&which.to_be_bytes());
        let guess = sightline_wire::ApiKeySecret::from_bytes(bytes);
        let stranger = Program {
            world: &world,
            authorization: Some(format!("Bearer {guess}")),
            named: None,
        };
        let answer = stranger.ask_at_once("get", "/api/v1/calls", None).await;
        codes.insert(answer.body["code"].as_str().unwrap().to_owned());
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            assert_eq!(answer.headers[header::RETRY_AFTER], "60");
        }
    }
    assert_eq!(codes, ["no_key", "too_often"].map(str::to_owned).into());
}

#[tokio::test]
async fn a_program_reads_a_call_writes_notes_and_erases_it() {
    let world = World::new();
    let program = Program::with(&world, &KeyScope::ALL).await;
    let (mut agents, _customers) = world.call().await;
    let session = agents.session;
    let call = format!("/api/v1/calls/{session}");

    let list = program.get("/api/v1/calls?search=CLAIM-2026").await;
    assert_eq!(list.status, StatusCode::OK, "{list:?}");
    assert_eq!(list.body["calls"][0]["id"], json!(session));
    assert_eq!(list.body["calls"][0]["phase"], "live");
    let running = program.ask("delete", &call, None).await;
    assert_problem(&running, 409, "call_running");
    assert_problem(
        &program.get(&format!("{call}/case")).await,
        409,
        "call_running",
    );
    ended(&mut agents).await;

    let notes = format!("{call}/notes");
    let note = json!({ "text": "Inspected." });
    let written = program.ask("post", &notes, Some(note)).await;
    assert_eq!(written.body["notes"][0]["texts"][0]["author"], "Claims");
    let edit = json!({ "text": "Inspected twice." });
    let edited = program.ask("put", &format!("{notes}/1"), Some(edit)).await;
    assert_eq!(
        edited.body["notes"][0]["texts"][1]["text"],
        "Inspected twice."
    );
    let detail = program.get(&call).await;
    assert_eq!(detail.body["phase"], "ended");
    assert_eq!(detail.body["reason"], "agent_ended");
    assert_eq!(detail.body["notes"], edited.body["notes"]);
    let pictures = program.get(&format!("{call}/pictures")).await;
    assert_eq!(pictures.body["pictures"], json!([]));
    let case = program.get(&format!("{call}/case")).await;
    assert_eq!(case.status, StatusCode::SEE_OTHER, "{case:?}");

    let erased = program.ask("delete", &call, None).await;
    assert_eq!(erased.status, StatusCode::OK, "{erased:?}");
    assert_eq!(erased.body["id"], json!(session));
    assert_problem(&program.get(&call).await, 404, "not_found");
    let again = program.ask("delete", &call, None).await;
    assert_eq!(again.body, erased.body);
}

#[tokio::test]
async fn a_list_is_read_in_parts_of_the_size_that_was_asked_for() {
    let world = World::new();
    let program = Program::with(&world, &[KeyScope::Read]).await;
    let agent = world.agent().await;
    let mut begun = Vec::new();
    for request in 1..=7 {
        begun.insert(0, json!(agent.start_call(request).await));
        world.advance_s(60);
    }
    let (mut found, mut after) = (Vec::new(), String::new());
    for expected in [3, 3, 1] {
        let part = program.get(&format!("/api/v1/calls?limit=3{after}")).await;
        let calls = part.body["calls"].as_array().unwrap();
        assert_eq!(calls.len(), expected, "{part:?}");
        found.extend(calls.iter().map(|call| call["id"].clone()));
        after = match part.body["after"].as_str() {
            Some(place) => format!("&after={place}"),
            None => String::new(),
        };
    }
    assert_eq!(found, begun);
    assert_eq!(after, "");
    for wrong in [
        "limit=0",
        "limit=101",
        "limit=",
        "all=1",
        "pictures=1",
        "rating=%205",
        "x=1",
        "limit=1&limit=1",
    ] {
        let refused = program.get(&format!("/api/v1/calls?{wrong}")).await;
        assert_problem(&refused, 422, "invalid");
        let name = wrong.split('=').next().unwrap();
        assert!(refused.body["detail"].as_str().unwrap().contains(name));
    }
    for fine in ["limit=100", "search=", "pictures=false", "goes=7&zone=-60"] {
        let answer = program.get(&format!("/api/v1/calls?{fine}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{fine}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_in_problems() {
    let world = World::new();
    let program = Program::with(&world, &KeyScope::ALL).await;
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    let notes = format!("/api/v1/calls/{session}/notes");
    let post = async |body: Value| program.ask("post", &notes, Some(body)).await;
    for wrong in [json!({}), json!({ "text": "" }), json!([]), json!(1)] {
        assert_problem(&post(wrong).await, 422, "invalid");
    }
    let long = json!({ "text": "x".repeat(25_000) });
    assert_problem(&post(long).await, 413, "too_long");
    let bare = program.ask("post", &notes, None).await;
    assert_problem(&bare, 400, "malformed");
    for path in ["/api/v1", "/api/v1/", "/api/v1/call", "/api/v1/calls/x/y/z"] {
        assert_problem(&program.get(path).await, 404, "not_found");
    }
    for path in ["/api/v1/calls", "/api/v1/calls/x", "/api/v1/docs"] {
        let answer = program.ask("patch", path, None).await;
        assert_problem(&answer, 405, "no_method");
        assert!(answer.headers.contains_key(header::ALLOW), "{answer:?}");
    }
    let of_call = program.ask("options", "/api/v1/calls/x", None).await;
    // Another function erases calls.
    assert_eq!(of_call.headers[header::ALLOW], "GET,HEAD,DELETE");
    let preflight = program.ask("options", "/api/v1/calls", None).await;
    assert_problem(&preflight, 405, "no_method");
    let cors = |name: &&header::HeaderName| name.as_str().starts_with("access-control");
    assert_eq!(preflight.headers.keys().find(cors), None);
}

#[tokio::test]
async fn agents_are_listed_once_they_have_signed_in() {
    let world = World::new();
    let program = Program::with(&world, &[KeyScope::Read]).await;
    let nobody = program.get("/api/v1/agents").await;
    assert_eq!(nobody.body["agents"], json!([]));
    let agent = world.agent().await;
    agent.start_call(1).await;
    world.agent().await;
    let list = program.get("/api/v1/agents").await;
    let agents = list.body["agents"].as_array().unwrap();
    assert_eq!(agents.len(), 1, "{list:?}");
    assert_eq!(agents[0]["name"], "Ada");
    assert_eq!(agents[0]["role"], "admin");
    let of_agent = format!("/api/v1/calls?agent={}", agents[0]["id"].as_str().unwrap());
    assert_eq!(
        program.get(&of_agent).await.body["calls"][0]["agent"],
        agents[0]["id"]
    );
}

/// The page of a call must not be told what a program may.
#[tokio::test]
async fn a_seat_opens_nothing_here() {
    let world = World::new();
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    let (mut customer, _) = world.customer().await;
    customer.attached(session, Seat::Customer).await;
    let answer = customer.get(&format!("/api/v1/calls/{session}")).await;
    assert_problem(&answer, 401, "no_key");
}

#[test]
fn the_committed_document_is_what_the_code_makes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let made = serde_json::to_string_pretty(&document()).unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &made).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(
        committed == made,
        "functions/host/openapi.json is stale: run `UPDATE=1 cargo test -p sightline-host document`"
    );
}

#[test]
fn every_reference_of_the_document_leads_to_a_schema_and_every_schema_is_referred_to() {
    fn collect(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                let reference = fields.get("$ref").and_then(Value::as_str);
                found.extend(reference.map(str::to_owned));
                fields.values().for_each(|value| collect(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
            _ => {}
        }
    }
    let document = document();
    let mut referred = BTreeSet::new();
    collect(&document, &mut referred);
    let schemas = document["components"]["schemas"].as_object().unwrap();
    let there: BTreeSet<String> = schemas
        .keys()
        .map(|name| format!("#/components/schemas/{name}"))
        .collect();
    assert_eq!(referred, there);
    let names: BTreeSet<_> = V1_ROUTES.iter().map(|route| route.name).collect();
    assert_eq!(names.len(), V1_ROUTES.len(), "each operation has a name");
}

/// The roles and scopes of `docs/security.md` are those of the code.
#[test]
fn the_table_of_scopes_in_the_documents_is_that_of_the_code() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/security.md");
    let prose = std::fs::read_to_string(path).unwrap();
    for route in V1_ROUTES {
        let method = route.method.to_uppercase();
        let scope = route.scope.map_or("none", KeyScope::word);
        let row = format!("| `{method} {}` | `{scope}` |", route.path);
        assert!(prose.contains(&row), "docs/security.md lacks {row}");
    }
}

#[tokio::test]
async fn document_and_page_need_no_key_and_the_page_loads_nothing_from_elsewhere() {
    let world = World::new();
    let stranger = Program {
        world: &world,
        authorization: None,
        named: None,
    };
    let served = stranger.get("/api/v1/openapi.json").await;
    assert_eq!(served.body, document());
    let (kind, page) = world.text("/api/v1/docs").await;
    assert_eq!(kind, "text/html; charset=utf-8");
    for route in V1_ROUTES {
        assert!(
            page.contains(&format!("id={}", route.name)),
            "{}",
            route.name
        );
    }
    for code in sightline_wire::v1::ProblemCode::ALL {
        assert!(page.contains(&format!("<dt id={}>", code.word())));
    }
    assert!(!page.contains("<script"), "{page}");
    for attribute in ["src=", "href="] {
        for to in page.split(attribute).skip(1) {
            let is_ours = to.starts_with('#') || (to.starts_with('/') && !to.starts_with("//"));
            assert!(is_ours, "{to:.80}");
        }
    }
    let (kind, _) = world.text("/api/v1/docs.css").await;
    assert_eq!(kind, "text/css; charset=utf-8");
}
