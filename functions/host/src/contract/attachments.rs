//! Who speaks for a seat, and what is known of connections.

use sightline_wire::api::Role;
use sightline_wire::{Seat, Seats, SessionId, SignInId};

use super::Case;
use crate::ports::{Attachments, Committed, Connections, Sessions};
use crate::records::{Attachment, ConnectionRecord};

/// Attaching, hearing and closing.
pub async fn attachments<P: Sessions + Attachments>(ports: &P, case: &Case) {
    let session = case.session(40);
    let first = case.beginning(session, case.agent(40), case.now_ms);
    assert_eq!(
        ports.commit(first).await,
        Ok(Committed::Done),
        "first commit"
    );
    a_newer_attachment_replaces(ports, case, session).await;
    hearing_and_closing_are_the_attached_connections(ports, case, session).await;
}

async fn a_newer_attachment_replaces<P: Sessions + Attachments>(
    ports: &P,
    case: &Case,
    session: SessionId,
) {
    let (old, new) = (attachment(case, 1), attachment(case, 2));
    assert_eq!(
        ports.attach(session, Seat::Customer, old.clone()).await,
        Ok(None),
        "nobody was there before"
    );
    let before = ports.attach(session, Seat::Customer, new.clone()).await;
    assert_eq!(before, Ok(Some(old)), "who was there before is returned");
    let agents = attachment(case, 3);
    assert_eq!(
        ports.attach(session, Seat::Agent, agents.clone()).await,
        Ok(None),
        "seats are apart"
    );
    let found = read(ports, case, session).await;
    assert_eq!(
        (found.get(Seat::Agent), found.get(Seat::Customer)),
        (&Some(agents), &Some(new)),
        "both are loaded with the state"
    );
    assert_eq!(
        ports
            .attach(case.session(41), Seat::Customer, attachment(case, 4))
            .await,
        Ok(None),
        "sessions are apart"
    );
}

async fn hearing_and_closing_are_the_attached_connections<P: Sessions + Attachments>(
    ports: &P,
    case: &Case,
    session: SessionId,
) {
    let there = attachment(case, 2);
    let at_ms = there.heard_at_ms;
    let touch = async |which, at_ms, closed| {
        let connection = case.connection(which);
        ports
            .touch(session, Seat::Customer, &connection, at_ms, closed)
            .await
    };
    assert_eq!(
        touch(1, at_ms + 1, true).await,
        Ok(false),
        "a replaced connection closes nothing"
    );
    assert_eq!(
        touch(9, at_ms + 1, false).await,
        Ok(false),
        "an unknown connection is not heard"
    );
    assert_eq!(
        read(ports, case, session).await.get(Seat::Customer),
        &Some(there.clone()),
        "unchanged by others"
    );

    let expect = async |heard: u64, closed: Option<u64>, why: &str| {
        let wanted = Attachment {
            heard_at_ms: at_ms + heard,
            closed_at_ms: closed.map(|closed| at_ms + closed),
            ..there.clone()
        };
        assert_eq!(
            read(ports, case, session).await.get(Seat::Customer),
            &Some(wanted),
            "{why}"
        );
    };
    assert_eq!(
        touch(2, at_ms + 10, false).await,
        Ok(true),
        "the attached connection is heard"
    );
    expect(10, None, "hearing moves the date").await;
    assert_eq!(touch(2, at_ms + 5, false).await, Ok(true), "a late word");
    expect(10, None, "a late word does not move the date back").await;
    assert_eq!(
        touch(2, at_ms + 20, true).await,
        Ok(true),
        "the attached connection closes"
    );
    expect(10, Some(20), "closing has its own date").await;
    assert_eq!(
        touch(2, at_ms + 30, true).await,
        Ok(true),
        "it is found closed again"
    );
    expect(10, Some(20), "the first closing counts").await;
    assert_eq!(
        touch(2, at_ms + 40, false).await,
        Ok(true),
        "it speaks after all"
    );
    expect(40, None, "a word takes the closing back").await;
    a_touch_changes_no_other_seat(ports, case, session, at_ms).await;
}

