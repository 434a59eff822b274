//! The public keys that signed case files. These rows alone have no delete date: a case file is
//! checked years later.

use sightline_host::ports::{CaseKeys, StoreError};

use super::item::Item;
use super::{Table, text};
use crate::store_error;

/// The partition of all keys.
const KEYS: &str = "case-keys";

impl CaseKeys for Table {
    async fn note_case_key(&self, thumbprint: &str, jwk: &str) -> Result<(), StoreError> {
        const WHAT: &str = "note the key of case files";
        let row = Item::at(KEYS.to_owned(), thumbprint).with("jwk", text(jwk));
        // The thumbprint is that of the key, so a second row is the same one.
        let put = self.client.put_item().table_name(&self.name);
        let sent = put.set_item(Some(row.into())).send().await;
        sent.map(drop)
            .map_err(|error| store_error::of(WHAT, &error))
    }

    async fn case_keys(&self) -> Result<Vec<String>, StoreError> {
        const WHAT: &str = "list the keys of case files";
        let rows = self.rows_under(WHAT, KEYS.to_owned()).await?;
        let keys = rows.iter().filter_map(|row| row.text("jwk"));
        Ok(keys.map(str::to_owned).collect())
    }
}
