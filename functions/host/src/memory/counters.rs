//! Spent tokens and counters in memory.

use super::{Memory, objects, step};
use crate::ports::{Counted, RateCounter, RateCounters, SpentTokens, StoreError};

impl SpentTokens for Memory {
    async fn spend(&self, token: &[u8], _until_ms: u64) -> Result<bool, StoreError> {
        step().await;
        Ok(self.world().spent.insert(token.to_vec()))
    }
}

impl RateCounters for Memory {
    async fn count(&self, counters: &[RateCounter]) -> Result<Counted, StoreError> {
        self.take_time().await;
        let mut world = self.world();
        objects::fail(&mut world.faults.failed_counts, "count")?;
        if let Some(index) = world.full(counters) {
            return Ok(Counted::Full(index));
        }
        for counter in counters {
            *world.counters.entry(counter.name.clone()).or_default() += counter.by;
        }
        objects::fail(&mut world.faults.lost_counts, "count")?;
        Ok(Counted::Done)
    }

    async fn foresee(&self, counters: &[RateCounter]) -> Result<Counted, StoreError> {
        self.take_time().await;
        let mut world = self.world();
        objects::fail(&mut world.faults.failed_counts, "count")?;
        Ok(world.full(counters).map_or(Counted::Done, Counted::Full))
    }
}
