//! Random bits for ids and jitter.

use std::hash::{BuildHasher, RandomState};

/// 64 random bits. Good enough for ids and jitter, not for secrets.
pub(crate) fn chance() -> u64 {
    RandomState::new().hash_one(0_u8)
}
