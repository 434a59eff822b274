//! Records that are few and stored together, one row without a delete date: the keys of the API,
//! webhooks, and ready lines.

use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::types::ReturnValuesOnConditionCheckFailure;
use sightline_host::ports::{ApiKeys, Committed, ReadyLineStore, StoreError};
use sightline_host::records::{ApiKeyRing, LinesRecord, Record, WebhookRing};

use super::item::Item;
use super::{ONLY, Table, bytes, call_id, names, number};
use crate::store_error;

/// The partition of the keys of the API.
const API_KEYS: &str = "api-keys";

/// The partition of webhooks.
const WEBHOOKS: &str = "webhooks";

/// The partition of ready lines.
const READY_LINES: &str = "ready-lines";

impl ApiKeys for Table {
    async fn api_keys(&self) -> Result<ApiKeyRing, StoreError> {
        let read = self.read_ring("read API keys", API_KEYS).await?;
        Ok(read.unwrap_or_default())
    }

    async fn replace_api_keys(&self, ring: ApiKeyRing) -> Result<Committed, StoreError> {
        let what = "replace API keys";
        self.replace_ring(what, API_KEYS, ring.revision, &ring)
            .await
    }
}

impl ReadyLineStore for Table {
    async fn ready_lines(&self) -> Result<LinesRecord, StoreError> {
        let read = self.read_ring("read ready lines", READY_LINES).await?;
        Ok(read.unwrap_or_default())
    }

    async fn replace_ready_lines(&self, lines: LinesRecord) -> Result<Committed, StoreError> {
        let what = "replace ready lines";
        self.replace_ring(what, READY_LINES, lines.revision, &lines)
            .await
    }
}

impl Table {
    pub(super) async fn read_webhooks(&self) -> Result<WebhookRing, StoreError> {
        let read = self.read_ring("read webhooks", WEBHOOKS).await?;
        Ok(read.unwrap_or_default())
    }

    pub(super) async fn replace_webhook_ring(
        &self,
        ring: WebhookRing,
    ) -> Result<Committed, StoreError> {
        let what = "replace webhooks";
        self.replace_ring(what, WEBHOOKS, ring.revision, &ring)
            .await
    }

    async fn read_ring<R: Record>(
        &self,
        what: &'static str,
        pk: &str,
    ) -> Result<Option<R>, StoreError> {
        let row = self.read(what, Item::at(pk.to_owned(), ONLY)).await?;
        row.map(|row| row.body(what)).transpose()
    }

    /// Replaces the row, on the condition that the stored revision is one lower.
    async fn replace_ring(
        &self,
        what: &'static str,
        pk: &str,
        revision: u32,
        ring: &impl Record,
    ) -> Result<Committed, StoreError> {
        const FIRST: &str = "attribute_not_exists(#pk) AND :before = :none";
        const NEXT: &str = "#rev = :before";
        let Some(before) = revision.checked_sub(1) else {
            return Ok(Committed::Clash);
        };
        let condition = format!("({FIRST}) OR {NEXT}");
        let by = call_id(what)?;
        let row = Item::at(pk.to_owned(), ONLY)
            .with_body(ring)
            .with("rev", number(revision))
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
                let ours = stands.is_some_and(|row| row.bytes("by") == Some(&by));
                Ok(match ours {
                    true => Committed::Done,
                    false => Committed::Clash,
                })
            }
            _ => Err(store_error::of(what, &error)),
        }
    }
}
