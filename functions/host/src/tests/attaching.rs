//! The record of a connection, which several messages may change at once.

use sightline_wire::Seat;

use super::world::{NOW_MS, Page, World};
use crate::connection::Speaker;
use crate::ports::{Connections as _, Sessions as _};
use crate::records::ConnectionRecord;

/// Attaches to another session, by a record that was read before something else happened.
async fn attach_late(page: &Page<'_>, record: &ConnectionRecord, other: &Page<'_>) {
    let speaker = Speaker {
        connection: &page.connection,
        record,
        session: other.session,
        page: page.page,
    };
    let host = &page.world.host;
    let attached = host.attach_and_offer(&speaker, Seat::Agent, None).await;
    assert_eq!(attached, Ok(()));
}

/// Finding 20.
#[tokio::test]
async fn of_two_attaches_at_once_none_is_lost_and_a_closed_connection_stays_gone() {
    let world = World::new();
    let agent = world.agent().await;
    let (one, two) = (agent.start_call(1).await, agent.start_call(2).await);
    let page = agent.page(one, Seat::Agent).await;
    let other = agent.page(two, Seat::Agent).await;
    let record = async || {
        let found = world.memory().find_connection(&page.connection).await;
        found.unwrap()
    };
    let stale = record().await.unwrap();
    attach_late(&page, &stale, &page).await;
    attach_late(&page, &stale, &other).await;
    let attached = record().await.unwrap().attached;
    assert_eq!(attached, [(one, Seat::Agent), (two, Seat::Agent)]);

    page.disconnect().await;
    attach_late(&page, &stale, &other).await;
    assert_eq!(record().await, None);
    let loaded = world.memory().load(two, NOW_MS).await.unwrap().unwrap();
    let attached = loaded.attachments.get(Seat::Agent).as_ref().unwrap();
    assert!(attached.closed_at_ms.is_some(), "it speaks for no seat");
}
