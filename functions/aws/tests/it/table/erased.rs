//! Erasing: what a scan of the whole table finds, and an erasure that was cut off.

use aws_sdk_dynamodb::types::AttributeValue;
use sightline_aws::erasing::{self, Again, ErasedAgain};
use sightline_aws::{ApiGatewayPush, Cloud, S3Bucket, Table, Without};
use sightline_host::ports::{
    Attachments, Commit, Committed, ConnectionKey, Directory, Erasure, Erasures, PictureStore,
    RateCounter, RateCounters, Sessions, Tombstone,
};
use sightline_host::records::{Attachment, InviteHash, SearchTerm};
use sightline_host::{Host, HostConfig, Keys};
use sightline_session::{Event, SystemCommand};
use sightline_wire::{Seat, SessionId};

use super::{begun, client, table};
use crate::support::{now_ms, stack};

/// More than two requests delete.
const EVENTS: u32 = 60;

/// An invite of each test, because a scan looks at the rows of all.
const SCANNED: InviteHash = InviteHash([0xE5; 32]);
const CUT_OFF: InviteHash = InviteHash([0xE6; 32]);
const AGAIN: InviteHash = InviteHash([0xE7; 32]);

/// What the calls of these tests are found by.
const TERM: SearchTerm = SearchTerm([0xE8; 16]);

/// A session that has ended, with more rows than one request deletes. Returns its last commit.
async fn ended(table: &Table, invite: InviteHash) -> Commit {
    let mut first = begun::first(now_ms());
    first.invites = vec![invite];
    first.entries.new = vec![TERM];
    let mut long = first.clone();
    long.entries.new.clear();
    long.expected = Some(first.state.revision);
    long.state.revision += 1;
    let issued = first.events.first().unwrap();
    let repeated = |seq| Event {
        seq,
        ..issued.clone()
    };
    long.events = (2..=EVENTS).map(repeated).collect();
    long.state.head = EVENTS;
    let mut last = begun::next(&long, &long.state, &SystemCommand::Cancel);
    last.invites.clear();
    for commit in [&first, &long, &last] {
        assert_eq!(table.commit(commit.clone()).await, Ok(Committed::Done));
    }
    let attachment = Attachment {
        connection: ConnectionKey("of-erased".to_owned()),
        page: begun::page(),
        heard_at_ms: now_ms(),
        closed_at_ms: None,
    };
    table
        .attach(last.session, Seat::Customer, attachment)
        .await
        .unwrap();
    table.count(&[counter(&last)]).await.unwrap();
    last
}

fn counter(commit: &Commit) -> RateCounter {
    RateCounter {
        name: format!("sms attempt {} 1", commit.session),
        most: 1,
        by: 1,
        until_ms: now_ms() + 3_600_000,
    }
}

fn erasure(last: &Commit) -> Erasure {
    Erasure {
        session: last.session,
        expected: last.state.revision,
        agent: last.state.agent,
        began_at_ms: last.state.began_at_ms,
        counters: vec![counter(last).name],
        terms: vec![TERM],
        tombstone_until_s: now_ms() / 1_000 + 60,
        deliveries: Vec::new(),
    }
}

/// The sort keys of all rows in which the session, its agent or its invite is named.
async fn rows_about(last: &Commit, invite: InviteHash) -> Vec<String> {
    let names = [
        last.session.to_string(),
        last.state.agent.to_string(),
        hex::encode(invite.0),
    ];
    let mut pages = client(&stack().endpoint, 3)
        .scan()
        .table_name(stack().resource("Table"))
        .into_paginator()
        .items()
        .send();
    let mut found = Vec::new();
    while let Some(row) = pages.next().await {
        let row = row.unwrap();
        let text = format!("{row:?}");
        if names.iter().any(|name| text.contains(name)) {
            found.push(row["sk"].as_s().unwrap().clone());
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn a_scan_finds_the_tombstone_and_nothing_else() {
    let table = table();
    let last = ended(&table, SCANNED).await;
    let events = EVENTS as usize + 1;
    // State, attachment, invite, its row for erasing, line in the list, its entry, counter.
    assert_eq!(rows_about(&last, SCANNED).await.len(), events + 7);
    assert_eq!(table.erase(&erasure(&last)).await, Ok(Committed::Done));
    assert_eq!(rows_about(&last, SCANNED).await, ["0state"]);
    assert_eq!(
        table.tombstone(last.session, now_ms()).await,
        Ok(Some(Tombstone::Finished))
    );
}

#[tokio::test]
async fn calls_that_a_restored_table_brings_back_are_erased_again() {
    let last = ended(&table(), AGAIN).await;
    let config = stack().config();
    let paths = aws_sdk_s3::config::Builder::from(&config).force_path_style(true);
    let client = aws_sdk_s3::Client::from_conf(paths.build());
    let objects = S3Bucket::new(client, stack().resource("Pictures").to_owned());
    for session in [last.session, SessionId::from_bytes([0xE7; 16])] {
        objects.note_erased(session).await.unwrap();
    }
    let nobody = aws_sdk_apigatewaymanagement::Client::new(&config);
    let cloud = Cloud {
        table: table(),
        sockets: ApiGatewayPush::new(&nobody, &nobody),
        sms: Without,
        objects,
    };
    let config = HostConfig::new("Example", "https://help.example.com");
    let host = Host::new(cloud, config, Keys::from_bytes(&[7; 32]));
    for erased in [1, 0] {
        let done = erasing::again(&host, Again::default()).await;
        let (known, next) = (2, None);
        assert_eq!(
            done,
            Ok(ErasedAgain {
                known,
                erased,
                next
            })
        );
    }
    assert_eq!(
        table().tombstone(last.session, now_ms()).await,
        Ok(Some(Tombstone::Finished))
    );
}

#[tokio::test]
async fn an_erasure_that_was_cut_off_hides_the_session_and_goes_on() {
    let table = table();
    let last = ended(&table, CUT_OFF).await;
    // As after the first step, and some of the rows.
    let client = client(&stack().endpoint, 3);
    let pk = AttributeValue::S(format!("s#{}", last.session));
    client
        .update_item()
        .table_name(stack().resource("Table"))
        .key("pk", pk.clone())
        .key("sk", AttributeValue::S("0state".to_owned()))
        .update_expression("SET buried = :yes")
        .expression_attribute_values(":yes", AttributeValue::Bool(true))
        .send()
        .await
        .unwrap();
    client
        .delete_item()
        .table_name(stack().resource("Table"))
        .key("pk", pk)
        .key("sk", AttributeValue::S("e#0000000007".to_owned()))
        .send()
        .await
        .unwrap();

    assert_eq!(table.load(last.session, now_ms()).await, Ok(None));
    let late = Commit {
        expected: Some(last.state.revision),
        events: Vec::new(),
        ..last.clone()
    };
    assert_eq!(table.commit(late).await, Ok(Committed::Clash));
    assert_eq!(
        table.tombstone(last.session, now_ms()).await,
        Ok(Some(Tombstone::Unfinished(Box::new(last.state.clone()))))
    );
    assert_eq!(table.erase(&erasure(&last)).await, Ok(Committed::Done));
    assert_eq!(rows_about(&last, CUT_OFF).await, ["0state"]);
    assert_eq!(table.by_invite(CUT_OFF, now_ms()).await, Ok(None));
}
