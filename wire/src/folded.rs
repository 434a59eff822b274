//! What a text is to somebody who searches: without case, marks and what does not show.
//!
//! Full case folding (Unicode Standard, section 3.13, and CaseFolding.txt) on compatible forms
//! (NFKD), so that "Straße" is "STRASSE" and a Greek sigma is one letter at every place of a word.
//! The Turkish dotless i is an i. Marks that people leave out when they type are left out: accents
//! of Latin, Greek and Cyrillic letters, Hebrew points, Arabic vowels and the tatweel. Vowels of
//! Indic scripts stay, since words differ by them alone.

use icu_normalizer::DecomposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

use crate::seen::{is_unseen, seen};
use crate::{DisplayName, Reference};

/// Words of a name by which it is found.
pub const WORDS_MAX: usize = 4;

impl Reference {
    /// Returns the reference as it is searched for.
    #[must_use]
    pub fn folded(&self) -> String {
        folded(self.as_str())
    }
}

impl DisplayName {
    /// Returns the words by which a person is found, the first [`WORDS_MAX`].
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut words = words(self.as_str());
        words.truncate(WORDS_MAX);
        words
    }
}

/// Folds a text. Spaces of every kind become one space, and none is at an end.
#[must_use]
pub fn folded(text: &str) -> String {
    let nfkd = DecomposingNormalizerBorrowed::new_nfkd();
    let shown: String = seen(text).chars().filter(|c| !is_unseen(*c)).collect();
    let caseless: String = nfkd.normalize(&shown).chars().flat_map(caseless).collect();
    let bare: String = nfkd
        .normalize(&caseless)
        .chars()
        .filter(|c| !is_left_out(*c))
        .collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Splits a text into folded words: between spaces and punctuation, but not at an apostrophe, which
/// is left out. A symbol is a letter here, so that a name of emoji has a word.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    let folded = folded(&text.replace(APOSTROPHES, ""));
    let words = folded.split(is_between).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// Apostrophes of keyboards and typesetters, and letters that are written for them.
const APOSTROPHES: [char; 6] = ['\'', '`', '\u{2018}', '\u{2019}', '\u{02BC}', '\u{FF07}'];

/// One character, case folded. Each is taken by itself: at the end of a word a sigma would
/// otherwise become another letter.
fn caseless(c: char) -> impl Iterator<Item = char> {
    let lower = c.to_lowercase();
    let upper = lower.flat_map(char::to_uppercase);
    upper.flat_map(char::to_lowercase)
}

const fn is_left_out(c: char) -> bool {
    matches!(c,
        '\u{0300}'..='\u{036F}'
        | '\u{0591}'..='\u{05BD}' | '\u{05BF}' | '\u{05C1}'..='\u{05C2}' | '\u{05C4}'..='\u{05C5}'
        | '\u{05C7}'
        | '\u{0640}' | '\u{064B}'..='\u{065F}' | '\u{0670}')
}

fn is_between(c: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    let between = GeneralCategoryGroup::Punctuation.union(GeneralCategoryGroup::Separator);
    c.is_whitespace() || between.contains(category)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every line of Unicode's CaseFolding.txt with status C, F, S or T would be too much to read
    /// here; the file has what Python's `str.casefold` makes of each character that it changes.
    const FOLDINGS: &str = include_str!("../tests/case_folding.txt");

    fn hex(text: &str) -> String {
        let scalars = text.split('+');
        let scalars = scalars.map(|hex| u32::from_str_radix(hex, 16).unwrap());
        scalars.map(|code| char::from_u32(code).unwrap()).collect()
    }

    #[test]
    fn every_character_that_unicode_folds_is_found_by_its_folding_and_its_cases() {
        let mut count = 0;
        for line in FOLDINGS.lines().filter(|line| !line.starts_with('#')) {
            let (from, to) = line.split_once(' ').unwrap();
            let (from, to) = (hex(from), hex(to));
            assert_eq!(folded(&from), folded(&to), "{from:?}");
            assert_eq!(folded(&from.to_uppercase()), folded(&from), "{from:?}");
            assert_eq!(folded(&from.to_lowercase()), folded(&from), "{from:?}");
            count += 1;
        }
        assert!(count > 1_400, "{count}");
    }

    #[test]
    fn names_are_found_however_they_are_typed() {
        for (typed, wanted) in [
            ("STRASSE", "straße"),
            ("STRAẞE", "Straße"),
            ("isik", "IŞIK"),
            ("isik", "Işık"),
            ("istanbul", "İSTANBUL"),
            ("οδυσσευσ", "Ὀδυσσεύς"),
            ("ΟΔΥΣΣΕΥΣ", "Ὀδυσσεύς"),
            ("محمد", "مُحَمَّد"),
            ("محمد", "مـحـمـد"),
            ("احمد", "أَحْمَد"),
            ("שלום", "שָׁלוֹם"),
            ("muller", "Müller"),
            ("jose", "Jose\u{301}"),
            ("nguyen thi hang", "Nguyễn Thị Hằng"),
            ("ﬁona", "Fiona"),
            ("Ａｄａ", "ada"),
            ("ｶﾀｶﾅ", "カタカナ"),
            ("می\u{200C}خواهم", "میخواهم"),
            ("\u{202E}Ada\u{2066}", "ada"),
            ("❤\u{FE0F}", "❤"),
            ("O’Brien", "OBrien"),
        ] {
            assert_eq!(words(typed), words(wanted), "{typed} finds {wanted}");
        }
        assert_ne!(folded("कि"), folded("की"), "vowels tell words apart");
        assert_ne!(folded("か"), folded("さ"));
        assert!(
            folded("박지민").starts_with(&folded("바")),
            "as it is typed"
        );
    }

    #[test]
    fn words_end_at_spaces_and_punctuation() {
        for (name, wanted) in [
            ("Ada Lovelace", vec!["ada", "lovelace"]),
            (" Jean-Luc\u{A0}O'Brien ", vec!["jean", "luc", "obrien"]),
            ("Smith/Jones (home)", vec!["smith", "jones", "home"]),
            ("山田・太郎", vec!["山田", "太郎"]),
            ("山田　太郎", vec!["山田", "太郎"]),
            ("Ada 🌸", vec!["ada", "🌸"]),
            ("- . /", vec![]),
        ] {
            assert_eq!(words(name), wanted, "{name:?}");
        }
        let name = DisplayName::new("one two three four five").unwrap();
        assert_eq!(name.words(), ["one", "two", "three", "four"]);
        let reference = Reference::new(" Claim\u{3000} 2026 / Ä ").unwrap();
        assert_eq!(reference.folded(), "claim 2026 / a");
    }

    #[test]
    fn folding_again_changes_nothing() {
        for c in ('\0'..=char::MAX).filter(|c| !c.is_control()) {
            let once = folded(&format!("a{c}b"));
            assert_eq!(folded(&once), once, "{c:?}");
        }
    }
}
