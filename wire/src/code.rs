//! The short code of an invite, for a person who types it.

use std::fmt;
use std::str::FromStr;

use icu_properties::props::{Dash, GeneralCategory, GeneralCategoryGroup};
use icu_properties::{CodePointMapData, CodePointSetData};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

use crate::decimal_digit;

/// A text that is not a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a code: expected {} letters and digits", InviteCode::LEN)]
pub struct NoCode;

/// A short spelling of an invite's secret: [`InviteCode::LEN`] of [`InviteCode::ALPHABET`].
///
/// It is read as people type it: in either case, in full-width letters, with digits of any script.
/// Spaces, dashes, other punctuation and invisible characters are ignored. Its `Debug` shows
/// nothing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, TS)]
#[ts(type = "string")]
pub struct InviteCode([u8; Self::LEN]);

impl InviteCode {
    /// Letters and digits in a code.
    pub const LEN: usize = 8;

    /// What a code is made of: no 0, O, 1, I or L, which are taken for each other.
    pub const ALPHABET: [u8; 31] = *b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

    /// Longest text that is read, bytes.
    pub const TYPED_BYTES_MAX: usize = 160;

    /// Spells a number, modulo the count of all codes. A number of 128 random bits makes all codes
    /// equally likely.
    #[must_use]
    pub fn of_number(number: u128) -> Self {
        let base = Self::ALPHABET.len() as u128;
        let mut rest = number;
        Self(std::array::from_fn(|_| {
            let symbol = Self::ALPHABET.get((rest % base) as usize);
            rest /= base;
            *symbol.expect("a remainder is below the count of symbols")
        }))
    }

    /// The letters and digits, without separators.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for InviteCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteCode(…)")
    }
}

impl FromStr for InviteCode {
    type Err = NoCode;

    fn from_str(typed: &str) -> Result<Self, NoCode> {
        if typed.len() > Self::TYPED_BYTES_MAX {
            return Err(NoCode);
        }
        let mut symbols = [0; Self::LEN];
        let mut places = symbols.iter_mut();
        for character in typed.chars().filter(|character| !is_ignored(*character)) {
            let symbol = symbol(character).ok_or(NoCode)?;
            *places.next().ok_or(NoCode)? = symbol;
        }
        places
            .next()
            .is_none()
            .then_some(Self(symbols))
            .ok_or(NoCode)
    }
}

impl Serialize for InviteCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for InviteCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let typed = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        typed.parse().map_err(serde::de::Error::custom)
    }
}

/// Returns the symbol that a character stands for.
fn symbol(character: char) -> Option<u8> {
    let plain = decimal_digit(character).unwrap_or_else(|| narrow(character));
    let symbol = u8::try_from(plain).ok()?.to_ascii_uppercase();
    InviteCode::ALPHABET.contains(&symbol).then_some(symbol)
}

/// Returns a full-width character of ASCII (U+FF01 to U+FF5E) as its usual form.
fn narrow(character: char) -> char {
    const AWAY: u32 = 0xFF01 - 0x21;
    match character {
        '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(character) - AWAY).unwrap_or(character),
        _ => character,
    }
}

