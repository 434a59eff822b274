//! The lines that a deployment has ready for its agents' chat.

use redb::{ReadableTable as _, TableError};
use sightline_host::ports::{Committed, ReadyLineStore, StoreError};
use sightline_host::records::{LinesRecord, Record as _};

use super::Store;
use super::tables::READY_LINES;

impl ReadyLineStore for Store {
    async fn ready_lines(&self) -> Result<LinesRecord, StoreError> {
        let stored = self.read("read ready lines", move |transaction| {
            match transaction.open_table(READY_LINES) {
                // A file of an earlier version has no such table yet.
                Err(TableError::TableDoesNotExist(_)) => Ok(None),
                table => Ok(table?.get(())?.map(|row| row.value().1.to_vec())),
            }
        });
        let lines = stored.await?.map(|bytes| LinesRecord::decode(&bytes));
        Ok(lines.transpose()?.unwrap_or_default())
    }

    async fn replace_ready_lines(&self, lines: LinesRecord) -> Result<Committed, StoreError> {
        let encoded = lines.encode();
        self.write("replace ready lines", move |transaction| {
            let mut table = transaction.open_table(READY_LINES)?;
            let before = table.get(())?.map_or(0, |row| row.value().0);
            if before.checked_add(1) != Some(lines.revision) {
                return Ok(Committed::Clash);
            }
            table.insert((), (lines.revision, encoded.as_slice()))?;
            Ok(Committed::Done)
        })
        .await
    }
}
