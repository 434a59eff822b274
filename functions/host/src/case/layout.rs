//! The files of a bag (RFC 8493) and the texts that are the same in every one.

use aws_lc_rs::digest::{self, Algorithm, SHA256, SHA512};
use sightline_wire::SessionId;

/// Declares the version (section 2.1.1).
pub const BAGIT_TXT: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// Name of the declaration.
pub const BAGIT: &str = "bagit.txt";
/// Name of the description of the bag (section 2.2.2).
pub const BAG_INFO: &str = "bag-info.txt";
/// Name of the signature, the only file that stands in no manifest.
pub const SIGNATURE: &str = "signature.jws";
/// Name of the log.
pub const LOG: &str = "data/log.json";
/// The folder of the payload (section 2.1.2).
pub const PAYLOAD: &str = "data/";

/// The two hashes of every bag here, strongest last.
pub const HASHES: [Hash; 2] = [Hash::Sha256, Hash::Sha512];

/// A hash of manifests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-512.
    Sha512,
}

/// A file of the bag with its digests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digested {
    /// Its name below the bag's folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    sha256: String,
    sha512: String,
}

impl Hash {
    /// Name of the manifest of the payload (section 2.1.3).
    #[must_use]
    pub const fn manifest(self) -> &'static str {
        match self {
            Self::Sha256 => "manifest-sha256.txt",
            Self::Sha512 => "manifest-sha512.txt",
        }
    }

    /// Name of the manifest of the other files (section 2.2.1).
    #[must_use]
    pub const fn tag_manifest(self) -> &'static str {
        match self {
            Self::Sha256 => "tagmanifest-sha256.txt",
            Self::Sha512 => "tagmanifest-sha512.txt",
        }
    }

    const fn algorithm(self) -> &'static Algorithm {
        match self {
            Self::Sha256 => &SHA256,
            Self::Sha512 => &SHA512,
        }
    }
}

impl Digested {
    /// Hashes a file.
    #[must_use]
    pub fn of(name: &str, bytes: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            bytes: bytes.len() as u64,
            sha256: hex(Hash::Sha256, bytes),
            sha512: hex(Hash::Sha512, bytes),
        }
    }

    /// Returns its digest.
    #[must_use]
    pub fn digest(&self, hash: Hash) -> &str {
        match hash {
            Hash::Sha256 => &self.sha256,
            Hash::Sha512 => &self.sha512,
        }
    }
}

/// Returns the manifest of files, in their order.
#[must_use]
pub fn manifest(hash: Hash, files: &[Digested]) -> String {
    let lines = files.iter();
    let lines = lines.map(|file| format!("{}  {}\n", file.digest(hash), file.name));
    lines.collect()
}

/// Returns the folder of a call's bag.
#[must_use]
pub fn folder(session: SessionId) -> String {
    format!("case-{session}/")
}

/// Returns the name of a picture, counted from 1.
#[must_use]
pub fn picture(number: usize) -> String {
    format!("data/pictures/{number:03}.jpg")
}

fn hex(hash: Hash, bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for byte in digest::digest(hash.algorithm(), bytes).as_ref() {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
