//! The numbering plans of all countries: a thin layer over the library that carries them.

use rlibphonenumber::{
    PHONE_NUMBER_UTIL, ParseError, PhoneNumber as Parsed, PhoneNumberFormat, PhoneNumberType,
    Region, ValidationError,
};
use sightline_wire::PhoneNumber;
use sightline_wire::api::{NumberFault, NumberKind, NumberRead};

/// The version of Google's libphonenumber whose tables the library carries. The reference table of
/// the tests has the same.
#[cfg(test)]
pub(super) const METADATA: &str = "9.0.42";

/// A number of the right length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) read: NumberRead,
    /// Lengths of the groups of digits as the country writes them, with and without what is dialled
    /// inside the country only.
    pub(super) groups: [Vec<usize>; 2],
}

impl Found {
    /// Whether a known range has the number.
    pub(super) fn is_assigned(&self) -> bool {
        self.read.kind != NumberKind::Unassigned
    }
}

/// Returns the country of a two-letter code.
pub(super) fn country(code: &str) -> Option<Region> {
    let region = Region::from_code(&code.trim().to_ascii_uppercase()).ok()?;
    PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
    Some(region)
}

/// Returns the digits of a country's code.
pub(super) fn country_code(region: Region) -> Option<String> {
    let code = PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
    Some(code.to_string())
}

/// Reads digits as they are dialled in a country, its exit prefix included.
pub(super) fn inside(region: Region, digits: &str) -> Result<Found, NumberFault> {
    found(digits, Some(region))
}

/// Reads digits that begin with a country code.
pub(super) fn international(digits: &str) -> Result<Found, NumberFault> {
    found(&format!("+{digits}"), None)
}

fn found(text: &str, region: Option<Region>) -> Result<Found, NumberFault> {
    let parsed = PHONE_NUMBER_UTIL.parse(text, region).map_err(not_parsed)?;
    let parsed = without_retired_prefix(&parsed).unwrap_or(parsed);
    if !PHONE_NUMBER_UTIL.is_valid_number(&parsed) {
        let possible = PHONE_NUMBER_UTIL.is_possible_number_with_reason(&parsed);
        possible.map_err(not_possible).and_then(|length| {
            // Such a number is dialled within its town only.
            let local = length == rlibphonenumber::NumberLengthType::IsPossibleLocalOnly;
            if local {
                Err(NumberFault::Short)
            } else {
                Ok(())
            }
        })?;
    }
    let written = PHONE_NUMBER_UTIL.format(&parsed, PhoneNumberFormat::E164);
    let number = PhoneNumber::new(&written).map_err(|_| match written.len() {
        0..PhoneNumber::UNITS_MIN => NumberFault::Short,
        _ => NumberFault::Long,
    })?;
    let formatted = PHONE_NUMBER_UTIL.format(&parsed, PhoneNumberFormat::International);
    let national = PHONE_NUMBER_UTIL.format(&parsed, PhoneNumberFormat::National);
    let behind_code = formatted.split_once(' ').map_or("", |(_, rest)| rest);
    Ok(Found {
        groups: [groups(&national), groups(behind_code)],
        read: NumberRead {
            number,
            region: region_of(&parsed, region),
            kind: kind(&parsed),
            formatted: formatted.into_owned(),
        },
    })
}

/// Returns the country of a number. An unassigned number has the one that was chosen, or else the
/// main one of its country code.
fn region_of(parsed: &Parsed, chosen: Option<Region>) -> Option<String> {
    let code = parsed.country_code;
    let same_code =
        |region: &Region| PHONE_NUMBER_UTIL.get_country_code_for_region(*region) == Some(code);
    let region = PHONE_NUMBER_UTIL
        .get_region_for_number(parsed)
        .or_else(|| chosen.filter(same_code))
        .or_else(|| PHONE_NUMBER_UTIL.get_region_for_country_code(code))?;
    // The library's name for services of no country is 001.
    let code = region.to_string();
    (code.len() == 2).then_some(code)
}

fn kind(parsed: &Parsed) -> NumberKind {
    match PHONE_NUMBER_UTIL.get_number_type(parsed) {
        PhoneNumberType::Mobile => NumberKind::Mobile,
        PhoneNumberType::FixedLine => NumberKind::FixedLine,
        PhoneNumberType::FixedLineOrMobile => NumberKind::FixedLineOrMobile,
        PhoneNumberType::VoIP => NumberKind::Voip,
        PhoneNumberType::TollFree => NumberKind::TollFree,
        PhoneNumberType::PremiumRate => NumberKind::PremiumRate,
        PhoneNumberType::SharedCost => NumberKind::SharedCost,
        PhoneNumberType::PersonalNumber => NumberKind::Personal,
        PhoneNumberType::Pager => NumberKind::Pager,
        PhoneNumberType::UAN => NumberKind::CompanyWide,
        PhoneNumberType::VoiceMail => NumberKind::Voicemail,
        PhoneNumberType::Unknown => NumberKind::Unassigned,
    }
}

/// Reads a number without the digits that its country once dialled before it, which people still
/// have in their contacts. Returns `None` if that is no assigned number.
fn without_retired_prefix(parsed: &Parsed) -> Option<Parsed> {
    let (_, prefixes) = RETIRED_PREFIXES
        .iter()
        .find(|(code, _)| *code == parsed.country_code)?;
    if PHONE_NUMBER_UTIL.is_valid_number(parsed) {
        return None;
    }
    let national = rlibphonenumber::get_national_significant_number_owned(parsed);
    let rests = prefixes.iter().filter_map(|one| national.strip_prefix(one));
    let mut read = rests.filter_map(|rest| {
        let text = format!("+{}{rest}", parsed.country_code);
        PHONE_NUMBER_UTIL.parse(&text, None).ok()
    });
    read.find(|parsed| PHONE_NUMBER_UTIL.is_valid_number(parsed))
}

/// Country code and prefixes. Mexico dials ten digits since August 2019, without 1 behind +52 and
/// without 01, 044 or 045 (Instituto Federal de Telecomunicaciones, Plan Técnico Fundamental de
/// Numeración).
const RETIRED_PREFIXES: [(i32, &[&str]); 1] = [(52, &["1", "01", "044", "045"])];

fn groups(written: &str) -> Vec<usize> {
    let groups = written.split(|c: char| !c.is_ascii_digit());
    let lengths = groups.map(str::len);
    lengths.filter(|length| *length > 0).collect()
}

const fn not_parsed(error: ParseError) -> NumberFault {
    match error {
        ParseError::InvalidCountryCode => NumberFault::Country,
        ParseError::TooLongNsn => NumberFault::Long,
        ParseError::TooShortNsn | ParseError::TooShortAfterIdd | ParseError::NotANumber(_) => {
            NumberFault::Short
        }
    }
}

const fn not_possible(error: ValidationError) -> NumberFault {
    match error {
        ValidationError::InvalidCountryCode => NumberFault::Country,
        ValidationError::TooShort => NumberFault::Short,
        ValidationError::InvalidLength => NumberFault::Digits,
        ValidationError::TooLong => NumberFault::Long,
    }
}
