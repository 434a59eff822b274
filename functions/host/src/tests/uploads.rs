//! Uploads that are bad, late, repeated, cut off, or on their way at the same time.

use serde_json::json;
use sightline_session::Rules;
use sightline_wire::{EventKind, PublicFact, Refusal, Seat, UploadBytes};

use super::camera::{
    COMPOSED, NO_PICTURE, PHOTO, QUICK, SHARP, base, digest_of, in_chat, quick, sent, sharp,
    stored_digest,
};
use super::world::{Page, World};
use crate::memory::Faults;

async fn count(page: &Page<'_>, kind: &str) -> usize {
    let kinds = page.kinds().await;
    kinds.iter().filter(|found| *found == kind).count()
}

/// Lets others run so many times.
async fn steps(count: usize) {
    for _ in 0..count {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_bad_picture_is_refused_and_the_call_goes_on() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    for bad in [NO_PICTURE, &SHARP[..SHARP.len() - 2], b"\xff\xd8\xff", b"x"] {
        assert_eq!(customers.put(sharp(picture, 1), bad).await, 200);
        let refused = customers.uploaded(sharp(picture, 1)).await.refused;
        assert_eq!(refused, Some(Refusal::BadPicture));
        // The refusal is the answer to this number from then on, and its place is free for another
        // upload.
        assert_eq!(world.memory().object_keys().len(), 0);
        let rest = json!({ "upload": sharp(picture, 1) });
        let again = customers.again("screenshots", "uploaded", rest).await;
        assert_eq!(again.refused, Some(Refusal::BadPicture));
    }
    assert_eq!(customers.chat("still here").await.refused, None);
    assert_eq!(count(&agents, "picture_kept").await, 0);
    customers.gives(picture).await;
    assert_eq!(customers.put(sent(picture, picture), NO_PICTURE).await, 200);
    assert_eq!(
        customers.send(picture, picture).await.refused,
        Some(Refusal::BadPicture)
    );
    assert_eq!(world.memory().object_keys().len(), 1);
}

#[tokio::test]
async fn metadata_is_dropped_before_anybody_can_look() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    let has = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|some| some == what);
    assert!(has(PHOTO, b"Exif") && has(PHOTO, b"taken at home"));
    assert_eq!(customers.put(sharp(picture, 1), PHOTO).await, 200);
    assert_eq!(customers.uploaded(sharp(picture, 1)).await.refused, None);
    let seen = agents.view(base(picture)).await.unwrap();
    assert!(!has(&seen, b"Exif") && !has(&seen, b"taken at home"));
}

#[tokio::test]
async fn what_was_not_uploaded_is_refused_and_may_come_under_the_next_number() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    let refused = customers.uploaded(sharp(picture, 1)).await.refused;
    assert_eq!(refused, Some(Refusal::NotUploaded));
    customers.gives(picture).await;
    let refused = agents.send(picture, picture).await.refused;
    assert_eq!(refused, Some(Refusal::NotUploaded));
}

#[tokio::test]
async fn an_upload_is_for_what_was_asked_for() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    for (upload, wanted) in [
        (sharp(picture, 0), Refusal::Malformed),
        (sharp(picture, 2), Refusal::Malformed),
        (sharp(picture + 1, 1), Refusal::NoPicture),
        (sent(picture, picture), Refusal::NoPicture),
    ] {
        let slot = customers.slot(upload.clone(), 1_000).await;
        assert_eq!(slot.err(), Some(wanted), "{upload}");
    }
    let refused = customers.uploaded(sharp(picture, 2)).await.refused;
    assert_eq!(refused, Some(Refusal::Malformed));
    agents.about("screenshots", "capture_again", picture).await;
    assert_eq!(customers.put(sharp(picture, 2), SHARP).await, 200);
    assert_eq!(customers.uploaded(sharp(picture, 2)).await.refused, None);
    let head = world.state(agents.session).await.head;
    for (through, wanted) in [
        (0, Refusal::Malformed),
        (picture - 1, Refusal::Malformed),
        (head + 100, Refusal::Malformed),
    ] {
        let slot = agents.slot(sent(picture, through), 1_000).await;
        assert_eq!(slot.err(), Some(wanted), "{through}");
        let refused = agents.send(picture, through).await.refused;
        assert_eq!(refused, Some(wanted), "{through}");
        assert!(agents.link(in_chat(picture, through)).await.is_err());
    }
    // What is sent has a command of its own.
    let rest = json!({ "n": agents.n, "upload": sent(picture, picture) });
    agents.say("screenshots", "uploaded", rest).await;
    let refused = super::world::refusal(&agents.heard());
    assert_eq!(refused, Some(Refusal::Malformed));
}

