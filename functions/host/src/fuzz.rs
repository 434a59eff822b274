//! A fuzz target for each parser of outsiders' bytes: see `tests/fuzz/README.md`.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sightline_wire::api::{
    HeldUp, LinkSecret, NumberKind, OnceToken, ReadNumber, Role, SendAgain, StartCall,
};
use sightline_wire::{
    DisplayName, InviteCode, InviteSecret, MESSAGE_BYTES_MAX, SessionId, decode_page, decode_relay,
    read_json,
};

use crate::case::{CaseVerdict, verify};
use crate::{Keys, RefusedNumbers, agent_id, jpeg, phone};

const NOW_MS: u64 = 1_800_000_000_000;

/// A message of a page.
pub fn page_message(bytes: &[u8]) {
    if let Ok(said) = decode_page(bytes) {
        let again = json(&said);
        // Escapes may be longer than what they stand for.
        if again.len() <= MESSAGE_BYTES_MAX {
            assert_eq!(decode_page(&again).ok(), Some(said));
        }
    }
}

/// A message of a relay.
pub fn relay_message(bytes: &[u8]) {
    if let Ok(said) = decode_relay(bytes) {
        let again = json(&said);
        assert_eq!(decode_relay(&again).ok(), Some(said));
    }
}

/// Kinds of bodies that routes read.
const API_BODIES: u8 = 6;

/// The body of a request: the first byte chooses which.
pub fn api_body(bytes: &[u8]) {
    let Some((which, body)) = bytes.split_first() else {
        return;
    };
    match which % API_BODIES {
        0 => reads::<LinkSecret>(body),
        1 => reads::<StartCall>(body),
        2 => reads::<HeldUp>(body),
        3 => reads::<ReadNumber>(body),
        4 => reads::<SendAgain>(body),
        _ => reads::<OnceToken>(body),
    }
}

/// An uploaded picture.
pub fn picture(bytes: &[u8]) {
    if let Ok(accepted) = jpeg::accept(bytes) {
        // A profile of ours may be longer than the one that it replaces.
        assert!(accepted.bytes.len() <= bytes.len() + 512);
        let again = jpeg::accept(&accepted.bytes);
        assert_eq!(again.as_ref(), Ok(&accepted), "what is stored is accepted");
    }
}

/// A telephone number as an agent types it: the first byte chooses the country.
pub fn phone_number(bytes: &[u8]) {
    let Some((which, typed)) = bytes.split_first() else {
        return;
    };
    let regions = ["DE", "US", "GB", "IT", "NO", "SM", "", "XX"];
    let chosen = regions.iter().cycle().nth(usize::from(*which));
    let region = chosen.copied().unwrap_or_default();
    let read = |typed: &str| phone::read(typed, region, &RefusedNumbers::default());
    let Ok(reading) = read(&String::from_utf8_lossy(typed)) else {
        return;
    };
    let number = reading.read.number;
    let again = read(number.as_str());
    // A number of no known range may lose a zero then. Sending to it asks for a confirmation.
    if reading.read.kind != NumberKind::Unassigned {
        assert_eq!(again.map(|again| again.read.number), Ok(number));
    }
}

