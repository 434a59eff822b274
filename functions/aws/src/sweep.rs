//! What nobody asks for: sessions whose time ran out unnoticed, objects that belong to nobody, and
//! a count of what there is.
//!
//! Nothing depends on it. Deadlines are dates in a session's state and hold whenever anybody looks,
//! and records go by their delete dates.

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
use crate::{Bucket, Cloud};

/// Sessions that one sweep goes through; the next finds those that are still open.
const SESSIONS_MAX: usize = 2_000;

/// Sessions that are gone through at a time.
const AT_A_TIME: usize = 8;

/// Error lines about single sessions in one sweep; a last one counts the others.
const LINES_MAX: usize = 3;

/// Nothing further begins in this time before the function's own end: more than the longest
/// operation, or than a session's last try to commit with what it tells its pages.
const RESERVE: Duration = OPERATION.saturating_add(Duration::from_secs(3));

/// Sweeps at each event, whatever it says, until the process is ended.
///
/// # Errors
/// When the runtime's interface fails.
pub async fn serve<S: SmsOut + 'static>(
    host: Host<Cloud<S, Bucket>>,
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

/// Sessions first: somebody may be waiting for what is told them. One's trouble is its own:
/// everything else is gone through all the same.
async fn sweep<S: SmsOut + 'static>(
    host: &Host<Cloud<S, Bucket>>,
    metrics: &Metrics,
    until_ms: u64,
) {
    let cloud = host.ports();
    let now_ms = cloud.now_ms();
    let (open, relays) = tokio::join!(
        cloud.table.open_sessions(now_ms, SESSIONS_MAX),
        cloud.table.alive_relays(now_ms)
    );
    let open = open.unwrap_or_else(|trouble| {
        tracing::error!(error = %trouble, "open sessions cannot be listed");
        Vec::new()
    });
    match relays {
        Ok(relays) => metrics.swept(open.len(), &relays, now_ms),
        // Without a count the alarm on relays has nothing to go by, and says so.
        Err(trouble) => tracing::error!(error = %trouble, "relays cannot be counted"),
    }
    let in_time = || cloud.now_ms() < until_ms;
    let lines = Lines::default();
    stream::iter(&open)
        .for_each_concurrent(AT_A_TIME, async |session| {
            if in_time()
                && let Err(trouble) = host.tidy(*session).await
                && lines.another()
            {
                tracing::error!(session.id = %session, error = %trouble, "session cannot be tidied");
            }
        })
        .await;
    match objects(host, &open, now_ms, in_time, &lines).await {
        Ok(swept) => {
            tracing::debug!(objects = swept.gone, "swept");
            if let Some(trouble) = swept.trouble {
                let objects = swept.failed;
                tracing::error!(objects, error = %trouble, "objects cannot be removed");
            }
        }
        Err(trouble) => tracing::error!(error = %trouble, "objects cannot be swept"),
    }
    if let Some(further) = lines.unsaid() {
        tracing::error!(further, "further sessions are in trouble");
    }
    if !in_time() {
        tracing::warn!("the sweep ran out of time; the next goes on");
    }
}

/// Takes away what nobody needs.
///
/// # Errors
/// The bucket's first trouble that may have passed by the next sweep, which ends this: other
/// objects would wait for the same.
async fn objects<S: SmsOut + 'static>(
    host: &Host<Cloud<S, Bucket>>,
    open: &[SessionId],
    now_ms: u64,
    in_time: impl Fn() -> bool,
    lines: &Lines,
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
            Err(trouble) if lines.another() => {
                tracing::error!(session.id = %session, error = %trouble, "session's pictures cannot be swept");
            }
            Err(_) => {}
        }
    }
    Ok(swept)
}

/// How many sessions' troubles were written down: where the table is out of reach, all of them have
/// the same.
#[derive(Default)]
struct Lines(AtomicUsize);

impl Lines {
    /// Whether one more is to be written down; counts it either way.
    fn another(&self) -> bool {
        self.0.fetch_add(1, Ordering::Relaxed) < LINES_MAX
    }

    /// Those that were not.
    fn unsaid(&self) -> Option<usize> {
        let further = self.0.load(Ordering::Relaxed).checked_sub(LINES_MAX);
        further.filter(|further| *further > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_lines_say_what_all_of_them_would() {
        let lines = Lines::default();
        let told: Vec<bool> = (0..5).map(|_| lines.another()).collect();
        assert_eq!(told, [true, true, true, false, false]);
        assert_eq!(lines.unsaid(), Some(2));
        let lines = Lines::default();
        assert!(lines.another());
        assert_eq!(lines.unsaid(), None);
    }

    #[test]
    fn the_reserve_holds_more_than_one_operation() {
        assert!(RESERVE > OPERATION);
    }
}