#[tokio::test]
async fn a_repeated_number_is_answered_without_a_look_at_the_upload() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    customers.gives(picture).await;
    world.memory().order(Faults {
        failed_reads: u32::MAX,
        failed_keeps: u32::MAX,
        ..Faults::default()
    });
    let rest = json!({ "upload": sharp(picture, 1) });
    let again = customers.again("screenshots", "uploaded", rest).await;
    assert_eq!(again.refused, None);
    // A further upload of what is there already is done, and does not touch it.
    assert_eq!(customers.uploaded(sharp(picture, 1)).await.refused, None);
    assert_eq!(count(&agents, "picture_kept").await, 1);
}

#[tokio::test]
async fn trouble_is_not_remembered_and_the_same_number_is_done() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    assert_eq!(customers.put(sharp(picture, 1), SHARP).await, 200);
    let one_of = [
        Faults {
            failed_reads: 3,
            ..Faults::default()
        },
        Faults {
            failed_keeps: 3,
            ..Faults::default()
        },
        // Kept, and the process gone before the commit.
        Faults {
            failed_commits: 100,
            ..Faults::default()
        },
    ];
    for faults in one_of {
        world.memory().order(faults);
        let refused = customers.uploaded(sharp(picture, 1)).await.refused;
        assert_eq!(refused, Some(Refusal::Trouble));
        customers.n -= 1;
        world.memory().order(Faults::default());
    }
    assert_eq!(
        world.memory().object_keys().len(),
        2,
        "kept and not committed"
    );
    assert_eq!(agents.link(base(picture)).await, Err(Refusal::NoPicture));
    assert_eq!(customers.uploaded(sharp(picture, 1)).await.refused, None);
    assert_eq!(world.memory().object_keys().len(), 1);
    assert_eq!(count(&agents, "picture_kept").await, 1);
}

#[tokio::test]
async fn a_short_trouble_of_the_store_is_none_for_the_page() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    for faults in [
        Faults {
            failed_reads: 2,
            ..Faults::default()
        },
        Faults {
            failed_reads: 1,
            failed_keeps: 1,
            failed_deletes: 2,
            ..Faults::default()
        },
    ] {
        let picture = agents.capture().await;
        world.memory().order(faults);
        customers.gives(picture).await;
        assert_eq!(agents.delete(picture).await.refused, None);
        assert_eq!(world.memory().object_keys().len(), 0);
    }
}

#[tokio::test]
async fn an_answer_lost_after_the_commit_is_given_again() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    assert_eq!(customers.put(sharp(picture, 1), SHARP).await, 200);
    world.memory().order(Faults {
        lost_answers: 1,
        ..Faults::default()
    });
    assert_eq!(customers.uploaded(sharp(picture, 1)).await.refused, None);
    assert_eq!(customers.put(sent(picture, picture), COMPOSED).await, 200);
    world.memory().order(Faults {
        lost_answers: 1,
        ..Faults::default()
    });
    assert_eq!(customers.send(picture, picture).await.refused, None);
    assert_eq!(count(&agents, "picture_kept").await, 1);
    assert_eq!(count(&agents, "picture_sent").await, 1);
}

#[tokio::test]
async fn a_picture_deleted_after_a_crash_half_way_leaves_nothing() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    assert_eq!(customers.put(sharp(picture, 1), SHARP).await, 200);
    world.memory().order(Faults {
        failed_commits: 100,
        ..Faults::default()
    });
    customers.uploaded(sharp(picture, 1)).await;
    customers.n -= 1;
    world.memory().order(Faults::default());
    assert_eq!(agents.delete(picture).await.refused, None);
    assert_eq!(world.memory().object_keys().len(), 0);
    let refused = customers.uploaded(sharp(picture, 1)).await.refused;
    assert_eq!(refused, Some(Refusal::NoPicture));
}

#[tokio::test]
async fn an_upload_that_arrives_after_the_deleting_is_taken_away() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    let slot = customers.slot(sharp(picture, 1), SHARP.len()).await;
    let slot = slot.unwrap();
    assert_eq!(agents.delete(picture).await.refused, None);
    let memory = world.memory();
    let put = memory.put_object(&slot.url, &slot.headers, SHARP.to_vec());
    assert_eq!((put, memory.object_keys().len()), (200, 1));
    let refused = customers.uploaded(sharp(picture, 1)).await.refused;
    assert_eq!(refused, Some(Refusal::NoPicture));
    assert_eq!(world.memory().object_keys().len(), 0);
    let none = customers.slot(sharp(picture, 1), SHARP.len()).await;
    assert_eq!(none.err(), Some(Refusal::NoPicture));
}

