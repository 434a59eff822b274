//! Attachments: the page and connection that speak for a seat.
//!
//! The body is the attachment at its beginning; `heard` and `closed` hold later activity, so that
//! recording a message is one small update.

use aws_sdk_dynamodb::operation::update_item::{UpdateItemError, UpdateItemOutput};
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue, ReturnValuesOnConditionCheckFailure};
use sightline_host::ports::{Attachments, ConnectionKey, StoreError};
use sightline_host::records::{Attachment, Record};
use sightline_wire::{Seat, SessionId};

use super::item::{Item, damaged};
use super::keys::{partition, seat as sort_key};
use super::{KEPT_S, Table, bytes, call_id, names, number, text};
use crate::store_error;

/// Returns the attachment in a row.
pub(super) fn read(row: &Item) -> Result<Attachment, StoreError> {
    let attached = row.body("load attachment")?;
    let heard = row.number("heard");
    let heard = heard.ok_or_else(|| damaged("load attachment"))?;
    Ok(as_heard(attached, heard, row.number("closed")))
}

impl Attachments for Table {
    async fn attach(
        &self,
        session: SessionId,
        seat: Seat,
        attachment: Attachment,
    ) -> Result<Option<Attachment>, StoreError> {
        const WHAT: &str = "attach";
        let closing = match attachment.closed_at_ms {
            Some(_) => ", #closed = :closed",
            None => " REMOVE #closed",
        };
        // The previous attachment is kept beside, for a retry of a call whose first answer was
        // lost.
        let change = format!(
            "SET #was = if_not_exists(#body, :nothing), #was_heard = if_not_exists(#heard, :zero), \
             #was_closed = if_not_exists(#closed, :zero), #body = :body, #conn = :conn, \
             #heard = :heard, #by = :by, #ttl = :ttl{closing}"
        );
        let mut values = vec![
            (":nothing", bytes([])),
            (":zero", number(0u64)),
            (":body", bytes(attachment.encode())),
            (":conn", text(&attachment.connection.0)),
            (":heard", number(attachment.heard_at_ms)),
            (":by", bytes(call_id(WHAT)?)),
            (":ttl", number(kept_until_s(attachment.heard_at_ms))),
        ];
        if let Some(closed) = attachment.closed_at_ms {
            values.push((":closed", number(closed)));
        }
        let condition = "attribute_not_exists(#by) OR #by <> :by";
        let changed = self.change_seat(WHAT, (session, seat), &change, condition, values);
        match changed.await? {
            Seated::Changed(before) => before.as_ref().map(read).transpose(),
            Seated::Refused(ours) => {
                let ours = ours.ok_or_else(|| damaged(WHAT))?;
                before_ours(&ours)
            }
        }
    }

    async fn touch(
        &self,
        session: SessionId,
        seat: Seat,
        connection: &ConnectionKey,
        heard_at_ms: u64,
        closed: bool,
    ) -> Result<bool, StoreError> {
        const WHAT: &str = "touch";
        let there = (session, seat);
        let at = || (":at", number(heard_at_ms));
        let conn = || (":conn", text(&connection.0));
        if closed {
            let change = "SET #closed = if_not_exists(#closed, :at)";
            let changed =
                self.change_seat(WHAT, there, change, "#conn = :conn", vec![at(), conn()]);
            return Ok(matches!(changed.await?, Seated::Changed(_)));
        }
        let change = "SET #heard = :at, #ttl = :ttl REMOVE #closed";
        let condition = "#conn = :conn AND #heard < :at";
        let values = vec![at(), conn(), (":ttl", number(kept_until_s(heard_at_ms)))];
        let row = match self
            .change_seat(WHAT, there, change, condition, values)
            .await?
        {
            Seated::Changed(_) => return Ok(true),
            Seated::Refused(row) => row,
        };
        let row = row.filter(|row| row.text("conn") == Some(&connection.0));
        let Some(row) = row else { return Ok(false) };
        // A later message was recorded already. A late one does not move the time back, but it
        // shows that the connection is open.
        if row.number("closed").is_none() {
            return Ok(true);
        }
        let changed =
            self.change_seat(WHAT, there, "REMOVE #closed", "#conn = :conn", vec![conn()]);
        Ok(matches!(changed.await?, Seated::Changed(_)))
    }
}

/// The outcome of changing a seat's row, with the row before.
enum Seated {
    Changed(Option<Item>),
    Refused(Option<Item>),
}

impl Table {
    async fn change_seat(
        &self,
        what: &'static str,
        (session, seat): (SessionId, Seat),
        change: &str,
        condition: &str,
        values: Vec<(&str, AttributeValue)>,
    ) -> Result<Seated, StoreError> {
        let mut update = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(Item::at(partition(session), sort_key(seat)).into()))
            .update_expression(change)
            .condition_expression(condition)
            .set_expression_attribute_names(names(&[change, condition]))
            .return_values(ReturnValue::AllOld)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        for (name, value) in values {
            update = update.expression_attribute_values(name, value);
        }
        let updated: Result<UpdateItemOutput, _> = update.send().await;
        let error = match updated {
            Ok(updated) => {
                let before = updated.attributes.filter(|row| !row.is_empty());
                return Ok(Seated::Changed(before.map(Item::from)));
            }
            Err(error) => error,
        };
        match error.as_service_error() {
            Some(UpdateItemError::ConditionalCheckFailedException(failed)) => {
                Ok(Seated::Refused(failed.item().cloned().map(Item::from)))
            }
            _ => Err(store_error::of(what, &error)),
        }
    }
}

/// Returns the attachment before the one in this row.
fn before_ours(row: &Item) -> Result<Option<Attachment>, StoreError> {
    let Some(was) = row.bytes("was").filter(|was| !was.is_empty()) else {
        return Ok(None);
    };
    let heard = row.number("was_heard").unwrap_or_default();
    let closed = row.number("was_closed").filter(|closed| *closed > 0);
    Ok(Some(as_heard(Attachment::decode(was)?, heard, closed)))
}

fn as_heard(attached: Attachment, heard_at_ms: u64, closed_at_ms: Option<u64>) -> Attachment {
    Attachment {
        heard_at_ms,
        closed_at_ms,
        ..attached
    }
}

const fn kept_until_s(heard_at_ms: u64) -> u64 {
    heard_at_ms / 1_000 + KEPT_S
}
