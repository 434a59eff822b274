//! A relay by itself: reads its settings, binds, runs until told to stop.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use sightline_relay::{Config, Relay};
use tracing_subscriber::EnvFilter;

/// Carries the media of Sightline calls.
#[derive(Parser)]
#[command(version)]
struct Settings {
    /// The WebSocket API to dial, such as ws://127.0.0.1:8080/ws
    #[arg(long, env = "SIGHTLINE_HOME")]
    home: String,
    /// The token to show there at every dial. It lives for a minute and cannot be renewed, so a link that is lost later
    /// stays lost ("the host refused the token"): a fixed token serves tests. A relay that signs its own comes with the
    /// deployment into a cloud account
    #[arg(long, env = "SIGHTLINE_RELAY_TOKEN", hide_env_values = true)]
    token: String,
    /// UDP addresses to listen on for media
    #[arg(
        long,
        env = "SIGHTLINE_MEDIA",
        value_delimiter = ',',
        default_value = "127.0.0.1:3478"
    )]
    media: Vec<SocketAddr>,
    /// The addresses pages are told, one for each of --media
    #[arg(long, env = "SIGHTLINE_ANNOUNCE", value_delimiter = ',')]
    announce: Vec<SocketAddr>,
    /// Most rooms at a time
    #[arg(long, env = "SIGHTLINE_ROOMS_MAX", default_value_t = 200)]
    rooms_max: u32,
    /// Seconds that running calls may go on after a stop
    #[arg(long, env = "SIGHTLINE_PATIENCE", default_value_t = 100)]
    patience_s: u64,
    /// Log lines as JSON
    #[arg(long, env = "SIGHTLINE_LOG_JSON")]
    log_json: bool,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let settings = Settings::parse();
    start_logging(settings.log_json);
    let token = settings.token;
    let mut config = Config::new(&settings.home, Box::new(move || token.clone()));
    config.media_listen = settings.media;
    config.announce = (!settings.announce.is_empty()).then_some(settings.announce);
    config.rooms_max = settings.rooms_max;
    config.patience = Duration::from_secs(settings.patience_s);
    match Relay::bind(config) {
        Ok(relay) => {
            tracing::info!(relay.id = %relay.id(), media = ?relay.media_addresses(), "relay listens");
            relay.run(asked_to_stop()).await;
            ExitCode::SUCCESS
        }
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, "relay did not start");
            ExitCode::FAILURE
        }
    }
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

async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = match signal(SignalKind::terminate()) {
        Ok(terminate) => terminate,
        Err(error) => {
            tracing::warn!(%error, "no SIGTERM here");
            tokio::signal::ctrl_c().await.unwrap_or(());
            return;
        }
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}
