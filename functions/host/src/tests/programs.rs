//! Invites that another program makes.

use axum::http::StatusCode;
use serde_json::{Value, json};
use sightline_wire::api::Role;
use sightline_wire::{AgentId, DisplayName, KeyScope, Refusal, Seat, SessionId};

use super::v1::{Program, assert_problem};
use super::world::{Answer, NUMBER, ORIGIN, World, events, kinds, refusal};
use crate::ProviderConfig;
use crate::memory::Faults;
use crate::ports::{Agents as _, Claims as _, Directory as _, Ports as _};
use crate::records::RevocationRecord;

const INVITES: &str = "/api/v1/invites";
const HOUR_S: u64 = 60 * 60;

fn wanted() -> Value {
    json!({ "reference": "CLAIM-2026-1", "number": NUMBER, "language": "de" })
}

fn id_of(answer: &Answer) -> SessionId {
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.body["id"].as_str().unwrap().parse().unwrap()
}

const ISSUER: &str = "https://idp.example.com";

/// A deployment where a provider signs people in.
fn provided() -> World {
    World::with(|config| {
        config.desk_agent = None;
        config.provider = Some(ProviderConfig::new(ISSUER, "client"));
    })
}

async fn program(world: &World) -> Program<'_> {
    Program::with(world, &[KeyScope::Invite, KeyScope::Read]).await
}

#[tokio::test]
async fn an_invite_texts_its_link_and_the_agent_takes_the_call() {
    let world = World::new();
    let program = program(&world).await;
    let invited = program.ask("post", INVITES, Some(wanted())).await;
    let session = id_of(&invited);
    let sent = world.memory().sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(invited.body["link"], sent[0].link, "one link");
    assert_eq!(invited.body["code"].as_str().unwrap().len(), 8);
    let console = format!("{ORIGIN}/agent#call={session}");
    assert_eq!(invited.body["console"], console);

    let agent = world.agent().await;
    let mut agents = agent.attached(session, Seat::Agent).await;
    let (customer, entered) = world.customer().await;
    assert_eq!(entered, session);
    let mut customers = customer.attached(session, Seat::Customer).await;
    assert_eq!(customers.join(false).await.refused, None);
    assert_eq!(agents.join(false).await.refused, None);
    let call = program.get(&format!("/api/v1/calls/{session}")).await;
    assert_eq!(call.body["phase"], "live");
    assert_eq!(call.body["agent_name"], "Ada");
}

#[tokio::test]
async fn an_invite_without_a_number_texts_nothing_and_its_link_and_code_lead_in() {
    let world = World::new();
    let program = program(&world).await;
    let bare = json!({ "reference": "CLAIM-2026-1" });
    let invited = program.ask("post", INVITES, Some(bare)).await;
    let session = id_of(&invited);
    assert_eq!(world.memory().sent().len(), 0);
    let link = invited.body["link"].as_str().unwrap();
    let (_, secret) = link.split_once("/j#").unwrap();
    for by in [
        json!({ "secret": secret }),
        json!({ "code": invited.body["code"] }),
    ] {
        let entered = world.browser().post("/api/enter", by).await;
        assert_eq!(entered.body["session"], json!(session), "{entered:?}");
    }
    let send = format!("{INVITES}/{session}/send");
    let refused = program.ask("post", &send, Some(json!({}))).await;
    assert_problem(&refused, 409, "refused");
}

#[tokio::test]
async fn a_repeated_request_leads_to_the_same_call_and_texts_nothing() {
    let world = World::new();
    let program = program(&world).await.named("order 1");
    let refused = program.ask("post", INVITES, Some(wanted())).await;
    assert_problem(&refused, 422, "invalid");
    let program = program.named("order-1");
    let first = program.ask("post", INVITES, Some(wanted())).await;
    let again = program.ask("post", INVITES, Some(wanted())).await;
    assert_eq!(id_of(&again), id_of(&first));
    assert_ne!(again.body["link"], first.body["link"], "a fresh link");
    assert_eq!(again.body["code"], first.body["code"]);
    assert_eq!(world.memory().sent().len(), 1);
    for link in [&first.body["link"], &again.body["link"]] {
        let (_, secret) = link.as_str().unwrap().split_once("/j#").unwrap();
        let by = json!({ "secret": secret });
        let look = world.browser().post("/api/look", by).await;
        assert_eq!(look.body["state"], "valid", "the earlier stays good");
    }
    let mut other = wanted();
    other["reference"] = json!("CLAIM-2026-2");
    let reused = program.ask("post", INVITES, Some(other)).await;
    assert_problem(&reused, 422, "key_reused");

    let neighbour = self::program(&world).await.named("order-1");
    let of_other = neighbour.ask("post", INVITES, Some(wanted())).await;
    assert_ne!(id_of(&of_other), id_of(&first), "names are each key's own");
    world.advance_s(24 * HOUR_S);
    let next_day = program.ask("post", INVITES, Some(wanted())).await;
    assert_ne!(id_of(&next_day), id_of(&first));
}

