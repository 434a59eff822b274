//! Nobody speaks for a seat that is not theirs: every message, every role, own and other sessions.

use axum::body::Body;
use axum::http::Request;
use serde_json::json;
use sightline_wire::{PAGE_HEADER, PageHears, Refusal, Seat, SessionHears, SessionId};

use super::messages::messages;
use super::world::{Browser, NOW_MS, Page, World, events, refusal};

#[tokio::test]
async fn no_message_reaches_a_session_of_others() {
    let world = World::new();
    let (agents, customers) = world.call().await;
    let victim = agents.session;

    // Somebody with a call of their own, on either side of it.
    let stranger = world.agent_called("Mallory");
    let own = stranger.start_call(9).await;
    let (other_customer, _) = world.customer().await;
    let nobody = SessionId::from_bytes([99; 16]);
    let before = world.state(victim).await;

    for (browser, own_seat) in [(&stranger, Seat::Agent), (&other_customer, Seat::Customer)] {
        for target in [victim, nobody] {
            for seat in Seat::ALL {
                attempts(browser, own, own_seat, target, seat).await;
            }
        }
    }
    assert_eq!(world.state(victim).await, before);
    assert_eq!((agents.heard(), customers.heard()), (vec![], vec![]));
}

async fn attempts(
    browser: &Browser<'_>,
    own: SessionId,
    own_seat: Seat,
    target: SessionId,
    seat: Seat,
) {
    // Properly attached to the own session, then naming the other one.
    let mut page = browser.attached(own, own_seat).await;
    page.session = target;
    page.say("session", "attach", json!({ "seat": seat })).await;
    assert_eq!(
        refusal(&page.heard()),
        Some(Refusal::NoSeat),
        "attach to {seat:?}"
    );
    for (topic, kind, rest) in messages() {
        page.say(topic, kind, rest).await;
        assert_eq!(refusal(&page.heard()), Some(Refusal::NotAttached), "{kind}");
    }
    // The connection is unharmed.
    page.session = own;
    page.ping().await;
    assert!(refusal(&page.ping().await).is_none());
}

#[tokio::test]
async fn a_seat_of_the_own_session_is_not_the_other_one() {
    let world = World::new();
    let (agents, customers) = world.call().await;
    for (page, seat) in [(&agents, Seat::Customer), (&customers, Seat::Agent)] {
        page.say("session", "attach", json!({ "seat": seat })).await;
        assert_eq!(refusal(&page.heard()), Some(Refusal::NoSeat));
    }
    customers
        .say("session", "cancel", json!({ "n": customers.n }))
        .await;
    assert_eq!(refusal(&customers.heard()), Some(Refusal::NotYours));
}

#[tokio::test]
async fn a_forged_record_of_attachment_is_no_right() {
    let world = World::new();
    let (agents, _) = world.call().await;
    let stranger = world.agent_called("Mallory");
    let own = stranger.start_call(9).await;
    let mut page = stranger.attached(own, Seat::Agent).await;
    // Should a record ever say more than the cookies gave.
    {
        use crate::ports::Connections;
        let mut record = world
            .memory()
            .find_connection(&page.connection)
            .await
            .unwrap()
            .unwrap();
        record.attached.push((agents.session, Seat::Agent));
        world
            .memory()
            .put_connection(&page.connection, record)
            .await
            .unwrap();
    }
    page.session = agents.session;
    let before = world.state(agents.session).await;
    for (topic, kind, rest) in messages() {
        page.say(topic, kind, rest).await;
        let heard = page.heard();
        // Leaving is never answered.
        assert!(
            kind == "leave" && heard.is_empty() || refusal(&heard) == Some(Refusal::NoSeat),
            "{kind}: {heard:?}"
        );
    }
    assert_eq!(world.state(agents.session).await, before);
    assert_eq!(agents.heard(), []);
}

#[tokio::test]
async fn the_api_gives_a_session_to_its_own_people_only() {
    let world = World::new();
    let (agents, customers) = world.call().await;
    let session = agents.session;
    let stranger = world.agent_called("Mallory");
    stranger.start_call(9).await;
    let (other_customer, _) = world.customer().await;
    let nobody = world.browser();
    let gets = ["seat", "log"];
    let posts = [("send", json!({ "attempt": 2 })), ("link", json!({}))];

    for (who, mut browser) in [
        ("stranger", stranger),
        ("other customer", other_customer),
        ("nobody", nobody),
    ] {
        for path in gets {
            let answer = browser
                .get(&format!("/api/sessions/{session}/{path}"))
                .await;
            assert!(answer.status.is_client_error(), "{who} {path}: {answer:?}");
        }
        for (path, body) in posts.clone() {
            let answer = browser
                .post(&format!("/api/sessions/{session}/{path}"), body)
                .await;
            assert!(answer.status.is_client_error(), "{who} {path}: {answer:?}");
        }
    }
    let mut customer = customers.browser.clone();
    for path in [
        format!("/api/sessions/{session}/seat"),
        customers.log_path(),
    ] {
        assert!(customer.get(&path).await.status.is_success(), "{path}");
    }
    for (path, body) in posts {
        let answer = customer
            .post(&format!("/api/sessions/{session}/{path}"), body)
            .await;
        assert_eq!(answer.error(), "not_signed_in");
    }
    assert!(world.state(session).await.links == 0);
}

