//! Names that one person may take for another's.
//!
//! Whole names are compared, because people share parts of them: a customer may be called Miller
//! when the business is. The comparison is that of UTS #39, section 4 ("confusable" strings), with
//! Unicode's table of characters that look alike, on compatible forms (NFKC) without spaces,
//! punctuation and symbols. Upper case makes other characters look alike than lower case (I and l,
//! but not i and l), so names are compared as written, and in capitals, small letters and both.
//!
//! That table is made for words of one script and has no ornaments. So names are also compared
//! without marks that only decorate a letter, and with plain letters for those that Unicode has in
//! squares, circles and flags, and as small capitals.

use std::collections::BTreeSet;

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup, Script};
use unicode_security::skeleton;

use crate::seen::composed;

/// Says whether somebody may take one name for the other.
pub(crate) fn alike(one: &str, other: &str) -> bool {
    !looks(one).is_disjoint(&looks(other))
}

/// Returns what a name looks like, in each form and case.
fn looks(name: &str) -> BTreeSet<String> {
    // These would become letters.
    let marked = name.replace(['\u{2122}', '\u{2120}'], " ");
    let plain = undecorated(&marked);
    let drawn: String = plain.chars().map(drawn_letter).collect();
    // A flag may also stand beside a name.
    let flagged: String = drawn.chars().map(flag_letter).collect();
    let nfkc = ComposingNormalizerBorrowed::new_nfkc();
    let forms = BTreeSet::from([marked, plain, drawn, flagged]);
    // Some characters look like one letter and are compatible with another.
    let compatible = forms.iter().map(|form| nfkc.normalize(form).into_owned());
    let forms: BTreeSet<String> = forms.iter().cloned().chain(compatible).collect();
    let cased = forms.iter().flat_map(|name| {
        [
            name.to_owned(),
            name.to_uppercase(),
            name.to_lowercase(),
            titled(name),
        ]
    });
    let cased: BTreeSet<String> = cased.collect();
    // A sign may look like a letter, as in "A|".
    let looks = cased
        .iter()
        .flat_map(|name| [look(name), look(&bare(name))]);
    looks.collect()
}

/// Returns the skeleton of a name, bare.
fn look(name: &str) -> String {
    bare(&skeleton(name).collect::<String>())
}

/// Returns a name without what separates its words and decorates it. A name that has nothing else
/// keeps it.
fn bare(name: &str) -> String {
    let bare: String = name.chars().filter(|&c| spells(c)).collect();
    match bare.is_empty() {
        true => name.chars().filter(|c| !c.is_whitespace()).collect(),
        false => bare,
    }
}

/// Returns a name without lines, rings and dots that belong to no letter: marks of no script of
/// their own that make no other letter with the one before.
fn undecorated(name: &str) -> String {
    let belongs = |&c: &char| {
        let category = CodePointMapData::<GeneralCategory>::new().get(c);
        let is_shared = CodePointMapData::<Script>::new().get(c) == Script::Inherited;
        !(is_shared && GeneralCategoryGroup::Mark.contains(category))
    };
    composed(name).chars().filter(belongs).collect()
}

/// Returns the letter that a character shows in a square or a circle, or as a small capital.
fn drawn_letter(c: char) -> char {
    let small = SMALL_CAPITALS.iter().find(|(drawn, _)| *drawn == c);
    match c {
        '\u{1F150}'..='\u{1F169}' => in_alphabet(c, '\u{1F150}'),
        '\u{1F170}'..='\u{1F189}' => in_alphabet(c, '\u{1F170}'),
        _ => small.map_or(c, |(_, letter)| *letter),
    }
}

/// Returns the letter of a part of a flag: where a system has no flags, it shows the letter.
fn flag_letter(c: char) -> char {
    match c {
        '\u{1F1E6}'..='\u{1F1FF}' => in_alphabet(c, '\u{1F1E6}'),
        _ => c,
    }
}

fn in_alphabet(c: char, first: char) -> char {
    let place = u32::from(c) - u32::from(first);
    char::from_u32(u32::from('A') + place).unwrap_or(c)
}

/// Unicode's small capitals, which have no compatible form.
const SMALL_CAPITALS: [(char, char); 25] = [
    ('ᴀ', 'A'),
    ('ʙ', 'B'),
    ('ᴄ', 'C'),
    ('ᴅ', 'D'),
    ('ᴇ', 'E'),
    ('ꜰ', 'F'),
    ('ɢ', 'G'),
    ('ʜ', 'H'),
    ('ɪ', 'I'),
    ('ᴊ', 'J'),
    ('ᴋ', 'K'),
    ('ʟ', 'L'),
    ('ᴍ', 'M'),
    ('ɴ', 'N'),
    ('ᴏ', 'O'),
    ('ᴘ', 'P'),
    ('ꞯ', 'Q'),
    ('ʀ', 'R'),
    ('ꜱ', 'S'),
    ('ᴛ', 'T'),
    ('ᴜ', 'U'),
    ('ᴠ', 'V'),
    ('ᴡ', 'W'),
    ('ʏ', 'Y'),
    ('ᴢ', 'Z'),
];

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
            "A\u{332}n\u{332}n\u{332}a\u{332} M\u{332}iller",
            "Anna Miller|",
            "🅰🅽🅽🅰 🅼🅸🅻🅻🅴🆁",
            "🅐🅝🅝🅐 Miller 🇩🇪",
            "ᴀɴɴᴀ ᴍɪʟʟᴇʀ",
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
    fn a_mark_that_makes_no_other_letter_is_a_decoration() {
        let mut tried = 0;
        for c in '\0'..=char::MAX {
            let category = CodePointMapData::<GeneralCategory>::new().get(c);
            let is_shared = CodePointMapData::<Script>::new().get(c) == Script::Inherited;
            let name = format!("Ag{c}ent");
            if is_shared
                && GeneralCategoryGroup::Mark.contains(category)
                && composed(&name).chars().count() == 6
            {
                taken("Agent", &name);
                tried += 1;
            }
        }
        assert!(tried > 300, "{tried}");
        assert!(!alike("Muller", "Mu\u{308}ller"), "another letter");
        assert!(!alike("\u{915}", "\u{915}\u{93F}"), "another syllable");
    }

    #[test]
    fn letters_in_squares_circles_and_flags_and_small_capitals_are_letters() {
        for letter in 'A'..='Z' {
            let shown = |c: char| format!("Bus{c}ness");
            for first in [
                '\u{24B6}',
                '\u{1F130}',
                '\u{1F150}',
                '\u{1F170}',
                '\u{1F1E6}',
            ] {
                let place = u32::from(letter) - u32::from('A');
                let drawn = char::from_u32(u32::from(first) + place).unwrap();
                taken(&shown(letter), &shown(drawn));
            }
            for (drawn, _) in SMALL_CAPITALS.iter().filter(|(_, of)| *of == letter) {
                taken(&shown(letter), &shown(*drawn));
            }
        }
        taken("Agent", "🇦 🇬 🇪 🇳 🇹");
        assert!(!alike("Agent", "Anna 🇦🇹"));
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
