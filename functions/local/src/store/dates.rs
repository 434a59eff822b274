//! Times in keys and rows.

/// A time in the key of a summary. It counts downwards, so that the newest call comes first.
pub(super) const fn newest_first(at_ms: u64) -> u64 {
    u64::MAX - at_ms
}

/// Whether a delete date has passed. Readers skip an expired record; the sweep removes it later.
pub fn expired(delete_at_s: u64, now_ms: u64) -> bool {
    delete_at_s <= now_ms / 1_000
}
