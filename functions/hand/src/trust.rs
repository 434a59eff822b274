//! Which certificates are trusted: those that this system trusts.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject as _};
use tokio_rustls::rustls::{ClientConfig, Error, RootCertStore};

/// Where systems keep the certificates that they trust, as one file. The first that is there is
/// used.
const TRUSTED: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/etc/ssl/certs/ca-bundle.crt",
];

/// Why nothing is trusted.
#[derive(Debug, thiserror::Error)]
pub enum NoTrust {
    /// There is no such file.
    #[error("this system has no file of trusted certificates: set SSL_CERT_FILE")]
    NoFile,
    /// It cannot be read.
    #[error("cannot read the file of trusted certificates: {0}")]
    Unreadable(#[from] pem::Error),
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(#[from] Error),
}

/// Trusts what this system trusts, or what `SSL_CERT_FILE` names.
///
/// # Errors
/// When there is no such file, or it cannot be read.
pub fn trusting() -> Result<ClientConfig, NoTrust> {
    let named = std::env::var_os("SSL_CERT_FILE").map(PathBuf::from);
    let usual = TRUSTED.iter().map(PathBuf::from);
    let mut files = named.into_iter().chain(usual);
    let file = files.find(|file| file.is_file()).ok_or(NoTrust::NoFile)?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(&file)?.filter_map(Result::ok) {
        // One that cannot be read is not trusted, and the others are.
        let _ = roots.add(certificate);
    }
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}
