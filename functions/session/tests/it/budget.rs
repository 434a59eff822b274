//! The budget of text messages.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sightline_session::Rules;
use sightline_session::budget::{
    BadPrefix, DAY_MS, Ration, Share, ask, block, call, prefixes, refusal,
};
use sightline_wire::{AgentId, PhoneNumber, SmsFailure};

const AGENT: AgentId = AgentId::from_bytes([7; 16]);
/// A midnight of UTC.
const MIDNIGHT: u64 = 20_000 * DAY_MS;

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::new(text).expect("a number")
}

fn to(allowed: &[&str]) -> Rules {
    Rules {
        sms_prefixes: allowed.iter().map(|prefix| (*prefix).to_owned()).collect(),
        ..Rules::default()
    }
}

#[test]
fn a_message_is_counted_for_its_agent_its_number_and_everybody() {
    let rules = Rules {
        sms_agent_day_max: 3,
        sms_number_day_max: 2,
        sms_block_day_max: 4,
        sms_day_max: 9,
        calls_agent_day_max: 5,
        ..Rules::default()
    };
    let ration = |share, most| Ration {
        share,
        most,
        takes: if matches!(share, Share::Calls(_)) {
            1
        } else {
            2
        },
        day: 20_000,
        until_ms: MIDNIGHT + DAY_MS,
    };
    assert_eq!(
        ask(&rules, AGENT, &number("+4915112345678"), 2, MIDNIGHT + 1),
        Ok(vec![
            ration(Share::Agent(AGENT), 3),
            ration(Share::Number, 2),
            ration(Share::Block, 4),
            ration(Share::Everybody, 9),
        ])
    );
    assert_eq!(
        call(&rules, AGENT, MIDNIGHT + 1),
        ration(Share::Calls(AGENT), 5)
    );
}

#[test]
fn each_full_count_has_its_own_reason() {
    let asked = ask(
        &Rules::default(),
        AGENT,
        &number("+4915112345678"),
        1,
        MIDNIGHT,
    );
    let reasons: Vec<_> = asked.unwrap_or_default().iter().map(refusal).collect();
    assert_eq!(
        reasons,
        [
            SmsFailure::AgentLimit,
            SmsFailure::NumberLimit,
            SmsFailure::NumberLimit,
            SmsFailure::DayLimit
        ]
    );
}

#[test]
fn finding_17_a_block_is_what_ten_thousand_numbers_have_in_common() {
    for (one, other, same) in [
        ("+4915112345678", "+4915112340000", true),
        ("+4915112345678", "+4915112355678", false),
        ("+4915112345678", "+491511234567", false),
        ("+12125550123", "+12125559999", true),
        ("+12125550123", "+12125560123", false),
    ] {
        let (one, other) = (number(one), number(other));
        assert_eq!(block(&one) == block(&other), same, "{one:?} {other:?}");
    }
}

#[test]
fn a_day_begins_at_midnight_of_utc() {
    let whom = number("+4915112345678");
    for (now_ms, day, until_ms) in [
        (0, 0, DAY_MS),
        (MIDNIGHT - 1, 19_999, MIDNIGHT),
        (MIDNIGHT, 20_000, MIDNIGHT + DAY_MS),
        (MIDNIGHT + DAY_MS - 1, 20_000, MIDNIGHT + DAY_MS),
        (MIDNIGHT + DAY_MS, 20_001, MIDNIGHT + 2 * DAY_MS),
        (u64::MAX, u64::MAX / DAY_MS, u64::MAX),
    ] {
        let rations = ask(&Rules::default(), AGENT, &whom, 1, now_ms).expect("allowed");
        assert_eq!(rations.len(), 4);
        for ration in rations {
            assert_eq!((ration.day, ration.until_ms), (day, until_ms), "{now_ms}");
        }
    }
}

#[test]
fn a_message_goes_to_allowed_countries_only() {
    let (german, american, egyptian) = ("+4915112345678", "+12125550123", "+201001234567");
    for (allowed, whom, goes) in [
        (&[][..], egyptian, true),
        (&["+49"], german, true),
        (&["+49"], american, false),
        (&["+4"], german, true),
        (&["+491511"], german, true),
        (&["+491512"], german, false),
        // All of the number, and one digit more.
        (&["+4915112345678"], german, true),
        (&["+49151123456789"], german, false),
        // A country code may be a prefix of another one.
        (&["+1"], american, true),
        (&["+12"], american, true),
        (&["+13"], american, false),
        (&["+1"], german, false),
        (&["+12"], "+13125550123", false),
        (&["+2"], egyptian, true),
        (&["+201"], "+2125550123", false),
        (&["+43", "+49"], german, true),
        (&["+43", "+41"], german, false),
        // A mistake allows nothing.
        (&[""], german, false),
        (&["+"], german, false),
        (&["49"], german, false),
        (&["+49 "], german, false),
        (&["", "+49"], german, true),
    ] {
        let asked = ask(&to(allowed), AGENT, &number(whom), 1, MIDNIGHT);
        match goes {
            true => assert_eq!(asked.map(|all| all.len()), Ok(4), "{allowed:?} {whom}"),
            false => assert_eq!(asked, Err(SmsFailure::CountryBlocked), "{allowed:?} {whom}"),
        }
    }
}

