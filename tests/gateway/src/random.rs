//! Randomness: ids that cannot be guessed, and sequences that can be repeated.

use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;

/// Makes an id such as `TWegAcC4EowCHnA=`, like the ids of connections, requests and messages in
/// API Gateway.
#[must_use]
pub fn id() -> String {
    let mut bytes = [0; 11];
    fill(&mut bytes);
    URL_SAFE.encode(bytes)
}

/// Makes a UUID of version 4, like the request ids of Lambda.
#[must_use]
pub fn uuid() -> String {
    let mut bytes = [0; 16];
    fill(&mut bytes);
    let whole = u128::from_be_bytes(bytes);
    let whole = whole & !(0xf << 76) | (0x4 << 76);
    let whole = whole & !(0x3 << 62) | (0x2 << 62);
    let hex = format!("{whole:032x}");
    let part = |from, to| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    )
}

fn fill(bytes: &mut [u8]) {
    rand::fill(bytes).expect("the system's random generator works");
}

/// A pseudorandom sequence (SplitMix64): the same for the same seed.
#[derive(Debug)]
pub struct SeededRandom(u64);

impl SeededRandom {
    /// Begins the sequence of a seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Returns true with this probability.
    pub fn percent(&mut self, percent: u32) -> bool {
        percent > 0 && self.below(100) < u64::from(percent)
    }

    /// Returns a number below `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_its_sequence() {
        let throws = |seed| {
            let mut random = SeededRandom::new(seed);
            (0..20).map(|_| random.below(100)).collect::<Vec<_>>()
        };
        assert_eq!(throws(7), throws(7));
        assert_ne!(throws(7), throws(8));
        let mut random = SeededRandom::new(1);
        assert!(!(0..1_000).any(|_| random.percent(0)));
        assert!((0..1_000).all(|_| random.percent(100)));
        let half = (0..1_000).filter(|_| random.percent(50)).count();
        assert!((400..600).contains(&half), "{half}");
    }

    #[test]
    fn ids_look_like_those_of_aws() {
        let id = id();
        assert_eq!((id.len(), id.ends_with('=')), (16, true), "{id}");
        let uuid = uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes()[14], b'4');
    }
}
