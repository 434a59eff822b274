//! The line of a call in lists, and the terms by which it is found.

use serde::{Deserialize, Serialize};
use sightline_session::State;
use sightline_wire::api::CallPhase;
use sightline_wire::{
    AgentId, DisplayName, EndReason, PhoneNumber, Reference, Seat, Seats, SessionId, Stars,
};

use super::{Record, codec};
use crate::store_error::StoreError;

/// One entry of an agent's list of calls: what lists show and filters look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSummary {
    /// The session.
    pub session: SessionId,
    /// When it began, epoch milliseconds.
    pub at_ms: u64,
    /// The invited number. `None` for a call that is reached by a link only.
    pub number: Option<PhoneNumber>,
    /// The agent's reference.
    pub reference: Reference,
    /// How far it got.
    pub phase: CallPhase,
    /// The agent who invited. `None` in a summary of an earlier version, as all below.
    pub agent: Option<(AgentId, DisplayName)>,
    /// The name that the customer gave last in the call.
    pub customer: Option<DisplayName>,
    /// When the customer joined, epoch milliseconds.
    pub joined_at_ms: Option<u64>,
    /// When it ended, epoch milliseconds.
    pub ended_at_ms: Option<u64>,
    /// Why it ended.
    pub reason: Option<EndReason>,
    /// The person asked for no more text messages.
    pub opted_out: bool,
    /// Pictures that are kept.
    pub pictures: u32,
    /// Pictures that were sent to the chat.
    pub sent: u32,
    /// How each seat rated it.
    pub stars: Seats<Option<Stars>>,
    /// When it goes.
    pub dates: Option<DeleteDates>,
}

/// When what is stored of a call goes, epoch seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteDates {
    /// Its records: state, log, notes.
    pub session_s: u64,
    /// Its line in lists, and what leads there.
    pub line_s: u64,
}

impl CallSummary {
    /// Returns the entry of a session in this state, without dates; a plug stores it with every
    /// commit that changes it.
    #[must_use]
    pub fn of(session: SessionId, state: &State) -> Self {
        let kept = state.pictures.iter().filter(|kept| kept.base.is_some());
        let count = |count| u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            session,
            at_ms: state.began_at_ms,
            number: state.number.clone(),
            reference: state.reference.clone(),
            phase: sightline_session::phase(state),
            agent: Some((state.agent, state.agent_name.clone())),
            customer: state.seats.get(Seat::Customer).name.clone(),
            joined_at_ms: state.joined_at_ms,
            ended_at_ms: state.ended_at_ms,
            reason: state.ended,
            opted_out: state.sms.opted_out,
            pictures: count(kept.count()),
            sent: count(state.sent.len()),
            stars: Seats::from_fn(|seat| state.seats.get(seat).stars),
            dates: None,
        }
    }

    /// Adds when it goes.
    #[must_use]
    pub fn dated(self, session_s: u64, line_s: u64) -> Self {
        let dates = Some(DeleteDates { session_s, line_s });
        Self { dates, ..self }
    }

    /// Returns when the next of it goes, epoch milliseconds.
    #[must_use]
    pub fn goes_at_ms(&self, now_ms: u64) -> Option<u64> {
        let dates = self.dates?;
        let ahead = [dates.session_s, dates.line_s].map(|at_s| at_s.saturating_mul(1_000));
        ahead.into_iter().filter(|at_ms| now_ms < *at_ms).min()
    }
}

/// A word or number by which calls are found, as a keyed hash: 128 bits, so that keys of an index
/// have one width and nothing personal in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SearchTerm(pub [u8; 16]);

/// Later versions only added fields, so the number stayed and the version before reads on.
#[derive(Serialize, Deserialize)]
struct Summary1 {
    session: SessionId,
    at_ms: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    number: Option<PhoneNumber>,
    reference: Reference,
    phase: CallPhase,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    agent: Option<(AgentId, DisplayName)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    customer: Option<DisplayName>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    joined_at_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended_at_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<EndReason>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    opted_out: bool,
    #[serde(default, skip_serializing_if = "is_zero")]
    pictures: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    sent: u32,
    /// Of agent and customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    stars: Option<(Option<Stars>, Option<Stars>)>,
    /// Of the session and of the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dates_s: Option<(u64, u64)>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks by reference")]
const fn is_zero(count: &u32) -> bool {
    *count == 0
}

fn stars_of(stars: &Seats<Option<Stars>>) -> Option<(Option<Stars>, Option<Stars>)> {
    let both = (*stars.get(Seat::Agent), *stars.get(Seat::Customer));
    (both != (None, None)).then_some(both)
}

fn seats_of((agent, customer): (Option<Stars>, Option<Stars>)) -> Seats<Option<Stars>> {
    Seats::from_fn(|seat| match seat {
        Seat::Agent => agent,
        Seat::Customer => customer,
    })
}

impl Record for CallSummary {
    fn encode(&self) -> Vec<u8> {
        let summary = self.clone();
        let record = Summary1 {
            session: summary.session,
            at_ms: summary.at_ms,
            number: summary.number,
            reference: summary.reference,
            phase: summary.phase,
            agent: summary.agent,
            customer: summary.customer,
            joined_at_ms: summary.joined_at_ms,
            ended_at_ms: summary.ended_at_ms,
            reason: summary.reason,
            opted_out: summary.opted_out,
            pictures: summary.pictures,
            sent: summary.sent,
            stars: stars_of(&summary.stars),
            dates_s: summary.dates.map(|dates| (dates.session_s, dates.line_s)),
        };
        codec::encode(1, &record)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode call";
        match codec::version(WHAT, bytes)? {
            1 => codec::read::<Summary1>(WHAT, bytes).map(Self::from),
            v => Err(codec::newer(WHAT, v)),
        }
    }
}

impl From<Summary1> for CallSummary {
    fn from(record: Summary1) -> Self {
        Self {
            session: record.session,
            at_ms: record.at_ms,
            number: record.number,
            reference: record.reference,
            phase: record.phase,
            agent: record.agent,
            customer: record.customer,
            joined_at_ms: record.joined_at_ms,
            ended_at_ms: record.ended_at_ms,
            reason: record.reason,
            opted_out: record.opted_out,
            pictures: record.pictures,
            sent: record.sent,
            stars: seats_of(record.stars.unwrap_or_default()),
            dates: (record.dates_s).map(|(session_s, line_s)| DeleteDates { session_s, line_s }),
        }
    }
}
