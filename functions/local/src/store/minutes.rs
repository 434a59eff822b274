//! The call's record.

use redb::{ReadableTable, TableError};
use sightline_host::ports::{CallMinutes, StoreError};
use sightline_host::records::{CallMinute, Record};
use sightline_wire::{Seat, SessionId};

use super::Store;
use super::attachments::seat_number;
use super::tables::MINUTES;

impl CallMinutes for Store {
    async fn note_minute(
        &self,
        session: SessionId,
        seat: Seat,
        minute: CallMinute,
        _delete_at_s: u64,
    ) -> Result<bool, StoreError> {
        self.write("note minute", move |transaction| {
            let mut table = transaction.open_table(MINUTES)?;
            let place = (session.as_bytes(), seat_number(seat), minute.place());
            if let Some(stored) = table.get(place)?
                && CallMinute::decode(stored.value())?.minute >= minute.minute
            {
                return Ok(false);
            }
            table.insert(place, minute.encode().as_slice())?;
            Ok(true)
        })
        .await
    }

    async fn minutes(&self, session: SessionId, seat: Seat) -> Result<Vec<CallMinute>, StoreError> {
        self.read("read minutes", move |transaction| {
            let table = match transaction.open_table(MINUTES) {
                // A file of an earlier version has no such table yet.
                Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
                table => table?,
            };
            let (id, seat) = (session.as_bytes(), seat_number(seat));
            let mut minutes = Vec::new();
            for row in table.range((id, seat, 0)..=(id, seat, u8::MAX))? {
                minutes.push(CallMinute::decode(row?.1.value())?);
            }
            minutes.sort_by_key(|minute: &CallMinute| minute.minute);
            Ok(minutes)
        })
        .await
    }
}
