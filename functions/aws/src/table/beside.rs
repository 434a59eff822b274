//! Notes and ratings: rows of the session, written by its commits.

use aws_sdk_dynamodb::types::TransactWriteItem;
use sightline_host::ports::{BesideLog, StoreError};
use sightline_host::records::{BesideRecord, CaseRecords};
use sightline_wire::{Seat, SessionId};

use super::Table;
use super::item::{Item, damaged};
use super::keys::{BESIDE, note, partition, rating};
use super::transaction::put;

/// Returns the write of a record beside the log. It needs no condition: that of the state holds for
/// the whole commit.
pub(super) fn write(
    table: &str,
    session: SessionId,
    beside: &BesideRecord,
    delete_at_s: u64,
) -> TransactWriteItem {
    let row = match beside {
        BesideRecord::Note(written) => {
            Item::at(partition(session), note(written.place)).with_body(written)
        }
        BesideRecord::Rating(seat, given) => {
            Item::at(partition(session), rating(*seat).to_owned()).with_body(given)
        }
    };
    put(table, row.with_ttl(delete_at_s), None)
}

impl BesideLog for Table {
    async fn case_records(&self, session: SessionId) -> Result<CaseRecords, StoreError> {
        const WHAT: &str = "read notes";
        let mut records = CaseRecords::default();
        for row in self.rows_from(WHAT, partition(session), BESIDE).await? {
            let key = row.text("sk").ok_or_else(|| damaged(WHAT))?;
            match Seat::ALL.into_iter().find(|seat| rating(*seat) == key) {
                Some(seat) => *records.ratings.get_mut(seat) = Some(row.body(WHAT)?),
                None => records.notes.push(row.body(WHAT)?),
            }
        }
        Ok(records)
    }
}
