//! Identifiers. The suffix tells where a value is valid: `…Id` travels and is stored.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

/// A text that is not a 128-bit identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier: expected 22 characters of base64url")]
pub struct BadId;

macro_rules! id_128 {
    ($(#[$doc:meta])* $name:ident, $show:expr) => {
        $(#[$doc])*
        ///
        /// 128 bits; as text, 22 characters of unpadded base64url (RFC 4648 section 5).
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, TS)]
        #[ts(type = "string")]
        pub struct $name([u8; 16]);

        impl $name {
            /// Takes 16 bytes as they are. Where the value must not be guessed, they come from the
            /// system's generator.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let show: fn(&[u8; 16]) -> String = $show;
                write!(f, "{}({})", stringify!($name), show(&self.0))
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                decode(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id_128!(
    /// One key of the API for other programs: the beginning of its hash. Not a secret.
    ApiKeyId,
    encode
);
id_128!(
    /// One webhook: where another program hears of calls. Not a secret.
    WebhookId,
    encode
);
id_128!(
    /// One sign-in of an agent, with all its renewals: what signing out ends. Not a secret.
    SignInId,
    encode
);
id_128!(
    /// One assistance session: from the invite to the end of the call. Not a secret.
    SessionId,
    encode
);
id_128!(
    /// One load of a page, made by the page; it survives a reload of the same tab. Who speaks is
    /// decided by the cookie of the connection. Among the pages that have the customer's cookie,
    /// the id tells the one that holds the seat, which alone reads the log: so no other page is
    /// told it, and it is in no address and no log.
    PageId,
    encode
);

impl PageId {
    /// No page: the holder of a seat that was taken away. The host refuses a page of this name.
    pub const NOBODY: Self = Self::from_bytes([0; 16]);

    /// Returns this id, if a page may have it.
    #[must_use]
    pub fn somebody(self) -> Option<Self> {
        (self != Self::NOBODY).then_some(self)
    }
}

id_128!(
    /// One agent: a hash of the identity provider's issuer and subject.
    AgentId,
    encode
);

impl AgentId {
    /// No agent: a call that waits for the first who opens it.
    pub const NOBODY: Self = Self::from_bytes([0; 16]);
}
id_128!(
    /// One relay process, chosen again at each start.
    RelayId,
    encode
);
id_128!(
    /// The secret of an invite link, from the system's generator. It lets its owner enter; only its
    /// hash is stored, and its `Debug` shows nothing.
    InviteSecret,
    |_| "…".to_owned()
);

/// Characters of an identifier as text.
const TEXT_LEN: usize = 22;

fn encode(bytes: &[u8; 16]) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(text: &str) -> Result<[u8; 16], BadId> {
    if text.len() != TEXT_LEN {
        return Err(BadId);
    }
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| BadId)?;
    bytes.try_into().map_err(|_| BadId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_the_journey_through_text() {
        for bytes in [[0; 16], [255; 16], *b"0123456789abcdef"] {
            let id = SessionId::from_bytes(bytes);
            assert_eq!(id.to_string().len(), 22);
            assert_eq!(id.to_string().parse(), Ok(id));
        }
        assert_eq!(
            SessionId::from_bytes([255; 16]).to_string(),
            "_____________________w"
        );
    }

    #[test]
    fn what_is_not_an_id_is_refused() {
        for text in [
            "",
            "AAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAAA",
            "AAAAAAAAAAAAAAAAAAAAAB",
            "AAAAAAAAAAAAAAAAAAAA+A",
            "äAAAAAAAAAAAAAAAAAAAA",
        ] {
            assert_eq!(text.parse::<PageId>(), Err(BadId), "{text}");
        }
    }

    #[test]
    fn a_secret_does_not_show_itself() {
        assert_eq!(
            format!("{:?}", InviteSecret::from_bytes([7; 16])),
            "InviteSecret(…)"
        );
    }
}
