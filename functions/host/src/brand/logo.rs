//! The logo: a small PNG or JPEG. It is checked like a picture and written again without metadata,
//! so what pages load was written by this server.

use std::fmt;
use std::sync::Arc;

use sightline_wire::{Digest, LOGO_BYTES_MAX, LOGO_SIDE_MAX, LogoFault, LogoMark};

use crate::jpeg::{self, Rejected};
use crate::records::sha_256;

use super::png;

/// A logo that pages may show.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo {
    bytes: Arc<[u8]>,
    mark: LogoMark,
}

/// The format of a logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogoKind {
    Png,
    Jpeg,
}

impl Logo {
    /// Checks a file, and writes it again.
    ///
    /// # Errors
    /// What is the matter with it.
    pub fn accept(file: &[u8]) -> Result<Self, LogoFault> {
        if file.len() > LOGO_BYTES_MAX {
            return Err(LogoFault::TooManyBytes);
        }
        let kind = LogoKind::of(file).ok_or(LogoFault::OtherKind)?;
        let (bytes, width, height) = match kind {
            LogoKind::Png => png::rewritten(file)?,
            LogoKind::Jpeg => {
                let accepted = jpeg::accept(file).map_err(fault)?;
                (accepted.bytes, accepted.width, accepted.height)
            }
        };
        if width.max(height) > LOGO_SIDE_MAX {
            return Err(LogoFault::TooManyPixels);
        }
        // What another encoder made very small may have grown.
        if bytes.len() > LOGO_BYTES_MAX {
            return Err(LogoFault::TooManyBytes);
        }
        let mark = LogoMark {
            digest: digest(&bytes),
            width,
            height,
        };
        Ok(Self {
            bytes: bytes.into(),
            mark,
        })
    }

    /// Its bytes.
    pub(crate) const fn bytes(&self) -> &Arc<[u8]> {
        &self.bytes
    }

    /// Its digest and its size.
    pub(crate) const fn mark(&self) -> LogoMark {
        self.mark
    }
}

impl fmt::Debug for Logo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let LogoMark { width, height, .. } = self.mark;
        write!(f, "Logo({width}x{height}, {} bytes)", self.bytes.len())
    }
}

impl LogoKind {
    /// The format that a file begins like.
    pub(crate) fn of(file: &[u8]) -> Option<Self> {
        match file {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, ..] => Some(Self::Jpeg),
            _ => None,
        }
    }

    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
        }
    }
}

/// Returns the digest that names a logo.
pub(crate) fn digest(bytes: &[u8]) -> Digest {
    Digest::from_bytes(sha_256(&[bytes]))
}

const fn fault(rejected: Rejected) -> LogoFault {
    match rejected {
        Rejected::NotJpeg => LogoFault::OtherKind,
        Rejected::TooLarge => LogoFault::TooManyPixels,
        Rejected::Truncated | Rejected::Malformed | Rejected::Mismatch => LogoFault::Damaged,
    }
}
