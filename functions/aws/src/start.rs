//! What all mains share: a runtime, a log, clients that are built once, secrets, and a connection
//! that is warm before the first event comes.

use std::process::ExitCode;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use sightline_host::ports::{
    ConnectionKey, Connections as _, PictureStore, SmsOut, StoreError, Uploads,
};
use sightline_host::{Host, HostConfig, Keys, ProviderConfig};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cloud::random;
use crate::http::OriginSecret;
use crate::metrics::{Metered, Metrics};
use crate::retries::{retries, table_timeouts, timeouts};
use crate::settings::{
    AWS_REGION, CLIENT_SECRET, ORIGIN_SECRET, PICTURES, RELAY_KEY, SIGNING_KEY, TABLE,
};
use crate::settings::{SettingError, Settings};
use crate::{Bucket, Cloud, Sockets, Table, Texts, Without, trouble};

/// Why a function does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A variable is missing or wrong.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// A secret is not to be had.
    #[error("the secret of the variable {0} cannot be read: {1}")]
    Secret(&'static str, StoreError),
    /// The secret has no text.
    #[error("the secret of the variable {0} is empty")]
    EmptySecret(&'static str),
    /// The table is not to be had.
    #[error("the table cannot be read: {0}")]
    Table(StoreError),
    /// The process itself.
    #[error("no runtime: {0}")]
    Runtime(#[from] std::io::Error),
    /// The runtime's interface ended.
    #[error("the runtime's interface failed: {0}")]
    Interface(lambda_runtime::Error),
}

impl From<lambda_runtime::Error> for StartError {
    fn from(error: lambda_runtime::Error) -> Self {
        Self::Interface(error)
    }
}

/// Runs a function: one thread, since the service gives a process one event at a time.
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
            tracing::error!(%error, "the function does not start");
            ExitCode::FAILURE
        }
    }
}

fn environment() -> Settings {
    Settings::new(|name| std::env::var(name).ok())
}

/// What a function is built from.
pub struct Start {
    /// What its variables say.
    pub settings: Settings,
    config: SdkConfig,
    /// One, so that whoever asks the table shares its connections.
    dynamodb: aws_sdk_dynamodb::Client,
    /// An endpoint of one's own has no host names for buckets.
    own_endpoint: bool,
}

impl Start {
    /// Prepares the clients. Region and credentials are those of the function's environment and are
    /// looked for nowhere else: a function has no profiles, and no machine to ask about itself.
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

    /// A host with these parts.
    ///
    /// # Errors
    /// When a variable is missing or wrong.
    pub fn host<S, O>(
        &self,
        config: HostConfig,
        keys: Keys,
        sms: S,
        objects: O,
    ) -> Result<Host<Cloud<S, O>>, StartError>
    where
        S: SmsOut + 'static,
        O: Uploads + PictureStore + 'static,
    {
        let cloud = Cloud {
            table: self.table()?,
            sockets: self.sockets()?,
            sms,
            objects,
        };
        Ok(Host::new(cloud, config, keys))
    }

    /// A host of a function that signs and checks nothing and sends no text messages: it goes
    /// without the secrets, under a key that nobody knows. It is warm.
    ///
    /// # Errors
    /// When a variable is missing or wrong, or the table cannot be read.
    pub async fn keyless_host<O>(&self, objects: O) -> Result<Host<Cloud<Without, O>>, StartError>
    where
        O: Uploads + PictureStore + 'static,
    {
        let keys = Keys::from_bytes(&random());
        let host = self.host(self.settings.host()?, keys, Without, objects)?;
        self.warm().await?;
        Ok(host)
    }

    /// Asks the table for something, so that the first event meets a connection that stands: until
    /// then a process has more of a processor than it ever has again.
    ///
    /// # Errors
    /// When the table cannot be read.
    pub async fn warm(&self) -> Result<(), StartError> {
        // No connection has this key: the service's have only letters, digits and `=`, `-`, `_`.
        let nobody = ConnectionKey("nobody!".to_owned());
        let found = self.table()?.find_connection(&nobody).await;
        found.map(drop).map_err(StartError::Table)
    }

