//! Sends text messages. No other place does.

use sightline_session::{Actor, SystemCommand};
use sightline_wire::{InviteSecret, Language};

use crate::config::HostConfig;
use crate::draft::Changed;
use crate::host::Host;
use crate::ports::{Ports, Sms, SmsOut};
use crate::sms;

impl<P: Ports> Host<P> {
    /// Sends an attempt with the secret that its change made, and stores the outcome. If the
    /// process ends in between, the outcome stays unknown, and the page shows that.
    pub(crate) async fn send_sms<T: Sync>(
        &self,
        changed: &Changed<T>,
        attempt: u32,
    ) -> Option<Changed<()>> {
        let (session, state) = (changed.session, &changed.after);
        let link = invite_link(&self.config, changed.secrets.last()?);
        let text = sms::text(&state.language, &self.config.business, &link)?;
        let message = Sms {
            to: state.number.clone()?,
            text,
            link,
            language: state.language.clone(),
        };
        let outcome = self.ports.sms().send(message, self.ports.date_ms()).await;
        if let Err(why) = outcome {
            tracing::warn!(session.id = %session, attempt, ?why, "text message was not accepted");
        }
        let settle = SystemCommand::SettleSms { attempt, outcome };
        let settled = self
            .change(session, |draft| {
                // A refusal means that the attempt is settled or superseded.
                let _ = draft.decide_system(Actor::Host, &settle);
            })
            .await;
        settled.map_err(|stop| stop.log(Some(session))).ok()
    }
}

/// Returns how many segments a message of this deployment takes. Links are of one length.
pub(crate) fn segments(config: &HostConfig, language: &Language) -> u32 {
    let link = invite_link(config, &InviteSecret::from_bytes([0; 16]));
    sms::text(language, &config.business, &link).map_or(1, |text| sms::segments(&text))
}

/// Returns the link with the secret in the fragment, which a browser never sends.
pub(crate) fn invite_link(config: &HostConfig, secret: &InviteSecret) -> String {
    format!("{}/j#{secret}", config.origin)
}
