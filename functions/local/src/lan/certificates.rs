//! A small certificate authority that belongs to a data folder, and the certificate that it issues
//! for this machine's network addresses.
//!
//! Somebody who trusts the authority on a phone must not trust it with more than this: its
//! certificate permits private and link-local addresses and those in use, and excludes every DNS
//! name (RFC 5280 section 4.2.1.10), so it is of no use against a website.

use std::fs::{self, DirBuilder};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CidrSubnet, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, Issuer, KeyPair, KeyUsagePurpose,
    NameConstraints, SanType, date_time_ymd,
};
use serde::{Deserialize, Serialize};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::data::{DataError, DataFolder, LAN, write_synced};

const DAY_S: u64 = 24 * 60 * 60;
/// A certificate begins a day early, for phones whose clock is behind.
const EARLY_S: u64 = DAY_S;
/// Browsers accept at most 398 days (CA/Browser Forum, Baseline Requirements, section 6.3.2).
const LEAF_S: u64 = 396 * DAY_S;
/// A certificate with less time left is replaced.
const LEAF_LEFT_S: u64 = 30 * DAY_S;
/// The authority outlives its certificates, so that a phone need not trust another one each year.
const AUTHORITY_S: u64 = 5 * 365 * DAY_S;

/// Private and link-local networks: RFC 1918, RFC 3927, RFC 4193, RFC 4291 section 2.5.6.
const PERMITTED: [(IpAddr, u8); 6] = [
    (IpAddr::V4(Ipv4Addr::new(10, 0, 0, 0)), 8),
    (IpAddr::V4(Ipv4Addr::new(172, 16, 0, 0)), 12),
    (IpAddr::V4(Ipv4Addr::new(192, 168, 0, 0)), 16),
    (IpAddr::V4(Ipv4Addr::new(169, 254, 0, 0)), 16),
    (IpAddr::V6(Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0)), 7),
    (IpAddr::V6(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0)), 10),
];

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The data folder is not usable.
    #[error(transparent)]
    Data(#[from] DataError),
    /// Making a certificate failed.
    #[error("cannot make a certificate")]
    Make(#[from] rcgen::Error),
    /// A file of `--tls-cert` or `--tls-key` is not usable.
    #[error("cannot read {0} (PEM)")]
    Read(
        PathBuf,
        #[source] tokio_rustls::rustls::pki_types::pem::Error,
    ),
    /// Certificate and key do not fit together, or the key is of no kind that TLS uses.
    #[error("certificate and key are not usable for TLS")]
    Tls(#[from] tokio_rustls::rustls::Error),
}

/// What a TLS server shows, and the authority to offer to phones.
pub struct Certificates {
    /// The certificate, and those that vouch for it.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
    /// Our authority (PEM). `None` for a certificate that somebody else issued.
    pub authority: Option<String>,
}

/// What the files beside it hold.
#[derive(Serialize, Deserialize)]
struct Note {
    /// The authority's name.
    name: String,
    /// Addresses that it permits beside `PERMITTED`.
    further: Vec<IpAddr>,
    /// End of the authority, epoch seconds.
    authority_until_s: u64,
    /// The certificate's addresses.
    addresses: Vec<IpAddr>,
    /// Its end, epoch seconds.
    until_s: u64,
}

impl Certificates {
    /// Reads the files of `--tls-cert` and `--tls-key`.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn read(chain: &Path, key: &Path) -> Result<Self, CertificateError> {
        let unreadable = |path: &Path| {
            let path = path.to_owned();
            move |error| CertificateError::Read(path.clone(), error)
        };
        let found = CertificateDer::pem_file_iter(chain).map_err(unreadable(chain))?;
        Ok(Self {
            chain: found.collect::<Result<_, _>>().map_err(unreadable(chain))?,
            key: PrivateKeyDer::from_pem_file(key).map_err(unreadable(key))?,
            authority: None,
        })
    }

    /// Returns the folder's certificate for these addresses. A new one is made if it is missing,
    /// if it is for others, or if it ends soon; the authority likewise. `tag` tells authorities
    /// apart.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn of_folder(
        folder: &DataFolder,
        addresses: &[IpAddr],
        now_s: u64,
        tag: u32,
    ) -> Result<Self, CertificateError> {
        let folder = folder.path().join(LAN);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .map_err(|error| DataError::Io(folder.clone(), error))?;
        if let Some(kept) = Kept::open(&folder) {
            let fits = kept.note.permits(addresses);
            if fits && kept.note.addresses == addresses && now_s + LEAF_LEFT_S < kept.note.until_s {
                return Ok(kept.certificates);
            }
            if fits && now_s + LEAF_S < kept.note.authority_until_s {
                return kept.issue(&folder, addresses, now_s);
            }
        }
        let made = Authority::make(addresses, now_s, tag)?;
        made.write(&folder, addresses, now_s)
    }
}

