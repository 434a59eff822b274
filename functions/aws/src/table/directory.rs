//! Finding sessions.

use sightline_host::ports::{CallList, Directory, ListPlace, Span, StoreError};
use sightline_host::records::{CallSummary, InviteHash};
use sightline_wire::{AgentId, SessionId};

use super::item::{Item, damaged};
use super::keys::invite;
use super::{ONLY, Table, text};
use crate::store_error;

impl Directory for Table {
    async fn by_invite(
        &self,
        hash: InviteHash,
        now_ms: u64,
    ) -> Result<Option<SessionId>, StoreError> {
        const WHAT: &str = "find invite";
        let row = self.read(WHAT, Item::at(invite(hash), ONLY)).await?;
        let Some(row) = row.filter(|row| !row.is_expired(now_ms)) else {
            return Ok(None);
        };
        let session = row.text("session").and_then(|id| id.parse().ok());
        session.map(Some).ok_or_else(|| damaged(WHAT))
    }

    async fn by_agent(
        &self,
        agent: AgentId,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<CallSummary>, StoreError> {
        const WHAT: &str = "list calls";
        let mut calls = Vec::new();
        if limit == 0 {
            return Ok(calls);
        }
        let mut rows = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(partition(agent)))
            .scan_index_forward(false)
            .limit(i32::try_from(limit).unwrap_or(i32::MAX))
            .into_paginator()
            .items()
            .send();
        while calls.len() < limit {
            let Some(row) = rows.next().await else { break };
            let row = Item::from(row.map_err(|error| store_error::of(WHAT, &error))?);
            if !row.is_expired(now_ms) {
                calls.push(row.body(WHAT)?);
            }
        }
        Ok(calls)
    }

    async fn listed(
        &self,
        list: CallList,
        part: Span,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<(ListPlace, Option<CallSummary>)>, StoreError> {
        self.read_list(list, part, limit, now_ms).await
    }

    async fn search_key(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        self.read_search_key(fresh).await
    }
}

/// The key of a call summary; summaries sort by the beginning of the call.
pub(super) fn line(agent: AgentId, at_ms: u64, session: SessionId) -> Item {
    Item::at(partition(agent), order(at_ms, session))
}

pub(super) fn order(at_ms: u64, session: SessionId) -> String {
    format!("{at_ms:015}#{session}")
}

pub(super) fn partition(agent: AgentId) -> String {
    format!("a#{agent}")
}
