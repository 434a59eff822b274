//! The places of owners, and the messages of connections.

use std::collections::HashMap;

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use sightline_host::ports::{ConnectionKey, StoreError};

use super::item::{Item, damaged};
use super::{ONLY, Table, bytes, names, number};
use crate::places::{CookieOwner, OPEN_S, PlaceStore, Places};
use crate::store_error;

/// A count of messages is of no use after this, seconds.
const COUNT_S: u64 = 600;

impl PlaceStore for Table {
    async fn places(&self, owner: CookieOwner) -> Result<(Places, u64), StoreError> {
        const WHAT: &str = "read places";
        let Some(row) = self.read(WHAT, at(owner)).await? else {
            return Ok((Places::default(), 0));
        };
        let body = row.bytes("body").ok_or_else(|| damaged(WHAT))?;
        let places = serde_json::from_slice(body).map_err(|_| damaged(WHAT))?;
        let revision = row.number("rev").ok_or_else(|| damaged(WHAT))?;
        Ok((places, revision))
    }

    async fn set_places(
        &self,
        owner: CookieOwner,
        places: &Places,
        revision: u64,
        now_s: u64,
    ) -> Result<bool, StoreError> {
        const WHAT: &str = "set places";
        const UNCHANGED: &str = "attribute_not_exists(#pk) OR #rev = :rev";
        let body = serde_json::to_vec(places).map_err(|_| damaged(WHAT))?;
        let row = at(owner)
            .with("body", bytes(body))
            .with("rev", number(revision + 1))
            .with_ttl(now_s + OPEN_S);
        let put = self.client.put_item().table_name(&self.name);
        let sent = put
            .set_item(Some(row.into()))
            .condition_expression(UNCHANGED)
            .set_expression_attribute_names(names(&[UNCHANGED]))
            .expression_attribute_values(":rev", number(revision))
            .send()
            .await;
        let Err(error) = sent else { return Ok(true) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(false),
            _ => Err(store_error::of(WHAT, &error)),
        }
    }

    async fn count_messages(
        &self,
        connection: &ConnectionKey,
        stretch: u64,
        messages: u32,
        now_s: u64,
    ) -> Result<u64, StoreError> {
        const WHAT: &str = "count messages";
        const ADD: &str = "SET #ttl = :ttl ADD #n :more";
        let row = Item::at(format!("m#{}#{stretch}", connection.0), ONLY);
        let update = self.client.update_item().table_name(&self.name);
        let done = update
            .set_key(Some(row.into()))
            .update_expression(ADD)
            .set_expression_attribute_names(names(&[ADD]))
            .expression_attribute_values(":ttl", number(now_s + COUNT_S))
            .expression_attribute_values(":more", number(messages))
            .return_values(ReturnValue::UpdatedNew)
            .send()
            .await
            .map_err(|error| store_error::of(WHAT, &error))?;
        let row: HashMap<String, AttributeValue> = done.attributes.unwrap_or_default();
        Item::from(row).number("n").ok_or_else(|| damaged(WHAT))
    }
}

/// Returns the key of an owner's places.
pub(super) fn at(owner: CookieOwner) -> Item {
    let name = match owner {
        CookieOwner::Agent(agent) => format!("p#agent#{agent}"),
        CookieOwner::Customer(session) => format!("p#seat#{session}"),
    };
    Item::at(name, ONLY)
}
