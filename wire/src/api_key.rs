//! Keys of the API for other programs: what an admin's page says and hears of them.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

use crate::{ApiKeyId, DisplayName};

/// Most keys of a deployment.
pub const API_KEYS_MAX: usize = 20;

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum KeyScope {
    /// Invites customers, sends and cancels their invites.
    Invite,
    /// Reads calls, their pictures and the list of agents.
    Read,
    /// Fetches case files and writes notes.
    Case,
    /// Erases calls.
    Erase,
    /// Embeds the agent's page in a page of its own.
    Embed,
}

impl KeyScope {
    /// All scopes.
    pub const ALL: [Self; 5] = [
        Self::Invite,
        Self::Read,
        Self::Case,
        Self::Erase,
        Self::Embed,
    ];

    /// Its word on the wire.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::Read => "read",
            Self::Case => "case",
            Self::Erase => "erase",
            Self::Embed => "embed",
        }
    }
}

impl FromStr for KeyScope {
    type Err = NoScope;

    fn from_str(text: &str) -> Result<Self, NoScope> {
        let named = Self::ALL.into_iter().find(|scope| scope.word() == text);
        named.ok_or(NoScope)
    }
}

/// A text that names no scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a scope: expected invite, read, case, erase or embed")]
pub struct NoScope;

/// A key of the API: `slk_` and 32 bytes as base64url. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, TS)]
#[ts(type = "string")]
pub struct ApiKeySecret([u8; 32]);

impl ApiKeySecret {
    /// How every key begins, so that scanners of repositories find one that was left there.
    pub const PREFIX: &str = "slk_";

    /// Takes 32 bytes of the system's generator.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A text that is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a key: expected slk_ and 43 characters of base64url")]
pub struct NoKey;

impl FromStr for ApiKeySecret {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        let rest = text.strip_prefix(Self::PREFIX).ok_or(NoKey)?;
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(rest).map_err(|_| NoKey)?;
        bytes.try_into().map(Self).map_err(|_| NoKey)
    }
}

impl fmt::Display for ApiKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::PREFIX)?;
        f.write_str(&BASE64_URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl fmt::Debug for ApiKeySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKeySecret(…)")
    }
}

impl Serialize for ApiKeySecret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ApiKeySecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Answer to `GET /api/keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApiKeyList {
    /// In the order in which they were made, at most [`API_KEYS_MAX`].
    pub keys: Vec<ApiKeyLine>,
}

/// A key as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ApiKeyLine {
    /// Names the key. It tells nothing of its secret.
    pub id: ApiKeyId,
    /// What it is for. Notes that were written with it have this name.
    pub name: DisplayName,
    /// The admin who made it. Absent for a key that the operator of the machine made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub maker: Option<DisplayName>,
    /// What it opens.
    pub scopes: BTreeSet<KeyScope>,
    /// When it was made, epoch milliseconds.
    #[ts(type = "number")]
    pub made_at_ms: u64,
    /// When it was used last, to within a minute, epoch milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub used_at_ms: Option<u64>,
    /// When it ends, epoch milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub expires_at_ms: Option<u64>,
}

/// `POST /api/keys`: makes a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MakeKey {
    /// What it is for.
    pub name: DisplayName,
    /// What it opens: one scope at least.
    pub scopes: BTreeSet<KeyScope>,
    /// Days until it ends, 1 to [`MakeKey::DAYS_MAX`]. Without them it stays until it is revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub days: Option<u16>,
}

impl MakeKey {
    /// Most days until a key ends.
    pub const DAYS_MAX: u16 = 3_650;
}

/// Answer to `POST /api/keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MadeKey {
    /// The key. No later answer has it.
    pub secret: ApiKeySecret,
    /// The same as in the list.
    pub key: ApiKeyLine,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written_and_debug_does_not_show_it() {
        let secret = ApiKeySecret::from_bytes([7; 32]);
        let text = secret.to_string();
        assert_eq!(text.len(), 47);
        assert_eq!(text.parse(), Ok(secret.clone()));
        assert_eq!(format!("{secret:?}"), "ApiKeySecret(…)");
        for wrong in [
            "",
            "slk_",
            &text[1..],
            &text[..46],
            &format!("{text}A"),
            &text.replace("slk_", "SLK_"),
            &text.replace("slk_", "slk_ "),
            "slk_äääääääääääääääääääääääääääääääääääääääääää",
        ] {
            assert_eq!(wrong.parse::<ApiKeySecret>(), Err(NoKey), "{wrong}");
        }
    }

    #[test]
    fn every_scope_is_read_by_its_word() {
        for scope in KeyScope::ALL {
            assert_eq!(scope.word().parse(), Ok(scope));
            let json = serde_json::to_string(&scope).unwrap();
            assert_eq!(json, format!("\"{}\"", scope.word()));
        }
        assert_eq!("admin".parse::<KeyScope>(), Err(NoScope));
    }
}
