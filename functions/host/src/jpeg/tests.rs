//! Files as browsers, phones and libraries write them, and files that are no pictures.

mod contents;
mod encoder;
mod profiles;

use std::ops::Range;
use std::time::{Duration, Instant};

use sightline_wire::{PICTURE_PIXELS_MAX, PICTURE_SIDE_MAX};

use super::*;
use encoder::Plan;

const BASELINE: &[u8] = include_bytes!("../../samples/jpeg/baseline.jpg");
const PROGRESSIVE: &[u8] = include_bytes!("../../samples/jpeg/progressive.jpg");
const RESTARTS: &[u8] = include_bytes!("../../samples/jpeg/restarts.jpg");
const GREY: &[u8] = include_bytes!("../../samples/jpeg/grey.jpg");
/// With a profile as libraries write it.
const PROFILE: &[u8] = include_bytes!("../../samples/jpeg/profile.jpg");
/// As Chromium writes a canvas in its two colour spaces.
const CHROMIUM_SRGB: &[u8] = include_bytes!("../../samples/jpeg/chromium-srgb.jpg");
const CHROMIUM_P3: &[u8] = include_bytes!("../../samples/jpeg/chromium-p3.jpg");
/// As a phone writes it: a place and a thumbnail in EXIF, XMP, a comment, and a profile.
const PHOTO: &[u8] = include_bytes!("../../samples/jpeg/photo.jpg");

const PLAIN: [(&str, &[u8]); 4] = [
    ("baseline", BASELINE),
    ("progressive", PROGRESSIVE),
    ("restarts", RESTARTS),
    ("grey", GREY),
];

/// Where the segments of a file stand, with their markers; a scan's data belongs to its header.
/// Written without the code under test.
fn segments(bytes: &[u8]) -> Vec<(u8, Range<usize>)> {
    let (mut found, mut at) = (Vec::new(), 2);
    loop {
        let marker = bytes[at + 1];
        if marker == EOI {
            assert_eq!(at + 2, bytes.len(), "nothing follows");
            return found;
        }
        let mut end = at + 2 + usize::from(bytes[at + 2]) * 256 + usize::from(bytes[at + 3]);
        if marker == SOS {
            while bytes[end] != MARK || matches!(bytes[end + 1], 0 | RST0..=RST7) {
                end += 1;
            }
        }
        found.push((marker, at..end));
        at = end;
    }
}

fn markers(bytes: &[u8]) -> Vec<u8> {
    segments(bytes).iter().map(|(marker, _)| *marker).collect()
}

fn segment(marker: u8, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    write(&mut out, marker, body);
    out
}

/// The baseline picture with something between its first marker and the rest.
fn opened_with(more: &[u8]) -> Vec<u8> {
    [&BASELINE[..2], more, &BASELINE[2..]].concat()
}

/// A picture with the first segment of a kind replaced.
fn replaced(of: &[u8], marker: u8, by: &[u8]) -> Vec<u8> {
    let segments = segments(of);
    let found = segments.iter().find(|(found, _)| *found == marker);
    let place = found.unwrap().1.clone();
    [&of[..place.start], by, &of[place.end..]].concat()
}

/// A picture with the body of its first segment of a kind changed.
fn altered(of: &[u8], marker: u8, change: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let segments = segments(of);
    let found = segments.iter().find(|(found, _)| *found == marker);
    let place = found.unwrap().1.clone();
    let (body, data) = next_body(&of[place.start + 2..place.end]).unwrap();
    let mut body = body.to_vec();
    change(&mut body);
    replaced(of, marker, &[&segment(marker, &body), data].concat())
}

fn sized(width: u16, height: u16) -> Vec<u8> {
    altered(BASELINE, SOF0, |body| {
        body[1..3].copy_from_slice(&height.to_be_bytes());
        body[3..5].copy_from_slice(&width.to_be_bytes());
    })
}

