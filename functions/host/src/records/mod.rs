//! Stored records, used by every plug: a plug keeps the bytes that `encode` gives and hands them to
//! `decode`.
//!
//! Bytes carry a version number. A version that was ever stored stays readable; its golden sample
//! in `samples/` is never edited. What is stored is JSON: small enough here, and readable when
//! something has to be looked up by hand.

mod agent;
mod api_keys;
mod arrived;
mod audit;
mod beside;
mod claim;
mod codec;
mod connection;
mod counts;
mod delivery;
mod event;
mod lines;
mod logo;
mod minute;
mod revocation;
mod state;
mod summary;
mod webhooks;
mod whereabouts;

pub use agent::AgentRecord;
pub use api_keys::{ApiKeyHash, ApiKeyRecord, ApiKeyRing};
pub use audit::{AuditPlace, AuditRecord};
pub use beside::{BesideRecord, CaseRecords, NoteRecord, RatingRecord};
pub use claim::ClaimRecord;
pub use connection::{Attachment, ConnectionKey, ConnectionRecord};
pub use counts::Counts;
pub use delivery::{DeliveryPlace, DeliveryRecord, DeliveryStage, call_bytes};
pub use lines::LinesRecord;
pub use logo::LogoRecord;
pub use minute::{CallMinute, MINUTES_KEPT};
pub use revocation::RevocationRecord;
pub use summary::{CallSummary, DeleteDates, SearchTerm};
pub use webhooks::{WebhookRecord, WebhookRing};
pub use whereabouts::{Assignment, RelayRecord};

use aws_lc_rs::digest;
use sightline_session::LinkId;
use sightline_wire::InviteSecret;

use crate::store_error::StoreError;

/// SHA-256 of an invite's secret, or the keyed hash of its code. Only the hash is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InviteHash(pub [u8; 32]);

impl InviteHash {
    /// Hashes a secret. The time of a lookup by hash does not depend on how much of a guess is
    /// right.
    #[must_use]
    pub fn of(secret: &InviteSecret) -> Self {
        Self(sha_256(&[secret.as_bytes()]))
    }
}

impl From<InviteHash> for LinkId {
    fn from(hash: InviteHash) -> Self {
        Self(first_half(hash.0))
    }
}

/// A record that a plug stores as bytes.
pub trait Record: Sized {
    /// The bytes to be stored, in the newest version.
    fn encode(&self) -> Vec<u8>;

    /// Reads bytes of any version that was ever stored.
    ///
    /// # Errors
    /// A permanent error: the bytes are damaged, or of a newer version.
    fn decode(bytes: &[u8]) -> Result<Self, StoreError>;
}

/// SHA-256 over parts, each preceded by its length, so that no two lists of parts are the same
/// bytes.
pub(crate) fn sha_256_of_parts(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    finish(context)
}

pub(crate) fn sha_256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    finish(context)
}

fn finish(context: digest::Context) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// The first 16 bytes, for an identifier.
pub(crate) fn first_half(hash: [u8; 32]) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(hash.first_chunk::<16>().expect("32 bytes begin with 16"));
    id
}

#[cfg(test)]
mod tests;
