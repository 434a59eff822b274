//! The queue of webhooks' deliveries, on SQS. It says which delivery is to be sent; how far it got
//! is in the table.
//!
//! The queue is first-in, first-out for each webhook and call. A message in it is never more than
//! a name, so what comes twice or late does no harm.

use std::sync::OnceLock;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_sqs::config::Builder;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use aws_sdk_sqs::{Client, Config};
use serde::{Deserialize, Serialize};
use sightline_host::ports::StoreError;
use sightline_host::records::DeliveryRecord;
use sightline_wire::{MessageId, WebhookId};

use crate::store_error;

/// Messages in one request (Amazon SQS API Reference, "SendMessageBatch").
const AT_ONCE: usize = 10;

/// Longest time that a message stays hidden, seconds: twelve hours from its receipt (Amazon SQS
/// Developer Guide, "visibility timeout"), and some for its way.
const HIDDEN_MAX_S: u64 = 12 * 60 * 60 - 60;

/// The first attempt and one retry.
const ATTEMPTS: u32 = 2;

/// Longest wait for an answer: who committed waits for it, and the sweep hands over what failed.
const ATTEMPT: Duration = Duration::from_millis(500);

/// Longest wait for both attempts.
const ALL: Duration = Duration::from_secs(1);

/// What a message in the queue says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedDelivery {
    /// To which webhook.
    pub webhook: WebhookId,
    /// Which message.
    pub message: MessageId,
}

/// Sends to the queue, and hides what is not due.
pub struct SqsQueue {
    config: Config,
    /// Made at the first use, because most processes have none.
    client: OnceLock<Client>,
    url: String,
}

impl SqsQueue {
    /// Uses the queue with this URL.
    #[must_use]
    pub fn new(config: &SdkConfig, url: String) -> Self {
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(Duration::from_millis(50))
            .with_max_backoff(Duration::from_millis(50));
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(ATTEMPT)
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(ALL);
        let config = Builder::from(config)
            .retry_config(retries)
            .timeout_config(timeouts.build());
        Self {
            config: config.build(),
            client: OnceLock::new(),
            url,
        }
    }

    fn client(&self) -> &Client {
        let make = || Client::from_conf(self.config.clone());
        self.client.get_or_init(make)
    }

    /// Sends deliveries to the queue, in order. One that was sent in the same era in the last five
    /// minutes is not sent again.
    pub(crate) async fn send(
        &self,
        deliveries: &[DeliveryRecord],
        era: impl Fn(&DeliveryRecord) -> String,
    ) -> Result<(), StoreError> {
        const WHAT: &str = "send to the queue";
        for some in deliveries.chunks(AT_ONCE) {
            let entries = some.iter().zip(0..);
            let entries = entries.map(|(delivery, at)| entry(delivery, at, &era(delivery)));
            let request = self.client().send_message_batch().queue_url(&self.url);
            let sent = request.set_entries(Some(entries.collect())).send().await;
            let sent = sent.map_err(|error| store_error::of(WHAT, &error))?;
            if let Some(failed) = sent.failed().first() {
                return Err(StoreError {
                    operation: WHAT,
                    cause: failed.code().to_owned(),
                    retryable: !failed.sender_fault(),
                });
            }
        }
        Ok(())
    }

    /// Hides a message that was received for so many milliseconds.
    pub(crate) async fn hide(&self, receipt: &str, ms: u64) -> Result<(), StoreError> {
        let seconds = ms.div_ceil(1_000).min(HIDDEN_MAX_S);
        let request = self.client().change_message_visibility();
        let request = request.queue_url(&self.url).receipt_handle(receipt);
        let request = request.visibility_timeout(i32::try_from(seconds).unwrap_or(i32::MAX));
        let hidden = request.send().await;
        hidden
            .map(drop)
            .map_err(|error| store_error::of("hide a message of the queue", &error))
    }
}

fn entry(delivery: &DeliveryRecord, at: usize, era: &str) -> SendMessageBatchRequestEntry {
    let DeliveryRecord {
        webhook, message, ..
    } = *delivery;
    let body = serde_json::to_string(&QueuedDelivery { webhook, message });
    let call = message
        .call
        .map_or_else(|| "test".to_owned(), |call| call.to_string());
    SendMessageBatchRequestEntry::builder()
        .id(at.to_string())
        .message_body(body.expect("two names, which JSON can hold"))
        .message_group_id(format!("{webhook}.{call}"))
        .message_deduplication_id(format!("{webhook}.{message}.{era}"))
        .build()
        .expect("it has an id and a body")
}
