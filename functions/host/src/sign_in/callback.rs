//! The provider's answer: the callback that the browser brings, and the response for its code.

use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;

use crate::ports::StoreError;

use super::token::Doubt;

/// Longest code, bytes. Providers use up to 2 KiB.
const CODE_BYTES_MAX: usize = 4 * 1024;

/// Parameters of the callback (RFC 6749 sections 4.1.2 and 4.1.2.1).
#[derive(Deserialize)]
pub(super) struct Callback {
    #[serde(default)]
    pub(super) state: String,
    code: Option<String>,
    error: Option<String>,
}

/// Why a sign-in failed. Only the log gets the reason: the page learns whether the person gave up,
/// and no more.
#[derive(Debug, thiserror::Error)]
pub(super) enum SignInError {
    #[error("malformed callback")]
    Malformed,
    #[error("no pending sign-in with this state in this browser")]
    NotPending,
    #[error("callback was used before")]
    Replayed,
    #[error("cancelled by the person")]
    Cancelled,
    #[error("provider refused: {0}")]
    Refused(String),
    #[error("code exchange failed, status {status}: {reason}")]
    ExchangeFailed { status: u16, reason: String },
    #[error("token response has no id token")]
    NoToken,
    #[error(transparent)]
    Doubt(#[from] Doubt),
    #[error(transparent)]
    Trouble(#[from] StoreError),
}

impl Callback {
    /// Parses the query of a callback. A parameter that is repeated is an error.
    pub(super) fn of(uri: &Uri) -> Result<Self, SignInError> {
        let Query(callback) = Query::try_from_uri(uri).map_err(|_| SignInError::Malformed)?;
        Ok(callback)
    }

    /// Returns the code, or the error that the provider sent.
    pub(super) fn code(&self) -> Result<&str, SignInError> {
        if let Some(error) = &self.error {
            return Err(match error.as_str() {
                "access_denied" => SignInError::Cancelled,
                _ => SignInError::Refused(loggable(error)),
            });
        }
        let code = self.code.as_deref().unwrap_or_default();
        if (1..=CODE_BYTES_MAX).contains(&code.len()) {
            Ok(code)
        } else {
            Err(SignInError::Malformed)
        }
    }
}

/// Returns the ID token in the response to a code (OpenID Connect Core 1.0, sections 3.1.3.3 and
/// 3.1.3.4).
pub(super) fn id_token(status: u16, body: &[u8]) -> Result<String, SignInError> {
    #[derive(Deserialize)]
    struct Granted {
        id_token: String,
    }
    #[derive(Deserialize, Default)]
    struct Refused {
        #[serde(default)]
        error: String,
    }
    if status != 200 {
        let refused: Refused = serde_json::from_slice(body).unwrap_or_default();
        let reason = loggable(&refused.error);
        return Err(SignInError::ExchangeFailed { status, reason });
    }
    let granted: Granted = serde_json::from_slice(body).map_err(|_| SignInError::NoToken)?;
    Ok(granted.id_token)
}

/// Returns an error's name if it looks like one of OAuth's. Other text could be anything, so it
/// does not reach the log.
fn loggable(error: &str) -> String {
    let plain = |c: char| c.is_ascii_lowercase() || c == '_';
    if (1..=40).contains(&error.len()) && error.chars().all(plain) {
        error.to_owned()
    } else {
        "unnamed error".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_oauths_own_error_names_reach_a_log() {
        let logged = |error: &str| {
            let body = serde_json::json!({ "error": error, "error_description": "secret" });
            let failed = id_token(400, body.to_string().as_bytes()).unwrap_err();
            failed.to_string()
        };
        assert_eq!(
            logged("invalid_grant"),
            "code exchange failed, status 400: invalid_grant"
        );
        for private in [
            "eyJhbGciOi.x.y",
            "a b",
            "",
            "ada@example.com",
            &"x".repeat(41),
        ] {
            assert_eq!(
                logged(private),
                "code exchange failed, status 400: unnamed error"
            );
        }
        let uri = "/?error=Ada%0aLovelace&state=s&code=c".parse().unwrap();
        let failed = Callback::of(&uri).unwrap().code().unwrap_err();
        assert_eq!(failed.to_string(), "provider refused: unnamed error");
    }
}
