//! Health checks: whether a new call would work, part by part.

use std::path::Path;
use std::time::Duration;

use sightline_host::Host;
use sightline_host::ports::StoreError;
use sightline_wire::{Health, Part};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::desk::Desk;

/// A check writes to the disk, so its answer serves everybody who asks soon after.
const FRESH: Duration = Duration::from_secs(1);

/// With less space than this nothing of a call can be stored.
const SPACE_MIN_BYTES: u64 = 1024 * 1024;

/// With less space than this the words say so: room for some hundred pictures.
const SPACE_LOW_BYTES: u64 = 256 * 1024 * 1024;

/// The part that no call needs.
const CLOCK: &str = "clock";

/// Checks, one at a time.
#[derive(Default)]
pub struct HealthChecks(Mutex<Option<(Instant, Health)>>);

impl HealthChecks {
    /// How the desk is, at most a second ago.
    pub async fn of(&self, host: &Host<Desk>) -> Health {
        let mut newest = self.0.lock().await;
        if let Some((at, health)) = newest.as_ref()
            && at.elapsed() < FRESH
        {
            return health.clone();
        }
        let health = check(host).await;
        *newest = Some((Instant::now(), health.clone()));
        health
    }
}

async fn check(host: &Host<Desk>) -> Health {
    let desk = host.ports();
    let relay = host.relay_health().await;
    let parts = vec![
        written("store", desk.store.probe().await),
        written("pictures", desk.objects.probe().await),
        relay.unwrap_or_else(|error| Part::ill("relay", error.to_string())),
        clock(desk),
        space(desk.store.folder()),
    ];
    Health::of(parts, &[CLOCK])
}

fn written(name: &str, outcome: Result<(), StoreError>) -> Part {
    match outcome {
        Ok(()) => Part::well(name, "reads and writes"),
        Err(error) => Part::ill(name, error.to_string()),
    }
}

fn clock(desk: &Desk) -> Part {
    match desk.clock.doubt() {
        None => Part::well(CLOCK, "is believed"),
        Some(doubt) => Part::ill(CLOCK, doubt.words()),
    }
}

fn space(folder: &Path) -> Part {
    let name = "space";
    let free = match rustix::fs::statvfs(folder) {
        Ok(disk) => disk.f_bavail.saturating_mul(disk.f_frsize),
        Err(error) => return Part::ill(name, format!("cannot tell: {error}")),
    };
    let words = format!("{} MiB free", free / (1024 * 1024));
    if free < SPACE_MIN_BYTES {
        return Part::ill(name, format!("disk is full, {words}"));
    }
    match free < SPACE_LOW_BYTES {
        true => Part::well(name, format!("disk is nearly full, {words}")),
        false => Part::well(name, words),
    }
}