#[tokio::test]
async fn deleting_at_any_moment_of_an_upload_leaves_nothing() {
    for moment in 0..30 {
        let world = World::new();
        let (mut agents, mut customers) = world.call().await;
        let picture = agents.capture().await;
        assert_eq!(customers.put(sharp(picture, 1), SHARP).await, 200);
        let (kept, deleted) = tokio::join!(customers.uploaded(sharp(picture, 1)), async {
            steps(moment).await;
            agents.delete(picture).await
        });
        assert_eq!(deleted.refused, None, "{moment}");
        let either = [None, Some(Refusal::NoPicture)];
        assert!(either.contains(&kept.refused), "{moment}: {kept:?}");
        let left = world.memory().object_keys();
        assert!(left.is_empty(), "{moment}: {left:?}");
    }
}

#[tokio::test]
async fn deleting_at_any_moment_of_sending_leaves_what_was_sent_or_nothing() {
    for moment in 0..30 {
        let world = World::new();
        let (mut agents, mut customers) = world.call().await;
        let picture = agents.capture().await;
        customers.gives(picture).await;
        assert_eq!(customers.put(sent(picture, picture), COMPOSED).await, 200);
        let (_, deleted) = tokio::join!(customers.send(picture, picture), async {
            steps(moment).await;
            agents.delete(picture).await
        });
        assert_eq!(deleted.refused, None, "{moment}");
        let state = world.state(agents.session).await;
        let seen = agents.view(in_chat(picture, picture)).await;
        assert_eq!(seen.is_ok(), state.sent.len() == 1, "{moment}");
        let left = world.memory().object_keys();
        assert_eq!(left.len(), state.sent.len(), "{moment}: {left:?}");
    }
}

#[tokio::test]
async fn of_two_bases_at_once_the_first_stands_and_both_see_that_one() {
    let mut stood = [0, 0];
    for moment in 0..40 {
        let world = World::new();
        let (mut agents, mut customers) = world.call().await;
        let picture = agents.capture().await;
        assert_eq!(customers.put(sharp(picture, 1), SHARP).await, 200);
        world.advance_s(7);
        assert_eq!(agents.put(quick(picture), QUICK).await, 200);
        // Each is ahead of the other by so many steps.
        let (ahead, behind) = (moment % 20, moment / 20);
        let (one, other) = tokio::join!(
            async {
                steps(ahead * behind).await;
                customers.uploaded(sharp(picture, 1)).await
            },
            async {
                steps(ahead * (1 - behind)).await;
                agents.uploaded(quick(picture)).await
            }
        );
        assert_eq!((one.refused, other.refused), (None, None));
        let log = agents.log().await;
        let kept: Vec<bool> = log
            .iter()
            .filter_map(|event| match event.kind {
                EventKind::Public(PublicFact::PictureKept { low_resolution, .. }) => {
                    Some(low_resolution)
                }
                _ => None,
            })
            .collect();
        assert_eq!(kept.len(), 1, "{moment}");
        stood[usize::from(kept[0])] += 1;
        // What is shown is what the log tells of.
        let wanted = if kept[0] { QUICK } else { SHARP };
        let wanted = crate::jpeg::accept(wanted).unwrap().bytes;
        for page in [&agents, &customers] {
            assert_eq!(page.view(base(picture)).await.unwrap(), wanted, "{moment}");
        }
        agents.delete(picture).await;
        let left = world.memory().object_keys();
        assert!(left.is_empty(), "{moment}: {left:?}");
    }
    assert!(stood[0] > 0 && stood[1] > 0, "{stood:?}");
}

