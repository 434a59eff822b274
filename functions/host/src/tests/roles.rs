//! The roles of `docs/security.md`, route by route: each person asks each route, and is answered
//! what the table says.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use sightline_wire::api::Role;
use sightline_wire::{DOOR_EMBED, DisplayName, KeyScope, PAGE_HEADER, Seat, SessionId};

use super::brand::PNG;
use super::v1::Program;
use super::world::{Answer, Browser, HOLDER, ORIGIN, World};
use crate::Logo;
use crate::ports::Ports as _;
use crate::tokens::SignedIn;

/// In the order of the table's columns.
const PEOPLE: [&str; 5] = [
    "nobody",
    "the customer",
    "another agent",
    "the call's agent",
    "an admin",
];

/// Where an agent signs in at a provider. `sign_in/` tests these.
const OF_A_PROVIDER: [&str; 2] = ["GET /api/sign-in", "GET /api/sign-in/back"];

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/security.md");
const ROUTERS: [&str; 2] = [
    include_str!("../api/mod.rs"),
    include_str!("../sign_in/routes.rs"),
];

/// An export of a day, with what else its request has.
const EXPORT: &str = "/api/export?from=2027-01-15&to=2027-01-15&as=csv&file=AQEBAQEBAQEBAQEBAQEBAQ";

/// A route, and what each person is answered: `yes`, or the status of a refusal.
#[derive(Debug)]
struct Row {
    method: String,
    path: String,
    cells: Vec<String>,
}

impl Row {
    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

fn rows() -> Vec<Row> {
    let prose = std::fs::read_to_string(DOCUMENT).unwrap();
    let (_, from) = prose.split_once("\n## Roles\n").unwrap();
    let (section, _) = from.split_once("\n## ").unwrap();
    let lines = section.lines().filter(|line| line.starts_with("| `"));
    lines.map(row).collect()
}

fn row(line: &str) -> Row {
    let mut cells = line.trim_matches('|').split('|').map(str::trim);
    let route = cells.next().unwrap().trim_matches('`');
    let (method, path) = route.split_once(' ').unwrap();
    let cells: Vec<_> = cells.map(str::to_owned).collect();
    assert_eq!(cells.len(), PEOPLE.len(), "{line}");
    Row {
        method: method.to_owned(),
        path: path.to_owned(),
        cells,
    }
}

/// A call, and who asks.
struct Asking<'w> {
    person: Browser<'w>,
    session: SessionId,
    /// What a customer's page names itself by.
    page: String,
}

/// Plays a call of Grace's, up to what the route is for, and returns one of the people.
async fn asking<'w>(world: &'w World, who: &str, row: &Row) -> Asking<'w> {
    let grace = world.agent_called("Grace");
    let session = grace.start_call(1).await;
    let mut agents = grace.attached(session, Seat::Agent).await;
    let (customer, _) = world.customer().await;
    let mut customers = customer.attached(session, Seat::Customer).await;
    if row.path.ends_with("/send") {
        // An invite is sent again after a pause.
        world.advance_s(60);
    }
    let before = row.method == "POST" || row.path.ends_with("/code");
    if !before {
        customers.join(false).await;
        agents.join(false).await;
    }
    let afterwards = ["/case", "/rating"]
        .iter()
        .any(|end| row.path.ends_with(end));
    if afterwards || row.method == "DELETE" {
        agents.command("session", "end", json!({})).await;
    }
    let person = match who {
        "nobody" => world.browser(),
        "the customer" => customers.browser,
        "another agent" => world.agent_called("Linus"),
        "the call's agent" => grace,
        _ => world.admin_called("Root"),
    };
    Asking {
        person,
        session,
        page: customers.page.to_string(),
    }
}

