//! The text message of an invite: one segment of 160 GSM-7 characters (3GPP TS 23.038, section
//! 6.2.1), or two segments of UCS-2 (section 6.2.3) in a language that GSM-7 cannot write.
//!
//! In GSM-7 only characters of the basic alphabet are used, so that one character is one septet.
//! Other characters of the business's name are replaced. A name that is too long is shortened. The
//! link is never cut.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use sightline_wire::Language;

/// Characters of one segment of GSM-7, and of each of several: a header says which one it is.
const GSM_7: (usize, usize) = (160, 153);

/// UTF-16 units of one segment of UCS-2, and of each of several.
const UCS_2: (usize, usize) = (70, 67);

/// Shortest name that is still recognizable. Names are not cut below it, even if the message then
/// takes several segments.
const NAME_MIN: usize = 8;

/// Language and text before the link; `{}` stands for the business. The link follows after a space.
///
/// Accents that GSM-7 lacks (Spanish á í ó ú, Portuguese ã ç ê) are avoided by the choice of words.
const TEMPLATES: [(&str, &str); 9] = [
    ("en", "{} invites you to a video call. Tap to join:"),
    (
        "de",
        "{} lädt Sie zu einem Videogespräch ein. Zum Teilnehmen tippen:",
    ),
    (
        "fr",
        "{} vous invite à un appel vidéo. Touchez pour participer :",
    ),
    ("es", "{} le invita a una videollamada. Toque para entrar:"),
    (
        "it",
        "{} la invita a una videochiamata. Tocchi per entrare:",
    ),
    ("pt", "{} convida para uma videochamada. Toque para entrar:"),
    (
        "nl",
        "{} nodigt u uit voor een videogesprek. Tik om mee te doen:",
    ),
    ("ar", "تدعوك {} إلى مكالمة فيديو. اضغط للانضمام:"),
    ("he", "הזמנה מאת {} לשיחת וידאו. להצטרפות הקישו:"),
];

/// GSM-7's basic alphabet without its control characters.
const ALPHABET: &str = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

/// Returns the languages that have a template.
#[must_use]
pub fn languages() -> Vec<Language> {
    TEMPLATES
        .iter()
        .filter_map(|(language, _)| Language::new(language).ok())
        .collect()
}

/// Returns the message; `None` if the language has no template.
#[must_use]
pub fn text(language: &Language, business: &str, link: &str) -> Option<String> {
    let (_, template) = TEMPLATES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(language.as_str()))?;
    let coding = Coding::of(template);
    let fixed = coding.length(template) - "{}".len() + 1 + coding.length(link);
    let room = coding.most().saturating_sub(fixed).max(NAME_MIN);
    let mut name = match coding {
        Coding::Gsm7 => in_alphabet(business),
        Coding::Ucs2 => plain(business),
    };
    if name.is_empty() {
        name = host_of(link).to_owned();
    }
    Some(format!(
        "{} {link}",
        template.replace("{}", &shortened(&name, room, coding))
    ))
}

/// Returns how many segments a text takes. Each of them is charged.
#[must_use]
pub fn segments(text: &str) -> u32 {
    let coding = Coding::of(text);
    let (alone, each) = coding.segment();
    let length = coding.length(text);
    let segments = if length <= alone {
        1
    } else {
        length.div_ceil(each)
    };
    u32::try_from(segments).unwrap_or(u32::MAX)
}

/// How a message is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gsm7,
    Ucs2,
}

impl Coding {
    /// One character that GSM-7 lacks makes the whole message UCS-2. (`{}` stands for a name.)
    fn of(text: &str) -> Self {
        let fits = |character| ALPHABET.contains(character) || matches!(character, '{' | '}');
        match text.chars().all(fits) {
            true => Self::Gsm7,
            false => Self::Ucs2,
        }
    }

    const fn segment(self) -> (usize, usize) {
        match self {
            Self::Gsm7 => GSM_7,
            Self::Ucs2 => UCS_2,
        }
    }

    /// Most that a message may take: one segment, or two of UCS-2.
    const fn most(self) -> usize {
        match self {
            Self::Gsm7 => GSM_7.0,
            Self::Ucs2 => 2 * UCS_2.1,
        }
    }

