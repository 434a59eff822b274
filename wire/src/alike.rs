//! Names that one person may take for another's.
//!
//! Whole names are compared, because people share parts of them: a customer may be called Miller
//! when the business is. The comparison is that of UTS #39, section 4 ("confusable" strings), with
//! Unicode's table of characters that look alike, on compatible forms (NFKC) without spaces,
//! punctuation and symbols. Upper case makes other characters look alike than lower case (I and l,
//! but not i and l), so names are compared as written, and in capitals, small letters and both.

use std::collections::BTreeSet;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use unicode_security::skeleton;

/// Says whether somebody may take one name for the other.
pub(crate) fn alike(one: &str, other: &str) -> bool {
    !looks(one).is_disjoint(&looks(other))
}

/// Returns what a name looks like, in each case.
fn looks(name: &str) -> BTreeSet<String> {
    // These would become letters.
    let marked = name.replace(['\u{2122}', '\u{2120}'], " ");
    let compatible = ComposingNormalizerBorrowed::new_nfkc().normalize(&marked);
    // Some characters look like one letter and are compatible with another.
    let forms = [marked.as_str(), &compatible];
    let cased = forms.into_iter().flat_map(|name| {
        [
            name.to_owned(),
            name.to_uppercase(),
            name.to_lowercase(),
            titled(name),
        ]
    });
    cased.map(|name| look(&name)).collect()
}

/// Returns the skeleton of a name without what separates its words and decorates it. A name that
/// has nothing else keeps it.
fn look(name: &str) -> String {
    let whole: String = skeleton(name).filter(|c| !c.is_whitespace()).collect();
    let bare: String = whole.chars().filter(|&c| spells(c)).collect();
    if bare.is_empty() { whole } else { bare }
}

fn spells(c: char) -> bool {
    let spelling = GeneralCategoryGroup::Letter
        .union(GeneralCategoryGroup::Number)
        .union(GeneralCategoryGroup::Mark);
    spelling.contains(CodePointMapData::<GeneralCategory>::new().get(c))
}

/// Returns a name with capitals where words begin.
fn titled(name: &str) -> String {
    let mut titled = String::with_capacity(name.len());
    let mut inside = false;
    for c in name.chars() {
        if inside {
            titled.extend(c.to_lowercase());
        } else {
            titled.extend(c.to_uppercase());
        }
        inside = spells(c);
    }
    titled
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Letters and the characters that Unicode's `confusables.txt` lists for them.
    const LETTERS: &str = include_str!("../tests/confusable_letters.txt");

    /// Names of different people, in many scripts, from lists of common names.
    const PEOPLE: &str = include_str!("../tests/people.txt");

    #[track_caller]
    fn taken(name: &str, by: &str) {
        assert!(alike(name, by), "{name:?} and {by:?}");
        assert!(alike(by, name), "{by:?} and {name:?}");
    }

    #[test]
    fn a_name_is_its_own_however_it_is_written() {
        for by in [
            "Anna Miller",
            "anna miller",
            "ANNA MILLER",
            "anna  MILLER",
            "AnnaMiller",
            "Anna-Miller",
            "\"Anna Miller\"",
            "Anna Miller.",
            "Anna Miller ✔",
            "✅ Anna Miller",
            "Anna Miller™",
            "Anna Miller ®",
            "Ａｎｎａ Ｍｉｌｌｅｒ",
            "𝐀𝐧𝐧𝐚 𝐌𝐢𝐥𝐥𝐞𝐫",
            "Ⓐⓝⓝⓐ Ⓜⓘⓛⓛⓔⓡ",
            "Аnnа Мiller",
            "Anna MiIIer",
            "Anna Mi||er",
            "Anna M1ller",
            "ANNA M1LLER",
            "Anna Mi11er",
            "anna miIIer",
            "Anna rniller",
            "A\u{200D}nna Miller",
            "Anna\u{AD} Miller",
            "(Anna) [Miller]",
        ] {
            taken("Anna Miller", by);
            taken("ANNA MILLER", by);
        }
        taken("Agent", "ΑGENT");
        taken("Agent", "аgеnt");
        taken("Sightline", "SightIine");
        taken("Sightline", "S1GHTLINE");
        taken("Müller GmbH", "MU\u{308}LLER GMBH");
        taken("Strauß", "STRAUSS");
        taken("!!!", "!!!");
        taken("★", "★");
    }

    #[test]
    fn a_longer_or_shorter_name_is_another() {
        for by in [
            "Anna",
            "Miller",
            "A. Miller",
            "Anna Maria Miller",
            "Annа Millers",
            "Hanna Miller",
            "Anne Miller",
            "Anna Müller",
            "!!!",
            "★",
            "?",
        ] {
            assert!(!alike("Anna Miller", by), "{by}");
        }
        assert!(!alike("!!!", "???"));
        assert!(!alike("★", "☆"));
    }

    #[test]
    fn every_character_that_unicode_lists_for_a_letter_is_seen_through() {
        let mut tried = 0;
        for line in LETTERS.lines().filter(|line| !line.starts_with('#')) {
            let (letter, others) = line.split_once(' ').unwrap();
            for other in others.chars() {
                let name = |middle: &str| format!("Bus{middle}ness");
                taken(&name(letter), &name(&other.to_string()));
                tried += 1;
            }
        }
        assert!(tried > 1_000, "{tried}");
    }

    #[test]
    fn people_with_different_names_keep_them() {
        let names: Vec<&str> = PEOPLE
            .lines()
            .filter(|line| !line.starts_with('#'))
            .collect();
        let looks: Vec<_> = names.iter().map(|name| looks(name)).collect();
        for (place, one) in looks.iter().enumerate() {
            assert!(alike(names[place], names[place]));
            for (other, look) in looks.iter().enumerate().skip(place + 1) {
                assert!(
                    one.is_disjoint(look),
                    "{} and {}",
                    names[place],
                    names[other]
                );
            }
        }
        assert!(names.len() > 400, "{}", names.len());
    }
}
