//! Copies the database into a new file after an erasure. redb leaves the bytes of deleted rows in
//! pages that it may use again much later, also when it compacts; a new file has none of them.

use std::fs::{self, Metadata, OpenOptions};
use std::path::Path;

use redb::{
    Database, Key, ReadTransaction, ReadableDatabase, ReadableTable, TableDefinition, TableError,
    TableHandle, Value, WriteTransaction,
};

use super::erasures::ERASED;
use super::failure::DatabaseFailure;
use super::tables::{
    AGENTS, API_KEYS, ASSIGNMENTS, ATTACHMENTS, AUDIT, CASE_KEYS, CLAIMS, DELETE_DATES, DELIVERIES,
    DELIVERIES_DUE, DELIVERIES_LISTED, ENTRIES, ENTRIES_OF, EVENTS, FIGURES, INVITES, INVITES_OF,
    LOGO, META, MINUTES, NOTES, OUTBOX, PROBE, RATE_COUNTERS, RATINGS, READY_LINES, REVOCATIONS,
    SEARCH_KEY, SESSIONS, SPENT, SUMMARIES, TOMBSTONES, UNCOUNTED, WEBHOOKS,
};
use super::{NotOpen, open_or_create};
use crate::data::{DataError, open_no_link};

/// Whether something was erased since the file was begun.
pub(super) fn is_wanted(database: &Database) -> Result<bool, DatabaseFailure> {
    let transaction = database.begin_read()?;
    let meta = transaction.open_table(META)?;
    Ok(meta.get(ERASED)?.is_some())
}

/// Copies all rows into a new file, which is open and locked then. Returns it with what the system
/// says of it.
pub(super) fn copy(from: &Database, draft: &Path) -> Result<(Database, Metadata), NotOpen> {
    // A process of this number may have been killed here.
    let _ = fs::remove_file(draft);
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    let file = open_no_link(draft, &mut options).map_err(NotOpen::File)?;
    let data = file
        .metadata()
        .map_err(|error| NotOpen::File(DataError::Io(draft.to_owned(), error)))?;
    let to = open_or_create(file)?;
    copy_rows(from, &to).map_err(NotOpen::Tables)?;
    Ok((to, data))
}

fn copy_rows(from: &Database, to: &Database) -> Result<(), DatabaseFailure> {
    let (from, to) = (from.begin_read()?, to.begin_write()?);
    let all = Copying {
        from: &from,
        to: &to,
    };
    let known = [
        all.table(SESSIONS)?,
        all.table(EVENTS)?,
        all.table(INVITES)?,
        all.table(INVITES_OF)?,
        all.table(SUMMARIES)?,
        all.table(ENTRIES)?,
        all.table(ENTRIES_OF)?,
        all.table(SEARCH_KEY)?,
        all.table(ATTACHMENTS)?,
        all.table(MINUTES)?,
        all.table(NOTES)?,
        all.table(RATINGS)?,
        all.table(ASSIGNMENTS)?,
        all.table(DELETE_DATES)?,
        all.table(OUTBOX)?,
        all.table(SPENT)?,
        all.table(RATE_COUNTERS)?,
        all.table(TOMBSTONES)?,
        all.table(CASE_KEYS)?,
        all.table(API_KEYS)?,
        all.table(LOGO)?,
        all.table(AGENTS)?,
        all.table(REVOCATIONS)?,
        all.table(AUDIT)?,
        all.table(UNCOUNTED)?,
        all.table(FIGURES)?,
        all.table(CLAIMS)?,
        all.table(READY_LINES)?,
        all.table(WEBHOOKS)?,
        all.table(DELIVERIES)?,
        all.table(DELIVERIES_DUE)?,
        all.table(DELIVERIES_LISTED)?,
        all.table(PROBE)?,
        all.table(META)?,
    ];
    for table in from.list_tables()? {
        if !known.iter().any(|known| known == table.name()) {
            return Err(DatabaseFailure::unknown_table(table.name()));
        }
    }
    to.open_table(META)?.remove(ERASED)?;
    to.commit()?;
    Ok(())
}

