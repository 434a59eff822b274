//! The terms by which a call is found, and what a search asks for.
//!
//! A term is a keyed hash of who may look, of what kind it is, and of the beginning of a word. So a
//! store answers "newest first" for each beginning by reading one list in its order, and nothing
//! personal stands in a key. Not every length of a beginning has a term: a search takes the longest
//! that has one, and compares the rest with the call's summary.

use std::collections::BTreeSet;

use aws_lc_rs::hmac;
use sightline_session::State;
use sightline_wire::{AgentId, PhoneNumber, Seat, decimal_digit, folded, words};

use crate::ports::CallList;
use crate::records::{CallSummary, SearchTerm, first_half};

/// Beginnings of a reference that have a term, characters. References of one business begin alike,
/// so the lengths are close together up to the longest.
const REFERENCE: [usize; 12] = [1, 2, 3, 4, 6, 8, 10, 12, 14, 16, 18, 20];

/// Beginnings of a name's word that have a term, characters. Four words have 20, for two lists; a
/// new name replaces 40 by 40, which a transaction of DynamoDB still holds.
const WORD: [usize; 5] = [1, 2, 3, 5, 8];

/// Digits at the end of a number by which it is found.
const DIGITS: usize = 4;

/// Longest search, characters: no reference or name is longer.
pub(crate) const SEARCH_CHARS_MAX: usize = 80;

const DAY_MS: u64 = 24 * 60 * 60 * 1_000;

/// Whose calls are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// One agent's.
    Agent(AgentId),
    /// All of the deployment.
    Everyone,
}

/// Makes terms.
pub(crate) struct Terms(hmac::Key);

impl Terms {
    /// With the key of the deployment ([`crate::ports::Directory::search_key`]).
    pub(crate) fn new(key: [u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, &key))
    }

    /// Returns all terms of a call in this state, in order.
    pub(crate) fn of(&self, state: &State) -> BTreeSet<SearchTerm> {
        let mut terms = BTreeSet::from([self.day(state.began_at_ms)]);
        let of_agent = state.has_agent().then_some(Owner::Agent(state.agent));
        for owner in of_agent.into_iter().chain([Owner::Everyone]) {
            let reference = state.reference.folded();
            terms
                .extend(beginnings(&reference, &REFERENCE).map(|text| self.reference(owner, text)));
            let digits = state.number.as_ref().and_then(last_digits);
            terms.extend(digits.map(|digits| self.digits(owner, digits)));
            let name = state.seats.get(Seat::Customer).name.as_ref();
            for word in name.map(|name| name.words()).unwrap_or_default() {
                terms.extend(beginnings(&word, &WORD).map(|text| self.word(owner, text)));
            }
        }
        terms
    }

    /// The term of all calls of the deployment that began on the same day (UTC).
    pub(crate) fn day(&self, at_ms: u64) -> SearchTerm {
        self.term(Owner::Everyone, b'y', &(at_ms / DAY_MS).to_be_bytes())
    }

    fn reference(&self, owner: Owner, text: &str) -> SearchTerm {
        self.term(owner, b'r', text.as_bytes())
    }

    fn digits(&self, owner: Owner, digits: &str) -> SearchTerm {
        self.term(owner, b'd', digits.as_bytes())
    }

    fn word(&self, owner: Owner, text: &str) -> SearchTerm {
        self.term(owner, b'w', text.as_bytes())
    }

    /// All parts but the last have a fixed length.
    fn term(&self, owner: Owner, kind: u8, text: &[u8]) -> SearchTerm {
        let mut signing = hmac::Context::with_key(&self.0);
        let (whose, agent) = match owner {
            Owner::Agent(agent) => (b'a', *agent.as_bytes()),
            Owner::Everyone => (b'*', [0; 16]),
        };
        signing.update(&[whose, kind]);
        signing.update(&agent);
        signing.update(text);
        let mut mac = [0; 32];
        mac.copy_from_slice(signing.sign().as_ref());
        SearchTerm(first_half(mac))
    }
}

