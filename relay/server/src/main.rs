//! A relay by itself: reads its settings, binds, runs until told to stop.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::builder::NonEmptyStringValueParser;
use clap::{Parser, ValueEnum};
use sightline_relay::{Config, Relay, RelayKey, TokenSource};
use tokio::sync::oneshot;
use tracing_subscriber::EnvFilter;

/// The process ends so long after its patience did, whatever may be stuck by then. With the default
/// patience that is 110 s after SIGTERM; Fargate kills at 120 s at the latest (Amazon ECS,
/// `StopTimeout`).
const LEAVES_WITHIN: Duration = Duration::from_secs(10);

/// Carries the media of Sightline calls.
#[derive(Parser)]
#[command(version)]
struct Settings {
    /// The WebSocket API to dial, such as ws://127.0.0.1:8080/ws or wss://api.example.com/ws
    #[arg(long, env = "SIGHTLINE_HOME", required_unless_present = "health")]
    home: Option<String>,
    /// A file of certificates (PEM) to trust there, besides the roots of the web
    #[arg(long, env = "SIGHTLINE_HOME_CA", value_name = "FILE")]
    home_ca: Option<PathBuf>,
    /// The secret that relay tokens are signed with, the same as the host's: each dial gets a token
    /// of its own
    #[arg(
        long,
        env = "SIGHTLINE_RELAY_KEY",
        hide_env_values = true,
        value_parser = NonEmptyStringValueParser::new(),
        conflicts_with = "token",
        required_unless_present_any = ["token", "health"]
    )]
    key: Option<String>,
    /// A ready token to show at every dial, for tests: it lives for a minute and cannot be renewed,
    /// so a link that is lost later stays lost
    #[arg(
        long,
        env = "SIGHTLINE_RELAY_TOKEN",
        hide_env_values = true,
        value_parser = NonEmptyStringValueParser::new()
    )]
    token: Option<String>,
    /// UDP addresses to listen on for media
    #[arg(
        long,
        env = "SIGHTLINE_MEDIA",
        value_delimiter = ',',
        default_value = "127.0.0.1:3478"
    )]
    media: Vec<SocketAddr>,
    /// TCP addresses to listen on for media of pages whose network lets no UDP through [default:
    /// those of --media]
    #[arg(long, env = "SIGHTLINE_MEDIA_TCP", value_delimiter = ',')]
    media_tcp: Option<Vec<SocketAddr>>,
    /// Listen on no TCP address for media
    #[arg(long, env = "SIGHTLINE_NO_MEDIA_TCP", conflicts_with = "media_tcp")]
    no_media_tcp: bool,
    /// The addresses pages are told, one for each of --media. Without it pages are told those of
    /// --media, or, where such a one is unspecified (0.0.0.0) or private, the address at which the
    /// host sees this relay
    #[arg(long, env = "SIGHTLINE_ANNOUNCE", value_delimiter = ',')]
    announce: Vec<SocketAddr>,
    /// The same for --media-tcp [default: those of --announce, with the ports of --media-tcp where
    /// that is given]
    #[arg(long, env = "SIGHTLINE_ANNOUNCE_TCP", value_delimiter = ',')]
    announce_tcp: Vec<SocketAddr>,
    /// Most rooms at a time
    #[arg(long, env = "SIGHTLINE_ROOMS_MAX", default_value_t = 200)]
    rooms_max: u32,
    /// Seconds that running calls may go on after a stop. The process ends 10 s later at the latest
    #[arg(long, env = "SIGHTLINE_PATIENCE", default_value_t = 100)]
    patience_s: u64,
    /// Metrics to write to standard output every minute
    #[arg(long, env = "SIGHTLINE_METRICS")]
    metrics: Option<Metrics>,
    /// Where --health is answered, such as 127.0.0.1:3479
    #[arg(long, env = "SIGHTLINE_HEALTH")]
    health_listen: Option<SocketAddr>,
    /// Ask the relay that runs with the same --health-listen whether it is well, and end with 0 if
    /// so
    #[arg(long, requires = "health_listen")]
    health: bool,
    /// Log lines as JSON
    #[arg(long, env = "SIGHTLINE_LOG_JSON")]
    log_json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Metrics {
    /// CloudWatch's embedded metric format
    Emf,
}

