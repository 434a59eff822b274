//! Pushes messages through API Gateway's `@connections`.
//!
//! Pages and relays connect to an API each. The key of a relay's connection begins with
//! [`RELAY_MARK`], so that a push finds the API that the connection came to.

use std::time::Duration;

use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::http::HttpResponse;
use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::config::timeout::TimeoutConfig;
use aws_sdk_apigatewaymanagement::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_apigatewaymanagement::primitives::Blob;
use sightline_host::closing;
use sightline_host::ports::{ConnectionKey, Push, Said, StoreError};
use sightline_wire::{CLOSE_FLOOD, CLOSE_VERSION};

use crate::store_error;

/// Name of the stage of the relays' API.
pub(crate) const RELAY_STAGE: &str = "relay";

/// Begins the key of a connection to the relays' API. API Gateway's ids contain no slash.
const RELAY_MARK: &str = "relay/";

/// Returns the key of a connection to the API with this stage.
pub(crate) fn key_at(stage: Option<&str>, id: &str) -> ConnectionKey {
    let mark = match stage {
        Some(RELAY_STAGE) => RELAY_MARK,
        _ => "",
    };
    ConnectionKey(format!("{mark}{id}"))
}

/// Whether a connection came to the relays' API.
pub(crate) fn is_at_relays(connection: &ConnectionKey) -> bool {
    connection.0.starts_with(RELAY_MARK)
}

/// Sends messages to connections of both WebSocket APIs.
pub struct ApiGatewayPush {
    pages: Client,
    relays: Client,
}

impl ApiGatewayPush {
    /// Uses clients whose endpoints are the stages of the pages' and of the relays' API.
    #[must_use]
    pub fn new(pages: &Client, relays: &Client) -> Self {
        Self {
            pages: brisk(pages),
            relays: brisk(relays),
        }
    }

    /// Returns the client for a connection, and its id at API Gateway.
    fn at<'a>(&'a self, connection: &'a ConnectionKey) -> (&'a Client, &'a str) {
        match connection.0.strip_prefix(RELAY_MARK) {
            Some(id) => (&self.relays, id),
            None => (&self.pages, &connection.0),
        }
    }
}

/// Gives a client retries and timeouts of its own: a push does not wait long, and a page that
/// missed one asks for new events.
fn brisk(client: &Client) -> Client {
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(PAUSE)
        .with_max_backoff(PAUSE);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ATTEMPT)
        .operation_timeout(ALL);
    let config = client
        .config()
        .to_builder()
        .retry_config(retries)
        .timeout_config(timeouts.build());
    Client::from_conf(config.build())
}

impl Push for ApiGatewayPush {
    async fn say(&self, connection: &ConnectionKey, message: &str) -> Result<Said, StoreError> {
        let (client, id) = self.at(connection);
        let request = client.post_to_connection().connection_id(id);
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
        let (client, id) = self.at(connection);
        let closed = client.delete_connection().connection_id(id).send().await;
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
