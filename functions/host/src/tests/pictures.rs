//! Pictures from the shutter to the chat, and away again.

use serde_json::json;
use sightline_wire::{EventKind, PageHears, PublicFact, Refusal, ScreenshotsHears, Seat};

use super::camera::{COMPOSED, QUICK, SHARP, base, digest_of, in_chat, quick, sent, sharp};
use super::messages::of_holders;
use super::world::{World, events, kinds, refusal};
use crate::memory::Faults;

#[tokio::test]
async fn a_picture_goes_from_the_shutter_to_both_pages() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let session = agents.session;
    let picture = agents.capture().await;
    assert_eq!(kinds(&events(&customers.heard())), ["capture_asked"]);
    assert_eq!(
        agents.link(base(picture)).await,
        Err(Refusal::NoPicture),
        "not yet"
    );

    assert_eq!(customers.put(sharp(picture, 1), SHARP).await, 200);
    let incoming = format!("incoming/{session}/{picture}-sharp-1");
    assert_eq!(world.memory().object_keys(), [incoming]);
    assert_eq!(customers.uploaded(sharp(picture, 1)).await.refused, None);
    let heard = events(&agents.heard());
    let kept = EventKind::Public(PublicFact::PictureKept {
        picture,
        width: 64,
        height: 48,
        low_resolution: false,
        digest: Some(digest_of(SHARP)),
    });
    assert_eq!(heard.last().map(|event| &event.kind), Some(&kept));
    let stored = format!("pictures/{session}/{picture}-base-{}", digest_of(SHARP));
    assert_eq!(world.memory().object_keys(), std::slice::from_ref(&stored));
    for page in [&agents, &customers] {
        let seen = page.view(base(picture)).await.unwrap();
        assert_eq!(Some(seen), world.memory().object(&stored));
    }
}

#[tokio::test]
async fn two_presses_at_once_make_one_picture_and_the_next_press_another() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let first = agents.capture().await;
    assert_eq!(customers.capture().await, first);
    let closed = customers.about("screenshots", "close", first).await;
    assert_eq!(closed.refused, None);
    assert!(customers.capture().await > first);
    assert_eq!(world.state(agents.session).await.pictures.len(), 2);
}

#[tokio::test]
async fn a_link_is_good_for_five_minutes() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    customers.gives(picture).await;
    let url = agents.link(base(picture)).await.unwrap();
    world.advance_s(5 * 60 - 1);
    assert_eq!(world.memory().get_object(&url).status, 200);
    world.advance_s(1);
    assert_eq!(world.memory().get_object(&url).status, 403);
}

#[tokio::test]
async fn what_was_sent_is_one_object_for_both_and_outlives_the_picture() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    customers.gives(picture).await;
    let through = customers.draw(picture).await;
    agents.heard();
    customers.sends(picture, through).await;
    let heard = events(&agents.heard());
    let sent = EventKind::Public(PublicFact::PictureSent {
        seat: Seat::Customer,
        picture,
        through,
        width: 64,
        height: 48,
        digest: Some(digest_of(COMPOSED)),
        base: Some(digest_of(SHARP)),
    });
    assert_eq!(heard.last().map(|event| &event.kind), Some(&sent));

    assert_eq!(agents.delete(picture).await.refused, None);
    let name = format!("{picture}-sent-{through}-{}", digest_of(COMPOSED));
    let stored = format!("pictures/{}/{name}", agents.session);
    assert_eq!(world.memory().object_keys(), std::slice::from_ref(&stored));
    for page in [&agents, &customers] {
        assert_eq!(page.link(base(picture)).await, Err(Refusal::NoPicture));
        let seen = page.view(in_chat(picture, through)).await.unwrap();
        assert_eq!(Some(seen), world.memory().object(&stored));
        let never = page.link(in_chat(picture, through + 1)).await;
        assert_eq!(never, Err(Refusal::NoPicture));
    }
}

#[tokio::test]
async fn the_same_strokes_sent_by_both_are_sent_once() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    customers.gives(picture).await;
    let through = agents.draw(picture).await;
    // Both have a slot; the second finds the upload there and goes on.
    assert_eq!(customers.put(sent(picture, through), COMPOSED).await, 200);
    assert_eq!(agents.put(sent(picture, through), COMPOSED).await, 412);
    assert_eq!(customers.send(picture, through).await.refused, None);
    assert_eq!(agents.send(picture, through).await.refused, None);
    // One who asks later still goes the same way to the same end, and leaves nothing behind.
    assert_eq!(agents.put(sent(picture, through), COMPOSED).await, 200);
    assert_eq!(agents.send(picture, through).await.refused, None);
    let log = agents.kinds().await;
    assert_eq!(log.iter().filter(|kind| *kind == "picture_sent").count(), 1);
    assert_eq!(world.state(agents.session).await.sent.len(), 1);
    assert_eq!(world.memory().object_keys().len(), 2, "base and sent");
}

