//! The periodic tasks: the sweep, and storing attachments.

use std::sync::Arc;
use std::time::Duration;

use sightline_host::Host;
use sightline_host::ports::StoreError;
use tokio::time::interval;

use crate::begin;
use crate::data::DataFolder;
use crate::desk::{Desk, now_ms};
use crate::objects::Gone;

/// Time between two sweeps.
const SWEEP_EVERY: Duration = Duration::from_secs(5 * 60);

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

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
                tracing::error!(error = %error, "failed to remove pictures, the next sweep moves them to lost/");
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
    let mut orphaned = 0;
    for session in there {
        if orphans.contains(&session) {
            continue;
        }
        match host.standing(session).await {
            Ok(Some(standing)) => {
                let swept = desk.objects.sweep_pictures(session, standing, now_ms);
                let Gone { removed, lost } = swept.await?;
                gone += removed;
                orphaned += lost;
            }
            // An expired session: all its files go together.
            Ok(None) => {}
            Err(error) => {
                tracing::error!(session.id = %session, error = %error, "failed to sweep pictures of session");
            }
        }
    }
    orphaned += desk.objects.sweep_orphans(orphans, now_ms).await?;
    if orphaned > 0 {
        tracing::warn!(
            orphans = orphaned,
            "moved to lost/: pictures that no session knows"
        );
    }
    let kept_ms = u64::from(host.config().kept_days()) * DAY_MS;
    Ok(gone + desk.objects.sweep_lost(now_ms, kept_ms).await?)
}

/// Stores changed attachments periodically, and keeps space for deleting.
pub async fn keep_attachments(host: Arc<Host<Desk>>) {
    let mut every = interval(KEEP_EVERY);
    loop {
        every.tick().await;
        host.ports().store.flush_attachments();
        let host = host.clone();
        // A failure is logged there.
        let _ = tokio::task::spawn_blocking(move || host.ports().store.keep_reserve()).await;
    }
}

/// Advances the seal with every sweep, so that a copy of the database is known as an older one when
/// it is put back.
pub async fn keep_seal(host: Arc<Host<Desk>>, folder: DataFolder) {
    let mut every = interval(SWEEP_EVERY);
    // The start has advanced it.
    every.tick().await;
    loop {
        every.tick().await;
        let store = &host.ports().store;
        let advanced = match store.seal().await {
            Ok(Some(seal)) => begin::advance(store, &folder, seal).await,
            Ok(None) => begin::first(store, &folder).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = advanced {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "failed to seal the data folder");
        }
    }
}