/// Found by schemathesis.
#[tokio::test]
async fn a_repetition_after_its_call_was_erased_makes_no_other() {
    let world = World::new();
    let program = Program::with(&world, &KeyScope::ALL).await.named("order-1");
    let first = program.ask("post", INVITES, Some(wanted())).await;
    let session = id_of(&first);
    let cancel = format!("{INVITES}/{session}/cancel");
    let cancelled = program.ask("post", &cancel, None).await;
    assert_eq!(cancelled.status, StatusCode::NO_CONTENT);
    let again = program.ask("post", INVITES, Some(wanted())).await;
    assert_problem(&again, 409, "invite_over");
    let call = format!("/api/v1/calls/{session}");
    assert_eq!(
        program.ask("delete", &call, None).await.status,
        StatusCode::OK
    );
    world.advance_s(60);
    let late = program.ask("post", INVITES, Some(wanted())).await;
    assert_problem(&late, 409, "invite_over");
    assert_eq!(world.memory().sent().len(), 1);
}

#[tokio::test]
async fn a_repetition_waits_for_the_first_and_goes_on_if_that_died() {
    let world = World::new();
    let program = program(&world).await.named("order-1");
    world.memory().order(Faults {
        failed_commits: 100,
        ..Faults::default()
    });
    let failed = program.ask("post", INVITES, Some(wanted())).await;
    assert_problem(&failed, 503, "trouble");
    world.memory().order(Faults::default());
    let early = program.ask("post", INVITES, Some(wanted())).await;
    assert_problem(&early, 409, "still_running");
    world.advance_s(30);
    let late = program.ask("post", INVITES, Some(wanted())).await;
    id_of(&late);
    assert_eq!(world.memory().sent().len(), 1);
}

#[tokio::test]
async fn what_cannot_be_invited_is_refused_and_claims_no_name() {
    let world = World::new();
    let program = program(&world).await.named("order-1");
    let mut unlikely = wanted();
    unlikely["number"] = json!("+493012345678");
    let asked = program.ask("post", INVITES, Some(unlikely.clone())).await;
    assert_problem(&asked, 422, "number_unlikely");
    assert_eq!(asked.body["reading"]["number"], "+493012345678");
    for (field, value, code) in [
        ("number", json!("0151 2345678x"), "bad_number"),
        ("language", json!("xx"), "unknown_language"),
        ("agent", json!("somebody"), "unknown_agent"),
        ("reference", json!("short"), "invalid"),
    ] {
        let mut body = wanted();
        body[field] = value;
        let refused = program.ask("post", INVITES, Some(body)).await;
        assert_problem(&refused, 422, code);
    }
    unlikely["confirm"] = json!(true);
    let confirmed = program.ask("post", INVITES, Some(unlikely)).await;
    id_of(&confirmed);
    assert_eq!(world.memory().sent().len(), 1);
}

#[tokio::test]
async fn an_invite_is_sent_again_and_cancelled() {
    let world = World::new();
    let program = program(&world).await;
    let invited = program.ask("post", INVITES, Some(wanted())).await;
    let at = |deed: &str| format!("{INVITES}/{}/{deed}", id_of(&invited));
    let post = async |deed: &str| program.ask("post", &at(deed), Some(json!({}))).await;
    let early = post("send").await;
    assert_problem(&early, 409, "too_soon");
    assert!(early.body["wait_ms"].as_u64().unwrap() > 20_000);
    world.advance_s(60);
    assert_eq!(post("send").await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.memory().sent().len(), 2);
    assert_eq!(post("cancel").await.status, StatusCode::NO_CONTENT);
    assert_problem(&post("cancel").await, 409, "invite_over");
    world.advance_s(60);
    assert_problem(&post("send").await, 409, "invite_over");
    let by = json!({ "secret": world.last_secret() });
    let look = world.browser().post("/api/look", by).await;
    assert_eq!(look.body["state"], "cancelled");
}

#[tokio::test]
async fn a_key_has_a_budget_of_text_messages_like_an_agent() {
    let world = World::with(|config| config.rules.sms_agent_day_max = 1);
    let program = program(&world).await;
    for sent in [1, 1] {
        let invited = program.ask("post", INVITES, Some(wanted())).await;
        assert!(invited.body["link"].is_string(), "links go on");
        assert_eq!(world.memory().sent().len(), sent);
    }
    let agent = world.agent().await;
    agent.start_call(1).await;
    assert_eq!(world.memory().sent().len(), 2, "the agent has an own one");
}

