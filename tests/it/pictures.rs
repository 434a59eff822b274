//! A picture from the request to both pages, to the chat, and to its deletion.

use aws_lc_rs::digest::{SHA256, digest};
use sightline_wire::{Digest, EventKind, Object, PublicFact, Refusal, Seat, Upload};

use crate::page::Page;
use crate::world::{Call, World};

/// A small picture as browsers encode it, 64 by 48.
pub const PICTURE: &[u8] = include_bytes!("../../functions/host/samples/jpeg/baseline.jpg");

/// A picture of the same size as phones encode it, with location, thumbnail and comment.
pub const PHOTO: &[u8] = include_bytes!("../../functions/host/samples/jpeg/photo.jpg");

/// The digest of stored bytes.
pub fn digest_of(stored: &[u8]) -> Digest {
    let hash = digest(&SHA256, stored);
    Digest::from_bytes(hash.as_ref().try_into().unwrap())
}

/// The only stored object and the digest of its bytes.
fn only_object(world: &World) -> (String, Digest) {
    let mut objects = world.objects();
    let (only, rest) = (objects.pop().unwrap(), objects);
    assert_eq!(rest, [""; 0], "one object");
    let bytes = std::fs::read(world.folder().join("objects").join(&only)).unwrap();
    (only, digest_of(&bytes))
}

/// Asks for a slot, uploads and reports it.
pub async fn upload(
    world: &World,
    page: &mut Page,
    upload: Upload,
    bytes: &[u8],
) -> Result<u32, Refusal> {
    let slot = page.slot(upload, bytes.len()).await?;
    assert_eq!(world.put(&slot, bytes.to_vec()).await, 200);
    let done = match upload {
        Upload::Sent { picture, through } => page.send_picture(picture, through).await?,
        Upload::Sharp { .. } | Upload::Quick { .. } => page.uploaded(upload).await?,
    };
    Ok(done.head)
}

/// Takes a picture; returns its number.
pub async fn shoot(world: &World, call: &mut Call) -> u32 {
    let picture = call.agent_page.capture().await.unwrap();
    let sharp = Upload::Sharp {
        picture,
        attempt: 1,
    };
    let head = upload(world, &mut call.customer_page, sharp, PICTURE).await;
    both_have(call, head.unwrap()).await;
    picture
}

pub async fn both_have(call: &mut Call, head: u32) {
    call.agent_page.catch_up(head).await;
    call.customer_page.catch_up(head).await;
}

pub fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn sent_by_agent(what: &EventKind) -> bool {
    let seat = Seat::Agent;
    matches!(what, EventKind::Public(PublicFact::PictureSent { seat: by, .. }) if *by == seat)
}

/// Reads the stored [`PHOTO`] through a link, without its metadata; returns the link.
async fn link_to_photo(world: &World, page: &mut Page, base: Object, file: &str) -> String {
    let link = page.link(base).await.unwrap();
    let answer = world.get(world.path_of(&link)).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "image/jpeg");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    for metadata in [&b"Exif"[..], b"GPSLatitude", b"taken at home"] {
        assert!(contains(PHOTO, metadata) && !contains(&answer.body, metadata));
    }
    let stored = std::fs::read(world.folder().join("objects").join(file)).unwrap();
    assert!(answer.body == stored && answer.body.starts_with(&[0xff, 0xd8]));
    link
}

fn count(page: &Page, wanted: impl Fn(&EventKind) -> bool) -> usize {
    page.log.iter().filter(|event| wanted(&event.kind)).count()
}

