//! Wrong guesses of secrets: counted in this process first, and behind that across everything that
//! runs.

use std::net::IpAddr;

use crate::host::Host;
use crate::limit;
use crate::ports::{Counted, Ports, RateCounter, RateCounters};

impl<P: Ports> Host<P> {
    /// Somebody tried a secret that leads nowhere. Whether they are told so; beyond the limit they
    /// hear only that it was too often. Counts that cannot be had lock nobody out.
    pub(crate) async fn tells_wrong_guess(&self, source: Option<IpAddr>) -> bool {
        let now_ms = self.ports.now_ms();
        // Guards the counts too: whoever hammers one process reaches them no more often than this.
        if !self.limiter().fails(source, now_ms) {
            return false;
        }
        let all = limit::shared_by_all(now_ms);
        let Some(source) = source else {
            return self.first_full(&[all]).await.is_none();
        };
        let own = limit::shared_by_source(&self.keys, source, now_ms);
        match self.first_full(&[own.clone(), all]).await {
            None => true,
            Some(0) => false,
            Some(_) => self.first_full(&[limit::under_attack(own)]).await.is_none(),
        }
    }

    /// Counts. The index of the first that is full; then none of them counts.
    async fn first_full(&self, counters: &[RateCounter]) -> Option<usize> {
        match self.ports.store().count(counters).await {
            Ok(Counted::Done) => None,
            Ok(Counted::Full(index)) => Some(index),
            Err(trouble) => {
                tracing::warn!(error = %trouble, "wrong guesses cannot be counted");
                None
            }
        }
    }
}
