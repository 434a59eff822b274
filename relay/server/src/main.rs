//! The relay as a program of its own: reads its arguments, binds, runs until a signal stops it.

use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use clap::builder::{BoolishValueParser, NonEmptyStringValueParser};
use clap::{CommandFactory as _, FromArgMatches as _, Parser};
use sightline_relay::{
    Config, EmfName, LineLimit, Machine, Relay, RelayKey, TokenSource, log_filter, unset_empty,
};
use tokio::sync::oneshot;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// The process exits this long after its patience, even if a thread hangs. With the default
/// patience that is 110 s after SIGTERM; Fargate kills after 120 s at the latest (Amazon ECS,
/// `StopTimeout`).
const EXITS_WITHIN: Duration = Duration::from_secs(10);

/// The media relay of Sightline: receives and forwards the sound and pictures of calls.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The host's WebSocket API, such as ws://127.0.0.1:8080/ws or wss://api.example.com/ws
    #[arg(long, env = "SIGHTLINE_HOME", required_unless_present = "health")]
    home: Option<String>,
    /// A file of certificates (PEM) to trust there, in addition to the web's root certificates
    #[arg(long, env = "SIGHTLINE_HOME_CA", value_name = "FILE")]
    home_ca: Option<PathBuf>,
    /// The secret that signs relay tokens, the same as the host's. Each dial gets a new token
    #[arg(
        long,
        env = "SIGHTLINE_RELAY_KEY",
        hide_env_values = true,
        value_parser = NonEmptyStringValueParser::new(),
        conflicts_with = "token",
        required_unless_present_any = ["token", "health"]
    )]
    key: Option<String>,
    /// A fixed token for every dial, for tests. It expires after a minute, so a link that is lost
    /// later stays lost
    #[arg(
        long,
        env = "SIGHTLINE_RELAY_TOKEN",
        hide_env_values = true,
        value_parser = NonEmptyStringValueParser::new()
    )]
    token: Option<String>,
    /// UDP addresses to listen on for media. Beside 0.0.0.0 it listens on the machine's global
    /// address of IPv6, if it has one and none is announced by hand
    #[arg(
        long,
        env = "SIGHTLINE_MEDIA",
        value_delimiter = ',',
        default_value = "127.0.0.1:3478"
    )]
    media: Vec<SocketAddr>,
    /// Media threads: one for each processor. Each has a UDP port of its own, counted from that of
    /// --media (and --announce)
    #[arg(
        long,
        env = "SIGHTLINE_THREADS",
        default_value_t = 1,
        value_parser = clap::value_parser!(u8).range(1..=16)
    )]
    threads: u8,
    /// TCP addresses to listen on for media of pages whose network blocks UDP [default: those of
    /// --media]
    #[arg(long, env = "SIGHTLINE_MEDIA_TCP", value_delimiter = ',')]
    media_tcp: Option<Vec<SocketAddr>>,
    /// Disable media over TCP
    #[arg(
        long,
        env = "SIGHTLINE_NO_MEDIA_TCP",
        value_parser = BoolishValueParser::new(),
        conflicts_with = "media_tcp"
    )]
    no_media_tcp: bool,
    /// The addresses that pages connect to, one for each of --media. Default: those of --media, or,
    /// for an unspecified (0.0.0.0) or private one, the address at which the host sees this relay
    #[arg(long, env = "SIGHTLINE_ANNOUNCE", value_delimiter = ',')]
    announce: Vec<SocketAddr>,
    /// The same for --media-tcp [default: those of --announce, with the ports of --media-tcp if
    /// given]
    #[arg(long, env = "SIGHTLINE_ANNOUNCE_TCP", value_delimiter = ',')]
    announce_tcp: Vec<SocketAddr>,
    /// Most rooms at a time
    #[arg(long, env = "SIGHTLINE_ROOMS_MAX", default_value_t = 200)]
    rooms_max: u32,
    /// Seconds that running calls may go on after a signal to stop. The process exits 10 s later at
    /// the latest
    #[arg(long, env = "SIGHTLINE_PATIENCE", default_value_t = 100)]
    patience_s: u64,
    /// An address where Prometheus reads metrics (/metrics), such as 127.0.0.1:9464, or `emf` to
    /// write them to standard output every minute in CloudWatch's embedded metric format
    #[arg(long, env = "SIGHTLINE_METRICS", value_name = "ADDRESS", value_parser = Metrics::parse)]
    metrics: Option<Metrics>,
    /// The deployment that the metrics belong to: their dimension in CloudWatch
    #[arg(
        long,
        env = "SIGHTLINE_DEPLOYMENT",
        value_name = "NAME",
        default_value = "sightline"
    )]
    deployment: String,
    /// The address to answer --health on, such as 127.0.0.1:3479
    #[arg(long, env = "SIGHTLINE_HEALTH")]
    health_listen: Option<SocketAddr>,
    /// Check the health of the relay that runs with the same --health-listen, print it part by
    /// part, and exit with 0 if it is healthy
    #[arg(long, requires = "health_listen")]
    health: bool,
    /// Filter of the log, such as `info` or `sightline_relay=debug`
    #[arg(
        long,
        env = "SIGHTLINE_LOG",
        value_name = "FILTER",
        default_value = "info",
        value_parser = log_filter::parse
    )]
    log: String,
    /// Log lines as JSON
    #[arg(long, env = "SIGHTLINE_LOG_JSON", value_parser = BoolishValueParser::new())]
    log_json: bool,
}

