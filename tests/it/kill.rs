//! `kill -9` of the whole process in the middle of a call.

use std::time::Duration;

use hyper::Method;
use sightline_wire::api::OnceToken;
use sightline_wire::{EventKind, PublicFact};

use crate::http::ask;
use crate::page::Page;
use crate::world::{World, secret_of};

const ROUNDS: u64 = 50;

/// Most lines of a page in a round. On a busy machine the kill comes late.
const LINES_MAX: u64 = 500;

/// Sends lines of chat, so many at least and until the page has dialled again; returns the
/// acknowledged ones. A page may send 30 messages a second.
async fn chatter(page: &mut Page, who: &str, round: u64, lines: u64) -> Vec<String> {
    let (mut acked, dials) = (Vec::new(), page.dials);
    for line in 0..LINES_MAX {
        if line >= lines && page.dials > dials {
            break;
        }
        let text = format!("{who} {round}.{line}");
        page.say(&text).await.unwrap();
        acked.push(text);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    acked
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_goes_on_after_kill_9_and_nothing_acknowledged_is_lost() {
    let mut world = World::start();
    let mut call = world.call().await;
    let sms = world.outbox().await;
    let (mut acked, mut took) = (Vec::new(), Vec::new());

    for round in 0..ROUNDS {
        let dials = (call.agent_page.dials, call.customer_page.dials);
        let (agent, customer) = (&mut call.agent_page, &mut call.customer_page);
        let chat = async {
            tokio::join!(
                chatter(agent, "agent", round, 6),
                chatter(customer, "customer", round, 6)
            )
        };
        let fall = async {
            // At any point within the lines of this round.
            tokio::time::sleep(Duration::from_millis(round * 53 % 130)).await;
            world.kill();
            took.push(world.restart());
        };
        let ((of_agent, of_customer), ()) = tokio::join!(chat, fall);
        acked.extend(of_agent);
        acked.extend(of_customer);
        assert!(
            call.agent_page.dials > dials.0 && call.customer_page.dials > dials.1,
            "both reconnected"
        );
    }

    assert_eq!(world.outbox().await, sms, "no new message");
    let log = world.log(&call.agent, call.session).await;
    assert!(
        log.iter().map(|event| event.seq).eq(1..=log.len() as u32),
        "gapless"
    );
    for page in [&mut call.agent_page, &mut call.customer_page] {
        page.catch_up(log.len() as u32).await;
        assert!(
            page.attached
                .as_ref()
                .is_some_and(|attached| attached.holds_seat)
        );
        let mut lines = page.lines();
        lines.sort_unstable();
        acked.sort_unstable();
        assert_eq!(lines, acked, "each acknowledged line once, and no other");
    }
    assert!(
        !log.iter()
            .any(|event| matches!(event.kind, EventKind::Public(PublicFact::Ended { .. })))
    );
    let done = call.customer_page.say("the call goes on").await.unwrap();
    call.agent_page.catch_up(done.head).await;
    assert_eq!(call.agent_page.lines().last(), Some(&"the call goes on"));

    let done = call.customer_page.end().await.unwrap();
    call.agent_page.catch_up(done.head).await;
    let last = call.agent_page.log.last().map(|event| &event.kind);
    assert!(
        matches!(last, Some(EventKind::Public(PublicFact::Ended { .. }))),
        "{last:?}"
    );

    report(acked.len(), took);
}

/// Prints how long restarts took: usually at most 2 s, whatever else the machine does meanwhile.
fn report(acked: usize, mut took: Vec<Duration>) {
    took.sort_unstable();
    println!(
        "{ROUNDS} times kill -9, {acked} acknowledged lines; restart to serving: p50 {:?}, max {:?}",
        took[took.len() / 2],
        took[took.len() - 1]
    );
    assert!(took[took.len() / 2] <= Duration::from_secs(2), "{took:?}");
    assert!(took[took.len() - 1] <= Duration::from_secs(10), "{took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restart_agents_are_signed_in_and_spent_links_stay_spent() {
    let mut world = World::start();
    let link = world.ready.agent.clone();
    let agent = world.sign_in_by(&link).await;
    world.kill();
    world.restart();
    let cookie = [("cookie", agent.cookie.as_str())];
    let me = ask(world.base(), Method::GET, "/api/me", &cookie, "")
        .await
        .unwrap();
    assert_eq!(me.status, 200);
    let spent = OnceToken {
        token: secret_of(&link),
    };
    assert_eq!(
        world.post("/api/sign-in/once", "", &spent).await.status,
        403
    );
}