    fn length(self, text: &str) -> usize {
        match self {
            Self::Gsm7 => text.chars().count(),
            Self::Ucs2 => text.encode_utf16().count(),
        }
    }

    /// Returns as many whole characters from the beginning as fit.
    fn beginning(self, text: &str, room: usize) -> &str {
        let mut ends = text
            .char_indices()
            .map(|(at, character)| at + character.len_utf8());
        let fits = |end: &usize| {
            text.get(..*end)
                .is_some_and(|part| self.length(part) <= room)
        };
        let end = ends.by_ref().take_while(fits).last().unwrap_or(0);
        text.get(..end).unwrap_or_default()
    }
}

/// Returns the name without what cannot be seen, since it could reorder the words around it; empty
/// if it has no letter or digit.
fn plain(name: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}' | '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
            || matches!(c, '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(name);
    let spaced = composed.split_whitespace().collect::<Vec<_>>().join(" ");
    let seen: String = spaced.chars().filter(|c| !hidden(*c)).collect();
    if seen.chars().any(char::is_alphanumeric) {
        seen
    } else {
        String::new()
    }
}

/// Returns the name in characters of the alphabet; empty if no letter or digit can be written.
fn in_alphabet(name: &str) -> String {
    let mut written = String::new();
    for character in ComposingNormalizerBorrowed::new_nfc()
        .normalize(name)
        .chars()
    {
        if ALPHABET.contains(character) {
            written.push(character);
            continue;
        }
        match replacement(character) {
            "" => written.push_str(&base(character)),
            known => written.push_str(known),
        }
    }
    let words: Vec<&str> = written.split_whitespace().collect();
    let joined = words.join(" ");
    if joined.chars().any(char::is_alphanumeric) {
        joined
    } else {
        String::new()
    }
}

/// Returns what the alphabet has of a letter with marks, a full-width letter or a ligature (UAX
/// #15, compatibility decomposition).
fn base(character: char) -> String {
    let whole = character.to_string();
    let parts = DecomposingNormalizerBorrowed::new_nfkd().normalize(&whole);
    parts
        .chars()
        .filter(|part| ALPHABET.contains(*part))
        .collect()
}

/// Returns how a character is written that does not decompose.
fn replacement(character: char) -> &'static str {
    match character {
        'đ' | 'ð' => "d",
        'Đ' | 'Ð' => "D",
        'ı' => "i",
        'ł' => "l",
        'Ł' => "L",
        'œ' => "oe",
        'Œ' => "OE",
        'þ' => "th",
        'Þ' => "Th",
        'ẞ' => "ß",
        '€' => "EUR",
        '‘' | '’' | '‚' | '`' | '´' => "'",
        '“' | '”' | '„' | '«' | '»' => "\"",
        '–' | '—' | '‐' | '‑' | '−' | '~' => "-",
        '[' | '{' => "(",
        ']' | '}' => ")",
        '|' | '\\' | '·' | '•' => "/",
        '\t' | '\n' | '\r' => " ",
        _ => "",
    }
}

/// Shortens a name to `room`: after a word if that keeps at least half, else within one.
fn shortened(name: &str, room: usize, coding: Coding) -> String {
    if coding.length(name) <= room {
        return name.to_owned();
    }
    let cut = coding.beginning(name, room);
    if let Some((words, _)) = cut.rsplit_once(' ')
        && coding.length(words) * 2 >= room
    {
        return words.trim_end_matches([' ', ',', '&', '-']).to_owned();
    }
    let mut stump = coding.beginning(name, room - 1).to_owned();
    stump.push('.');
    stump
}

