//! An answer that got lost is asked for again, and what was done is not done twice.

use sightline_host::ports::{
    Attachments, Committed, ConnectionKey, Counted, RateCounter, RateCounters, Relays, Sessions,
    SpentTokens,
};
use sightline_host::records::{Assignment, Attachment, RelayRecord};
use sightline_session::SystemCommand;
use sightline_wire::{RelayId, Seat, SessionId};

use super::{begun, table_at};
use crate::support::proxy::{Fault, Proxy};
use crate::support::{now_ms, stack};

const LOSSES: [Fault; 2] = [Fault::Lost, Fault::Torn];

#[tokio::test]
async fn a_commit_whose_answer_got_lost_is_no_clash_and_no_second_event() {
    let line = Proxy::calm(&stack().endpoint).await;
    let table = table_at(&line.endpoint, 3);
    let first = begun::first(now_ms());
    let session = first.session;
    let second = begun::next(&first, &first.state, &SystemCommand::MakeLink);
    let mut wanted = Vec::new();
    for (commit, loss) in [first, second].into_iter().zip(LOSSES) {
        wanted.extend(commit.events.clone());
        line.next("TransactWriteItems", loss);
        let state = commit.state.clone();
        assert_eq!(table.commit(commit).await, Ok(Committed::Done), "{loss:?}");
        let loaded = table.load(session, now_ms()).await.unwrap().unwrap();
        assert_eq!(loaded.state, state, "{loss:?}");
        assert_eq!(
            table.events(session, 0, 10).await.unwrap(),
            wanted,
            "{loss:?}"
        );
    }
    assert_eq!(
        line.carried_out("TransactWriteItems"),
        4,
        "each was carried to the store twice"
    );
}

#[tokio::test]
async fn a_commit_whose_last_answer_got_lost_is_trouble_and_stands() {
    let line = Proxy::calm(&stack().endpoint).await;
    let table = table_at(&line.endpoint, 1);
    let first = begun::first(now_ms());
    line.next("TransactWriteItems", Fault::Lost);
    let error = table.commit(first.clone()).await.unwrap_err();
    assert!(error.retryable, "{error}");
    let loaded = table.load(first.session, now_ms()).await.unwrap().unwrap();
    assert_eq!(loaded.state, first.state);
    assert_eq!(
        table.commit(first).await,
        Ok(Committed::Clash),
        "a new call is a new commit"
    );
}

#[tokio::test]
async fn what_is_spent_once_is_spent_by_whoever_asked_first() {
    let line = Proxy::calm(&stack().endpoint).await;
    let table = table_at(&line.endpoint, 3);
    let until_ms = now_ms() + 600_000;
    for loss in LOSSES {
        let token = begun::fresh();
        line.next("PutItem", loss);
        assert_eq!(table.spend(&token, until_ms).await, Ok(true), "{loss:?}");
        line.next("PutItem", loss);
        assert_eq!(table.spend(&token, until_ms).await, Ok(false), "{loss:?}");
    }
    assert_eq!(line.carried_out("PutItem"), 8);
}

#[tokio::test]
async fn what_is_counted_is_counted_once() {
    let line = Proxy::calm(&stack().endpoint).await;
    let table = table_at(&line.endpoint, 3);
    let counter = RateCounter {
        name: format!("lost {}", now_ms()),
        most: 2,
        by: 1,
        until_ms: now_ms() + 600_000,
    };
    let counters = [counter];
    for wanted in [Counted::Done, Counted::Done, Counted::Full(0)] {
        line.next("TransactWriteItems", Fault::Lost);
        assert_eq!(table.count(&counters).await, Ok(wanted));
    }
    assert_eq!(line.carried_out("TransactWriteItems"), 6);
}

#[tokio::test]
async fn who_was_there_before_is_told_though_the_answer_got_lost() {
    let line = Proxy::calm(&stack().endpoint).await;
    let table = table_at(&line.endpoint, 3);
    let session = SessionId::from_bytes(begun::fresh());
    let now_ms = now_ms();
    let attachment = |which: u64| Attachment {
        connection: ConnectionKey(format!("lost-{session}-{which}")),
        page: begun::page(),
        heard_at_ms: now_ms + which,
        closed_at_ms: None,
    };
    let seat = Seat::Agent;
    let mut before = None;
    for (which, loss) in LOSSES.into_iter().cycle().take(4).enumerate() {
        let now = attachment(which as u64 * 10);
        line.next("UpdateItem", loss);
        let told = table.attach(session, seat, now.clone()).await;
        assert_eq!(told, Ok(before), "{loss:?}");
        line.next("UpdateItem", loss);
        let closed = table.touch(session, seat, &now.connection, now.heard_at_ms + 1, true);
        assert_eq!(closed.await, Ok(true), "{loss:?}");
        before = Some(Attachment {
            closed_at_ms: Some(now.heard_at_ms + 1),
            ..now
        });
    }
    assert_eq!(line.carried_out("UpdateItem"), 16);
}

#[tokio::test]
async fn a_lease_is_renewed_though_the_answer_got_lost() {
    let line = Proxy::calm(&stack().endpoint).await;
    let table = table_at(&line.endpoint, 3);
    let known = RelayRecord {
        relay: RelayId::from_bytes(begun::fresh()),
        connection: ConnectionKey("lost-relay".to_owned()),
        rooms_max: 5,
        rooms: 0,
        draining: false,
        lease_until_ms: now_ms() + 45_000,
    };
    let (relay, until_ms) = (known.relay, known.lease_until_ms + 15_000);
    assert_eq!(table.put_relay(known.clone()).await, Ok(()));
    line.next("PutItem", Fault::Lost);
    let renewed = table.renew_lease(relay, &known.connection, 3, true, until_ms);
    assert_eq!(renewed.await, Ok(true));
    assert_eq!(line.carried_out("PutItem"), 3);
    let mut alive = table.alive_relays(until_ms - 1).await.unwrap();
    alive.retain(|record| record.relay == relay);
    let wanted = RelayRecord {
        rooms: 3,
        draining: true,
        lease_until_ms: until_ms,
        ..known
    };
    assert_eq!(alive, [wanted]);
}

#[tokio::test]
async fn a_room_is_assigned_once() {
    let line = Proxy::calm(&stack().endpoint).await;
    let table = table_at(&line.endpoint, 3);
    let session = SessionId::from_bytes(begun::fresh());
    for epoch in 1..=3 {
        let wanted = Assignment {
            relay: RelayId::from_bytes([epoch as u8; 16]),
            epoch,
        };
        line.next("PutItem", Fault::Lost);
        assert_eq!(table.assign(session, wanted).await, Ok(wanted));
    }
    assert_eq!(line.carried_out("PutItem"), 6);
}
