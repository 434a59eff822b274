//! A record is gone from its date on, however long it stays in the table.

use aws_sdk_dynamodb::types::AttributeValue;
use sightline_host::ports::{
    Attachments, Committed, ConnectionKey, Counted, Directory, RateCounter, RateCounters, Relays,
    Sessions, SpentTokens,
};
use sightline_host::records::{Attachment, InviteHash, RelayRecord};
use sightline_wire::{RelayId, Seat};

use super::{begun, client, table};
use crate::support::{now_ms, stack};

/// Days, in milliseconds.
const DAYS_MS: u64 = 86_400_000;

pub fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

#[tokio::test]
async fn what_has_expired_is_hidden_while_it_still_lies_there() {
    let (table, now_ms) = (table(), now_ms());
    let mut commit = begun::first(now_ms);
    let hash = InviteHash([8; 32]);
    commit.invites = vec![hash];
    let (session, agent) = (commit.session, commit.state.agent);
    assert_eq!(table.commit(commit.clone()).await, Ok(Committed::Done));
    let later_ms = commit.delete_at_s * 1_000;

    let rows = rows(&format!("s#{session}")).await;
    let invite = format!("i#{}", hex::encode(hash.0));
    assert_eq!(rows, ["0state", "e#0000000001", &invite], "it lies there");
    for (at_ms, there) in [(later_ms - 1, true), (later_ms, false)] {
        let loaded = table.load(session, at_ms).await.unwrap();
        assert_eq!(loaded.is_some(), there, "load at {at_ms}");
        let found = table.by_invite(hash, at_ms).await.unwrap();
        assert_eq!(found.is_some(), there, "invite at {at_ms}");
        let calls = table.by_agent(agent, 10, at_ms).await.unwrap();
        assert_eq!(!calls.is_empty(), there, "list at {at_ms}");
    }
    // A session's name is not given again.
    assert_eq!(table.commit(commit).await, Ok(Committed::Clash));
}

#[tokio::test]
async fn calls_that_have_expired_leave_room_for_those_that_have_not() {
    let (table, now_ms) = (table(), now_ms());
    let agent = begun::first(now_ms).state.agent;
    let mut kept = Vec::new();
    for which in 0..9 {
        let mut commit = begun::first(now_ms + which);
        commit.state.agent = agent;
        if which % 3 == 0 {
            kept.insert(0, commit.session);
            commit.summary_delete_at_s += 60;
        }
        let later_ms = commit.delete_at_s * 1_000;
        assert_eq!(table.commit(commit).await, Ok(Committed::Done));
        let calls = table.by_agent(agent, 2, later_ms).await.unwrap();
        let sessions: Vec<_> = calls.iter().map(|call| call.session).collect();
        let wanted: Vec<_> = kept.iter().copied().take(2).collect();
        assert_eq!(sessions, wanted, "newest first, past those that are gone");
    }
}

#[tokio::test]
async fn an_attachment_lasts_two_days_after_the_last_word() {
    let (table, now_ms) = (table(), now_ms());
    let mut commit = begun::first(now_ms);
    commit.delete_at_s += 10 * 86_400;
    let session = commit.session;
    assert_eq!(table.commit(commit).await, Ok(Committed::Done));
    let connection = ConnectionKey(format!("lasting-{session}"));
    let attachment = Attachment {
        connection: connection.clone(),
        page: begun::page(),
        heard_at_ms: now_ms,
        closed_at_ms: None,
    };
    let seat = Seat::Customer;
    assert_eq!(table.attach(session, seat, attachment).await, Ok(None));
    let there = async |at_ms| {
        let loaded = table.load(session, at_ms).await.unwrap().unwrap();
        loaded.attachments.get(Seat::Customer).is_some()
    };
    assert!(there(now_ms + 2 * DAYS_MS - 1_000).await);
    assert!(!there(now_ms + 2 * DAYS_MS + 1_000).await);
    let heard = table.touch(session, seat, &connection, now_ms + DAYS_MS, false);
    assert_eq!(heard.await, Ok(true));
    assert!(there(now_ms + 3 * DAYS_MS - 1_000).await);
    assert!(!there(now_ms + 3 * DAYS_MS + 1_000).await);
}

#[tokio::test]
async fn what_is_spent_counted_and_leased_keeps_its_own_dates() {
    let (table, now_ms) = (table(), now_ms());
    let token = begun::fresh();
    assert_eq!(table.spend(&token, now_ms + 500_000).await, Ok(true));
    assert_eq!(
        table.spend(&token, now_ms).await,
        Ok(false),
        "spent once and for all"
    );

    let counter = RateCounter {
        name: format!("dates {now_ms}"),
        most: 1,
        by: 1,
        until_ms: now_ms + 500_000,
    };
    let counters = [counter];
    assert_eq!(table.count(&counters).await, Ok(Counted::Done));
    assert_eq!(table.count(&counters).await, Ok(Counted::Full(0)));

    let record = RelayRecord {
        relay: RelayId::from_bytes(begun::fresh()),
        connection: ConnectionKey("dates".to_owned()),
        rooms_max: 1,
        rooms: 0,
        draining: false,
        lease_until_ms: now_ms + 500_000,
    };
    assert_eq!(table.put_relay(record.clone()).await, Ok(()));
    assert!(rows("relays").await.contains(&record.relay.to_string()));
    for (at_ms, there) in [(now_ms, true), (record.lease_until_ms, false)] {
        assert_eq!(
            table.alive_relays(at_ms).await.unwrap().contains(&record),
            there
        );
    }
}

/// The sort keys that lie under a partition key.
async fn rows(pk: &str) -> Vec<String> {
    let client = client(&stack().endpoint, 3);
    let found = client
        .query()
        .table_name(stack().resource("Table"))
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(":pk", text(pk))
        .send()
        .await
        .unwrap();
    let rows = found.items().iter();
    rows.map(|row| row["sk"].as_s().unwrap().clone()).collect()
}
