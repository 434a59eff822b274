//! One DynamoDB table: sessions and their logs, who speaks for a seat, connections, relays, what is
//! spent and counted.
//!
//! Keys are the strings `pk` and `sk`; what the host stores is `body`, as its records encode it (a
//! long state is packed, see [`pack`]). `ttl` is a delete date in epoch seconds: DynamoDB deletes
//! within days of it, so whoever reads checks it where the port says what time it is. All reads are
//! consistent, except for the sweep's.
//!
//! | record | `pk` | `sk` | attributes |
//! |---|---|---|---|
//! | state | `s#<session>` | `0state` | `rev`, `body` or `packed`, `ttl`, `began`; `open` while the session is not over |
//! | attachment | `s#<session>` | `0seat-agent`, `0seat-customer` | `conn`, `body`, `heard`, `closed`, `by`, `was`.., `ttl` |
//! | event | `s#<session>` | `e#<number, 10 digits>` | `body`, `ttl` |
//! | assignment | `s#<session>` | `room` | `epoch`, `body`, `ttl` |
//! | invite | `i#<hash>` | `0` | `session`, `ttl` |
//! | call's line | `a#<agent>` | `<began, 15 digits>#<session>` | `body`, `ttl` |
//! | connection | `c#<key>` | `0` | `body`, `ttl` |
//! | relay | `relays` | `<relay>` | `conn`, `body`, `ttl` |
//! | spent token | `o#<hash>` | `0` | `by`, `ttl` |
//! | rate counter | `n#<name>` | `0` | `n`, `ttl` |
//!
//! One query for what begins with `0` reads state and attachments. The sparse index `open` (`open`,
//! `began`) finds sessions that are not over; `open` is one of eight names, so that no single one
//! takes all writes.
//!
//! An answer can get lost and the client then asks again. What must not happen twice says so: a
//! transaction carries a token that the client makes once a call and DynamoDB remembers for ten
//! minutes; a single write carries `by`, chance made once a call, by which the second try
//! recognises the first.

mod attachments;
mod connections;
mod directory;
mod item;
mod pack;
mod rate_counters;
mod relays;
mod sessions;
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

use crate::trouble;
use item::Item;

/// The ports of everything that is remembered, on one table.
pub struct Table {
    client: aws_sdk_dynamodb::Client,
    name: String,
}

/// The `sk` of a record that has its `pk` to itself.
const ONLY: &str = "0";

/// An attachment and an assignment are kept this long after they were last written. Their ports
/// give no delete date; this is well beyond the longest session, and nothing personal is in them.
const KEPT_S: u64 = 2 * 86_400;

impl Table {
    /// The table of this name.
    #[must_use]
    pub const fn new(client: aws_sdk_dynamodb::Client, name: String) -> Self {
        Self { client, name }
    }

    /// One record as it stands, its date unchecked.
    async fn read(&self, what: &'static str, key: Item) -> Result<Option<Item>, StoreError> {
        let asked = self.client.get_item().table_name(&self.name);
        let got: Result<GetItemOutput, _> = asked
            .set_key(Some(key.into()))
            .consistent_read(true)
            .send()
            .await;
        let got = got.map_err(|error| trouble::of(what, &error))?;
        Ok(got.item.map(Item::from))
    }
}

/// The `#names` in expressions, so that none of them can be one of DynamoDB's several hundred
/// reserved words.
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

/// What tells one call from every other.
fn chance(what: &'static str) -> Result<Vec<u8>, StoreError> {
    let mut chance = vec![0; 16];
    SystemRandom::new()
        .fill(&mut chance)
        .map_err(|_| StoreError {
            operation: what,
            cause: "the system has no random bytes".to_owned(),
            retryable: true,
        })?;
    Ok(chance)
}

/// Epoch seconds by this machine's clock; only for dates of deletion of what has no other.
#[expect(clippy::disallowed_methods, reason = "the edge reads the clock")]
fn clock_s() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
