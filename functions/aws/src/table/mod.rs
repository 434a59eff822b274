//! One DynamoDB table: sessions and their logs, attachments, connections, relays, spent tokens and
//! rate counters.
//!
//! Keys are the strings `pk` and `sk`. `body` is a record as the host encodes it (a long state is
//! packed, see [`pack`]). Every row but those of keys and of the logo has `ttl`, a delete date in
//! epoch seconds. DynamoDB deletes within days of it, so readers check it wherever their port has
//! the time as an argument. All reads are consistent, except for the sweep's.
//!
//! | record | `pk` | `sk` | attributes |
//! |---|---|---|---|
//! | state | `s#<session>` | `0state` | `rev`, `body` or `packed`, `began`, `open`; `buried` while it is erased |
//! | tombstone | `s#<session>` | `0state` | `buried` |
//! | attachment | `s#<session>` | `0seat-<seat>` | `conn`, `body`, `heard`, `closed`, `by`, `was` |
//! | minute of the call's record | `s#<session>` | `q#<seat>#<place, 2 digits>` | `minute`, `by`, `body` |
//! | event | `s#<session>` | `e#<number, 10 digits>` | `body` |
//! | text of a note | `s#<session>` | `n#<note, 3 digits>#<version, 3 digits>` | `body` |
//! | rating | `s#<session>` | `n#rating-<seat>` | `body` |
//! | assignment | `s#<session>` | `room` | `epoch`, `body` |
//! | invite | `i#<hash>` | `0` | `session` |
//! | the same, for erasing | `s#<session>` | `i#<hash>` | |
//! | call summary | `a#<agent>` | `<began, 15 digits>#<session>` | `body` |
//! | entry of a call summary | `f#<term>` | `<began, 15 digits>#<session downwards>` | `agent` |
//! | the key of the terms | `search-key` | `0` | `key` |
//! | connection | `c#<key>` | `0` | `body` |
//! | relay | `relays` | `<relay>` | `conn`, `body` |
//! | spent token | `o#<hash>` | `0` | `by` |
//! | sign-in that is over | `l#<sign-in>` | `0` | |
//! | connection of a sign-in | `l#<sign-in>` | `c#<key>` | |
//! | rate counter | `n#<name>` | `0` | `n` |
//! | places of a cookie's owner | `p#<owner>` | `0` | `rev`, `body` |
//! | messages of a connection | `m#<key>#<stretch>` | `0` | `n` |
//! | key that signed case files | `case-keys` | `<thumbprint>` | `jwk`; no `ttl` |
//! | keys of the API | `api-keys` | `0` | `rev`, `by`, `body`; no `ttl` |
//! | lines that agents have ready | `ready-lines` | `0` | `rev`, `by`, `body`; no `ttl` |
//! | logo | `logo` | `0` | `body`; no `ttl` |
//! | its bytes | `logo` | `bytes` | `bytes`; no `ttl` |
//! | webhooks | `webhooks` | `0` | `rev`, `by`, `body`; no `ttl` |
//! | delivery | `d#<webhook>#<call>` | `<number, 20 digits>` | `body`, `by`; `open`, `began` while it waits |
//! | place of a delivery in the list | `d#<webhook>` | `<time downwards>#<call>#<number>` | `at` |
//! | agent who signed in | `agents` | `<agent>` | `body` |
//! | end of an agent's access | `revoked` | `<agent>` | `body`; no `ttl` |
//! | line of the audit log | `audit` | `<time, 15 digits>-<tag>` | `body` |
//! | request that may be repeated | `k#<name>` | `0` | `by`, `body` |
//! | the sweep's mark | `sweep` | `0` | `shard`, `from` |
//!
//! One query for the rows that begin with `0` reads state and attachments. The sparse index `open`
//! (`open`, `began`) finds sessions that have not ended, and deliveries that wait, under the time
//! from which they are late; `open` is one of eight names each, so that no single one takes all
//! writes.
//!
//! The client retries when an answer is lost. Two mechanisms keep a write from happening twice: a
//! transaction carries a token that the client makes once per call and DynamoDB remembers for ten
//! minutes; a single write carries `by`, random bytes made once per call, by which a retry
//! recognises the first try.