#[tokio::test]
async fn the_same_number_on_two_connections_at_once_is_one_picture() {
    for moment in 0..20 {
        let world = World::new();
        let (mut agents, mut customers) = world.call().await;
        let picture = agents.capture().await;
        assert_eq!(customers.put(sharp(picture, 1), SHARP).await, 200);
        // The page came back and repeats what it had no answer to, while that is still under way.
        let rest = json!({ "n": customers.n, "upload": sharp(picture, 1) });
        let repeat = async {
            steps(moment).await;
            customers.say("screenshots", "uploaded", rest.clone()).await;
        };
        tokio::join!(
            customers.say("screenshots", "uploaded", rest.clone()),
            repeat
        );
        customers.n += 1;
        assert_eq!(super::world::refusal(&customers.heard()), None, "{moment}");
        assert_eq!(count(&agents, "picture_kept").await, 1, "{moment}");
        assert!(agents.view(base(picture)).await.is_ok(), "{moment}");
        assert_eq!(world.memory().object_keys().len(), 1, "{moment}");
    }
}

/// What a page sees of a picture is what its event names. Nothing else is left.
async fn is_what_the_log_tells(page: &Page<'_>, picture: u32) {
    let log = page.log().await;
    let kept: Vec<_> = log
        .iter()
        .filter_map(|event| match event.kind {
            EventKind::Public(PublicFact::PictureKept { digest, .. }) => digest,
            _ => None,
        })
        .collect();
    let seen = page.view(base(picture)).await.unwrap();
    assert_eq!(kept, [stored_digest(&seen)]);
    let left = page.world.memory().object_keys();
    assert_eq!(left.len(), 1, "{left:?}");
}

/// Finding 8: the slower of two attempts used to replace the bytes after the other was accepted.
#[tokio::test]
async fn the_attempt_that_is_beaten_replaces_nothing() {
    let world = World::new();
    let (mut agents, customers) = world.call().await;
    let picture = agents.capture().await;
    agents.about("screenshots", "capture_again", picture).await;
    assert_eq!(customers.put(sharp(picture, 1), SHARP).await, 200);
    assert_eq!(customers.put(sharp(picture, 2), PHOTO).await, 200);
    world.memory().order(Faults {
        slow_keep_steps: 200,
        ..Faults::default()
    });
    let uploaded = |attempt| json!({ "n": customers.n, "upload": sharp(picture, attempt) });
    tokio::join!(
        customers.say("screenshots", "uploaded", uploaded(2)),
        async {
            steps(20).await;
            customers.say("screenshots", "uploaded", uploaded(1)).await;
            is_kept(&agents, SHARP).await;
        }
    );
    is_kept(&agents, SHARP).await;
    is_what_the_log_tells(&agents, picture).await;
}

async fn is_kept(page: &Page<'_>, picture: &[u8]) {
    let state = page.world.state(page.session).await;
    let base = state.pictures[0].base.unwrap();
    assert_eq!(base.digest, Some(digest_of(picture)));
}

/// Finding 8: the place of an upload is free again when it was taken, and its request is good for
/// two minutes. So a second reading may find other bytes.
#[tokio::test]
async fn an_upload_that_is_replaced_between_two_readings_replaces_nothing() {
    let mut replaced = 0;
    for moment in 0..60 {
        let world = World::new();
        let (mut agents, customers) = world.call().await;
        let picture = agents.capture().await;
        let slot = customers
            .slot(sharp(picture, 1), SHARP.len())
            .await
            .unwrap();
        let put = |bytes: &[u8]| {
            let bytes = bytes.to_vec();
            world.memory().put_object(&slot.url, &slot.headers, bytes)
        };
        assert_eq!(put(SHARP), 200);
        let mut other = SHARP.to_vec();
        // A density is the least that makes another picture.
        other[15] = 7;
        let uploaded = || json!({ "n": customers.n, "upload": sharp(picture, 1) });
        world.memory().order(Faults {
            slow_keep_steps: moment,
            ..Faults::default()
        });
        tokio::join!(
            customers.say("screenshots", "uploaded", uploaded()),
            customers.say("screenshots", "uploaded", uploaded()),
            async {
                for _ in 0..60 {
                    steps(1).await;
                    replaced += usize::from(put(&other) == 200);
                }
            }
        );
        world.memory().order(Faults::default());
        let left = world.memory().object_keys().into_iter();
        if left.filter(|key| key.starts_with("incoming/")).count() > 0 {
            // What was put there last waits for the sweep.
            let rest = json!({ "n": customers.n + 1, "upload": sharp(picture, 1) });
            customers.say("screenshots", "uploaded", rest).await;
        }
        is_what_the_log_tells(&agents, picture).await;
    }
    assert!(replaced > 0, "the place was free in between");
}

