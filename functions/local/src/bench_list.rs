//! How long the desk takes to list calls. `make bench-list` runs it.

#![allow(clippy::unwrap_used, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "measures time")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use sightline_host::contract::{crowd_call, export_us, list_times, print_list_times};
use sightline_host::ports::{Committed, Ports as _, Sessions as _};
use sightline_host::{Host, HostConfig, Keys};
use tokio::task::JoinSet;

use crate::clock::{DeskClock, wall_ms};
use crate::desk::Desk;
use crate::objects::Objects;
use crate::scratch::Scratch;
use crate::store::Store;

const CALLS: u64 = 10_000;

/// Commits that wait for one sync together.
const AT_ONCE: u64 = 200;

const LIMIT: Duration = Duration::from_millis(200);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "stores 10,000 calls: `make bench-list`"]
async fn bench_list() {
    let scratch = Scratch::new();
    let store = Store::open(scratch.path(), wall_ms()).unwrap();
    let objects = Objects::open(scratch.path(), &[1; 32]).unwrap();
    let desk = Desk::new(store, objects, DeskClock::open(scratch.path()).into());
    let config = HostConfig::new("Example", "https://help.example.com");
    let host = Arc::new(Host::new(desk, config, Keys::from_bytes(&[7; 32])));
    let began = Instant::now();
    for first in (0..CALLS).step_by(usize::try_from(AT_ONCE).unwrap()) {
        let mut commits = JoinSet::new();
        for number in first..first + AT_ONCE {
            let host = host.clone();
            commits.spawn(async move {
                let commit = crowd_call(&host, number).await;
                host.ports().store().commit(commit).await
            });
        }
        for committed in commits.join_all().await {
            assert_eq!(committed, Ok(Committed::Done));
        }
    }
    eprintln!(
        "{CALLS} calls stored in {:.1} s",
        began.elapsed().as_secs_f64()
    );
    let clock = || u64::try_from(began.elapsed().as_micros()).unwrap();
    let times = list_times(&host, 50, clock).await;
    let limit_us = u64::try_from(LIMIT.as_micros()).unwrap();
    assert!(
        print_list_times("the desk", &times, limit_us),
        "over {LIMIT:?}"
    );
    let exported_us = export_us(&host, clock).await;
    eprintln!("an export of 93 days: {:.1} ms", exported_us as f64 / 1e3);
    let began = Instant::now();
    host.ports()
        .store()
        .sweep(wall_ms(), wall_ms())
        .await
        .unwrap();
    eprintln!(
        "a sweep that finds nothing to remove: {:.1} ms",
        began.elapsed().as_secs_f64() * 1e3
    );
}