impl Note {
    fn permits(&self, addresses: &[IpAddr]) -> bool {
        let mut addresses = addresses.iter();
        addresses.all(|address| is_permitted(*address) || self.further.contains(address))
    }
}

/// An authority with its key.
struct Authority {
    pem: String,
    key: KeyPair,
    name: String,
    further: Vec<IpAddr>,
    until_s: u64,
}

/// What the folder holds.
struct Kept {
    note: Note,
    authority_key: KeyPair,
    authority: String,
    certificates: Certificates,
}

impl Kept {
    /// `None` if anything is missing or damaged.
    fn open(folder: &Path) -> Option<Self> {
        let note: Note = serde_json::from_slice(&fs::read(folder.join("note.json")).ok()?).ok()?;
        let authority = fs::read_to_string(folder.join("ca.crt")).ok()?;
        let authority_key = PrivateKeyDer::from_pem_file(folder.join("ca.key")).ok()?;
        let chain = CertificateDer::from_pem_file(folder.join("page.crt")).ok()?;
        let key = PrivateKeyDer::from_pem_file(folder.join("page.key")).ok()?;
        Some(Self {
            note,
            authority_key: KeyPair::try_from(&authority_key).ok()?,
            authority: authority.clone(),
            certificates: Certificates {
                chain: vec![chain],
                key,
                authority: Some(authority),
            },
        })
    }

    /// Replaces the certificate by one of the same authority.
    fn issue(
        self,
        folder: &Path,
        addresses: &[IpAddr],
        now_s: u64,
    ) -> Result<Certificates, CertificateError> {
        let authority = Authority {
            pem: self.authority,
            key: self.authority_key,
            name: self.note.name,
            further: self.note.further,
            until_s: self.note.authority_until_s,
        };
        authority.write(folder, addresses, now_s)
    }
}

impl Authority {
    fn make(addresses: &[IpAddr], now_s: u64, tag: u32) -> Result<Self, rcgen::Error> {
        let further = addresses.iter().copied().filter(|at| !is_permitted(*at));
        let further: Vec<IpAddr> = further.collect();
        let name = format!("Sightline test calls {tag:08X}");
        let until_s = now_s + AUTHORITY_S;
        let key = KeyPair::generate()?;
        let certificate = params_of_authority(&name, &further, now_s, until_s).self_signed(&key)?;
        Ok(Self {
            pem: pem("CERTIFICATE", certificate.der()),
            key,
            name,
            further,
            until_s,
        })
    }

