//! The agent's page inside another program: which pages may hold it, and how it is signed in there.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

/// The header in which a request of the page `/embed` names the door that it comes through. Then
/// the cookie of that door counts, and no other one.
pub const DOOR_HEADER: &str = "sightline-door";

/// The door of the page `/embed`.
pub const DOOR_EMBED: &str = "embed";

/// The same on a WebSocket, where a browser sets no header: a second subprotocol.
pub const DOOR_SUBPROTOCOL: &str = "door.embed";

/// How long a token can be traded for a cookie, seconds.
pub const EMBED_TOKEN_S: u32 = 60;

/// How long the cookie of the page `/embed` lives, seconds. Another token renews it.
pub const EMBED_S: u32 = 60 * 60;

/// The origin of a page that may hold the agent's page: `https://`, a name of the DNS and perhaps a
/// port, spelled as browsers spell it, so that two are the same if their texts are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, TS)]
#[ts(type = "string")]
pub struct EmbedOrigin(String);

/// The text is no origin that may hold the agent's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an origin such as https://claims.example.com")]
pub struct NoEmbedOrigin;

impl EmbedOrigin {
    /// Longest origin, bytes: the longest name of the DNS and the longest port.
    pub const BYTES_MAX: usize = "https://".len() + 253 + ":65535".len();

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmbedOrigin {
    type Err = NoEmbedOrigin;

    fn from_str(text: &str) -> Result<Self, NoEmbedOrigin> {
        let authority = text.strip_prefix("https://").ok_or(NoEmbedOrigin)?;
        let (name, port) = match authority.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (authority, None),
        };
        match is_name(name) && port.is_none_or(is_port) {
            true => Ok(Self(text.to_owned())),
            false => Err(NoEmbedOrigin),
        }
    }
}

impl fmt::Display for EmbedOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EmbedOrigin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Whether it is a name of the DNS in lower case, or an IPv4 address.
fn is_name(name: &str) -> bool {
    (1..=253).contains(&name.len()) && name.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let inner = |byte: u8| plain(byte) || byte == b'-';
    let ends = [label.bytes().next(), label.bytes().next_back()];
    label.len() <= 63
        && label.bytes().all(inner)
        && ends.into_iter().all(|end| end.is_some_and(plain))
}

/// Whether a browser would write it: a number without zeros in front, and not the usual port.
fn is_port(port: &str) -> bool {
    port != "443"
        && port
            .parse()
            .is_ok_and(|number: u16| number > 0 && number.to_string() == port)
}

/// A token that signs an agent in at the page `/embed`, once.
#[derive(Clone, PartialEq, Eq, Serialize, TS)]
#[ts(type = "string")]
pub struct EmbedToken(String);

/// The text is no token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token of an embedded page")]
pub struct NoEmbedToken;

impl EmbedToken {
    /// Longest token, bytes.
    pub const BYTES_MAX: usize = 2_048;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for EmbedToken {
    type Err = NoEmbedToken;

    fn from_str(text: &str) -> Result<Self, NoEmbedToken> {
        let fits = (1..=Self::BYTES_MAX).contains(&text.len());
        match fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            true => Ok(Self(text.to_owned())),
            false => Err(NoEmbedToken),
        }
    }
}

impl fmt::Debug for EmbedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmbedToken(…)")
    }
}

impl<'de> Deserialize<'de> for EmbedToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Answer to `GET /api/embed`: whose messages the page listens to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EmbedOrigins {
    /// The origins of the pages that may hold it.
    pub origins: Vec<EmbedOrigin>,
}

/// `POST /api/embed`: trades a token for the cookie of the page `/embed`. Answered as `GET /api/me`
/// is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct EnterEmbed {
    /// What the page around it said.
    pub token: EmbedToken,
    /// The origin of that page, as the browser says it.
    pub origin: EmbedOrigin,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_spelled_as_browsers_spell_it() {
        for right in [
            "https://claims.example.com",
            "https://localhost:8443",
            "https://xn--bcher-kva.example",
            "https://192.0.2.1",
        ] {
            let origin: EmbedOrigin = right.parse().unwrap();
            assert_eq!(origin.as_str(), right);
        }
        for wrong in [
            "",
            "*",
            "null",
            "https://",
            "http://claims.example.com",
            "https://*.example.com",
            "https://claims.example.com/",
            "https://Claims.example.com",
            "https://claims.example.com:443",
            "https://claims.example.com:0",
            "https://claims.example.com:065",
            "https://claims.example.com:65536",
            "https://claims.example.com:",
            "https://claims..example.com",
            "https://-claims.example.com",
            "https://user@claims.example.com",
            "https://claims.example.com https://evil.example",
            "https://claims.example.com;",
            "https://bücher.example",
            " https://claims.example.com",
        ] {
            assert_eq!(wrong.parse::<EmbedOrigin>(), Err(NoEmbedOrigin), "{wrong}");
        }
        let longest = format!(
            "https://{}:65535",
            vec!["a".repeat(63); 4].join(".").split_at(253).0
        );
        assert_eq!(longest.len(), EmbedOrigin::BYTES_MAX);
        assert!(longest.parse::<EmbedOrigin>().is_ok());
        assert!(
            format!("https://{}", "a".repeat(64))
                .parse::<EmbedOrigin>()
                .is_err()
        );
    }

    #[test]
    fn a_token_is_a_bounded_line_and_is_not_shown() {
        let token: EmbedToken = "1.e30.c2ln".parse().unwrap();
        assert_eq!(format!("{token:?}"), "EmbedToken(…)");
        for wrong in [
            "",
            "1. 2",
            "1\n",
            "é",
            &"a".repeat(EmbedToken::BYTES_MAX + 1),
        ] {
            assert_eq!(wrong.parse::<EmbedToken>(), Err(NoEmbedToken), "{wrong}");
        }
    }
}
