//! Starts a gateway, prints its addresses, and ends when its parent process does.

use std::io::{IsTerminal, Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use serde::Deserialize;
use sightline_gateway::{Gateway, GatewaySettings};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;

/// API Gateway, Lambda and CloudFront on this machine, for one template.
#[derive(Debug, Parser)]
struct Cli {
    /// The template to read.
    #[arg(long, default_value = "template.yaml")]
    template: PathBuf,
    /// Folder with the functions' binaries.
    #[arg(long, default_value = "target/debug")]
    bin_dir: PathBuf,
    /// Address of the site; all other listeners take free ports.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// JSON file with the deployed resources: {"endpoint", "region", "resources": {logical id:
    /// physical id}}.
    #[arg(long)]
    resources: Option<PathBuf>,
    /// Sets a parameter of the template.
    #[arg(long = "param", value_name = "KEY=VALUE", value_parser = pair)]
    params: Vec<(String, String)>,
    /// Sets a variable of every function; it overrides the template's.
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    env: Vec<(String, String)>,
    /// Replaces an origin in variables and in the content security policy.
    #[arg(long = "rewrite", value_name = "FROM=TO", value_parser = pair)]
    rewrites: Vec<(String, String)>,
    /// Folder with the built pages.
    #[arg(long)]
    page_dir: Option<PathBuf>,
    /// Folder for the output of the functions, one file each.
    #[arg(long)]
    logs: Option<PathBuf>,
    /// Seconds after which an idle connection is closed.
    #[arg(long, default_value_t = 600)]
    idle_s: u64,
    /// Seconds after which any connection is closed.
    #[arg(long, default_value_t = 7_200)]
    max_s: u64,
    /// Most processes of one function at a time.
    #[arg(long, default_value_t = 8)]
    workers: usize,
    /// Close code that a browser sees when a function closes its connection.
    #[arg(long, default_value_t = 1_000)]
    delete_close_code: u16,
    /// Prints the addresses as one line of JSON, also at a terminal.
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Deployed {
    endpoint: Option<String>,
    region: Option<String>,
    resources: std::collections::BTreeMap<String, String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()),
        )
        .init();
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = %error, "gateway failed");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> Result<(), Box<dyn std::error::Error>> {
    // A program reads one line of JSON; a person at a terminal reads several lines.
    let json = cli.json || !std::io::stdout().is_terminal();
    let mut terminated = signal(SignalKind::terminate())?;
    let mut gateway = Gateway::start(settings(cli)?).await?;
    let ready = gateway.ready();
    let mut out = std::io::stdout().lock();
    if json {
        writeln!(out, "{}", serde_json::to_string(ready)?)?;
    } else {
        writeln!(
            out,
            "\n  Site         {}\n  WebSocket    {}\n  HTTP         {}\n  \
             Connections  {}\n  Control      {}\n",
            ready.page,
            ready
                .sockets
                .values()
                .cloned()
                .collect::<Vec<_>>()
                .join(" "),
            ready.http_api,
            ready.connections,
            ready.control
        )?;
    }
    out.flush()?;
    drop(out);
    tokio::select! {
        _ = terminated.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
        _ = parent_gone() => {}
    }
    gateway.stop().await;
    Ok(())
}

fn settings(cli: Cli) -> Result<GatewaySettings, Box<dyn std::error::Error>> {
    let mut settings = GatewaySettings::new(cli.template, cli.bin_dir);
    settings.listen = cli.listen;
    settings.page_dir = cli.page_dir;
    settings.logs = cli.logs;
    settings.deployment.parameters = cli.params.into_iter().collect();
    settings.env = cli.env.into_iter().collect();
    settings.rewrites = cli.rewrites;
    if let Some(path) = cli.resources {
        let deployed: Deployed = serde_json::from_slice(&std::fs::read(path)?)?;
        settings.endpoint = deployed.endpoint;
        settings.deployment.physical = deployed.resources;
        if let Some(region) = deployed.region {
            settings.deployment.region = region;
        }
    }
    settings.limits.idle = Duration::from_secs(cli.idle_s);
    settings.limits.connection_max = Duration::from_secs(cli.max_s);
    settings.limits.workers = cli.workers;
    settings.limits.delete_close_code = cli.delete_close_code;
    Ok(settings)
}

/// Resolves when standard input ends, which means that the parent process is gone. A thread reads,
/// because a blocking read cannot be cancelled.
async fn parent_gone() {
    let (gone, ended) = oneshot::channel::<()>();
    std::thread::spawn(move || {
        let mut bytes = [0; 256];
        while matches!(std::io::stdin().read(&mut bytes), Ok(read) if read > 0) {}
        drop(gone);
    });
    let _ = ended.await;
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
