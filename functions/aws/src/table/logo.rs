//! The logo: a row for its bytes, and a small one beside it, which pages' first requests read.

use aws_sdk_dynamodb::types::TransactWriteItem;
use sightline_host::ports::{Logos, StoreError};
use sightline_host::records::LogoRecord;

use super::item::{Item, damaged};
use super::transaction::{Cancelled, delete, put};
use super::{Table, bytes};

/// The partition.
const LOGO: &str = "logo";

/// The sort key of the small row.
const RECORD: &str = "0";

/// The sort key of the row of bytes. A row has at most 400 KB (DynamoDB quotas).
const BYTES: &str = "bytes";

impl Logos for Table {
    async fn logo(&self) -> Result<Option<LogoRecord>, StoreError> {
        const WHAT: &str = "read logo";
        let row = self.read(WHAT, row(RECORD)).await?;
        row.map(|row| row.body(WHAT)).transpose()
    }

    async fn logo_bytes(&self) -> Result<Option<Vec<u8>>, StoreError> {
        const WHAT: &str = "read logo's bytes";
        let row = self.read(WHAT, row(BYTES)).await?;
        let stored = row.map(|row| row.bytes("bytes").map(<[u8]>::to_vec));
        stored
            .map(|bytes| bytes.ok_or_else(|| damaged(WHAT)))
            .transpose()
    }

    async fn put_logo(&self, record: LogoRecord, of: &[u8]) -> Result<(), StoreError> {
        let record = row(RECORD).with_body(&record);
        let of = row(BYTES).with("bytes", bytes(of));
        self.change_logo(
            "store logo",
            put(&self.name, record, None),
            put(&self.name, of, None),
        )
        .await
    }

    async fn remove_logo(&self) -> Result<(), StoreError> {
        let [record, of] = [RECORD, BYTES].map(|sk| delete(&self.name, row(sk)));
        self.change_logo("remove logo", record, of).await
    }
}

impl Table {
    async fn change_logo(
        &self,
        what: &'static str,
        record: TransactWriteItem,
        of: TransactWriteItem,
    ) -> Result<(), StoreError> {
        let sent = self.client.transact_write_items();
        let sent = sent.transact_items(record).transact_items(of).send();
        match sent.await {
            Ok(_) => Ok(()),
            Err(error) => Err(Cancelled::of(what, &error)?.store_error(what)),
        }
    }
}

fn row(sk: &str) -> Item {
    Item::at(LOGO.to_owned(), sk)
}
