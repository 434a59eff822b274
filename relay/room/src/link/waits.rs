//! Whether there is a queue in front of the link: packets take longer then.

use std::time::Duration;

/// A packet that takes this much longer than the quickest one waited in a queue. Less is jitter.
const QUEUE: Duration = Duration::from_millis(110);

/// How long packets and their reports take, beside the shortest time known.
#[derive(Debug, Default)]
pub(super) struct Waits {
    shortest: Option<Duration>,
    latest: Option<Duration>,
    pub(super) queued_looks: u32,
    pub(super) free_looks: u32,
}

impl Waits {
    /// Whether this time has a queue in it. The shortest one is forgotten slowly, because a path
    /// may change.
    pub(super) fn note(&mut self, rtt: Option<Duration>) -> bool {
        let Some(rtt) = rtt else {
            return false;
        };
        self.latest = Some(rtt);
        let known = self.shortest.unwrap_or(rtt);
        let shortest = known.mul_f64(1.001).min(rtt);
        self.shortest = Some(shortest);
        let queued = rtt > shortest + QUEUE;
        if queued {
            self.queued_looks += 1;
            self.free_looks = 0;
        } else {
            self.queued_looks = 0;
            self.free_looks += 1;
        }
        queued
    }

    pub(super) fn queue(&self) -> Duration {
        let times = self.latest.zip(self.shortest);
        times.map_or(Duration::ZERO, |(latest, shortest)| {
            latest.saturating_sub(shortest)
        })
    }

    pub(super) fn accept(&mut self, rtt: Option<Duration>) {
        self.shortest = rtt;
        self.queued_looks = 0;
    }
}
