//! The text message of an invite: one segment of 160 GSM-7 characters in every language (3GPP TS
//! 23.038, section 6.2.1).
//!
//! Only characters of the basic alphabet are used, so that one character is one septet. Other
//! characters of the business's name are replaced, and a name that is too long is shortened. The
//! link is never cut.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use sightline_wire::Language;

/// Characters of one segment.
pub const SEGMENT: usize = 160;

/// Shortest name that is still recognizable. Names are not cut below it, even if the message then
/// takes several segments.
const NAME_MIN: usize = 8;

/// Language and text before the link; `{}` stands for the business. The link follows after a space.
///
/// Accents that GSM-7 lacks (Spanish á í ó ú, Portuguese ã ç ê) are avoided by the choice of words.
const TEMPLATES: [(&str, &str); 7] = [
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
    let fixed = template.chars().count() - "{}".len() + 1 + link.chars().count();
    let room = SEGMENT.saturating_sub(fixed).max(NAME_MIN);
    let mut name = in_alphabet(business);
    if name.is_empty() {
        name = host_of(link).to_owned();
    }
    Some(format!(
        "{} {link}",
        template.replace("{}", &shortened(&name, room))
    ))
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

/// Shortens a name to `room` characters: after a word if that keeps at least half, else within one.
fn shortened(name: &str, room: usize) -> String {
    if name.chars().count() <= room {
        return name.to_owned();
    }
    let cut: String = name.chars().take(room).collect();
    if let Some((words, _)) = cut.rsplit_once(' ')
        && words.chars().count() * 2 >= room
    {
        return words.trim_end_matches([' ', ',', '&', '-']).to_owned();
    }
    let mut stump: String = name.chars().take(room - 1).collect();
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
            let strange: String = text.chars().filter(|c| !ALPHABET.contains(*c)).collect();
            assert_eq!(strange, "", "{language:?}: not in GSM-7");
            let characters = text.chars().count();
            assert!(
                characters <= SEGMENT,
                "{language:?}: {characters} characters: {text}"
            );
            text
        };
        languages().into_iter().map(write).collect()
    }

    #[test]
    fn every_language_fits_one_segment_of_gsm_7() {
        assert!(languages().len() >= 6);
        for link in [LINK, CLOUD] {
            for text in check("Example", link) {
                assert!(text.starts_with("Example "), "{text}");
            }
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
    fn a_language_without_a_template_has_no_message() {
        assert_eq!(text(&Language::new("ja").unwrap(), "x", LINK), None);
        assert!(text(&Language::new("EN").unwrap(), "x", LINK).is_some());
    }
}
