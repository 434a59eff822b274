//! HTTPS at an address of this machine's network.

use std::sync::Arc;

use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::{Error, ServerConfig};

use super::certificates::Certificates;

/// Makes the configuration of the TLS server.
///
/// # Errors
/// When certificate and key do not fit together.
pub fn config(certificates: Certificates) -> Result<Arc<ServerConfig>, Error> {
    let Certificates { chain, key, .. } = certificates;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
