//! The call's record in memory.

use sightline_wire::{Seat, SessionId};

use super::Memory;
use crate::ports::{CallMinutes, StoreError};
use crate::records::{CallMinute, Record};

impl CallMinutes for Memory {
    async fn note_minute(
        &self,
        session: SessionId,
        seat: Seat,
        minute: CallMinute,
        _delete_at_s: u64,
    ) -> Result<bool, StoreError> {
        let mut world = self.world();
        let place = (session, seat, minute.place());
        if let Some(bytes) = world.minutes.get(&place)
            && CallMinute::decode(bytes)?.minute >= minute.minute
        {
            return Ok(false);
        }
        world.minutes.insert(place, minute.encode());
        Ok(true)
    }

    async fn minutes(&self, session: SessionId, seat: Seat) -> Result<Vec<CallMinute>, StoreError> {
        let world = self.world();
        let of_seat = (session, seat, 0)..=(session, seat, u8::MAX);
        let minutes = world.minutes.range(of_seat);
        let minutes = minutes.map(|(_, bytes)| CallMinute::decode(bytes));
        let mut minutes = minutes.collect::<Result<Vec<_>, _>>()?;
        minutes.sort_by_key(|minute| minute.minute);
        Ok(minutes)
    }
}
