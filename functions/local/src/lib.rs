//! The plug to the desk: the host's ports on one machine, in one process, with one command.
//!
//! Pages, API, sockets and the media relay run in the binary `sightline`. Durable data lies in the
//! data folder, in one database file and one file for each picture, and survives `kill -9`. The
//! relay dials home over loopback with the same code as in the cloud. This crate does not know what
//! a session allows: `sightline-session` decides, and `sightline-host` carries it out.
//!
//! Deliberately not a server for the public internet: it listens on loopback, and with `--lan` for
//! customers' phones in this machine's network. It shows text messages in an outbox instead of
//! sending them.

use std::error::Error;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::time::Instant;

use sightline_host::{Keys, sign_in_link};
use sightline_relay::LineLimit;
use sightline_wire::MakeKey;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::cli::{ApiKey, Backup, CliCommand, ClockIsRight, Data, LogOptions, Restore, SignInLink};
use crate::data::{DataError, DataFolder, KEY_BYTES, ServerNote};
use crate::operator::Operated;
use crate::repeats::Repeats;

mod address;
mod background;
mod backup;
mod begin;
#[cfg(test)]
mod bench_case;
#[cfg(test)]
mod bench_list;
pub mod cli;
pub mod clock;
mod config;
#[cfg(test)]
mod contract;
pub mod data;
mod descriptors;
pub mod desk;
mod erased;
mod fetching;
mod health;
pub mod lan;

pub mod objects;
mod operator;
mod place;
mod ready;
mod repeats;
#[cfg(test)]
mod scratch;
pub mod serve;
pub mod serve_error;
pub mod server;
mod signals;
pub mod sockets;
pub mod store;
mod variables;
mod verifying;
mod webhooks;

/// Runs the command of this process's command line.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match variables::read() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let done = match cli.command {
        CliCommand::Serve(options) => {
            log(&options.log);
            serve::run(&options).map_err(Into::into)
        }
        CliCommand::SignInLink(options) => print_sign_in_link(options),
        CliCommand::ApiKey(options) => print_api_key(options),
        CliCommand::ClockIsRight(options) => confirm_clock(options),
        CliCommand::Backup(options) => back_up(options),
        CliCommand::Restore(options) => restore(options),
        CliCommand::Verify(options) => match verifying::run(&options) {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

/// Prints a sign-in link. This needs only the key, so that it works beside a running server, which
/// has the database open.
fn print_sign_in_link(options: SignInLink) -> Result<(), Box<dyn Error>> {
    let (folder, note, key) = used_folder(options.data)?;
    let [a, b, ..] = desk::random();
    let now_ms = clock::now_of(folder.path());
    let token = Keys::from_bytes(&key).once([a, b], now_ms);
    writeln!(std::io::stdout(), "{}", sign_in_link(&note.page, &token))?;
    Ok(())
}

/// Prints a key of the API. The server makes it if it is running.
fn print_api_key(options: ApiKey) -> Result<(), Box<dyn Error>> {
    let (folder, _, key) = used_folder(options.data)?;
    let operated = Operated {
        data: &folder,
        key: &key,
    };
    let asked = MakeKey {
        name: options.name,
        scopes: options.scopes.into_iter().collect(),
        days: options.days,
    };
    let made = runtime()?.block_on(operated.api_key(asked))?;
    let mut out = std::io::stdout();
    writeln!(out, "key {}, shown this once:", made.key.id)?;
    writeln!(out, "{}", made.secret)?;
    Ok(())
}

/// Confirms this machine's time of day to the desk of a folder, which reads that within seconds, or
/// at its next start.
fn confirm_clock(options: ClockIsRight) -> Result<(), Box<dyn Error>> {
    let (folder, ..) = used_folder(options.data)?;
    clock::confirm(folder.path())
        .map_err(|error| DataError::Io(folder.path().to_owned(), error))?;
    let folder = folder.path().display();
    writeln!(
        std::io::stdout(),
        "confirmed: the desk of {folder} believes this machine's date, and erases by it"
    )?;
    Ok(())
}

/// Makes a backup, by the running server if there is one.
fn back_up(options: Backup) -> Result<(), Box<dyn Error>> {
    let (folder, _, key) = used_folder(options.data)?;
    // The server has another working folder.
    let to = std::path::absolute(options.to)?;
    let operated = Operated {
        data: &folder,
        key: &key,
    };
    let held = runtime()?.block_on(operated.backup(&to))?;
    writeln!(
        std::io::stdout(),
        "backup in {}: calls: {}, pictures: {}",
        to.display(),
        held.calls,
        held.pictures
    )?;
    Ok(())
}

/// Makes a data folder of a backup.
fn restore(options: Restore) -> Result<(), Box<dyn Error>> {
    let folder = DataFolder::named(options.data.folder)?;
    let restored = backup::restore(folder.path(), &options.from, &options.erased);
    let restored = runtime()?.block_on(restored)?;
    writeln!(
        std::io::stdout(),
        "restored to {}: calls: {}, pictures: {}; erased again, because they were erased after \
         the backup: {}",
        folder.path().display(),
        restored.held.calls,
        restored.held.pictures,
        restored.erased
    )?;
    Ok(())
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

/// A data folder, the address of the server that used it last, and its key.
type Used = (DataFolder, ServerNote, [u8; KEY_BYTES]);

/// Returns a data folder that a server has used.
fn used_folder(data: Data) -> Result<Used, Box<dyn Error>> {
    let folder = DataFolder::named(data.folder)?;
    let (note, key) = folder.note().zip(folder.key()?).ok_or_else(|| {
        format!(
            "--data: data folder {} was never used by a server: start `sightline serve` first",
            folder.path().display()
        )
    })?;
    Ok((folder, note, key))
}

fn log(options: &LogOptions) {
    let filter = EnvFilter::new(&options.log);
    let limit = LineLimit::new(now);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let log = tracing_subscriber::registry()
        .with(filter)
        .with(limit.clone())
        .with(Repeats::default());
    // Fails only if a subscriber is set already, which then stays.
    let _ = if options.log_json {
        log.with(lines.json()).try_init()
    } else {
        log.with(lines).try_init()
    };
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

/// Prints an error with its chain of causes on one line, and the variables of the flags it names.
fn print_error(error: &dyn Error) {
    let mut line = format!("sightline: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(&format!(": {error}"));
        cause = error.source();
    }
    let _ = writeln!(std::io::stderr(), "{}", variables::named(&line));
}
