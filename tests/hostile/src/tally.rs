//! What arrives of what a page sends, and how late.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The kinds of packets: sound and picture.
pub(crate) const KINDS: usize = 2;

/// One direction of a call.
#[derive(Default)]
pub(crate) struct Tally {
    /// Packets of each kind that were sent. Each carries its number.
    sent: [AtomicU32; KINDS],
    arrived: Mutex<Vec<Arrival>>,
}

#[derive(Clone, Copy)]
struct Arrival {
    kind: usize,
    number: u32,
    after: Duration,
}

/// What became of the packets between two moments.
#[derive(Default)]
pub(crate) struct Outcome {
    pub(crate) sent: u32,
    pub(crate) lost: u32,
    pub(crate) delays: Vec<Duration>,
}

impl Tally {
    /// The number of the next packet.
    pub(crate) fn next(&self, kind: usize) -> u32 {
        self.sent[kind].fetch_add(1, Ordering::Relaxed)
    }

    pub(crate) fn note(&self, kind: usize, number: u32, sent_at: Instant) {
        let arrival = Arrival {
            kind,
            number,
            after: sent_at.elapsed(),
        };
        let mut arrived = self.arrived.lock().unwrap_or_else(PoisonError::into_inner);
        arrived.push(arrival);
    }

    /// The numbers that were reached. Forgets what arrived.
    pub(crate) fn begin(&self) -> [u32; KINDS] {
        self.take();
        self.reached()
    }

    pub(crate) fn reached(&self) -> [u32; KINDS] {
        [0, 1].map(|kind| self.sent[kind].load(Ordering::Relaxed))
    }

    /// What became of the packets from one number of each kind to another.
    pub(crate) fn outcome(&self, from: [u32; KINDS], to: [u32; KINDS]) -> Outcome {
        let arrived = self.take();
        let mut outcome = Outcome::default();
        for kind in 0..KINDS {
            let wanted = from[kind]..to[kind];
            let of: Vec<_> = arrived
                .iter()
                .filter(|arrival| arrival.kind == kind && wanted.contains(&arrival.number))
                .collect();
            let numbers: std::collections::BTreeSet<u32> =
                of.iter().map(|arrival| arrival.number).collect();
            outcome.sent += wanted.len() as u32;
            outcome.lost += (wanted.len() - numbers.len()) as u32;
            outcome
                .delays
                .extend(of.iter().map(|arrival| arrival.after));
        }
        outcome
    }

    fn take(&self) -> Vec<Arrival> {
        std::mem::take(&mut *self.arrived.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A percentile of some durations, ms.
pub(crate) fn percentile_ms(mut of: Vec<Duration>, percent: usize) -> f64 {
    of.sort();
    let place = (of.len() * percent).div_ceil(100).saturating_sub(1);
    of.get(place).map_or(0.0, |one| one.as_secs_f64() * 1_000.0)
}
