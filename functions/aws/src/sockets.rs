//! Pushes messages through API Gateway's `@connections`.

use std::time::Duration;

use aws_sdk_apigatewaymanagement::config::http::HttpResponse;
use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::config::timeout::TimeoutConfig;
use aws_sdk_apigatewaymanagement::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_apigatewaymanagement::primitives::Blob;
use sightline_host::closing;
use sightline_host::ports::{ConnectionKey, Push, Said, StoreError};
use sightline_wire::{CLOSE_FLOOD, CLOSE_VERSION};

use crate::store_error;

/// Sends messages to connections of the WebSocket API.
pub struct ApiGatewayPush {
    client: aws_sdk_apigatewaymanagement::Client,
}

impl ApiGatewayPush {
    /// Uses a client whose endpoint is the API's stage, with its own retries and timeouts: a push
    /// does not wait long, and a page that missed one asks for new events.
    #[must_use]
    pub fn new(client: &aws_sdk_apigatewaymanagement::Client) -> Self {
        let retries = RetryConfig::standard()
            .with_max_attempts(ATTEMPTS)
            .with_initial_backoff(PAUSE)
            .with_max_backoff(PAUSE);
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(ATTEMPT)
            .operation_timeout(ALL);
        let brisk = client
            .config()
            .to_builder()
            .retry_config(retries)
            .timeout_config(timeouts.build());
        Self {
            client: aws_sdk_apigatewaymanagement::Client::from_conf(brisk.build()),
        }
    }
}

impl Push for ApiGatewayPush {
    async fn say(&self, connection: &ConnectionKey, message: &str) -> Result<Said, StoreError> {
        let request = self.client.post_to_connection();
        let request = request.connection_id(&connection.0);
        let said = request.data(Blob::new(message)).send().await;
        unless_gone("say", said)
    }

    async fn close(&self, connection: &ConnectionKey, code: u16) -> Result<(), StoreError> {
        // DeleteConnection carries no close code, and a page acts on these two codes.
        if matches!(code, CLOSE_VERSION | CLOSE_FLOOD) {
            match self.say(connection, &closing(code)).await {
                Ok(Said::Gone) => return Ok(()),
                Ok(Said::Handed) => {}
                // The connection is closed in any case.
                Err(error) => {
                    tracing::warn!(connection.id = %connection.0, error = %error, "failed to send close notice, closing anyway");
                }
            }
        }
        let request = self.client.delete_connection();
        let closed = request.connection_id(&connection.0).send().await;
        unless_gone("close", closed).map(drop)
    }
}

/// The first attempt and one retry.
const ATTEMPTS: u32 = 2;

/// Longest pause between the two.
const PAUSE: Duration = Duration::from_millis(100);

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(1);

/// Longest wait for an answer.
const ATTEMPT: Duration = Duration::from_millis(1_400);

/// Longest wait for both attempts.
const ALL: Duration = Duration::from_secs(3);

/// Recognises a gone connection by the status: API Gateway names its error in a header that some
/// proxies drop.
fn unless_gone<T, E>(
    what: &'static str,
    done: Result<T, SdkError<E, HttpResponse>>,
) -> Result<Said, StoreError>
where
    E: ProvideErrorMetadata,
{
    match done {
        Ok(_) => Ok(Said::Handed),
        Err(error) => match error.raw_response() {
            Some(answer) if answer.status().as_u16() == GONE => Ok(Said::Gone),
            _ => Err(store_error::of(what, &error)),
        },
    }
}

const GONE: u16 = 410;
