//! Health, as far as every deployment can tell.

use super::world::World;

#[tokio::test]
async fn a_new_call_needs_a_relay_that_does_not_drain() {
    let world = World::new();
    let ask = async || {
        let answer = world.browser().get("/api/health").await;
        let parts = answer.body["parts"].as_array().unwrap();
        let told = parts.iter().map(|part| part["ok"].as_bool().unwrap());
        let names: Vec<_> = parts.iter().map(|part| &part["name"]).collect();
        assert_eq!(names, ["store", "relay"]);
        assert_eq!(answer.body["ok"], answer.status == 200);
        told.collect::<Vec<_>>()
    };
    assert_eq!(ask().await, [true, false], "no relay yet");
    let relay = world.relay(10).await;
    relay.lease(0, false).await;
    assert_eq!(ask().await, [true, true]);
    relay.lease(0, true).await;
    assert_eq!(ask().await, [true, false], "it drains");
    let second = world.relay(10).await;
    second.lease(0, false).await;
    assert_eq!(ask().await, [true, true]);
}
