//! The budget of text messages and of calls: allowed countries, and how many in a day.
//!
//! An attacker who takes over an agent's account could send messages to premium numbers and share
//! the income. The limits bound what such a day costs. Such numbers are rented in blocks, so a
//! block has a limit of its own. A message beyond the limits is a failed attempt, and the agent can
//! still copy the link or show it; a call beyond them does not begin. The host counts, across
//! sessions and processes; this module says what must be counted and what a full count means.

use sightline_wire::{AgentId, PhoneNumber, SmsFailure};

use crate::Rules;

/// Length of a day, milliseconds. Counts restart with each day of UTC.
pub const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Who uses a share of the budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// The sending agent.
    Agent(AgentId),
    /// The receiving number, across all senders.
    Number,
    /// The block of numbers with the receiving one ([`block`]), across all senders.
    Block,
    /// The whole deployment.
    Everybody,
    /// The agent who begins a call, with or without a message.
    Calls(AgentId),
}

/// Digits at the end of a number that its block leaves open. Carriers hand numbers out in blocks of
/// 10,000.
const BLOCK_DIGITS: usize = 4;

/// A daily count that limits text messages or calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ration {
    /// The share that it limits.
    pub share: Share,
    /// Most segments of messages, or calls, in that day.
    pub most: u32,
    /// How many this message or call takes.
    pub takes: u32,
    /// The day, counted in UTC from the epoch.
    pub day: u64,
    /// The end of that day, epoch milliseconds.
    pub until_ms: u64,
}

/// Returns the counts that must all have room for a text message by this agent to this number. It
/// takes so many segments, since carriers charge each. The host counts in all of them or in none.
///
/// # Errors
/// [`SmsFailure::SwitchedOff`] and [`SmsFailure::CountryBlocked`]; nothing is counted then.
pub fn ask(
    rules: &Rules,
    agent: AgentId,
    number: &PhoneNumber,
    segments: u32,
    now_ms: u64,
) -> Result<Vec<Ration>, SmsFailure> {
    if rules.sms_off {
        return Err(SmsFailure::SwitchedOff);
    }
    if !goes_to(&rules.sms_prefixes, number) {
        return Err(SmsFailure::CountryBlocked);
    }
    let ration = |share, most| ration(share, most, segments, now_ms);
    Ok(vec![
        ration(Share::Agent(agent), rules.sms_agent_day_max),
        ration(Share::Number, rules.sms_number_day_max),
        ration(Share::Block, rules.sms_block_day_max),
        ration(Share::Everybody, rules.sms_day_max),
    ])
}

/// Returns the count that must have room for a further call of this agent.
#[must_use]
pub const fn call(rules: &Rules, agent: AgentId, now_ms: u64) -> Ration {
    ration(Share::Calls(agent), rules.calls_agent_day_max, 1, now_ms)
}

const fn ration(share: Share, most: u32, takes: u32, now_ms: u64) -> Ration {
    let day = now_ms / DAY_MS;
    Ration {
        share,
        most,
        takes,
        day,
        until_ms: day.saturating_add(1).saturating_mul(DAY_MS),
    }
}

/// Returns what the numbers of a block of 10,000 have in common.
#[must_use]
pub fn block(number: &PhoneNumber) -> &str {
    let digits = number.as_str();
    let open = digits.len().saturating_sub(BLOCK_DIGITS);
    digits.get(..open).unwrap_or(digits)
}

/// The failure of a message for which this count has no room.
#[must_use]
pub const fn refusal(ration: &Ration) -> SmsFailure {
    match ration.share {
        Share::Agent(_) | Share::Calls(_) => SmsFailure::AgentLimit,
        Share::Number | Share::Block => SmsFailure::NumberLimit,
        Share::Everybody => SmsFailure::DayLimit,
    }
}

/// A text that cannot begin a telephone number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a country prefix such as +49")]
pub struct BadPrefix(pub String);

/// Parses [`Rules::sms_prefixes`] from a list with commas, such as `+49, +43`. Empty entries (stray
/// commas) are skipped.
///
/// # Errors
/// The first entry that cannot begin a number.
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

/// A malformed entry matches no number, so that a mistake blocks messages and never allows them.
fn goes_to(prefixes: &[String], number: &PhoneNumber) -> bool {
    let matches =
        |prefix: &String| is_prefix(prefix) && number.as_str().starts_with(prefix.as_str());
    prefixes.is_empty() || prefixes.iter().any(matches)
}

/// `+` and 1 to 15 digits. No country code begins with 0 (E.164).
fn is_prefix(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else {
        return false;
    };
    (1..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit())
}
