//! The public keys that signed case files, for good.

use redb::{ReadableTable, TableError};
use sightline_host::ports::{CaseKeys, StoreError};

use super::Store;
use super::tables::CASE_KEYS;

impl CaseKeys for Store {
    async fn note_case_key(&self, thumbprint: &str, jwk: &str) -> Result<(), StoreError> {
        let (thumbprint, jwk) = (thumbprint.to_owned(), jwk.to_owned());
        self.write("note the key of case files", move |transaction| {
            let mut table = transaction.open_table(CASE_KEYS)?;
            if table.get(thumbprint.as_str())?.is_none() {
                table.insert(thumbprint.as_str(), jwk.as_str())?;
            }
            Ok(())
        })
        .await
    }

    async fn case_keys(&self) -> Result<Vec<String>, StoreError> {
        self.read("list the keys of case files", move |transaction| {
            let table = match transaction.open_table(CASE_KEYS) {
                // A file of an earlier version has no such table yet.
                Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
                table => table?,
            };
            let mut keys = Vec::new();
            for row in table.iter()? {
                keys.push(row?.1.value().to_owned());
            }
            Ok(keys)
        })
        .await
    }
}