/// Whether the page hears the log: by `resume`, by HTTP, and by a head that makes it ask.
async fn reads(page: &Page<'_>) -> [bool; 3] {
    page.say("session", "resume", json!({ "after": 0 })).await;
    let resumed = refusal(&page.heard()) != Some(Refusal::Moved);
    let log = page.log_by_http().await;
    let before = page.browser.clone().get(&page.log_path()).await;
    assert_eq!((log.status, &log.body), (before.status, &before.body));
    assert!(
        log.status.is_success() || log.body == json!({ "error": "refused", "why": "moved" }),
        "{log:?}"
    );
    let heard = page.ping().await;
    let head = heard.iter().find_map(|hears| match hears {
        PageHears::Session(SessionHears::Pong { head, .. }) => Some(*head),
        _ => None,
    });
    let told = refusal(&heard) == Some(Refusal::Moved);
    assert_eq!(head == Some(0), told, "a page that may not ask learns why");
    [resumed, log.status.is_success(), !told]
}

const READS: [bool; 3] = [true; 3];
const READS_NOT: [bool; 3] = [false; 3];

#[tokio::test]
async fn a_call_is_read_by_the_page_that_holds_the_customers_seat_alone() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let session = customers.session;
    agents.chat("for your eyes only").await;

    // Somebody to whom the link was passed on.
    let (tablet, _) = world.customer().await;
    let mut guest = tablet.page(session, Seat::Customer).await;
    let attached = guest.attach().await;
    assert_eq!((attached.head, attached.held_elsewhere), (0, true));
    let refused = guest.join(false).await;
    assert_eq!(
        (refused.head, refused.refused),
        (0, Some(Refusal::SeatTaken))
    );
    assert_eq!(reads(&guest).await, READS_NOT);
    assert_eq!(reads(&customers).await, READS);
    let nameless = format!("/api/sessions/{session}/log");
    assert_eq!(guest.browser.get(&nameless).await.error(), "refused");
    assert_eq!(
        guest
            .browser
            .get(&format!("{nameless}?page=x"))
            .await
            .error(),
        "malformed"
    );

    let ill = Request::get(&nameless).header(PAGE_HEADER, "x");
    let ill = guest.browser.ask(ill.body(Body::empty()).unwrap()).await;
    assert_eq!(ill.error(), "malformed");

    // Both of an agent's pages read: the sign-in is the agent's own.
    let elsewhere = agents.browser.attached(session, Seat::Agent).await;
    assert_eq!(reads(&elsewhere).await, READS);
    assert!(agents.browser.get(&nameless).await.status.is_success());

    let taken = guest.join(true).await;
    assert_eq!(taken.head, world.state(session).await.head);
    assert_eq!(reads(&guest).await, READS);
    assert_eq!(reads(&customers).await, READS_NOT);
    assert_eq!(customers.attach().await.head, 0);
    agents.chat("to the new one").await;
    assert_eq!(events(&customers.heard()), []);
    assert!(guest.kinds().await.ends_with(&["said".to_owned()]));

    agents.command("session", "end", json!({})).await;
    assert_eq!(reads(&guest).await, READS);
    assert_eq!(reads(&customers).await, READS_NOT);
}

#[tokio::test]
async fn in_the_lobby_every_page_reads_until_one_of_them_joins() {
    let world = World::new();
    let session = world.agent().await.start_call(1).await;
    let (phone, _) = world.customer().await;
    let mut first = phone.attached(session, Seat::Customer).await;
    let second = phone.attached(session, Seat::Customer).await;
    for page in [&first, &second] {
        assert_eq!(reads(page).await, READS);
    }
    first.join(false).await;
    assert_eq!(reads(&first).await, READS);
    assert_eq!(reads(&second).await, READS_NOT);
}

#[tokio::test]
async fn a_page_that_lost_the_seat_hears_nothing_while_the_new_one_is_not_attached_yet() {
    use crate::ports::{Attachments as _, Sessions as _};
    let world = World::new();
    let (mut agents, old) = world.call().await;
    let memory = world.memory();
    let loaded = memory.load(old.session, NOW_MS).await.unwrap().unwrap();
    let (tablet, session) = world.customer().await;
    let mut new = tablet.attached(session, Seat::Customer).await;
    new.join(true).await;
    // As if the process had died between commit and attaching.
    let there = loaded.attachments.get(Seat::Customer).clone().unwrap();
    memory.attach(session, Seat::Customer, there).await.unwrap();
    old.heard();
    agents.chat("to the new one").await;
    assert_eq!(events(&old.heard()), []);
}