/// Returns the host name of a link, for a business whose name cannot be written.
fn host_of(link: &str) -> &str {
    let rest = link.split_once("://").map_or(link, |(_, rest)| rest);
    rest.split(['/', ':', '#']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "https://help.example-company.com/j#AAAAAAAAAAAAAAAAAAAAAA";
    const CLOUD: &str = "https://d1234567890abc.cloudfront.net/j#AAAAAAAAAAAAAAAAAAAAAA";

    fn check(business: &str, link: &str) -> Vec<String> {
        let write = |language: Language| {
            let text = text(&language, business, link).unwrap();
            assert!(text.ends_with(&format!(" {link}")), "{text}");
            let (strange, most): (String, _) = match language.as_str() {
                "ar" | "he" => (String::new(), 2),
                _ => (text.chars().filter(|c| !ALPHABET.contains(*c)).collect(), 1),
            };
            assert_eq!(strange, "", "{language:?}: not in GSM-7");
            let segments = segments(&text);
            assert!(segments <= most, "{language:?}: {segments}: {text}");
            text
        };
        languages().into_iter().map(write).collect()
    }

    #[test]
    fn every_language_fits_one_segment_of_gsm_7_or_two_of_ucs_2() {
        assert!(languages().len() >= 6);
        for link in [LINK, CLOUD] {
            for text in check("Example", link) {
                assert!(text.contains("Example "), "{text}");
            }
            check(
                "مؤسسة التأمين الوطنية لخدمات المركبات والمنازل والأعمال",
                link,
            );
            check(&"😀".repeat(90), link);
            check(&"Long name ".repeat(30), link);
            check(&"Unbroken".repeat(30), link);
        }
    }

    #[test]
    fn a_long_name_is_shortened_after_a_word() {
        let text = &check(
            "Northern Mutual Insurance Company of the Whole United Kingdom",
            LINK,
        )[0];
        assert!(
            text.starts_with("Northern Mutual Insurance Company of the Whole"),
            "{text}"
        );
        let text = &check(
            "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft",
            LINK,
        )[1];
        assert!(
            text.starts_with("Donaudampf") && text.contains(". lädt Sie"),
            "{text}"
        );
    }

    #[test]
    fn a_name_is_written_in_gsm_7_as_well_as_it_can_be() {
        for (business, written) in [
            ("Müller & Söhne", "Müller & Söhne "),
            ("Żółw – Łódź", "Zolw - Lodz "),
            ("Café “Été” [1]", "Café \"Été\" (1) "),
            ("東京サポート", "help.example-company.com "),
            ("Help 🚀 Desk", "Help Desk "),
            ("€-Service", "EUR-Service "),
            ("Mu\u{308}ller & So\u{308}hne", "Müller & Söhne "),
            ("Z\u{307}o\u{301}\u{142}w", "Zolw "),
            ("Việt Nam", "Viet Nam "),
            ("Ｓｉｇｈｔ ﬁrst", "Sight first "),
            ("Ada\u{335}\u{335}\u{335} x\u{302}", "Ada x "),
        ] {
            let text = &check(business, LINK)[0];
            assert!(text.starts_with(written), "{text}");
        }
    }

    #[test]
    fn right_to_left_messages_keep_the_name_and_lose_what_cannot_be_seen() {
        let write =
            |language, business| text(&Language::new(language).unwrap(), business, LINK).unwrap();
        let arabic = write("ar", "شركة\u{202e} النور\u{200f}  للتأمين");
        assert!(arabic.contains("تدعوك شركة النور للتأمين إلى"), "{arabic}");
        let hebrew = write("he", "Müller \u{2066}& Söhne");
        assert!(hebrew.contains("מאת Müller & Söhne לשיחת"), "{hebrew}");
        assert!(write("he", "\u{200b}!").contains("מאת help.example-company.com"));
    }

    #[test]
    fn segments_are_counted_as_they_are_charged() {
        for (letter, alone, each) in [("a", 160, 153), ("א", 70, 67), ("😀", 35, 33)] {
            for (letters, most) in [(1, 1), (alone, 1), (alone + 1, 2), (2 * each, 2)] {
                assert_eq!(
                    segments(&letter.repeat(letters)),
                    most,
                    "{letter} {letters}"
                );
            }
            assert_eq!(segments(&letter.repeat(2 * each + 2)), 3, "{letter}");
        }
        assert_eq!(segments(""), 1);
        let mixed = format!("{}א", "a".repeat(70));
        assert_eq!(segments(&mixed), 2, "one letter makes all of it UCS-2");
    }

    #[test]
    fn a_language_without_a_template_has_no_message() {
        assert_eq!(text(&Language::new("ja").unwrap(), "x", LINK), None);
        assert!(text(&Language::new("EN").unwrap(), "x", LINK).is_some());
    }
}
