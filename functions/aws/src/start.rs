//! What all mains share: runtime, log, clients that are built once, secrets, and a connection to
//! the table that is open before the first event.

use std::process::ExitCode;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueError;
use sightline_host::case::CaseSigner;
use sightline_host::ports::{
    CaseFiles, ConnectionKey, Connections as _, PictureStore, SmsOut, StoreError, Uploads,
    Webhooks as _,
};
use sightline_host::{Host, HostConfig, Keys, ProviderConfig};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cloud::random;
use crate::metrics::{Metered, Metrics};
use crate::origin::OriginSecret;
use crate::retries::{retries, table_timeouts, timeouts};
use crate::settings::{
    AWS_REGION, CASE_KEY, CLIENT_SECRET, DELIVERIES, ORIGIN_SECRET, PICTURES, RELAY_ENDPOINT,
    RELAY_KEY, SIGNING_KEY, TABLE, WS_ENDPOINT,
};
use crate::settings::{SettingError, Settings};
use crate::{ApiGatewayPush, Cloud, S3Bucket, SqsQueue, Table, Texts, Without, store_error};

/// Why a function does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A variable is missing or invalid.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// A secret cannot be read.
    #[error("cannot read the secret of variable {0}: {1}")]
    Secret(&'static str, StoreError),
    /// A secret has no text.
    #[error("the secret of variable {0} is empty")]
    EmptySecret(&'static str),
    /// The table cannot be read.
    #[error("cannot read the table: {0}")]
    Table(StoreError),
    /// The system provides no runtime.
    #[error("cannot start the runtime: {0}")]
    Runtime(#[from] std::io::Error),
    /// The Lambda Runtime API failed.
    #[error("Lambda Runtime API failed: {0}")]
    Interface(lambda_runtime::Error),
}

impl From<lambda_runtime::Error> for StartError {
    fn from(error: lambda_runtime::Error) -> Self {
        Self::Interface(error)
    }
}

/// Runs a function on one thread, because Lambda gives a process one event at a time.
pub fn run(serve: impl AsyncFnOnce(Start) -> Result<(), StartError>) -> ExitCode {
    log(&|name| std::env::var(name).ok());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let done = runtime.map_err(StartError::from).and_then(|runtime| {
        runtime.block_on(async { serve(Start::new(environment()).await?).await })
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = %error, "function did not start");
            ExitCode::FAILURE
        }
    }
}

fn environment() -> Settings {
    Settings::new(|name| std::env::var(name).ok())
}

/// The parts that a function is built from.
pub struct Start {
    /// The function's variables.
    pub settings: Settings,
    config: SdkConfig,
    /// One client, so that all requests to the table share its connections.
    dynamodb: aws_sdk_dynamodb::Client,
    /// A custom endpoint has no host names for buckets.
    own_endpoint: bool,
}

impl Start {
    /// Prepares the clients. Region and credentials come from the function's environment only: a
    /// function has neither profiles nor an instance metadata service.
    ///
    /// # Errors
    /// When the environment names no region.
    pub async fn new(settings: Settings) -> Result<Self, StartError> {
        let region = settings.text(AWS_REGION)?;
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(Region::new(region))
            .credentials_provider(EnvironmentVariableCredentialsProvider::new())
            .timeout_config(timeouts())
            .retry_config(retries())
            .load()
            .await;
        let brisk = aws_sdk_dynamodb::config::Builder::from(&config)
            .timeout_config(table_timeouts())
            .build();
        let named = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"];
        let own_endpoint = named.iter().any(|name| settings.optional(name).is_some());
        Ok(Self {
            settings,
            dynamodb: aws_sdk_dynamodb::Client::from_conf(brisk),
            config,
            own_endpoint,
        })
    }

    /// Builds a host with these parts.
    ///
    /// # Errors
    /// When a variable is missing or invalid.
    pub fn host<S, O>(
        &self,
        config: HostConfig,
        keys: Keys,
        sms: S,
        objects: O,
    ) -> Result<Host<Cloud<S, O>>, StartError>
    where
        S: SmsOut + 'static,
        O: Uploads + PictureStore + CaseFiles + 'static,
    {
        let cloud = Cloud {
            table: self.table()?,
            sockets: self.sockets()?,
            sms,
            objects,
        };
        Ok(Host::new(cloud, config, keys))
    }

    /// Builds a warm host for a function that neither signs nor checks cookies and sends no text
    /// messages. It has no secrets, and its key is random.
    ///
    /// # Errors
    /// When a variable is missing or invalid, or the table cannot be read.
    pub async fn keyless_host<O>(&self, objects: O) -> Result<Host<Cloud<Without, O>>, StartError>
    where
        O: Uploads + PictureStore + CaseFiles + 'static,
    {
        let keys = Keys::from_bytes(&random());
        let host = self.host(self.settings.host()?, keys, Without, objects)?;
        self.warm().await?;
        Ok(host)
    }

    /// Builds a warm host for the function that delivers webhooks' messages. Of the table its role
    /// allows webhooks alone.
    ///
    /// # Errors
    /// When a variable is missing or invalid, or the table cannot be read.
    pub async fn delivering_host(&self) -> Result<Host<Cloud<Without, Without>>, StartError> {
        let keys = Keys::from_bytes(&random());
        let host = self.host(self.settings.host()?, keys, Without, Without)?;
        let read = self.table()?.webhooks().await;
        read.map_err(StartError::Table)?;
        Ok(host)
    }

    /// Makes a request to the table, so that the first event finds an open connection. While it
    /// starts, a process has more of a processor than later.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn warm(&self) -> Result<(), StartError> {
        // No connection has this key: API Gateway uses letters, digits and `=`, `-`, `_`.
        let nobody = ConnectionKey("nobody!".to_owned());
        let found = self.table()?.find_connection(&nobody).await;
        found.map(drop).map_err(StartError::Table)
    }

    /// Reads the keys that sign cookies and the tokens of relays.
    ///
    /// # Errors
    /// When a secret cannot be read.
    pub async fn keys(&self) -> Result<Keys, StartError> {
        let (own, relays) = tokio::try_join!(self.secret(SIGNING_KEY), self.secret(RELAY_KEY))?;
        Ok(Keys::from_secret(&own).with_relay_key(&relays))
    }

    /// Reads the key that signs case files.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn case_secret(&self) -> Result<String, StartError> {
        let secret = self.secret(CASE_KEY).await?;
        // Once here, so that a function without a usable key does not start.
        let usable = CaseSigner::from_secret(&secret);
        usable.map_err(|_| StartError::EmptySecret(CASE_KEY))?;
        Ok(secret)
    }

    /// Reads the configuration of the identity provider.
    ///
    /// # Errors
    /// When no provider is set, or our client secret cannot be read.
    pub async fn provider(&self) -> Result<ProviderConfig, StartError> {
        let mut provider = self.settings.provider()?;
        if self.settings.optional(CLIENT_SECRET).is_some() {
            provider.client_secret = Some(self.secret(CLIENT_SECRET).await?);
        }
        Ok(provider)
    }

    /// Reads the secret that CloudFront adds to requests, and the one before it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn origin_secret(&self) -> Result<OriginSecret, StartError> {
        let (current, previous) = tokio::try_join!(
            self.secret(ORIGIN_SECRET),
            self.previous_secret(ORIGIN_SECRET)
        )?;
        Ok(OriginSecret::new(current).with_previous(previous))
    }

    /// Reads the value that a secret had before the present one.
    async fn previous_secret(&self, variable: &'static str) -> Result<Option<String>, StartError> {
        let arn = self.settings.text(variable)?;
        let client = aws_sdk_secretsmanager::Client::new(&self.config);
        let asked = client.get_secret_value().secret_id(arn);
        match asked.version_stage("AWSPREVIOUS").send().await {
            Ok(read) => Ok(read.secret_string),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetSecretValueError::is_resource_not_found_exception) =>
            {
                Ok(None)
            }
            Err(error) => {
                let error = store_error::of("read a secret", &error);
                Err(StartError::Secret(variable, error))
            }
        }
    }

    /// Reads the secret whose ARN is in a variable.
    ///
    /// # Errors
    /// When it cannot be read, or has no text.
    pub async fn secret(&self, variable: &'static str) -> Result<String, StartError> {
        let arn = self.settings.text(variable)?;
        let client = aws_sdk_secretsmanager::Client::new(&self.config);
        let read = client.get_secret_value().secret_id(arn).send().await;
        let read = read.map_err(|error| {
            StartError::Secret(variable, store_error::of("read a secret", &error))
        })?;
        match read.secret_string {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(StartError::EmptySecret(variable)),
        }
    }

    /// Builds the port for text messages, with metrics.
    ///
    /// # Errors
    /// When the variable for the table is missing: its name labels the metrics.
    pub fn texts(&self) -> Result<Metered<Texts>, StartError> {
        let client = aws_sdk_sns::Client::new(&self.config);
        let texts = Texts::new(&client, self.settings.texts());
        Ok(Metered::new(texts, self.metrics()?))
    }

    /// Builds the ports for uploads and pictures.
    ///
    /// # Errors
    /// When the variable for the bucket is missing.
    pub fn bucket(&self) -> Result<S3Bucket, StartError> {
        let config = aws_sdk_s3::config::Builder::from(&self.config)
            .force_path_style(self.own_endpoint)
            .build();
        let client = aws_sdk_s3::Client::from_conf(config);
        Ok(S3Bucket::new(client, self.settings.text(PICTURES)?))
    }

    /// Builds the metrics.
    ///
    /// # Errors
    /// When the variable for the table is missing.
    pub fn metrics(&self) -> Result<Metrics, StartError> {
        Ok(Metrics::new(&self.settings.text(TABLE)?))
    }

    /// Builds the store of owners' places.
    ///
    /// # Errors
    /// When the variable for the table is missing.
    pub fn places(&self) -> Result<Table, StartError> {
        self.table()
    }

    fn table(&self) -> Result<Table, StartError> {
        let table = Table::new(self.dynamodb.clone(), self.settings.text(TABLE)?);
        Ok(table.with_queue(self.queue()?))
    }

    /// Builds the queue of webhooks' deliveries.
    ///
    /// # Errors
    /// When the variable for the queue is missing.
    pub fn queue(&self) -> Result<SqsQueue, StartError> {
        let url = self.settings.text(DELIVERIES)?;
        Ok(SqsQueue::new(&self.config, url))
    }

    /// Connections are reached at the stage they came to, whatever the endpoint of other services.
    fn sockets(&self) -> Result<ApiGatewayPush, StartError> {
        let client = |endpoint| {
            let config = aws_sdk_apigatewaymanagement::config::Builder::from(&self.config);
            aws_sdk_apigatewaymanagement::Client::from_conf(config.endpoint_url(endpoint).build())
        };
        let pages = client(self.settings.endpoint(WS_ENDPOINT)?);
        let relays = client(self.settings.endpoint(RELAY_ENDPOINT)?);
        Ok(ApiGatewayPush::new(&pages, &relays))
    }
}

