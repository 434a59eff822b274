//! What differs in a case file, in words and as a program says it.

use std::fmt;

/// Something that is not as it was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// No ZIP file, or one that was cut off.
    NoZip,
    /// More or longer than a case file can be.
    TooLarge,
    /// An entry is compressed, so it was packed again.
    Compressed(String),
    /// Something stands between, before or after the files, or a header was changed.
    Packing,
    /// A name that no case file has.
    BadName(String),
    /// A name is there twice.
    Twice(String),
    /// The bytes of a file differ.
    Changed(String),
    /// A file is not there.
    Missing(String),
    /// A file is there that was not.
    Added(String),
    /// The files stand in another order.
    Order,
    /// The signature does not fit.
    Signature,
    /// It fits a key that is not among the known ones: its thumbprint.
    OtherKey(String),
}

impl Finding {
    pub(super) fn changed(name: &str) -> Self {
        Self::Changed(shown(name))
    }

    pub(super) fn missing(name: &str) -> Self {
        Self::Missing(shown(name))
    }

    pub(super) fn added(name: &str) -> Self {
        Self::Added(shown(name))
    }

    /// Returns it for a program, as both readers have it.
    #[must_use]
    pub fn code(&self) -> String {
        let (code, name) = match self {
            Self::NoZip => ("no_zip", ""),
            Self::TooLarge => ("too_large", ""),
            Self::Compressed(name) => ("compressed", name.as_str()),
            Self::Packing => ("packing", ""),
            Self::BadName(name) => ("bad_name", name.as_str()),
            Self::Twice(name) => ("twice", name.as_str()),
            Self::Changed(name) => ("changed", name.as_str()),
            Self::Missing(name) => ("missing", name.as_str()),
            Self::Added(name) => ("added", name.as_str()),
            Self::Order => ("order", ""),
            Self::Signature => ("signature", ""),
            Self::OtherKey(name) => ("other_key", name.as_str()),
        };
        format!("{code} {name}").trim_end().to_owned()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoZip => f.write_str("this is no ZIP file, or it was cut off"),
            Self::TooLarge => f.write_str("there is more in it than in any case file"),
            Self::Compressed(name) => write!(f, "{name} is compressed: the file was packed again"),
            Self::Packing => {
                f.write_str("something was changed or added between, before or after the files")
            }
            Self::BadName(name) => write!(f, "{name} is no name in a case file"),
            Self::Twice(name) => write!(f, "{name} is there twice"),
            Self::Changed(name) => write!(f, "{name} was changed"),
            Self::Missing(name) => write!(f, "{name} is missing"),
            Self::Added(name) => write!(f, "{name} was added"),
            Self::Order => f.write_str("the files are in another order"),
            Self::Signature => f.write_str("the signature does not fit"),
            Self::OtherKey(key) => {
                write!(f, "it is signed by another key than the known ones: {key}")
            }
        }
    }
}

/// Makes a stranger's name harmless on a terminal, and short.
pub(super) fn shown(name: &str) -> String {
    let signs = name.chars().take(super::zip::NAME_BYTES_MAX);
    signs
        .map(|sign| if sign.is_ascii_graphic() { sign } else { '?' })
        .collect()
}
