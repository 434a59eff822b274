//! The outbox: the desk shows text messages instead of sending them.

use redb::ReadableTable;
use serde::{Deserialize, Serialize};
use sightline_host::ports::{Sms, SmsOut, StoreError};
use sightline_wire::SmsFailure;

use super::Store;
use super::failure::DatabaseFailure;
use super::tables::OUTBOX;

/// Most messages that are kept, so that the outbox page stays readable.
const KEPT: u64 = 200;

/// One message of the outbox, as `/outbox.json` shows it and as it is stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxMessage {
    /// Recipient in E.164 form.
    pub to: String,
    /// The whole text.
    pub text: String,
    /// The link alone.
    pub link: String,
    /// Time of sending, epoch milliseconds.
    pub at_ms: u64,
}

impl SmsOut for Store {
    async fn send(&self, sms: Sms, now_ms: u64) -> Result<(), SmsFailure> {
        self.put_into_outbox(sms, now_ms).await.map_err(|error| {
            tracing::error!(error = %error, "failed to put message into outbox");
            SmsFailure::Trouble
        })
    }
}

impl Store {
    async fn put_into_outbox(&self, sms: Sms, now_ms: u64) -> Result<(), StoreError> {
        let sent = OutboxMessage {
            to: sms.to.as_str().to_owned(),
            text: sms.text,
            link: sms.link,
            at_ms: now_ms,
        };
        self.write("put into outbox", move |transaction| {
            let message = serde_json::to_vec(&sent).map_err(DatabaseFailure::record)?;
            let mut table = transaction.open_table(OUTBOX)?;
            let number = table.last()?.map_or(1, |(number, _)| number.value() + 1);
            table.insert(number, message.as_slice())?;
            table.retain_in(..number.saturating_sub(KEPT - 1), |_, _| false)?;
            Ok(())
        })
        .await
    }

    /// Returns all messages, newest last.
    pub async fn outbox(&self) -> Result<Vec<OutboxMessage>, StoreError> {
        self.read("read outbox", |transaction| {
            let table = transaction.open_table(OUTBOX)?;
            table
                .iter()?
                .map(|row| serde_json::from_slice(row?.1.value()).map_err(DatabaseFailure::record))
                .collect()
        })
        .await
    }
}
