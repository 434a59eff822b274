//! Two people draw on one picture.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use sightline_wire::{Event, EventKind, PublicFact, Refusal, Seat, Strokes};

use crate::page::Page;
use crate::pictures::{both_have, shoot};
use crate::world::{Call, World};

/// Pause between messages that stays below the rate limit of a connection.
const PACE: Duration = Duration::from_millis(36);

/// The strokes on a board: author and mark of each, by number. Every event is checked.
fn standing(log: &[Event], picture: u32) -> BTreeMap<u32, (Seat, u32)> {
    let wanted = picture;
    let (mut standing, mut taken_back) = (BTreeMap::new(), BTreeMap::new());
    for event in log {
        match &event.kind {
            EventKind::Public(PublicFact::Drawn {
                seat,
                picture,
                stroke,
            }) if *picture == wanted => {
                standing.insert(event.seq, (*seat, stroke.mark));
                taken_back.retain(|_, (author, _)| author != seat);
            }
            EventKind::Public(PublicFact::Undone {
                seat,
                picture,
                strokes,
            }) if *picture == wanted => {
                assert!(!strokes.is_empty());
                for id in strokes {
                    let stroke = standing.remove(id).expect("it stood");
                    assert_eq!(stroke.0, *seat, "only one's own is taken back");
                    taken_back.insert(*id, stroke);
                }
            }
            EventKind::Public(PublicFact::Redone {
                seat,
                picture,
                strokes,
            }) if *picture == wanted => {
                for id in strokes {
                    let stroke = taken_back.remove(id).expect("it was taken back");
                    assert_eq!(stroke.0, *seat, "only one's own comes back");
                    standing.insert(*id, stroke);
                }
            }
            EventKind::Public(PublicFact::Cleared { picture }) if *picture == wanted => {
                standing.clear();
                taken_back.clear();
            }
            _ => {}
        }
    }
    standing
}

