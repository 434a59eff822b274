//! What is remembered in the cloud, against MiniStack: the host's contract suites, straight and
//! through a line that loses things, and what only this plug has to promise.

mod begun;
mod board;
mod crowd;
mod dates;
mod erased;
mod logo;
mod lost;
mod open;
mod places;
mod queued;
mod refused;
mod writers;

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::{RetryConfig, RetryPartition, TokenBucket};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use sightline_aws::Table;
use sightline_aws::retries::{retries, table_timeouts};
use sightline_host::contract::{self, Case};

use crate::support::proxy::{Fault, Proxy};
use crate::support::{now_ms, stack};

/// What a seed may be given as, to repeat a run.
const SEED: &str = "SIGHTLINE_SEED";

fn seed() -> u64 {
    let given = std::env::var(SEED).ok().and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(now_ms);
    eprintln!("{SEED}={seed}");
    seed
}

/// A client that tries each call so often, soon after one another.
fn client(endpoint: &str, tries: u32) -> Client {
    let retries = RetryConfig::standard()
        .with_max_attempts(tries)
        .with_initial_backoff(Duration::from_millis(2))
        .with_max_backoff(Duration::from_millis(20));
    client_with(endpoint, retries, TimeoutConfig::disabled())
}

/// A table whose client tries and waits as that of a function does.
fn table_as_deployed(endpoint: &str) -> Table {
    let client = client_with(endpoint, retries(), table_timeouts());
    Table::new(client, stack().resource("Table").to_owned())
}

fn client_with(endpoint: &str, retries: RetryConfig, timeouts: TimeoutConfig) -> Client {
    // Of its own: by default all clients of a process share what they may spend on further tries.
    let partition = RetryPartition::custom("test")
        .token_bucket(TokenBucket::unlimited())
        .build();
    let config = aws_sdk_dynamodb::config::Builder::from(&stack().config_at(endpoint))
        .retry_config(retries)
        .retry_partition(partition)
        .timeout_config(timeouts)
        .build();
    Client::from_conf(config)
}

fn table_at(endpoint: &str, tries: u32) -> Table {
    let name = stack().resource("Table").to_owned();
    Table::new(client(endpoint, tries), name)
}

fn table() -> Table {
    table_at(&stack().endpoint, 3)
}

macro_rules! suites {
    ($($name:ident),*) => {
        mod straight {
            use super::*;
            $(#[tokio::test]
            async fn $name() {
                contract::$name(&table(), &Case::new(1, now_ms())).await;
            })*
        }

        mod through_faults {
            use super::*;
            $(#[tokio::test]
            async fn $name() {
                let faulty = Proxy::start(&stack().endpoint, seed(), 30, 4, &Fault::PASSING).await;
                let table = table_at(&faulty.endpoint, 8);
                contract::$name(&table, &Case::new(2, now_ms())).await;
                assert!(!faulty.made().is_empty(), "nothing went wrong on the way");
            })*
        }
    };
}

suites!(
    sessions,
    directory,
    lists,
    erasures,
    attachments,
    case_keys,
    api_keys,
    ready_lines,
    webhooks,
    deliveries,
    agents,
    audit,
    figures,
    claims,
    connections,
    minutes,
    beside_log,
    relays,
    spent_tokens,
    sign_ins,
    rate_counters
);