/// T29: what is sent names the base under its strokes, and a page that drew on another is refused.
#[tokio::test]
async fn a_picture_that_was_drawn_on_another_base_is_not_sent() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    customers.gives(picture).await;
    assert_eq!(agents.put(sent(picture, picture), COMPOSED).await, 200);
    let on =
        |base: &[u8]| json!({ "picture": picture, "through": picture, "base": digest_of(base) });
    let refused = agents
        .command("screenshots", "send", on(QUICK))
        .await
        .refused;
    assert_eq!(refused, Some(Refusal::Malformed));
    assert_eq!(count(&agents, "picture_sent").await, 0);
    let done = agents.command("screenshots", "send", on(SHARP)).await;
    assert_eq!(done.refused, None);
    assert_eq!(count(&agents, "picture_sent").await, 1);
}

#[tokio::test]
async fn a_seat_that_moves_during_an_upload_loses_no_picture() {
    for moment in 0..20 {
        let world = World::new();
        let (mut agents, mut old) = world.call().await;
        let picture = agents.capture().await;
        assert_eq!(old.put(sharp(picture, 1), SHARP).await, 200);
        let (tablet, session) = world.customer().await;
        let mut new = tablet.attached(session, Seat::Customer).await;
        tokio::join!(old.uploaded(sharp(picture, 1)), async {
            steps(moment).await;
            assert_eq!(new.join(true).await.refused, None);
            let seen = new.uploaded(sharp(picture, 1)).await.refused;
            assert!(
                [None, Some(Refusal::NotUploaded)].contains(&seen),
                "{seen:?}"
            );
        });
        if world.state(session).await.pictures[0].base.is_none() {
            new.gives(picture).await;
        }
        assert!(agents.view(base(picture)).await.is_ok(), "{moment}");
        assert_eq!(world.memory().object_keys().len(), 1, "{moment}");
    }
}

/// Finding 18: the cloud had no limit on uploads that wait.
#[tokio::test]
async fn so_many_uploads_are_open_at_a_time_whatever_stores_them() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    customers.gives(picture).await;
    for _ in 0..40 {
        agents.draw(picture).await;
    }
    let state = world.state(agents.session).await;
    assert_eq!(state.uploads, [], "what was taken does not count");
    let most = Rules::default().uploads_max;
    for place in 0..most {
        let slot = agents.slot(sent(picture, picture + place), 10).await;
        assert!(slot.is_ok(), "{place}");
    }
    // The same upload once more counts once.
    assert!(agents.slot(sent(picture, picture), 20).await.is_ok());
    let over = customers.slot(sent(picture, picture + most), 10).await;
    assert_eq!(over.err(), Some(Refusal::LimitReached));
    // A bad one counts on, a good one does not.
    assert_eq!(agents.put(sent(picture, picture), NO_PICTURE).await, 200);
    let refused = agents.send(picture, picture).await.refused;
    assert_eq!(refused, Some(Refusal::BadPicture));
    let over = customers.slot(sent(picture, picture + most), 10).await;
    assert_eq!(over.err(), Some(Refusal::LimitReached));
    agents.sends(picture, picture).await;
    let slot = customers.slot(sent(picture, picture + most), 10).await;
    assert!(slot.is_ok());
    // After ten minutes nothing of them can be left. Their bytes count too.
    world.advance_s(10 * 60);
    let large = UploadBytes::MAX as usize;
    let fit = Rules::default().upload_bytes_max / u64::from(UploadBytes::MAX);
    for place in 0..=u32::try_from(fit).unwrap() {
        let slot = agents.slot(sent(picture, picture + 1 + place), large).await;
        let wanted = (u64::from(place) == fit).then_some(Refusal::LimitReached);
        assert_eq!(slot.err(), wanted, "{place}");
    }
}

#[tokio::test]
async fn trouble_with_a_slot_or_a_link_is_said_as_such() {
    let world = World::new();
    let (mut agents, customers) = world.call().await;
    let picture = agents.capture().await;
    world.memory().order(Faults {
        failed_commits: u32::MAX,
        ..Faults::default()
    });
    // A slot counts, and that cannot be stored.
    let slot = customers.slot(sharp(picture, 1), 10).await;
    assert_eq!(slot.err(), Some(Refusal::Trouble));
    // Looking changes nothing, so a store that takes no commit is no hindrance.
    let link = customers.link(base(picture)).await;
    assert_eq!(link, Err(Refusal::NoPicture));
    world.advance_s(60);
    // Here something is overdue and cannot be stored.
    let link = customers.link(base(picture)).await;
    assert_eq!(link, Err(Refusal::Trouble));
}
