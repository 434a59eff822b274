//! Requests that another program may repeat.

use super::{Memory, step};
use crate::ports::{Claims, StoreError};
use crate::records::{ClaimRecord, Record as _};

impl Memory {
    /// Returns all claims.
    pub fn claims(&self) -> Vec<(String, ClaimRecord)> {
        let world = self.world();
        let read = world.claims.iter().map(|(name, (_, bytes))| {
            let claim = ClaimRecord::decode(bytes);
            (name.clone(), claim.expect("it was encoded here"))
        });
        read.collect()
    }
}

impl Claims for Memory {
    async fn claim(
        &self,
        name: &str,
        claim: &ClaimRecord,
        until_ms: u64,
        now_ms: u64,
    ) -> Result<Option<ClaimRecord>, StoreError> {
        step().await;
        let mut world = self.world();
        let stands = world.claims.get(name);
        let stands = stands.filter(|(until_ms, _)| now_ms < *until_ms);
        if let Some((_, bytes)) = stands {
            return ClaimRecord::decode(bytes).map(Some);
        }
        let row = (until_ms, claim.encode());
        world.claims.insert(name.to_owned(), row);
        Ok(None)
    }
}