/// What the route needs beside the right to use it.
async fn body(world: &World, row: &Row, who: &str, session: SessionId) -> Option<Value> {
    let link = || json!({ "secret": world.last_secret() });
    let token = || {
        let link = world.host.sign_in_link();
        json!({ "token": link.split_once("#t=").unwrap().1 })
    };
    Some(match row.name().as_str() {
        "POST /api/look" | "POST /api/enter" => link(),
        "POST /api/sign-in/once" => token(),
        "POST /api/embed" => json!({ "token": embed_token(world).await, "origin": HOLDER }),
        "POST /api/number" => json!({ "number": "0151 23456789", "region": "DE" }),
        "POST /api/sessions" => Browser::start_body(2),
        "POST /api/sessions/{id}/held-up" => json!({ "step": "connection_blocked" }),
        "POST /api/sessions/{id}/send" => json!({ "attempt": 1 }),
        "POST /api/sessions/{id}/notes" => json!({ "text": "Valve 3." }),
        "PUT /api/sessions/{id}/notes/{n}" => {
            let path = format!("/api/sessions/{session}/notes");
            let mut author = world.agent_called("Grace");
            let noted = author.post(&path, json!({ "text": "Valve." })).await;
            assert_eq!(noted.status, 200);
            json!({ "text": "Valve 3." })
        }
        "PUT /api/sessions/{id}/rating" => {
            let seat = if who == "the customer" {
                "customer"
            } else {
                "agent"
            };
            json!({ "seat": seat, "stars": 4 })
        }
        "PUT /api/agents/{id}/access" => json!({ "allowed": false }),
        "PUT /api/lines" => json!({ "revision": 0, "lines": ["Please hold still."] }),
        "PUT /api/webhooks/{id}" => json!({ "on": false }),
        "POST /api/webhooks" => json!({ "name": "Claims", "url": "https://claims.example.com/" }),
        "POST /api/keys" => json!({ "name": "Claims", "scopes": ["read"] }),
        _ if row.method == "POST" => json!({}),
        _ => return None,
    })
}

async fn ask(world: &World, row: &Row, who: &str, embedded: bool) -> Answer {
    let mut asking = Box::pin(asking(world, who, row)).await;
    if embedded {
        through_the_embed_door(&mut asking.person);
    }
    let key = match row.path.as_str() {
        "/api/keys/{id}" => made_key(world).await,
        "/api/agents/{id}/access" => noted_agent(world).await,
        _ => String::new(),
    };
    let (webhook, message) = match row.path.contains("/webhooks/{id}") {
        true => world.dead_delivery().await,
        false => Default::default(),
    };
    let path = row
        .path
        .replace("/api/keys/{id}", &format!("/api/keys/{key}"))
        .replace("/api/agents/{id}", &format!("/api/agents/{key}"))
        .replace("/api/webhooks/{id}", &format!("/api/webhooks/{webhook}"))
        .replace("{message}", &message)
        .replace("/api/export", EXPORT);
    let path = path
        .replace("{id}", &asking.session.to_string())
        .replace("{n}", "1");
    if row.name() == "GET /api/logo" {
        let logo = Logo::accept(PNG).unwrap();
        let by = (
            crate::agent_id("elsewhere", "Root"),
            &DisplayName::new("Root").unwrap(),
        );
        world.host.set_logo(by, logo.bytes()).await.unwrap();
    }
    let body = body(world, row, who, asking.session).await;
    if row.path == "/api/embed" {
        asking.person.door = Some(DOOR_EMBED);
    }
    let mut request = Request::builder()
        .method(row.method.as_str())
        .uri(path)
        .header(header::ORIGIN, ORIGIN)
        .header(PAGE_HEADER, &asking.page);
    if body.is_some() {
        request = request.header(header::CONTENT_TYPE, "application/json");
    }
    let mut body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    if row.name() == "PUT /api/logo" {
        request = request.header(header::CONTENT_TYPE, "image/png");
        body = Body::from(PNG);
    }
    asking.person.ask(request.body(body).unwrap()).await
}

/// The same person in a page that another program holds, with the role that such a page has.
fn through_the_embed_door(person: &mut Browser<'_>) {
    let (keys, now_ms) = (person.world.host.keys(), person.world.memory().now_ms());
    let value = person.jar.remove("__Host-agent").unwrap();
    let signed_in = SignedIn {
        role: Role::Agent,
        ..keys.check_agent(&value, now_ms).unwrap()
    };
    let value = keys.embedded(&signed_in, now_ms);
    person.jar.insert("__Host-embed".to_owned(), value);
    person.door = Some(DOOR_EMBED);
}

async fn embed_token(world: &World) -> String {
    let program = Program::with(world, &[KeyScope::Embed]).await;
    let wanted = json!({ "origin": HOLDER });
    let made = program
        .ask("post", "/api/v1/embed-tokens", Some(wanted))
        .await;
    made.body["token"].as_str().unwrap().to_owned()
}