fn main() -> ExitCode {
    let settings = Settings::parse();
    start_logging(settings.log_json);
    if settings.health {
        return ask_health(settings.health_listen);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(run(settings));
            // A name that is being looked up must not hold up the end.
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            tracing::error!(%error, "relay did not start");
            ExitCode::FAILURE
        }
    }
}

fn ask_health(address: Option<SocketAddr>) -> ExitCode {
    let Some(address) = address else {
        return ExitCode::FAILURE;
    };
    match sightline_relay::ask_health(address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, "relay is not well");
            ExitCode::FAILURE
        }
    }
}

async fn run(settings: Settings) -> ExitCode {
    let metrics = settings.metrics;
    let patience = Duration::from_secs(settings.patience_s);
    match Relay::bind(configure(settings)) {
        Ok(relay) => {
            let (id, counters) = (relay.id(), relay.counters());
            tracing::info!(
                relay.id = %id,
                media = ?relay.media_addresses(),
                media_tcp = ?relay.media_tcp_addresses(),
                "relay listens"
            );
            let metrics = async {
                match metrics {
                    Some(Metrics::Emf) => {
                        sightline_relay::write_emf(&counters, id, now_ms, io::stdout()).await;
                    }
                    None => std::future::pending().await,
                }
            };
            let stop = match watch_signals(patience.saturating_add(LEAVES_WITHIN)) {
                Ok(stop) => stop,
                Err(error) => {
                    tracing::error!(%error, "relay did not start");
                    return ExitCode::FAILURE;
                }
            };
            let stop = async {
                let _ = stop.await;
            };
            tokio::select! {
                () = relay.run(stop) => {}
                () = metrics => {}
            }
            ExitCode::SUCCESS
        }
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, "relay did not start");
            ExitCode::FAILURE
        }
    }
}

fn configure(settings: Settings) -> Config {
    let token: TokenSource = match settings.key {
        Some(secret) => {
            let key = RelayKey::from_secret(&secret);
            Box::new(move || key.token(now_ms() / 1_000))
        }
        None => {
            let token = settings.token.unwrap_or_default();
            Box::new(move || token.clone())
        }
    };
    let mut config = Config::new(&settings.home.unwrap_or_default(), token);
    config.home_root = settings.home_ca;
    config.media_listen = settings.media;
    config.announce = given(settings.announce);
    config.media_over_tcp(settings.media_tcp, given(settings.announce_tcp));
    if settings.no_media_tcp {
        (config.media_tcp_listen, config.announce_tcp) = (Vec::new(), None);
    }
    config.learn_place = true;
    config.rooms_max = settings.rooms_max;
    config.patience = Duration::from_secs(settings.patience_s);
    config.health_listen = settings.health_listen;
    config
}

fn given(addresses: Vec<SocketAddr>) -> Option<Vec<SocketAddr>> {
    (!addresses.is_empty()).then_some(addresses)
}

/// Tells of the first signal to stop, and ends the process so long after it: from a thread of its
/// own, which waits for nothing that could be stuck, not even for the log.
fn watch_signals(deadline: Duration) -> io::Result<oneshot::Receiver<()>> {
    let (tell, told) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let watch = async move {
        if let Err(error) = asked_to_stop().await {
            tracing::error!(%error, "nobody can ask this relay to stop");
            return std::future::pending().await;
        }
        let _ = tell.send(());
        tokio::time::sleep(deadline).await;
        std::process::exit(1);
    };
    std::thread::Builder::new()
        .name("sightline-signals".to_owned())
        .spawn(move || runtime.block_on(watch))?;
    Ok(told)
}

async fn asked_to_stop() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge where the wall clock comes in"
)]
fn now_ms() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn start_logging(json: bool) {
    // str0m writes addresses at debug; only its warnings are of interest.
    let filter = EnvFilter::try_from_env("SIGHTLINE_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,str0m=warn,is=warn,dimpl=warn,sctp_proto=error"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter);
    if json {
        lines.json().init();
    } else {
        lines.init();
    }
}
