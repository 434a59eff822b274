//! The logo.

use redb::TableError;
use sightline_host::ports::{Logos, StoreError};
use sightline_host::records::{LogoRecord, Record as _};

use super::Store;
use super::tables::LOGO;

/// Encoded record, and the bytes.
type LogoRow<'a> = (&'a [u8], &'a [u8]);

impl Logos for Store {
    async fn logo(&self) -> Result<Option<LogoRecord>, StoreError> {
        let stored = self.stored_logo("read logo", |(record, _)| record.to_vec());
        let record = stored.await?;
        record.map(|record| LogoRecord::decode(&record)).transpose()
    }

    async fn logo_bytes(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.stored_logo("read logo's bytes", |(_, bytes)| bytes.to_vec())
            .await
    }

    async fn put_logo(&self, record: LogoRecord, bytes: &[u8]) -> Result<(), StoreError> {
        let (record, bytes) = (record.encode(), bytes.to_vec());
        self.write("store logo", move |transaction| {
            let mut table = transaction.open_table(LOGO)?;
            table.insert((), (record.as_slice(), bytes.as_slice()))?;
            Ok(())
        })
        .await
    }

    async fn remove_logo(&self) -> Result<(), StoreError> {
        self.write("remove logo", move |transaction| {
            transaction.open_table(LOGO)?.remove(())?;
            Ok(())
        })
        .await
    }
}

impl Store {
    async fn stored_logo(
        &self,
        what: &'static str,
        part: fn(LogoRow<'_>) -> Vec<u8>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let read = self.read(what, move |transaction| {
            match transaction.open_table(LOGO) {
                // A file of an earlier version has no such table yet.
                Err(TableError::TableDoesNotExist(_)) => Ok(None),
                table => Ok(table?.get(())?.map(|row| part(row.value()))),
            }
        });
        read.await
    }
}
