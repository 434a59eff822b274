//! A bag as it is written: payload first, then `bag-info.txt`, the manifests, the signature.

use super::date::utc;
use super::jws::Unsigned;
use super::layout::{
    BAG_INFO, BAGIT, BAGIT_TXT, Digested, HASHES, Hash, LOG, SIGNATURE, folder, manifest,
};
use super::zip::{TooLarge, ZipWriter};
use sightline_wire::SessionId;

/// What `bag-info.txt` tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BagInfo {
    /// The business.
    pub business: String,
    /// Public address of the deployment.
    pub origin: String,
    /// When the case file was made, epoch milliseconds.
    pub made_ms: u64,
    /// Number of the newest event.
    pub head: u32,
}

/// Why a bag cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BagError {
    /// A limit is passed.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
    /// There is no signature.
    #[error(transparent)]
    Unsigned(#[from] Unsigned),
}

/// A bag that is being written.
pub struct BagWriter {
    session: SessionId,
    folder: String,
    zip: ZipWriter,
    payload: Vec<Digested>,
}

impl BagWriter {
    /// Begins the bag of a call.
    #[must_use]
    pub fn new(session: SessionId) -> Self {
        Self {
            session,
            folder: folder(session),
            zip: ZipWriter::default(),
            payload: Vec::new(),
        }
    }

    /// Adds a file of the payload. Returns the bytes that come before it.
    ///
    /// # Errors
    /// When a limit is passed.
    pub fn add(&mut self, file: Digested, bytes: &[u8]) -> Result<Vec<u8>, TooLarge> {
        let name = format!("{}{}", self.folder, file.name);
        let head = self.zip.begin(&name, bytes)?;
        self.payload.push(file);
        Ok(head)
    }

    /// Returns all that comes after the payload.
    ///
    /// # Errors
    /// When a limit is passed, and what `sign` says.
    pub fn end(
        mut self,
        info: &BagInfo,
        sign: impl FnOnce(&[u8]) -> Result<String, Unsigned>,
    ) -> Result<Vec<u8>, BagError> {
        let mut tags = vec![(BAGIT, BAGIT_TXT.to_owned()), (BAG_INFO, self.info(info))];
        for hash in HASHES {
            tags.push((hash.manifest(), manifest(hash, &self.payload)));
        }
        let digested: Vec<Digested> = tags
            .iter()
            .map(|(name, text)| Digested::of(name, text.as_bytes()))
            .collect();
        for hash in HASHES {
            tags.push((hash.tag_manifest(), manifest(hash, &digested)));
        }
        let signed = manifest(Hash::Sha256, &digested);
        tags.push((SIGNATURE, sign(signed.as_bytes())?));
        let mut rest = Vec::new();
        for (name, text) in tags {
            let name = format!("{}{name}", self.folder);
            rest.extend(self.zip.begin(&name, text.as_bytes())?);
            rest.extend(text.into_bytes());
        }
        rest.extend(self.zip.end()?);
        Ok(rest)
    }

    fn info(&self, info: &BagInfo) -> String {
        let made = utc(info.made_ms);
        let day = made.split('T').next().unwrap_or_default();
        let bytes: u64 = self.payload.iter().map(|file| file.bytes).sum();
        let log = self.payload.iter().find(|file| file.name == LOG);
        let log = log.map(|log| log.digest(Hash::Sha256)).unwrap_or_default();
        let lines = [
            ("Source-Organization", one_line(&info.business)),
            ("External-Identifier", self.session.to_string()),
            ("Bagging-Date", day.to_owned()),
            ("Payload-Oxum", format!("{bytes}.{}", self.payload.len())),
            ("Deployment", one_line(&info.origin)),
            ("Made-At", made.clone()),
            ("Last-Sequence-Number", info.head.to_string()),
            ("Log-SHA256", log.to_owned()),
        ];
        let lines = lines
            .iter()
            .map(|(label, value)| format!("{label}: {value}\n"));
        lines.collect()
    }
}

/// Makes one line of a name: a second one would be another label.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|sign: char| sign.is_control() || sign.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}