async fn noted_agent(world: &World) -> String {
    let (name, agent) = (
        DisplayName::new("Hedy").unwrap(),
        crate::agent_id("elsewhere", "Hedy"),
    );
    world.host.note_signed_in(agent, &name, Role::Agent).await;
    agent.to_string()
}

async fn made_key(world: &World) -> String {
    let wanted = json!({ "name": "Claims", "scopes": ["read"] });
    let made = world.admin_called("Root").post("/api/keys", wanted).await;
    made.body["key"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn each_route_opens_for_whom_the_documents_say_and_for_nobody_else() {
    let mut wrong = Vec::new();
    for row in rows() {
        if OF_A_PROVIDER.contains(&row.name().as_str()) {
            continue;
        }
        for (who, cell) in PEOPLE.into_iter().zip(&row.cells) {
            let world = World::new();
            // Without a relay the deployment is not well.
            world.relay(2).await;
            let said = said(Box::pin(ask(&world, &row, who, false)).await.status);
            if said != *cell {
                wrong.push(format!("{} by {who}: {said}, not {cell}", row.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a cell of the table says of an answer.
fn said(status: StatusCode) -> String {
    match status.is_success() || status.is_redirection() {
        true => "yes".to_owned(),
        false => status.as_u16().to_string(),
    }
}

/// Inside another program an agent may what an agent may, and an admin no more than that.
#[tokio::test]
async fn through_the_embed_door_everybody_is_an_agent() {
    let column = |who| PEOPLE.iter().position(|person| *person == who).unwrap();
    let agents = [
        ("another agent", "another agent"),
        ("the call's agent", "the call's agent"),
        ("an admin", "another agent"),
    ];
    let mut wrong = Vec::new();
    for row in rows() {
        if OF_A_PROVIDER.contains(&row.name().as_str()) {
            continue;
        }
        for (who, like) in agents {
            let world = World::new();
            world.relay(2).await;
            let said = said(Box::pin(ask(&world, &row, who, true)).await.status);
            let cell = &row.cells[column(like)];
            if said != *cell {
                wrong.push(format!("{} by {who}: {said}, not {cell}", row.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A key of the API is no role of a person: it is nobody here.
#[tokio::test]
async fn a_key_of_the_api_is_nobody_on_the_routes_of_people() {
    let world = World::new();
    let made = world.admin_called("Root");
    let wanted = json!({ "name": "All", "scopes": ["invite", "read", "case", "erase", "embed"] });
    let made = made.clone().post("/api/keys", wanted).await;
    let line = format!("Bearer {}", made.body["secret"].as_str().unwrap());
    let session = world.agent_called("Grace").start_call(1).await;
    for row in rows().iter().filter(|row| row.cells[0] == "401") {
        let path = row
            .path
            .replace("{id}", &session.to_string())
            .replace("{n}", "1");
        let body = body(&world, row, "an admin", session).await;
        let mut request = Request::builder()
            .method(row.method.as_str())
            .uri(&path)
            .header(header::AUTHORIZATION, &line);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let answer = world.browser().ask(request.body(body).unwrap()).await;
        assert_eq!(answer.status, 401, "{}", row.name());
    }
}

#[tokio::test]
async fn the_table_has_all_routes_of_people_and_all_their_methods() {
    let rows = rows();
    let told: BTreeSet<&str> = rows.iter().map(|row| row.path.as_str()).collect();
    for path in ROUTERS.into_iter().flat_map(literals) {
        assert!(
            told.contains(path),
            "docs/security.md has no role for {path}"
        );
    }
    let world = World::new();
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"];
    for path in told {
        for method in methods {
            let route = format!("{method} {path}");
            if OF_A_PROVIDER.iter().any(|of| of.ends_with(path))
                || rows.iter().any(|row| row.name() == route)
            {
                continue;
            }
            let request = Request::builder().method(method).uri(path);
            let request = request.header(header::ORIGIN, ORIGIN).body(Body::empty());
            let answer = world.admin_called("Root").ask(request.unwrap()).await;
            assert!(
                matches!(answer.status.as_u16(), 404 | 405),
                "{route}: {answer:?}"
            );
        }
    }
}

/// The addresses in a source, but for what catches all others.
fn literals(source: &str) -> impl Iterator<Item = &str> {
    let quoted = source.split('"').skip(1).step_by(2);
    quoted.filter(|text| {
        let begins = text.starts_with("/api/") || text.starts_with("/.well-known/");
        begins && *text != "/api/" && *text != "/api/{*rest}"
    })
}
