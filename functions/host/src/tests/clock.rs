//! The time of day is set while people are at work. Deadlines do not notice, and logs stay in
//! order.

use serde_json::json;
use sightline_wire::{EndReason, PageHears, Seat, SessionHears};

use super::world::{NOW_MS, World};
use crate::ports::{Ports as _, Sessions as _};

const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// Steps of the time of day, in milliseconds.
const STEPS: [i64; 8] = [
    20 * MINUTE,
    -20 * MINUTE,
    60 * MINUTE,
    -60 * MINUTE,
    DAY,
    -DAY,
    400 * DAY,
    -400 * DAY,
];

#[tokio::test]
async fn a_call_goes_on_and_its_log_stays_in_order() {
    for step_ms in STEPS {
        let world = World::new();
        let (agents, mut customers) = world.call().await;
        for ahead_ms in [step_ms, 0, -step_ms, step_ms / 2] {
            world.memory().set_ahead(ahead_ms);
            world.advance_s(1);
            assert_eq!(customers.chat("on").await.refused, None, "{ahead_ms}");
            let heard = agents.ping().await;
            let pong_ms = heard.iter().find_map(|hears| match hears {
                PageHears::Session(SessionHears::Pong { now_ms, .. }) => Some(*now_ms),
                _ => None,
            });
            let log = agents.log().await;
            assert!(log.is_sorted_by_key(|event| event.at_ms), "{ahead_ms}");
            let last_ms = log.last().unwrap().at_ms;
            // A page counts from the event with the clock that the event has.
            assert_eq!(pong_ms, Some(last_ms), "{ahead_ms}");
            let today_ms = world.memory().date_ms();
            assert!(last_ms >= today_ms, "{ahead_ms}");
        }
        let highest = world.state(agents.session).await.dates_ahead_ms;
        assert_eq!(highest, step_ms.abs());
        assert_eq!(world.state(agents.session).await.ended, None);
    }
}

#[tokio::test]
async fn an_invite_keeps_its_minutes() {
    for step_ms in STEPS {
        let world = World::new();
        let session = world.agent().await.start_call(1).await;
        world.memory().set_ahead(step_ms);
        world.advance_s(59 * 60 + 59);
        let look = || async {
            let secret = json!({ "secret": world.last_secret() });
            world.browser().post("/api/look", secret).await.body["state"].clone()
        };
        assert_eq!(look().await, "valid", "{step_ms}");
        world.advance_s(1);
        assert_eq!(look().await, "expired", "{step_ms}");
        world.host.tidy(session).await.unwrap();
        let ended = world.state(session).await.ended;
        assert_eq!(ended, Some(EndReason::InviteExpired));
    }
}

#[tokio::test]
async fn what_begins_after_a_step_has_the_time_of_day_and_is_kept_for_its_days() {
    for step_ms in STEPS {
        let world = World::new();
        world.memory().set_ahead(step_ms);
        let mut agent = world.agent().await;
        let session = agent.start_call(1).await;
        let today_ms = NOW_MS.saturating_add_signed(step_ms);
        // A line of the list is kept for its days by the date that it shows.
        if step_ms >= -DAY {
            let calls = agent.get("/api/sessions").await.body;
            assert_eq!(calls["calls"][0]["at_ms"], today_ms, "{calls}");
        }
        let agents = agent.attached(session, Seat::Agent).await;
        assert_eq!(agents.log().await[0].at_ms, today_ms);
        // Where the clocks differ, the later one counts the days.
        let loaded = world.memory().load(session, NOW_MS).await.unwrap();
        let days_s = 30 * 24 * 60 * 60;
        let kept_until_s = today_ms.max(NOW_MS) / 1_000 + days_s;
        assert_eq!(loaded.unwrap().delete_at_s, kept_until_s);
    }
}
