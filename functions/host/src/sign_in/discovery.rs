//! A provider's discovery document (OpenID Connect Discovery 1.0), as far as we need it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use crate::config::ProviderConfig;

use super::endpoint::{Endpoint, encoded};

/// Returns where the provider's document is.
pub(super) fn document_of(config: &ProviderConfig) -> Result<Endpoint, DiscoveryError> {
    let address = config.discovery.clone().unwrap_or_else(|| {
        let issuer = config.issuer.trim_end_matches('/');
        format!("{issuer}/.well-known/openid-configuration")
    });
    Endpoint::of_discovery(&address).ok_or(DiscoveryError::Place)
}

/// A document that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Discovery {
    authorize: Endpoint,
    token: Endpoint,
    keys: Endpoint,
    sign_out: Option<Endpoint>,
    /// Name of the parameter that says where to return after signing out.
    return_parameter: &'static str,
    basic: bool,
}

/// Why a document is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum DiscoveryError {
    #[error("discovery document is neither https nor on this machine")]
    Place,
    #[error("malformed discovery document")]
    Unreadable,
    #[error("discovery document names another issuer")]
    Issuer,
    #[error("discovery document contains a disallowed URL")]
    Address,
}

#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    end_session_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

impl Discovery {
    /// Parses and checks a document.
    pub(super) fn read(bytes: &[u8], config: &ProviderConfig) -> Result<Self, DiscoveryError> {
        let found_at = document_of(config)?;
        let document: Document =
            serde_json::from_slice(bytes).map_err(|_| DiscoveryError::Unreadable)?;
        if document.issuer != config.issuer {
            return Err(DiscoveryError::Issuer);
        }
        let endpoint = |address: &str| found_at.named(address).ok_or(DiscoveryError::Address);
        // A provider that lists no methods takes the header (Discovery 1.0, section 3).
        let methods = document.token_endpoint_auth_methods_supported;
        let basic =
            methods.is_none_or(|methods| methods.iter().any(|m| m == "client_secret_basic"));
        let cognito = is_cognito(&config.issuer);
        let sign_out = document.end_session_endpoint;
        let sign_out = sign_out.and_then(|address| found_at.named(&address));
        let sign_out = sign_out.or_else(|| {
            let beside = cognito_sign_out(&document.authorization_endpoint)?;
            cognito.then(|| found_at.named(&beside))?
        });
        Ok(Self {
            authorize: endpoint(&document.authorization_endpoint)?,
            token: endpoint(&document.token_endpoint)?,
            keys: endpoint(&document.jwks_uri)?,
            sign_out,
            // Cognito has a parameter of its own (Cognito Developer Guide, "Logout endpoint");
            // others follow RP-Initiated Logout 1.0.
            return_parameter: if cognito {
                "logout_uri"
            } else {
                "post_logout_redirect_uri"
            },
            basic,
        })
    }

    /// Returns where the provider's keys are.
    pub(super) const fn keys(&self) -> &Endpoint {
        &self.keys
    }

    /// Returns where codes are exchanged.
    pub(super) const fn token(&self) -> &Endpoint {
        &self.token
    }

    /// Returns the page on which a person signs in.
    pub(super) fn authorize_url(&self, values: &[(&str, &str)]) -> String {
        self.authorize.with_query(values)
    }

    /// Returns the page on which a person signs out and which leads back to `home`; `None` if the
    /// provider has no such page.
    pub(super) fn sign_out_url(&self, client_id: &str, home: &str) -> Option<String> {
        let values = [("client_id", client_id), (self.return_parameter, home)];
        Some(self.sign_out.as_ref()?.with_query(&values))
    }

    /// Returns what proves to the token endpoint that we are the client.
    pub(super) fn client_proof(&self, config: &ProviderConfig) -> ClientProof {
        match &config.client_secret {
            None => ClientProof::None,
            // RFC 6749 section 2.3.1: both are encoded as in a form first.
            Some(secret) if self.basic => {
                let pair = format!("{}:{}", encoded(&config.client_id), encoded(secret));
                ClientProof::Header(format!("Basic {}", BASE64_STANDARD.encode(pair)))
            }
            Some(secret) => ClientProof::Value(secret.clone()),
        }
    }
}

/// What proves that we are the client.
pub(super) enum ClientProof {
    /// Nothing: PKCE ties the code to us.
    None,
    /// `Authorization` (`client_secret_basic`).
    Header(String),
    /// `client_secret` (`client_secret_post`).
    Value(String),
}

/// Issuers of user pools begin so (Cognito Developer Guide, "Verifying JSON web tokens").
fn is_cognito(issuer: &str) -> bool {
    issuer.starts_with("https://cognito-idp.")
}

/// Returns Cognito's page for signing out, which is beside the one for signing in.
fn cognito_sign_out(authorize: &str) -> Option<String> {
    let base = authorize.strip_suffix("/oauth2/authorize")?;
    Some(format!("{base}/logout"))
}
