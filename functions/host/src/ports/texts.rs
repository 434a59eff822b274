//! The port of text messages.

use std::future::Future;

use sightline_wire::{Language, PhoneNumber, SmsFailure};

/// A text message. `Debug` shows neither number nor text nor link.
#[derive(Clone, PartialEq, Eq)]
pub struct Sms {
    /// The recipient.
    pub to: PhoneNumber,
    /// The whole text, with the link.
    pub text: String,
    /// The link in the text.
    pub link: String,
    /// The language of the text.
    pub language: Language,
}

impl std::fmt::Debug for Sms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sms").finish_non_exhaustive()
    }
}

/// Sends text messages.
pub trait SmsOut: Send + Sync {
    /// Hands a text message over. Fails with the reason if it was not accepted.
    fn send(&self, sms: Sms, now_ms: u64) -> impl Future<Output = Result<(), SmsFailure>> + Send;
}
