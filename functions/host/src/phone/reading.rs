//! Which number the digits mean. Where digits can be read in more than one way, all readings are
//! compared: one that a known range has wins over one that none has.

use rlibphonenumber::Region;
use sightline_wire::api::{NumberFault, NumberRead};

use super::plan::{self, Found};
use super::typed::Typed;

/// The number, and the other one that was perhaps meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reading {
    pub(super) read: NumberRead,
    pub(super) other: Option<NumberRead>,
}

/// Reads a number.
///
/// # Errors
/// Why no reading is a possible number. The first reading's reason counts.
pub(super) fn reading(typed: &Typed, region: Option<Region>) -> Result<Reading, NumberFault> {
    let ways = if typed.plus {
        behind_plus(typed)
    } else {
        dialled(typed, region)
    };
    let mut possible: Vec<Found> = Vec::new();
    let mut fault = NumberFault::Country;
    for (index, way) in ways.into_iter().enumerate() {
        match way {
            Ok(found) => possible.push(found),
            Err(why) if index == 0 => fault = why,
            Err(_) => {}
        }
    }
    let assigned = possible.iter().position(Found::is_assigned);
    if possible.is_empty() {
        return Err(fault);
    }
    let first = possible.swap_remove(assigned.unwrap_or(0));
    let differs = |found: &Found| found.is_assigned() && found.read.number != first.read.number;
    let other = possible.into_iter().find(differs);
    let other = other.filter(|other| first.is_assigned() && !is_written_as(typed, &first, other));
    Ok(Reading {
        read: first.read,
        other: other.map(|other| other.read),
    })
}

/// Whether the typed groups are those of the first number's country, and not those of the other
/// number with its country code in front.
fn is_written_as(typed: &Typed, first: &Found, other: &Found) -> bool {
    let [_, behind_code] = &other.groups;
    let as_other = typed.groups.get(1..) == Some(behind_code);
    typed.groups.len() > 1 && first.groups.contains(&typed.groups) && !as_other
}

type Ways = Vec<Result<Found, NumberFault>>;

/// Readings of a number with a plus.
fn behind_plus(typed: &Typed) -> Ways {
    // No country code begins with 0, so zeros behind the plus are an exit prefix.
    let doubled = typed.digits.starts_with(EXIT);
    let skipped = if doubled { EXIT.len() } else { 0 };
    with_and_without_zero(typed, skipped, plan::international)
}

/// Readings of a number as somebody dials it in a country.
fn dialled(typed: &Typed, region: Option<Region>) -> Ways {
    let mut ways = Ways::new();
    if let Some(region) = region {
        ways.extend(with_and_without_zero(typed, 0, |digits| {
            plan::inside(region, digits)
        }));
        if let Some(code) = plan::country_code(region) {
            // The country's exit prefix, or its code, may also be where a national number begins.
            ways.push(plan::international(&format!("{code}{}", typed.digits)));
            if typed.digits.starts_with(&code) {
                ways.extend(with_and_without_zero(typed, 0, plan::international));
            }
        }
    }
    // Most countries dial 00 to reach another one (ITU-T E.164, section 9), and people who come
    // from there write it everywhere.
    if typed.digits.starts_with(EXIT) {
        ways.extend(with_and_without_zero(
            typed,
            EXIT.len(),
            plan::international,
        ));
    }
    ways
}

const EXIT: &str = "00";

/// Reads digits. A zero in brackets is dialled inside the country only, except where it belongs to
/// the number (as in Italy): both are tried.
fn with_and_without_zero(
    typed: &Typed,
    skipped: usize,
    read: impl Fn(&str) -> Result<Found, NumberFault>,
) -> Ways {
    let digits = &typed.digits;
    let mut ways = vec![read(digits.get(skipped..).unwrap_or_default())];
    if let Some(zero) = typed.zero_in_brackets.filter(|zero| *zero > skipped) {
        let mut shorter = digits.clone();
        shorter.remove(zero);
        ways.push(read(shorter.get(skipped..).unwrap_or_default()));
    }
    ways
}
