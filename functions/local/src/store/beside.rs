//! Notes and ratings, beside the log.

use redb::{ReadTransaction, TableDefinition, TableError, WriteTransaction};
use sightline_host::ports::{BesideLog, StoreError};
use sightline_host::records::{BesideRecord, CaseRecords, NoteRecord, RatingRecord, Record};
use sightline_wire::{Seat, SessionId};

use super::Store;
use super::attachments::seat_number;
use super::failure::DatabaseFailure;
use super::tables::{NOTES, RATINGS};

/// Stores what a commit has beside the log.
pub(super) fn insert(
    transaction: &WriteTransaction,
    session: SessionId,
    beside: &[BesideRecord],
) -> Result<(), DatabaseFailure> {
    let id = session.as_bytes();
    for record in beside {
        match record {
            BesideRecord::Note(note) => {
                let key = (id, note.place.n, note.place.version);
                let mut notes = transaction.open_table(NOTES)?;
                notes.insert(key, note.encode().as_slice())?;
            }
            BesideRecord::Rating(seat, rating) => {
                let mut ratings = transaction.open_table(RATINGS)?;
                ratings.insert((id, seat_number(*seat)), rating.encode().as_slice())?;
            }
        }
    }
    Ok(())
}

/// Deletes what stands beside the log of a session.
pub(super) fn delete(
    transaction: &WriteTransaction,
    session: SessionId,
) -> Result<(), DatabaseFailure> {
    let id = session.as_bytes();
    let notes = (id, 0, 0)..=(id, u8::MAX, u8::MAX);
    transaction
        .open_table(NOTES)?
        .retain_in(notes, |_, _| false)?;
    let ratings = (id, 0)..=(id, u8::MAX);
    transaction
        .open_table(RATINGS)?
        .retain_in(ratings, |_, _| false)?;
    Ok(())
}

impl BesideLog for Store {
    async fn case_records(&self, session: SessionId) -> Result<CaseRecords, StoreError> {
        self.read("read notes", move |transaction| {
            let id = session.as_bytes();
            let mut records = CaseRecords::default();
            if let Some(notes) = open(transaction, NOTES)? {
                for row in notes.range((id, 0, 0)..=(id, u8::MAX, u8::MAX))? {
                    records.notes.push(NoteRecord::decode(row?.1.value())?);
                }
            }
            if let Some(ratings) = open(transaction, RATINGS)? {
                for seat in Seat::ALL {
                    if let Some(row) = ratings.get((id, seat_number(seat)))? {
                        *records.ratings.get_mut(seat) = Some(RatingRecord::decode(row.value())?);
                    }
                }
            }
            Ok(records)
        })
        .await
    }
}

/// `None` for a file of an earlier version, which has no such table yet.
pub(super) fn open<K: redb::Key + 'static, V: redb::Value + 'static>(
    transaction: &ReadTransaction,
    table: TableDefinition<'_, K, V>,
) -> Result<Option<redb::ReadOnlyTable<K, V>>, DatabaseFailure> {
    match transaction.open_table(table) {
        Err(TableError::TableDoesNotExist(_)) => Ok(None),
        table => Ok(Some(table?)),
    }
}
