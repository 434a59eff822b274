//! Sign-ins that are over, kept until no copy of their cookies is valid. Which connections a
//! sign-in has is known in this process only, as the connections are.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{MutexGuard, PoisonError};

use sightline_host::ports::{ConnectionKey, SignIns, StoreError};
use sightline_wire::SignInId;

use super::Store;
use super::tables::SPENT;

impl Store {
    /// Forgets a connection that is closed.
    pub(super) fn forget_sign_in(&self, sign_in: SignInId, connection: &ConnectionKey) {
        let mut sign_ins = self.sign_ins();
        if let Some(noted) = sign_ins.get_mut(&sign_in) {
            noted.remove(connection);
            if noted.is_empty() {
                sign_ins.remove(&sign_in);
            }
        }
    }

    fn sign_ins(&self) -> MutexGuard<'_, BTreeMap<SignInId, BTreeSet<ConnectionKey>>> {
        self.sign_ins.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SignIns for Store {
    async fn note_sign_in(
        &self,
        sign_in: SignInId,
        connection: &ConnectionKey,
        _until_ms: u64,
    ) -> Result<(), StoreError> {
        let mut sign_ins = self.sign_ins();
        sign_ins
            .entry(sign_in)
            .or_default()
            .insert(connection.clone());
        Ok(())
    }

    async fn end_sign_in(
        &self,
        sign_in: SignInId,
        until_ms: u64,
    ) -> Result<Vec<ConnectionKey>, StoreError> {
        let key = key(sign_in);
        self.write("end sign-in", move |transaction| {
            transaction
                .open_table(SPENT)?
                .insert(key.as_slice(), until_ms)?;
            Ok(())
        })
        .await?;
        let noted = self.sign_ins().get(&sign_in).cloned();
        Ok(noted.into_iter().flatten().collect())
    }

    async fn is_signed_out(&self, sign_in: SignInId) -> Result<bool, StoreError> {
        let key = key(sign_in);
        self.read("find sign-in", move |transaction| {
            Ok(transaction
                .open_table(SPENT)?
                .get(key.as_slice())?
                .is_some())
        })
        .await
    }
}

/// Longer than a one-time token, which are the other keys of the table.
fn key(sign_in: SignInId) -> Vec<u8> {
    [b"sign-in ".as_slice(), sign_in.as_bytes()].concat()
}
