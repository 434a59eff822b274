//! Attacks on uploads and links. The contract suite, whose clock can be moved, shows that requests
//! expire; these tests alter the expiry in the address.

use hyper::Method;
use serde_json::json;
use sightline_wire::{Object, Refusal, Upload, UploadBytes};

use crate::http::ask;
use crate::page::Slot;
use crate::pictures::{PHOTO, PICTURE, both_have, contains, digest_of, shoot, upload};
use crate::world::World;

/// A slot with a length, type or condition other than the signed one.
fn with_header(slot: &Slot, name: &str, value: &str) -> Slot {
    let mut slot = slot.clone();
    for (known, old) in &mut slot.headers {
        if known == name {
            value.clone_into(old);
        }
    }
    slot
}

fn without_header(slot: &Slot, name: &str) -> Slot {
    let mut slot = slot.clone();
    slot.headers.retain(|(known, _)| known != name);
    slot
}

fn at(slot: &Slot, url: String) -> Slot {
    let headers = slot.headers.clone();
    Slot { url, headers }
}

/// The address with the first character of each parameter changed, one at a time, and with each
/// parameter removed.
fn altered(url: &str) -> Vec<String> {
    let (path, query) = url.split_once('?').expect("a signed address");
    let parameters: Vec<_> = query.split('&').collect();
    let mut all = vec![path.to_owned(), format!("{path}?")];
    for (place, parameter) in parameters.iter().enumerate() {
        let (name, value) = parameter.split_once('=').expect("a value");
        let other = if value.starts_with('1') { '2' } else { '1' };
        let far = format!("{name}={}", "9".repeat(value.len()));
        let near = format!("{name}={other}{}", &value[1..]);
        for changed in [Some(far), Some(near), None] {
            let mut parameters: Vec<_> = parameters.iter().map(|&own| own.to_owned()).collect();
            parameters.splice(place..=place, changed);
            all.push(format!("{path}?{}", parameters.join("&")));
        }
    }
    all
}

