//! Lambda reading queues: polls them at the endpoint of the services, invokes the function, and
//! deletes what the function does not report as failed. What is left comes back when it is visible
//! again, as at AWS.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ::http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::gateway::{Core, authority};
use crate::listen;
use crate::runtime::InvokeError;
use crate::template::QueueSource;

/// How long a poll waits for messages, seconds. Lambda's is 20; a poll whose gateway was killed may
/// take a message with it, so this one is short.
const WAIT_S: u64 = 1;

/// The pause after a poll failed.
const TROUBLE: Duration = Duration::from_millis(200);

/// A queue at an endpoint.
#[derive(Clone, Debug)]
pub struct Poll {
    pub source: QueueSource,
    /// URL of all services.
    pub endpoint: String,
}

/// Polls until it is dropped, one batch at a time.
pub async fn serve(core: Arc<Core>, poll: Poll) {
    loop {
        match poll.receive(&core).await {
            Some(messages) if messages.is_empty() => {}
            Some(messages) => poll.hand_over(&core, &messages).await,
            None => sleep(TROUBLE).await,
        }
    }
}

impl Poll {
    async fn receive(&self, core: &Core) -> Option<Vec<Value>> {
        let asked = json!({
            "QueueUrl": self.source.url,
            "MaxNumberOfMessages": self.source.batch,
            "WaitTimeSeconds": WAIT_S,
            "MessageSystemAttributeNames": ["All"],
        });
        let answer = self.ask(core, "ReceiveMessage", asked).await?;
        Some(answer["Messages"].as_array().cloned().unwrap_or_default())
    }

    async fn hand_over(&self, core: &Core, messages: &[Value]) {
        let records = messages.iter().map(|message| self.record(core, message));
        let event = json!({ "Records": records.collect::<Vec<_>>() });
        let Ok(failed) = self.invoke(core, &event).await else {
            return;
        };
        for message in messages {
            let id = message["MessageId"].as_str().unwrap_or_default();
            if !failed.contains(id) {
                let done = json!({
                    "QueueUrl": self.source.url,
                    "ReceiptHandle": message["ReceiptHandle"],
                });
                self.ask(core, "DeleteMessage", done).await;
            }
        }
    }

    /// Returns the ids of the messages that failed.
    async fn invoke(&self, core: &Core, event: &Value) -> Result<BTreeSet<String>, InvokeError> {
        let event = serde_json::to_vec(event).unwrap_or_default();
        let function = core.functions.get(&self.source.function);
        let function = function.ok_or(InvokeError::Failed)?;
        let answer = function.invoke(event).await?;
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let failed = answer["batchItemFailures"].as_array().cloned();
        let failed = failed.unwrap_or_default().into_iter();
        Ok(failed
            .filter_map(|failure| Some(failure["itemIdentifier"].as_str()?.to_owned()))
            .collect())
    }

    /// A record of an event (AWS Lambda Developer Guide, "Example Amazon SQS message event").
    fn record(&self, core: &Core, message: &Value) -> Value {
        json!({
            "messageId": message["MessageId"],
            "receiptHandle": message["ReceiptHandle"],
            "body": message["Body"],
            "attributes": message["Attributes"],
            "messageAttributes": {},
            "md5OfBody": message["MD5OfBody"],
            "eventSource": "aws:sqs",
            "eventSourceARN": self.source.arn,
            "awsRegion": core.region,
        })
    }

    async fn ask(&self, core: &Core, action: &str, asked: Value) -> Option<Value> {
        let server = authority(&self.endpoint);
        let scope = format!(
            "AWS4-HMAC-SHA256 Credential=test/20260101/{}/sqs/aws4_request, \
             SignedHeaders=host;x-amz-date, Signature={}",
            core.region,
            "0".repeat(64)
        );
        let request = Request::builder()
            .method(Method::POST)
            .uri("/")
            .header(header::HOST, &server)
            .header(header::CONTENT_TYPE, "application/x-amz-json-1.0")
            .header("x-amz-target", format!("AmazonSQS.{action}"))
            .header("x-amz-date", "20260101T000000Z")
            .header(header::AUTHORIZATION, scope)
            .body(Full::new(Bytes::from(asked.to_string())))
            .ok()?;
        let answer = listen::ask(&server, request).await.ok()?;
        let status = answer.status();
        let body = answer.into_body().collect().await.ok()?.to_bytes();
        if status != StatusCode::OK {
            tracing::warn!(action, %status, "the queue refused a request");
            return None;
        }
        Some(serde_json::from_slice(&body).unwrap_or_default())
    }
}