#[tokio::test]
async fn deleting_is_answered_when_nothing_is_left_and_trouble_is_repeated() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    customers.gives(picture).await;
    agents.heard();
    world.memory().order(Faults {
        failed_deletes: 3,
        ..Faults::default()
    });
    assert_eq!(
        customers.delete(picture).await.refused,
        Some(Refusal::Trouble)
    );
    // Both are back in the live call all the same.
    assert_eq!(kinds(&events(&agents.heard())), ["picture_deleted"]);
    let state = world.state(agents.session).await;
    assert_eq!((state.board, state.pictures.len()), (None, 0));
    assert_eq!(world.memory().object_keys().len(), 1);

    let rest = json!({ "picture": picture });
    let again = customers.again("screenshots", "delete", rest).await;
    assert_eq!(again.refused, None);
    assert_eq!(world.memory().object_keys().len(), 0);
    // Nothing to remove is no trouble, and nobody hears of it twice. Nothing is looked for either.
    world.memory().order(Faults {
        failed_deletes: u32::MAX,
        ..Faults::default()
    });
    assert_eq!(agents.delete(picture).await.refused, None);
    assert_eq!(customers.heard(), []);
}

#[tokio::test]
async fn a_number_that_was_used_for_something_else_takes_no_picture_away() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    customers.gives(picture).await;
    customers.chat("something else").await;
    let rest = json!({ "picture": picture });
    let repeated = customers.again("screenshots", "delete", rest).await;
    assert_eq!(repeated.refused, None);
    assert!(agents.view(base(picture)).await.is_ok());
    // A refused one does not either.
    assert_eq!(
        customers.delete(9_999).await.refused,
        Some(Refusal::NoPicture)
    );
    assert_eq!(world.memory().object_keys().len(), 1);
}

#[tokio::test]
async fn deleting_takes_uploads_that_could_become_the_picture_with_it() {
    let world = World::new();
    let (mut agents, customers) = world.call().await;
    let picture = agents.capture().await;
    agents.about("screenshots", "capture_again", picture).await;
    assert_eq!(customers.put(sharp(picture, 1), SHARP).await, 200);
    assert_eq!(customers.put(sharp(picture, 2), SHARP).await, 200);
    world.advance_s(7);
    assert_eq!(agents.put(quick(picture), QUICK).await, 200);
    assert_eq!(agents.delete(picture).await.refused, None);
    assert_eq!(world.memory().object_keys().len(), 0);
}

#[tokio::test]
async fn deleting_takes_what_waits_to_be_sent_with_it() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    customers.gives(picture).await;
    let through = agents.draw(picture).await;
    assert_eq!(customers.put(sent(picture, through), COMPOSED).await, 200);
    assert_eq!(agents.put(sent(picture, picture), COMPOSED).await, 200);
    assert_eq!(agents.delete(picture).await.refused, None);
    assert_eq!(world.memory().object_keys().len(), 0);
    let late = customers.send(picture, through).await.refused;
    assert_eq!(late, Some(Refusal::NoPicture));
}

#[tokio::test]
async fn pressing_send_twice_sends_once_whatever_was_said_between() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    customers.gives(picture).await;
    let through = agents.draw(picture).await;
    customers.sends(picture, through).await;
    agents.chat("thank you").await;
    let head = world.state(agents.session).await.head;
    for page in [&mut agents, &mut customers] {
        let slot = page.slot(sent(picture, head), 1_000).await;
        assert_eq!(slot.err(), Some(Refusal::Malformed));
        let later = page.send(picture, head).await.refused;
        assert_eq!(later, Some(Refusal::Malformed));
        page.sends(picture, through).await;
    }
    // Both at once, of what stands by then.
    let through = customers.draw(picture).await;
    assert_eq!(customers.put(sent(picture, through), COMPOSED).await, 200);
    let (one, other) = tokio::join!(
        agents.send(picture, through),
        customers.send(picture, through)
    );
    assert_eq!((one.refused, other.refused), (None, None));
    let log = agents.kinds().await;
    assert_eq!(log.iter().filter(|kind| *kind == "picture_sent").count(), 2);
    assert_eq!(world.memory().object_keys().len(), 3, "base and two sent");
}

#[tokio::test]
async fn what_the_agent_saw_is_no_base_before_the_camera_had_its_time() {
    let world = World::new();
    let (mut agents, customers) = world.call().await;
    let picture = agents.capture().await;
    world.advance_s(5);
    let wait = Some(Refusal::TooSoon { wait_ms: 2_000 });
    assert_eq!(agents.slot(quick(picture), 1_000).await.err(), wait);
    assert_eq!(agents.uploaded(quick(picture)).await.refused, wait);
    world.advance_s(2);
    assert_eq!(agents.put(quick(picture), QUICK).await, 200);
    assert_eq!(agents.uploaded(quick(picture)).await.refused, None);
    assert!(customers.view(base(picture)).await.is_ok());
}

