//! Requests that another program may repeat.

use redb::ReadableTable;
use sightline_host::ports::{Claims, StoreError};
use sightline_host::records::{ClaimRecord, Record as _};

use super::Store;
use super::tables::CLAIMS;

impl Claims for Store {
    async fn claim(
        &self,
        name: &str,
        claim: &ClaimRecord,
        until_ms: u64,
        now_ms: u64,
    ) -> Result<Option<ClaimRecord>, StoreError> {
        let (name, encoded) = (name.to_owned(), claim.encode());
        let stands = self.write("claim", move |transaction| {
            let mut table = transaction.open_table(CLAIMS)?;
            let stands = table.get(name.as_str())?.and_then(|row| {
                let (until_ms, record) = row.value();
                (now_ms < until_ms).then(|| record.to_vec())
            });
            if stands.is_none() {
                table.insert(name.as_str(), (until_ms, encoded.as_slice()))?;
            }
            Ok(stands)
        });
        let stands = stands.await?;
        stands.map(|bytes| ClaimRecord::decode(&bytes)).transpose()
    }
}
