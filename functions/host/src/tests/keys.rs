//! Keys of the API: made, listed and revoked by admins.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};
use sightline_wire::{ApiKeySecret, DisplayName, KeyScope, MakeKey};

use super::world::{Answer, Browser, ORIGIN, World};

const MINUTE_S: u64 = 60;
const DAY_S: u64 = 24 * 60 * MINUTE_S;

fn wanted() -> Value {
    json!({ "name": "Claims", "scopes": ["read", "invite"] })
}

async fn made(admin: &mut Browser<'_>, body: Value) -> (ApiKeySecret, String) {
    let made = admin.post("/api/keys", body).await;
    assert_eq!(made.status, StatusCode::OK, "{made:?}");
    let secret = made.body["secret"].as_str().unwrap().parse().unwrap();
    (secret, made.body["key"]["id"].as_str().unwrap().to_owned())
}

async fn listed(admin: &mut Browser<'_>) -> Vec<Value> {
    let list = admin.get("/api/keys").await;
    assert_eq!(list.status, StatusCode::OK, "{list:?}");
    list.body["keys"].as_array().unwrap().clone()
}

async fn revoke(admin: &mut Browser<'_>, id: &str) -> Answer {
    let request = Request::delete(format!("/api/keys/{id}")).header(header::ORIGIN, ORIGIN);
    admin.ask(request.body(Body::empty()).unwrap()).await
}

/// Whether a secret opens the door, and for what.
async fn opens(world: &World, secret: &ApiKeySecret) -> Option<Vec<KeyScope>> {
    let key = world.host.used_api_key(secret).await.unwrap();
    key.map(|key| key.scopes.into_iter().collect())
}

#[tokio::test]
async fn a_key_is_shown_once_and_opens_until_it_is_revoked() {
    let world = World::new();
    let mut admin = world.agent().await;
    let (secret, id) = made(&mut admin, wanted()).await;
    let (other, _) = made(&mut admin, wanted()).await;
    assert_ne!(secret, other);
    let both = Some(vec![KeyScope::Invite, KeyScope::Read]);
    assert_eq!(opens(&world, &secret).await, both);
    let stranger = ApiKeySecret::from_bytes([1; 32]);
    assert_eq!(opens(&world, &stranger).await, None);

    let list = listed(&mut admin).await;
    let text = Value::from(list.clone()).to_string();
    let hidden = secret.to_string();
    assert!(!text.contains(&hidden[4..]), "no list shows a secret");
    assert_eq!(list[0]["id"], id);
    assert_eq!(list[0]["maker"], "Ada");
    assert_eq!(list[0]["scopes"], json!(["invite", "read"]));

    assert_eq!(revoke(&mut admin, &id).await.status, StatusCode::NO_CONTENT);
    assert_eq!(opens(&world, &secret).await, None, "at once");
    assert_eq!(opens(&world, &other).await, both, "no other key");
    for gone in [&*id, "x", "AAAAAAAAAAAAAAAAAAAAAA"] {
        assert_eq!(revoke(&mut admin, gone).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn only_admins_see_and_change_keys() {
    let world = World::new();
    let mut admin = world.agent().await;
    let (secret, id) = made(&mut admin, wanted()).await;
    for (mut person, status) in [
        (world.browser(), StatusCode::UNAUTHORIZED),
        (world.agent_called("Grace"), StatusCode::FORBIDDEN),
    ] {
        let asked = [
            person.get("/api/keys").await,
            person.post("/api/keys", wanted()).await,
            revoke(&mut person, &id).await,
        ];
        for answer in asked {
            assert_eq!(answer.status, status, "{answer:?}");
        }
    }
    assert!(opens(&world, &secret).await.is_some());
    assert_eq!(listed(&mut admin).await.len(), 1);
}

#[tokio::test]
async fn what_is_no_key_is_refused() {
    let world = World::new();
    let mut admin = world.agent().await;
    for (field, value) in [
        ("scopes", json!([])),
        ("scopes", json!(["admin"])),
        ("name", json!(" ")),
        ("name", json!("x".repeat(41))),
        ("days", json!(0)),
        ("days", json!(3_651)),
    ] {
        let mut body = wanted();
        body[field] = value;
        let refused = admin.post("/api/keys", body.clone()).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{body}");
    }
    assert_eq!(listed(&mut admin).await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_key_with_days_ends_after_them_and_makes_room() {
    let world = World::new();
    let mut admin = world.agent().await;
    let mut brief = wanted();
    brief["days"] = json!(1);
    let (secret, _) = made(&mut admin, brief).await;
    for _ in 0..19 {
        made(&mut admin, wanted()).await;
    }
    let full = admin.post("/api/keys", wanted()).await;
    assert_eq!(full.status, StatusCode::CONFLICT);
    assert_eq!(full.body["why"], "limit_reached");

    world.advance_s(DAY_S - 1);
    assert!(opens(&world, &secret).await.is_some());
    world.advance_s(1);
    assert_eq!(opens(&world, &secret).await, None);
    let mut admin = world.agent().await;
    assert_eq!(listed(&mut admin).await.len(), 20, "lists show it still");
    made(&mut admin, wanted()).await;
    assert_eq!(listed(&mut admin).await.len(), 20);
}

#[tokio::test]
async fn the_last_use_is_noted_once_a_minute() {
    let world = World::new();
    let mut admin = world.agent().await;
    let (secret, _) = made(&mut admin, wanted()).await;
    assert_eq!(listed(&mut admin).await[0].get("used_at_ms"), None);
    let mut noted = Vec::new();
    for _ in 0..4 {
        opens(&world, &secret).await;
        noted.push(listed(&mut admin).await[0]["used_at_ms"].as_u64().unwrap());
        world.advance_s(MINUTE_S / 2);
    }
    let first = noted[0];
    let minute_ms = MINUTE_S * 1_000;
    assert_eq!(noted, [first, first, first + minute_ms, first + minute_ms]);
}

/// Two admins, or an admin and a request, at the same moment.
#[tokio::test]
async fn keys_that_are_made_at_the_same_time_all_stay() {
    let world = World::new();
    let make = |name: &str| {
        let asked = MakeKey {
            name: DisplayName::new(name).unwrap(),
            scopes: [KeyScope::Read].into(),
            days: None,
        };
        world.host.make_api_key(None, asked)
    };
    let (one, two, three) = tokio::join!(make("one"), make("two"), make("three"));
    for made in [one, two, three] {
        assert!(opens(&world, &made.unwrap().secret).await.is_some());
    }
}
