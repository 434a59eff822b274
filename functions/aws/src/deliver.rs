//! Delivers webhooks' messages. Lambda reads the queue and hands over one message at a time.
//!
//! A message of the queue names a delivery. The deliveries to its webhook about its call that wait
//! before it are sent first, whatever the queue has of them, so that order does not depend on the
//! queue. What is not due is hidden until it is, and reported as failed, so that Lambda does not
//! delete it.

use std::time::Duration;

use lambda_runtime::{LambdaEvent, service_fn};
use serde::{Deserialize, Serialize};
use sightline_host::Host;
use sightline_host::ports::{
    CaseFiles, Dial, PictureStore, Ports as _, SmsOut, StoreError, Uploads, Webhooks as _,
};

use crate::Cloud;
use crate::queue::{QueuedDelivery, SqsQueue};
use crate::retries::OPERATION;

/// No further message is sent in this time before the function's deadline: it is longer than a
/// receiver may take, and than the table for the outcome.
const RESERVE: Duration = OPERATION.saturating_add(Duration::from_secs(2));

/// What Lambda hands over (AWS Lambda Developer Guide, "Using Lambda with Amazon SQS").
#[derive(Debug, Deserialize)]
pub struct QueueEvent {
    #[serde(rename = "Records")]
    records: Vec<QueueRecord>,
}

/// A message of the queue.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueueRecord {
    message_id: String,
    receipt_handle: String,
    body: String,
}

/// What Lambda is to leave in the queue ("Implementing partial batch responses").
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LeftInQueue {
    batch_item_failures: Vec<LeftRecord>,
}

/// One of these messages.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct LeftRecord {
    item_identifier: String,
}

/// Serves batches until the process is ended.
///
/// # Errors
/// When the runtime's interface fails.
pub async fn serve<S, O, D>(
    host: Host<Cloud<S, O>>,
    queue: SqsQueue,
    dial: D,
) -> Result<(), lambda_runtime::Error>
where
    S: SmsOut + 'static,
    O: Uploads + PictureStore + CaseFiles + 'static,
    D: Dial,
{
    let (host, queue, dial) = (&host, &queue, &dial);
    lambda_runtime::run(service_fn(async |event: LambdaEvent<QueueEvent>| {
        let reserve_ms = u64::try_from(RESERVE.as_millis()).unwrap_or(u64::MAX);
        let until_ms = event.context.deadline.saturating_sub(reserve_ms);
        let mut left = LeftInQueue::default();
        for record in event.payload.records {
            let Some(due_ms) = attend(host, dial, &record.body, until_ms).await? else {
                continue;
            };
            let wait_ms = due_ms.saturating_sub(host.ports().now_ms());
            // Without it the message comes back sooner, and is hidden then.
            if let Err(error) = queue.hide(&record.receipt_handle, wait_ms).await {
                tracing::error!(error = %error, "failed to hide a message of the queue");
            }
            let item_identifier = record.message_id;
            left.batch_item_failures
                .push(LeftRecord { item_identifier });
        }
        Ok::<_, lambda_runtime::Error>(left)
    }))
    .await
}

/// Sends what waits up to the delivery that a message of the queue names, until a time in epoch
/// milliseconds. Returns when the queue is to bring the message again, or `None` if nothing is left
/// to do for it.
///
/// # Errors
/// When the table fails.
pub async fn attend<S, O>(
    host: &Host<Cloud<S, O>>,
    dial: &impl Dial,
    body: &str,
    until_ms: u64,
) -> Result<Option<u64>, StoreError>
where
    S: SmsOut + 'static,
    O: Uploads + PictureStore + CaseFiles + 'static,
{
    let Ok(QueuedDelivery { webhook, message }) = serde_json::from_str(body) else {
        tracing::error!("a message of the queue names no delivery, it is dropped");
        return Ok(None);
    };
    let cloud = host.ports();
    loop {
        let first = cloud.table.first_waiting(webhook, message.call).await?;
        let first = first.filter(|first| first.message.number <= message.number);
        let Some((due_ms, first)) = first.and_then(|first| Some((first.due_ms()?, first))) else {
            return Ok(None);
        };
        let now_ms = cloud.now_ms();
        if due_ms > now_ms || now_ms >= until_ms {
            return Ok(Some(due_ms));
        }
        host.deliver(dial, first).await?;
    }
}
