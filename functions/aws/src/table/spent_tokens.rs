//! One-time tokens that were used.

use aws_lc_rs::digest::{SHA256, digest};
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use sightline_host::ports::{SpentTokens, StoreError};

use super::item::Item;
use super::{ONLY, Table, bytes, call_id, names};
use crate::store_error;

impl SpentTokens for Table {
    async fn spend(&self, token: &[u8], until_ms: u64) -> Result<bool, StoreError> {
        const WHAT: &str = "spend";
        const FREE: &str = "attribute_not_exists(#pk)";
        let by = call_id(WHAT)?;
        let hash = hex::encode(digest(&SHA256, token).as_ref());
        let row = Item::at(format!("o#{hash}"), ONLY)
            .with("by", bytes(by.clone()))
            .with_ttl(until_ms.div_ceil(1_000));
        let put = self.client.put_item().table_name(&self.name);
        let sent = put
            .set_item(Some(row.into()))
            .condition_expression(FREE)
            .set_expression_attribute_names(names(&[FREE]))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = sent else { return Ok(true) };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                let stands = failed.item().cloned().map(Item::from);
                Ok(stands.is_some_and(|row| row.bytes("by") == Some(&by)))
            }
            _ => Err(store_error::of(WHAT, &error)),
        }
    }
}