#[test]
fn switched_off_is_said_before_all_else() {
    for allowed in [&[][..], &["+43"], &["+49"]] {
        let rules = Rules {
            sms_off: true,
            ..to(allowed)
        };
        let asked = ask(&rules, AGENT, &number("+4915112345678"), 1, MIDNIGHT);
        assert_eq!(asked, Err(SmsFailure::SwitchedOff));
    }
}

#[test]
fn prefixes_are_read_from_a_list_and_a_malformed_one_is_refused() {
    let read = |list: &str| prefixes(list).map(|all| all.join(" "));
    for (list, then) in [
        ("", ""),
        (" ", ""),
        (",", ""),
        ("+49", "+49"),
        (" +49 ,+43,", "+49 +43"),
        ("+1", "+1"),
        ("+123456789012345", "+123456789012345"),
    ] {
        assert_eq!(read(list), Ok(then.to_owned()), "{list:?}");
    }
    for bad in [
        "49",
        "+",
        "++49",
        "+0",
        "+049",
        "+4 9",
        "+49;+43",
        "DE",
        "*",
        "+1234567890123456",
        "+٤٩",
    ] {
        for list in [bad.to_owned(), format!("+49,{bad}"), format!("{bad},+49")] {
            assert_eq!(read(&list), Err(BadPrefix(bad.to_owned())), "{list:?}");
        }
    }
}

/// Counts as the host's port does: all or none.
#[derive(Default)]
struct Ledger(BTreeMap<String, u32>);

impl Ledger {
    fn send(
        &mut self,
        rules: &Rules,
        agent: AgentId,
        whom: &PhoneNumber,
        now_ms: u64,
    ) -> Result<(), SmsFailure> {
        let rations = ask(rules, agent, whom, 1, now_ms)?;
        let name = |ration: &Ration| match ration.share {
            Share::Agent(agent) => format!("agent {agent} {}", ration.day),
            Share::Number => format!("number {} {}", whom.as_str(), ration.day),
            Share::Block => format!("block {} {}", block(whom), ration.day),
            Share::Everybody => format!("everybody {}", ration.day),
            Share::Calls(agent) => format!("calls {agent} {}", ration.day),
        };
        let count = |ration: &Ration| self.0.get(&name(ration)).copied().unwrap_or(0);
        if let Some(full) = rations.iter().find(|ration| count(ration) >= ration.most) {
            return Err(refusal(full));
        }
        for ration in &rations {
            *self.0.entry(name(ration)).or_default() += 1;
        }
        Ok(())
    }
}

proptest! {
    /// No day exceeds its limits, for any agents, numbers and times.
    #[test]
    fn no_day_costs_more_than_its_limits(
        limits in (0..6_u32, 0..6_u32, 0..20_u32, 0..9_u32),
        tries in proptest::collection::vec((0..4_u8, 0..6_u32, 0..DAY_MS), 1..400),
    ) {
        let rules = Rules {
            sms_agent_day_max: limits.0,
            sms_number_day_max: limits.1,
            sms_day_max: limits.2,
            sms_block_day_max: limits.3,
            ..to(&["+49", "+43"])
        };
        let mut ledger = Ledger::default();
        let mut sent: BTreeMap<String, u32> = BTreeMap::new();
        let mut now_ms = MIDNIGHT;
        for (agent, which, later_ms) in tries {
            now_ms += later_ms / 50;
            let country = ["+49", "+43", "+20"][which as usize % 3];
            let whom = number(&format!("{country}1511234567{which}"));
            let told = ledger.send(&rules, AgentId::from_bytes([agent; 16]), &whom, now_ms);
            prop_assert_eq!(country == "+20", told == Err(SmsFailure::CountryBlocked));
            if told.is_ok() {
                let day = now_ms / DAY_MS;
                for (of, most) in [
                    (format!("{agent}"), limits.0),
                    (whom.as_str().to_owned(), limits.1),
                    (block(&whom).to_owned(), limits.3),
                    ("everybody".to_owned(), limits.2),
                ] {
                    let count = sent.entry(format!("{of} {day}")).or_default();
                    *count += 1;
                    prop_assert!(*count <= most, "{of} has {count} of {most}");
                }
            }
        }
    }
}
