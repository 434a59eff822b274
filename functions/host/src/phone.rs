//! Parsing of telephone numbers as people type them.

use sightline_wire::PhoneNumber;
use sightline_wire::api::StartCall;

/// Parses a typed number into E.164; `None` if it is not a possible number.
pub(crate) fn e164(typed: &str, region: &str) -> Option<PhoneNumber> {
    if typed.len() > StartCall::NUMBER_BYTES_MAX {
        return None;
    }
    let typed = typed.trim();
    let abroad = typed.strip_prefix('+').or_else(|| typed.strip_prefix("00"));
    let number = match abroad {
        // No region here: the parser would strip its trunk prefix from a foreign number, such as
        // the 1 of a German mobile number that is typed in the United States. Many people write
        // the trunk zero in brackets after the country code, where it is not dialled.
        Some(rest) => phonenumber::parse(None, format!("+{}", rest.replacen("(0)", "", 1))),
        None => {
            let region = region.trim().to_ascii_uppercase().parse().ok()?;
            phonenumber::parse(Some(region), typed)
        }
    };
    let number = number.ok()?;
    if !phonenumber::is_valid(&number) || number.extension().is_some() {
        return None;
    }
    let written = number.format().mode(phonenumber::Mode::E164).to_string();
    PhoneNumber::new(&written).ok()
}

/// Loads the tables of all countries. Otherwise the first number does, which takes 0.1 s of
/// processor time: too long on a small share of a processor.
pub fn load_countries() {
    // Any number loads them.
    let _ = phonenumber::parse(None, "+4915123456789");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_of_a_region_write_them() {
        for (typed, region, wanted) in [
            ("0151 23456789", "DE", Some("+4915123456789")),
            ("+49 (0)151 23456789", "US", Some("+4915123456789")),
            ("0049 151 23456789", "de", Some("+4915123456789")),
            ("(415) 555-2671", "US", Some("+14155552671")),
            ("+44 7911 123456", "", Some("+447911123456")),
            ("07911 123456", "GB", Some("+447911123456")),
            ("06 12 34 56 78", "FR", Some("+33612345678")),
            ("+1 415 555 2671", "nowhere", Some("+14155552671")),
            ("+49 151 23456789", "US", Some("+4915123456789")),
            ("+1 415 555 2671", "DE", Some("+14155552671")),
            ("+7 912 345 67 89", "US", Some("+79123456789")),
            ("8 (912) 345-67-89", "RU", Some("+79123456789")),
            ("+39 06 6982 1234", "DE", Some("+390669821234")),
            ("0151 23456789", "nowhere", None),
            ("12", "DE", None),
            ("+49 1", "DE", None),
            ("hello", "DE", None),
            ("", "DE", None),
            ("+999999999999", "DE", None),
            ("٠١٥١", "DE", None),
        ] {
            let found = e164(typed, region);
            assert_eq!(
                found.as_ref().map(PhoneNumber::as_str),
                wanted,
                "{typed} in {region}"
            );
        }
        assert_eq!(e164(&"1".repeat(41), "DE"), None);
    }
}
