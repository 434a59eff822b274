//! Histograms. Their edges are fixed: counts of different days are added bin by bin, so another
//! edge needs another name of its counts.

const MINUTE: u32 = 60;

/// Seconds from the invitation to the customer's joining.
pub(super) const JOINING_S: [u32; 7] = [
    30,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    60 * MINUTE,
];

/// Seconds from the customer's joining to the end.
pub(super) const LENGTH_S: [u32; 7] = [
    MINUTE,
    3 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    60 * MINUTE,
];

/// Pictures kept at the end.
pub(super) const PICTURES: [u32; 5] = [1, 2, 3, 6, 11];

/// The bin of a value: the first one whose edge is above it, or the last one.
pub(super) fn bin(edges: &[u32], value: u64) -> usize {
    let above = edges.iter().position(|edge| value < u64::from(*edge));
    above.unwrap_or(edges.len())
}
