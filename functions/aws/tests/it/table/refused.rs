//! Refusals of the service, as clashes or as errors.

use sightline_aws::SweepMark;
use sightline_host::ports::{
    Attachments, Commit, Committed, ConnectionKey, Connections, Counted, Directory, RateCounter,
    RateCounters, Relays, Sessions, SpentTokens, StoreError,
};
use sightline_host::records::{Assignment, Attachment, ConnectionRecord, InviteHash};
use sightline_session::SystemCommand;
use sightline_wire::{RelayId, Seat};

use super::{begun, client, table, table_at};
use crate::support::proxy::{Fault, Proxy};
use crate::support::{now_ms, stack};

#[tokio::test]
async fn a_transaction_under_way_is_a_clash_and_nothing_was_stored() {
    let line = Proxy::calm(&stack().endpoint).await;
    let table = table_at(&line.endpoint, 3);
    let first = begun::first(now_ms());
    line.next(
        "TransactWriteItems",
        Fault::Cancelled("TransactionConflict"),
    );
    assert_eq!(table.commit(first.clone()).await, Ok(Committed::Clash));
    assert_eq!(table.load(first.session, now_ms()).await, Ok(None));
    assert_eq!(table.commit(first).await, Ok(Committed::Done));
}

#[tokio::test]
async fn a_throttled_part_of_a_transaction_is_trouble_to_try_again() {
    let line = Proxy::calm(&stack().endpoint).await;
    let table = table_at(&line.endpoint, 3);
    let first = begun::first(now_ms());
    for (reason, again) in [
        ("ThrottlingError", true),
        ("ProvisionedThroughputExceeded", true),
        ("ValidationError", false),
    ] {
        line.next("TransactWriteItems", Fault::Cancelled(reason));
        let error = table.commit(first.clone()).await.unwrap_err();
        assert_eq!((error.cause.as_str(), error.retryable), (reason, again));
    }
}

#[tokio::test]
async fn counting_waits_for_others_who_count() {
    let line = Proxy::calm(&stack().endpoint).await;
    let table = table_at(&line.endpoint, 3);
    let conflict = Fault::Cancelled("TransactionConflict");
    let counters = [RateCounter {
        name: format!("refused {}", now_ms()),
        most: 1,
        by: 1,
        until_ms: now_ms() + 600_000,
    }];
    for _ in 0..4 {
        line.next("TransactWriteItems", conflict);
    }
    assert_eq!(table.count(&counters).await, Ok(Counted::Done));
    for _ in 0..5 {
        line.next("TransactWriteItems", conflict);
    }
    assert!(table.count(&counters).await.unwrap_err().retryable);
    assert_eq!(table.count(&counters).await, Ok(Counted::Full(0)));
}

#[tokio::test]
async fn a_log_ahead_of_its_state_is_lasting_trouble() {
    let table = table();
    let first = begun::first(now_ms());
    assert_eq!(table.commit(first.clone()).await, Ok(Committed::Done));
    let second = begun::next(&first, &first.state, &SystemCommand::MakeLink);
    let client = client(&stack().endpoint, 3);
    let stray = client
        .put_item()
        .table_name(stack().resource("Table"))
        .item("pk", super::dates::text(format!("s#{}", first.session)))
        .item("sk", super::dates::text("e#0000000002"));
    stray.send().await.unwrap();
    let error = table.commit(second).await.unwrap_err();
    assert!(!error.retryable, "{error}");
    let loaded = table.load(first.session, now_ms()).await.unwrap().unwrap();
    assert_eq!(loaded.state, first.state);
}

#[tokio::test]
async fn more_than_a_transaction_holds_is_trouble() {
    let mut first = begun::first(now_ms());
    let invite = |which| InviteHash([which; 32]);
    // Two rows each, and three of the session's own, of the hundred that DynamoDB takes.
    first.invites = (0..49).map(invite).collect();
    let error = table().commit(first.clone()).await.unwrap_err();
    assert!(!error.retryable, "{error}");
    first.invites.truncate(48);
    assert_eq!(table().commit(first).await, Ok(Committed::Done));
}

#[tokio::test]
async fn a_throttle_that_lasts_is_trouble_to_try_again() {
    for (fault, why) in [
        (Fault::Throttled, "ThrottlingException"),
        (
            Fault::OverCapacity,
            "ProvisionedThroughputExceededException",
        ),
        (Fault::Broken, "InternalServerError"),
    ] {
        let line = Proxy::start(&stack().endpoint, 0, 100, u32::MAX, &[fault]).await;
        let troubles = every_port(&table_at(&line.endpoint, 2)).await;
        let count = troubles.len() as u32;
        for error in troubles {
            assert_eq!(
                (error.cause.as_str(), error.retryable),
                (why, true),
                "{error}"
            );
        }
        assert_eq!(line.made()[&fault], count * 2, "each was tried twice");
    }
}

#[tokio::test]
async fn nobody_there_is_trouble_to_try_again() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    for error in every_port(&table_at(&endpoint, 1)).await {
        assert!(error.retryable, "{error}");
    }
}

/// Returns the error of every method of every port.
async fn every_port(table: &sightline_aws::Table) -> Vec<StoreError> {
    let commit: Commit = begun::first(now_ms());
    let (session, agent) = (commit.session, commit.state.agent);
    let connection = ConnectionKey("refused".to_owned());
    let attachment = Attachment {
        connection: connection.clone(),
        page: begun::page(),
        heard_at_ms: now_ms(),
        closed_at_ms: None,
    };
    let relay = RelayId::from_bytes([7; 16]);
    let assignment = Assignment { relay, epoch: 1 };
    let counter = RateCounter {
        name: "refused".to_owned(),
        most: 1,
        by: 1,
        until_ms: now_ms() + 600_000,
    };
    let record = ConnectionRecord::default();
    vec![
        table.load(session, now_ms()).await.unwrap_err(),
        table.commit(commit).await.unwrap_err(),
        table.events(session, 0, 10).await.unwrap_err(),
        table.by_invite(InviteHash([7; 32]), 0).await.unwrap_err(),
        table.by_agent(agent, 10, 0).await.unwrap_err(),
        table
            .attach(session, Seat::Agent, attachment)
            .await
            .unwrap_err(),
        table
            .touch(session, Seat::Agent, &connection, 1, false)
            .await
            .unwrap_err(),
        table
            .touch(session, Seat::Agent, &connection, 1, true)
            .await
            .unwrap_err(),
        table
            .replace_connection(&connection, &record, record.clone())
            .await
            .unwrap_err(),
        table.put_connection(&connection, record).await.unwrap_err(),
        table.find_connection(&connection).await.unwrap_err(),
        table.remove_connection(&connection).await.unwrap_err(),
        table.alive_relays(0).await.unwrap_err(),
        table
            .renew_lease(relay, &connection, 0, false, 1)
            .await
            .unwrap_err(),
        table.end_lease(relay, &connection).await.unwrap_err(),
        table.assigned(session).await.unwrap_err(),
        table.assign(session, assignment).await.unwrap_err(),
        table.spend(b"refused", 1).await.unwrap_err(),
        table.count(&[counter]).await.unwrap_err(),
        table
            .open_sessions(1, SweepMark::default(), 1)
            .await
            .unwrap_err(),
        table.count_open_sessions(1).await.unwrap_err(),
        table.sweep_mark().await.unwrap_err(),
        table
            .set_sweep_mark(SweepMark::default())
            .await
            .unwrap_err(),
    ]
}
