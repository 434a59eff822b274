//! What a person typed or pasted, taken apart into digits. Nothing here knows a numbering plan.

use percent_encoding::percent_decode_str;
use sightline_wire::api::{NumberFault, StartCall};
use sightline_wire::decimal_digit;

/// The digits of a typed number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    /// The number begins with a plus: the digits begin with a country code.
    pub(super) plus: bool,
    /// The digits, in ASCII.
    pub(super) digits: String,
    /// Lengths of the groups of digits that separators made.
    pub(super) groups: Vec<usize>,
    /// Index of a zero that stands alone in brackets behind other digits, as in `+49 (0)151`.
    pub(super) zero_in_brackets: Option<usize>,
}

/// Takes a text apart.
///
/// # Errors
/// The reason for which the text cannot be a number.
pub(super) fn typed(text: &str) -> Result<Typed, NumberFault> {
    if text.len() > StartCall::NUMBER_BYTES_MAX {
        return Err(NumberFault::Long);
    }
    let shown: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let shown = shown.trim();
    let found = match without_scheme(shown) {
        Some(address) => address_digits(address)?,
        None => digits(shown)?,
    };
    if found.digits.is_empty() {
        return Err(NumberFault::Short);
    }
    Ok(found)
}

/// Returns the rest of an address of a telephone (RFC 3966) or of text messages (RFC 5724).
fn without_scheme(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(':')?;
    let known = ["tel", "sms"];
    let is_known = known.iter().any(|one| scheme.eq_ignore_ascii_case(one));
    // Many pages write slashes, which the RFCs do not have.
    is_known.then(|| rest.strip_prefix("//").unwrap_or(rest))
}

/// Reads the address behind the scheme: a number and parameters (RFC 3966, section 3).
fn address_digits(address: &str) -> Result<Typed, NumberFault> {
    let decoded = percent_decode_str(address).decode_utf8();
    let decoded = decoded.map_err(|_| NumberFault::Signs)?;
    let mut parts = decoded.split(';');
    let number = parts.next().unwrap_or_default();
    let mut context = None;
    for parameter in parts {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match name.to_ascii_lowercase().as_str() {
            "ext" | "isub" => return Err(NumberFault::Extension),
            "phone-context" => context = Some(value),
            // A parameter may change which telephone is meant.
            _ => return Err(NumberFault::Letters),
        }
    }
    let mut found = digits(number)?;
    let Some(context) = context else {
        return Ok(found);
    };
    // A local number counts within its context: a country code, or a company's domain, which no
    // text message reaches.
    let context = digits(context)?;
    if found.plus || !context.plus {
        return Err(NumberFault::Signs);
    }
    found.plus = true;
    found.digits.insert_str(0, &context.digits);
    found.groups.insert(0, context.digits.len());
    found.zero_in_brackets = found.zero_in_brackets.map(|at| at + context.digits.len());
    Ok(found)
}

fn digits(text: &str) -> Result<Typed, NumberFault> {
    let mut found = Typed::default();
    let mut group = 0;
    // Where the newest bracket opened, in digits.
    let mut opened = None;
    for (at, character) in text.char_indices() {
        if let Some(digit) = decimal_digit(character) {
            found.digits.push(digit);
            group += 1;
            continue;
        }
        let kind = sign(character);
        if kind == Sign::Key {
            // The keycap of an emoji belongs to the digit before it.
            continue;
        }
        found.groups.extend((group > 0).then_some(group));
        group = 0;
        match kind {
            Sign::Plus if found.digits.is_empty() => found.plus = true,
            Sign::Open => opened = Some(found.digits.len()),
            Sign::Close => {
                let inside = opened.take().and_then(|from| found.digits.get(from..));
                if inside == Some("0") && found.digits.len() > 1 {
                    found.zero_in_brackets = Some(found.digits.len() - 1);
                }
            }
            Sign::Separator | Sign::Key => {}
            Sign::Plus | Sign::Other => {
                return Err(fault(text.get(at..).unwrap_or_default(), &found.digits));
            }
        }
    }
    found.groups.extend((group > 0).then_some(group));
    Ok(found)
}

/// Returns why a number cannot go on like this.
fn fault(rest: &str, digits: &str) -> NumberFault {
    if digits.len() >= DIGITS_BEFORE_EXTENSION && is_extension(rest) {
        return NumberFault::Extension;
    }
    match rest.chars().next() {
        Some(character) if character.is_alphanumeric() => NumberFault::Letters,
        _ => NumberFault::Signs,
    }
}

/// Fewer digits are no number that could have an extension.
const DIGITS_BEFORE_EXTENSION: usize = 4;

/// Whether the text is a word or sign for an extension, and its digits.
fn is_extension(rest: &str) -> bool {
    let rest = rest.to_lowercase();
    let word_ends = rest
        .find(|c| decimal_digit(c).is_some())
        .unwrap_or(rest.len());
    let (word, number) = rest.split_at(word_ends);
    let word = word.trim_matches(|c| sign(c) == Sign::Separator || c == ':');
    let words = EXTENSION_WORDS.contains(&word);
    words && !number.is_empty() && number.chars().all(|c| decimal_digit(c).is_some())
}

const EXTENSION_WORDS: [&str; 16] = [
    "x",
    "ext",
    "extn",
    "extension",
    "#",
    ",",
    ",,",
    ";",
    "dw",
    "poste",
    "int",
    "anexo",
    "ramal",
    "доб",
    "вн",
    "内線",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Plus,
    Open,
    Close,
    Separator,
    Key,
    Other,
}

fn sign(character: char) -> Sign {
    match character {
        '+' | '\u{FF0B}' | '\u{FE62}' => Sign::Plus,
        '(' | '[' | '\u{FF08}' | '\u{FF3B}' => Sign::Open,
        ')' | ']' | '\u{FF09}' | '\u{FF3D}' => Sign::Close,
        '-' | '.' | '/' | '~' => Sign::Separator,
        // Dashes, the minus sign, middle dots, the wide forms of all these, and the sign for a long
        // vowel, which Japanese keyboards give for a dash.
        '\u{B7}' | '\u{2010}'..='\u{2015}' | '\u{2022}' | '\u{2043}' | '\u{2053}' => {
            Sign::Separator
        }
        '\u{2212}' | '\u{2215}' | '\u{2219}' | '\u{223C}' | '\u{22C5}' | '\u{30FB}'
        | '\u{30FC}' => Sign::Separator,
        '\u{FE58}' | '\u{FE63}' | '\u{FF0D}'..='\u{FF0F}' | '\u{FF5E}' | '\u{301C}' => {
            Sign::Separator
        }
        '\u{20E3}' => Sign::Key,
        _ if character.is_whitespace() => Sign::Separator,
        _ => Sign::Other,
    }
}

/// Marks without a shape: direction controls, joiners, soft hyphens, variation selectors (Unicode
/// 16, sections 23.2, 23.4 and 23.8). They come with text that was copied.
const fn is_invisible(character: char) -> bool {
    matches!(character, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}')
}