#[derive(Clone, Copy)]
enum Metrics {
    Emf,
    Prometheus(SocketAddr),
}

impl Metrics {
    fn parse(text: &str) -> Result<Self, &'static str> {
        match (text, text.parse()) {
            ("emf", _) => Ok(Self::Emf),
            (_, Ok(at)) => Ok(Self::Prometheus(at)),
            (_, Err(_)) => Err("write `emf`, or an IP address with a port such as 127.0.0.1:9464"),
        }
    }
}

fn main() -> ExitCode {
    let matches = unset_empty(Arguments::command()).get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    start_logging(&arguments.log, arguments.log_json);
    if arguments.health {
        return ask_health(arguments.health_listen);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(run(arguments));
            // A pending name lookup must not delay the exit.
            runtime.shutdown_background();
            code
        }
        Err(error) => {
            tracing::error!(%error, "relay failed to start");
            ExitCode::FAILURE
        }
    }
}

fn ask_health(address: Option<SocketAddr>) -> ExitCode {
    let Some(address) = address else {
        return ExitCode::FAILURE;
    };
    match sightline_relay::ask_health(address) {
        Ok(health) => {
            // Nobody may read it: the exit code says enough.
            let _ = io::stdout().write_all(health.to_lines().as_bytes());
            match health.ok {
                true => ExitCode::SUCCESS,
                false => ExitCode::FAILURE,
            }
        }
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, "health check failed");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> ExitCode {
    let (metrics, deployment) = (arguments.metrics, arguments.deployment.clone());
    let patience = Duration::from_secs(arguments.patience_s);
    let relay = match Relay::bind(configure(arguments)) {
        Ok(relay) => relay,
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, "relay failed to start");
            return ExitCode::FAILURE;
        }
    };
    let stop = match watch_signals(patience.saturating_add(EXITS_WITHIN)) {
        Ok(stop) => stop,
        Err(error) => {
            tracing::error!(%error, "relay failed to start");
            return ExitCode::FAILURE;
        }
    };
    let (id, counters) = (relay.id(), relay.counters());
    tracing::info!(
        relay.id = %id,
        media = ?relay.media_addresses(),
        media_tcp = ?relay.media_tcp_addresses(),
        "relay listens"
    );
    let stopped = async {
        let _ = stop.await;
    };
    let metrics = async {
        match metrics {
            Some(Metrics::Emf) => {
                let named = EmfName {
                    deployment: &deployment,
                    relay: id,
                };
                sightline_relay::write_emf(&counters, named, now_ms, io::stdout()).await;
            }
            Some(Metrics::Prometheus(_)) | None => std::future::pending().await,
        }
    };
    let ended = tokio::select! {
        ended = relay.run(stopped) => ended,
        () = metrics => Ok(()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "relay ended without media");
            ExitCode::FAILURE
        }
    }
}

