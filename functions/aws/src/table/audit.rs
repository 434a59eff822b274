//! The audit log.

use sightline_host::ports::{Audit, StoreError};
use sightline_host::records::{AuditPlace, AuditRecord};

use super::item::Item;
use super::{Table, text};
use crate::store_error;

/// The partition of all lines.
const AUDIT: &str = "audit";

/// Rows of one answer of the table: those that wait for their deletion are read with the others.
const AT_ONCE: i32 = 200;

impl Audit for Table {
    async fn add_line(&self, line: &AuditRecord, delete_at_s: u64) -> Result<(), StoreError> {
        let row = Item::at(AUDIT.to_owned(), line.place.to_string())
            .with_body(line)
            .with_ttl(delete_at_s);
        let put = self.client.put_item().table_name(&self.name);
        let sent = put.set_item(Some(row.into())).send().await;
        sent.map(drop)
            .map_err(|error| store_error::of("add audit line", &error))
    }

    async fn lines(
        &self,
        before: Option<AuditPlace>,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<AuditRecord>, StoreError> {
        const WHAT: &str = "list audit lines";
        // Behind every place: these begin with digits.
        let end = before.map_or_else(|| "~".to_owned(), |before| before.to_string());
        let query = self.client.query().table_name(&self.name);
        let mut rows = query
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND sk < :end")
            .expression_attribute_values(":pk", text(AUDIT))
            .expression_attribute_values(":end", text(end))
            .scan_index_forward(false)
            .limit(AT_ONCE)
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while found.len() < limit {
            let Some(row) = rows.next().await else { break };
            let row = Item::from(row.map_err(|error| store_error::of(WHAT, &error))?);
            if !row.is_expired(now_ms) {
                found.push(row.body(WHAT)?);
            }
        }
        Ok(found)
    }
}
