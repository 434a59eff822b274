//! A row of the table.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use sightline_host::ports::StoreError;
use sightline_host::records::Record;

use super::{bytes, number, text};

/// A row, or the key of one.
pub(super) struct Item(HashMap<String, AttributeValue>);

impl From<HashMap<String, AttributeValue>> for Item {
    fn from(map: HashMap<String, AttributeValue>) -> Self {
        Self(map)
    }
}

impl From<Item> for HashMap<String, AttributeValue> {
    fn from(item: Item) -> Self {
        item.0
    }
}

impl Item {
    /// Makes the key of a row.
    pub(super) fn at(pk: String, sk: impl Into<String>) -> Self {
        Self(HashMap::new())
            .with("pk", text(pk))
            .with("sk", text(sk))
    }

    pub(super) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// Adds a record as the body.
    pub(super) fn with_body(self, record: &impl Record) -> Self {
        self.with("body", bytes(record.encode()))
    }

    /// Adds the delete date, epoch seconds.
    pub(super) fn with_ttl(self, delete_at_s: u64) -> Self {
        self.with("ttl", number(delete_at_s))
    }

    /// Returns the key of the row.
    pub(super) fn key(&self) -> Option<Self> {
        let (pk, sk) = self.names();
        Some(Self::at(pk?.to_owned(), sk?))
    }

    /// Returns the two parts of its key.
    pub(super) fn names(&self) -> (Option<&str>, Option<&str>) {
        (self.text("pk"), self.text("sk"))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_s().ok().map(String::as_str)
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.0.get(name)?.as_n().ok()?.parse().ok()
    }

    /// All attributes that are numbers.
    pub(super) fn numbers(&self) -> impl Iterator<Item = (&str, u64)> {
        let all = self.0.iter();
        all.filter_map(|(name, value)| Some((name.as_str(), value.as_n().ok()?.parse().ok()?)))
    }

    pub(super) fn bytes(&self, name: &str) -> Option<&[u8]> {
        Some(self.0.get(name)?.as_b().ok()?.as_ref())
    }

    /// Decodes the record in the body.
    pub(super) fn body<R: Record>(&self, what: &'static str) -> Result<R, StoreError> {
        R::decode(self.bytes("body").ok_or_else(|| damaged(what))?)
    }

    /// Whether the delete date has passed. A row without one is damaged and counts as expired.
    pub(super) fn is_expired(&self, now_ms: u64) -> bool {
        self.number("ttl").is_none_or(|ttl| ttl <= now_ms / 1_000)
    }
}

/// The error for a row without an attribute that it must have.
pub(super) fn damaged(what: &'static str) -> StoreError {
    StoreError {
        operation: what,
        cause: "stored row is damaged".to_owned(),
        retryable: false,
    }
}