#[tokio::test]
async fn a_guest_and_a_page_that_lost_the_seat_get_no_slot_no_link_and_nothing_read() {
    let world = World::new();
    let (mut agents, mut old) = world.call().await;
    let session = agents.session;
    let picture = agents.capture().await;
    let (tablet, _) = world.customer().await;
    let mut new = tablet.attached(session, Seat::Customer).await;
    assert_eq!(new.join(true).await.refused, None);
    let guest = tablet.attached(session, Seat::Customer).await;
    assert_eq!(new.put(sharp(picture, 1), SHARP).await, 200);
    old.heard();
    let before = world.state(session).await;
    // Any read would fail.
    world.memory().order(Faults {
        failed_reads: u32::MAX,
        failed_deletes: u32::MAX,
        ..Faults::default()
    });
    agents.heard();
    let elsewhere = agents.browser.attached(session, Seat::Agent).await;
    for page in [&mut old, &mut { guest }, &mut { elsewhere }] {
        for (topic, kind, rest) in of_holders(page.n, picture) {
            let numbered = rest.get("n").is_some();
            let mut rest = rest;
            if numbered {
                rest["n"] = page.n.into();
                page.n += 1;
            }
            page.say(topic, kind, rest).await;
            assert_eq!(no(&page.heard()), Some(Refusal::Moved), "{kind}");
        }
    }
    assert_eq!(agents.heard(), []);
    let after = world.state(session).await;
    assert_eq!(
        (after.head, after.pictures, after.board),
        (before.head, before.pictures, before.board)
    );
    // What the holder had uploaded is still there.
    world.memory().order(Faults::default());
    assert_eq!(new.uploaded(sharp(picture, 1)).await.refused, None);
}

#[tokio::test]
async fn nobody_may_do_anything_with_pictures_before_joining() {
    let world = World::new();
    let agent = world.agent().await;
    let session = agent.start_call(1).await;
    let (phone, _) = world.customer().await;
    for (browser, seat) in [(&agent, Seat::Agent), (&phone, Seat::Customer)] {
        let mut page = browser.attached(session, seat).await;
        for (topic, kind, rest) in of_holders(1, 1) {
            // Pointing in a lobby reaches nobody that would show it.
            if kind == "passing" {
                continue;
            }
            let mut rest = rest;
            if rest.get("n").is_some() {
                rest["n"] = page.n.into();
                page.n += 1;
            }
            page.say(topic, kind, rest).await;
            assert_eq!(no(&page.heard()), Some(Refusal::NotJoined), "{kind}");
        }
    }
}

/// The refusal among what was heard, in whichever words it comes.
fn no(heard: &[PageHears]) -> Option<Refusal> {
    let about_pictures = heard.iter().find_map(|hears| match hears {
        PageHears::Screenshots(
            ScreenshotsHears::NoSlot { refusal, .. } | ScreenshotsHears::NoLink { refusal, .. },
        ) => Some(*refusal),
        _ => None,
    });
    about_pictures.or_else(|| refusal(heard))
}

#[tokio::test]
async fn only_the_agent_may_go_on_with_what_they_see_and_only_the_customer_gives_the_sharp_one() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    for (page, upload) in [
        (&mut customers, quick(picture)),
        (&mut agents, sharp(picture, 1)),
    ] {
        let slot = page.slot(upload.clone(), 1_000).await;
        assert_eq!(slot.err(), Some(Refusal::NotYours));
        let refused = page.uploaded(upload).await.refused;
        assert_eq!(refused, Some(Refusal::NotYours));
    }
    let failed = json!({ "picture": picture, "attempt": 1, "why": "in_background" });
    let told = customers
        .command("screenshots", "capture_failed", failed)
        .await;
    assert_eq!(told.refused, None);
    assert_eq!(agents.put(quick(picture), QUICK).await, 200);
    assert_eq!(agents.uploaded(quick(picture)).await.refused, None);
    let heard = events(&customers.heard());
    let kept = EventKind::Public(PublicFact::PictureKept {
        picture,
        width: 64,
        height: 48,
        low_resolution: true,
        digest: Some(digest_of(QUICK)),
    });
    assert_eq!(heard.last().map(|event| &event.kind), Some(&kept));
    assert!(customers.view(base(picture)).await.is_ok());
    // The sharp one comes too late.
    let late = customers.slot(sharp(picture, 1), 1_000).await;
    assert_eq!(late.err(), Some(Refusal::LimitReached));
    assert_eq!(customers.uploaded(sharp(picture, 1)).await.refused, None);
    assert_eq!(agents.delete(picture).await.refused, None);
    assert_eq!(world.memory().object_keys().len(), 0);
}

#[tokio::test]
async fn after_the_end_the_chat_keeps_its_pictures_and_nothing_else_goes_on() {
    let world = World::new();
    let (mut agents, mut customers) = world.call().await;
    let picture = agents.capture().await;
    customers.gives(picture).await;
    agents.sends(picture, picture).await;
    customers.command("session", "end", json!({})).await;
    for page in [&agents, &customers] {
        assert!(page.view(in_chat(picture, picture)).await.is_ok());
        let over = page.link(base(picture)).await;
        assert_eq!(over, Err(Refusal::CallEnded));
        let slot = page.slot(sent(picture, picture), 1_000).await;
        assert_eq!(slot.err(), Some(Refusal::CallEnded));
    }
    assert_eq!(
        agents.delete(picture).await.refused,
        Some(Refusal::CallEnded)
    );
    assert_eq!(world.memory().object_keys().len(), 2);
}
