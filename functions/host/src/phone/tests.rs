//! Numbers as people type them, and a table that another implementation wrote.

use sightline_wire::PhoneNumber;
use sightline_wire::api::{NumberFault, NumberKind, NumberReading, Texting};

use super::{RefusedNumbers, plan, read};

/// Written by `reference.py`.
const REFERENCE: &str = include_str!("reference.tsv");

fn usual(typed: &str, region: &str) -> Result<NumberReading, NumberFault> {
    read(typed, region, &RefusedNumbers::default())
}

#[track_caller]
fn check(typed: &str, region: &str, wanted: &str, texting: Texting) {
    let found = usual(typed, region);
    let found = found.map(|found| (found.read.number.as_str().to_owned(), found.texting));
    assert_eq!(
        found,
        Ok((wanted.to_owned(), texting)),
        "{typed} in {region}"
    );
}

#[track_caller]
fn check_fault(typed: &str, region: &str, wanted: NumberFault) {
    let found = usual(typed, region).map(|found| found.read.formatted);
    assert_eq!(found, Err(wanted), "{typed} in {region}");
}

#[test]
fn numbers_are_read_as_people_of_a_region_write_them() {
    for (typed, region, wanted) in [
        ("0151 23456789", "DE", "+4915123456789"),
        ("0049 151 23456789", "de", "+4915123456789"),
        ("(415) 555-2671", "US", "+14155552671"),
        ("+44 7911 123456", "", "+447911123456"),
        ("07911 123456", "GB", "+447911123456"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("+1 415 555 2671", "nowhere", "+14155552671"),
        ("+49 151 23456789", "US", "+4915123456789"),
        ("+7 912 345 67 89", "US", "+79123456789"),
        ("8 (912) 345-67-89", "RU", "+79123456789"),
        ("011 15 2345 6789", "AR", "+5491123456789"),
        ("0 15 11 96123-4567", "BR", "+5511961234567"),
        ("078-689 79 45", "SE", "+46786897945"),
    ] {
        check(typed, region, wanted, Texting::Usual);
    }
}

#[test]
fn a_national_number_may_begin_like_its_country_code() {
    for (typed, region, wanted) in [
        ("470 75 955", "NO", "+4747075955"),
        ("392 123 4567", "IT", "+393921234567"),
        ("45 53 42 23", "DK", "+4545534223"),
        ("390 668 2574", "IT", "+393906682574"),
    ] {
        check(typed, region, wanted, Texting::Usual);
    }
}

#[test]
fn where_both_readings_are_assigned_the_groups_decide_or_the_person_is_asked() {
    for typed in ["3906682574", "39 06 682574", "390-6682574"] {
        check(typed, "IT", "+393906682574", Texting::TwoReadings);
        let other = usual(typed, "IT").unwrap().other.unwrap();
        assert_eq!(other.number.as_str(), "+3906682574", "{typed}");
    }
    check(
        "49 151 23456789",
        "DE",
        "+494915123456789",
        Texting::TwoReadings,
    );
    check("390 668 2574", "IT", "+393906682574", Texting::Usual);
}

#[test]
fn digits_of_every_script_and_marks_that_come_with_copied_text_are_read() {
    for (typed, region, wanted) in [
        ("٠٥٠ ١٢٣ ٤٥٦٧", "SA", "+966501234567"),
        ("０９０ー１２３４ー５６７８", "JP", "+819012345678"),
        ("०९८७६ ५४३२१०", "IN", "+919876543210"),
        ("\u{202A}+49 151 23456789\u{202C}", "US", "+4915123456789"),
        (
            "\u{2068}0151\u{A0}2345\u{2011}6789\u{2069}",
            "DE",
            "+4915123456789",
        ),
        ("＋49 151 23456789", "US", "+4915123456789"),
        (
            "1\u{FE0F}\u{20E3}4\u{FE0F}\u{20E3}15 555 2671",
            "US",
            "+14155552671",
        ),
    ] {
        check(typed, region, wanted, Texting::Usual);
    }
    let scripts = (0..=u32::from(char::MAX)).filter_map(char::from_u32);
    let digits: Vec<char> = scripts
        .filter(|c| sightline_wire::decimal_digit(*c).is_some())
        .collect();
    assert!(
        digits.iter().all(|c| c.is_numeric()),
        "every digit is a number"
    );
    assert_eq!(digits.len(), 770, "77 scripts have ten digits each");
}

#[test]
fn brackets_and_exit_prefixes_are_read_as_they_are_dialled() {
    for (typed, region, wanted) in [
        ("(+49) 1512 3456789", "US", "+4915123456789"),
        ("+49 (0)151 23456789", "US", "+4915123456789"),
        ("0049 (0)151 23456789", "US", "+4915123456789"),
        ("(0151) 23456789", "DE", "+4915123456789"),
        ("+39 (0)347 123 4567", "DE", "+393471234567"),
        ("011 49 151 23456789", "US", "+4915123456789"),
        ("0011 49 151 23456789", "AU", "+4915123456789"),
        ("8 10 49 151 23456789", "RU", "+4915123456789"),
        ("0049 151 23456789", "US", "+4915123456789"),
        ("+0049 151 23456789", "US", "+4915123456789"),
        ("+52 1 55 1234 5678", "US", "+525512345678"),
        ("044 55 1234 5678", "MX", "+525512345678"),
        ("045 55 1234 5678", "MX", "+525512345678"),
        ("01 55 1234 5678", "MX", "+525512345678"),
        ("011 52 1 55 1234 5678", "US", "+525512345678"),
    ] {
        check(typed, region, wanted, Texting::Usual);
    }
    // In Italy the zero belongs to the number of a fixed line.
    check(
        "+39 (0)6 6982 1234",
        "DE",
        "+390669821234",
        Texting::FixedLine,
    );
}

#[test]
fn addresses_of_telephones_are_read() {
    for (typed, wanted) in [
        ("tel:+49-151-23456789", "+4915123456789"),
        ("TEL:%2B4915123456789", "+4915123456789"),
        ("tel://+4915123456789", "+4915123456789"),
        ("sms:+4915123456789", "+4915123456789"),
        ("tel:0151-23456789;phone-context=+49", "+4915123456789"),
        ("tel:(415)555-2671", "+14155552671"),
    ] {
        check(typed, "US", wanted, Texting::Usual);
    }
    for (typed, fault) in [
        ("tel:+4915123456789;ext=5", NumberFault::Extension),
        ("tel:+4915123456789;isub=5", NumberFault::Extension),
        ("tel:+4915123456789;phone-bontext=+49", NumberFault::Letters),
        ("tel:7042;phone-context=example.com", NumberFault::Letters),
        ("tal:+4915123456789", NumberFault::Letters),
        ("tel:%FF", NumberFault::Signs),
        ("tel:", NumberFault::Short),
    ] {
        check_fault(typed, "US", fault);
    }
}

#[test]
fn what_is_no_number_is_refused_with_its_reason() {
    for (typed, region, fault) in [
        ("0151 2345678O", "DE", NumberFault::Letters),
        ("415 555 267l", "US", NumberFault::Letters),
        ("1-800-FLOWERS", "US", NumberFault::Letters),
        ("hello", "DE", NumberFault::Letters),
        ("0151 2345678²", "DE", NumberFault::Letters),
        ("415 555 2671 x12", "US", NumberFault::Extension),
        ("415 555 2671 Ext. ١٢", "US", NumberFault::Extension),
        ("415-555-2671,12", "US", NumberFault::Extension),
        ("415-555-2671#12", "US", NumberFault::Extension),
        ("*31#0151", "DE", NumberFault::Signs),
        ("0151 23456789 +", "DE", NumberFault::Signs),
        ("name@example.com", "DE", NumberFault::Letters),
        ("", "DE", NumberFault::Short),
        ("12", "DE", NumberFault::Short),
        ("+49 1", "DE", NumberFault::Short),
        ("555 2671", "US", NumberFault::Short),
        ("0151 2345678 / 0170 1234567", "DE", NumberFault::Long),
        ("49 151 23456789", "US", NumberFault::Long),
        ("+999999999999", "DE", NumberFault::Country),
        ("0151 23456789", "nowhere", NumberFault::Country),
    ] {
        check_fault(typed, region, fault);
    }
    check_fault(&"1".repeat(161), "DE", NumberFault::Long);
    check_fault(&"1".repeat(160), "DE", NumberFault::Long);
}

#[test]
fn unlikely_numbers_are_asked_about() {
    check("030 123456", "DE", "+4930123456", Texting::FixedLine);
    check("+1 555 555 0199", "US", "+15555550199", Texting::Unassigned);
    let unassigned = usual("+1 555 555 0199", "DE").unwrap().read;
    assert_eq!(unassigned.kind, NumberKind::Unassigned);
    assert_eq!(unassigned.region.as_deref(), Some("US"));
}

#[test]
fn numbers_that_cost_are_never_texted() {
    for (typed, region, kind) in [
        ("+44 70 1234 5678", "US", NumberKind::Personal),
        ("+44 909 879 0000", "US", NumberKind::PremiumRate),
        ("+49 900 1234567", "US", NumberKind::PremiumRate),
        ("+1 900 555 0199", "US", NumberKind::PremiumRate),
        ("+33 899 12 34 56", "US", NumberKind::PremiumRate),
        ("0180 1 2345", "DE", NumberKind::SharedCost),
        ("800 555 0199", "US", NumberKind::TollFree),
    ] {
        let found = usual(typed, region).unwrap();
        assert_eq!(
            (found.read.kind, found.texting),
            (kind, Texting::KindRefused),
            "{typed}"
        );
    }
}

#[test]
fn a_deployment_refuses_further_kinds_and_countries() {
    let refused = RefusedNumbers::parse(" fixed_line, VOIP,,kp ").unwrap();
    for (typed, texting) in [
        ("+49 30 123456", Texting::KindRefused),
        ("+850 192 123 4567", Texting::RegionRefused),
        ("+49 151 23456789", Texting::Usual),
    ] {
        assert_eq!(
            read(typed, "", &refused).unwrap().texting,
            texting,
            "{typed}"
        );
        let number = read(typed, "", &refused).unwrap().read.number;
        let never = (texting != Texting::Usual).then_some(texting);
        assert_eq!(refused.refusal_of(&number), never, "{typed}");
    }
    for wrong in ["XX", "landline", "49", "001"] {
        assert_eq!(RefusedNumbers::parse(wrong).unwrap_err().0, wrong);
    }
    let odd = PhoneNumber::new("+99912345678").unwrap();
    assert_eq!(refused.refusal_of(&odd), None);
}

#[test]
fn both_tables_have_the_same_version() {
    let head = REFERENCE.lines().next().unwrap();
    assert_eq!(
        head,
        format!("# phonenumbers {}, written by reference.py", plan::METADATA)
    );
    let lock = include_str!("../../../../Cargo.lock");
    let pinned = "name = \"rlibphonenumber\"\nversion = \"2.2.15\"";
    assert!(
        lock.contains(pinned),
        "release 2.2.15 carries {}",
        plan::METADATA
    );
}

#[test]
fn example_numbers_of_every_country_are_read_as_the_reference_reads_them() {
    let mut wrong = Vec::new();
    let mut checked = 0;
    for cells in reference("example") {
        let [region, _, national, international, e164] = cells[..] else {
            panic!("five cells: {cells:?}");
        };
        for written in [national, international, e164] {
            for typed in with_separators(written) {
                checked += 1;
                let found = usual(&typed, region).map(|found| found.read.number);
                if found.as_ref().map(PhoneNumber::as_str) != Ok(e164) {
                    wrong.push(format!("{typed} in {region}: {found:?}"));
                }
            }
        }
    }
    assert!(checked > 8_000, "{checked} checked");
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn numbers_that_begin_like_their_country_code_are_read_as_the_reference_reads_them() {
    let numbers: Vec<_> = reference("own_code").collect();
    assert!(numbers.len() >= 300);
    for cells in &numbers {
        let [region, digits, e164] = cells[..] else {
            panic!("three cells: {cells:?}");
        };
        let found = usual(digits, region).unwrap();
        assert_eq!(found.read.number.as_str(), e164, "{digits} in {region}");
    }
}

#[test]
fn no_number_with_one_wrong_letter_is_read() {
    let mut chance = Chance(12);
    let numbers: Vec<_> = reference("example").collect();
    for _ in 0..10_000 {
        let cells = pick(&mut chance, &numbers);
        let region = cells[0];
        let prefix = *pick(&mut chance, &["", "", "", "tel:"]);
        let typed = format!("{prefix}{}", pick(&mut chance, &cells[2..5]));
        let letter = *pick(&mut chance, &LETTERS);
        let mut characters: Vec<char> = typed.chars().collect();
        let at = below(&mut chance, characters.len());
        if below(&mut chance, 2) == 0 {
            characters.insert(at, letter);
        } else if characters[at].to_lowercase().eq(letter.to_lowercase()) {
            continue;
        } else {
            characters[at] = letter;
        }
        let changed: String = characters.into_iter().collect();
        let found = usual(&changed, region).map(|found| found.read.formatted);
        assert!(found.is_err(), "{changed} in {region}: {found:?}");
    }
}

/// Letters that look like digits, letters of extensions, and letters of other scripts.
const LETTERS: [char; 24] = [
    'O', 'o', 'l', 'I', 'i', 'S', 'B', 'Z', 'z', 'q', 'x', 'X', 'e', 't', 'a', 'E', 'О', 'о', 'З',
    'ا', 'Ο', '〇', '一', 'ß',
];

/// A generator with a seed: the same changes in every run (a linear congruential generator; Knuth,
/// MMIX).
struct Chance(u64);

fn below(chance: &mut Chance, most: usize) -> usize {
    let next = chance.0.wrapping_mul(6_364_136_223_846_793_005);
    chance.0 = next.wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(chance.0 >> 33).unwrap() % most
}

fn pick<'a, T>(chance: &mut Chance, of: &'a [T]) -> &'a T {
    &of[below(chance, of.len())]
}

fn reference(kind: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    REFERENCE.lines().filter_map(move |line| {
        let cells: Vec<&str> = line.split('\t').collect();
        (cells[0] == kind).then(|| cells[1..].to_vec())
    })
}

/// The number as written, with each of five separators, and with its first group in brackets.
fn with_separators(written: &str) -> Vec<String> {
    let groups: Vec<&str> = written
        .split(|c: char| !c.is_ascii_digit() && c != '+')
        .filter(|group| !group.is_empty())
        .collect();
    let mut all: Vec<String> = ["", " ", "-", ".", "/"]
        .iter()
        .map(|separator| groups.join(separator))
        .collect();
    all.push(written.to_owned());
    let (first, rest) = groups.split_first().unwrap();
    all.push(format!("({first}) {}", rest.join("-")));
    all
}
