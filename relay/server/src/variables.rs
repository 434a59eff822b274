//! Environment variables of a command line.

use std::env;
use std::ffi::OsStr;

use clap::Command;

/// Lets an empty variable, or one of spaces, count as unset, because files of variables often have
/// such lines. For a command and those below it.
#[must_use]
pub fn unset_empty(mut command: Command) -> Command {
    let names: Vec<_> = command.get_subcommands().map(name_of).collect();
    for name in names {
        command = command.mut_subcommand(name, unset_empty);
    }
    command.mut_args(|arg| {
        let value = arg.get_env().and_then(env::var_os);
        match value.is_some_and(|value| is_blank(&value)) {
            true => arg.env(None::<&'static str>),
            false => arg,
        }
    })
}

fn name_of(command: &Command) -> String {
    command.get_name().to_owned()
}

fn is_blank(value: &OsStr) -> bool {
    value.to_str().is_some_and(|value| value.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_of_spaces_is_empty() {
        let blank = |text: &str| is_blank(OsStr::new(text));
        assert!(blank("") && blank(" \t"));
        assert!(!blank("0"));
    }
}
