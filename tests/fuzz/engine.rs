//! Runs a fuzz target: its corpus first, then what random changes make of it.
//!
//! A target is a function of bytes that panics when something is wrong. `SIGHTLINE_FUZZ_MS` sets
//! the time of each target, `SIGHTLINE_FUZZ_SEED` another seed. A failure prints the seed and the
//! input. Inputs that once failed are in `tests/fuzz/found/NAME/`.

use std::path::PathBuf;
use std::time::{Duration, Instant};

/// What a target takes within `cargo test`, ms. `make fuzz` gives each ten seconds.
const SHARE_MS: u64 = 300;

/// Longest input. Every limit of the system on what it takes at once is below.
const BYTES_MAX: usize = 64 * 1024;

/// Words that parsers tend to treat in a way of their own.
const WORDS: [&[u8]; 16] = [
    b"\"",
    b"\\u0000",
    b"{",
    b"[[[[[[[[",
    b"\r\n",
    b"\n",
    b"a=",
    b"-1",
    b"4294967296",
    b"1e999",
    b"null",
    b"\xff\xd8",
    b"\xff\xd9",
    b"\xe2\x80\xae",
    b"\xc3",
    b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
];

/// Runs the target of this name on every sample, then on changed ones until its time is over.
pub(crate) fn fuzz(name: &str, samples: &[Vec<u8>], mut target: impl FnMut(&[u8])) {
    assert!(!samples.is_empty(), "{name} has no samples");
    let corpus = &[samples, &found(name)].concat();
    if let Ok(folder) = std::env::var("SIGHTLINE_FUZZ_SEEDS") {
        return write_seeds(&PathBuf::from(folder).join(name), corpus);
    }
    let seed = from_env("SIGHTLINE_FUZZ_SEED", 1);
    let mut chance = Chance(seed.max(1));
    let (mut count, mut longest) = (0_u64, Duration::ZERO);
    let mut run = |input: &[u8]| {
        let tried = Tried { name, seed, input };
        let begun = now();
        target(tried.input);
        longest = longest.max(now() - begun);
        count += 1;
    };
    let until = now() + Duration::from_millis(from_env("SIGHTLINE_FUZZ_MS", SHARE_MS));
    corpus.iter().for_each(|sample| run(sample));
    while now() < until {
        run(&changed(corpus, &mut chance));
    }
    println!("{name}: {count} inputs, the longest took {longest:?}, SIGHTLINE_FUZZ_SEED={seed}");
}

/// Inputs that once failed.
fn found(name: &str) -> Vec<Vec<u8>> {
    let root = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let folder = root.join("../../tests/fuzz/found").join(name);
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// Writes where another runner begins.
fn write_seeds(folder: &PathBuf, corpus: &[Vec<u8>]) {
    std::fs::create_dir_all(folder).unwrap();
    for (at, sample) in corpus.iter().enumerate() {
        std::fs::write(folder.join(at.to_string()), sample).unwrap();
    }
}

/// Prints the input if the target panics.
struct Tried<'a> {
    name: &'a str,
    seed: u64,
    input: &'a [u8],
}

impl Drop for Tried<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let hex: String = self
                .input
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            println!(
                "{}: SIGHTLINE_FUZZ_SEED={}, input {hex}",
                self.name, self.seed
            );
        }
    }
}

/// Makes an input from one or two samples.
fn changed(corpus: &[Vec<u8>], chance: &mut Chance) -> Vec<u8> {
    let mut bytes = corpus[chance.below(corpus.len())].clone();
    // Many changes at once never pass the first check of a parser.
    for _ in 0..1 << chance.below(4) {
        change(&mut bytes, corpus, chance);
    }
    bytes.truncate(BYTES_MAX);
    bytes
}

fn change(bytes: &mut Vec<u8>, corpus: &[Vec<u8>], chance: &mut Chance) {
    let at = chance.below(bytes.len() + 1);
    let end = (at + 1 + chance.below(16)).min(bytes.len());
    match chance.below(9) {
        0 if at < end => bytes[at] ^= 1 << chance.below(8),
        1 if at < end => bytes[at] = [0, 1, 0x20, 0x7f, 0x80, 0xfe, 0xff][chance.below(7)],
        2 => drop(bytes.drain(at.min(end)..end)),
        3 => {
            let again = bytes[at.min(end)..end].repeat(1 + chance.below(64));
            bytes.splice(at..at, again);
        }
        4 => {
            let random: Vec<u8> = (0..chance.below(16)).map(|_| chance.byte()).collect();
            bytes.splice(at..at, random);
        }
        5 => {
            bytes.splice(at..at, WORDS[chance.below(WORDS.len())].iter().copied());
        }
        6 => bytes.truncate(at),
        7 => {
            let other = &corpus[chance.below(corpus.len())];
            let from = chance.below(other.len() + 1);
            bytes.splice(at.., other[from..].iter().copied());
        }
        // A number, of one to eight bytes.
        _ => {
            let number = [0, 1, u64::MAX, 1 << 31, u64::from(chance.byte())][chance.below(5)];
            let wide = number.to_be_bytes();
            let narrow = &wide[chance.below(8)..];
            for (byte, new) in bytes.iter_mut().skip(at).zip(narrow) {
                *byte = *new;
            }
        }
    }
}

/// Numbers by xorshift (G. Marsaglia, "Xorshift RNGs").
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: usize) -> usize {
        // The low bits of xorshift are as good as the high ones.
        (self.next() % bound.max(1) as u64) as usize
    }

    fn byte(&mut self) -> u8 {
        self.next().to_be_bytes()[0]
    }
}

fn from_env(name: &str, default: u64) -> u64 {
    let value = std::env::var(name).ok();
    value.map_or(default, |value| value.parse().expect("a number"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a target gets a share of real time"
)]
fn now() -> Instant {
    Instant::now()
}
