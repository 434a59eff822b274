use sightline_session::{Invitation, Rules, begin};
use sightline_wire::{DisplayName, Language, Reference, SessionId};

use super::*;

const NOW_MS: u64 = 1_800_000_000_000;

fn agent(which: u8) -> AgentId {
    AgentId::from_bytes([which; 16])
}

fn state(reference: &str, number: &str, name: &str) -> State {
    let invitation = Invitation {
        agent: agent(1),
        agent_name: DisplayName::new("Agent").unwrap(),
        number: PhoneNumber::new(number).ok(),
        reference: Reference::new(reference).unwrap(),
        language: Language::new("en").unwrap(),
    };
    let (mut state, _) = begin(invitation, NOW_MS, 0, &Rules::default());
    state.seats.get_mut(Seat::Customer).name = DisplayName::new(name).ok();
    state
}

fn terms() -> Terms {
    Terms::new([3; 32])
}

/// Whether a search leads to a call, by its terms and then by its summary.
fn finds(typed: &str, state: &State, owner: Owner) -> bool {
    let Some(search) = Search::of(typed) else {
        return false;
    };
    let stored = terms().of(state);
    let leads = |list: CallList| matches!(list, CallList::Found(term) if stored.contains(&term));
    let listed = search.lists(&terms(), owner).into_iter().any(leads);
    let call = CallSummary::of(SessionId::from_bytes([9; 16]), state);
    let matches = search.matches(&call);
    assert!(
        !matches || listed || owner != Owner::Everyone,
        "{typed}: no list has it"
    );
    listed && matches
}

#[test]
fn a_call_is_found_by_reference_number_and_name() {
    let call = state("Claim-2026/0042 ß", "+4915123450089", "Zoë O'Brien-Müller");
    for typed in [
        "c",
        "CLAIM",
        "claim-2026/004",
        "claim-2026/0042 SS",
        " Claim-2026/0042",
        "0089",
        "٠٠٨٩",
        "0151 2345 0089",
        "+49 (151) 2345-0089",
        "004915123450089",
        "2345 0089",
        "zoe",
        "Z",
        "muller",
        "obr",
        "O’BRIEN",
        "müller zoë",
        "brien-mul zo",
    ] {
        let found = finds(typed, &call, Owner::Everyone);
        assert_eq!(found, !typed.starts_with("brien"), "{typed}");
        assert_eq!(
            finds(typed, &call, Owner::Agent(agent(1))),
            found,
            "{typed}"
        );
        assert!(!finds(typed, &call, Owner::Agent(agent(2))), "{typed}");
    }
    for typed in [
        "",
        " ",
        "laim",
        "claim-2026/0043",
        "089",
        "0088",
        "1151 2345 0089",
        "rien",
        "zoe x",
        "claim-2026/0042 ssx",
        "00899",
        "0000",
    ] {
        assert!(!finds(typed, &call, Owner::Everyone), "{typed}");
    }
}

#[test]
fn every_beginning_of_every_word_leads_to_its_call() {
    for (reference, name) in [
        (
            "ABCDEFGHIJKLMNOPQRST",
            "Schwarzenegger von und zu Hohenstein",
        ),
        ("ßßßßßßßßßßßßßßßßßßßß", "ΟΔΥΣΣΕΥΣ ıŞIK"),
        ("مرجع-٢٠٢٦-٠٠٠٤٢", "مُحَمَّد علي"),
        ("👩🏽\u{200D}💻👩🏽\u{200D}💻👩🏽", "❤\u{FE0F}\u{200D}🔥 Ada"),
        ("案件番号２０２６年１２３", "山田 太郎"),
    ] {
        let call = state(reference, "", name);
        let all = call.seats.get(Seat::Customer).name.as_ref().unwrap();
        let words = all.words();
        for word in words.iter().chain([&call.reference.folded()]) {
            for (end, _) in word.char_indices().skip(1).chain([(word.len(), ' ')]) {
                let typed = &word[..end];
                assert!(finds(typed, &call, Owner::Everyone), "{typed:?}");
            }
        }
    }
}

#[test]
fn the_longest_name_and_reference_fit_into_a_transaction() {
    let long = state(
        "ABCDEFGHIJKLMNOPQRST",
        "+4915123450089",
        "abcdefghi bcdefghij cdefghijk de",
    );
    let other = state(
        "ABCDEFGHIJKLMNOPQRST",
        "+4915123450089",
        "mnopqrstu nopqrstuv opqrstuvw pq",
    );
    let (before, after) = (terms().of(&long), terms().of(&other));
    assert_eq!(before.len(), 1 + 2 * (12 + 1 + 3 * 5 + 2));
    let changed = before.symmetric_difference(&after).count();
    assert_eq!(changed, 2 * 2 * (3 * 5 + 2));
    let most = 2 * 2 * 4 * WORD.len();
    assert_eq!((most, REFERENCE.len()), (80, 12), "of a hundred items");
    assert_eq!(terms().of(&state("ABCDEFGH", "", "")).len(), 1 + 2 * 6);
}

#[test]
fn terms_differ_by_key_owner_kind_and_day() {
    let call = state("01234567", "+49151230123", "0123 0123");
    let (one, other) = (terms().of(&call), Terms::new([4; 32]).of(&call));
    assert!(one.is_disjoint(&other), "another key");
    // Reference 6, digits 1, one word 3, each for two, and a day.
    assert_eq!(one.len(), 1 + 2 * (6 + 1 + 3));
    assert_eq!(terms().day(NOW_MS), terms().day(NOW_MS + 1));
    assert_ne!(terms().day(NOW_MS), terms().day(NOW_MS + DAY_MS));
}
