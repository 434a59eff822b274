//! Finds out whether the store can be written.

use sightline_host::ports::StoreError;

use super::Store;
use super::tables::PROBE;

/// Bytes of a probe: more than the first commit of a session takes.
const PROBE_BYTES: usize = 32 * 1024;

impl Store {
    /// Commits as much as a new session needs, in place of what the last probe wrote.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn probe(&self) -> Result<(), StoreError> {
        self.write("write", |transaction| {
            let bytes = vec![0; PROBE_BYTES];
            transaction.open_table(PROBE)?.insert((), &bytes[..])?;
            Ok(())
        })
        .await
    }
}
