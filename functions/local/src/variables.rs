//! Environment variables of the command line. The table of flags and their variables is the command
//! line itself.

use std::ffi::OsStr;
use std::io::Write;
use std::process::ExitCode;

use clap::error::Error;
use clap::{Arg, CommandFactory, FromArgMatches};
use sightline_relay::unset_empty;

use crate::cli::Cli;

/// Reads the command line of this process and the variables. An empty variable counts as unset,
/// because files of variables often have such lines.
///
/// # Errors
/// The exit code, after help, the version or an error was printed.
pub fn read() -> Result<Cli, ExitCode> {
    let mut command = unset_empty(Cli::command());
    let matches = command.clone().try_get_matches();
    matches
        .and_then(|matches| Cli::from_arg_matches(&matches))
        .map_err(|error| print(&error.format(&mut command)))
}

fn print(error: &Error) -> ExitCode {
    if error.use_stderr() {
        let said = error.to_string();
        // Usage and advice follow after an empty line; they name flags that are not at fault.
        let (first, rest) = said.split_once("\n\n").unwrap_or((&said, ""));
        let _ = write!(std::io::stderr(), "{}\n\n{rest}", named(first.trim_end()));
    } else {
        let _ = error.print();
    }
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// Adds the variables of all flags that a message names.
#[must_use]
pub fn named(message: &str) -> String {
    let mut command = Cli::command();
    command.build();
    let mut named: Vec<String> = Vec::new();
    for flag in flags(message) {
        let of_flag = |arg: &&Arg| arg.get_long() == Some(flag);
        let found = command
            .get_subcommands()
            .find_map(|sub| sub.get_arguments().find(of_flag));
        let Some(variable) = found.and_then(Arg::get_env).and_then(OsStr::to_str) else {
            continue;
        };
        let entry = format!("--{flag} {variable}");
        if !named.contains(&entry) {
            named.push(entry);
        }
    }
    match named.is_empty() {
        true => message.to_owned(),
        false => format!("{message} [env: {}]", named.join(", ")),
    }
}

/// The long flags in a text, without their dashes.
fn flags(text: &str) -> impl Iterator<Item = &str> {
    text.split("--").skip(1).map(|rest| {
        let end = rest.find(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '-'));
        rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_flag_in_a_message_has_its_variable_once() {
        assert_eq!(
            named(
                "--media-tcp 0.0.0.0:1 is unspecified: set --announce-tcp, not '--media-tcp <A>'"
            ),
            "--media-tcp 0.0.0.0:1 is unspecified: set --announce-tcp, not '--media-tcp <A>' \
             [env: --media-tcp SIGHTLINE_MEDIA_TCP, --announce-tcp SIGHTLINE_ANNOUNCE_TCP]"
        );
        for plain in [
            "no flag",
            "--json has no variable",
            "--no-such-flag",
            "a -- b",
        ] {
            assert_eq!(named(plain), plain);
        }
    }

    #[test]
    fn every_flag_for_operators_has_a_variable_that_is_named_like_it() {
        let command = Cli::command();
        let serve = command.find_subcommand("serve").expect("a command");
        let mut pairs = 0;
        for arg in serve.get_arguments() {
            let (Some(flag), Some(variable)) = (arg.get_long(), arg.get_env()) else {
                continue;
            };
            let expected = format!("SIGHTLINE_{}", flag.to_uppercase().replace('-', "_"));
            assert_eq!(variable.to_str(), Some(&*expected));
            pairs += 1;
        }
        assert!(pairs > 15, "{pairs}");
    }
}
