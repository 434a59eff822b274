//! Counts text messages, in all processes together, before they are sent.
//!
//! The session's rules say what is counted and what a full counter means
//! ([`sightline_session::budget`]). Counters name number and agent by pseudonyms that only the
//! deployment's key can make, so that they may outlive the records of a session.

use sightline_session::budget::{self, DAY_MS, Ration, Share};
use sightline_wire::api::Texting;
use sightline_wire::{AgentId, PhoneNumber, SessionId, SmsFailure};

use crate::host::Host;
use crate::ports::{Counted, Ports, RateCounter, RateCounters, StoreError};
use crate::tokens::Keys;
use crate::tries::{CONTENDED, Tries};

/// A text message that somebody wants to send.
pub(crate) struct Wanted<'a> {
    pub(crate) session: SessionId,
    pub(crate) attempt: u32,
    pub(crate) agent: AgentId,
    pub(crate) number: &'a PhoneNumber,
}

impl<P: Ports> Host<P> {
    /// Counts a message against the budget. The same attempt of the same session is counted once,
    /// also if the request comes twice or an answer gets lost.
    ///
    /// # Errors
    /// Fails with the reason if the message must not be sent, and with [`SmsFailure::Trouble`] if
    /// it cannot be counted.
    pub(crate) async fn spend(&self, wanted: &Wanted<'_>) -> Result<(), SmsFailure> {
        let spent = self.try_to_spend(wanted).await;
        if let Err(why) = spent {
            let (session, attempt) = (wanted.session, wanted.attempt);
            tracing::warn!(session.id = %session, attempt, ?why, "text message is not within the budget");
        }
        spent
    }

    async fn try_to_spend(&self, wanted: &Wanted<'_>) -> Result<(), SmsFailure> {
        let rules = &self.config.rules;
        let now_ms = self.ports.date_ms();
        let rations = budget::ask(rules, wanted.agent, wanted.number, now_ms)?;
        if let Some(refused) = self.config.refused_numbers.refusal_of(wanted.number) {
            return Err(match refused {
                Texting::RegionRefused => SmsFailure::CountryBlocked,
                _ => SmsFailure::BadNumber,
            });
        }
        let mut counters = vec![spent_before(wanted, now_ms)];
        let counts = rations
            .iter()
            .map(|ration| counter(&self.keys, ration, wanted.number));
        counters.extend(counts);
        match self.count_again(&counters).await {
            Ok(Counted::Done | Counted::Full(0)) => Ok(()),
            Ok(Counted::Full(index)) => {
                let full = rations.get(index.saturating_sub(1));
                Err(full.map_or(SmsFailure::Trouble, budget::refusal))
            }
            Err(error) => {
                tracing::error!(session.id = %wanted.session, error = %error, "text messages cannot be counted");
                Err(SmsFailure::Trouble)
            }
        }
    }

    async fn count_again(&self, counters: &[RateCounter]) -> Result<Counted, StoreError> {
        let mut tries = Tries::begin(CONTENDED, &self.ports);
        loop {
            match self.ports.store().count(counters).await {
                Err(error) if error.retryable && tries.again(&self.ports).await => {}
                done => return done,
            }
        }
    }
}

/// The first of the counts: has room once, so that one attempt is paid for once. It outlives the
/// midnight between two of the same request.
fn spent_before(wanted: &Wanted<'_>, now_ms: u64) -> RateCounter {
    RateCounter {
        name: format!("sms attempt {} {}", wanted.session, wanted.attempt),
        most: 1,
        until_ms: now_ms.saturating_add(DAY_MS),
    }
}

fn counter(keys: &Keys, ration: &Ration, number: &PhoneNumber) -> RateCounter {
    let day = ration.day;
    let name = match ration.share {
        Share::Agent(agent) => {
            let agent = keys.pseudonym("agent", agent.as_bytes());
            format!("sms agent {agent} {day}")
        }
        Share::Number => {
            let number = keys.pseudonym("number", number.as_str().as_bytes());
            format!("sms number {number} {day}")
        }
        Share::Everybody => format!("sms everybody {day}"),
    };
    RateCounter {
        name,
        most: ration.most,
        until_ms: ration.until_ms,
    }
}
