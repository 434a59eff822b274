//! Connections of one owner, and floods of which each process sees a share. Finding 4.

use sightline_host::ports::{Attachments as _, Commit, Sessions as _};
use sightline_host::records::Attachment;
use sightline_session::{Invitation, Rules, begin};
use sightline_wire::{Language, PageId, Reference, Seat, SessionId};

use super::*;
use crate::places::{OPEN_S, SEAT_MAX, WAIT_S};

const HERE: &str = "198.51.100.4";
const THERE: &str = "203.0.113.77";

fn session() -> SessionId {
    SessionId::from_bytes([7; 16])
}

fn seat_cookie() -> String {
    let expires_ms = NOW_MS + 24 * 3_600_000;
    let value = keys().seat(session(), 0, expires_ms);
    format!("__Host-seat-{}={value}", session())
}

fn named(number: usize) -> ConnectionKey {
    ConnectionKey(format!("page-{number}="))
}

/// A handshake with a cookie, from an address.
async fn knocks(
    handler: &SocketHandler<Memory, MemoryPlaces>,
    number: usize,
    cookie: &str,
    from: &str,
) -> u64 {
    let through_cloudfront = format!("{from}, 192.0.2.7");
    let mut event = connect(&[
        ("Cookie", cookie),
        ("Origin", ORIGIN),
        ("Sec-WebSocket-Protocol", SUBPROTOCOL),
        ("X-Sightline-Origin", SECRET),
        ("X-Forwarded-For", &through_cloudfront),
    ]);
    event.request_context.connection_id = Some(named(number).0);
    handler.host.ports().open(&named(number));
    let status = answered(handler, event).await["statusCode"].as_u64();
    status.unwrap()
}

fn taken(handler: &SocketHandler<Memory, MemoryPlaces>, owner: CookieOwner) -> usize {
    let stored = handler.places.0.lock().unwrap();
    stored
        .places
        .get(&owner)
        .map_or(0, |(places, _)| places.count())
}

/// The connection becomes the one that speaks for the customer's seat.
async fn sits(ports: &Memory, connection: &ConnectionKey) {
    let invitation = Invitation {
        agent: AgentId::from_bytes([1; 16]),
        agent_name: DisplayName::new("Ada").unwrap(),
        number: None,
        reference: Reference::new("CLAIM-2026-1").unwrap(),
        language: Language::new("en").unwrap(),
    };
    let (state, issued) = begin(invitation, NOW_MS, 0, &Rules::default());
    let first = Commit {
        summary: None,
        ..Commit::first(session(), state, vec![issued], NOW_MS)
    };
    ports.commit(first).await.unwrap();
    let attachment = Attachment {
        connection: connection.clone(),
        page: PageId::from_bytes([3; 16]),
        heard_at_ms: NOW_MS,
        closed_at_ms: None,
    };
    let seat = Seat::Customer;
    ports.attach(session(), seat, attachment).await.unwrap();
    let mut record = ports.find_connection(connection).await.unwrap().unwrap();
    record.attached.push((session(), seat));
    ports.put_connection(connection, record).await.unwrap();
}

#[tokio::test]
async fn guests_of_a_link_displace_one_another_and_never_the_holder() {
    let handler = handler();
    let ports = handler.host.ports();
    let cookie = seat_cookie();
    assert_eq!(knocks(&handler, 0, &cookie, HERE).await, 200);
    sits(ports, &named(0)).await;
    for number in 1..2 * SEAT_MAX {
        assert_eq!(knocks(&handler, number, &cookie, THERE).await, 200);
    }
    let closed = |number| ports.close_code(&named(number));
    assert_eq!(closed(0), None, "the holder stays");
    for number in 1..=SEAT_MAX {
        assert_eq!(closed(number), Some(CLOSE_FLOOD), "{number}");
    }
    assert_eq!(closed(SEAT_MAX + 1), None);
    assert_eq!(taken(&handler, CookieOwner::Customer(session())), SEAT_MAX);
}

