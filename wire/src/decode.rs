//! Decoding: from bytes to a message, or to a refusal.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::{
    FromPage, FromRelay, MESSAGE_BYTES_MAX, OfferFault, Refusal, Sdp, SessionId, TextError,
};

/// Why bytes could not be decoded, with the readable part of the envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecodable {
    /// The refusal to send to the peer.
    pub refusal: Refusal,
    /// The session that the message named, if readable.
    pub session: Option<SessionId>,
    /// The command number that the message carried, if readable, so that the refusal can name it.
    pub n: Option<u32>,
    /// The attempt of an offer with what is wrong with it, so that the page can tell it in words.
    pub offer: Option<(u32, OfferFault)>,
}

/// Decodes a page's message. It carries a number exactly when it is a durable command.
///
/// # Errors
/// A typed refusal: too long, unknown topic, malformed.
pub fn decode_page(bytes: &[u8]) -> Result<FromPage, Undecodable> {
    let mut message: FromPage = decode(
        bytes,
        &[
            "session",
            "signaling",
            "chat",
            "annotation",
            "screenshots",
            "guest",
        ],
    )?;
    if !message.says.is_command() {
        message.n = None;
    } else if message.n.is_none() {
        return Err(Undecodable {
            refusal: Refusal::Malformed,
            session: Some(message.session),
            n: None,
            offer: None,
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

fn decode<T: DeserializeOwned>(bytes: &[u8], topics: &[&str]) -> Result<T, Undecodable> {
    if bytes.len() > MESSAGE_BYTES_MAX {
        return Err(Envelope::read(bytes).too_long());
    }
    read_json(bytes).map_err(|_| Envelope::read(bytes).malformed(topics))
}

/// Reads JSON that a browser wrote. Half a surrogate pair, as cutting an emoji leaves it, becomes
/// U+FFFD: browsers write it as an escape (ECMA-262, `JSON.stringify`), and no Rust string holds
/// it.
///
/// # Errors
/// The bytes are not JSON, or not of this type.
pub fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> serde_json::Result<T> {
    serde_json::from_slice(&well_formed(bytes))
}

fn well_formed(bytes: &[u8]) -> Cow<'_, [u8]> {
    let mut mended = Cow::Borrowed(bytes);
    let mut at = 0;
    while let Some(escape) = bytes.get(at..) {
        let Some(next) = escape.iter().position(|byte| *byte == b'\\') else {
            break;
        };
        let escape = escape.get(next..).unwrap_or_default();
        at += next;
        let low = |unit| (0xDC00..=0xDFFF).contains(&unit);
        let second = || unit(escape.get(ESCAPE..).unwrap_or_default());
        at += match unit(escape) {
            None => 2,
            Some(0xD800..=0xDBFF) if second().is_some_and(low) => 2 * ESCAPE,
            Some(0xD800..=0xDFFF) => {
                if let Some(lone) = mended.to_mut().get_mut(at..at + ESCAPE) {
                    lone.copy_from_slice(br"\ufffd");
                }
                ESCAPE
            }
            Some(_) => ESCAPE,
        };
    }
    mended
}

/// Bytes of an escape such as `\u00e4`.
const ESCAPE: usize = 6;

/// Returns the UTF-16 unit that the bytes begin with as an escape.
fn unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.get(..ESCAPE)?.strip_prefix(br"\u")?;
    u16::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// What can be told of a message that is otherwise not understood.
#[derive(Default, Deserialize)]
struct Envelope {
    topic: Option<serde_json::Value>,
    session: Option<serde_json::Value>,
    n: Option<serde_json::Value>,
    r#type: Option<serde_json::Value>,
    attempt: Option<serde_json::Value>,
    sdp: Option<serde_json::Value>,
}

impl Envelope {
    fn read(bytes: &[u8]) -> Self {
        read_json(bytes).unwrap_or_default()
    }

    /// No command is this long, so a number is not read.
    fn too_long(&self) -> Undecodable {
        let offer = self.offer().map(|attempt| (attempt, OfferFault::TooLong));
        Undecodable {
            refusal: Refusal::TooLong,
            session: offer.and(self.session()),
            n: None,
            offer,
        }
    }

    fn malformed(&self, topics: &[&str]) -> Undecodable {
        let known = self.topic().is_none_or(|topic| topics.contains(&topic));
        let sdp = self.sdp.as_ref().and_then(serde_json::Value::as_str);
        let fault = match sdp.map(|sdp| Sdp::new(sdp.to_owned())) {
            Some(Err(TextError::TooLong { .. })) => OfferFault::TooLong,
            _ => OfferFault::Malformed,
        };
        let n = self.n.as_ref().and_then(serde_json::Value::as_u64);
        Undecodable {
            refusal: if known {
                Refusal::Malformed
            } else {
                Refusal::UnknownTopic
            },
            session: self.session(),
            n: n.and_then(|n| n.try_into().ok()),
            offer: self.offer().map(|attempt| (attempt, fault)),
        }
    }

    fn topic(&self) -> Option<&str> {
        self.topic.as_ref()?.as_str()
    }

    fn session(&self) -> Option<SessionId> {
        self.session.as_ref()?.as_str()?.parse().ok()
    }

    /// The attempt, if this is an offer of a page.
    fn offer(&self) -> Option<u32> {
        let offers = self.topic() == Some("signaling") && self.r#type.as_ref()? == "offer";
        let attempt = self.attempt.as_ref()?.as_u64()?.try_into().ok();
        attempt.filter(|_| offers)
    }
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
    fn an_offer_that_cannot_be_read_names_its_attempt_and_its_fault() {
        let error = |kind: &str, sdp: &str| {
            let text = format!(
                r#"{{"session":"AAAAAAAAAAAAAAAAAAAAAA","page":"AAAAAAAAAAAAAAAAAAAAAA","topic":"signaling","type":"{kind}","attempt":3,"sdp":{sdp}}}"#
            );
            decode_page(text.as_bytes())
                .map_err(|error| (error.refusal, error.session, error.offer))
        };
        let sdp = |bytes| format!("\"{}\"", "x".repeat(bytes));
        let session = Some(SessionId::from_bytes([0; 16]));
        let fault = |fault| Some((3, fault));
        assert!(error("offer", &sdp(Sdp::BYTES_MAX)).is_ok());
        for (sdp, refusal, found) in [
            (
                sdp(Sdp::BYTES_MAX + 1),
                Refusal::Malformed,
                OfferFault::TooLong,
            ),
            (
                sdp(MESSAGE_BYTES_MAX),
                Refusal::TooLong,
                OfferFault::TooLong,
            ),
            (sdp(100 * 1024), Refusal::TooLong, OfferFault::TooLong),
            (sdp(0), Refusal::Malformed, OfferFault::Malformed),
            ("7".to_owned(), Refusal::Malformed, OfferFault::Malformed),
        ] {
            assert_eq!(error("offer", &sdp), Err((refusal, session, fault(found))));
        }
        assert_eq!(
            error("answer", &sdp(MESSAGE_BYTES_MAX)),
            Err((Refusal::TooLong, None, None))
        );
    }

    #[test]
    fn half_a_surrogate_pair_is_replaced_and_whole_ones_stay() {
        let read = |json: &str| read_json::<String>(json.as_bytes()).ok();
        for (json, text) in [
            (r#""Ada \ud83d""#, "Ada \u{fffd}"),
            (
                r#""\ude00\ud83d\ude00\uD83D!""#,
                "\u{fffd}\u{1f600}\u{fffd}!",
            ),
            (r#""\ud83d\ud83d\ude00""#, "\u{fffd}\u{1f600}"),
            (r#""\\ud83d \\\ud83d""#, "\\ud83d \\\u{fffd}"),
            (r#""\ud83d\n\u00e4""#, "\u{fffd}\n\u{e4}"),
        ] {
            assert_eq!(read(json).as_deref(), Some(text), "{json}");
        }
        for broken in [r#""\ud83""#, r#""\u+83d""#, "\"\\", r#""\ud83d"#] {
            assert_eq!(read(broken), None, "{broken}");
        }
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
