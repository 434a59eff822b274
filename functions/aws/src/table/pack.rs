//! Compresses a long state.
//!
//! Every stroke rewrites the state, and DynamoDB charges each started kilobyte, twice in a
//! transaction. Most of a long state is a list of similar numbers, which compresses well.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use sightline_host::ports::StoreError;

use super::bytes;
use super::item::{Item, damaged};

/// Up to this length a state is stored as it is: packing would save no whole kilobyte, and plain
/// text can be read by hand.
const PLAIN_BYTES_MAX: usize = 800;

/// A longer state is damaged: within all limits a state is under 64 KB.
const BYTES_MAX: usize = 256 * 1024;

/// Adds these bytes to a row, packed (raw deflate, RFC 1951) if they are long.
pub(super) fn pack(item: Item, plain: Vec<u8>) -> Item {
    if plain.len() <= PLAIN_BYTES_MAX {
        return item.with("body", bytes(plain));
    }
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    let packed = encoder.write_all(&plain).and_then(|()| encoder.finish());
    item.with(
        "packed",
        bytes(packed.expect("writing to memory cannot fail")),
    )
}

/// Returns the bytes that [`pack`] added.
pub(super) fn unpack(what: &'static str, item: &Item) -> Result<Vec<u8>, StoreError> {
    if let Some(plain) = item.bytes("body") {
        return Ok(plain.to_vec());
    }
    let packed = item.bytes("packed").ok_or_else(|| damaged(what))?;
    let mut plain = Vec::new();
    DeflateDecoder::new(packed)
        .take(BYTES_MAX as u64 + 1)
        .read_to_end(&mut plain)
        .map_err(|_| damaged(what))?;
    if plain.len() > BYTES_MAX {
        return Err(damaged(what));
    }
    Ok(plain)
}
