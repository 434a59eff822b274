//! Says whether a case file is as a deployment made it, and if not, what differs. Reads one entry
//! at a time and writes nothing.

use std::collections::BTreeSet;
use std::io;

use super::archive::{Archive, CaseBytes};
use super::finding::{Finding, shown};
use super::jws::{self, CaseJwk};
use super::layout::{
    BAG_INFO, BAGIT, BAGIT_TXT, Digested, HASHES, Hash, PAYLOAD, SIGNATURE, manifest,
};

/// What a case file turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseVerdict {
    /// As it was made, and signed by a key that is known.
    Unchanged(Origin),
    /// As it was made, and signed by a key that nobody vouches for.
    UnknownKey {
        /// What it says of itself.
        origin: Origin,
        /// The key's thumbprint.
        fingerprint: String,
    },
    /// It differs from what was made.
    Changed(Vec<Finding>),
}

/// What a case file says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Address of the deployment.
    pub deployment: String,
    /// The business.
    pub business: String,
    /// When it was made, as ISO 8601 has it.
    pub made: String,
}

/// Checks a case file. `pinned` are the keys that are known; without any, an unchanged file is
/// signed by a key that is not known.
///
/// # Errors
/// When it cannot be read.
pub fn verify(bytes: &mut impl CaseBytes, pinned: Option<&[CaseJwk]>) -> io::Result<CaseVerdict> {
    let archive = match Archive::read(bytes)? {
        Ok(archive) => archive,
        Err(finding) => return Ok(CaseVerdict::Changed(vec![finding])),
    };
    let mut findings = archive.findings.clone();
    let mut found = Contents {
        folder: archive.folder.clone(),
        ..Contents::default()
    };
    for entry in &archive.entries {
        let content = archive.content(bytes, entry, &mut findings)?;
        found.take(archive.inside(entry), content);
    }
    found.compare(&mut findings);
    let key = found.signed_by(pinned, &mut findings);
    findings.sort();
    findings.dedup();
    let origin = origin(&found.text(BAG_INFO));
    Ok(match key {
        Some(_) if !findings.is_empty() => CaseVerdict::Changed(findings),
        Some(_) if pinned.is_some() => CaseVerdict::Unchanged(origin),
        Some(key) => CaseVerdict::UnknownKey {
            origin,
            fingerprint: key.thumbprint(),
        },
        None => CaseVerdict::Changed(findings),
    })
}

/// The files of a bag: digests of all, and the texts beside the payload.
#[derive(Default)]
struct Contents {
    folder: String,
    /// A file of the payload came after another one.
    mixed: bool,
    payload: Vec<Digested>,
    tags: Vec<(Digested, Vec<u8>)>,
}

impl Contents {
    fn take(&mut self, name: &str, content: Vec<u8>) {
        let digested = Digested::of(name, &content);
        match name.starts_with(PAYLOAD) {
            true => {
                self.mixed |= !self.tags.is_empty();
                self.payload.push(digested);
            }
            false => self.tags.push((digested, content)),
        }
    }

    fn tag(&self, name: &str) -> Option<&(Digested, Vec<u8>)> {
        self.tags.iter().find(|(digested, _)| digested.name == name)
    }

    fn text(&self, name: &str) -> String {
        let bytes = self.tag(name).map(|(_, bytes)| bytes.as_slice());
        String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned()
    }