fn profile(number: u8, count: u8, data: &[u8]) -> Vec<u8> {
    let body = [b"ICC_PROFILE\0", &[number, count][..], data].concat();
    segment(APP2, &body)
}

/// The profile in a picture that has one chunk of it.
fn profile_of(bytes: &[u8]) -> Vec<u8> {
    let segments = segments(bytes);
    let mut chunks = segments.iter().filter(|(marker, _)| *marker == APP2);
    let place = chunks.next().expect("a profile").1.clone();
    assert!(chunks.next().is_none(), "one chunk");
    let body = &bytes[place.start + 4..place.end];
    body.strip_prefix(b"ICC_PROFILE\0\x01\x01")
        .unwrap()
        .to_vec()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[track_caller]
fn rejected(bytes: &[u8], why: Rejected) {
    assert_eq!(accept(bytes).unwrap_err(), why);
}

#[test]
fn pictures_as_browsers_write_them_are_kept_as_they_are() {
    for (name, sample) in PLAIN {
        let accepted = accept(sample).unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_eq!((accepted.width, accepted.height), (64, 48), "{name}");
        assert!(accepted.bytes == sample, "{name} is changed");
    }
    assert!(markers(PROGRESSIVE).iter().filter(|&&m| m == SOS).count() > 5);
    assert!(contains(RESTARTS, &[MARK, RST7]) && !contains(BASELINE, &[MARK, RST0]));
}

#[test]
fn what_is_no_jpeg_is_rejected() {
    let webp = b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\x30\x01\0\x9d\x01\x2a\x01\0\x01\0";
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    for bytes in [
        &b""[..],
        &[MARK],
        &BASELINE[1..],
        svg,
        b"\xef\xbb\xbf<svg/>",
        b"<!doctype html><script>alert(1)</script>",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0",
        b"\x89PNG\r\n\x1a\n<!doctype html><script>alert(1)</script>",
        b"GIF89a\x01\0\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\0;",
        webp,
        b"PK\x03\x04",
        b"%PDF-1.7",
        b"BM",
    ] {
        rejected(bytes, Rejected::NotJpeg);
    }
    // The first bytes alone make no picture.
    let start = &[MARK, SOI][..];
    rejected(&[start, svg].concat(), Rejected::Malformed);
    rejected(&[start, &[MARK, EOI]].concat(), Rejected::Malformed);
    rejected(&[start, &[0; 64]].concat(), Rejected::Malformed);
    // Two pictures in a row, the second inside the first.
    rejected(&[start, BASELINE].concat(), Rejected::Malformed);
    rejected(&replaced(BASELINE, DHT, &[MARK, SOI]), Rejected::Malformed);
}

#[test]
fn a_picture_cut_short_anywhere_is_rejected() {
    for (name, sample) in PLAIN.into_iter().chain([("photo", PHOTO)]) {
        for bytes in 2..sample.len() {
            let cut = accept(&sample[..bytes]);
            assert_eq!(cut, Err(Rejected::Truncated), "{name} at {bytes}");
        }
    }
}

#[test]
fn a_picture_may_have_12_million_pixels_and_none_on_no_side() {
    let edge = u16::try_from(PICTURE_PIXELS_MAX / 3_000).unwrap();
    let side = PICTURE_SIDE_MAX;
    for (width, height) in [
        (3_000, edge),
        (edge, 3_000),
        (3_464, 3_464),
        (1, side),
        (side, 1),
    ] {
        let accepted = accept(&Plan::flat(width, height).encoded()).unwrap();
        assert_eq!((accepted.width, accepted.height), (width, height));
    }
    // One pixel more than allowed has no two sides of 16 bits.
    rejected(&sized(3_464, 3_465), Rejected::TooLarge);
    rejected(&sized(3_001, edge), Rejected::TooLarge);
    rejected(&sized(3_000, edge + 1), Rejected::TooLarge);
    rejected(&sized(60_000, 60_000), Rejected::TooLarge);
    // 28: longer than a canvas can be.
    rejected(&sized(1, side + 1), Rejected::TooLarge);
    rejected(&sized(side + 1, 1), Rejected::TooLarge);
    rejected(&sized(65_535, 183), Rejected::TooLarge);
    rejected(&sized(183, 65_535), Rejected::TooLarge);
    rejected(&sized(65_535, 65_535), Rejected::TooLarge);
    for (width, height) in [(0, 48), (64, 0), (0, 0), (0, 65_535)] {
        rejected(&sized(width, height), Rejected::Malformed);
    }
    // The number of lines, told after the first scan.
    let end = BASELINE.len() - 2;
    let told = segment(0xdc, &48_u16.to_be_bytes());
    let late = [&BASELINE[..end], &told, &BASELINE[end..]].concat();
    rejected(&late, Rejected::Malformed);
}

#[test]
fn whatever_follows_the_picture_is_dropped() {
    let jar = b"PK\x03\x04\x14\0\0\0META-INF/MANIFEST.MFPK\x05\x06";
    for (name, sample) in PLAIN {
        for tail in [&jar[..], b"<script>alert(1)</script>", BASELINE, &[0; 4096]] {
            let accepted = accept(&[sample, tail].concat()).unwrap();
            assert!(accepted.bytes == sample, "{name}");
        }
    }
    assert!(!contains(BASELINE, b"PK"));
}

#[test]
fn a_photo_loses_all_metadata() {
    for word in [&b"Exif"[..], b"GPSLatitude", b"taken at home", b"II*\0"] {
        assert!(contains(PHOTO, word));
    }
    let accepted = accept(PHOTO).unwrap();
    for word in [&b"Exif"[..], b"GPSLatitude", b"taken at home", b"II*\0"] {
        assert!(!contains(&accepted.bytes, word), "{word:?}");
    }
    for (marker, place) in segments(&accepted.bytes) {
        let body = &accepted.bytes[place.start + 4..place.end];
        match marker {
            APP0 => assert_eq!(body, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
            APP2 => assert!(body.starts_with(b"ICC_PROFILE\0\x01\x01")),
            _ => assert!(matches!(marker, DQT | DHT | SOF0 | SOS), "{marker:x}"),
        }
    }
    let kept = |of| markers(of).into_iter().filter(|&m| m != APP1 && m != COM);
    assert!(markers(&accepted.bytes).into_iter().eq(kept(PHOTO)));
}

#[test]
fn every_kind_of_metadata_is_dropped_wherever_it_stands() {
    for marker in (APP1..=APP15).chain([COM, APP0]) {
        for body in [
            &b"Adobe\0secret"[..],
            b"JFXX\0\x10secret",
            b"ICC_PROFILE\0secret",
            b"",
        ] {
            let secret = segment(marker, body);
            let accepted = accept(&opened_with(&secret)).unwrap();
            assert!(accepted.bytes == BASELINE, "{marker:x}");
            // Before every segment of a picture of many scans, fill bytes included.
            for (_, place) in segments(PROGRESSIVE) {
                let (before, after) = PROGRESSIVE.split_at(place.start);
                let accepted = accept(&[before, &[MARK; 3], &secret, after].concat()).unwrap();
                assert!(accepted.bytes == PROGRESSIVE, "{marker:x} at {place:?}");
            }
        }
    }
}

#[test]
fn a_thumbnail_in_jfif_is_cut_off() {
    let with = altered(BASELINE, APP0, |body| {
        body[12..].copy_from_slice(&[2, 2]);
        body.extend_from_slice(b"a thumbnail!");
    });
    assert!(accept(&with).unwrap().bytes == BASELINE);
    // Of two the first stays; what only looks like one goes.
    let second = altered(BASELINE, APP0, |body| body[8] = 9);
    let second = &second[2..20];
    let twice = [&BASELINE[..20], second, &BASELINE[20..]].concat();
    assert!(accept(&twice).unwrap().bytes == BASELINE);
    for odd in [(0, b'j'), (5, 2), (7, 3)] {
        let odd = altered(BASELINE, APP0, |body| body[odd.0] = odd.1);
        assert!(accept(&odd).unwrap().bytes == replaced(BASELINE, APP0, &[]));
    }
}

#[test]
fn lengths_that_promise_more_than_there_is_are_rejected() {
    for marker in (0xc0..=0xff).filter(|marker| !matches!(marker, 0xd0..=0xd9 | 0xff)) {
        let giant = [&BASELINE[..2], &[MARK, marker, 0xff, 0xff], &BASELINE[2..]].concat();
        rejected(&giant, Rejected::Truncated);
        for short in [0, 1] {
            let none = [&BASELINE[..2], &[MARK, marker, 0, short], &BASELINE[2..]].concat();
            rejected(&none, Rejected::Malformed);
        }
    }
}

#[test]
fn frames_of_other_kinds_are_rejected() {
    let frame = |marker| altered_marker(BASELINE, SOF0, marker);
    for other in (0xc3..=0xcf).filter(|&marker| marker != DHT) {
        rejected(&frame(other), Rejected::Malformed);
    }
    assert_eq!(accept(&frame(SOF1)).unwrap().bytes, frame(SOF1));
    // A progressive frame has other scans.
    rejected(&frame(SOF2), Rejected::Malformed);
    // No frame, and two.
    let header = segments(BASELINE).into_iter().find(|(m, _)| *m == SOF0);
    let header = &BASELINE[header.unwrap().1];
    rejected(&replaced(BASELINE, SOF0, &[]), Rejected::Malformed);
    let twice = replaced(BASELINE, SOF0, &[header, header].concat());
    rejected(&twice, Rejected::Malformed);
    // No scan.
    rejected(&replaced(BASELINE, SOS, &[]), Rejected::Malformed);
    let changes: [fn(&mut Vec<u8>); 12] = [
        |body| body[0] = 12,
        |body| body[5] = 4,
        |body| body[5] = 2,
        |body| body[5] = 0,
        |body| body[6] = body[9],
        |body| body[7] = 0x02,
        |body| body[7] = 0x20,
        |body| body[7] = 0x51,
        |body| body[8] = 4,
        |body| body.push(0),
        |body| body.truncate(14),
        Vec::clear,
    ];
    for (place, change) in changes.into_iter().enumerate() {
        let changed = altered(BASELINE, SOF0, change);
        assert_eq!(accept(&changed), Err(Rejected::Malformed), "{place}");
    }
}

fn altered_marker(of: &[u8], marker: u8, by: u8) -> Vec<u8> {
    let segments = segments(of);
    let found = segments.iter().find(|(found, _)| *found == marker);
    let mut changed = of.to_vec();
    changed[found.unwrap().1.start + 1] = by;
    changed
}

#[test]
fn tables_and_scans_that_disagree_with_their_lengths_are_rejected() {
    type Change = fn(&mut Vec<u8>);
    let of_baseline: [(u8, Change); 15] = [
        (DQT, |body| body.truncate(64)),
        (DQT, |body| body.push(0)),
        (DQT, |body| body[0] = 0x10),
        (DQT, |body| body[0] = 0x20),
        (DQT, |body| body[0] = 4),
        (DQT, Vec::clear),
        (DHT, |body| body.truncate(16)),
        (DHT, |body| body[0] = 0x20),
        (DHT, |body| body[0] = 4),
        (DHT, |body| body[16] += 1),
        (DHT, |body| body[1..17].fill(255)),
        (SOS, |body| body[0] = 2),
        (SOS, |body| body[1] = 9),
        (SOS, |body| body[3] = body[1]),
        (SOS, |body| body[2] = 0x40),
    ];
    for (place, (marker, change)) in of_baseline.into_iter().enumerate() {
        let changed = altered(BASELINE, marker, change);
        assert_eq!(accept(&changed), Err(Rejected::Malformed), "{place}");
    }
    let scan: [Change; 5] = [
        |body| body[7] = 1,
        |body| body[8] = 62,
        |body| body[9] = 1,
        |body| body.push(0),
        Vec::clear,
    ];
    for change in scan {
        rejected(&altered(BASELINE, SOS, change), Rejected::Malformed);
    }
    rejected(
        &altered(RESTARTS, DRI, |body| body.push(0)),
        Rejected::Malformed,
    );
    // Only grey of three colours, and the same scan a second time.
    let grey = altered(BASELINE, SOS, |body| {
        body[0] = 1;
        body.drain(3..7);
    });
    rejected(&grey, Rejected::Mismatch);
    let scan = segments(BASELINE).pop().unwrap().1;
    let twice = [&BASELINE[..scan.end], &BASELINE[scan.start..]].concat();
    rejected(&twice, Rejected::Malformed);
}

#[test]
fn scans_come_in_the_order_that_refining_needs_and_are_not_endless() {
    let scans: Vec<_> = segments(PROGRESSIVE)
        .into_iter()
        .filter(|(marker, _)| *marker == SOS)
        .map(|(_, place)| place)
        .collect();
    let first = scans[0].clone();
    let without_first = [&PROGRESSIVE[..first.start], &PROGRESSIVE[first.end..]].concat();
    rejected(&without_first, Rejected::Malformed);
    let scans = |count| {
        let bands = Some(count - 1);
        let plan = Plan::flat(640, 480);
        Plan { bands, ..plan }.encoded()
    };
    accept(&scans(SCANS_MAX)).unwrap();
    rejected(&scans(SCANS_MAX + 1), Rejected::Malformed);
}

#[test]
fn a_scans_data_has_its_restarts_in_turn_and_its_bytes_stuffed() {
    let scan = segments(BASELINE).pop().unwrap().1;
    let middle = scan.end - 20;
    let with = |more: &[u8]| [&BASELINE[..middle], more, &BASELINE[middle..]].concat();
    assert!(!BASELINE[middle - 1..].starts_with(&[MARK]));
    let last = scan.end;
    for more in [&[MARK, 0][..], &[0; 3], b"text"] {
        rejected(&with(more), Rejected::Mismatch);
        let after = [&BASELINE[..last], more, &BASELINE[last..]].concat();
        rejected(&after, Rejected::Mismatch);
    }
    for broken in [
        [MARK, MARK, 0],
        [MARK, 1, 0],
        [MARK, RST0, 0],
        [MARK, SOI, 0],
    ] {
        assert!(accept(&with(&broken)).is_err(), "{broken:?}");
    }
    let header = scan.start..scan.start + 14;
    let empty = [&BASELINE[..header.end], &[MARK, EOI]].concat();
    rejected(&empty, Rejected::Malformed);

    let at = |code| {
        let mut places = RESTARTS.windows(2);
        places.position(|two| two == [MARK, code]).unwrap()
    };
    let mut swapped = RESTARTS.to_vec();
    swapped[at(RST0 + 1) + 1] = RST0 + 2;
    rejected(&swapped, Rejected::Malformed);
    let unannounced = replaced(RESTARTS, DRI, &[]);
    rejected(&unannounced, Rejected::Malformed);
    let (before, after) = RESTARTS.split_at(at(RST0));
    let filled = [before, &[MARK; 5], after].concat();
    rejected(&filled, Rejected::Malformed);
}

#[test]
fn mutated_pictures_never_panic_and_what_is_accepted_is_accepted_again_as_it_is() {
    let seed = std::env::var("SEED").ok();
    let mut seed: u64 = seed.and_then(|seed| seed.parse().ok()).unwrap_or(3);
    println!("SEED={seed}");
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) as usize % below
    };
    let samples = PLAIN.map(|(_, sample)| sample).into_iter();
    let samples = samples.chain([PHOTO, PROFILE, CHROMIUM_SRGB, CHROMIUM_P3]);
    let samples: Vec<_> = samples.collect();
    let (mut taken, mut left) = (0, 0);
    for _ in 0..20_000 {
        let mut bytes = samples[random(samples.len())].to_vec();
        for _ in 0..=random(4) {
            // Headers are few bytes of many: half of the changes go there.
            let below = if random(2) == 0 {
                200.min(bytes.len())
            } else {
                bytes.len()
            };
            let place = random(below);
            match random(6) {
                0 => bytes[place] = MARK,
                1 => bytes[place] = random(256) as u8,
                2 => bytes[place] ^= 1 << random(8),
                3 => bytes.insert(place, random(256) as u8),
                4 => drop(bytes.drain(place..(place + random(40)).min(bytes.len()))),
                _ => {
                    let other = samples[random(samples.len())];
                    let from = random(other.len());
                    let piece = &other[from..(from + random(80)).min(other.len())];
                    bytes.splice(place..place, piece.iter().copied());
                }
            }
        }
        let Ok(accepted) = accept(&bytes) else {
            left += 1;
            continue;
        };
        taken += 1;
        // A profile of ours may be longer than theirs.
        assert!(accepted.bytes.len() <= bytes.len() + 512);
        let allowed = |&marker: &u8| !(APP1..=APP15).contains(&marker) || marker == APP2;
        assert!(
            markers(&accepted.bytes)
                .iter()
                .all(|m| allowed(m) && *m != COM)
        );
        assert_eq!(accept(&accepted.bytes).as_ref(), Ok(&accepted));
    }
    assert!(taken > 1_000 && left > 1_000, "{taken} taken, {left} left");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "this measures")]
