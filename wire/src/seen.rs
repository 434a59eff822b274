//! What people see of a name: the characters that show, in their composed form.
//!
//! Names stand inside sentences and beside other names. What does not show could turn the words
//! around a name, make two names look alike, or leave a person without a name. It is removed and
//! not refused, because a person who pasted it cannot see it. `web/src/link/server/text.ts` does
//! the same, and `tests/texts.json` holds both.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::props::{
    DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup, VariationSelector,
};
use icu_properties::{CodePointMapData, CodePointSetData};

/// Combining marks on one character of a name. More would paint over the lines around it; words of
/// every script need fewer.
const MARKS_MAX: usize = 5;

/// Returns Normalization Form C (UAX #15).
pub(crate) fn composed(text: &str) -> std::borrow::Cow<'_, str> {
    ComposingNormalizerBorrowed::new_nfc().normalize(text)
}

/// Returns a name without what does not show. These stay, each once and where it has an effect:
/// variation selectors after a character, which choose the form of an emoji or of a Han character,
/// and joiners inside a word, which Persian and Indic spelling and emoji need (Unicode 16, sections
/// 23.2 and 23.4). Line separators become spaces.
pub(crate) fn seen(text: &str) -> String {
    let text = composed(text);
    let mut kept = String::with_capacity(text.len());
    let mut before = Before::Space;
    let mut marks = 0;
    for c in text.chars() {
        let kind = kind(c);
        match kind {
            Before::Unseen => continue,
            Before::Joiner if matches!(before, Before::Space | Before::Joiner) => continue,
            Before::Selector if before != Before::Base => continue,
            Before::Mark | Before::Selector => marks += 1,
            Before::Base | Before::Space => marks = 0,
            Before::Joiner => {}
        }
        if marks > MARKS_MAX {
            continue;
        }
        kept.push(if is_line_end(c) { ' ' } else { c });
        before = kind;
    }
    // What was taken out may have stood between a letter and its mark.
    composed(&kept).into_owned()
}

/// Says whether somebody who looks at a text sees anything.
pub(crate) fn shows(text: &str) -> bool {
    text.chars().any(|c| {
        let category = CodePointMapData::<GeneralCategory>::new().get(c);
        let seen = GeneralCategoryGroup::Letter
            .union(GeneralCategoryGroup::Number)
            .union(GeneralCategoryGroup::Symbol)
            .union(GeneralCategoryGroup::Punctuation);
        seen.contains(category) && kind(c) != Before::Unseen && !BLANK.contains(&c)
    })
}

/// Says whether a character has no look of its own: it is ignorable, or chooses or joins others.
pub(crate) fn is_unseen(c: char) -> bool {
    matches!(kind(c), Before::Unseen | Before::Joiner | Before::Selector)
}

/// Symbols without ink: the empty Braille pattern and the null notehead.
const BLANK: [char; 2] = ['\u{2800}', '\u{1D159}'];

/// What a character is to the one that follows it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    Base,
    Space,
    Mark,
    Selector,
    Joiner,
    Unseen,
}

fn kind(c: char) -> Before {
    if matches!(c, '\u{200C}' | '\u{200D}') {
        return Before::Joiner;
    }
    if CodePointSetData::new::<VariationSelector>().contains(c) {
        return Before::Selector;
    }
    let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c);
    if ignorable || ('\u{FFF9}'..='\u{FFFB}').contains(&c) {
        return Before::Unseen;
    }
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    if GeneralCategoryGroup::Mark.contains(category) {
        Before::Mark
    } else if GeneralCategoryGroup::Separator.contains(category) {
        Before::Space
    } else {
        Before::Base
    }
}

fn is_line_end(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names as people write them, from lists of common given names and their Unicode spelling.
    const NAMES: [&str; 14] = [
        "José",
        "Nguyễn Thị Hằng",
        "अभिषेक क्षत्रिय",
        "ശ്രീകുമാര്‍",
        "กิ่งแก้ว ศรีสุข",
        "မြွှေ့ ကျော်",
        "مُحَمَّد",
        "می\u{200C}خواهم",
        "שָׁלוֹם",
        "葛\u{E0100}城",
        "한지민",
        "བཀྲ་ཤིས་",
        "❤\u{FE0F}\u{200D}🔥 👩🏽\u{200D}💻",
        "1\u{FE0F}\u{20E3}",
    ];

    #[test]
    fn names_of_many_scripts_stay() {
        for name in NAMES {
            assert_eq!(seen(name), composed(name), "{name:?}");
            assert!(shows(name), "{name:?}");
        }
    }

    #[test]
    fn every_character_that_unicode_calls_ignorable_goes_or_stays_for_a_reason() {
        let ignorable = CodePointSetData::new::<DefaultIgnorableCodePoint>();
        let mut gone = 0;
        for c in ('\0'..=char::MAX).filter(|&c| ignorable.contains(c)) {
            assert!(!shows(&c.to_string()), "{c:?} shows nothing");
            let inside = seen(&format!("A{c}b"));
            let useful = matches!(kind(c), Before::Joiner | Before::Selector);
            assert_eq!(inside == "Ab", !useful, "{c:?} in a word");
            assert_eq!(seen(&format!(" {c}A")), " A", "{c:?} before a word");
            gone += usize::from(!useful);
        }
        // Whole blocks of the supplementary special-purpose plane are reserved as ignorable.
        assert!(gone > 3_000, "{gone}");
    }

    #[test]
    fn what_shows_nothing_is_known() {
        for blank in [
            "",
            " ",
            "\u{3164}",
            "\u{115F}",
            "\u{AD}",
            "\u{200D}",
            "\u{2800}",
            "\u{180E}",
            "\u{FE0F}",
            "\u{E0041}",
            "\u{61C}",
            "\u{A0}\u{3000}",
            "\u{301}\u{302}",
            "\u{1D159}",
            "\u{FFA0}",
            "\u{2029}",
        ] {
            assert!(!shows(&seen(blank)), "{blank:?}");
        }
        for shown in ["x", "1", "!", "€", "😀", "字", "\u{FFFD}"] {
            assert!(shows(&seen(shown)), "{shown:?}");
        }
    }

    #[test]
    fn marks_do_not_pile_up_whatever_stands_between() {
        for between in ["", "\u{200D}", "\u{FE0F}", "\u{34F}"] {
            let pile = format!("a{}", format!("\u{335}{between}").repeat(39));
            let kept = seen(&pile);
            let marks = kept.chars().filter(|&c| c == '\u{335}').count();
            assert_eq!(marks, MARKS_MAX, "{between:?}");
            assert!(
                kept.chars().count() <= 1 + 2 * MARKS_MAX,
                "{between:?}: {kept:?}"
            );
        }
    }

    #[test]
    fn a_second_look_changes_nothing() {
        let parts = [
            "a",
            "e\u{301}",
            "\u{335}",
            "\u{200D}",
            "\u{200C}",
            "\u{FE0F}",
            "\u{2028}",
            " ",
            "\u{E0101}",
            "\u{34F}",
            "\u{1112}",
            "\u{1161}",
            "\u{1F600}",
        ];
        let mut state = 1_u64;
        for _ in 0..20_000 {
            let mut text = String::new();
            for _ in 0..8 {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                text.push_str(parts[(state >> 40) as usize % parts.len()]);
            }
            let once = seen(&text);
            assert_eq!(seen(&once), once, "{text:?}");
        }
    }
}