/// serde reads the fields of an object from an array, too.
#[tokio::test]
async fn an_array_is_no_body() {
    let world = World::new();
    let program = program(&world).await;
    let invited = program.ask("post", INVITES, Some(wanted())).await;
    let send = format!("{INVITES}/{}/send", id_of(&invited));
    for path in [INVITES, &send] {
        let refused = program.ask("post", path, Some(json!([]))).await;
        assert_problem(&refused, 422, "invalid");
    }
}

#[tokio::test]
async fn without_a_named_agent_the_first_who_opens_the_call_takes_it() {
    let world = provided();
    let program = program(&world).await;
    let invited = program.ask("post", INVITES, Some(wanted())).await;
    let session = id_of(&invited);
    let (customer, _) = world.customer().await;
    let mut customers = customer.attached(session, Seat::Customer).await;
    customers.join(false).await;
    let call = program.get(&format!("/api/v1/calls/{session}")).await;
    assert_eq!(call.body["agent_name"], world.host.config().business);

    let grace = signs_in(&world, "Grace").await;
    let hedy = signs_in(&world, "Hedy").await;
    let mut graces = world.agent_called("Grace");
    let looked = graces.get(&format!("/api/sessions/{session}")).await;
    assert_eq!(
        looked.status,
        StatusCode::NOT_FOUND,
        "looking takes nothing"
    );
    let mut first = graces.attached(session, Seat::Agent).await;
    assert_eq!(first.join(false).await.refused, None);
    let late = world.agent_called("Hedy").page(session, Seat::Agent).await;
    late.say("session", "attach", json!({ "seat": "agent" }))
        .await;
    assert_eq!(refusal(&late.heard()), Some(Refusal::NoSeat));

    let state = world.state(session).await;
    assert_eq!((state.agent, state.agent_name.as_str()), (grace, "Grace"));
    for (agent, wanted) in [(grace, 1), (hedy, 0), (AgentId::NOBODY, 0)] {
        let memory = world.memory();
        let listed = memory.by_agent(agent, 9, memory.now_ms()).await.unwrap();
        assert_eq!(listed.len(), wanted);
    }
    for search in ["claim", "guest"] {
        let found = graces.get(&format!("/api/sessions?search={search}")).await;
        let call = &found.body["calls"][0];
        assert_eq!(call["agent_name"], "Grace", "{search}: {found:?}");
    }
    let told = customers.heard();
    assert!(
        kinds(&events(&told)).contains(&"call_taken".to_owned()),
        "{told:?}"
    );
}

async fn signs_in(world: &World, name: &str) -> AgentId {
    let agent = crate::agent_id("elsewhere", name);
    let name = DisplayName::new(name).unwrap();
    world.host.note_signed_in(agent, &name, Role::Agent).await;
    agent
}

#[tokio::test]
async fn where_a_provider_signs_in_the_agent_is_named_and_has_signed_in() {
    let world = provided();
    let program = program(&world).await;
    let mut named = wanted();
    named["agent"] = json!("subject-1");
    let refused = program.ask("post", INVITES, Some(named.clone())).await;
    assert_problem(&refused, 422, "unknown_agent");
    let id = crate::agent_id(ISSUER, "subject-1");
    let name = DisplayName::new("Grace").unwrap();
    world.host.note_signed_in(id, &name, Role::Agent).await;
    let invited = program.ask("post", INVITES, Some(named.clone())).await;
    let state = world.state(id_of(&invited)).await;
    assert_eq!((state.agent, state.agent_name), (id, name));

    let taken_back = RevocationRecord {
        at_ms: world.memory().now_ms(),
        lifted_at_ms: None,
    };
    let noted = world.memory().note_revocation(id, taken_back).await;
    noted.unwrap();
    let refused = program.ask("post", INVITES, Some(named)).await;
    assert_problem(&refused, 422, "unknown_agent");
    let listed = program.get("/api/v1/agents").await;
    assert_eq!(listed.body["agents"], json!([]));
}

/// What is stored of a request tells nothing of its number.
#[tokio::test]
async fn a_claim_has_a_keyed_hash_of_the_body() {
    let world = World::new();
    let program = program(&world).await.named("order-1");
    let invited = program.ask("post", INVITES, Some(wanted())).await;
    let session = id_of(&invited);
    let claims = world.memory().claims();
    let [(name, claim)] = claims.as_slice() else {
        panic!("{claims:?}");
    };
    assert_eq!(claim.session, session);
    assert_eq!(claim.body.len(), 43);
    assert!(!name.contains("order-1"), "{name}");
    let now_ms = world.memory().now_ms();
    let stands = world.memory().claim(name, claim, now_ms, now_ms).await;
    assert_eq!(stands, Ok(Some(claim.clone())));
}
