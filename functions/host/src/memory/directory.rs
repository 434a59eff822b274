//! Lists of calls in memory.

use std::collections::BTreeSet;

use sightline_wire::{AgentId, SessionId};

use super::{Memory, World};
use crate::ports::{CallList, Directory, ListPlace, Span, StoreError};
use crate::records::{CallSummary, InviteHash, Record};

impl Directory for Memory {
    async fn by_invite(
        &self,
        invite: InviteHash,
        now_ms: u64,
    ) -> Result<Option<SessionId>, StoreError> {
        self.take_time().await;
        let world = self.world();
        let session = world.invites.get(&invite).copied();
        Ok(session.filter(|session| world.living(*session, now_ms).is_some()))
    }

    async fn by_agent(
        &self,
        agent: AgentId,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<CallSummary>, StoreError> {
        let world = self.world();
        let mut calls = world
            .summaries
            .values()
            .filter(|(of, date_s, _)| *of == agent && now_ms / 1_000 < *date_s)
            .map(|(_, _, summary)| CallSummary::decode(summary))
            .collect::<Result<Vec<_>, _>>()?;
        calls.sort_by_key(|call| (std::cmp::Reverse(call.at_ms), call.session));
        calls.truncate(limit);
        Ok(calls)
    }

    async fn listed(
        &self,
        list: CallList,
        part: Span,
        limit: usize,
        now_ms: u64,
    ) -> Result<Vec<(ListPlace, Option<CallSummary>)>, StoreError> {
        self.take_time().await;
        let world = self.world();
        let places = world.places(list)?.into_iter();
        let places = places.filter(|place| (part.from_ms..part.to_ms).contains(&place.at_ms));
        let places = places.filter(|place| part.after.is_none_or(|after| after < *place));
        let summary = |place: ListPlace| {
            let row = world.summaries.get(&place.session);
            let row = row.filter(|(_, date_s, _)| now_ms / 1_000 < *date_s);
            row.map(|(_, _, summary)| CallSummary::decode(summary))
                .transpose()
        };
        places
            .take(limit)
            .map(|place| Ok((place, summary(place)?)))
            .collect()
    }

    async fn search_key(&self, fresh: [u8; 32]) -> Result<[u8; 32], StoreError> {
        Ok(*self.world().search_key.get_or_insert(fresh))
    }
}

impl World {
    fn places(&self, list: CallList) -> Result<BTreeSet<ListPlace>, StoreError> {
        match list {
            CallList::Found(term) => {
                let entries = self
                    .entries
                    .iter()
                    .filter(|(found_by, _)| *found_by == term);
                Ok(entries.map(|(_, place)| *place).collect())
            }
            CallList::Of(agent) => {
                let rows = self.summaries.values().filter(|(of, ..)| *of == agent);
                let calls = rows.map(|(_, _, summary)| CallSummary::decode(summary));
                let place = |call: CallSummary| ListPlace {
                    at_ms: call.at_ms,
                    session: call.session,
                };
                calls.map(|call| call.map(place)).collect()
            }
        }
    }
}