fn eight_mib_of_anything_take_less_than_200_ms() {
    const BYTES: usize = 8 * 1024 * 1024;
    // Without optimisation a step costs some ten times as much, and tests run beside each other.
    // Anything worse than linear would take hours.
    let most = Duration::from_millis(if cfg!(debug_assertions) { 5_000 } else { 200 });
    let upto = segments(BASELINE).pop().unwrap().1.end;
    let (start, scan) = (&BASELINE[..2], &BASELINE[..upto]);
    // As many blocks as fit, with as many codes as fit into 8 MiB.
    let plan = Plan::flat(4_000, 3_000);
    let dense = &Plan {
        values: 100,
        ..plan
    }
    .encoded()[..];
    let banded = &Plan {
        bands: Some(SCANS_MAX - 1),
        ..plan
    }
    .encoded()[..];
    let header_end = segments(BASELINE).pop().unwrap().1.start;
    let progressive = segments(PROGRESSIVE).pop().unwrap().1;
    for (name, before, filling) in [
        ("fill bytes at the start", start, &[MARK][..]),
        ("fill bytes in a scan", scan, &[MARK]),
        ("stuffed bytes", scan, &[MARK, 0]),
        ("plain bytes", scan, &[0]),
        ("comments", start, &[MARK, COM, 0, 2]),
        ("intervals", start, &[MARK, DRI, 0, 4, 0, 1]),
        ("profiles", start, &profile(1, 255, b"")),
        ("long profiles", start, &profile(1, 2, &[9; 60_000])),
        ("tables", start, &BASELINE[20..header_end]),
        ("blocks", dense, b""),
        ("bands", banded, b""),
        ("frames", start, &BASELINE[2..header_end]),
        ("scans", PROGRESSIVE, &PROGRESSIVE[progressive]),
    ] {
        let mut bytes = before.to_vec();
        bytes.extend(filling.iter().cycle().take(BYTES - bytes.len()));
        // The best of three: other programs run on this machine too.
        let took = (0..3).map(|_| {
            let began = Instant::now();
            let _ = accept(&bytes);
            began.elapsed()
        });
        let took = took.min().unwrap();
        println!("{name}: {took:?}");
        assert!(took < most, "{name}: {took:?}");
    }
}
