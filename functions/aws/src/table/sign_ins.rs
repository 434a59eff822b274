//! Sign-ins: their connections, and whether they are over.

use sightline_host::ports::{ConnectionKey, SignIns, StoreError};
use sightline_wire::SignInId;

use super::item::Item;
use super::{ONLY, Table};
use crate::store_error;

/// What the sort key of a connection begins with.
const CONNECTION: &str = "c#";

impl SignIns for Table {
    async fn note_sign_in(
        &self,
        sign_in: SignInId,
        connection: &ConnectionKey,
        until_ms: u64,
    ) -> Result<(), StoreError> {
        let key = format!("{CONNECTION}{}", connection.0);
        self.put_of_sign_in("note sign-in", Item::at(partition(sign_in), key), until_ms)
            .await
    }

    async fn end_sign_in(
        &self,
        sign_in: SignInId,
        until_ms: u64,
    ) -> Result<Vec<ConnectionKey>, StoreError> {
        const WHAT: &str = "end sign-in";
        self.put_of_sign_in(WHAT, Item::at(partition(sign_in), ONLY), until_ms)
            .await?;
        let mut noted = Vec::new();
        for row in self.rows_from(WHAT, partition(sign_in), CONNECTION).await? {
            let key = row.text("sk").and_then(|key| key.strip_prefix(CONNECTION));
            noted.extend(key.map(|key| ConnectionKey(key.to_owned())));
        }
        Ok(noted)
    }

    async fn is_signed_out(&self, sign_in: SignInId) -> Result<bool, StoreError> {
        let row = self.read("find sign-in", Item::at(partition(sign_in), ONLY));
        Ok(row.await?.is_some())
    }
}

impl Table {
    async fn put_of_sign_in(
        &self,
        what: &'static str,
        row: Item,
        until_ms: u64,
    ) -> Result<(), StoreError> {
        let row = row.with_ttl(until_ms.div_ceil(1_000));
        let put = self.client.put_item().table_name(&self.name);
        let sent = put.set_item(Some(row.into())).send().await;
        sent.map_err(|error| store_error::of(what, &error))?;
        Ok(())
    }
}

fn partition(sign_in: SignInId) -> String {
    format!("l#{sign_in}")
}
