//! Decoding: from bytes to a message, or to a refusal.

use serde::Deserialize;

use crate::{FromPage, FromRelay, MESSAGE_BYTES_MAX, Refusal, SessionId};

/// Why bytes could not be decoded, with the readable part of the envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecodable {
    /// The refusal to send to the peer.
    pub refusal: Refusal,
    /// The session that the message named, if readable.
    pub session: Option<SessionId>,
    /// The command number that the message carried, if readable, so that the refusal can name it.
    pub n: Option<u32>,
}

/// Decodes a page's message. It carries a number exactly when it is a durable command.
///
/// # Errors
/// A typed refusal: too long, unknown topic, malformed.
pub fn decode_page(bytes: &[u8]) -> Result<FromPage, Undecodable> {
    let mut message: FromPage = decode(
        bytes,
        &["session", "signaling", "chat", "annotation", "screenshots"],
    )?;
    if !message.says.is_command() {
        message.n = None;
    } else if message.n.is_none() {
        return Err(Undecodable {
            refusal: Refusal::Malformed,
            session: Some(message.session),
            n: None,
        });
    }
    Ok(message)
}

/// Decodes a relay's message.
///
/// # Errors
/// A typed refusal: too long, unknown topic, malformed.
pub fn decode_relay(bytes: &[u8]) -> Result<FromRelay, Undecodable> {
    decode(bytes, &["relay"])
}

fn decode<'de, T: Deserialize<'de>>(bytes: &'de [u8], topics: &[&str]) -> Result<T, Undecodable> {
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Err(Undecodable {
            refusal: Refusal::TooLong,
            session: None,
            n: None,
        });
    }
    serde_json::from_slice(bytes).map_err(|_| {
        let envelope: Envelope = serde_json::from_slice(bytes).unwrap_or_default();
        let known = envelope
            .topic
            .as_ref()
            .and_then(serde_json::Value::as_str)
            .is_none_or(|topic| topics.contains(&topic));
        Undecodable {
            refusal: if known {
                Refusal::Malformed
            } else {
                Refusal::UnknownTopic
            },
            session: envelope
                .session
                .and_then(|session| session.as_str()?.parse().ok()),
            n: envelope.n.and_then(|n| n.as_u64()?.try_into().ok()),
        }
    })
}

/// What can be told of a message that is otherwise not understood.
#[derive(Default, Deserialize)]
struct Envelope {
    topic: Option<serde_json::Value>,
    session: Option<serde_json::Value>,
    n: Option<serde_json::Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_foreign_topic_is_told_from_a_broken_message() {
        let refusal = |text: &str| decode_page(text.as_bytes()).unwrap_err().refusal;
        assert_eq!(
            refusal(r#"{"topic":"weather","type":"ask"}"#),
            Refusal::UnknownTopic
        );
        assert_eq!(
            refusal(r#"{"topic":"chat","type":"say"}"#),
            Refusal::Malformed
        );
        assert_eq!(refusal("{"), Refusal::Malformed);
        assert_eq!(
            refusal(&" ".repeat(MESSAGE_BYTES_MAX + 1)),
            Refusal::TooLong
        );
    }

    #[test]
    fn a_refused_command_still_names_its_number_and_session() {
        let text = r#"{"session":"AAAAAAAAAAAAAAAAAAAAAA","page":"AAAAAAAAAAAAAAAAAAAAAA","topic":"chat","type":"say","n":7,"text":""}"#;
        let error = decode_page(text.as_bytes()).unwrap_err();
        assert_eq!(error.n, Some(7));
        assert_eq!(error.session, Some(SessionId::from_bytes([0; 16])));
    }

    #[test]
    fn deep_nesting_is_refused_without_harm() {
        let text = "[".repeat(10_000);
        assert_eq!(
            decode_page(text.as_bytes()).unwrap_err().refusal,
            Refusal::Malformed
        );
    }

    #[test]
    fn unknown_fields_are_ignored() {
        let text = r#"{"session":"AAAAAAAAAAAAAAAAAAAAAA","page":"AAAAAAAAAAAAAAAAAAAAAA","topic":"session","type":"ping","later":{"x":1}}"#;
        assert!(decode_page(text.as_bytes()).is_ok());
    }
}
