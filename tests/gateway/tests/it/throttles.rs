//! What a flood meets, and whom it leaves alone.

use serde_json::json;

use crate::world::{World, dial, refusal};

#[tokio::test]
async fn a_flood_of_one_route_leaves_the_others_alone() {
    let world = World::new().await;
    for status in [201, 201, 429, 429] {
        assert_eq!(world.api("/api/narrow").await.status, status);
    }
    let told = world.api("/api/narrow").await;
    assert_eq!(told.json()["message"], "Too Many Requests");
    assert_eq!(world.api("/api/wide").await.status, 201);
}

#[tokio::test]
async fn handshakes_and_messages_of_one_api_leave_the_other_alone() {
    let world = World::new().await;
    let other = world.gateway.ready().sockets["other"].clone();
    let mut client = dial(&other, &[]).await.unwrap();
    let _second = dial(&other, &[]).await.unwrap();
    assert_eq!(refusal(dial(&other, &[]).await), 429);
    let mut right = world.connect("").await;
    for _ in 0..4 {
        client.say(json!({ "topic": "x" })).await;
    }
    // Its function answers nothing, so what is heard is the gateway's own.
    assert_eq!(client.hear_json().await["message"], "Too Many Requests");
    right.say(json!({ "push": "hello" })).await;
    assert_eq!(right.hear().await, "hello");
}
