//! What a provider says of itself (OpenID Connect Discovery 1.0), as far as we need it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;

use crate::config::ProviderConfig;

use super::address::{encoded, is_fit, is_fit_to_begin, with_query};

/// Where a provider's document is.
pub(super) fn place(config: &ProviderConfig) -> Result<String, Unfit> {
    let place = config.discovery.clone().unwrap_or_else(|| {
        let issuer = config.issuer.trim_end_matches('/');
        format!("{issuer}/.well-known/openid-configuration")
    });
    if is_fit_to_begin(&place) {
        Ok(place)
    } else {
        Err(Unfit::Place)
    }
}

/// A document that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Discovery {
    authorize: String,
    token: String,
    keys: String,
    sign_out: Option<String>,
    home_word: &'static str,
    basic: bool,
}

/// Why a document is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfit {
    #[error("discovery document can be read neither over https nor from this machine")]
    Place,
    #[error("discovery document cannot be read")]
    Unreadable,
    #[error("discovery document is another issuer's")]
    Issuer,
    #[error("discovery document names an address that is not gone to")]
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
    /// Reads a document.
    pub(super) fn read(bytes: &[u8], config: &ProviderConfig) -> Result<Self, Unfit> {
        let found_at = place(config)?;
        let document: Document = serde_json::from_slice(bytes).map_err(|_| Unfit::Unreadable)?;
        if document.issuer != config.issuer {
            return Err(Unfit::Issuer);
        }
        let fit = |address: &String| is_fit(address, &found_at);
        let needed = [
            &document.authorization_endpoint,
            &document.token_endpoint,
            &document.jwks_uri,
        ];
        if !needed.into_iter().all(fit) {
            return Err(Unfit::Address);
        }
        // A provider that names none takes the header (Discovery 1.0, section 3).
        let methods = document.token_endpoint_auth_methods_supported;
        let basic =
            methods.is_none_or(|methods| methods.iter().any(|m| m == "client_secret_basic"));
        let cognito = is_cognito(&config.issuer);
        let beside = cognito
            .then(|| beside_authorize(&document.authorization_endpoint))
            .flatten();
        Ok(Self {
            sign_out: document.end_session_endpoint.filter(fit).or(beside),
            // Cognito has a word of its own for the way back (Cognito Developer Guide, "Logout
            // endpoint"); others follow RP-Initiated Logout 1.0.
            home_word: if cognito {
                "logout_uri"
            } else {
                "post_logout_redirect_uri"
            },
            authorize: document.authorization_endpoint,
            token: document.token_endpoint,
            keys: document.jwks_uri,
            basic,
        })
    }

    /// Where its keys are.
    pub(super) fn keys(&self) -> &str {
        &self.keys
    }

    /// Where codes are traded.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Where the person is sent to sign in.
    pub(super) fn authorize(&self, values: &[(&str, &str)]) -> String {
        with_query(&self.authorize, values)
    }

    /// Where the person is sent to sign out, to come back to `home`; none when the provider has no
    /// such page.
    pub(super) fn sign_out(&self, client_id: &str, home: &str) -> Option<String> {
        let values = [("client_id", client_id), (self.home_word, home)];
        Some(with_query(self.sign_out.as_ref()?, &values))
    }

    /// How we prove that we are the client: by a header, or by a value of the form.
    pub(super) fn proof(&self, config: &ProviderConfig) -> Proof {
        match &config.client_secret {
            None => Proof::None,
            // RFC 6749 section 2.3.1: both are encoded as in a form first.
            Some(secret) if self.basic => {
                let pair = format!("{}:{}", encoded(&config.client_id), encoded(secret));
                Proof::Header(format!("Basic {}", BASE64_STANDARD.encode(pair)))
            }
            Some(secret) => Proof::Value(secret.clone()),
        }
    }
}

/// What proves that we are the client.
pub(super) enum Proof {
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

/// Cognito's pages stand side by side: `/oauth2/authorize` and `/logout`.
fn beside_authorize(authorize: &str) -> Option<String> {
    let base = authorize.strip_suffix("/oauth2/authorize")?;
    Some(format!("{base}/logout"))
}
