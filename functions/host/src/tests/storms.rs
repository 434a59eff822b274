//! Two people do anything with pictures at the same time, and the store fails now and then:
//! whatever order it comes in, the log, the state and the objects tell the same in the end.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sightline_session::{Sent, replay};
use sightline_wire::{Refusal, Seat, SessionId};

use super::camera::{COMPOSED, QUICK, SHARP, base, in_chat, quick, sent, sharp, stored_digest};
use super::world::{Page, World};
use crate::memory::Faults;
use crate::ports::Sessions as _;

/// Chance that can be repeated.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32 % sides
    }

    fn faults(&mut self) -> Faults {
        Faults {
            clashes: self.below(3),
            failed_commits: self.below(2) * self.below(15),
            lost_answers: self.below(2),
            // Up to three: more than one command tries.
            failed_reads: self.below(12) / 9 * 3,
            failed_keeps: self.below(6) / 3 * 3,
            failed_deletes: self.below(12) / 3,
            ..Faults::default()
        }
    }
}

/// Says a command until it is answered for good, as a page does.
async fn insist(page: &mut Page<'_>, topic: &str, kind: &str, rest: Value) {
    for _ in 0..50 {
        let done = page.command(topic, kind, rest.clone()).await;
        match done.refused {
            Some(Refusal::Trouble | Refusal::Busy) => page.n -= 1,
            _ => return,
        }
    }
    panic!("{kind} is never answered");
}

/// Uploads if there is a slot to be had.
async fn upload(page: &Page<'_>, upload: Value, body: &[u8]) {
    if let Ok(slot) = page.slot(upload, body.len()).await {
        let memory = page.world.memory();
        memory.put_object(&slot.url, &slot.headers, body.to_vec());
    }
}

async fn acts(page: &mut Page<'_>, dice: &mut Dice) {
    for _ in 0..dice.below(20) {
        tokio::task::yield_now().await;
    }
    let state = page.world.state(page.session).await;
    let open = state.board.as_ref().map_or(0, |board| board.picture);
    let some = dice.below(state.pictures.len().max(1) as u32) as usize;
    let some = state.pictures.get(some).map_or(0, |known| known.id);
    let (on_open, on_some) = (json!({ "picture": open }), json!({ "picture": some }));
    match dice.below(14) {
        0 => insist(page, "screenshots", "capture", json!({})).await,
        1 => insist(page, "screenshots", "close", on_open).await,
        2 | 3 => insist(page, "screenshots", "open", on_some).await,
        4 => insist(page, "screenshots", "delete", on_some).await,
        5 => {
            // Both compose from what they see; sometimes that is the same.
            let touched = state.pictures.iter().find(|known| known.id == some);
            let through = touched.map_or(0, |known| known.touched) - dice.below(2).min(some);
            upload(page, sent(some, through), COMPOSED).await;
            let rest = json!({ "picture": some, "through": through });
            insist(page, "screenshots", "send", rest).await;
        }
        6..=8 => {
            let (one, body) = match page.seat {
                Seat::Agent => {
                    page.world.advance_s(u64::from(dice.below(2)) * 8);
                    (quick(open), QUICK)
                }
                Seat::Customer => (sharp(open, 1), SHARP),
            };
            upload(page, one.clone(), body).await;
            let rest = json!({ "upload": one });
            insist(page, "screenshots", "uploaded", rest).await;
        }
        9 => insist(page, "annotation", "undo", on_open).await,
        10 => insist(page, "annotation", "redo", on_open).await,
        11 => insist(page, "annotation", "undo_all", on_open).await,
        _ => {
            let stroke = json!({ "mark": 1, "tool": "step", "at": [1, 2], "number": 3 });
            let rest = json!({ "picture": open, "strokes": [stroke] });
            insist(page, "annotation", "draw", rest).await;
        }
    }
}

/// Everything that is kept is what the state tells of, and the state is what the log tells.
async fn is_sound(agents: &Page<'_>, customers: &Page<'_>, seed: u64) {
    let (world, session) = (agents.world, agents.session);
    assert_eq!(agents.log().await.len(), customers.log().await.len());
    let state = world.state(session).await;
    let mut kept = BTreeSet::new();
    for picture in state.pictures.iter().filter(|known| known.base.is_some()) {
        let base_of = picture.base.unwrap();
        let low = base_of.low_resolution;
        let wanted = crate::jpeg::accept(if low { QUICK } else { SHARP }).unwrap();
        for page in [agents, customers] {
            let seen = page.view(base(picture.id)).await;
            assert_eq!(seen, Ok(wanted.bytes.clone()), "seed {seed}");
        }
        let digest = base_of.digest.unwrap();
        assert_eq!(digest, stored_digest(&wanted.bytes), "seed {seed}");
        kept.insert(format!("pictures/{session}/{}-base-{digest}", picture.id));
    }
    for sent in &state.sent {
        let seen = customers.view(in_chat(sent.picture, sent.through)).await;
        assert!(seen.is_ok(), "seed {seed}");
        kept.insert(path_of(session, sent));
    }
    let objects = world.memory().object_keys().into_iter();
    let pictures: BTreeSet<String> = objects.filter(|key| key.starts_with("pictures/")).collect();
    assert_eq!(pictures, kept, "seed {seed}");
    if let Some(board) = state.board {
        let log = world.memory().events(session, 0, usize::MAX).await.unwrap();
        assert_eq!(board, replay(board.picture, &log), "seed {seed}");
    }
}

fn path_of(session: SessionId, sent: &Sent) -> String {
    let name = format!("{}-sent-{}", sent.picture, sent.through);
    format!("pictures/{session}/{name}-{}", sent.digest.unwrap())
}

async fn storm(seed: u64) -> usize {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let (mut hers, mut his) = (Dice(seed * 2), Dice(seed * 2 + 1));
    for round in 0..40 {
        if round % 2 == 0 {
            world.memory().order(hers.faults());
        }
        tokio::join!(acts(&mut agents, &mut hers), acts(&mut customers, &mut his));
        if round % 10 == 9 {
            world.memory().order(Faults::default());
            is_sound(&agents, &customers, seed).await;
        }
    }
    let session = agents.session;
    // Of deleted pictures nothing is left but what was sent, whatever happened before.
    let state = world.state(agents.session).await;
    for picture in &state.pictures {
        let rest = json!({ "picture": picture.id });
        insist(&mut customers, "screenshots", "delete", rest).await;
    }
    is_sound(&agents, &customers, seed).await;
    let sent = state.sent.iter().map(|sent| path_of(session, sent));
    let stays: BTreeSet<String> = sent.collect();
    let left: BTreeSet<String> = world.memory().object_keys().into_iter().collect();
    assert_eq!(left, stays, "seed {seed}");
    state.head as usize
}

#[tokio::test]
async fn whatever_two_people_do_log_state_and_objects_agree() {
    let mut events = 0;
    for seed in 1..=60 {
        events += storm(seed).await;
    }
    assert!(events > 60 * 20, "{events} events: too little happened");
}