/// A cookie, or the token of a relay or of a sign-in link. None passes that was not made here.
pub fn token(bytes: &[u8]) {
    thread_local! {
        static MADE: RefCell<Option<(Keys, BTreeSet<Vec<u8>>)>> = const { RefCell::new(None) };
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    MADE.with_borrow_mut(|made| {
        let (keys, real) = made.get_or_insert_with(|| {
            let keys = Keys::from_bytes(&[7; 32]);
            let real = tokens(&keys).into_iter().collect();
            (keys, real)
        });
        let once: Option<InviteSecret> = text.parse().ok();
        let passes = keys.check_agent(text, NOW_MS).is_some()
            || keys.check_seat(SESSION, text, NOW_MS).is_some()
            || keys.check_relay(text, NOW_MS)
            || once.is_some_and(|token| keys.check_once(&token, NOW_MS).is_some());
        assert!(!passes || real.contains(bytes), "a forged token passes");
    });
}

const SESSION: SessionId = SessionId::from_bytes([3; 16]);

/// A token of every kind.
fn tokens(keys: &Keys) -> Vec<Vec<u8>> {
    let name = DisplayName::new("Ada").expect("a name");
    let agent = agent_id("https://id.example.com", "ada");
    [
        keys.agent(
            (agent, sightline_wire::SignInId::from_bytes([9; 16])),
            &name,
            Role::Agent,
            NOW_MS,
        ),
        keys.seat(SESSION, 0, NOW_MS + 60_000),
        keys.relay(NOW_MS),
        secret_text(&keys.once([1, 2], NOW_MS)),
    ]
    .map(String::into_bytes)
    .into()
}

/// The secret in the fragment of a link.
pub fn link(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(secret) = text.parse::<InviteSecret>()
    {
        assert_eq!(secret_text(&secret), text, "one secret has one spelling");
    }
}

/// The short code of an invite as a person types it.
pub fn code(bytes: &[u8]) {
    let Ok(typed) = std::str::from_utf8(bytes) else {
        return;
    };
    let read: Option<InviteCode> = typed.parse().ok();
    let lower: Option<InviteCode> = typed.to_ascii_lowercase().parse().ok();
    assert_eq!(read, lower, "case does not matter");
    if let Some(code) = read {
        let shown = code.as_str();
        assert!(shown.bytes().all(|b| InviteCode::ALPHABET.contains(&b)));
        assert_eq!(shown.parse(), Ok(code), "what is shown is read again");
        let (first, second) = shown.split_at(InviteCode::LEN / 2);
        assert_eq!(
            format!("{first}-{second}").parse(),
            Ok(code),
            "a dash changes nothing"
        );
    }
}

/// A case file.
pub fn case_file(bytes: &[u8]) {
    let (mut with, mut without) = (bytes, bytes);
    let nobodys = verify(&mut with, Some(&[])).expect("bytes in memory can be read");
    let CaseVerdict::Changed(findings) = nobodys else {
        panic!("no key is known, and yet it is signed by one: {nobodys:?}");
    };
    assert!(!findings.is_empty(), "what differs is named");
    for finding in findings {
        let code = finding.code();
        assert!(code.len() < 200 && code.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    }
    let alone = verify(&mut without, None).expect("bytes in memory can be read");
    assert!(
        !matches!(alone, CaseVerdict::Unchanged(_)),
        "no key was pinned"
    );
}

fn secret_text(secret: &InviteSecret) -> String {
    let quoted = serde_json::to_string(secret).expect("a secret is a string");
    quoted.trim_matches('"').to_owned()
}

fn reads<T: DeserializeOwned>(body: &[u8]) {
    let _ = read_json::<T>(body);
}

fn json(said: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(said).expect("what was read can be written")
}

#[cfg(test)]
#[path = "../../../tests/fuzz/engine.rs"]
mod engine;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::engine::fuzz;
    use super::*;

    /// The files of some folders below the project's.
    fn samples(folders: &[&str]) -> Vec<Vec<u8>> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut paths: Vec<_> = folders
            .iter()
            .flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap())
            .map(|entry| entry.unwrap().path())
            .collect();
        paths.sort();
        paths
            .iter()
            .map(|path| std::fs::read(path).unwrap())
            .collect()
    }

    #[test]
    fn page_messages_hold() {
        fuzz(
            "page_message",
            &samples(&["wire/samples/from_page"]),
            page_message,
        );
    }

    #[test]
    fn relay_messages_hold() {
        fuzz(
            "relay_message",
            &samples(&["wire/samples/from_relay"]),
            relay_message,
        );
    }

    #[test]
    fn api_bodies_hold() {
        let folders = [
            "api_link_secret",
            "api_start_call",
            "api_held_up",
            "api_read_number",
        ];
        let bodies = samples(
            &folders
                .map(|name| format!("wire/samples/{name}"))
                .each_ref()
                .map(String::as_str),
        );
        let each = |which: u8| {
            bodies
                .iter()
                .map(move |body| [&[which], body.as_slice()].concat())
        };
        let corpus: Vec<_> = (0..API_BODIES).flat_map(each).collect();
        fuzz("api_body", &corpus, api_body);
    }

    #[test]
    fn pictures_hold() {
        fuzz(
            "picture",
            &samples(&["functions/host/samples/jpeg"]),
            picture,
        );
    }

    #[test]
    fn case_files_hold() {
        use base64::Engine as _;
        let table = samples(&["functions/host/samples/case"]).remove(0);
        let table: serde_json::Value = serde_json::from_slice(&table).unwrap();
        let zip = table["zip"].as_str().unwrap();
        let zip = base64::prelude::BASE64_STANDARD.decode(zip).unwrap();
        fuzz("case_file", &[zip], case_file);
    }

    #[test]
    fn phone_numbers_hold() {
        let typed = [
            "+49 151 12345678",
            "0151-1234 5678",
            "(415) 555-2671 ext. 3",
            "004479111234567",
            "tel:+39 06 698 12345",
            "\u{ff0b}\u{ff14}\u{ff19} \u{ff11}\u{ff15}\u{ff11} 12345678",
            "\u{661}\u{662}\u{663}",
            "+1 800 FLOWERS",
        ];
        let each = |which: u8| {
            typed
                .iter()
                .map(move |typed| [&[which], typed.as_bytes()].concat())
        };
        let corpus: Vec<_> = (0..8).flat_map(each).collect();
        fuzz("phone_number", &corpus, phone_number);
    }

    #[test]
    fn tokens_hold() {
        fuzz("token", &tokens(&Keys::from_bytes(&[7; 32])), token);
    }

    #[test]
    fn links_hold() {
        let secrets = [[0; 16], [255; 16], *b"0123456789abcdef"].map(InviteSecret::from_bytes);
        let corpus = secrets.map(|secret| secret_text(&secret).into_bytes());
        fuzz("link", &corpus, link);
    }
    #[test]
    fn codes_hold() {
        let typed = [
            "ABCD2345",
            "abcd-2345",
            " A B C D 2 3 4 5 ",
            "\u{201c}ABCD\u{ad}2345\u{201d}\r\n",
            "\u{ff21}\u{ff22}\u{ff23}\u{ff24}\u{ff0d}\u{ff12}\u{ff13}\u{ff14}\u{ff15}",
            "ABCD\u{662}\u{663}\u{664}\u{665}",
            "OBCD2345",
        ];
        let corpus = typed.map(|typed| typed.as_bytes().to_vec());
        fuzz("code", &corpus, code);
    }
}
