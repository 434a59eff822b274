//! Signatures of messages, by the rules of Standard Webhooks (standardwebhooks.com, version 1).

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sightline_wire::{MessageId, WebhookSecret};

use crate::records::WebhookRecord;

/// Returns the headers of a message. `date_ms` is the time of day, by which a receiver refuses old
/// messages.
pub(crate) fn headers(
    webhook: &WebhookRecord,
    message: MessageId,
    body: &str,
    date_ms: u64,
) -> Vec<(&'static str, String)> {
    let (id, timestamp) = (message.to_string(), (date_ms / 1_000).to_string());
    let previous = webhook.previous.iter();
    let previous = previous.filter(|(_, until_ms)| date_ms < *until_ms);
    let secrets = std::iter::once(&webhook.secret).chain(previous.map(|(secret, _)| secret));
    let signed: Vec<String> = secrets
        .map(|secret| signature(secret, &id, &timestamp, body))
        .collect();
    vec![
        ("content-type", "application/json".to_owned()),
        ("user-agent", "Sightline".to_owned()),
        ("webhook-id", id),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", signed.join(" ")),
    ]
}

fn signature(secret: &WebhookSecret, id: &str, timestamp: &str, body: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let mac = hmac::sign(&key, format!("{id}.{timestamp}.{body}").as_bytes());
    format!("v1,{}", BASE64_STANDARD.encode(mac.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sightline_wire::{DisplayName, WebhookId};

    const DATE_MS: u64 = 1_800_000_001_999;
    const BODY: &str = r#"{"type":"webhook.test"}"#;

    fn webhook(previous: Option<(WebhookSecret, u64)>) -> WebhookRecord {
        WebhookRecord {
            id: WebhookId::from_bytes([1; 16]),
            name: DisplayName::new("Claims").unwrap(),
            url: "https://claims.example.com/".to_owned(),
            maker: DisplayName::new("Ada").unwrap(),
            made_at_ms: 0,
            on: true,
            gone_at_ms: None,
            secret: WebhookSecret::from_bytes([7; 32]),
            previous,
        }
    }

    fn signed(webhook: &WebhookRecord) -> String {
        let message = "msg_test_1800000000000".parse().unwrap();
        let headers = headers(webhook, message, BODY, DATE_MS);
        let of = |name| headers.iter().find(|(known, _)| *known == name).unwrap();
        assert_eq!(of("webhook-id").1, "msg_test_1800000000000");
        assert_eq!(of("webhook-timestamp").1, "1800000001");
        of("webhook-signature").1.clone()
    }

    /// As `Webhook.sign` of the npm package standardwebhooks 1.1.1 signs the same.
    #[test]
    fn a_message_is_signed_as_the_reference_library_signs_it() {
        let reference = "v1,ToQduqhjWRBG530IfvQWuhk5BLeNiVjK7fJkq3QNSc0=";
        assert_eq!(signed(&webhook(None)), reference);
    }

    #[test]
    fn the_secret_before_signs_too_until_its_time() {
        let before = WebhookSecret::from_bytes([8; 32]);
        let alone = signed(&webhook(None));
        let both = signed(&webhook(Some((before.clone(), DATE_MS + 1))));
        let (first, second) = both.split_once(' ').unwrap();
        assert_eq!(first, alone, "the new one first");
        assert!(second.starts_with("v1,") && second != alone, "{second}");
        assert_eq!(signed(&webhook(Some((before, DATE_MS)))), alone);
    }
}
