//! The call's record: a row for each minute, so that a write costs one unit and needs no reading.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use sightline_host::ports::{CallMinutes, StoreError};
use sightline_host::records::CallMinute;
use sightline_wire::{Seat, SessionId};

use super::item::Item;
use super::keys::{self, partition};
use super::{Table, bytes, call_id, names, number};
use crate::store_error;

impl CallMinutes for Table {
    async fn note_minute(
        &self,
        session: SessionId,
        seat: Seat,
        minute: CallMinute,
        delete_at_s: u64,
    ) -> Result<bool, StoreError> {
        const WHAT: &str = "note minute";
        // A retry finds what the first try wrote.
        const LATER: &str = "attribute_not_exists(#pk) OR #minute < :minute OR #by = :by";
        let by = call_id(WHAT)?;
        let place = format!("{}{:02}", keys::minutes(seat), minute.place());
        let row = Item::at(partition(session), place)
            .with("minute", number(minute.minute))
            .with("by", bytes(by.clone()))
            .with_body(&minute)
            .with_ttl(delete_at_s);
        let put = self.client.put_item().table_name(&self.name);
        let sent = put
            .set_item(Some(row.into()))
            .condition_expression(LATER)
            .set_expression_attribute_names(names(&[LATER]))
            .expression_attribute_values(":minute", number(minute.minute))
            .expression_attribute_values(":by", bytes(by))
            .send()
            .await;
        let Err(error) = sent else { return Ok(true) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(store_error::of(WHAT, &error)),
        }
    }

    async fn minutes(&self, session: SessionId, seat: Seat) -> Result<Vec<CallMinute>, StoreError> {
        const WHAT: &str = "read minutes";
        let mut minutes: Vec<CallMinute> = Vec::new();
        for row in self
            .rows_from(WHAT, partition(session), keys::minutes(seat))
            .await?
        {
            minutes.push(row.body(WHAT)?);
        }
        minutes.sort_by_key(|minute| minute.minute);
        Ok(minutes)
    }
}
