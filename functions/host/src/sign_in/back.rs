//! What the way back brings, and what can be the matter with it.

use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;

use crate::ports::Trouble;

use super::token::Doubt;

/// Longest code, bytes. Providers use up to 2 KiB.
const CODE_BYTES_MAX: usize = 4 * 1024;

/// What the provider put into the address of the way back (RFC 6749 sections 4.1.2 and 4.1.2.1).
#[derive(Deserialize)]
pub(super) struct Back {
    #[serde(default)]
    pub(super) state: String,
    code: Option<String>,
    error: Option<String>,
}

/// Why nobody is signed in. Said to the log alone: a page learns whether the person gave up, and no
/// more.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failed {
    #[error("way back cannot be read")]
    Unreadable,
    #[error("no sign-in under way here with this state")]
    NotUnderWay,
    #[error("came back a second time")]
    Again,
    #[error("person gave up")]
    Cancelled,
    #[error("provider refused: {0}")]
    Refused(String),
    #[error("code was not traded, status {status}: {word}")]
    NotTraded { status: u16, word: String },
    #[error("answer for the code has no id token")]
    NoToken,
    #[error(transparent)]
    Doubt(#[from] Doubt),
    #[error(transparent)]
    Trouble(#[from] Trouble),
}

impl Back {
    pub(super) fn of(uri: &Uri) -> Result<Self, Failed> {
        // A value that stands there twice is refused as well.
        let Query(back) = Query::try_from_uri(uri).map_err(|_| Failed::Unreadable)?;
        Ok(back)
    }

    /// The code, when the provider sent one.
    pub(super) fn code(&self) -> Result<&str, Failed> {
        if let Some(error) = &self.error {
            return Err(match error.as_str() {
                "access_denied" => Failed::Cancelled,
                _ => Failed::Refused(word(error)),
            });
        }
        let code = self.code.as_deref().unwrap_or_default();
        if (1..=CODE_BYTES_MAX).contains(&code.len()) {
            Ok(code)
        } else {
            Err(Failed::Unreadable)
        }
    }
}

/// The ID token in the answer for a code (OpenID Connect Core 1.0, sections 3.1.3.3 and 3.1.3.4).
pub(super) fn id_token(status: u16, body: &[u8]) -> Result<String, Failed> {
    #[derive(Deserialize)]
    struct Given {
        id_token: String,
    }
    #[derive(Deserialize, Default)]
    struct Refused {
        #[serde(default)]
        error: String,
    }
    if status != 200 {
        let refused: Refused = serde_json::from_slice(body).unwrap_or_default();
        let word = word(&refused.error);
        return Err(Failed::NotTraded { status, word });
    }
    let given: Given = serde_json::from_slice(body).map_err(|_| Failed::NoToken)?;
    Ok(given.id_token)
}

/// An error's name as it may stand in a log: one of OAuth's own words, or nothing of what an
/// outsider wrote.
fn word(error: &str) -> String {
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
    fn a_log_is_told_oauths_words_and_nothing_else_of_what_came() {
        let told = |error: &str| {
            let body = serde_json::json!({ "error": error, "error_description": "secret" });
            let failed = id_token(400, body.to_string().as_bytes()).unwrap_err();
            failed.to_string()
        };
        assert_eq!(
            told("invalid_grant"),
            "code was not traded, status 400: invalid_grant"
        );
        for private in [
            "eyJhbGciOi.x.y",
            "a b",
            "",
            "ada@example.com",
            &"x".repeat(41),
        ] {
            let told = told(private);
            assert_eq!(told, "code was not traded, status 400: unnamed error");
        }
        let uri = "/?error=Ada%0aLovelace&state=s&code=c".parse().unwrap();
        let failed = Back::of(&uri).unwrap().code().unwrap_err();
        assert_eq!(failed.to_string(), "provider refused: unnamed error");
    }
}
