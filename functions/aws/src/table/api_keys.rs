//! The keys of the API for other programs: one row without a delete date.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use sightline_host::ports::{ApiKeys, Committed, StoreError};
use sightline_host::records::ApiKeyRing;

use super::item::Item;
use super::{ONLY, Table, bytes, call_id, names, number};
use crate::store_error;

impl ApiKeys for Table {
    async fn api_keys(&self) -> Result<ApiKeyRing, StoreError> {
        const WHAT: &str = "read API keys";
        match self.read(WHAT, row()).await? {
            Some(row) => row.body(WHAT),
            None => Ok(ApiKeyRing::default()),
        }
    }

    async fn replace_api_keys(&self, ring: ApiKeyRing) -> Result<Committed, StoreError> {
        const WHAT: &str = "replace API keys";
        const FIRST: &str = "attribute_not_exists(#pk) AND :before = :none";
        const NEXT: &str = "#rev = :before";
        let Some(before) = ring.revision.checked_sub(1) else {
            return Ok(Committed::Clash);
        };
        let condition = format!("({FIRST}) OR {NEXT}");
        let by = call_id(WHAT)?;
        let row = row()
            .with_body(&ring)
            .with("rev", number(ring.revision))
            .with("by", bytes(by.clone()));
        let put = self.client.put_item().table_name(&self.name);
        let sent = put
            .set_item(Some(row.into()))
            .set_expression_attribute_names(names(&[&condition]))
            .condition_expression(condition)
            .expression_attribute_values(":before", number(before))
            .expression_attribute_values(":none", number(0u64))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        let Err(error) = sent else {
            return Ok(Committed::Done);
        };
        match error.as_service_error() {
            Some(PutItemError::ConditionalCheckFailedException(failed)) => {
                let stands = failed.item().cloned().map(Item::from);
                // The answer to an earlier try of this call may have been lost.
                Ok(
                    match stands.is_some_and(|row| row.bytes("by") == Some(&by)) {
                        true => Committed::Done,
                        false => Committed::Clash,
                    },
                )
            }
            _ => Err(store_error::of(WHAT, &error)),
        }
    }
}

fn row() -> Item {
    Item::at("api-keys".to_owned(), ONLY)
}