/// Uploads [`PHOTO`] as the base of a picture, without reporting it.
async fn upload_photo(world: &World, call: &mut Call, picture: u32) -> Upload {
    let sharp = Upload::Sharp {
        picture,
        attempt: 1,
    };
    let slot = call.customer_page.slot(sharp, PHOTO.len()).await.unwrap();
    let early = call.customer_page.uploaded(sharp).await;
    assert_eq!(early, Err(Refusal::NotUploaded));
    assert_eq!(world.put(&slot, PHOTO).await, 200);
    assert_eq!(world.put(&slot, PHOTO).await, 412, "uploaded already");
    let incoming = format!("incoming/{}/{picture}-sharp-1", call.session);
    assert_eq!(world.objects(), [incoming]);
    let early = call.agent_page.link(Object::Base { picture }).await;
    assert_eq!(early, Err(Refusal::NoPicture), "not checked yet");
    sharp
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_goes_from_the_shutter_to_both_pages_and_to_the_chat() {
    let world = World::start();
    let mut call = world.call().await;
    let session = call.session;

    let (of_agent, of_customer) =
        tokio::join!(call.agent_page.capture(), call.customer_page.capture());
    let picture = of_agent.unwrap();
    assert_eq!(of_customer, Ok(picture), "two presses, one picture");
    let base = Object::Base { picture };
    let early = call.agent_page.link(base).await;
    assert_eq!(early, Err(Refusal::NoPicture), "no picture yet");

    let sharp = upload_photo(&world, &mut call, picture).await;
    let done = call.customer_page.uploaded(sharp).await.unwrap();
    both_have(&mut call, done.head).await;
    let (kept_file, digest) = only_object(&world);
    let kept = |what: &EventKind| {
        let (width, height) = (64, 48);
        *what
            == EventKind::Public(PublicFact::PictureKept {
                picture,
                width,
                height,
                low_resolution: false,
                digest: Some(digest),
            })
    };
    let named = format!("pictures/{session}/{picture}-base-{digest}");
    assert_eq!(kept_file, named);

    let mut links = Vec::new();
    for page in [&mut call.agent_page, &mut call.customer_page] {
        assert_eq!(count(page, kept), 1);
        links.push(link_to_photo(&world, page, base, &kept_file).await);
    }

    call.agent_page.draw(picture, &[1]).await.unwrap();
    let through = call.customer_page.draw(picture, &[2]).await.unwrap().head;
    let composed = Upload::Sent { picture, through };
    let head = upload(&world, &mut call.agent_page, composed, PICTURE).await;
    let again = upload(&world, &mut call.customer_page, composed, PICTURE).await;
    assert_eq!(again, head, "the same strokes are sent once");
    both_have(&mut call, head.unwrap()).await;
    let sent = Object::Sent { picture, through };
    let digest = digest_of(PICTURE);
    let sent_file = format!("pictures/{session}/{picture}-sent-{through}-{digest}");
    let mut sent_link = String::new();
    for page in [&mut call.agent_page, &mut call.customer_page] {
        assert_eq!(count(page, sent_by_agent), 1);
        sent_link = page.link(sent).await.unwrap();
        assert_eq!(world.get(world.path_of(&sent_link)).await.body, PICTURE);
    }
    assert_eq!(world.objects(), [kept_file, sent_file.clone()]);

    // The page that neither took nor sent the picture may delete it; the sent picture stays.
    let done = call.customer_page.delete(picture).await.unwrap();
    assert_eq!(world.objects(), [sent_file], "gone when it is answered");
    both_have(&mut call, done.head).await;
    for page in [&mut call.agent_page, &mut call.customer_page] {
        assert_eq!(page.link(base).await, Err(Refusal::NoPicture));
        assert!(page.link(sent).await.is_ok());
    }
    for link in links {
        let status = world.get(world.path_of(&link)).await.status;
        assert_eq!(status, 404, "a link that was good");
    }
    let still = world.get(world.path_of(&sent_link)).await;
    assert_eq!((still.status, &still.body[..]), (200, PICTURE));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_deleted_before_it_was_sent_leaves_nothing_in_storage() {
    let world = World::start();
    let mut call = world.call().await;

    let picture = shoot(&world, &mut call).await;
    let done = call.agent_page.draw(picture, &[1, 2, 3]).await.unwrap();
    // One page uploads the composed picture, and the other deletes before it is sent.
    let through = done.head;
    let composed = Upload::Sent { picture, through };
    let length = PICTURE.len();
    let slot = call.customer_page.slot(composed, length).await.unwrap();
    assert_eq!(world.put(&slot, PICTURE).await, 200);
    assert_eq!(world.objects().len(), 2);
    call.agent_page.delete(picture).await.unwrap();
    assert_eq!(world.objects(), [""; 0]);
    let late = call.customer_page.send_picture(picture, through).await;
    assert_eq!(late, Err(Refusal::NoPicture));
    let again = call.agent_page.delete(picture).await;
    assert!(again.is_ok(), "gone is gone: {again:?}");
    let reopened = call.agent_page.open_board(picture).await;
    assert_eq!(reopened, Err(Refusal::NoPicture));

    // One upload waits unreported, and another is in progress.
    let picture = call.customer_page.capture().await.unwrap();
    let (attempt, quick) = (1, Upload::Quick { picture });
    let sharp = Upload::Sharp { picture, attempt };
    let late = call.customer_page.slot(sharp, PICTURE.len()).await.unwrap();
    let failed = call.customer_page.capture_failed(picture, attempt).await;
    assert!(failed.is_ok(), "{failed:?}");
    let slot = call.agent_page.slot(quick, PICTURE.len()).await.unwrap();
    assert_eq!(world.put(&slot, PICTURE).await, 200);
    assert_eq!(world.objects().len(), 1);
    call.customer_page.delete(picture).await.unwrap();
    assert_eq!(world.objects(), [""; 0]);
    let told = call.agent_page.uploaded(quick).await;
    assert_eq!(told, Err(Refusal::NoPicture));
    assert_eq!(world.put(&late, PICTURE).await, 403, "signed before");
    let told = call.customer_page.uploaded(sharp).await;
    assert_eq!(told, Err(Refusal::NoPicture));
    assert_eq!(world.objects(), [""; 0], "what came late is gone too");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_agents_quick_frame_is_a_base_too_and_the_first_base_stays() {
    let world = World::start();
    let mut call = world.call().await;
    let picture = call.agent_page.capture().await.unwrap();
    let (attempt, quick) = (1, Upload::Quick { picture });
    let sharp = Upload::Sharp { picture, attempt };
    let not_yours = call.agent_page.slot(sharp, 9).await.unwrap_err();
    assert_eq!(not_yours, Refusal::NotYours);
    let not_yours = call.customer_page.slot(quick, 9).await.unwrap_err();
    assert_eq!(not_yours, Refusal::NotYours);
    let early = call.agent_page.slot(quick, 9).await.unwrap_err();
    let is_early = matches!(early, Refusal::TooSoon { wait_ms: 1..=7_000 });
    assert!(is_early, "the camera has its time: {early}");
    for _ in 0..2 {
        let told = call.customer_page.capture_failed(picture, attempt).await;
        assert!(told.is_ok(), "{told:?}");
    }
    let stroke = call.customer_page.draw(picture, &[7]).await.unwrap();

    let late = call.customer_page.slot(sharp, PICTURE.len()).await.unwrap();
    let head = upload(&world, &mut call.agent_page, quick, PICTURE).await;
    assert_eq!(world.put(&late, PICTURE).await, 403, "it has its base");
    let head = head.unwrap().max(stroke.head);
    let done = call.customer_page.uploaded(sharp).await;
    assert_eq!(done.map(|done| done.head), Ok(head), "nothing follows");
    both_have(&mut call, head).await;
    for page in [&mut call.agent_page, &mut call.customer_page] {
        let kept =
            |what: &EventKind| matches!(what, EventKind::Public(PublicFact::PictureKept { .. }));
        let low = |what: &EventKind| {
            matches!(
                what,
                EventKind::Public(PublicFact::PictureKept {
                    low_resolution: true,
                    ..
                })
            )
        };
        assert_eq!((count(page, kept), count(page, low)), (1, 1));
        let failed =
            |what: &EventKind| matches!(what, EventKind::Public(PublicFact::CaptureFailed { .. }));
        assert_eq!(count(page, failed), 1, "told once");
        let drawn = |what: &EventKind| matches!(what, EventKind::Public(PublicFact::Drawn { .. }));
        assert_eq!(count(page, drawn), 1, "made meanwhile, and stays");
        let link = page.link(Object::Base { picture }).await.unwrap();
        assert_eq!(world.get(world.path_of(&link)).await.body, PICTURE);
    }
    assert_eq!(world.objects().len(), 1, "{:?}", world.objects());
    call.agent_page.delete(picture).await.unwrap();
    assert_eq!(world.objects(), [""; 0]);
}
