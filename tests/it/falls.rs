//! `kill -9`, and a full disk, while two people share pictures.

use std::time::Duration;

use sightline_wire::{Event, EventKind, Object, PublicFact, Refusal, Upload};

use crate::disk::limit;
use crate::page::Page;
use crate::pictures::{PICTURE, both_have, digest_of, shoot};
use crate::world::{Call, World};

const ROUNDS: u32 = 16;

/// The newest picture with an open board in this page's log.
fn open_board(page: &Page) -> Option<u32> {
    let mut open = None;
    for event in &page.log {
        match event.kind {
            EventKind::Public(PublicFact::CaptureAsked { .. }) => open = Some(event.seq),
            EventKind::Public(PublicFact::BoardOpened { picture, .. }) => open = Some(picture),
            EventKind::Public(PublicFact::BoardClosed { .. })
            | EventKind::Public(PublicFact::PictureDeleted { .. }) => open = None,
            _ => {}
        }
    }
    open
}

/// Draws on whichever board is open; returns the marks of acknowledged strokes.
async fn draw_on(page: &mut Page, first_mark: u32) -> Vec<u32> {
    let mut acked = Vec::new();
    for mark in (first_mark..).take(12) {
        let head = page.say(".").await.unwrap().head;
        page.catch_up(head).await;
        if let Some(picture) = open_board(page) {
            match page.draw(picture, &[mark]).await {
                Ok(_) => acked.push(mark),
                Err(refusal) => assert_eq!(refusal, Refusal::BoardClosed),
            }
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    acked
}

/// Takes a picture despite failures, like a page: with a new slot for each try.
async fn take(base: &Uploader, page: &mut Page, first_mark: u32) -> (u32, Vec<u32>) {
    let picture = page.capture().await.unwrap();
    let attempt = 1;
    let upload = Upload::Sharp { picture, attempt };
    let marks: Vec<_> = (first_mark..).take(8).collect();
    let (before, after) = marks.split_at(3);
    for &mark in before {
        page.draw(picture, &[mark]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    loop {
        let slot = page.slot(upload, PICTURE.len()).await.unwrap();
        if matches!(base.put(&slot).await, Some(200 | 412)) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    page.uploaded(upload).await.unwrap();
    for &mark in after {
        page.draw(picture, &[mark]).await.unwrap();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    page.close_board(picture).await.unwrap();
    (picture, marks)
}

/// Uploads while the server is killed and restarted on the same ports.
struct Uploader(String);

impl Uploader {
    async fn put(&self, slot: &crate::page::Slot) -> Option<u16> {
        let headers = slot.headers.iter();
        let headers: Vec<_> = headers.map(|(name, value)| (&**name, &**value)).collect();
        let path = slot.url.strip_prefix(&self.0).unwrap_or(&slot.url);
        let method = hyper::Method::PUT;
        let answer = crate::http::ask(&self.0, method, path, &headers, PICTURE).await;
        answer.ok().map(|answer| answer.status)
    }
}

fn marks(log: &[Event]) -> Vec<u32> {
    let marks = log.iter().filter_map(|event| match &event.kind {
        EventKind::Public(PublicFact::Drawn { stroke, .. }) => Some(stroke.mark),
        _ => None,
    });
    let mut marks: Vec<_> = marks.collect();
    marks.sort_unstable();
    marks
}

/// Both pages can read these pictures.
async fn both_see(world: &World, call: &mut Call, pictures: &[u32]) {
    for &picture in pictures {
        for page in [&mut call.agent_page, &mut call.customer_page] {
            let link = page.link(Object::Base { picture }).await.unwrap();
            let answer = world.get(world.path_of(&link)).await;
            assert_eq!((answer.status, &answer.body[..]), (200, PICTURE));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strokes_and_pictures_that_were_acknowledged_outlive_kill_9() {
    let mut world = World::start();
    let mut call = world.call().await;
    let base = Uploader(world.base().to_owned());
    let (mut acked, mut pictures) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let (agent, customer) = (&mut call.agent_page, &mut call.customer_page);
        let both = async {
            tokio::join!(
                draw_on(agent, round * 100),
                take(&base, customer, round * 100 + 50)
            )
        };
        let fall = async {
            // At any point in the course of a picture.
            let pause_ms = u64::from(round) * 53 % 190;
            tokio::time::sleep(Duration::from_millis(pause_ms)).await;
            world.kill();
            world.restart();
        };
        let ((of_agent, (picture, of_customer)), ()) = tokio::join!(both, fall);
        acked.extend(of_agent);
        acked.extend(of_customer);
        pictures.push(picture);
    }

    let log = world.log(&call.agent, call.session).await;
    assert!(log.iter().map(|event| event.seq).eq(1..=log.len() as u32));
    both_have(&mut call, log.len() as u32).await;
    acked.sort_unstable();
    assert_eq!(
        marks(&log),
        acked,
        "each acknowledged stroke once, and no other"
    );
    assert!(acked.len() > pictures.len(), "both drew");
    let kept = log.iter().filter_map(|event| match event.kind {
        EventKind::Public(PublicFact::PictureKept { picture, .. }) => Some(picture),
        _ => None,
    });
    assert!(kept.eq(pictures.iter().copied()), "each picture once");
    both_see(&world, &mut call, &pictures).await;
    let session = call.session;
    let mut files: Vec<_> = pictures
        .iter()
        .map(|picture| format!("pictures/{session}/{picture}-base-{}", digest_of(PICTURE)))
        .collect();
    files.sort();
    assert_eq!(world.objects(), files, "and nothing else is left");
    println!(
        "{ROUNDS} times kill -9, {} acknowledged strokes, {} pictures",
        acked.len(),
        pictures.len()
    );

    // Deleting survives a kill, too.
    for &picture in &pictures {
        call.agent_page.delete(picture).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    world.kill();
    world.restart();
    assert_eq!(world.objects(), [""; 0]);
    let base = Object::Base {
        picture: pictures[0],
    };
    let gone = call.agent_page.link(base).await;
    assert_eq!(gone, Err(Refusal::NoPicture));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deletion_cut_off_anywhere_is_finished_when_the_page_repeats_it() {
    let mut world = World::start();
    let mut call = world.call().await;
    for round in 0..8 {
        let picture = shoot(&world, &mut call).await;
        assert_eq!(world.objects().len(), 1);
        let page = &mut call.agent_page;
        let fall = async {
            tokio::time::sleep(Duration::from_micros(round * 900)).await;
            world.kill();
            world.restart();
        };
        let (done, ()) = tokio::join!(page.delete(picture), fall);
        done.unwrap();
        assert_eq!(world.objects(), [""; 0], "round {round}");
    }
}

/// A grey picture of at least so many bytes. Each value of each block has a code of one bit and
/// seven bits of its own.
fn large(bytes: usize) -> Vec<u8> {
    let rows = bytes.div_ceil(512 * 64);
    let [high, low] = u16::try_from(8 * rows).unwrap().to_be_bytes();
    let table = |kind| [&[0xff, 0xc4, 0, 20, kind, 1][..], &[0; 15], &[7]].concat();
    [
        &[0xff, 0xd8, 0xff, 0xdb, 0, 67, 0][..],
        &[1; 64],
        &[0xff, 0xc0, 0, 11, 8, high, low, 0x10, 0, 1, 1, 0x11, 0],
        &table(0),
        &table(0x10),
        &[0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0],
        &vec![0; rows * 512 * 64],
        &[0xff, 0xd9],
    ]
    .concat()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_uploads_and_pictures_and_heals_when_there_is_room() {
    let world = World::start();
    let mut call = world.call().await;
    let before = shoot(&world, &mut call).await;
    call.agent_page.draw(before, &[1]).await.unwrap();
    call.agent_page.close_board(before).await.unwrap();
    let picture = call.customer_page.capture().await.unwrap();
    let attempt = 1;
    let sharp = Upload::Sharp { picture, attempt };
    let database = std::fs::metadata(world.folder().join("sightline.redb")).unwrap();
    let bytes = large(database.len() as usize);
    let slot = call.customer_page.slot(sharp, bytes.len()).await.unwrap();
    if !limit(&world, &database.len().to_string()) {
        println!("not shown here: `prlimit` is not to be had");
        return;
    }

    let objects = world.objects();
    for _ in 0..3 {
        let status = world.put(&slot, bytes.clone()).await;
        assert!(matches!(status, 500..=599), "{status}");
        assert_eq!(world.objects(), objects, "nothing by half");
    }
    let told = call.customer_page.uploaded(sharp).await;
    assert_eq!(told, Err(Refusal::NotUploaded));
    let page = &mut call.customer_page;
    let link = page.link(Object::Base { picture: before }).await.unwrap();
    assert_eq!(world.get(world.path_of(&link)).await.body, PICTURE);

    assert!(limit(&world, "unlimited"));
    assert_eq!(world.put(&slot, bytes.clone()).await, 200, "healed");
    assert!(limit(&world, &database.len().to_string()));
    // The page repeats its number until the store recovers; no page hears of a picture until then.
    let pictures = world.objects();
    let heal = async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert_eq!(world.objects(), pictures, "nothing by half");
        assert!(limit(&world, "unlimited"));
    };
    let (told, ()) = tokio::join!(call.customer_page.uploaded(sharp), heal);
    both_have(&mut call, told.unwrap().head).await;
    let kept = |event: &&Event| {
        matches!(
            event.kind,
            EventKind::Public(PublicFact::PictureKept { .. })
        )
    };
    assert_eq!(call.agent_page.log.iter().filter(kept).count(), 2);
    let link = call.agent_page.link(Object::Base { picture }).await;
    let answer = world.get(world.path_of(&link.unwrap())).await;
    assert!(answer.body == bytes, "all of it");
    assert_eq!(marks(&call.customer_page.log), [1]);
    call.agent_page.draw(picture, &[2]).await.unwrap();
    assert_eq!(
        (call.agent_page.dials, call.customer_page.dials),
        (1, 1),
        "both sockets lived through it"
    );
}
