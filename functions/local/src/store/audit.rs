//! The audit log.

use redb::TableError;
use sightline_host::ports::{Audit, StoreError};
use sightline_host::records::{AuditPlace, AuditRecord, Record as _};

use super::Store;
use super::dates::expired;
use super::tables::AUDIT;

impl Audit for Store {
    async fn add_line(&self, line: &AuditRecord, delete_at_s: u64) -> Result<(), StoreError> {
        let (key, encoded) = (key(line.place), line.encode());
        self.write("add audit line", move |transaction| {
            let mut table = transaction.open_table(AUDIT)?;
            table.insert(key, (delete_at_s, encoded.as_slice()))?;
            Ok(())
        })
        .await
    }

    async fn lines(
        &self,
        before: Option<AuditPlace>,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        let stored = self.read("list audit lines", move |transaction| {
            let mut stored = Vec::new();
            let table = match transaction.open_table(AUDIT) {
                // A file of an earlier version has no such table yet.
                Err(TableError::TableDoesNotExist(_)) => return Ok(stored),
                table => table?,
            };
            let end = before.map_or((u64::MAX, u64::MAX), key);
            for row in table.range(..end)?.rev() {
                if stored.len() == limit {
                    break;
                }
                let (_, value) = row?;
                let (delete_at_s, line) = value.value();
                if !expired(delete_at_s, now_ms) {
                    stored.push(line.to_vec());
                }
            }
            Ok(stored)
        });
        let stored = stored.await?;
        let lines = stored.iter().map(|bytes| AuditRecord::decode(bytes));
        lines.collect()
    }
}

const fn key(place: AuditPlace) -> (u64, u64) {
    (place.at_ms, place.tag)
}
