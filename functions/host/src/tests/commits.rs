//! Clashes, failures, lost answers, repetition.

use serde_json::json;
use sightline_wire::{PageHears, Refusal, SessionHears};

use super::world::{World, done, kinds, refusal};
use crate::memory::Faults;

fn clashes(clashes: u32) -> Faults {
    Faults {
        clashes,
        ..Faults::default()
    }
}

#[tokio::test]
async fn a_clash_is_tried_again() {
    let world = World::new();
    let (_, mut customers) = world.call().await;
    world.memory().order(clashes(11));
    assert_eq!(customers.chat("eleven clashes").await.refused, None);
    let said = customers
        .kinds()
        .await
        .iter()
        .filter(|kind| *kind == "said")
        .count();
    assert_eq!(said, 1);
}

#[tokio::test]
async fn too_many_clashes_are_busy_and_the_same_command_may_be_asked_again() {
    let world = World::new();
    let (_, mut customers) = world.call().await;
    world.memory().order(clashes(u32::MAX));
    let n = customers.n;
    assert_eq!(customers.chat("busy").await.refused, Some(Refusal::Busy));
    world.memory().order(clashes(0));
    customers.n = n;
    assert_eq!(customers.chat("busy").await.refused, None);
}

#[tokio::test]
async fn a_commit_whose_answer_was_lost_is_not_done_twice() {
    let world = World::new();
    let (agents, mut customers) = world.call().await;
    world.memory().order(Faults {
        lost_answers: 1,
        failed_commits: 2,
        ..Faults::default()
    });
    assert_eq!(customers.chat("once").await.refused, None);
    assert_eq!(
        agents
            .kinds()
            .await
            .iter()
            .filter(|kind| *kind == "said")
            .count(),
        1
    );
}

#[tokio::test]
async fn a_store_that_fails_is_trouble_and_harms_nothing() {
    let world = World::new();
    let (_, mut customers) = world.call().await;
    world.memory().order(Faults {
        failed_commits: 100,
        ..Faults::default()
    });
    let n = customers.n;
    assert_eq!(
        customers.chat("trouble").await.refused,
        Some(Refusal::Trouble)
    );
    world.memory().order(Faults::default());
    customers.n = n;
    assert_eq!(customers.chat("trouble").await.refused, None);
}

#[tokio::test]
async fn a_repeated_command_gets_its_first_answer() {
    let world = World::new();
    let (agents, mut customers) = world.call().await;
    let first = customers.chat("twice").await;
    let refused = customers
        .command("session", "lobby", json!({ "step": "in_lobby" }))
        .await;
    assert_eq!(refused.refused, Some(Refusal::AlreadyJoined));
    customers.n -= 1;
    let again = customers
        .command("session", "lobby", json!({ "step": "in_lobby" }))
        .await;
    assert_eq!(again.refused, refused.refused);
    assert_eq!(first.refused, None);
    assert_eq!(
        agents
            .kinds()
            .await
            .iter()
            .filter(|kind| *kind == "said")
            .count(),
        1
    );
    customers.n += 4;
    let skipped = customers.chat("skipped").await;
    let expected = customers.n - 5;
    assert_eq!(skipped.refused, Some(Refusal::OutOfTurn { expected }));
}

#[tokio::test]
async fn many_pages_writing_at_once_leave_one_gapless_log() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    for _ in 0..30 {
        tokio::join!(
            async { assert_eq!(agents.chat("a").await.refused, None) },
            async {
                customers
                    .say("chat", "say", json!({ "n": customers.n, "text": "b" }))
                    .await;
                customers.n += 1;
            }
        );
    }
    let log = agents.log().await;
    let numbers: Vec<u32> = log.iter().map(|event| event.seq).collect();
    assert_eq!(numbers, (1..=log.len() as u32).collect::<Vec<_>>());
    assert_eq!(
        kinds(&log).iter().filter(|kind| *kind == "said").count(),
        60
    );
    let answers = customers.heard();
    let answered = answers
        .iter()
        .filter(|hears| matches!(hears, PageHears::Session(SessionHears::Done(_))));
    assert!(answered.count() > 0);
    assert_eq!(refusal(&answers), None);
    assert!(done(&answers).is_some());
}
