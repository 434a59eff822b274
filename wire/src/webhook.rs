//! Webhooks: what an admin's page says and hears of them, and what they are named by.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

use crate::{DisplayName, EndReason, SessionId, WebhookId};

/// Most webhooks of a deployment.
pub const WEBHOOKS_MAX: usize = 10;

/// What signs the messages of a webhook: `whsec_` and 32 bytes as base64, as the Standard Webhooks
/// have it. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, TS)]
#[ts(type = "string")]
pub struct WebhookSecret([u8; 32]);

impl WebhookSecret {
    /// How every secret begins.
    pub const PREFIX: &str = "whsec_";

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

/// A text that is no secret of a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a secret of a webhook: expected whsec_ and 44 characters of base64")]
pub struct NoWebhookSecret;

impl FromStr for WebhookSecret {
    type Err = NoWebhookSecret;

    fn from_str(text: &str) -> Result<Self, NoWebhookSecret> {
        let rest = text.strip_prefix(Self::PREFIX).ok_or(NoWebhookSecret)?;
        let bytes = BASE64_STANDARD.decode(rest).map_err(|_| NoWebhookSecret)?;
        bytes.try_into().map(Self).map_err(|_| NoWebhookSecret)
    }
}

impl fmt::Display for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::PREFIX)?;
        f.write_str(&BASE64_STANDARD.encode(self.0))
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret(…)")
    }
}

/// What happened, as a webhook's message says it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS, schemars::JsonSchema,
)]
pub enum MessageKind {
    /// The customer opened a link for the first time.
    #[serde(rename = "invite.opened")]
    InviteOpened,
    /// The customer joined the call for the first time.
    #[serde(rename = "call.joined")]
    CallJoined,
    /// The call or its invite ended. `reason` says why.
    #[serde(rename = "call.ended")]
    CallEnded,
    /// A picture of the call can be fetched.
    #[serde(rename = "picture.kept")]
    PictureKept,
    /// The agent or the customer rated the call, or rated it again.
    #[serde(rename = "call.rated")]
    CallRated,
    /// The call was erased for good. Its address answers 404.
    #[serde(rename = "case.erased")]
    CaseErased,
    /// An admin tries the webhook. It is of no call.
    #[serde(rename = "webhook.test")]
    WebhookTest,
}

/// Names a message in `webhook-id`: `msg_<call>_<number>`, `msg_test_<number>` for a test. Numbers
/// of one call rise. All webhooks hear of one event under one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, TS)]
#[ts(type = "string")]
pub struct MessageId {
    /// The call. `None` for a test.
    pub call: Option<SessionId>,
    /// Its number.
    pub number: u64,
}

/// A text that names no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a message")]
pub struct NoMessage;

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, number } = self;
        match call {
            Some(call) => write!(f, "msg_{call}_{number}"),
            None => write!(f, "msg_test_{number}"),
        }
    }
}

impl FromStr for MessageId {
    type Err = NoMessage;

    fn from_str(text: &str) -> Result<Self, NoMessage> {
        let rest = text.strip_prefix("msg_").ok_or(NoMessage)?;
        let (call, number) = rest.rsplit_once('_').ok_or(NoMessage)?;
        let call = match call {
            "test" => None,
            call => Some(call.parse().map_err(|_| NoMessage)?),
        };
        let number = number.parse().map_err(|_| NoMessage)?;
        let named = Self { call, number };
        // One name has one spelling.
        (named.to_string() == text)
            .then_some(named)
            .ok_or(NoMessage)
    }
}

macro_rules! as_text {
    ($($type:ty),*) => {
        $(impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        })*
    };
}

as_text!(WebhookSecret, MessageId);

/// Answer to `GET /api/webhooks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WebhookList {
    /// In the order in which they were made, at most [`WEBHOOKS_MAX`].
    pub webhooks: Vec<WebhookLine>,
}

/// A webhook as lists show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WebhookLine {
    /// Names the webhook.
    pub id: WebhookId,
    /// Whom it tells.
    pub name: DisplayName,
    /// Where its messages go.
    pub url: String,
    /// The admin who made it.
    pub maker: DisplayName,
    /// When it was made, epoch milliseconds.
    #[ts(type = "number")]
    pub made_at_ms: u64,
    /// It hears of calls.
    pub on: bool,
    /// When it was switched off because its receiver answered that it is gone for good (410), epoch
    /// milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub gone_at_ms: Option<u64>,
    /// Until when its messages carry a signature by the secret before, too, epoch milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub rotating_until_ms: Option<u64>,
}

/// `POST /api/webhooks`: makes a webhook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MakeWebhook {
    /// Whom it tells.
    pub name: DisplayName,
    /// An `https` address without a user, of at most [`MakeWebhook::URL_BYTES_MAX`] bytes.
    pub url: String,
}

