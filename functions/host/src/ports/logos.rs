//! The port of the logo.

use std::future::Future;

use super::StoreError;
use crate::records::LogoRecord;

/// Stores the logo that an admin chose, for good.
pub trait Logos: Send + Sync {
    /// Returns what is known of the logo, without its bytes.
    fn logo(&self) -> impl Future<Output = Result<Option<LogoRecord>, StoreError>> + Send;
    /// Returns its bytes.
    fn logo_bytes(&self) -> impl Future<Output = Result<Option<Vec<u8>>, StoreError>> + Send;
    /// Puts a logo of at most [`sightline_wire::LOGO_BYTES_MAX`] bytes in the place of any other.
    /// Record and bytes change together.
    fn put_logo(
        &self,
        record: LogoRecord,
        bytes: &[u8],
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
    /// Removes the logo. Succeeds without one, too.
    fn remove_logo(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
}
