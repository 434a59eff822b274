//! Requests that another program may repeat.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use sightline_host::ports::{Claims, StoreError};
use sightline_host::records::ClaimRecord;

use super::item::{Item, damaged};
use super::{ONLY, Table, bytes, call_id, names, number};
use crate::store_error;

impl Claims for Table {
    async fn claim(
        &self,
        name: &str,
        claim: &ClaimRecord,
        until_ms: u64,
        now_ms: u64,
    ) -> Result<Option<ClaimRecord>, StoreError> {
        const WHAT: &str = "claim";
        const FREE: &str = "attribute_not_exists(#pk) OR #ttl <= :now";
        let by = call_id(WHAT)?;
        let row = Item::at(format!("k#{name}"), ONLY)
            .with_body(claim)
            .with("by", bytes(by.clone()))
            .with_ttl(until_ms / 1_000);
        let put = self.client.put_item().table_name(&self.name);
        let sent = put
            .set_item(Some(row.into()))
            .condition_expression(FREE)
            .set_expression_attribute_names(names(&[FREE]))
            .expression_attribute_values(":now", number(now_ms / 1_000))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = sent else { return Ok(None) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                let stands = failed.item().cloned().map(Item::from);
                let stands = stands.ok_or_else(|| damaged(WHAT))?;
                // The answer to an earlier try of this call may have been lost.
                if stands.bytes("by") == Some(&by) {
                    return Ok(None);
                }
                stands.body(WHAT).map(Some)
            }
            _ => Err(store_error::of(WHAT, &error)),
        }
    }
}