fn configure(arguments: Arguments) -> Config {
    let token: TokenSource = match arguments.key {
        Some(secret) => {
            let key = RelayKey::from_secret(&secret);
            Box::new(move || key.token(now_ms() / 1_000))
        }
        None => {
            let token = arguments.token.unwrap_or_default();
            Box::new(move || token.clone())
        }
    };
    let mut config = Config::new(&arguments.home.unwrap_or_default(), token);
    config.home_root = arguments.home_ca;
    config.threads = arguments.threads.into();
    // Addresses to announce are given one for each of these, so nothing is added then.
    let routed = match arguments.announce.as_slice() {
        [] => (Machine::this().routed)(),
        _ => Vec::new(),
    };
    config.media_listen = dual_stack(arguments.media, &routed);
    config.announce = if_given(arguments.announce);
    let tcp = arguments.media_tcp.map(|at| dual_stack(at, &routed));
    config.media_over_tcp(tcp, if_given(arguments.announce_tcp));
    if arguments.no_media_tcp {
        (config.media_tcp_listen, config.announce_tcp) = (Vec::new(), None);
    }
    config.learn_address = true;
    config.rooms_max = arguments.rooms_max;
    config.patience = Duration::from_secs(arguments.patience_s);
    config.health_listen = arguments.health_listen;
    config.metrics_listen = match arguments.metrics {
        Some(Metrics::Prometheus(at)) => Some(at),
        Some(Metrics::Emf) | None => None,
    };
    config
}

/// Adds the machine's global address of IPv6 beside each wildcard of IPv4, for pages on networks
/// without IPv4. It is no wildcard: nothing translates IPv6, so the address that the machine routes
/// by is the one that pages use.
fn dual_stack(listen: Vec<SocketAddr>, routed: &[IpAddr]) -> Vec<SocketAddr> {
    let global = routed.iter().copied().find(|at| match at {
        IpAddr::V6(v6) => !v6.is_unique_local(),
        IpAddr::V4(_) => false,
    });
    let all_v4 = |at: &&SocketAddr| at.ip() == IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    let ports: Vec<u16> = listen.iter().filter(all_v4).map(SocketAddr::port).collect();
    let has_v6 = listen.iter().any(SocketAddr::is_ipv6);
    let added = global.filter(|_| !has_v6).into_iter();
    let added = added.flat_map(|ip| ports.iter().map(move |port| SocketAddr::new(ip, *port)));
    let added: Vec<_> = added.collect();
    listen.into_iter().chain(added).collect()
}

fn if_given(addresses: Vec<SocketAddr>) -> Option<Vec<SocketAddr>> {
    (!addresses.is_empty()).then_some(addresses)
}

/// Reports the first signal to stop, and exits the process `deadline` later. The thread for this
/// waits for nothing that could hang, not even for the log.
fn watch_signals(deadline: Duration) -> io::Result<oneshot::Receiver<()>> {
    let (sender, stopped) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let watch = async move {
        if let Err(error) = signal_to_stop().await {
            tracing::error!(%error, "failed to watch for signals, only a kill stops this relay");
            return std::future::pending().await;
        }
        let _ = sender.send(());
        tokio::time::sleep(deadline).await;
        std::process::exit(1);
    };
    std::thread::Builder::new()
        .name("sightline-signals".to_owned())
        .spawn(move || runtime.block_on(watch))?;
    Ok(stopped)
}

async fn signal_to_stop() -> io::Result<()> {
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

fn start_logging(filter: &str, json: bool) {
    let filter = EnvFilter::new(filter);
    let limit = LineLimit::new(now);
    let lines = tracing_subscriber::fmt::layer();
    let log = tracing_subscriber::registry()
        .with(filter)
        .with(limit.clone());
    if json {
        log.with(lines.json()).init();
    } else {
        log.with(lines).init();
    }
    if let Err(error) = limit.report_left_out() {
        tracing::warn!(%error, "lines that are left out of the log will not be counted");
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge where the log's clock comes in"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listens(listen: &[&str], routed: &[&str]) -> Vec<String> {
        let listen = listen.iter().map(|at| at.parse().unwrap()).collect();
        let routed: Vec<IpAddr> = routed.iter().map(|at| at.parse().unwrap()).collect();
        let found = dual_stack(listen, &routed);
        found.iter().map(SocketAddr::to_string).collect()
    }

    #[test]
    fn a_relay_has_an_address_of_ipv6_where_the_network_has_one() {
        let both = ["10.0.0.2", "2001:db8::2"];
        assert_eq!(
            listens(&["0.0.0.0:3478"], &both),
            ["0.0.0.0:3478", "[2001:db8::2]:3478"]
        );
        for routed in [&["10.0.0.2"][..], &["fd00::2"], &[]] {
            assert_eq!(
                listens(&["0.0.0.0:3478"], routed),
                ["0.0.0.0:3478"],
                "{routed:?}"
            );
        }
        // Who names addresses means these.
        for named in ["127.0.0.1:3478", "192.168.1.2:3478", "[::1]:3478"] {
            assert_eq!(listens(&[named], &both), [named]);
        }
        let given = ["0.0.0.0:3478", "[2001:db8::9]:3478"];
        assert_eq!(listens(&given, &both), given);
    }
}