    /// The keys that cookies and relays' tokens are signed with.
    ///
    /// # Errors
    /// When a secret cannot be read.
    pub async fn keys(&self) -> Result<Keys, StartError> {
        let (own, relays) = tokio::try_join!(self.secret(SIGNING_KEY), self.secret(RELAY_KEY))?;
        Ok(Keys::from_secret(&own).with_relay_key(&relays))
    }

    /// Who signs agents in.
    ///
    /// # Errors
    /// When none is named, or our secret there cannot be read.
    pub async fn provider(&self) -> Result<ProviderConfig, StartError> {
        let mut provider = self.settings.provider()?;
        if self.settings.optional(CLIENT_SECRET).is_some() {
            provider.client_secret = Some(self.secret(CLIENT_SECRET).await?);
        }
        Ok(provider)
    }

    /// The secret that CloudFront adds to what it passes on.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn origin_secret(&self) -> Result<OriginSecret, StartError> {
        self.secret(ORIGIN_SECRET).await.map(OriginSecret::new)
    }

    /// The text of the secret whose ARN a variable has.
    ///
    /// # Errors
    /// When it cannot be read, or has no text.
    pub async fn secret(&self, variable: &'static str) -> Result<String, StartError> {
        let arn = self.settings.text(variable)?;
        let client = aws_sdk_secretsmanager::Client::new(&self.config);
        let read = client.get_secret_value().secret_id(arn).send().await;
        let read = read
            .map_err(|error| StartError::Secret(variable, trouble::of("read a secret", &error)))?;
        match read.secret_string {
            Some(text) if !text.is_empty() => Ok(text),
            _ => Err(StartError::EmptySecret(variable)),
        }
    }

    /// Text messages, counted.
    ///
    /// # Errors
    /// When the table has no name, by which metrics are told apart.
    pub fn texts(&self) -> Result<Metered<Texts>, StartError> {
        let client = aws_sdk_sns::Client::new(&self.config);
        let texts = Texts::new(&client, self.settings.texts());
        Ok(Metered::new(texts, self.metrics()?))
    }

    /// Uploads and pictures.
    ///
    /// # Errors
    /// When the bucket has no name.
    pub fn bucket(&self) -> Result<Bucket, StartError> {
        let config = aws_sdk_s3::config::Builder::from(&self.config)
            .force_path_style(self.own_endpoint)
            .build();
        let client = aws_sdk_s3::Client::from_conf(config);
        Ok(Bucket::new(client, self.settings.text(PICTURES)?))
    }

    /// What is counted.
    ///
    /// # Errors
    /// When the table has no name.
    pub fn metrics(&self) -> Result<Metrics, StartError> {
        Ok(Metrics::new(&self.settings.text(TABLE)?))
    }

    fn table(&self) -> Result<Table, StartError> {
        Ok(Table::new(
            self.dynamodb.clone(),
            self.settings.text(TABLE)?,
        ))
    }

    /// Connections are reached at the stage they came to, whatever endpoint the services have.
    fn sockets(&self) -> Result<Sockets, StartError> {
        let config = aws_sdk_apigatewaymanagement::config::Builder::from(&self.config)
            .endpoint_url(self.settings.ws_endpoint()?)
            .build();
        let client = aws_sdk_apigatewaymanagement::Client::from_conf(config);
        Ok(Sockets::new(&client))
    }
}

/// Lines of JSON, or plain ones, as the function's logging configuration says.
///
/// `trace` and `debug` are for our own code alone: at these levels the runtime writes down whole
/// events and the SDK whole requests, with what people say and their numbers in them.
fn log(look_up: &dyn Fn(&str) -> Option<String>) {
    let lines = tracing_subscriber::fmt::layer()
        .with_target(false)
        .with_ansi(false)
        .without_time();
    let filter = filter(look_up("AWS_LAMBDA_LOG_LEVEL").as_deref());
    let json = look_up("AWS_LAMBDA_LOG_FORMAT");
    let registry = tracing_subscriber::registry().with(filter);
    // An error means that something logs already.
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
        // Ours has no level above this.
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
    fn nobody_elses_words_are_logged_below_info() {
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
