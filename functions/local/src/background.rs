//! The periodic tasks: the sweep, storing attachments, and looking at the clocks.

use std::sync::Arc;
use std::time::Duration;

use sightline_host::Host;
use sightline_host::ports::{PictureStore as _, Ports as _, StoreError};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::begin;
use crate::clock::LOOK_EVERY;
use crate::data::DataFolder;
use crate::desk::Desk;
use crate::objects::Gone;

/// Time from the start to the first sweep: pages come back before, and a clock that is wrong at the
/// start of a machine is often put right.
const FIRST_SWEEP_AFTER: Duration = Duration::from_secs(10 * 60);

/// Time between two sweeps.
const SWEEP_EVERY: Duration = Duration::from_secs(5 * 60);

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Time between two copies of attachments to the file. After a kill pages look silent for up to
/// this time, which must stay far below the minutes after which a silent call ends.
const KEEP_EVERY: Duration = Duration::from_secs(5);

/// Sweeps while the desk runs.
pub async fn sweep(host: Arc<Host<Desk>>) {
    sleep(FIRST_SWEEP_AFTER).await;
    let mut every = interval(SWEEP_EVERY);
    loop {
        every.tick().await;
        let desk = host.ports();
        let erase_ms = desk.erase_ms();
        match desk.clock.doubt() {
            None => sweep_once(&host, erase_ms).await,
            Some(doubt) => {
                tracing::warn!("{}", doubt.words());
                end_overdue(&host, erase_ms).await;
                count_calls(&host).await;
            }
        }
    }
}

/// Ends sessions whose deadline passed, and erases what is past its date at `erase_ms`. An error of
/// one session does not stop the others.
pub(crate) async fn sweep_once(host: &Host<Desk>, erase_ms: u64) {
    end_overdue(host, erase_ms).await;
    count_calls(host).await;
    let mut erased = Erased::default();
    let desk = host.ports();
    match desk.store.sweep(erase_ms, desk.now_ms()).await {
        Ok(gone) => {
            erased.sessions = gone.len();
            match desk.objects.forget(gone).await {
                Ok(files) => erased.their_files = files,
                Err(error) => {
                    tracing::error!(error = %error, "failed to remove pictures, the next sweep moves them to lost/");
                }
            }
        }
        Err(error) => tracing::error!(error = %error, "failed to sweep expired records"),
    }
    if let Err(error) = sweep_objects(host, erase_ms, &mut erased).await {
        tracing::error!(error = %error, "failed to sweep pictures");
    }
    erased.report();
}

async fn end_overdue(host: &Host<Desk>, erase_ms: u64) {
    match host.ports().store.open_sessions(erase_ms).await {
        Ok(open) => {
            for session in open {
                if let Err(error) = host.tidy(session).await {
                    tracing::error!(session.id = %session, error = %error, "failed to sweep session");
                }
            }
        }
        Err(error) => tracing::error!(error = %error, "failed to list open sessions"),
    }
}

/// Counts the calls that nobody can rate any more.
async fn count_calls(host: &Host<Desk>) {
    if let Err(error) = host.count_calls().await {
        tracing::error!(error = %error, "failed to list uncounted calls, the next sweep tries again");
    }
}

/// How many of what a sweep erased, or moved to the lost pictures.
#[derive(Default)]
struct Erased {
    sessions: usize,
    their_files: usize,
    uploads: usize,
    leftovers: usize,
    orphans: usize,
    lost: usize,
}

impl Erased {
    fn report(&self) {
        let Self {
            sessions,
            their_files,
            uploads,
            leftovers,
            orphans,
            lost,
        } = *self;
        if sessions + their_files > 0 {
            tracing::info!(
                sessions,
                files = their_files,
                "erased: their delete date has passed"
            );
        }
        if uploads > 0 {
            tracing::info!(uploads, "erased: uploads that were never reported");
        }
        if leftovers > 0 {
            tracing::info!(leftovers, "erased: pictures that their session has dropped");
        }
        if orphans > 0 {
            tracing::warn!(orphans, "moved to lost/: pictures that no session knows");
        }
        if lost > 0 {
            tracing::info!(lost, "erased: lost pictures whose time is over");
        }
    }
}

/// Removes abandoned uploads and unknown pictures. They remain after a failed removal, or a kill
/// between the end of a session and the removal of its pictures.
async fn sweep_objects(
    host: &Host<Desk>,
    erase_ms: u64,
    erased: &mut Erased,
) -> Result<(), StoreError> {
    let desk = host.ports();
    erased.uploads = desk.objects.sweep_incoming(erase_ms).await?;
    desk.objects.sweep_cases(erase_ms).await?;
    let there = desk.objects.with_pictures().await?;
    let mut orphans = desk.store.unknown(there.clone()).await?;
    // Files of an erased call that could not be removed then, or came at the same moment.
    for session in desk.store.erased(orphans.clone()).await? {
        desk.objects.erase_all(session).await?;
        orphans.retain(|orphan| *orphan != session);
    }
    for session in there {
        if orphans.contains(&session) {
            continue;
        }
        match host.standing(session).await {
            Ok(Some(standing)) => {
                let swept = desk.objects.sweep_pictures(session, standing, erase_ms);
                let Gone { removed, lost } = swept.await?;
                erased.leftovers += removed;
                erased.orphans += lost;
            }
            // An expired session: all its files go together.
            Ok(None) => {}
            Err(error) => {
                tracing::error!(session.id = %session, error = %error, "failed to sweep pictures of session");
            }
        }
    }
    erased.orphans += desk.objects.sweep_orphans(orphans, erase_ms).await?;
    let kept_ms = u64::from(host.config().kept_days()) * DAY_MS;
    erased.lost = desk.objects.sweep_lost(erase_ms, kept_ms).await?;
    Ok(())
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

/// Looks at the clocks and keeps them.
pub async fn keep_clocks(host: Arc<Host<Desk>>) {
    let mut every = interval(LOOK_EVERY);
    // After a pause one look is enough.
    every.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let clock = host.ports().clock.clone();
        let kept = tokio::task::spawn_blocking(move || clock.keep()).await;
        if let Err(error) = kept {
            tracing::error!(error = %error, "failed to look at the clocks");
        }
    }
}
