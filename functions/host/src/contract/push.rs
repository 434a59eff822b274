//! What leaves the house: pushes and text messages.

use sightline_wire::{Language, MESSAGE_BYTES_MAX, PhoneNumber};

use super::Case;
use crate::ports::{ConnectionKey, Push, Said, Sms, SmsOut};

/// Pushes. `open` is a connection the plug has opened; `heard` gives what arrived there since it
/// was last asked, waiting for it as long as the plug needs.
pub async fn push<P: Push>(
    ports: &P,
    case: &Case,
    open: &ConnectionKey,
    heard: impl AsyncFn(usize) -> Vec<String>,
) {
    let gone = case.connection(70);
    assert_eq!(
        ports.say(&gone, "{}").await,
        Ok(Said::Gone),
        "a connection that never was"
    );
    assert_eq!(
        ports.close(&gone, 1000).await,
        Ok(()),
        "closing what is closed"
    );

    let long = format!("\"{}\"", "x".repeat(MESSAGE_BYTES_MAX - 2));
    let messages = ["{\"first\":1}", "{\"second\":\"ä\"}", long.as_str()];
    for message in messages {
        assert_eq!(
            ports.say(open, message).await,
            Ok(Said::Handed),
            "an open connection"
        );
    }
    let mut arrived = heard(messages.len()).await;
    arrived.sort();
    let mut wanted = messages.map(str::to_owned);
    wanted.sort();
    assert_eq!(
        arrived, wanted,
        "what was said arrives as it is, in whatever order"
    );

    assert_eq!(
        ports.close(open, 1000).await,
        Ok(()),
        "closing what is open"
    );
    assert_eq!(
        ports.say(open, "{}").await,
        Ok(Said::Gone),
        "a closed connection"
    );
}

/// Text messages. `outbox` gives what the carrier's side took, as number and text, newest last.
pub async fn sms_out<P: SmsOut>(
    ports: &P,
    case: &Case,
    outbox: impl AsyncFn() -> Vec<(String, String)>,
) {
    let link = format!("https://help.example.com/j#{}", case.session(71));
    let sms = Sms {
        to: PhoneNumber::new("+4915123456789").expect("a fine number"),
        text: format!("Example lädt Sie ein: {link}"),
        link,
        language: Language::new("de").expect("a fine language"),
    };
    assert_eq!(
        ports.send(sms.clone(), case.now_ms).await,
        Ok(()),
        "a message is taken"
    );
    let newest = outbox().await.pop();
    assert_eq!(
        newest,
        Some((sms.to.as_str().to_owned(), sms.text)),
        "as it was handed over"
    );
}
