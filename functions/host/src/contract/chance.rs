//! What secrets are made of.

use std::collections::BTreeSet;

/// Values that are drawn.
const DRAWS: u32 = 20_000;

/// Six standard deviations of how often a fair bit is set in as many draws: of 128 bits none is
/// beyond it but once in four million runs.
const BEYOND: u32 = 425;

/// Unguessable bytes differ each time, and each of their bits is set half of the time, whatever the
/// bit before it was.
///
/// # Panics
/// When the bytes look predictable.
pub fn chance(random: impl Fn() -> [u8; 16]) {
    let drawn: Vec<u128> = (0..DRAWS).map(|_| u128::from_be_bytes(random())).collect();
    let distinct: BTreeSet<_> = drawn.iter().collect();
    assert_eq!(distinct.len(), drawn.len(), "no value comes twice");
    for bit in 0..u128::BITS {
        let is_even = |what: &str, set: usize| {
            let off = u32::try_from(set).unwrap_or(DRAWS).abs_diff(DRAWS / 2);
            assert!(off < BEYOND, "bit {bit} {what} {set} times of {DRAWS}");
        };
        let set = |value: u128| value >> bit & 1 == 1;
        is_even("is set", drawn.iter().filter(|one| set(**one)).count());
        let turned = |one: &u128| one ^ one.rotate_left(1);
        let differing = drawn.iter().filter(|one| set(turned(one))).count();
        is_even("differs from its neighbour", differing);
        let pairs = drawn.iter().zip(drawn.iter().skip(1));
        let changed = pairs.filter(|(one, next)| set(*one ^ *next)).count();
        is_even("changes from draw to draw", changed);
    }
}
