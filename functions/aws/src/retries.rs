//! How long a function waits for a service, and how often it asks again.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;

/// Longest wait for a connection to a service in the same region.
const CONNECT: Duration = Duration::from_secs(2);

/// Longest wait for one answer.
const ATTEMPT: Duration = Duration::from_secs(5);

/// Longest wait for an answer with all tries: whoever asked us waits 29 s at most (API Gateway
/// quotas, integration timeout).
pub const OPERATION: Duration = Duration::from_secs(12);

/// Longest wait for one answer of the table, a fresh connection to it included: it answers within
/// milliseconds, and what takes longer is better asked again.
const TABLE_ATTEMPT: Duration = Duration::from_secs(1);

/// Longest wait for the table's answer with all tries. A page gives up after 8 s, or 3 s for a
/// command, and most of what a function does asks the table more than once.
const TABLE_OPERATION: Duration = Duration::from_secs(3);

/// Tries of a call, the first among them.
const TRIES: u32 = 3;

/// Pauses between them, by chance up to one that doubles. The host itself tries a commit for 3 s,
/// and the client's usual second after a throttle would use that up.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_millis(300);

/// Tries and pauses of calls to a service.
#[must_use]
pub fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(TRIES)
        .with_initial_backoff(PAUSE_FIRST)
        .with_max_backoff(PAUSE_MAX)
}

/// Waits for services other than the table.
#[must_use]
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}

/// Waits for the table.
#[must_use]
pub fn table_timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(TABLE_ATTEMPT)
        .operation_attempt_timeout(TABLE_ATTEMPT)
        .operation_timeout(TABLE_OPERATION)
        .build()
}
