//! Pushes through API Gateway's `@connections`.

use std::time::Duration;

use aws_sdk_apigatewaymanagement::config::http::HttpResponse;
use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::config::timeout::TimeoutConfig;
use aws_sdk_apigatewaymanagement::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_apigatewaymanagement::primitives::Blob;
use sightline_host::closing;
use sightline_host::ports::{ConnectionKey, Push, Said, StoreError};
use sightline_wire::{CLOSE_FLOOD, CLOSE_VERSION};

use crate::trouble;

/// Says something to connections of the WebSocket API.
pub struct Sockets {
    client: aws_sdk_apigatewaymanagement::Client,
}

impl Sockets {
    /// A client whose endpoint is that of the API's stage. Its retries and timeouts are set here:
    /// nobody waits long for a push, and whoever missed one asks for what is new.
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

impl Push for Sockets {
    async fn say(&self, connection: &ConnectionKey, message: &str) -> Result<Said, StoreError> {
        let request = self.client.post_to_connection();
        let request = request.connection_id(&connection.0);
        let said = request.data(Blob::new(message)).send().await;
        unless_gone("say", said)
    }

    async fn close(&self, connection: &ConnectionKey, code: u16) -> Result<(), StoreError> {
        // DeleteConnection carries no code, and these two tell a page what to do next.
        if matches!(code, CLOSE_VERSION | CLOSE_FLOOD) {
            match self.say(connection, &closing(code)).await {
                Ok(Said::Gone) => return Ok(()),
                Ok(Said::Handed) => {}
                // It is to be closed all the same.
                Err(trouble) => {
                    tracing::warn!(connection.id = connection.0, error = %trouble, "closed without a word");
                }
            }
        }
        let request = self.client.delete_connection();
        let closed = request.connection_id(&connection.0).send().await;
        unless_gone("close", closed).map(drop)
    }
}

/// The first and one more.
const ATTEMPTS: u32 = 2;

/// Pause between the two, at most.
const PAUSE: Duration = Duration::from_millis(100);

/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(1);

/// Longest wait for an answer.
const ATTEMPT: Duration = Duration::from_millis(1_400);

/// Longest wait for both.
const ALL: Duration = Duration::from_secs(3);

/// Gone is told by the status: API Gateway names its error in a header that not everything on the
/// way keeps.
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
            _ => Err(trouble::of(what, &error)),
        },
    }
}

const GONE: u16 = 410;