/// What somebody typed into the field, as calls are compared with it: the beginning of a reference,
/// beginnings of words of a name (every one), or the end of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Search {
    reference: String,
    words: Vec<String>,
    digits: Option<String>,
}

impl Search {
    /// Returns `None` if nothing is asked for.
    pub(crate) fn of(typed: &str) -> Option<Self> {
        let reference = folded(typed);
        (!reference.is_empty()).then(|| Self {
            words: words(typed),
            digits: digits_of(&reference),
            reference,
        })
    }

    /// Returns the lists that together have every call that matches.
    pub(crate) fn lists(&self, terms: &Terms, owner: Owner) -> Vec<CallList> {
        let reference = longest(&self.reference, &REFERENCE);
        let word = self.words.iter().max_by_key(|word| word.chars().count());
        let word = word.map(|word| terms.word(owner, longest(word, &WORD)));
        let digits = self.digits.as_deref().map(|digits| end(digits, DIGITS));
        let found = [
            Some(terms.reference(owner, reference)),
            word,
            digits.map(|digits| terms.digits(owner, digits)),
        ];
        found.into_iter().flatten().map(CallList::Found).collect()
    }

    /// Whether a call is one that is searched for.
    pub(crate) fn matches(&self, call: &CallSummary) -> bool {
        call.reference.folded().starts_with(&self.reference)
            || self.is_called(call)
            || self.is_number_of(call)
    }

    fn is_called(&self, call: &CallSummary) -> bool {
        let Some(name) = &call.customer else {
            return false;
        };
        let name = name.words();
        let begins = |typed: &String| name.iter().any(|word| word.starts_with(typed));
        !self.words.is_empty() && self.words.iter().all(begins)
    }

    fn is_number_of(&self, call: &CallSummary) -> bool {
        let (Some(digits), Some(number)) = (&self.digits, &call.number) else {
            return false;
        };
        // A whole number may have been typed in its national form.
        let national = digits.trim_start_matches('0');
        let typed = if national.len() > DIGITS {
            national
        } else {
            end(digits, DIGITS)
        };
        number.as_str().ends_with(typed)
    }
}

/// The digits of a text that may be a number or its end; `None` for any other, or with fewer.
fn digits_of(text: &str) -> Option<String> {
    let is_between = |c: char| matches!(c, ' ' | '+' | '-' | '(' | ')' | '.' | '/');
    let digits = text.chars().filter(|c| !is_between(*c));
    let digits: String = digits.map(decimal_digit).collect::<Option<_>>()?;
    (digits.len() >= DIGITS).then_some(digits)
}

fn last_digits(number: &PhoneNumber) -> Option<&str> {
    let digits = number.as_str().trim_start_matches('+');
    (digits.len() >= DIGITS).then(|| end(digits, DIGITS))
}

/// The last characters of a text of ASCII.
fn end(digits: &str, count: usize) -> &str {
    digits
        .get(digits.len().saturating_sub(count)..)
        .unwrap_or(digits)
}

/// The beginnings of a text, of these lengths as far as it has them.
fn beginnings<'a>(text: &'a str, lengths: &'a [usize]) -> impl Iterator<Item = &'a str> {
    let count = text.chars().count();
    let lengths = lengths.iter().filter(move |length| **length <= count);
    lengths.map(|length| beginning(text, *length))
}

/// The longest beginning of a text that has a term.
fn longest<'a>(text: &'a str, lengths: &'a [usize]) -> &'a str {
    beginnings(text, lengths).last().unwrap_or_default()
}

fn beginning(text: &str, chars: usize) -> &str {
    let end = text
        .char_indices()
        .nth(chars)
        .map_or(text.len(), |(at, _)| at);
    text.get(..end).unwrap_or(text)
}

#[cfg(test)]
mod tests;
