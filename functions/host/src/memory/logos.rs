//! The logo.

use super::{Memory, step};
use crate::ports::{Logos, StoreError};
use crate::records::{LogoRecord, Record as _};

impl Logos for Memory {
    async fn logo(&self) -> Result<Option<LogoRecord>, StoreError> {
        step().await;
        let world = self.world();
        let stored = world.logo.as_ref();
        stored
            .map(|(record, _)| LogoRecord::decode(record))
            .transpose()
    }

    async fn logo_bytes(&self) -> Result<Option<Vec<u8>>, StoreError> {
        step().await;
        Ok(self.world().logo.as_ref().map(|(_, bytes)| bytes.clone()))
    }

    async fn put_logo(&self, record: LogoRecord, bytes: &[u8]) -> Result<(), StoreError> {
        step().await;
        self.world().logo = Some((record.encode(), bytes.to_vec()));
        Ok(())
    }

    async fn remove_logo(&self) -> Result<(), StoreError> {
        step().await;
        self.world().logo = None;
        Ok(())
    }
}
