//! Files that people, other programs and attackers offer as a logo.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use png::{ColorType, Decoder, Transformations};
use sightline_wire::LogoFault::{self, Animated, Damaged, OtherKind, TooManyBytes, TooManyPixels};
use sightline_wire::{LOGO_BYTES_MAX, LOGO_SIDE_MAX};

use super::{Logo, LogoKind};

const SAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");

fn sample(path: &str) -> Vec<u8> {
    fs::read(Path::new(SAMPLES).join(path)).unwrap()
}

/// The files of PngSuite (Willem van Schaik) by their names. Those with `x` are damaged.
fn suite() -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(Path::new(SAMPLES).join("png")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let pictures = names.filter(|name| name.ends_with(".png"));
    pictures
        .map(|name| (name.clone(), sample(&format!("png/{name}"))))
        .collect()
}

/// Width, height and pixels with colours and transparency, 16 bits each.
fn pixels(file: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut decoder = Decoder::new(std::io::Cursor::new(file));
    decoder.set_transformations(Transformations::ALPHA | Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let frame = reader.next_frame(&mut pixels).unwrap();
    (frame.width, frame.height, pixels)
}

fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(ColorType::Grayscale);
    let mut writer = encoder.write_header().unwrap();
    let size = usize::try_from(width * height).unwrap();
    writer.write_image_data(&vec![7; size]).unwrap();
    writer.finish().unwrap();
    file
}

/// The chunks of a PNG: names and contents.
fn chunks(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut rest = file.get(8..).unwrap();
    let mut found = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap();
        let name = String::from_utf8(after.get(..4).unwrap().to_vec()).unwrap();
        found.push((name, after.get(4..4 + length).unwrap().to_vec()));
        rest = after.get(8 + length..).unwrap();
    }
    found
}

fn chunk(name: &str, content: &[u8]) -> Vec<u8> {
    let named = [name.as_bytes(), content].concat();
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    let sum = crc32fast::hash(&named).to_be_bytes();
    [&length[..], &named, &sum].concat()
}

/// Puts a chunk behind the first one.
fn with_chunk(file: &[u8], name: &str, content: &[u8]) -> Vec<u8> {
    let (head, rest) = file.split_at(33);
    [head, &chunk(name, content), rest].concat()
}

fn fault(file: &[u8]) -> Option<LogoFault> {
    Logo::accept(file).err()
}

#[test]
fn pictures_of_the_suite_stay_the_same_and_damaged_ones_are_refused() {
    let (mut taken, mut refused) = (0, 0);
    for (name, file) in suite() {
        let logo = Logo::accept(&file);
        if name.starts_with('x') {
            assert!(matches!(logo, Err(Damaged | OtherKind)), "{name}: {logo:?}");
            refused += 1;
            continue;
        }
        let logo = logo.expect(&name);
        let (width, height, before) = pixels(&file);
        assert!((width, height, before) == pixels(logo.bytes()), "{name}");
        let size = (u32::from(logo.mark().width), u32::from(logo.mark().height));
        assert_eq!(size, (width, height), "{name}");
        taken += 1;
    }
    assert!(taken >= 50 && refused >= 14, "{taken} and {refused}");
}

/// Text, times, profiles, and what chunks nobody knows hold.
#[test]
fn nothing_but_the_picture_is_kept() {
    let secret = b"Where it was taken";
    for (name, content) in [
        ("tEXt", [b"Comment\0", &secret[..]].concat()),
        ("eXIf", secret.to_vec()),
        ("prVt", secret.to_vec()),
        ("iTXt", [b"Comment\0\0\0\0\0", &secret[..]].concat()),
    ] {
        let file = with_chunk(&sample("png/basn3p08.png"), name, &content);
        let logo = Logo::accept(&file).expect(name);
        let kept = chunks(logo.bytes());
        let names: Vec<&str> = kept.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["IHDR", "PLTE", "IDAT", "IEND"], "{name}");
    }
    let text = Logo::accept(&sample("png/ctzn0g04.png")).unwrap();
    assert!(
        chunks(text.bytes())
            .iter()
            .all(|(name, _)| !name.ends_with("Xt"))
    );
    let seen = Logo::accept(&sample("png/tbbn3p08.png")).unwrap();
    assert!(chunks(seen.bytes()).iter().any(|(name, _)| name == "tRNS"));
}

/// A file that is something else as well: an archive or a page behind the picture.
#[test]
fn what_stands_behind_a_picture_is_dropped() {
    let behind = [
        &b"PK\x03\x04"[..],
        b"<script>alert(1)</script>",
        &[0; 70_000],
    ];
    for name in ["png/basn2c08.png", "jpeg/baseline.jpg"] {
        let picture = sample(name);
        let plain = Logo::accept(&picture).unwrap();
        for more in behind {
            let logo = Logo::accept(&[&picture[..], more].concat()).expect(name);
            assert!(logo == plain, "{name}");
        }
    }
}

