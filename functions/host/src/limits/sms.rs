//! Counts text messages and calls, in all processes together, before they are sent and begun.
//!
//! The session's rules say what is counted and what a full counter means
//! ([`sightline_session::budget`]). Counters name number and agent by pseudonyms that only the
//! deployment's key can make, so that they may outlive the records of a session.

use sightline_session::State;
use sightline_session::budget::{self, DAY_MS, Ration, Share};
use sightline_wire::api::{ApiError, Texting};
use sightline_wire::{AgentId, Language, PhoneNumber, SessionId, SmsFailure};

use super::tally::{Tally, is_tally};
use crate::host::Host;
use crate::ports::{Counted, Ports, RateCounter, RateCounters, StoreError};
use crate::texting::segments;
use crate::tokens::Keys;
use crate::tries::{CONTENDED, Tries};

/// Midnights within the longest session, which lasts a day; one more for a clock that was set.
const CALL_DAYS_MAX: u64 = 2;

/// A text message that somebody wants to send.
pub(crate) struct Wanted<'a> {
    pub(crate) session: SessionId,
    pub(crate) attempt: u32,
    pub(crate) agent: AgentId,
    pub(crate) number: &'a PhoneNumber,
    pub(crate) language: &'a Language,
}

/// The count that has no room.
enum Full {
    /// The agent's calls of the day.
    Calls,
    /// What a message needs. Nothing was counted.
    Message(SmsFailure),
}

impl<P: Ports> Host<P> {
    /// Counts a call with its first message. Beyond the budget of messages the call is counted
    /// alone, and begins without one.
    ///
    /// # Errors
    /// Fails with [`ApiError::TooOften`] if the agent began too many calls today.
    pub(crate) async fn spend_first(
        &self,
        wanted: &Wanted<'_>,
    ) -> Result<Result<(), SmsFailure>, ApiError> {
        let call = budget::call(&self.config.rules, wanted.agent, self.ports.date_ms());
        let spent = match self.try_to_spend(wanted, Some(&call)).await {
            // A store that failed is not asked again: the call may begin nevertheless.
            Err(Full::Message(why)) if why != SmsFailure::Trouble => {
                let call = [counter(&self.keys, &call, wanted.number)];
                match self.count_again(&call).await {
                    Ok(Counted::Full(_)) => Err(Full::Calls),
                    Ok(Counted::Done) | Err(_) => Err(Full::Message(why)),
                }
            }
            spent => spent,
        };
        match spent {
            Err(Full::Calls) => {
                tracing::warn!(session.id = %wanted.session, "agent began too many calls today");
                Err(ApiError::TooOften)
            }
            Err(Full::Message(why)) => Ok(Err(logged(wanted, why))),
            Ok(()) => Ok(Ok(())),
        }
    }

    /// Counts a message against the budget. The same attempt of the same session is counted once,
    /// also if the request comes twice or an answer gets lost.
    ///
    /// # Errors
    /// Fails with the reason if the message must not be sent, and with [`SmsFailure::Trouble`] if
    /// it cannot be counted.
    pub(crate) async fn spend(&self, wanted: &Wanted<'_>) -> Result<(), SmsFailure> {
        let spent = self.try_to_spend(wanted, None).await;
        spent.map_err(|full| match full {
            Full::Message(why) => logged(wanted, why),
            Full::Calls => SmsFailure::AgentLimit,
        })
    }