mod agents;
mod attachments;
mod audit;
mod beside;
mod case_keys;
mod claims;
mod connections;
mod deliveries;
mod directory;
mod erasures;
mod figures;
mod item;
mod keys;
mod late;
mod lists;
mod logo;
mod minutes;
mod open;
mod pack;
mod places;
mod rate_counters;
mod relays;
mod rings;
mod sessions;
mod sign_ins;
mod spent_tokens;
mod transaction;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use aws_sdk_dynamodb::operation::get_item::GetItemOutput;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use sightline_host::ports::StoreError;

use crate::{SqsQueue, store_error};
use item::Item;

pub use open::{OpenSession, OpenSessions, SweepMark};

/// The ports for everything that is stored, on one table.
pub struct Table {
    client: aws_sdk_dynamodb::Client,
    name: String,
    /// Where webhooks' deliveries go that were stored.
    queue: Option<SqsQueue>,
}

/// The `sk` of a record that is alone under its `pk`.
const ONLY: &str = "0";

/// An attachment, an assignment and the sweep's mark are kept this long after they were last
/// written. Their ports give no delete date; this is well beyond the longest session, and nothing
/// personal is in them.
const KEPT_S: u64 = 2 * 86_400;

impl Table {
    /// Uses the table of this name.
    #[must_use]
    pub const fn new(client: aws_sdk_dynamodb::Client, name: String) -> Self {
        Self {
            client,
            name,
            queue: None,
        }
    }

    /// Hands deliveries over to this queue.
    #[must_use]
    pub fn with_queue(self, queue: SqsQueue) -> Self {
        Self {
            queue: Some(queue),
            ..self
        }
    }

    /// Reads one record without checking its delete date.
    async fn read(&self, what: &'static str, key: Item) -> Result<Option<Item>, StoreError> {
        let asked = self.client.get_item().table_name(&self.name);
        let got: Result<GetItemOutput, _> = asked
            .set_key(Some(key.into()))
            .consistent_read(true)
            .send()
            .await;
        let got = got.map_err(|error| store_error::of(what, &error))?;
        Ok(got.item.map(Item::from))
    }

    /// Reads all rows of a partition, in the order of `sk`, without checking their delete dates.
    async fn rows_under(&self, what: &'static str, pk: String) -> Result<Vec<Item>, StoreError> {
        let query = self.client.query().table_name(&self.name);
        let query = query
            .consistent_read(true)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", text(pk));
        let mut rows = query.into_paginator().items().send();
        let mut found = Vec::new();
        while let Some(row) = rows.next().await {
            let row = row.map_err(|error| store_error::of(what, &error))?;
            found.push(Item::from(row));
        }
        Ok(found)
    }

    /// Reads the rows of a partition whose `sk` begins with `start`, in its order, without checking
    /// their delete dates.
    async fn rows_from(
        &self,
        what: &'static str,
        pk: String,
        start: &str,
    ) -> Result<Vec<Item>, StoreError> {
        let mut rows = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .key_condition_expression("pk = :pk AND begins_with(sk, :sk)")
            .expression_attribute_values(":pk", text(pk))
            .expression_attribute_values(":sk", text(start))
            .into_paginator()
            .items()
            .send();
        let mut found = Vec::new();
        while let Some(row) = rows.next().await {
            found.push(Item::from(
                row.map_err(|error| store_error::of(what, &error))?,
            ));
        }
        Ok(found)
    }
}

/// Returns the `#names` of expressions. All names are aliased, so that none can be one of
/// DynamoDB's several hundred reserved words.
fn names(expressions: &[&str]) -> Option<HashMap<String, String>> {
    let mut names = HashMap::new();
    for expression in expressions {
        for rest in expression.split('#').skip(1) {
            let name: String = rest
                .chars()
                .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
                .collect();
            names.insert(format!("#{name}"), name);
        }
    }
    Some(names)
}

fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

fn number(value: impl Into<u64>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

fn bytes(value: impl Into<Vec<u8>>) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

/// Returns random bytes that identify one call.
fn call_id(what: &'static str) -> Result<Vec<u8>, StoreError> {
    let mut id = vec![0; 16];
    SystemRandom::new().fill(&mut id).map_err(|_| StoreError {
        operation: what,
        cause: "cannot read system randomness".to_owned(),
        retryable: true,
    })?;
    Ok(id)
}

/// Epoch seconds of this machine's clock, only for delete dates that no port gives.
#[expect(clippy::disallowed_methods, reason = "the edge reads the clock")]
fn clock_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
