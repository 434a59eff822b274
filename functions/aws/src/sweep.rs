//! The periodic sweep: ends sessions whose deadline passed, removes objects that no session refers
//! to, hands over messages of webhooks that stayed, counts sessions and relays, and adds calls that
//! are over to the figures.
//!
//! Nothing depends on it. Deadlines are dates in a session's state and apply at every load, and
//! records disappear at their delete dates. The clocks of functions, table and bucket are AWS's, so
//! dates are compared as they are; the desk does not trust its machine's clock so far.

use std::future::ready;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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
use crate::{Cloud, OpenSession, OpenSessions, S3Bucket, SweepMark, Table};

/// Most sessions in one sweep; the next one goes on behind them.
const SESSIONS_MAX: usize = 10_000;

/// Most late deliveries of each part of the index in one sweep.
const DELIVERIES_MAX: usize = 100;

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

/// Goes on with the sessions where the last sweep stopped, and removes abandoned uploads meanwhile.
/// An error of one session does not stop the others.
async fn sweep<S: SmsOut + 'static>(
    host: &Host<Cloud<S, S3Bucket>>,
    metrics: &Metrics,
    until_ms: u64,
) {
    let cloud = host.ports();
    let now_ms = cloud.now_ms();
    let in_time = || cloud.now_ms() < until_ms;
    let mark = cloud.table.sweep_mark().await.unwrap_or_else(|error| {
        tracing::error!(error = %error, "failed to find the sweep's mark, beginning again");
        SweepMark::default()
    });
    let (open, relays) = tokio::join!(
        cloud.table.open_sessions(now_ms, mark, SESSIONS_MAX),
        cloud.table.alive_relays(now_ms)
    );
    let open = open.unwrap_or_else(|error| {
        tracing::error!(error = %error, "failed to list open sessions");
        OpenSessions {
            sessions: Vec::new(),
            all: false,
        }
    });
    match relays {
        Ok(relays) => metrics.swept(count(&cloud.table, &open, now_ms).await, &relays, now_ms),
        // A missing count sets off the alarm on relays.
        Err(error) => tracing::error!(error = %error, "failed to count relays"),
    }
    let lines = LineLimit::default();
    let ((done, pictures), uploads, ()) = tokio::join!(
        sessions(host, &open.sessions, now_ms, in_time, &lines),
        cloud.objects.sweep_incoming(now_ms, in_time),
        deliveries(&cloud.table, now_ms)
    );
    for swept in [Ok(pictures), uploads] {
        log(swept);
    }
    // After the sessions, of which some have just ended.
    let calls = calls(host, in_time, &lines).await;
    tracing::debug!(calls, "counted");
    if let Some(further) = lines.suppressed() {
        tracing::error!(further, "further sessions failed");
    }
    let next = open.next_mark(mark, done);
    if next != mark
        && let Err(error) = cloud.table.set_sweep_mark(next).await
    {
        tracing::error!(error = %error, "failed to store the sweep's mark");
    }
    if !in_time() {
        tracing::warn!("sweep ran out of time, the next one continues");
    }
}

/// Hands over the webhooks' messages that stayed.
async fn deliveries(table: &Table, now_ms: u64) {
    match table.hand_over_late(now_ms, DELIVERIES_MAX).await {
        Ok(0) => {}
        Ok(late) => tracing::warn!(late, "handed late messages of webhooks over"),
        Err(error) => tracing::error!(error = %error, "failed to hand late messages over"),
    }
}

/// Returns the number of open sessions, even if not all were listed.
async fn count(table: &Table, open: &OpenSessions, now_ms: u64) -> usize {
    let listed = open.sessions.len();
    if open.all {
        return listed;
    }
    table
        .count_open_sessions(now_ms)
        .await
        .unwrap_or_else(|error| {
            tracing::error!(error = %error, "failed to count open sessions");
            listed
        })
}

fn log(swept: Result<Swept, StoreError>) {
    match swept {
        Ok(swept) => {
            tracing::debug!(objects = swept.gone, "swept");
            if let Some(error) = swept.error {
                let objects = swept.failed;
                tracing::error!(objects, error = %error, "failed to remove objects");
            }
        }
        Err(error) => tracing::error!(error = %error, "failed to sweep objects"),
    }
}

/// Sweeps as many of the sessions as time allows, from the first on. Returns how many that were.
async fn sessions<S: SmsOut + 'static>(
    host: &Host<Cloud<S, S3Bucket>>,
    open: &[OpenSession],
    now_ms: u64,
    in_time: impl Fn() -> bool,
    lines: &LineLimit,
) -> (usize, Swept) {
    let (mut done, mut swept) = (0, Swept::default());
    // Set at the first retryable error of the bucket: other objects would fail for the same reason.
    let bucket_fails = AtomicBool::new(false);
    let mut each = stream::iter(open)
        .take_while(|_| ready(in_time()))
        .map(async |open| {
            let session = open.session;
            if let Err(error) = host.tidy(session).await
                && lines.another()
            {
                tracing::error!(session.id = %session, error = %error, "failed to sweep session");
            }
            if bucket_fails.load(Ordering::Relaxed) {
                return Swept::default();
            }
            pictures(host, session, now_ms, &in_time, lines)
                .await
                .unwrap_or_else(|error| {
                    bucket_fails.store(true, Ordering::Relaxed);
                    Swept {
                        error: Some(error),
                        ..Swept::default()
                    }
                })
        })
        .buffer_unordered(AT_A_TIME);
    while let Some(one) = each.next().await {
        done += 1;
        swept.add(one);
    }
    (done, swept)
}

/// Adds as many calls as time allows to the figures. Returns their number.
async fn calls<S: SmsOut + 'static>(
    host: &Host<Cloud<S, S3Bucket>>,
    in_time: impl Fn() -> bool,
    lines: &LineLimit,
) -> usize {
    let (mut after, mut counted) = (None, 0);
    while in_time() {
        let marks = host.uncounted(after).await.unwrap_or_else(|error| {
            tracing::error!(error = %error, "failed to list uncounted calls");
            Vec::new()
        });
        let Some(last) = marks.last() else { break };
        after = Some(*last);
        let mut each = stream::iter(marks)
            .take_while(|_| ready(in_time()))
            .map(async |mark| (mark.session, host.count_marked(mark).await))
            .buffer_unordered(AT_A_TIME);
        while let Some((session, done)) = each.next().await {
            match done {
                Ok(done) => counted += usize::from(done),
                Err(error) if lines.another() => {
                    tracing::error!(session.id = %session, error = %error, "failed to count call");
                }
                Err(_) => {}
            }
        }
    }
    counted
}

/// Removes pictures that the session does not refer to.
///
/// # Errors
/// At the first retryable error of the bucket.
async fn pictures<S: SmsOut + 'static>(
    host: &Host<Cloud<S, S3Bucket>>,
    session: SessionId,
    now_ms: u64,
    in_time: impl Fn() -> bool,
    lines: &LineLimit,
) -> Result<Swept, StoreError> {
    match host.standing(session).await {
        Ok(Some(standing)) => {
            let objects = &host.ports().objects;
            return objects
                .sweep_pictures(session, standing.pictures, now_ms, in_time)
                .await;
        }
        Ok(None) => {}
        Err(error) if lines.another() => {
            tracing::error!(session.id = %session, error = %error, "failed to sweep pictures of session");
        }
        Err(_) => {}
    }
    Ok(Swept::default())
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
