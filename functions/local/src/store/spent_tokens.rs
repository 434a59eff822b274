//! Used one-time tokens. They are kept until they would have expired.

use redb::ReadableTable;
use sightline_host::ports::{SpentTokens, StoreError};

use super::Store;
use super::tables::SPENT;

impl SpentTokens for Store {
    async fn spend(&self, token: &[u8], until_ms: u64) -> Result<bool, StoreError> {
        let token = token.to_vec();
        self.write("spend token", move |transaction| {
            let mut table = transaction.open_table(SPENT)?;
            if table.get(token.as_slice())?.is_some() {
                return Ok(false);
            }
            table.insert(token.as_slice(), until_ms)?;
            Ok(true)
        })
        .await
    }
}
