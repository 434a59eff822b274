//! What a full board costs.

use sightline_host::ports::{Committed, Sessions};
use sightline_host::records::Record;
use sightline_session::{Board, Mark};
use sightline_wire::Seat;

use super::{begun, client, table};
use crate::support::{now_ms, stack};

#[tokio::test]
async fn a_full_board_is_stored_in_a_third_of_its_length_or_less() {
    let table = table();
    for (name, taken_back) in [
        ("drawn", 0),
        ("a fifth taken back", 5),
        ("all taken back", 1),
    ] {
        let mut commit = begun::first(now_ms());
        commit.state.board = Some(board(taken_back));
        assert_eq!(table.commit(commit.clone()).await, Ok(Committed::Done));
        let loaded = table.load(commit.session, now_ms()).await.unwrap().unwrap();
        assert_eq!(loaded.state, commit.state, "{name}");

        let plain = commit.state.encode().len();
        let stored = stored_bytes(&commit.session.to_string()).await;
        // A write in a transaction counts twice per begun kilobyte (DynamoDB, read/write capacity);
        // the rest of the row is some 120 bytes.
        let units = |length: usize| (length + 120).div_ceil(1_024) * 2;
        let (before, after) = (units(plain), units(stored));
        eprintln!(
            "1,000 strokes, {name}: {plain} bytes, stored in {stored}; {before} write units, {after} packed"
        );
        assert!(stored * 3 <= plain, "{name}: {stored} of {plain} bytes");
    }
}

/// A thousand strokes among other events; of so many, one taken back (0: none).
fn board(taken_back: u32) -> Board {
    let mut id = 20_000;
    let mark = |at: u32| {
        id += 1 + (at * at) % 4;
        Mark {
            id,
            author: if (at * at).is_multiple_of(3) {
                Seat::Agent
            } else {
                Seat::Customer
            },
            undone: (taken_back > 0 && at.is_multiple_of(taken_back))
                .then_some(id + (at * 7) % 400),
        }
    };
    Board {
        picture: 1,
        strokes: (0..1_000).map(mark).collect(),
    }
}

async fn stored_bytes(session: &str) -> usize {
    let client = client(&stack().endpoint, 3);
    let got = client
        .get_item()
        .table_name(stack().resource("Table"))
        .key("pk", super::dates::text(format!("s#{session}")))
        .key("sk", super::dates::text("0state"))
        .send()
        .await
        .unwrap();
    let row = got.item.unwrap();
    row["packed"].as_b().unwrap().as_ref().len()
}