async fn other_methods_are_refused(world: &World, slot: &Slot) {
    for method in [Method::POST, Method::PATCH, Method::DELETE, Method::GET] {
        let path = world.path_of(&slot.url);
        let answer = ask(world.base(), method.clone(), path, &[], PICTURE).await;
        let status = answer.unwrap().status;
        assert!(matches!(status, 403..=405), "{status} for {method}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_upload_permits_only_what_was_signed() {
    let world = World::start();
    let mut call = world.call().await;
    let other = world.call().await;
    let picture = call.agent_page.capture().await.unwrap();
    let attempt = 1;
    let sharp = Upload::Sharp { picture, attempt };
    let length = PICTURE.len();
    let slot = call.customer_page.slot(sharp, length).await.unwrap();

    let longer = [PICTURE, b"!"].concat();
    for body in [&longer, &PICTURE[1..], b"", &vec![0; 9 * 1024 * 1024]] {
        // A client that is refused while it sends may find the connection closed.
        let status = world.try_put(&slot, body.to_vec()).await;
        assert!(
            matches!(status, None | Some(403)),
            "{} {status:?}",
            body.len()
        );
    }
    for kind in ["image/png", "image/svg+xml", "text/html", "image/jpeg;x=y"] {
        let slot = with_header(&slot, "content-type", kind);
        assert_eq!(world.put(&slot, PICTURE).await, 403, "{kind}");
    }
    for name in ["content-type", "if-none-match"] {
        assert_eq!(world.put(&without_header(&slot, name), PICTURE).await, 403);
    }
    for url in altered(&slot.url) {
        let status = world.put(&at(&slot, url.clone()), PICTURE).await;
        assert!(matches!(status, 400 | 403 | 404), "{status} for {url}");
    }
    let (own, others) = (call.session.to_string(), other.session.to_string());
    for (from, to) in [
        (&*own, &*others),
        ("sharp-1", "sharp-2"),
        ("-sharp-1", "-quick"),
        ("incoming", "pictures"),
        ("incoming", "drafts"),
        ("incoming", "incoming/.."),
        ("-sharp-1", "-sharp-1/../x"),
    ] {
        assert!(slot.url.contains(from), "the address shows its key");
        let url = slot.url.replacen(from, to, 1);
        let status = world.put(&at(&slot, url.clone()), PICTURE).await;
        assert!(
            matches!(status, 400 | 403 | 404 | 405),
            "{status} for {url}"
        );
    }
    other_methods_are_refused(&world, &slot).await;
    assert_eq!(world.objects(), [""; 0], "nothing is stored");
    let answer = call.customer_page.uploaded(sharp).await;
    assert_eq!(answer, Err(Refusal::NotUploaded));

    assert_eq!(world.put(&slot, PICTURE).await, 200, "it was good");
    assert_eq!(world.put(&slot, &PHOTO[..length]).await, 412, "only once");
    let done = call.customer_page.uploaded(sharp).await.unwrap();
    both_have(&mut call, done.head).await;

    for bytes in [0, i64::from(UploadBytes::MAX) + 1, 1 << 40, -1] {
        let slot = json!({ "topic": "screenshots", "type": "slot", "bytes": bytes,
            "upload": { "kind": "quick", "picture": picture } });
        let refusal = call.agent_page.blunder(slot).await;
        assert_eq!(refusal, Refusal::Malformed, "{bytes} bytes");
    }
    let link = call.agent_page.link(Object::Base { picture }).await;
    assert_eq!(world.get(world.path_of(&link.unwrap())).await.body, PICTURE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pictures_need_a_link_and_a_link_shows_one_picture() {
    let world = World::start();
    let mut call = world.call().await;
    let first = shoot(&world, &mut call).await;
    call.agent_page.close_board(first).await.unwrap();
    let second = shoot(&world, &mut call).await;
    let quick = Upload::Quick { picture: second };
    let refused = call.agent_page.slot(quick, 9).await.unwrap_err();
    assert_eq!(refused, Refusal::LimitReached, "a picture has one base");
    call.agent_page.close_board(second).await.unwrap();
    let picture = call.agent_page.capture().await.unwrap();
    let waiting = Upload::Quick { picture };
    let failed = call.customer_page.capture_failed(picture, 1).await;
    assert!(failed.is_ok(), "{failed:?}");
    let slot = call.agent_page.slot(waiting, PICTURE.len()).await.unwrap();
    assert_eq!(world.put(&slot, PICTURE).await, 200);

    let session = call.session;
    let link = call.agent_page.link(Object::Base { picture: first }).await;
    let link = link.unwrap();
    let path = world.path_of(&link).to_owned();
    assert_eq!(world.get(&path).await.status, 200);
    let (bare, query) = path.split_once('?').expect("a signed address");
    let digest = digest_of(PICTURE);
    let own = format!("pictures/{session}/{first}-base-{digest}");
    assert!(bare.ends_with(&own), "the address shows its key");
    let root = bare.strip_suffix(&own).unwrap().to_owned();

    let mut tries = altered(&path);
    tries.push(world.path_of(&slot.url).to_owned());
    for key in [
        format!("pictures/{session}/{second}-base-{digest}"),
        format!("pictures/{session}/{first}-base-{digest}/"),
        format!("pictures/{session}/0{first}-base-{digest}"),
        format!("pictures/{session}/./{first}-base-{digest}"),
        format!("pictures/{session}/%2e/{first}-base-{digest}"),
        format!("pictures/x/../{session}/{first}-base-{digest}"),
        format!("pictures/{session}/"),
        "pictures/".to_owned(),
        String::new(),
        format!("incoming/{session}/{picture}-quick"),
        "sightline.redb".to_owned(),
        "../sightline.redb".to_owned(),
        "pictures/../../sightline.redb".to_owned(),
        "pictures/..%2f..%2fsightline.redb".to_owned(),
        "%2e%2e/sightline.redb".to_owned(),
        "..%5csightline.redb".to_owned(),
        "pictures//etc/passwd".to_owned(),
        format!("pictures/{session}/../../../sightline.redb"),
        format!("pictures/{session}/{first}-base-{digest}%00"),
    ] {
        for query in ["", &format!("?{query}")] {
            tries.push(format!("{root}{key}{query}"));
        }
    }
    for path in tries {
        let answer = world.get(&path).await;
        assert!(
            matches!(answer.status, 400..=405),
            "{} {path}",
            answer.status
        );
        let shown = answer.body.starts_with(&[0xff, 0xd8]) || contains(&answer.body, b"redb");
        assert!(!shown, "nothing is shown at {path}");
    }
    assert_eq!(world.get(&path).await.body, PICTURE, "it was good");
}

/// Files that are not acceptable pictures, by name.
fn bad_pictures() -> Vec<(&'static str, Vec<u8>)> {
    let frame = PICTURE.windows(2).position(|two| two == [0xff, 0xc0]);
    let frame = frame.unwrap();
    let sized = |height: u16, width: u16| {
        let mut sized = PICTURE.to_vec();
        sized[frame + 5..frame + 7].copy_from_slice(&height.to_be_bytes());
        sized[frame + 7..frame + 9].copy_from_slice(&width.to_be_bytes());
        sized
    };
    let mut arithmetic = PICTURE.to_vec();
    arithmetic[frame + 1] = 0xc9;
    let svg = "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let page = "<!doctype html><script>alert(1)</script>";
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0";
    vec![
        ("svg", svg.into()),
        ("html", page.into()),
        ("png", png.to_vec()),
        ("gif", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec()),
        ("one byte", vec![0xff]),
        (
            "html after the first marker",
            [&PICTURE[..2], page.as_bytes()].concat(),
        ),
        ("60,000 by 60,000", sized(60_000, 60_000)),
        ("12 million and some", sized(3_001, 4_000)),
        ("no height", sized(0, 64)),
        ("no width", sized(48, 0)),
        ("arithmetic", arithmetic),
        ("half", PICTURE[..PICTURE.len() / 2].to_vec()),
        ("all but the end", PICTURE[..PICTURE.len() - 1].to_vec()),
        ("8 MiB of nothing", vec![0xff; UploadBytes::MAX as usize]),
    ]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_that_are_not_pictures_are_refused_and_the_call_goes_on() {
    let world = World::start();
    let mut call = world.call().await;
    let picture = call.customer_page.capture().await.unwrap();
    let attempt = 1;
    let sharp = Upload::Sharp { picture, attempt };
    let before = call.customer_page.head();
    for (name, bytes) in bad_pictures() {
        let told = upload(&world, &mut call.customer_page, sharp, &bytes).await;
        assert_eq!(told, Err(Refusal::BadPicture), "{name}");
        assert_eq!(world.objects(), [""; 0], "{name} leaves nothing");
    }
    let said = call.customer_page.say("still here").await.unwrap();
    assert_eq!(said.head, before + 1, "nothing else happened");

    // A photo is accepted, without its metadata and without the archive after its end.
    let jar = b"PK\x03\x04\x14\0META-INF/MANIFEST.MF PK\x05\x06";
    let bytes = [PHOTO, jar].concat();
    let told = upload(&world, &mut call.customer_page, sharp, &bytes).await;
    both_have(&mut call, told.unwrap()).await;
    let [stored] = &world.objects()[..] else {
        panic!("one file: {:?}", world.objects());
    };
    let stored = std::fs::read(world.folder().join("objects").join(stored)).unwrap();
    for part in [&b"Exif"[..], b"GPSLatitude", b"taken at home", b"PK\x03"] {
        assert!(contains(&bytes, part) && !contains(&stored, part));
    }
    assert!(stored.ends_with(&[0xff, 0xd9]));

    // Pictures for the chat get the same check.
    let through = picture;
    let sent = Upload::Sent { picture, through };
    for (name, bytes) in bad_pictures().into_iter().take(2) {
        let told = upload(&world, &mut call.agent_page, sent, &bytes).await;
        assert_eq!(told, Err(Refusal::BadPicture), "{name}");
    }
    assert_eq!(world.objects().len(), 1);
    assert_eq!((call.agent_page.dials, call.customer_page.dials), (1, 1));
}
