//! What nobody asks for: sessions whose time ran out unnoticed, objects that belong to nobody, and a count of what there is.
//!
//! Nothing depends on it. Deadlines are dates in a session's state and hold whenever anybody looks, and records go by their
//! delete dates.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use lambda_runtime::{LambdaEvent, service_fn};
use serde::de::IgnoredAny;
use sightline_host::Host;
use sightline_host::ports::{Ports as _, Relays, SmsOut, Trouble};
use sightline_wire::SessionId;

use crate::metrics::Metrics;
use crate::{Bucket, Cloud};

/// Sessions that one sweep goes through; the next finds those that are still open.
const SESSIONS_MAX: usize = 2_000;

/// Sessions that are gone through at a time.
const AT_A_TIME: usize = 8;

/// No further session begins in this time before the function's own end.
const RESERVE: Duration = Duration::from_secs(5);

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

/// One's trouble is its own: everything else is gone through all the same.
async fn sweep<S: SmsOut + 'static>(
    host: &Host<Cloud<S, Bucket>>,
    metrics: &Metrics,
    until_ms: u64,
) {
    let cloud = host.ports();
    let now_ms = cloud.now_ms();
    let (open, relays) = tokio::join!(
        cloud.table.open_sessions(now_ms, SESSIONS_MAX),
        cloud.alive(now_ms)
    );
    let open = open.unwrap_or_else(|trouble| {
        tracing::error!(error = %trouble, "open sessions cannot be listed");
        Vec::new()
    });
    match relays {
        Ok(relays) => metrics.swept(open.len(), relays.len(), now_ms),
        // Without a count the alarm on relays has nothing to go by, and says so.
        Err(trouble) => tracing::error!(error = %trouble, "relays cannot be counted"),
    }
    match cloud.objects.sweep_incoming(now_ms).await {
        Ok(gone) => tracing::debug!(objects = gone, "swept"),
        Err(trouble) => tracing::error!(error = %trouble, "uploads cannot be swept"),
    }
    let in_time = || cloud.now_ms() < until_ms;
    stream::iter(open)
        .for_each_concurrent(AT_A_TIME, async |session| {
            if in_time()
                && let Err(trouble) = tidy(host, session).await
            {
                tracing::error!(session.id = %session, error = %trouble, "session cannot be tidied");
            }
        })
        .await;
    if !in_time() {
        tracing::warn!("the sweep ran out of time; the next goes on");
    }
}

async fn tidy<S: SmsOut + 'static>(
    host: &Host<Cloud<S, Bucket>>,
    session: SessionId,
) -> Result<(), Trouble> {
    host.tidy(session).await?;
    if let Some(standing) = host.standing(session).await? {
        let objects = &host.ports().objects;
        let now_ms = host.ports().now_ms();
        objects.sweep_pictures(session, standing, now_ms).await?;
    }
    Ok(())
}