async fn a_touch_changes_no_other_seat<P: Attachments>(
    ports: &P,
    case: &Case,
    session: SessionId,
    at_ms: u64,
) {
    let seat = ports
        .touch(session, Seat::Agent, &case.connection(2), at_ms, true)
        .await;
    assert_eq!(seat, Ok(false), "the other seat has another connection");
    let nobody = ports
        .touch(
            case.session(42),
            Seat::Agent,
            &case.connection(2),
            at_ms,
            true,
        )
        .await;
    assert_eq!(nobody, Ok(false), "a seat nobody attached to");
}

/// What is known of connections.
pub async fn connections<P: Connections>(ports: &P, case: &Case) {
    let (one, two) = (case.connection(50), case.connection(51));
    assert_eq!(
        ports.find_connection(&one).await,
        Ok(None),
        "an unknown connection"
    );
    assert_eq!(
        ports.remove_connection(&one).await,
        Ok(None),
        "removing an unknown connection"
    );
    let [first, second] = connection_records(case);
    assert_eq!(
        ports.put_connection(&one, first.clone()).await,
        Ok(()),
        "storing"
    );
    assert_eq!(
        ports.put_connection(&two, second.clone()).await,
        Ok(()),
        "storing another"
    );
    assert_eq!(
        ports.find_connection(&one).await,
        Ok(Some(first.clone())),
        "as stored"
    );
    assert_eq!(
        ports.find_connection(&two).await,
        Ok(Some(second.clone())),
        "as stored"
    );
    let attached = ConnectionRecord {
        attached: vec![
            (case.session(50), Seat::Customer),
            (case.session(52), Seat::Agent),
        ],
        ..first.clone()
    };
    let replaces = async |key, before: &ConnectionRecord| {
        let after = attached.clone();
        ports.replace_connection(key, before, after).await
    };
    assert_eq!(replaces(&one, &second).await, Ok(false), "another record");
    assert_eq!(replaces(&one, &first).await, Ok(true), "replacing");
    assert_eq!(replaces(&one, &first).await, Ok(false), "it has changed");
    assert_eq!(
        ports.remove_connection(&one).await,
        Ok(Some(attached.clone())),
        "taken out as last stored"
    );
    assert_eq!(replaces(&one, &attached).await, Ok(false), "it is removed");
    assert_eq!(ports.find_connection(&one).await, Ok(None), "gone");
    assert_eq!(
        ports.remove_connection(&one).await,
        Ok(None),
        "taken out once"
    );
    assert_eq!(
        ports.find_connection(&two).await,
        Ok(Some(second)),
        "the other is still there"
    );
}

/// Returns the record of a page and that of a relay.
fn connection_records(case: &Case) -> [ConnectionRecord; 2] {
    let blank = ConnectionRecord {
        delete_at_s: case.delete_at_s(),
        ..ConnectionRecord::default()
    };
    let page = ConnectionRecord {
        agent: Some((case.agent(50), Role::Admin)),
        sign_in: Some(SignInId::from_bytes(case.id(9, 50))),
        seats: vec![(case.session(50), 0), (case.session(51), 3)],
        ..blank.clone()
    };
    let relay = ConnectionRecord {
        relay: true,
        relay_id: Some(case.relay(50)),
        ..blank
    };
    [page, relay]
}

fn attachment(case: &Case, which: u8) -> Attachment {
    Attachment {
        connection: case.connection(which),
        page: case.page(which),
        heard_at_ms: case.now_ms + u64::from(which),
        closed_at_ms: None,
    }
}

async fn read<P: Sessions>(
    ports: &P,
    case: &Case,
    session: SessionId,
) -> Seats<Option<Attachment>> {
    let loaded = ports.load(session, case.now_ms).await.expect("load works");
    loaded.expect("the session is there").attachments
}
