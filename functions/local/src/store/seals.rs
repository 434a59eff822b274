//! The database's own seal, and whether it has sessions: what tells at the start whether it belongs
//! to its folder.

use std::path::Path;

use redb::{Database, ReadTransaction, ReadableDatabase, ReadableTableMetadata};
use sightline_host::ports::StoreError;

use super::Store;
use super::failure::DatabaseFailure;
use super::tables::{META, SESSIONS};
use crate::data::{DATABASE, Seal};

/// The names of a seal's numbers.
const FOLDER: &str = "folder";
const COUNT: &str = "count";

/// What a database says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLook {
    /// Its seal. A database of an earlier version has none.
    pub seal: Option<Seal>,
    /// Whether any session is stored.
    pub has_sessions: bool,
}

impl FileLook {
    /// Looks into the database of a folder and changes nothing, which opening it would. Returns
    /// `None` if it cannot be read so, such as after a kill.
    #[must_use]
    pub fn at(folder: &Path) -> Option<Self> {
        let path = folder.join(DATABASE);
        if !path.is_file() {
            return None;
        }
        let database = Database::builder().open_read_only(path).ok()?;
        Self::of(&database.begin_read().ok()?).ok()
    }

    fn of(transaction: &ReadTransaction) -> Result<Self, DatabaseFailure> {
        Ok(Self {
            seal: seal(transaction)?,
            has_sessions: !transaction.open_table(SESSIONS)?.is_empty()?,
        })
    }
}

fn seal(transaction: &ReadTransaction) -> Result<Option<Seal>, DatabaseFailure> {
    let table = transaction.open_table(META)?;
    let number = |name| -> Result<Option<u32>, DatabaseFailure> {
        Ok(table.get(name)?.map(|number| number.value()))
    };
    Ok(number(FOLDER)?
        .zip(number(COUNT)?)
        .map(|(folder, count)| Seal { folder, count }))
}

impl Store {
    /// Looks into the open database.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn look(&self) -> Result<FileLook, StoreError> {
        self.read("look into the database", FileLook::of).await
    }

    /// Reads the seal. A database of an earlier version has none.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn seal(&self) -> Result<Option<Seal>, StoreError> {
        self.read("read the seal", seal).await
    }

    /// Stores the seal.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn set_seal(&self, seal: Seal) -> Result<(), StoreError> {
        self.write("store the seal", move |transaction| {
            let mut table = transaction.open_table(META)?;
            table.insert(FOLDER, seal.folder)?;
            table.insert(COUNT, seal.count)?;
            Ok(())
        })
        .await
    }
}
