//! Kinds and countries of numbers that a deployment sends no text messages to.

use sightline_wire::PhoneNumber;
use sightline_wire::api::{NumberKind, NumberRead, Texting};

use super::plan;

/// What a deployment refuses beyond the kinds that are never texted anywhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RefusedNumbers {
    kinds: Vec<NumberKind>,
    /// Two letters of ISO 3166-1 each.
    regions: Vec<String>,
}

/// Kinds that cost the deployment or the receiver more than a message, and that fraud aims at.
const NEVER_TEXTED: [NumberKind; 4] = [
    NumberKind::PremiumRate,
    NumberKind::SharedCost,
    NumberKind::Personal,
    NumberKind::TollFree,
];

/// An entry that is neither a kind of number nor a country.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is neither a kind of number, such as voip, nor a country, such as KP")]
pub struct BadEntry(pub String);

impl RefusedNumbers {
    /// Parses a list with commas of kinds (the words of the protocol) and countries (two letters of
    /// ISO 3166-1), such as `fixed_line, voip, KP`. Empty entries are skipped.
    ///
    /// # Errors
    /// The first entry that is neither.
    pub fn parse(list: &str) -> Result<Self, BadEntry> {
        let mut refused = Self::default();
        for entry in list.split(',').map(str::trim) {
            let word = serde_json::Value::from(entry.to_ascii_lowercase());
            if entry.is_empty() {
                continue;
            } else if plan::country(entry).is_some() {
                refused.regions.push(entry.to_ascii_uppercase());
            } else if let Ok(kind) = serde_json::from_value(word) {
                refused.kinds.push(kind);
            } else {
                return Err(BadEntry(entry.to_owned()));
            }
        }
        Ok(refused)
    }

    /// Returns whether a number receives text messages.
    pub(super) fn texting(&self, read: &NumberRead) -> Texting {
        if let Some(refused) = self.refusal(read) {
            return refused;
        }
        match read.kind {
            NumberKind::Unassigned => Texting::Unassigned,
            NumberKind::FixedLine => Texting::FixedLine,
            NumberKind::Pager | NumberKind::CompanyWide | NumberKind::Voicemail => {
                Texting::NoTelephone
            }
            _ => Texting::Usual,
        }
    }

    /// Returns the refusal of a stored number, if it must not receive text messages.
    pub(crate) fn refusal_of(&self, number: &PhoneNumber) -> Option<Texting> {
        let digits = number.as_str().strip_prefix('+')?;
        self.refusal(&plan::international(digits).ok()?.read)
    }

    fn refusal(&self, read: &NumberRead) -> Option<Texting> {
        let in_region = |region: &String| self.regions.contains(region);
        if NEVER_TEXTED.contains(&read.kind) || self.kinds.contains(&read.kind) {
            return Some(Texting::KindRefused);
        }
        let refused = read.region.as_ref().is_some_and(in_region);
        refused.then_some(Texting::RegionRefused)
    }
}
