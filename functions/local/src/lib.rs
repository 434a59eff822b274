//! The plug to the desk: the host's ports on one machine, in one process, with one command.
//!
//! Pages, API, sockets and the media relay run in the binary `sightline`; what must last lies in
//! the data folder, in one database file and a file a picture, and survives `kill -9`. The relay
//! dials home over loopback with the same code as in the cloud. Nothing here knows what a session
//! allows: that is `sightline-session`, and `sightline-host` carries it out.
//!
//! Deliberately not a server for the open net: it listens on loopback only, speaks no TLS, and
//! shows text messages in an outbox in place of sending them.

use std::error::Error;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use sightline_host::{Keys, sign_in_link};
use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, Command, Log, SignInLink};
use crate::data::DataFolder;

pub mod cli;
pub mod data;
pub mod desk;
pub mod objects;
mod ready;
#[cfg(test)]
mod scratch;
pub mod serve;
pub mod server;
pub mod sockets;
pub mod store;
pub mod trouble;

/// Does what the command line says.
#[must_use]
pub fn run(cli: Cli) -> ExitCode {
    let done = match cli.command {
        Command::Serve(options) => {
            log(&options.log);
            serve::run(&options).map_err(Into::into)
        }
        Command::SignInLink(options) => print_sign_in_link(options),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

/// Needs only the key, so that it works beside a running server, which alone may open the database.
fn print_sign_in_link(options: SignInLink) -> Result<(), Box<dyn Error>> {
    let folder = DataFolder::open(options.data.folder)?;
    let note = folder.note().ok_or_else(|| {
        format!(
            "no sightline ever ran with data folder {}: start `sightline serve` first",
            folder.path().display()
        )
    })?;
    let [a, b, ..] = desk::random();
    let token = Keys::from_bytes(&folder.key()?).once([a, b], desk::now_ms());
    writeln!(std::io::stdout(), "{}", sign_in_link(&note.page, &token))?;
    Ok(())
}

fn log(options: &Log) {
    let filter = EnvFilter::try_new(&options.log).unwrap_or_else(|_| EnvFilter::new("warn"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second subscriber is refused; the first one stays, which is as good.
    let _ = if options.log_json {
        lines.json().try_init()
    } else {
        lines.try_init()
    };
}

/// The whole chain of causes on one line.
fn complain(error: &dyn Error) {
    let mut line = format!("sightline: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(&format!(": {error}"));
        cause = error.source();
    }
    let _ = writeln!(std::io::stderr(), "{line}");
}
