//! Sign-ins that are over.

use sightline_wire::SignInId;

use super::{Memory, step};
use crate::ports::{ConnectionKey, SignIns, StoreError};

impl SignIns for Memory {
    async fn note_sign_in(
        &self,
        sign_in: SignInId,
        connection: &ConnectionKey,
        _until_ms: u64,
    ) -> Result<(), StoreError> {
        step().await;
        let mut world = self.world();
        let noted = world.sign_ins.entry(sign_in).or_default();
        noted.1.insert(connection.clone());
        Ok(())
    }

    async fn end_sign_in(
        &self,
        sign_in: SignInId,
        _until_ms: u64,
    ) -> Result<Vec<ConnectionKey>, StoreError> {
        step().await;
        let mut world = self.world();
        let noted = world.sign_ins.entry(sign_in).or_default();
        noted.0 = true;
        Ok(noted.1.iter().cloned().collect())
    }

    async fn is_signed_out(&self, sign_in: SignInId) -> Result<bool, StoreError> {
        step().await;
        Ok(self
            .world()
            .sign_ins
            .get(&sign_in)
            .is_some_and(|noted| noted.0))
    }
}
