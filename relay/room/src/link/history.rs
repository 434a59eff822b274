//! What was sent lately, and how long it took: what arrived in some time follows from both.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use crate::link::Look;

/// Looks that are kept, five a second: the longest time that is asked for, and a queue of a second.
const KEPT: usize = 12;

#[derive(Clone, Copy, Debug)]
struct Past {
    at: Instant,
    sent_bytes: u64,
    /// From sending the newest packet that was reported to its report.
    took: Duration,
}

/// The looks of the last two seconds.
#[derive(Debug, Default)]
pub(super) struct History {
    looks: VecDeque<Past>,
}

impl History {
    pub(super) fn note(&mut self, look: &Look) {
        if self.looks.len() == KEPT {
            self.looks.pop_front();
        }
        let before = self.looks.back().map_or(Duration::ZERO, |past| past.took);
        self.looks.push_back(Past {
            at: look.at,
            sent_bytes: look.sent_bytes,
            took: look.rtt.unwrap_or(before),
        });
    }

    /// What was sent in this time, bit/s.
    pub(super) fn sent_bps(&self, over: Duration) -> Option<f64> {
        let (from, to) = self.span(over)?;
        let bytes = to.sent_bytes.saturating_sub(from.sent_bytes);
        rate(bytes as f64, to.at, from.at)
    }

    /// What arrived in this time, of what was reported in it, if this share of it was lost, bit/s.
    pub(super) fn arrived_bps(&self, over: Duration, loss: f64) -> Option<f64> {
        let (from, to) = self.span(over)?;
        let bytes = (self.reached(to) - self.reached(from)).max(0.0);
        rate(bytes * (1.0 - loss), to.at, from.at)
    }

    /// The newest look, and the one before it by this time, or the oldest.
    fn span(&self, over: Duration) -> Option<(Past, Past)> {
        let to = *self.looks.back()?;
        let older = |past: &&Past| to.at.saturating_duration_since(past.at) >= over;
        let from = self.looks.iter().rev().find(older);
        Some((*from.or(self.looks.front())?, to))
    }

    /// The bytes sent until that packet was sent which was reported last.
    fn reached(&self, past: Past) -> f64 {
        let Some(sent_at) = past.at.checked_sub(past.took) else {
            return 0.0;
        };
        let after = self.looks.iter().find(|one| one.at >= sent_at);
        let before = self.looks.iter().rev().find(|one| one.at < sent_at);
        let (Some(before), Some(after)) = (before, after) else {
            let oldest = self.looks.front().map_or(0, |oldest| oldest.sent_bytes);
            return oldest as f64;
        };
        let whole = after.at.saturating_duration_since(before.at).as_secs_f64();
        let part = sent_at.saturating_duration_since(before.at).as_secs_f64();
        let bytes = after.sent_bytes.saturating_sub(before.sent_bytes) as f64;
        before.sent_bytes as f64 + bytes * part / whole
    }
}

fn rate(bytes: f64, to: Instant, from: Instant) -> Option<f64> {
    let seconds = to.saturating_duration_since(from).as_secs_f64();
    (seconds > 0.0).then(|| bytes * 8.0 / seconds)
}
