//! Wrong guesses of secrets, counted in this process first and then across all processes.

use std::net::IpAddr;

use super::limiter;
use crate::host::Host;
use crate::ports::{Counted, Ports, RateCounter, RateCounters};

impl<P: Ports> Host<P> {
    /// Counts a guess of an unknown secret. Returns whether the answer may say that the secret is
    /// unknown; beyond the limit the answer is `too_often`. If the counters fail, the guess counts
    /// as within the limit.
    pub(crate) async fn count_wrong_guess(&self, source: Option<IpAddr>) -> bool {
        let now_ms = self.ports.now_ms();
        // This protects the shared counters too: a flood at one process reaches them no more often
        // than this.
        if !self.limiter().fails(source, now_ms) {
            return false;
        }
        let all = limiter::shared_by_all(now_ms);
        let Some(source) = source else {
            return self.count_or_full(&[all]).await.is_none();
        };
        let own = limiter::shared_by_source(&self.keys, source, now_ms);
        match self.count_or_full(&[own.clone(), all]).await {
            None => true,
            Some(0) => false,
            Some(_) => self
                .count_or_full(&[limiter::under_attack(own)])
                .await
                .is_none(),
        }
    }

    /// Raises all counters. If one is full, raises none and returns its index.
    async fn count_or_full(&self, counters: &[RateCounter]) -> Option<usize> {
        match self.ports.store().count(counters).await {
            Ok(Counted::Done) => None,
            Ok(Counted::Full(index)) => Some(index),
            Err(error) => {
                tracing::warn!(error = %error, "failed to count wrong guesses");
                None
            }
        }
    }
}
