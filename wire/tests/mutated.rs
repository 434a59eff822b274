//! Outsiders' bytes never panic, and what is taken of them is a message like every other.

#![allow(clippy::unwrap_used)] // A test that cannot read its samples has failed.
#![allow(
    clippy::indexing_slicing,
    reason = "a test that panics has failed, which is what it is for"
)]
#![allow(clippy::print_stdout, reason = "a random test prints its seed")]

use sightline_wire::{Passing, decode_page};

/// Where decoders trip: over numbers, over what ends a piece, over what is no text.
const PIECES: [&[u8]; 24] = [
    b"0",
    b"-1",
    b"1.5",
    b"1e308",
    b"1e999",
    b"NaN",
    b"255",
    b"256",
    b"65535",
    b"65536",
    b"4294967295",
    b"4294967296",
    b"18446744073709551616",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b"\"",
    b"\\ud800",
    b"\\u0000",
    b"\xff",
    b",",
    b"]",
    b"}",
];

#[test]
fn mutated_messages_of_a_page_never_panic_and_what_is_taken_says_the_same_again() {
    let samples = samples();
    let mut chance = Chance::from_env();
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..200_000 {
        let bytes = mutated(&samples, &mut chance);
        let Ok(message) = decode_page(&bytes) else {
            refused += 1;
            continue;
        };
        taken += 1;
        let again = serde_json::to_vec(&message).unwrap();
        assert_eq!(decode_page(&again).unwrap(), message);
    }
    println!("{taken} taken, {refused} refused");
    assert!(taken > 1_000 && refused > 1_000, "{taken}, {refused}");
}

/// What comes over a channel is decoded by nobody before the page.
#[test]
fn mutated_passings_never_panic() {
    let all = samples();
    let passings: Vec<Vec<u8>> = all.iter().filter_map(|bytes| passing(bytes)).collect();
    assert!(passings.len() >= 6);
    let mut chance = Chance::from_env();
    let mut taken = 0;
    for _ in 0..100_000 {
        let bytes = mutated(&passings, &mut chance);
        if let Ok(passing) = serde_json::from_slice::<Passing>(&bytes) {
            taken += 1;
            let again = serde_json::to_vec(&passing).unwrap();
            assert_eq!(serde_json::from_slice::<Passing>(&again).unwrap(), passing);
        }
    }
    assert!(taken > 1_000, "{taken}");
}

#[test]
fn bytes_by_chance_are_refused() {
    let mut chance = Chance::from_env();
    for _ in 0..20_000 {
        let bytes: Vec<u8> = (0..chance.below(200))
            .map(|_| chance.below(256) as u8)
            .collect();
        assert!(decode_page(&bytes).is_err());
    }
}

fn mutated(samples: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = samples[chance.below(samples.len())].clone();
    for _ in 0..=chance.below(3) {
        if bytes.is_empty() {
            break;
        }
        let place = chance.below(bytes.len());
        match chance.below(6) {
            0 => bytes[place] = chance.below(256) as u8,
            1 => bytes.insert(place, chance.below(128) as u8),
            2 => drop(bytes.drain(place..(place + chance.below(30)).min(bytes.len()))),
            3 => {
                let other = &samples[chance.below(samples.len())];
                let from = chance.below(other.len());
                let piece = &other[from..(from + chance.below(60)).min(other.len())];
                bytes.splice(place..place, piece.iter().copied());
            }
            // A number, whole.
            4 => {
                let digits = |byte: &u8| byte.is_ascii_digit();
                let Some(from) = bytes[place..].iter().position(digits) else {
                    continue;
                };
                let from = place + from;
                let length = bytes[from..].iter().take_while(|byte| digits(byte)).count();
                let piece = PIECES[chance.below(PIECES.len())];
                bytes.splice(from..from + length, piece.iter().copied());
            }
            _ => {
                let piece = PIECES[chance.below(PIECES.len())];
                bytes.splice(place..place, piece.iter().copied());
            }
        }
    }
    bytes
}

/// Without the white space that people read by: most changes then change something.
fn samples() -> Vec<Vec<u8>> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/from_page");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let compact = |path| {
        let value: serde_json::Value =
            serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        serde_json::to_vec(&value).unwrap()
    };
    paths.iter().map(compact).collect()
}

fn passing(message: &[u8]) -> Option<Vec<u8>> {
    let value: serde_json::Value = serde_json::from_slice(message).unwrap();
    let passing = value.get("passing")?;
    Some(serde_json::to_vec(passing).unwrap())
}

struct Chance(u64);

impl Chance {
    fn from_env() -> Self {
        let seed = std::env::var("SEED").ok();
        let seed = seed.and_then(|seed| seed.parse().ok()).unwrap_or(0x5eed);
        println!("SEED={seed}");
        Self(seed)
    }

    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) as usize % bound
    }
}
