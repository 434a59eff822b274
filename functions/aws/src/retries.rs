//! Timeouts and retries of calls to services.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;

/// Longest wait for a connection to a service in the same region.
const CONNECT: Duration = Duration::from_secs(2);

/// Longest wait for one answer.
const ATTEMPT: Duration = Duration::from_secs(5);

/// Longest wait for an answer with all tries: the caller waits 29 s at most (API Gateway quotas,
/// integration timeout).
pub const OPERATION: Duration = Duration::from_secs(12);

/// Longest wait for one answer of the table, including a new connection. The table answers within
/// milliseconds, so a slow request is better retried.
const TABLE_ATTEMPT: Duration = Duration::from_secs(1);

/// Longest wait for the table's answer with all tries. A page gives up after 8 s, or 3 s for a
/// command, and most invocations make several requests to the table.
const TABLE_OPERATION: Duration = Duration::from_secs(3);

/// Tries of a call, including the first.
const TRIES: u32 = 3;

/// Random pauses between them, up to a limit that doubles. The host itself retries a commit for 3
/// s; the client's default pause of a second after a throttle would use that up.
const PAUSE_FIRST: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_millis(300);

/// Retries of calls to a service.
#[must_use]
pub fn retries() -> RetryConfig {
    RetryConfig::standard()
        .with_max_attempts(TRIES)
        .with_initial_backoff(PAUSE_FIRST)
        .with_max_backoff(PAUSE_MAX)
}

/// Timeouts of services other than the table.
#[must_use]
pub fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(OPERATION)
        .build()
}

/// Timeouts of the table.
#[must_use]
pub fn table_timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(TABLE_ATTEMPT)
        .operation_attempt_timeout(TABLE_ATTEMPT)
        .operation_timeout(TABLE_OPERATION)
        .build()
}