#[test]
fn a_file_that_ends_early_is_damaged() {
    for name in ["png/basn6a08.png", "png/s01i3p01.png"] {
        let file = sample(name);
        for end in 8..file.len() {
            let cut = file.get(..end).unwrap();
            // The name of the last chunk says that the picture is whole; its sum adds nothing.
            let outcome = fault(cut);
            assert!(
                outcome == Some(Damaged) || end > file.len() - 5,
                "{name}, {end} bytes: {outcome:?}"
            );
        }
    }
}

#[test]
fn a_changed_bit_makes_no_other_picture() {
    let file = sample("png/basn3p02.png");
    let plain = Logo::accept(&file).unwrap();
    for at in 0..file.len() * 8 {
        let mut changed = file.clone();
        changed[at / 8] ^= 1 << (at % 8);
        match Logo::accept(&changed) {
            Err(_) => {}
            // A bit of a chunk that is dropped, or of the last sum.
            Ok(logo) => assert!(logo == plain, "bit {at}"),
        }
    }
}

#[test]
fn other_kinds_are_named_as_such() {
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
    for file in [
        &b""[..],
        b"\x89PNG",
        b"GIF89a\x01\0\x01\0",
        b"RIFF\x10\0\0\0WEBP",
        b"BM",
        svg,
    ] {
        assert_eq!(fault(file), Some(OtherKind), "{file:?}");
    }
    assert_eq!(
        fault(b"\x89PNG\r\n\x1a\n<svg onload='alert(1)'/>"),
        Some(Damaged)
    );
}

/// By Pillow, and a still picture that says it is moving.
#[test]
fn an_animated_picture_is_refused() {
    assert_eq!(fault(&sample("logo/moving.png")), Some(Animated));
    let control = [0, 0, 0, 2, 0, 0, 0, 0];
    let moving = with_chunk(&sample("png/basn0g08.png"), "acTL", &control);
    assert_eq!(fault(&moving), Some(Animated));
}

#[test]
fn sides_and_bytes_have_a_limit() {
    let most = u32::from(LOGO_SIDE_MAX);
    assert_eq!(fault(&png_of(most, most)), None);
    assert_eq!(fault(&png_of(most + 1, 1)), Some(TooManyPixels));
    assert_eq!(fault(&png_of(1, most + 1)), Some(TooManyPixels));
    assert_eq!(fault(&sample("logo/wide.jpg")), Some(TooManyPixels));
    assert_eq!(fault(&sample("jpeg/photo.jpg")), None);
    let picture = sample("png/basn2c08.png");
    let filled = |bytes: usize| {
        let mut file = picture.clone();
        file.resize(bytes, 0);
        fault(&file)
    };
    assert_eq!(filled(LOGO_BYTES_MAX), None);
    assert_eq!(filled(LOGO_BYTES_MAX + 1), Some(TooManyBytes));
}

/// A header that promises much, and a stream that unpacks to much more than the picture has.
#[test]
fn a_bomb_takes_neither_memory_nor_time() {
    let huge = |width: u32, height: u32| {
        let sides = [width.to_be_bytes(), height.to_be_bytes()].concat();
        let header = [&sides[..], &[8, 6, 0, 0, 0]].concat();
        let file = [&b"\x89PNG\r\n\x1a\n"[..], &chunk("IHDR", &header)].concat();
        [&file[..], &chunk("IDAT", &[0; 64])].concat()
    };
    for (width, height) in [
        (u32::MAX, u32::MAX),
        (0x7fff_ffff, 1),
        (1, 0x7fff_ffff),
        (513, 513),
    ] {
        assert_ne!(fault(&huge(width, height)), None, "{width} x {height}");
    }
    // 512 x 512 of zeros in a header of 1 x 1: three hundred thousand times the picture.
    let large = chunks(&png_of(512, 512));
    let small = chunks(&png_of(1, 1));
    let mut bomb = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, content) in [&small[0], &large[1], &small[2]] {
        bomb.extend_from_slice(&chunk(name, content));
    }
    let logo = Logo::accept(&bomb);
    assert!(logo.is_err() || logo.unwrap().bytes().len() < 100);
}

#[test]
fn a_jpeg_loses_what_it_tells_beside_the_picture() {
    let logo = Logo::accept(&sample("jpeg/chromium-p3.jpg")).unwrap();
    assert_eq!(LogoKind::of(logo.bytes()), Some(LogoKind::Jpeg));
    let twice = Logo::accept(logo.bytes()).unwrap();
    assert!(logo == twice, "nothing more is lost");
    let comment = [&[0xff, 0xd8, 0xff, 0xfe, 0, 8][..], b"secret"].concat();
    let told = [&comment[..], &sample("jpeg/baseline.jpg")[2..]].concat();
    let kept = Logo::accept(&told).unwrap();
    assert!(!kept.bytes().windows(6).any(|part| part == b"secret"));
}
