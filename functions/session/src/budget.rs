//! What text messages may cost: to which countries they go, and how many in a day.
//!
//! Whoever takes over an agent's account can write to premium numbers they share the income of. The
//! limits are what such a day can cost at most; a message they stop is an attempt that failed, and
//! the agent still has a link to copy or to show. Counting goes across sessions and processes and
//! is the host's: here is what must be counted, and what a full count means.

use sightline_wire::{AgentId, PhoneNumber, SmsFailure};

use crate::Rules;

/// Counts begin anew with each day of UTC, milliseconds.
pub const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Whose share of the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// The agent who sends.
    Agent(AgentId),
    /// The number that is written to, by whomever.
    Number,
    /// All of the deployment.
    Everybody,
}

/// One count that a text message must find room in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ration {
    /// Whose.
    pub share: Share,
    /// Messages in its day.
    pub most: u32,
    /// Its day: days of UTC since the epoch.
    pub day: u64,
    /// When that day is over, epoch milliseconds.
    pub until_ms: u64,
}

/// What a text message by this agent to this number must be counted in, all of it or nothing.
///
/// # Errors
/// [`SmsFailure::SwitchedOff`] and [`SmsFailure::CountryBlocked`], for which nothing is counted.
pub fn ask(
    rules: &Rules,
    agent: AgentId,
    number: &PhoneNumber,
    now_ms: u64,
) -> Result<Vec<Ration>, SmsFailure> {
    if rules.sms_off {
        return Err(SmsFailure::SwitchedOff);
    }
    if !goes_to(&rules.sms_prefixes, number) {
        return Err(SmsFailure::CountryBlocked);
    }
    let day = now_ms / DAY_MS;
    let until_ms = day.saturating_add(1).saturating_mul(DAY_MS);
    let ration = |share, most| Ration {
        share,
        most,
        day,
        until_ms,
    };
    Ok(vec![
        ration(Share::Agent(agent), rules.sms_agent_day_max),
        ration(Share::Number, rules.sms_number_day_max),
        ration(Share::Everybody, rules.sms_day_max),
    ])
}

/// What a message fails with when there is no room in this.
#[must_use]
pub const fn refusal(ration: &Ration) -> SmsFailure {
    match ration.share {
        Share::Agent(_) => SmsFailure::AgentLimit,
        Share::Number => SmsFailure::NumberLimit,
        Share::Everybody => SmsFailure::DayLimit,
    }
}

/// What cannot begin a telephone number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a country prefix such as +49")]
pub struct BadPrefix(pub String);

/// Reads [`Rules::sms_prefixes`] from a list with commas, such as `+49, +43`. Nothing but spaces is
/// the empty list.
///
/// # Errors
/// The first entry that cannot begin a number. An empty one, as a comma too many leaves it, is
/// none.
pub fn prefixes(list: &str) -> Result<Vec<String>, BadPrefix> {
    let entries = list.split(',').map(str::trim);
    let entries = entries.filter(|entry| !entry.is_empty());
    entries
        .map(|entry| match is_prefix(entry) {
            true => Ok(entry.to_owned()),
            false => Err(BadPrefix(entry.to_owned())),
        })
        .collect()
}

/// A malformed entry fits no number, so that a slip blocks and never opens.
fn goes_to(prefixes: &[String], number: &PhoneNumber) -> bool {
    let fits = |prefix: &String| is_prefix(prefix) && number.as_str().starts_with(prefix.as_str());
    prefixes.is_empty() || prefixes.iter().any(fits)
}

/// `+` and 1 to 15 digits; no country's code begins with 0 (E.164).
fn is_prefix(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else {
        return false;
    };
    (1..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}
