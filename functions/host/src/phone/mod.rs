//! Telephone numbers as people type them: one reading for the form, for the page's preview and for
//! sending.
//!
//! The text is taken apart into digits ([`typed`]), the digits are read in all ways that make sense
//! ([`reading`]) by the numbering plans ([`plan`]), and [`refused`] says whether the number found
//! receives text messages.

mod plan;
mod reading;
mod refused;
mod typed;

#[cfg(test)]
mod tests;

use sightline_wire::api::{NumberFault, NumberReading, Texting};

pub use refused::{BadEntry, RefusedNumbers};

/// Reads a typed number. `region` is the chosen country; an unknown one counts for nothing.
///
/// # Errors
/// Why it is no number.
pub(crate) fn read(
    typed: &str,
    region: &str,
    refused: &RefusedNumbers,
) -> Result<NumberReading, NumberFault> {
    let found = reading::reading(&typed::typed(typed)?, plan::country(region))?;
    let texting = match found.other {
        Some(_) => Texting::TwoReadings,
        None => refused.texting(&found.read),
    };
    Ok(NumberReading {
        read: found.read,
        texting,
        other: found.other,
    })
}

/// Loads the tables of all countries. Otherwise the first number does, on a small share of a
/// processor.
pub fn load_countries() {
    // Any number loads them.
    let _ = plan::international("4915123456789");
}
