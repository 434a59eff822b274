//! A page's link to the SFU, with configurable loss, delay and bandwidth.

use std::time::{Duration, Instant};

/// xorshift64*: enough for a network, and repeatable.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn from_env() -> Self {
        let seed = std::env::var("SEED")
            .ok()
            .and_then(|seed| seed.parse().ok())
            .unwrap_or(0x5eed);
        println!("SEED={seed}");
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % bound
    }
}

/// One direction of a page's link.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    pub(crate) loss_percent: u64,
    pub(crate) delay_ms: u64,
    pub(crate) jitter_ms: u64,
    pub(crate) bps: Option<u64>,
    pub(crate) cut: bool,
    free_at: Option<Instant>,
}

impl Default for Link {
    fn default() -> Self {
        Self {
            loss_percent: 0,
            delay_ms: 10,
            jitter_ms: 0,
            bps: None,
            cut: false,
            free_at: None,
        }
    }
}

impl Link {
    pub(super) fn arrival(
        &mut self,
        bytes: usize,
        now: Instant,
        chance: &mut Chance,
    ) -> Option<Instant> {
        if self.cut || chance.below(100) < self.loss_percent {
            return None;
        }
        let mut at = now;
        if let Some(bps) = self.bps {
            let start = self.free_at.map_or(now, |free| free.max(now));
            // A queue of 300 ms, then it drops.
            if start > now + Duration::from_millis(300) {
                return None;
            }
            at = start + Duration::from_micros(bytes as u64 * 8_000_000 / bps);
            self.free_at = Some(at);
        }
        let jitter = if self.jitter_ms > 0 {
            chance.below(self.jitter_ms)
        } else {
            0
        };
        Some(at + Duration::from_millis(self.delay_ms + jitter))
    }
}
