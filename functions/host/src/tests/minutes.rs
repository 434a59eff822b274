//! The call's record: what pages say of how the call runs.

use serde_json::json;
use sightline_wire::{Moment, PageHears, Seat, SessionHears};

use super::world::{Page, World};
use crate::ports::CallMinutes as _;
use crate::records::CallMinute;

async fn tells(page: &Page<'_>, kbit: u16) -> Vec<PageHears> {
    let moment = json!({ "frozen_ms": 0, "made_up": 0, "kbit": kbit, "lost": 0 });
    page.say("session", "ping", json!({ "moments": [moment] }))
        .await;
    page.heard()
}

/// Received in each minute that is kept, kbit/s.
async fn kept(world: &World, page: &Page<'_>) -> Vec<u16> {
    let minutes = world.memory().minutes(page.session, page.seat).await;
    let moments = |minute: &CallMinute| minute.moments.clone();
    let moments = minutes
        .unwrap()
        .iter()
        .flat_map(moments)
        .collect::<Vec<Moment>>();
    moments.iter().map(|moment| moment.kbit).collect()
}

#[tokio::test]
async fn a_minute_of_each_seat_is_kept_once_and_only_while_the_call_runs() {
    let world = World::new();
    let (mut agents, customers) = world.call().await;
    for kbit in [100, 200] {
        let heard = tells(&customers, kbit).await;
        assert!(
            matches!(&heard[..], [PageHears::Session(SessionHears::Pong { .. })]),
            "{heard:?}"
        );
    }
    tells(&agents, 300).await;
    world.advance_s(60);
    tells(&customers, 400).await;
    assert_eq!(kept(&world, &customers).await, [100, 400]);
    assert_eq!(kept(&world, &agents).await, [300]);

    let guest = customers
        .browser
        .attached(customers.session, Seat::Customer)
        .await;
    world.advance_s(60);
    tells(&guest, 500).await;
    assert_eq!(
        kept(&world, &customers).await,
        [100, 400],
        "a guest has no seat"
    );

    agents.command("session", "end", json!({})).await;
    tells(&customers, 600).await;
    assert_eq!(
        kept(&world, &customers).await,
        [100, 400],
        "the call is over"
    );
}
