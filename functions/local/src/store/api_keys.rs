//! The keys of the API for other programs.

use redb::{ReadableTable, TableError};
use sightline_host::ports::{ApiKeys, Committed, StoreError};
use sightline_host::records::{ApiKeyRing, Record as _};

use super::Store;
use super::failure::DatabaseFailure;
use super::tables::API_KEYS;

impl ApiKeys for Store {
    async fn api_keys(&self) -> Result<ApiKeyRing, StoreError> {
        const WHAT: &str = "read API keys";
        let stored = self.read(WHAT, move |transaction| {
            match transaction.open_table(API_KEYS) {
                // A file of an earlier version has no such table yet.
                Err(TableError::TableDoesNotExist(_)) => Ok(None),
                table => stored(&table?),
            }
        });
        decoded(stored.await?)
    }

    async fn replace_api_keys(&self, ring: ApiKeyRing) -> Result<Committed, StoreError> {
        let encoded = ring.encode();
        self.write("replace API keys", move |transaction| {
            let mut table = transaction.open_table(API_KEYS)?;
            let before = stored(&table)?.map_or(0, |(revision, _)| revision);
            if before.checked_add(1) != Some(ring.revision) {
                return Ok(Committed::Clash);
            }
            table.insert((), (ring.revision, encoded.as_slice()))?;
            Ok(Committed::Done)
        })
        .await
    }
}

/// The revision and the record.
type Stored = Option<(u32, Vec<u8>)>;

fn stored(table: &impl ReadableTable<(), (u32, &'static [u8])>) -> Result<Stored, DatabaseFailure> {
    let row = table.get(())?;
    Ok(row.map(|row| {
        let (revision, record) = row.value();
        (revision, record.to_vec())
    }))
}

fn decoded(stored: Stored) -> Result<ApiKeyRing, StoreError> {
    stored.map_or_else(
        || Ok(ApiKeyRing::default()),
        |(_, record)| ApiKeyRing::decode(&record),
    )
}
