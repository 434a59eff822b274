//! The periodic tasks: the sweep, and storing attachments.

use std::sync::Arc;
use std::time::Duration;

use sightline_host::Host;
use sightline_host::ports::StoreError;
use tokio::time::interval;

use crate::desk::{Desk, now_ms};

/// Time between two sweeps.
const SWEEP_EVERY: Duration = Duration::from_secs(5 * 60);

/// Time between two copies of attachments to the file. After a kill pages look silent for up to
/// this time, which must stay far below the minutes after which a silent call ends.
const KEEP_EVERY: Duration = Duration::from_secs(5);

/// Ends sessions whose deadline passed, and removes expired records and unknown pictures.
pub async fn sweep(host: Arc<Host<Desk>>) {
    let mut every = interval(SWEEP_EVERY);
    loop {
        every.tick().await;
        sweep_once(&host, now_ms()).await;
    }
}

/// Sweeps once. An error of one session does not stop the others.
pub(crate) async fn sweep_once(host: &Host<Desk>, now_ms: u64) {
    let store = &host.ports().store;
    match store.open_sessions(now_ms).await {
        Ok(open) => {
            for session in open {
                if let Err(error) = host.tidy(session).await {
                    tracing::error!(session.id = %session, error = %error, "failed to sweep session");
                }
            }
        }
        Err(error) => tracing::error!(error = %error, "failed to list open sessions"),
    }
    match store.sweep(now_ms).await {
        Ok(gone) => {
            tracing::debug!(sessions = gone.len(), "swept");
            if let Err(error) = host.ports().objects.forget(gone).await {
                tracing::error!(error = %error, "failed to remove pictures, the next sweep retries");
            }
        }
        Err(error) => tracing::error!(error = %error, "failed to sweep expired records"),
    }
    match sweep_objects(host, now_ms).await {
        Ok(gone) => tracing::debug!(objects = gone, "swept"),
        Err(error) => tracing::error!(error = %error, "failed to sweep pictures"),
    }
}

/// Removes abandoned uploads and unknown pictures. They remain after a failed removal, or a kill
/// between the end of a session and the removal of its pictures.
async fn sweep_objects(host: &Host<Desk>, now_ms: u64) -> Result<usize, StoreError> {
    let desk = host.ports();
    let mut gone = desk.objects.sweep_incoming(now_ms).await?;
    let there = desk.objects.with_pictures().await?;
    let orphans = desk.store.unknown(there.clone()).await?;
    for session in there {
        if orphans.contains(&session) {
            continue;
        }
        match host.standing(session).await {
            Ok(Some(standing)) => {
                let swept = desk.objects.sweep_pictures(session, standing, now_ms).await;
                gone += swept?;
            }
            // An expired session: all its files go together.
            Ok(None) => {}
            Err(error) => {
                tracing::error!(session.id = %session, error = %error, "failed to sweep pictures of session");
            }
        }
    }
    Ok(gone + desk.objects.sweep_orphans(orphans, now_ms).await?)
}

/// Stores changed attachments periodically.
pub async fn keep_attachments(host: Arc<Host<Desk>>) {
    let mut every = interval(KEEP_EVERY);
    loop {
        every.tick().await;
        host.ports().store.flush_attachments();
    }
}
