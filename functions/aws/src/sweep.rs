//! The periodic sweep: ends sessions whose deadline passed, removes objects that no session refers
//! to, and counts sessions and relays.
//!
//! Nothing depends on it. Deadlines are dates in a session's state and apply at every load, and
//! records disappear at their delete dates.

use std::future::ready;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use lambda_runtime::{LambdaEvent, service_fn};
use serde::de::IgnoredAny;
use sightline_host::Host;
use sightline_host::ports::{Ports as _, Relays, SmsOut, StoreError};
use sightline_wire::SessionId;

use crate::bucket::Swept;
use crate::metrics::Metrics;
use crate::retries::OPERATION;
use crate::{Cloud, S3Bucket};

/// Most sessions in one sweep; the next one finds those that are still open.
const SESSIONS_MAX: usize = 2_000;

/// Sessions that are processed concurrently.
const AT_A_TIME: usize = 8;

/// Most error lines about single sessions in one sweep; a last line counts the others.
const LINES_MAX: usize = 3;

/// No further work begins in this time before the function's deadline. It is longer than the
/// longest operation, and than a session's last commit with its pushes.
const RESERVE: Duration = OPERATION.saturating_add(Duration::from_secs(3));

/// Sweeps at each event, whatever its content, until the process is ended.
///
/// # Errors
/// When the runtime's interface fails.
pub async fn serve<S: SmsOut + 'static>(
    host: Host<Cloud<S, S3Bucket>>,
    metrics: Metrics,
) -> Result<(), lambda_runtime::Error> {
    let (host, metrics) = (&host, &metrics);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<IgnoredAny>| {
        let reserve_ms = u64::try_from(RESERVE.as_millis()).unwrap_or(u64::MAX);
        let until_ms = event.context.deadline.saturating_sub(reserve_ms);
        sweep(host, metrics, until_ms).await;
        Ok::<_, lambda_runtime::Error>(())
    }))
    .await
}

/// Sweeps sessions first, because their pages may wait for the news. An error of one session does
/// not stop the others.
async fn sweep<S: SmsOut + 'static>(
    host: &Host<Cloud<S, S3Bucket>>,
    metrics: &Metrics,
    until_ms: u64,
) {
    let cloud = host.ports();
    let now_ms = cloud.now_ms();
    let (open, relays) = tokio::join!(
        cloud.table.open_sessions(now_ms, SESSIONS_MAX),
        cloud.table.alive_relays(now_ms)
    );
    let open = open.unwrap_or_else(|error| {
        tracing::error!(error = %error, "failed to list open sessions");
        Vec::new()
    });
    match relays {
        Ok(relays) => metrics.swept(open.len(), &relays, now_ms),
        // A missing count sets off the alarm on relays.
        Err(error) => tracing::error!(error = %error, "failed to count relays"),
    }
    let in_time = || cloud.now_ms() < until_ms;
    let lines = LineLimit::default();
    stream::iter(&open)
        .for_each_concurrent(AT_A_TIME, async |session| {
            if in_time()
                && let Err(error) = host.tidy(*session).await
                && lines.another()
            {
                tracing::error!(session.id = %session, error = %error, "failed to sweep session");
            }
        })
        .await;
    match objects(host, &open, now_ms, in_time, &lines).await {
        Ok(swept) => {
            tracing::debug!(objects = swept.gone, "swept");
            if let Some(error) = swept.error {
                let objects = swept.failed;
                tracing::error!(objects, error = %error, "failed to remove objects");
            }
        }
        Err(error) => tracing::error!(error = %error, "failed to sweep objects"),
    }
    if let Some(further) = lines.suppressed() {
        tracing::error!(further, "further sessions failed");
    }
    if !in_time() {
        tracing::warn!("sweep ran out of time, the next one continues");
    }
}

/// Removes abandoned uploads and unknown pictures.
///
/// # Errors
/// At the first retryable error of the bucket: other objects would fail for the same reason.
async fn objects<S: SmsOut + 'static>(
    host: &Host<Cloud<S, S3Bucket>>,
    open: &[SessionId],
    now_ms: u64,
    in_time: impl Fn() -> bool,
    lines: &LineLimit,
) -> Result<Swept, StoreError> {
    let objects = &host.ports().objects;
    let mut swept = objects.sweep_incoming(now_ms, &in_time).await?;
    let mut standing = stream::iter(open)
        .take_while(|_| ready(in_time()))
        .map(async |session| (*session, host.standing(*session).await))
        .buffer_unordered(AT_A_TIME);
    while let Some((session, standing)) = standing.next().await {
        match standing {
            Ok(Some(standing)) => {
                let one = objects.sweep_pictures(session, standing, now_ms, &in_time);
                swept.add(one.await?);
            }
            Ok(None) => {}
            Err(error) if lines.another() => {
                tracing::error!(session.id = %session, error = %error, "failed to sweep pictures of session");
            }
            Err(_) => {}
        }
    }
    Ok(swept)
}

/// Limits error lines about single sessions: if the table is out of reach, all of them fail alike.
#[derive(Default)]
struct LineLimit(AtomicUsize);

impl LineLimit {
    /// Counts an error; returns whether its line is to be written.
    fn another(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) < LINES_MAX
    }

    /// The number of errors without a line.
    fn suppressed(&self) -> Option<usize> {
        let further = self.0.load(Ordering::Relaxed).checked_sub(LINES_MAX);
        further.filter(|further| *further > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_first_errors_have_lines_and_the_rest_are_counted() {
        let lines = LineLimit::default();
        let told: Vec<bool> = (0..5).map(|_| lines.another()).collect();
        assert_eq!(told, [true, true, true, false, false]);
        assert_eq!(lines.suppressed(), Some(2));
        let lines = LineLimit::default();
        assert!(lines.another());
        assert_eq!(lines.suppressed(), None);
    }

    #[test]
    fn the_reserve_holds_more_than_one_operation() {
        assert!(RESERVE > OPERATION);
    }
}