/// Whether a character only separates others, or is not seen.
fn is_ignored(character: char) -> bool {
    /// Characters that Unicode does not count among dashes and that look like one. The long vowel
    /// marks are what the dash key of Japanese keyboards types.
    const LIKE_DASHES: [char; 4] = ['\u{02D7}', '\u{2796}', '\u{30FC}', '\u{FF70}'];
    let category = CodePointMapData::<GeneralCategory>::new().get(character);
    character.is_whitespace()
        || category == GeneralCategory::Format
        || GeneralCategoryGroup::Punctuation.contains(category)
        || CodePointSetData::new::<Dash>().contains(character)
        || LIKE_DASHES.contains(&character)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Option<String> {
        let code: InviteCode = typed.parse().ok()?;
        Some(code.as_str().to_owned())
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for typed in [
            "ABCD2345",
            "abcd2345",
            "AbCd-2345",
            "  a b c d 2 3 4 5 ",
            "ABCD2345\r\n",
            "\tABCD\u{a0}2345",
            "ABCD\u{2010}2345",
            "ABCD\u{2011}2345",
            "ABCD\u{2013}2345",
            "ABCD \u{2014} 2345",
            "ABCD\u{2212}2345",
            "ABCD\u{30fc}2345",
            "ABCD\u{ff0d}2345",
            "ABCD\u{ad}2345",
            "\u{feff}ABCD\u{200b}2345\u{200e}",
            "ABCD_2345.",
            "\u{201c}ABCD 2345\u{201d}",
            "ABCD２３４５",
            "ＡＢＣＤ２３４５",
            "ａｂｃｄ－２３４５",
            "ABCD٢٣٤٥",
            "ABCD२३४५",
        ] {
            assert_eq!(read(typed).as_deref(), Some("ABCD2345"), "{typed:?}");
        }
    }

    #[test]
    fn every_dash_and_space_of_unicode_separates() {
        // What Node.js 20 (ICU, Unicode 17) matches with \p{Dash} and \p{White_Space}.
        const ALL: &str = "2d 58a 5be 1400 1806 2010 2011 2012 2013 2014 2015 2053 207b 208b 2212 \
            2e17 2e1a 2e3a 2e3b 2e40 2e5d 301c 3030 30a0 fe31 fe32 fe58 fe63 ff0d 10d6e 10ead 9 a b \
            c d 20 85 a0 1680 2000 2001 2002 2003 2004 2005 2006 2007 2008 2009 200a 2028 2029 202f \
            205f 3000";
        for code in ALL.split_whitespace() {
            let mark = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
            let typed = format!("ABCD{}2345", mark.unwrap());
            assert_eq!(read(&typed).as_deref(), Some("ABCD2345"), "U+{code}");
        }
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for typed in [
            "",
            "----",
            "ABCD234",
            "ABCD23456",
            "ABCD-2345-6",
            "0BCD2345",
            "OBCD2345",
            "1BCD2345",
            "IBCD2345",
            "iBCD2345",
            "lBCD2345",
            "LBCD2345",
            "٠BCD2345",
            "１BCD2345",
            "ＯBCD2345",
            // Letters of other scripts that look like ours.
            "АBCD2345",
            "ΑBCD2345",
            "ßBCD234",
            "ABCD2345😀",
            "ABCD+2345",
            "Ä\u{308}BCD2345",
        ] {
            assert_eq!(read(typed), None, "{typed:?}");
        }
        let long = format!("ABCD{}2345", " ".repeat(InviteCode::TYPED_BYTES_MAX - 8));
        assert_eq!(read(&long).as_deref(), Some("ABCD2345"));
        assert_eq!(read(&format!(" {long}")), None);
    }

    #[test]
    fn a_code_never_has_what_is_taken_for_something_else() {
        let alphabet: String = InviteCode::ALPHABET
            .iter()
            .map(|b| char::from(*b))
            .collect();
        assert!(!alphabet.contains(['0', 'O', '1', 'I', 'L']));
        let mut sorted = InviteCode::ALPHABET;
        sorted.sort_unstable();
        assert_eq!(sorted, InviteCode::ALPHABET, "each once, in order");
    }

    #[test]
    fn numbers_are_spelt_with_all_symbols_and_differ_up_to_the_count_of_codes() {
        let all = 31u128.pow(8);
        assert_eq!(InviteCode::of_number(0).as_str(), "22222222");
        assert_eq!(InviteCode::of_number(all - 1).as_str(), "ZZZZZZZZ");
        assert_eq!(InviteCode::of_number(all), InviteCode::of_number(0));
        for number in [1, 31, 31 * 31, 31u128.pow(7), all - 2] {
            assert_ne!(
                InviteCode::of_number(number),
                InviteCode::of_number(number - 1)
            );
        }
        let code = InviteCode::of_number(u128::MAX);
        assert_eq!(code.as_str().parse(), Ok(code));
    }

    #[test]
    fn a_code_does_not_show_itself() {
        assert_eq!(format!("{:?}", InviteCode::of_number(7)), "InviteCode(…)");
    }
}
