//! What the calls of a day count as.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Record, codec};
use crate::store_error::StoreError;

/// Numbers by their names. A name is ASCII letters, digits and `_`; one that this version does not
/// know is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    counts: BTreeMap<String, u32>,
}

impl Counts {
    /// Counts one more of a name.
    pub fn note(&mut self, name: String) {
        let count = self.counts.entry(name).or_default();
        *count = count.saturating_add(1);
    }

    /// Adds so many of a name.
    pub fn add(&mut self, name: &str, calls: u32) {
        let count = self.counts.entry(name.to_owned()).or_default();
        *count = count.saturating_add(calls);
    }

    /// Adds all of others.
    pub fn add_all(&mut self, others: &Self) {
        for (name, calls) in others.iter() {
            self.add(name, calls);
        }
    }

    /// The number of a name.
    #[must_use]
    pub fn of(&self, name: &str) -> u32 {
        self.counts.get(name).copied().unwrap_or(0)
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        let counts = self.counts.iter();
        counts.map(|(name, calls)| (name.as_str(), *calls))
    }

    /// Those whose names begin alike: the rest of each name, and its number.
    pub fn under<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a str, u32)> {
        let counts = self.counts.range(start.to_owned()..);
        let alike =
            counts.map_while(move |(name, calls)| Some((name.strip_prefix(start)?, *calls)));
        alike.filter(|(_, calls)| *calls > 0)
    }
}

impl Record for Counts {
    fn encode(&self) -> Vec<u8> {
        codec::encode(1, self)
    }

    fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        const WHAT: &str = "decode counts";
        match codec::version(WHAT, bytes)? {
            1 => codec::read(WHAT, bytes),
            v => Err(codec::newer(WHAT, v)),
        }
    }
}