#[tokio::test]
async fn an_agent_has_thirty_two_connections_and_a_close_gives_one_back() {
    let handler = handler();
    let agent = CookieOwner::Agent(AgentId::from_bytes([1; 16]));
    for number in 0..32 {
        assert_eq!(knocks(&handler, number, &agent_cookie(), HERE).await, 200);
    }
    let mut closes = disconnect();
    closes.request_context.connection_id = Some(named(5).0);
    answered(&handler, closes).await;
    assert_eq!(taken(&handler, agent), 31);
    for number in [32, 33] {
        assert_eq!(knocks(&handler, number, &agent_cookie(), HERE).await, 200);
    }
    let ports = handler.host.ports();
    let closed = (0..34).filter(|number| ports.close_code(&named(*number)).is_some());
    assert_eq!(closed.collect::<Vec<_>>(), [0]);
}

#[tokio::test]
async fn places_whose_close_was_never_told_become_free() {
    let handler = handler();
    let (cookie, owner) = (seat_cookie(), CookieOwner::Customer(session()));
    for number in 0..SEAT_MAX {
        knocks(&handler, number, &cookie, HERE).await;
    }
    assert_eq!(taken(&handler, owner), SEAT_MAX);
    handler.host.ports().advance(OPEN_S * 1_000);
    assert_eq!(knocks(&handler, 99, &cookie, HERE).await, 200);
    assert_eq!(taken(&handler, owner), 1);
    assert_eq!(handler.host.ports().close_code(&named(0)), None);
}

/// Says so many messages, each to a process that has heard nothing of the connection.
async fn says(
    handler: &SocketHandler<Memory, MemoryPlaces>,
    number: usize,
    messages: u32,
    each_ms: u64,
) {
    for _ in 0..messages {
        *handler.limits() = ConnectionLimits::default();
        let mut event = message("{", false);
        event.request_context.connection_id = Some(named(number).0);
        answered(handler, event).await;
        handler.host.ports().advance(each_ms);
    }
}

#[tokio::test]
async fn a_flood_over_many_processes_is_closed_and_its_address_waits() {
    let handler = handler();
    let ports = handler.host.ports();
    let cookie = seat_cookie();
    for (number, from) in [(0, THERE), (1, HERE)] {
        assert_eq!(knocks(&handler, number, &cookie, from).await, 200);
    }
    // Within the limit of one process, for two minutes.
    says(&handler, 0, 3_000, 40).await;
    assert_eq!(ports.close_code(&named(0)), None);
    // Ten seconds at 200 a second.
    says(&handler, 1, 2_000, 5).await;
    assert_eq!(ports.close_code(&named(1)), Some(CLOSE_FLOOD));

    assert_eq!(knocks(&handler, 2, &cookie, HERE).await, 429);
    assert_eq!(ports.find_connection(&named(2)).await, Ok(None));
    assert_eq!(knocks(&handler, 3, &cookie, THERE).await, 200);
    ports.advance(WAIT_S * 1_000);
    assert_eq!(knocks(&handler, 4, &cookie, HERE).await, 200);
}

#[tokio::test]
async fn a_flood_that_one_process_sees_makes_its_address_wait_too() {
    let handler = handler();
    let cookie = seat_cookie();
    assert_eq!(knocks(&handler, 0, &cookie, HERE).await, 200);
    for _ in 0..=BURST + DROPPED_MAX {
        let mut event = message("{", false);
        event.request_context.connection_id = Some(named(0).0);
        answered(&handler, event).await;
    }
    let ports = handler.host.ports();
    assert_eq!(ports.close_code(&named(0)), Some(CLOSE_FLOOD));
    assert_eq!(knocks(&handler, 1, &cookie, HERE).await, 429);
    assert_eq!(knocks(&handler, 2, &cookie, THERE).await, 200);
}

#[tokio::test]
async fn a_clash_is_tried_again_and_no_place_is_no_connection() {
    let handler = handler();
    let clash = |clashes| handler.places.0.lock().unwrap().clashes = clashes;
    clash(3);
    assert_eq!(knocks(&handler, 0, &seat_cookie(), HERE).await, 200);
    clash(99);
    assert_eq!(knocks(&handler, 1, &seat_cookie(), HERE).await, 503);
    let found = handler.host.ports().find_connection(&named(1)).await;
    assert_eq!(found, Ok(None));
}