/// Draws and undoes at random; returns the marks of all acknowledged strokes in their order.
async fn scribble(page: &mut Page, picture: u32, first_mark: u32, mut seed: u64) -> Vec<u32> {
    let mut marks = Vec::new();
    for _ in 0..70 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let done = match (seed >> 33) % 10 {
            0 | 1 => page.undo(picture).await,
            2 => page.redo(picture).await,
            3 => page.undo_all(picture).await,
            count => {
                let next = first_mark + marks.len() as u32;
                let new: Vec<_> = (next..).take(count as usize - 3).collect();
                marks.extend(&new);
                page.draw(picture, &new).await
            }
        };
        done.unwrap();
        tokio::time::sleep(PACE).await;
    }
    marks
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_draw_and_take_back_at_once_end_with_the_same_picture() {
    let seed = std::env::var("SEED").ok();
    let seed: u64 = seed.and_then(|seed| seed.parse().ok()).unwrap_or(11);
    println!("SEED={seed}");
    let world = World::start();
    let mut call = world.call().await;
    let picture = shoot(&world, &mut call).await;
    let (agent, customer) = (&mut call.agent_page, &mut call.customer_page);
    let (of_agent, of_customer) = tokio::join!(
        scribble(agent, picture, 1, seed),
        scribble(customer, picture, 1_000_001, seed ^ 0xffff),
    );

    let head = call.agent_page.say("that was it").await.unwrap().head;
    both_have(&mut call, head).await;
    let since = |page: &Page| page.log[picture as usize..].to_vec();
    let log = since(&call.agent_page);
    assert_eq!(log, since(&call.customer_page), "one log for both");
    for (seat, marks) in [(Seat::Agent, of_agent), (Seat::Customer, of_customer)] {
        let drawn: Vec<_> = log
            .iter()
            .filter_map(|event| match &event.kind {
                EventKind::Public(PublicFact::Drawn {
                    seat: author,
                    stroke,
                    ..
                }) if *author == seat => Some(stroke.mark),
                _ => None,
            })
            .collect();
        assert_eq!(drawn, marks, "each once, in the order it was drawn");
    }
    // A page that joins later and reads the log from its beginning has the same picture.
    let board = standing(&call.agent_page.log, picture);
    assert_eq!(
        board,
        standing(&world.log(&call.agent, call.session).await, picture)
    );
    assert!(!board.is_empty(), "another seed leaves more");

    let done = call.customer_page.undo_all(picture).await.unwrap();
    both_have(&mut call, done.head).await;
    let left = standing(&call.agent_page.log, picture);
    let own = |seat| board.iter().filter(move |(_, stroke)| stroke.0 == seat);
    let of_agent: BTreeMap<_, _> = own(Seat::Agent)
        .map(|(&id, &stroke)| (id, stroke))
        .collect();
    assert_eq!(left, of_agent, "the agent's strokes are untouched");

    // Closing and opening the board changes neither the strokes nor the order of redo.
    call.agent_page.close_board(picture).await.unwrap();
    let closed = call.customer_page.draw(picture, &[5]).await.unwrap_err();
    assert_eq!(closed, Refusal::BoardClosed);
    call.customer_page.open_board(picture).await.unwrap();
    let done = call.customer_page.redo(picture).await.unwrap();
    both_have(&mut call, done.head).await;
    assert_eq!(standing(&call.agent_page.log, picture), board);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_board_holds_1000_strokes_and_says_so() {
    let world = World::start();
    let mut call = world.call().await;
    let picture = shoot(&world, &mut call).await;
    let marks: Vec<_> = (0..1_000).collect();
    for batch in marks.chunks(Strokes::COUNT_MAX) {
        call.agent_page.draw(picture, batch).await.unwrap();
        tokio::time::sleep(PACE).await;
    }
    let full = Err(Refusal::LimitReached);
    for page in [&mut call.agent_page, &mut call.customer_page] {
        assert_eq!(page.draw(picture, &[1_000]).await, full);
    }
    // An undone stroke keeps its room for a redo; its author gives that up by drawing.
    call.agent_page.undo(picture).await.unwrap();
    assert_eq!(call.customer_page.draw(picture, &[1_000]).await, full);
    assert_eq!(call.agent_page.draw(picture, &[1_000, 1_001]).await, full);
    call.agent_page.draw(picture, &[1_000]).await.unwrap();
    assert_eq!(call.agent_page.draw(picture, &[1_001]).await, full);

    let not_yours = call.customer_page.clear(picture).await.unwrap_err();
    assert_eq!(not_yours, Refusal::NotYours);
    call.agent_page.clear(picture).await.unwrap();
    let done = call.customer_page.draw(picture, &[1_000]).await.unwrap();
    both_have(&mut call, done.head).await;
    let board = standing(&call.agent_page.log, picture);
    assert!(board.into_values().eq([(Seat::Customer, 1_000)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_open_board_is_drawn_on() {
    let world = World::start();
    let mut call = world.call().await;
    let other = shoot(&world, &mut world.call().await).await;
    let first = shoot(&world, &mut call).await;
    call.agent_page.close_board(first).await.unwrap();
    let picture = shoot(&world, &mut call).await;
    assert_ne!(first, picture);
    let before = call.agent_page.head();
    let closed = Refusal::BoardClosed;
    // A closed board, a number of another session, zero, an event that is not a picture, and a
    // number that does not exist yet.
    assert!(other <= before, "a number of this log too");
    for foreign in [first, 0, 1, before, before + 1, u32::MAX] {
        for page in [&mut call.agent_page, &mut call.customer_page] {
            for refused in [
                page.draw(foreign, &[1]).await,
                page.undo(foreign).await,
                page.undo_all(foreign).await,
                page.redo(foreign).await,
            ] {
                assert_eq!(refused.unwrap_err(), closed, "{foreign}");
            }
            tokio::time::sleep(PACE * 4).await;
        }
        assert_eq!(call.agent_page.clear(foreign).await.unwrap_err(), closed);
        let opened = call.agent_page.open_board(foreign).await;
        if foreign != first {
            assert_eq!(opened.unwrap_err(), Refusal::NoPicture, "{foreign}");
        } else {
            opened.unwrap();
            call.agent_page.open_board(picture).await.unwrap();
        }
    }
    let nothing = call.customer_page.undo(picture).await.unwrap();
    assert_eq!(nothing.head, before + 2, "only two boards were opened");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ink_that_breaks_a_limit_is_refused_and_the_connection_stays() {
    let world = World::start();
    let mut call = world.call().await;
    let picture = shoot(&world, &mut call).await;
    let before = call.agent_page.draw(picture, &[1]).await.unwrap().head;
    let pen = |line: Value| json!([{ "mark": 1, "tool": "pen", "line": line }]);
    let one = pen(json!([1, 2]))[0].clone();
    let long = |points: usize| pen(json!(vec![7; points * 2]));
    let malformed = [
        pen(json!([-1, 0])),
        pen(json!([65_536, 0])),
        pen(json!([0.5, 0])),
        pen(json!([1e20, 0])),
        pen(json!([null, 0])),
        pen(json!(["1", "2"])),
        pen(json!([])),
        pen(json!([1, 2, 3])),
        pen(json!([[1, 2]])),
        long(513),
        json!([]),
        json!(vec![one.clone(); 17]),
        json!([{ "mark": 1, "tool": "pen" }]),
        json!([{ "mark": -1, "tool": "pen", "line": [1, 2] }]),
        json!([{ "mark": 1, "tool": "pen", "line": [1, 2], "pressure": [256] }]),
        json!([{ "mark": 1, "tool": "arrow", "from": [1, 2], "to": [1] }]),
        json!([{ "mark": 1, "tool": "circle", "from": [1, 2], "to": [1, 65_536] }]),
        json!([{ "mark": 1, "tool": "box", "from": [1, 2], "to": null }]),
        json!([{ "mark": 1, "tool": "step", "at": [1, 2], "number": 0 }]),
        json!([{ "mark": 1, "tool": "step", "at": [1, 2], "number": 100 }]),
        json!([{ "mark": 1, "tool": "text", "at": [1, 2], "text": "" }]),
        json!([{ "mark": 1, "tool": "text", "at": [1, 2], "text": "x".repeat(1_000) }]),
        json!([{ "mark": 1, "tool": "eraser", "at": [1, 2] }]),
        // A valid stroke does not make up for an invalid one.
        json!([one, { "mark": 1, "tool": "pen", "line": [] }]),
    ];
    for strokes in malformed {
        let text = strokes.to_string();
        let draw = json!({ "topic": "annotation", "type": "draw", "picture": picture,
            "strokes": strokes });
        let refusal = call.agent_page.blunder(draw).await;
        assert_eq!(refusal, Refusal::Malformed, "{text:.80}");
        tokio::time::sleep(PACE).await;
    }
    numbers_outside_json_are_refused(&mut call, picture).await;
    malformed_pieces_are_refused(&mut call, picture).await;
    call.customer_page.settle().await;
    let heard: BTreeSet<_> = call
        .customer_page
        .heard
        .iter()
        .map(|h| format!("{h:?}"))
        .collect();
    assert!(
        !heard.iter().any(|hears| hears.contains("Passing")),
        "{heard:?}"
    );
    let after = call.agent_page.draw(picture, &[2]).await.unwrap().head;
    assert_eq!((after, call.agent_page.dials), (before + 1, 1));
}

/// Numbers that JSON does not have but a program may write.
async fn numbers_outside_json_are_refused(call: &mut Call, picture: u32) {
    for value in ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"] {
        let session = call.session;
        let page = crate::world::random_page();
        let draw = format!(
            r#"{{"session":"{session}","page":"{page}","topic":"annotation","type":"draw","n":3,
            "picture":{picture},"strokes":[{{"mark":1,"tool":"pen","line":[{value},0]}}]}}"#
        );
        let refusal = call.agent_page.blunder_as(draw).await;
        assert_eq!(refusal, Refusal::Malformed, "{value}");
    }
}

async fn malformed_pieces_are_refused(call: &mut Call, picture: u32) {
    for passing in [
        json!({ "type": "ink", "picture": picture, "mark": 1, "step": 1, "tool": "pen",
            "start": 4_096, "line": [1, 2] }),
        json!({ "type": "ink", "picture": picture, "mark": 1, "step": 1, "tool": "pen",
            "start": 0, "line": [1] }),
        json!({ "type": "pointer", "picture": picture, "at": [1, 65_536] }),
        json!({ "type": "pointer", "picture": -1 }),
        json!({ "type": "scribble" }),
    ] {
        let pass = json!({ "topic": "annotation", "type": "passing", "passing": passing });
        let refusal = call.agent_page.blunder(pass).await;
        assert_eq!(refusal, Refusal::Malformed);
    }
}
