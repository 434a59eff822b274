use http::Method;
use serde_json::{Value, json};

use crate::world::{Answer, World, ask, dial, until};

const SIGNED: [(&str, &str); 2] = [
    (
        "authorization",
        "AWS4-HMAC-SHA256 Credential=AK/20260101/eu-central-1/execute-api/aws4_request, \
         SignedHeaders=host;x-amz-date, \
         Signature=00000000000000000000000000000000000000000000000000000000000000aa",
    ),
    ("x-amz-date", "20260101T000000Z"),
];

async fn at(world: &World, method: Method, id: &str, body: &str) -> Answer {
    let base = &world.gateway.ready().connections;
    let url = format!("{base}/ws/@connections/{}", id.replace('=', "%3D"));
    ask(method, &url, &SIGNED, body).await
}

#[tokio::test]
async fn a_push_arrives_and_a_delete_closes() {
    let world = World::new().await;
    let mut client = world.connect("").await;
    let id = world.connection().await;
    assert_eq!(at(&world, Method::POST, &id, "hello").await.status, 200);
    assert_eq!(client.hear().await, "hello");
    let seen = at(&world, Method::GET, &id, "").await.json();
    assert_eq!(seen["identity"]["sourceIp"], "127.0.0.1");
    assert!(seen["connectedAt"].as_str().unwrap().ends_with('Z'));
    assert_eq!(at(&world, Method::DELETE, &id, "").await.status, 204);
    assert_eq!(client.closed().await, Some(1000));
    for method in [Method::POST, Method::GET, Method::DELETE] {
        let answer = at(&world, method, &id, "").await;
        assert_eq!(answer.status, 410);
        assert_eq!(answer.header("x-amzn-errortype"), "GoneException");
    }
}

#[tokio::test]
async fn a_connection_is_reached_at_the_api_that_it_came_to() {
    let world = World::new().await;
    let mut client = dial(&world.gateway.ready().sockets["other"], &[])
        .await
        .unwrap();
    let id = world.connection().await;
    let base = &world.gateway.ready().connections;
    for (stage, status) in [("ws", 410), ("other", 200)] {
        let url = format!("{base}/{stage}/@connections/{}", id.replace('=', "%3D"));
        let answer = ask(Method::POST, &url, &SIGNED, stage).await;
        assert_eq!(answer.status, status, "{stage}");
    }
    assert_eq!(client.hear().await, "other");
}

#[tokio::test]
async fn the_code_after_a_delete_can_be_chosen() {
    let world = World::limited(|limits| limits.delete_close_code = 1001).await;
    let mut client = world.connect("").await;
    let id = world.connection().await;
    at(&world, Method::DELETE, &id, "").await;
    assert_eq!(client.closed().await, Some(1001));
}

#[tokio::test]
async fn an_unsigned_push_is_403() {
    let world = World::new().await;
    let mut client = world.connect("").await;
    client
        .say(json!({ "topic": "chat", "push": "no", "unsigned": true }))
        .await;
    assert_eq!(client.hear().await, "push: 403");
}

#[tokio::test]
async fn a_push_has_128_kb_at_most() {
    let world = World::new().await;
    let mut client = world.connect("").await;
    let id = world.connection().await;
    let most = "x".repeat(128 * 1024);
    assert_eq!(at(&world, Method::POST, &id, &most).await.status, 200);
    assert_eq!(client.hear().await, most);
    let answer = at(&world, Method::POST, &id, &format!("{most}x")).await;
    assert_eq!(answer.status, 413);
    assert_eq!(
        answer.header("x-amzn-errortype"),
        "PayloadTooLargeException"
    );
}

#[tokio::test]
async fn a_malformed_id_is_400() {
    let world = World::new().await;
    assert_eq!(at(&world, Method::POST, "no/id", "x").await.status, 400);
    assert_eq!(
        at(&world, Method::POST, "TWegAcC4EowCHnA=", "x")
            .await
            .status,
        410
    );
}

#[tokio::test]
async fn pushes_have_faults_of_their_own() {
    let world = World::new().await;
    let mut client = world.connect("").await;
    let id = world.connection().await;
    for (fault, status) in [
        ("push_410_percent", 410),
        ("push_429_percent", 429),
        ("push_lost_percent", 200),
    ] {
        world.faults(json!({ fault: 100 })).await;
        assert_eq!(
            at(&world, Method::POST, &id, "lost").await.status,
            status,
            "{fault}"
        );
    }
    world
        .faults(json!({ "seed": 3, "push_410_percent": 50 }))
        .await;
    let mut heard = 0;
    let mut gone = 0;
    for _ in 0..40 {
        match at(&world, Method::POST, &id, "some").await.status {
            200 => {
                assert_eq!(client.hear().await, "some");
                heard += 1;
            }
            _ => gone += 1,
        }
    }
    assert!(heard > 8 && gone > 8, "{heard} {gone}");
}

#[tokio::test]
async fn a_closed_connection_is_gone() {
    let world = World::new().await;
    let client = world.connect("").await;
    let id = world.connection().await;
    drop(client);
    until(async || (at(&world, Method::POST, &id, "x").await.status == 410).then_some(())).await;
    let all: Value = world
        .control(Method::GET, "/connections", &json!(null))
        .await
        .json();
    assert_eq!(all, json!([]));
}