impl MakeWebhook {
    /// Longest address, bytes.
    pub const URL_BYTES_MAX: usize = 1_000;
}

/// Answer to `POST /api/webhooks` and to `POST /api/webhooks/{id}/rotate`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MadeWebhook {
    /// The secret. No later answer has it.
    pub secret: WebhookSecret,
    /// The same as in the list.
    pub webhook: WebhookLine,
}

/// `PUT /api/webhooks/{id}`: switches a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SwitchWebhook {
    /// It hears of calls from now on, or does not.
    pub on: bool,
}

/// Answer to `GET /api/webhooks/{id}/deliveries`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeliveryList {
    /// The newest first, of seven days.
    pub deliveries: Vec<DeliveryLine>,
    /// There may be more: ask again with `after` set to this value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub after: Option<String>,
}

/// The delivery of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeliveryLine {
    /// Names the message.
    pub id: MessageId,
    /// What it says.
    pub kind: MessageKind,
    /// Why the call ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reason: Option<EndReason>,
    /// When it happened, epoch milliseconds.
    #[ts(type = "number")]
    pub at_ms: u64,
    /// How far it got.
    #[serde(flatten)]
    pub phase: DeliveryPhase,
    /// How often it was sent.
    pub attempts: u32,
    /// When it was sent last, epoch milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional, type = "number")]
    pub tried_at_ms: Option<u64>,
    /// What became of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub outcome: Option<DeliveryOutcome>,
}

/// How far a delivery got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "phase", rename_all = "snake_case")]
pub enum DeliveryPhase {
    /// It is sent at `due_at_ms`, or once those of the same call before it are done.
    Waiting {
        /// Epoch milliseconds.
        #[ts(type = "number")]
        due_at_ms: u64,
    },
    /// The receiver took it.
    Delivered,
    /// The receiver did not take it within a day. It can be sent again.
    Dead,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum DeliveryOutcome {
    /// The receiver answered. It took the message if the status is 200 to 299.
    Answered {
        /// The status of HTTP. A redirect is not followed.
        status: u16,
    },
    /// The receiver did not answer within ten seconds.
    Late,
    /// Its name leads to no address.
    NotFound,
    /// Its name leads to addresses of this machine or of private networks only.
    Forbidden,
    /// It did not take the connection, or broke it.
    NotReached,
    /// Its certificate is not for this name, or not by an authority that this system trusts.
    NotTrusted,
    /// The webhook was switched off.
    SwitchedOff,
}

impl DeliveryOutcome {
    /// Whether the receiver took the message.
    #[must_use]
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::Answered { status: 200..=299 })
    }

    /// Whether the receiver says that it takes no more messages (410).
    #[must_use]
    pub const fn is_gone(self) -> bool {
        matches!(self, Self::Answered { status: 410 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_as_it_was_written_and_debug_does_not_show_it() {
        let secret = WebhookSecret::from_bytes([7; 32]);
        let text = secret.to_string();
        assert_eq!(text.len(), 50);
        assert_eq!(text.parse(), Ok(secret.clone()));
        assert_eq!(format!("{secret:?}"), "WebhookSecret(…)");
        for wrong in ["", "whsec_", &text[1..], &text[..49], &format!("{text}=")] {
            let read = wrong.parse::<WebhookSecret>();
            assert_eq!(read, Err(NoWebhookSecret), "{wrong}");
        }
    }

    #[test]
    fn a_name_of_a_message_has_one_spelling() {
        let of_call = MessageId {
            call: Some(SessionId::from_bytes([255; 16])),
            number: 4_352,
        };
        let of_test = MessageId {
            call: None,
            number: 0,
        };
        assert_eq!(of_test.to_string(), "msg_test_0");
        for named in [of_call, of_test] {
            assert_eq!(named.to_string().parse(), Ok(named));
        }
        let text = of_call.to_string();
        for wrong in [
            "",
            "msg_test_",
            "msg_test_00",
            "msg_test_+1",
            "msg_test_18446744073709551616",
            "msg__1",
            &text[..text.len() - 5],
            &format!("{text} "),
        ] {
            assert_eq!(wrong.parse::<MessageId>(), Err(NoMessage), "{wrong}");
        }
    }

    #[test]
    fn only_a_status_of_success_takes_a_message() {
        for (status, taken) in [
            (199, false),
            (200, true),
            (299, true),
            (302, false),
            (500, false),
        ] {
            assert_eq!(
                DeliveryOutcome::Answered { status }.is_taken(),
                taken,
                "{status}"
            );
        }
        assert!(!DeliveryOutcome::Late.is_taken());
    }
}
