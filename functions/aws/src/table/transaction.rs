//! Why a transaction was cancelled.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem};
use sightline_host::ports::StoreError;

use super::item::Item;
use super::names;
use crate::store_error;

/// Items in one transaction (DynamoDB quotas).
pub(super) const ITEMS_MAX: usize = 100;

/// The condition of a write did not hold.
pub(super) const CONDITION: &str = "ConditionalCheckFailed";

/// Another transaction is in progress on one of the items; nothing was stored.
const CONFLICT: &str = "TransactionConflict";

/// Retryable reasons.
const AGAIN: [&str; 3] = [CONFLICT, "ThrottlingError", "ProvisionedThroughputExceeded"];

/// The reasons of a cancelled transaction: a code for each write, `None` for writes that would have
/// succeeded.
pub(super) struct Cancelled(Vec<String>);

impl Cancelled {
    /// Returns the reasons, or an error if the transaction failed otherwise.
    pub(super) fn of(
        what: &'static str,
        error: &SdkError<TransactWriteItemsError>,
    ) -> Result<Self, StoreError> {
        let cancelled = match error.as_service_error() {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => cancelled,
            _ => return Err(store_error::of(what, error)),
        };
        let codes = cancelled.cancellation_reasons().iter();
        Ok(Self(
            codes
                .map(|reason| reason.code().unwrap_or("None").to_owned())
                .collect(),
        ))
    }

    /// Returns the first write whose condition did not hold.
    pub(super) fn condition(&self) -> Option<usize> {
        self.0.iter().position(|code| code == CONDITION)
    }

    /// Whether another transaction was in progress.
    pub(super) fn is_conflict(&self) -> bool {
        self.0.iter().any(|code| code == CONFLICT)
    }

    /// Converts an unexpected cancellation. It is retryable if one of its reasons is: a condition
    /// may have failed beside it because of a write that does not last.
    pub(super) fn store_error(&self, what: &'static str) -> StoreError {
        let passes = |code: &&String| AGAIN.contains(&code.as_str());
        let passing = self.0.iter().find(passes);
        let code = passing.or_else(|| self.0.iter().find(|code| *code != "None"));
        StoreError {
            operation: what,
            retryable: passing.is_some() || code.is_none(),
            cause: code.map_or_else(|| "cancelled".to_owned(), Clone::clone),
        }
    }
}

/// Makes a write of a whole row, with an optional condition.
pub(super) fn put(
    table: &str,
    item: Item,
    condition: Option<(&str, Vec<(&str, AttributeValue)>)>,
) -> TransactWriteItem {
    let mut put = Put::builder().table_name(table).set_item(Some(item.into()));
    if let Some((condition, values)) = condition {
        put = put
            .condition_expression(condition)
            .set_expression_attribute_names(names(&[condition]));
        for (name, value) in values {
            put = put.expression_attribute_values(name, value);
        }
    }
    let put = put.build().expect("it has a table and an item");
    TransactWriteItem::builder().put(put).build()
}

/// Makes a write that removes a row.
pub(super) fn delete(table: &str, row: Item) -> TransactWriteItem {
    let delete = Delete::builder().table_name(table);
    let delete = delete.set_key(Some(row.into())).build();
    let delete = delete.expect("it has a table and a key");
    TransactWriteItem::builder().delete(delete).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_reason_that_passes_is_enough_to_try_again() {
        for (codes, again, why) in [
            (vec![CONDITION, CONFLICT], true, CONFLICT),
            (vec![CONFLICT, CONDITION], true, CONFLICT),
            (
                vec!["None", CONDITION, "ThrottlingError"],
                true,
                "ThrottlingError",
            ),
            (
                vec!["ValidationError", "ProvisionedThroughputExceeded"],
                true,
                "ProvisionedThroughputExceeded",
            ),
            (vec!["None", CONDITION], false, CONDITION),
            (vec![CONDITION, "ValidationError"], false, CONDITION),
            (vec!["None", "None"], true, "cancelled"),
            (vec![], true, "cancelled"),
        ] {
            let cancelled = Cancelled(codes.iter().map(|code| (*code).to_owned()).collect());
            let error = cancelled.store_error("test");
            assert_eq!(
                (error.retryable, error.cause.as_str()),
                (again, why),
                "{codes:?}"
            );
        }
    }
}
