//! The database's own mark, and whether it has sessions: what tells at the start whether it belongs
//! to its folder.

use redb::{ReadableTable, ReadableTableMetadata};
use sightline_host::ports::StoreError;

use super::Store;
use super::failure::DatabaseFailure;
use super::tables::{META, SESSIONS};
use crate::data::FolderMark;

/// The names of a mark's numbers.
const FOLDER: &str = "folder";
const COUNT: &str = "count";

impl Store {
    /// Reads the mark. A database of an earlier version has none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn mark(&self) -> Result<Option<FolderMark>, StoreError> {
        self.read("read the mark", |transaction| {
            let table = transaction.open_table(META)?;
            let number = |name| -> Result<Option<u32>, DatabaseFailure> {
                Ok(table.get(name)?.map(|number| number.value()))
            };
            Ok(number(FOLDER)?
                .zip(number(COUNT)?)
                .map(|(folder, count)| FolderMark { folder, count }))
        })
        .await
    }

    /// Stores the mark.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_mark(&self, mark: FolderMark) -> Result<(), StoreError> {
        self.write("store the mark", move |transaction| {
            let mut table = transaction.open_table(META)?;
            table.insert(FOLDER, mark.folder)?;
            table.insert(COUNT, mark.count)?;
            Ok(())
        })
        .await
    }

    /// Whether any session is stored.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn has_sessions(&self) -> Result<bool, StoreError> {
        self.read("count sessions", |transaction| {
            Ok(!transaction.open_table(SESSIONS)?.is_empty()?)
        })
        .await
    }
}