struct Copying<'a> {
    from: &'a ReadTransaction,
    to: &'a WriteTransaction,
}

impl Copying<'_> {
    /// Copies a table, unless it is missing. Returns its name.
    fn table<K: Key + 'static, V: Value + 'static>(
        &self,
        table: TableDefinition<'_, K, V>,
    ) -> Result<String, DatabaseFailure> {
        let mut to = self.to.open_table(table)?;
        match self.from.open_table(table) {
            Err(TableError::TableDoesNotExist(_)) => {}
            from => {
                for row in from?.iter()? {
                    let (key, value) = row?;
                    to.insert(key.value(), value.value())?;
                }
            }
        }
        Ok(table.name().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use sightline_host::contract::{self, Case};

    use super::*;
    use crate::data::DATABASE;
    use crate::scratch::Scratch;
    use crate::store::Store;

    const NOW_MS: u64 = 1_800_000_000_000;

    /// A folder whose database has had an erased session, and has another one.
    async fn with_erased() -> Scratch {
        let scratch = Scratch::new();
        let store = Store::open(scratch.path(), NOW_MS).unwrap();
        contract::erasures(&store, &Case::new(1, NOW_MS)).await;
        scratch
    }

    fn rows(folder: &Path) -> Vec<(String, u64)> {
        use redb::ReadableTableMetadata as _;
        let database = Database::builder().open(folder.join(DATABASE)).unwrap();
        let transaction = database.begin_read().unwrap();
        let tables = transaction.list_tables().unwrap();
        let counted = tables.map(|table| {
            let name = table.name().to_owned();
            let rows = transaction.open_untyped_table(table).unwrap();
            (name, rows.len().unwrap())
        });
        counted.collect()
    }

    fn is_wanted_in(folder: &Path) -> bool {
        let database = Database::builder().open(folder.join(DATABASE)).unwrap();
        is_wanted(&database).unwrap()
    }

    #[tokio::test]
    async fn a_new_file_has_every_row_of_the_old_one_and_is_made_once() {
        let scratch = with_erased().await;
        let mut before = rows(scratch.path());
        assert!(is_wanted_in(scratch.path()));
        for _ in 0..2 {
            drop(Store::open(scratch.path(), NOW_MS).unwrap());
            assert!(!is_wanted_in(scratch.path()));
            for (name, rows) in &mut before {
                // Its own mark is gone, and no probe was made.
                *rows -= u64::from(name == "meta" && *rows == 2);
            }
            let mut after = rows(scratch.path());
            after.retain(|(name, _)| name != "probe");
            assert_eq!(after, before);
        }
        let names = fs::read_dir(scratch.path()).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["erased", DATABASE], "no draft, and the list of ids");
    }

    #[tokio::test]
    async fn where_no_new_file_can_be_made_the_old_one_goes_on_and_the_next_start_tries_again() {
        let scratch = with_erased().await;
        let draft = format!("{DATABASE}.{}", std::process::id());
        let draft = scratch.path().join(draft);
        fs::create_dir(&draft).unwrap();
        let before = rows(scratch.path());
        drop(Store::open(scratch.path(), NOW_MS).unwrap());
        assert_eq!(rows(scratch.path()), before);
        assert!(is_wanted_in(scratch.path()));
        fs::remove_dir(&draft).unwrap();
        drop(Store::open(scratch.path(), NOW_MS).unwrap());
        assert!(!is_wanted_in(scratch.path()));
    }

    #[tokio::test]
    async fn a_table_of_a_later_version_is_not_lost() {
        const LATER: TableDefinition<u64, u64> = TableDefinition::new("later");
        let scratch = with_erased().await;
        let database = Database::builder().open(scratch.path().join(DATABASE));
        let transaction = database.unwrap().begin_write().unwrap();
        transaction.open_table(LATER).unwrap().insert(1, 2).unwrap();
        transaction.commit().unwrap();
        let before = rows(scratch.path());
        drop(Store::open(scratch.path(), NOW_MS).unwrap());
        assert_eq!(rows(scratch.path()), before);
        assert!(is_wanted_in(scratch.path()));
    }
}
