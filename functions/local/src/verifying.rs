//! `sightline verify`: says whether a case file is as its deployment made it.

use std::error::Error;
use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::process::ExitCode;

use sightline_host::case::{CaseBytes, CaseJwk, CaseVerdict, Origin, verify};

use crate::cli::Verify;
use crate::fetching;

/// Exit status of a file that differs from what was made, or cannot be read.
const CHANGED: u8 = 1;

/// Exit status of an unchanged file whose key is not known.
const UNKNOWN_KEY: u8 = 2;

/// Longest file of keys, bytes.
const KEYS_BYTES_MAX: u64 = 1024 * 1024;

type AnyError = Box<dyn Error>;

/// A file, of which one entry at a time is read.
struct Opened {
    file: File,
    length: u64,
}

impl CaseBytes for Opened {
    fn length(&self) -> u64 {
        self.length
    }

    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(into, at)
    }
}

/// Checks a case file and prints what was found.
///
/// # Errors
/// When the file or the keys cannot be read.
pub fn run(options: &Verify) -> Result<ExitCode, AnyError> {
    let pinned = pinned(options)?;
    let file = File::open(&options.file).map_err(|error| named(&options.file, &error))?;
    let length = file.metadata()?.len();
    let mut opened = Opened { file, length };
    let verdict = verify(&mut opened, pinned.as_deref());
    let verdict = verdict.map_err(|error| named(&options.file, &error))?;
    let mut out = io::stdout().lock();
    let code = match verdict {
        CaseVerdict::Unchanged(origin) => {
            writeln!(out, "unchanged, signed by {}", whose(&origin))?;
            ExitCode::SUCCESS
        }
        CaseVerdict::UnknownKey {
            origin,
            fingerprint,
        } => {
            writeln!(
                out,
                "unchanged, signed by a key that is not known here: {fingerprint}"
            )?;
            writeln!(out, "it says of itself that it is by {}", whose(&origin))?;
            writeln!(
                out,
                "pin the key of the deployment with --key FILE or --from URL"
            )?;
            ExitCode::from(UNKNOWN_KEY)
        }
        CaseVerdict::Changed(findings) => {
            writeln!(out, "not as it was made:")?;
            for finding in findings {
                writeln!(out, "- {finding}")?;
            }
            ExitCode::from(CHANGED)
        }
    };
    Ok(code)
}

fn whose(origin: &Origin) -> String {
    let Origin {
        deployment,
        business,
        made,
    } = origin;
    format!("{deployment} ({business}) at {made}")
}

/// Returns the keys that are known, if any are.
fn pinned(options: &Verify) -> Result<Option<Vec<CaseJwk>>, AnyError> {
    let (from, text) = match (&options.key, &options.from) {
        (Some(path), _) => (path.display().to_string(), read(path)?),
        (None, Some(origin)) => (origin.clone(), fetching::keys_of(origin)?),
        (None, None) => return Ok(None),
    };
    let keys = CaseJwk::read_all(&text).map_err(|error| format!("{from}: {error}"))?;
    Ok(Some(keys))
}

fn read(path: &Path) -> Result<String, AnyError> {
    use std::io::Read as _;
    let file = File::open(path).map_err(|error| named(path, &error))?;
    let mut text = String::new();
    file.take(KEYS_BYTES_MAX)
        .read_to_string(&mut text)
        .map_err(|error| named(path, &error))?;
    Ok(text)
}

fn named(path: &Path, error: &io::Error) -> AnyError {
    format!("cannot read {}: {error}", path.display()).into()
}
