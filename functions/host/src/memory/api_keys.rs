//! The keys of the API.

use super::{Memory, step};
use crate::ports::{ApiKeys, Committed, StoreError};
use crate::records::{ApiKeyRing, Record as _};

impl ApiKeys for Memory {
    async fn api_keys(&self) -> Result<ApiKeyRing, StoreError> {
        step().await;
        self.world().api_keys()
    }

    async fn replace_api_keys(&self, ring: ApiKeyRing) -> Result<Committed, StoreError> {
        step().await;
        let mut world = self.world();
        if world.api_keys()?.revision.checked_add(1) != Some(ring.revision) {
            return Ok(Committed::Clash);
        }
        world.api_keys = Some(ring.encode());
        Ok(Committed::Done)
    }
}

impl super::World {
    fn api_keys(&self) -> Result<ApiKeyRing, StoreError> {
        let stored = self.api_keys.as_deref().map(ApiKeyRing::decode);
        Ok(stored.transpose()?.unwrap_or_default())
    }
}