    /// Compares all four manifests with the files, and the files with what a bag has.
    fn compare(&self, findings: &mut Vec<Finding>) {
        let listed = [
            BAGIT,
            BAG_INFO,
            Hash::Sha256.manifest(),
            Hash::Sha512.manifest(),
        ];
        let alone = [
            Hash::Sha256.tag_manifest(),
            Hash::Sha512.tag_manifest(),
            SIGNATURE,
        ];
        let all: Vec<&str> = listed.iter().chain(&alone).copied().collect();
        let missing = all.iter().filter(|name| self.tag(name).is_none());
        findings.extend(missing.map(|name| Finding::missing(name)));
        let tags = || self.tags.iter().map(|(digested, _)| digested);
        let added = tags().filter(|tag| !all.contains(&tag.name.as_str()));
        findings.extend(added.map(|tag| Finding::added(&tag.name)));
        let names: Vec<&str> = tags().map(|tag| tag.name.as_str()).collect();
        if findings.is_empty() && (self.mixed || names != all) {
            findings.push(Finding::Order);
        }
        let identifier = field(&self.text(BAG_INFO), "External-Identifier");
        if self.tag(BAG_INFO).is_some() && self.folder != format!("case-{identifier}/") {
            findings.push(Finding::BadName(shown(&self.folder)));
        }
        if self
            .tag(BAGIT)
            .is_some_and(|(_, text)| text != BAGIT_TXT.as_bytes())
        {
            findings.push(Finding::changed(BAGIT));
        }
        let of_tags: Vec<Digested> = listed
            .iter()
            .filter_map(|name| self.tag(name).map(|(digested, _)| digested.clone()))
            .collect();
        for hash in HASHES {
            self.follows(hash, hash.manifest(), &self.payload, findings);
            self.follows(hash, hash.tag_manifest(), &of_tags, findings);
        }
    }

    /// Compares a manifest with the files that are there.
    fn follows(&self, hash: Hash, name: &str, files: &[Digested], findings: &mut Vec<Finding>) {
        let Some((_, text)) = self.tag(name) else {
            return;
        };
        if manifest(hash, files).as_bytes() == text {
            return;
        }
        let text = String::from_utf8_lossy(text);
        let before = findings.len();
        let lines: Vec<(&str, &str)> = text
            .lines()
            .filter_map(|line| line.split_once("  "))
            .collect();
        let named: BTreeSet<&str> = lines.iter().map(|(_, name)| *name).collect();
        for (digest, name) in &lines {
            match files.iter().find(|file| file.name == *name) {
                Some(file) if file.digest(hash) == *digest => {}
                Some(_) => findings.push(Finding::changed(name)),
                None => findings.push(Finding::missing(name)),
            }
        }
        let added = files
            .iter()
            .filter(|file| !named.contains(file.name.as_str()));
        findings.extend(added.map(|file| Finding::added(&file.name)));
        if findings.len() == before {
            let order: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
            let lines: Vec<&str> = lines.iter().map(|(_, name)| *name).collect();
            findings.push(match order == lines {
                true => Finding::changed(name),
                false => Finding::Order,
            });
        }
    }

    /// Checks the signature; returns its key.
    fn signed_by(
        &self,
        pinned: Option<&[CaseJwk]>,
        findings: &mut Vec<Finding>,
    ) -> Option<CaseJwk> {
        let (_, signature) = self.tag(SIGNATURE)?;
        let (_, payload) = self.tag(Hash::Sha256.tag_manifest())?;
        let Ok(key) = jws::check(signature, payload) else {
            findings.push(Finding::Signature);
            return None;
        };
        let fingerprint = key.thumbprint();
        let known = |keys: &[CaseJwk]| keys.iter().any(|known| known.thumbprint() == fingerprint);
        if pinned.is_some_and(|keys| !known(keys)) {
            findings.push(Finding::OtherKey(fingerprint));
            return None;
        }
        Some(key)
    }
}

fn origin(info: &str) -> Origin {
    Origin {
        deployment: field(info, "Deployment"),
        business: field(info, "Source-Organization"),
        made: field(info, "Made-At"),
    }
}

/// Returns a value of `bag-info.txt`, harmless on a terminal: a stranger may have written it.
fn field(info: &str, label: &str) -> String {
    let mut lines = info.lines().filter_map(|line| line.split_once(": "));
    let found = lines.find(|(name, _)| *name == label);
    let value = found.map(|(_, value)| value).unwrap_or_default();
    let harmless = |sign: &char| {
        let turns = matches!(sign, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        !sign.is_control() && !turns
    };
    value.chars().filter(harmless).take(FIELD_MAX).collect()
}

/// Longest value that is shown, characters.
const FIELD_MAX: usize = 200;