    async fn try_to_spend(&self, wanted: &Wanted<'_>, call: Option<&Ration>) -> Result<(), Full> {
        let rules = &self.config.rules;
        let now_ms = self.ports.date_ms();
        let segments = segments(&self.config, wanted.language);
        let rations = budget::ask(rules, wanted.agent, wanted.number, segments, now_ms);
        let rations = rations.map_err(Full::Message)?;
        if let Some(refused) = self.config.refused_numbers.refusal_of(wanted.number) {
            return Err(Full::Message(match refused {
                Texting::RegionRefused => SmsFailure::CountryBlocked,
                _ => SmsFailure::BadNumber,
            }));
        }
        let counts = rations.iter().chain(call);
        let counts = counts.map(|ration| counter(&self.keys, ration, wanted.number));
        let mut counters = vec![spent_before(wanted, now_ms)];
        counters.extend(counts);
        match self.count_in_all(wanted, &rations, counters).await {
            Ok(Counted::Done | Counted::Full(0)) => Ok(()),
            Ok(Counted::Full(index)) => Err(match rations.get(index - 1) {
                Some(full) => Full::Message(budget::refusal(full)),
                None => Full::Calls,
            }),
            Err(error) => {
                tracing::error!(session.id = %wanted.session, error = %error, "text messages cannot be counted");
                Err(Full::Message(SmsFailure::Trouble))
            }
        }
    }

    /// Counts in all counters. The day's tally is spread over several, of which one counts. The
    /// first counter is not a ration's.
    async fn count_in_all(
        &self,
        wanted: &Wanted<'_>,
        rations: &[Ration],
        mut counters: Vec<RateCounter>,
    ) -> Result<Counted, StoreError> {
        let mut tally = Tally::of(rations, wanted.session);
        let Some(place) = rations.iter().position(is_tally) else {
            return self.count_again(&counters).await;
        };
        let place = place + 1;
        let name = counters.get(place).map(|counter| counter.name.clone());
        let name = name.unwrap_or_default();
        loop {
            if let Some(counter) = counters.get_mut(place) {
                counter.name = format!("{name}{}", tally.suffix());
                counter.most = tally.room();
            }
            match self.count_again(&counters).await {
                Ok(Counted::Full(full)) if full == place && tally.goes_on() => {}
                done => return done,
            }
        }
    }

    /// Counts, again while others count the same.
    pub(crate) async fn count_again(
        &self,
        counters: &[RateCounter],
    ) -> Result<Counted, StoreError> {
        let mut tries = Tries::begin(CONTENDED, &self.ports);
        loop {
            match self.ports.store().count(counters).await {
                Err(error) if error.retryable && tries.again(&self.ports).await => {}
                done => return done,
            }
        }
    }
}

fn logged(wanted: &Wanted<'_>, why: SmsFailure) -> SmsFailure {
    let (session, attempt) = (wanted.session, wanted.attempt);
    tracing::warn!(session.id = %session, attempt, ?why, "text message is not within the budget");
    why
}

/// Returns the names of all counters that name a session or its number.
pub(crate) fn counters_of(keys: &Keys, session: SessionId, state: &State) -> Vec<String> {
    let attempts = (1..=state.sms.attempts).map(|attempt| attempt_name(session, attempt));
    let began = state.began_at_ms / DAY_MS;
    let days = began..=began + CALL_DAYS_MAX;
    let number = state.number.as_ref();
    let numbers = number.into_iter().flat_map(|number| {
        let days = days.clone();
        days.map(|day| number_name(keys, number, day))
    });
    attempts.chain(numbers).collect()
}

fn attempt_name(session: SessionId, attempt: u32) -> String {
    format!("sms attempt {session} {attempt}")
}

fn number_name(keys: &Keys, number: &PhoneNumber, day: u64) -> String {
    let number = keys.pseudonym("number", number.as_str().as_bytes());
    format!("sms number {number} {day}")
}

/// The first of the counts: has room once, so that one attempt is paid for once. It outlives the
/// midnight between two of the same request.
fn spent_before(wanted: &Wanted<'_>, now_ms: u64) -> RateCounter {
    RateCounter {
        name: attempt_name(wanted.session, wanted.attempt),
        most: 1,
        by: 1,
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
        Share::Number => number_name(keys, number, day),
        Share::Block => {
            let block = keys.pseudonym("block", budget::block(number).as_bytes());
            format!("sms block {block} {day}")
        }
        Share::Everybody => format!("sms everybody {day}"),
        Share::Calls(agent) => {
            let agent = keys.pseudonym("agent", agent.as_bytes());
            format!("calls agent {agent} {day}")
        }
    };
    RateCounter {
        name,
        most: ration.most,
        by: ration.takes,
        until_ms: ration.until_ms,
    }
}