/// Sets up the log: lines of JSON or plain lines, as the function's logging configuration says.
///
/// `trace` and `debug` apply to our own code only: at these levels the runtime logs whole events
/// and the SDK whole requests, which contain chat text and phone numbers.
fn log(look_up: &dyn Fn(&str) -> Option<String>) {
    let lines = tracing_subscriber::fmt::layer()
        .with_target(false)
        .with_ansi(false)
        .without_time();
    let filter = filter(look_up("AWS_LAMBDA_LOG_LEVEL").as_deref());
    let json = look_up("AWS_LAMBDA_LOG_FORMAT");
    let registry = tracing_subscriber::registry().with(filter);
    // Fails only if a subscriber is set already.
    let _ = if json.is_some_and(|format| format.eq_ignore_ascii_case("json")) {
        registry.with(lines.json().with_span_list(false)).try_init()
    } else {
        registry.with(lines).try_init()
    };
}

fn filter(level: Option<&str>) -> Targets {
    let level = match level.map(str::to_ascii_lowercase).as_deref() {
        Some("trace") => LevelFilter::TRACE,
        Some("debug") => LevelFilter::DEBUG,
        Some("warn") => LevelFilter::WARN,
        // `tracing` has no level above this.
        Some("error" | "fatal") => LevelFilter::ERROR,
        _ => LevelFilter::INFO,
    };
    let ours = ["sightline_aws", "sightline_host", "sightline_session"];
    Targets::new()
        .with_default(level.min(LevelFilter::INFO))
        .with_targets(ours.map(|name| (name, level)))
}

#[cfg(test)]
mod tests {
    use tracing::Level;

    use super::*;

    #[test]
    fn other_crates_log_nothing_below_info() {
        for level in ["TRACE", "debug", "INFO", "warn", "ERROR", "FATAL"] {
            let filter = filter(Some(level));
            for target in [
                "lambda_runtime",
                "lambda_runtime::layers",
                "aws_smithy_runtime",
                "hyper",
            ] {
                for forbidden in [Level::TRACE, Level::DEBUG] {
                    assert!(!filter.would_enable(target, &forbidden), "{level} {target}");
                }
            }
        }
        assert!(filter(Some("DEBUG")).would_enable("sightline_host::flow", &Level::DEBUG));
        assert!(!filter(Some("DEBUG")).would_enable("sightline_host::flow", &Level::TRACE));
        assert!(filter(None).would_enable("sightline_aws", &Level::INFO));
        assert!(filter(None).would_enable("lambda_runtime", &Level::INFO));
        assert!(!filter(Some("ERROR")).would_enable("lambda_runtime", &Level::WARN));
        assert!(!filter(None).would_enable("sightline_aws", &Level::DEBUG));
    }
}