    /// Issues a certificate and writes everything. The note comes last: without it, the next start
    /// makes everything again.
    fn write(
        self,
        folder: &Path,
        addresses: &[IpAddr],
        now_s: u64,
    ) -> Result<Certificates, CertificateError> {
        let until_s = now_s - EARLY_S + LEAF_S;
        let key = KeyPair::generate()?;
        let issuer = params_of_authority(&self.name, &self.further, now_s, self.until_s);
        let issuer = Issuer::from_params(&issuer, &self.key);
        let params = params_of_page(addresses, now_s, until_s);
        let certificate = params.signed_by(&key, &issuer)?.der().clone();
        let note = Note {
            name: self.name,
            further: self.further,
            authority_until_s: self.until_s,
            addresses: addresses.to_vec(),
            until_s,
        };
        let note = serde_json::to_vec(&note).unwrap_or_default();
        let page_key = pem("PRIVATE KEY", key.serialized_der());
        for (file, content) in [
            (
                "ca.key",
                pem("PRIVATE KEY", self.key.serialized_der()).into(),
            ),
            ("ca.crt", self.pem.clone().into_bytes()),
            ("page.key", page_key.into_bytes()),
            ("page.crt", pem("CERTIFICATE", &certificate).into_bytes()),
            ("note.json", note),
        ] {
            replace(&folder.join(file), &content)?;
        }
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        Ok(Certificates {
            chain: vec![certificate],
            key: key.into(),
            authority: Some(self.pem),
        })
    }
}

fn params_of_authority(
    name: &str,
    further: &[IpAddr],
    now_s: u64,
    until_s: u64,
) -> CertificateParams {
    let networks = PERMITTED.into_iter().chain(
        further
            .iter()
            .map(|address| (*address, if address.is_ipv4() { 32 } else { 128 })),
    );
    let mut params = params_between(now_s, until_s);
    params.distinguished_name = named(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.name_constraints = Some(NameConstraints {
        permitted_subtrees: networks
            .map(|(at, bits)| GeneralSubtree::IpAddress(CidrSubnet::from_addr_prefix(at, bits)))
            .collect(),
        // An empty name excludes all.
        excluded_subtrees: vec![GeneralSubtree::DnsName(String::new())],
    });
    params
}

/// The subject has no common name: verifiers read that as a DNS name, and those are excluded.
fn params_of_page(addresses: &[IpAddr], now_s: u64, until_s: u64) -> CertificateParams {
    let mut params = params_between(now_s, until_s);
    params.distinguished_name = named(DnType::OrganizationName, "Sightline on this machine");
    params.subject_alt_names = addresses.iter().copied().map(SanType::IpAddress).collect();
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params
}

fn params_between(now_s: u64, until_s: u64) -> CertificateParams {
    let at = |s: u64| date_time_ymd(1970, 1, 1) + Duration::from_secs(s);
    let mut params = CertificateParams::default();
    params.not_before = at(now_s.saturating_sub(EARLY_S));
    params.not_after = at(until_s);
    params
}

fn named(kind: DnType, name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(kind, name);
    distinguished
}

fn is_permitted(address: IpAddr) -> bool {
    let within = |network: IpAddr, bits: u8| match (network, address) {
        (IpAddr::V4(network), IpAddr::V4(address)) => {
            (network.to_bits() ^ address.to_bits()) >> (32 - u32::from(bits)) == 0
        }
        (IpAddr::V6(network), IpAddr::V6(address)) => {
            (network.to_bits() ^ address.to_bits()) >> (128 - u32::from(bits)) == 0
        }
        _ => false,
    };
    PERMITTED
        .into_iter()
        .any(|(network, bits)| within(network, bits))
}

/// Textual encoding (RFC 7468).
fn pem(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(String::from_utf8_lossy);
    let lines: Vec<_> = lines.collect();
    let lines = lines.join("\n");
    format!("-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n")
}

/// Only its owner reads the file, also while it is written.
fn replace(path: &Path, content: &[u8]) -> Result<(), DataError> {
    let draft = path.with_extension("new");
    let written = || -> io::Result<()> {
        write_synced(&draft, content)?;
        fs::rename(&draft, path)
    };
    written().map_err(|error| DataError::Io(path.to_owned(), error))
}

#[cfg(test)]
mod tests;
