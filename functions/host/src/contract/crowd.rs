//! Many calls of one agent, and how long a plug takes to list them. `make bench-list` prints it.

use sightline_session::{Invitation, Rules, begin};
use sightline_wire::api::Role;
use sightline_wire::{
    AgentId, DisplayName, EndReason, ExportFormat, FIGURE_DAYS_MAX, Language, PageId, PhoneNumber,
    Reference, Seat, SessionId, Stars,
};

use crate::access::Viewer;
use crate::calls::Asked;
use crate::figures::Period;
use crate::host::Host;
use crate::ports::{Commit, Entries, KeptFile, Ports};
use crate::records::{CallSummary, first_half, sha_256_of_parts};

const FIRST: [&str; 8] = [
    "Ada", "Grace", "Zoë", "محمد", "Jürgen", "Işık", "太郎", "Nguyễn",
];
const LAST: [&str; 9] = [
    "Lovelace",
    "Hopper",
    "Müller",
    "Schmidt",
    "O'Brien",
    "Öztürk",
    "山田",
    "Papadopoulos",
    "Hằng",
];
const REASONS: [EndReason; 3] = [
    EndReason::AgentEnded,
    EndReason::CustomerEnded,
    EndReason::NobodyHeard,
];

/// A call every twenty minutes.
const BETWEEN_MS: u64 = 20 * 60 * 1_000;

/// What is asked, and which share of the calls it is for.
const ASKED: [(&str, &str); 12] = [
    ("the newest", ""),
    ("the newest of all agents", "all=1"),
    ("reference, one letter, all begin so", "search=c"),
    ("reference, whole", "search=CASE-2026-04711"),
    ("last four digits", "search=4711"),
    ("name, two letters", "search=sc"),
    ("name, two words", "search=ada+schm"),
    ("name of all agents", "search=hopper&all=1"),
    ("nobody's", "search=nobody"),
    ("filter that one in ten passes", "rating=5"),
    ("filter that none passes, 1,000 entries", "reason=too_long"),
    (
        "search and filter, 1,000 entries",
        "search=case&reason=too_long&all=1",
    ),
];

/// How long answers to one request took, microseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListTime {
    /// What was asked.
    pub what: &'static str,
    /// Calls in each answer.
    pub calls: usize,
    /// The median.
    pub p50_us: u64,
    /// The 95th percentile.
    pub p95_us: u64,
}

/// Returns the agent of [`crowd_call`].
#[must_use]
pub fn crowd_agent() -> AgentId {
    AgentId::from_bytes([0xC0; 16])
}

/// Returns the commit of an ended call, as a session of this deployment would make it. Of two calls
/// the one with the higher number is the older.
///
/// # Panics
/// When the host cannot read its key.
pub async fn crowd_call<P: Ports>(host: &Host<P>, number: u64) -> Commit {
    let agent = crowd_agent();
    let of = |words: &[&'static str], step: u64| {
        let count = words.len() as u64;
        words
            .iter()
            .cycle()
            .nth(((number / step) % count) as usize)
            .copied()
            .unwrap_or("Ada")
    };
    let invitation = Invitation {
        agent,
        agent_name: DisplayName::new("Ada").expect("a fine name"),
        number: PhoneNumber::new(&format!("+49151{number:08}")).ok(),
        reference: Reference::new(&format!("CASE-2026-{number:05}")).expect("a fine reference"),
        language: Language::new("en").expect("a fine language"),
    };
    let now_ms = host.ports().date_ms();
    let (mut state, issued) = begin(
        invitation,
        now_ms - (number + 1) * BETWEEN_MS,
        0,
        &Rules::default(),
    );
    let name = format!("{} {}", of(&FIRST, 1), of(&LAST, 8));
    state.seats.get_mut(Seat::Customer).name = DisplayName::new(&name).ok();
    state.ended = REASONS.iter().cycle().nth(number as usize % 3).copied();
    let session = SessionId::from_bytes(first_half(sha_256_of_parts(&[&number.to_be_bytes()])));
    let delete_at_s = now_ms / 1_000 + 86_400;
    let mut summary = CallSummary::of(session, &state).dated(delete_at_s, delete_at_s);
    *summary.stars.get_mut(Seat::Customer) = Stars::new(5).filter(|_| number % 10 == 3);
    Commit {
        entries: Entries {
            new: host.terms_of(&state).await.expect("there is a key"),
            ..Entries::default()
        },
        summary: Some(summary),
        ..Commit::first(session, state, vec![issued], delete_at_s)
    }
}

/// The agent of [`crowd_call`], signed in.
pub(super) fn crowd_person() -> Viewer {
    Viewer {
        agent: crowd_agent(),
        name: DisplayName::new("Ada").expect("a fine name"),
        role: Role::Admin,
    }
}

/// Asks each question so often, one after the other. `clock_us` counts microseconds.
///
/// # Panics
/// When an answer is an error.
pub async fn list_times<P: Ports>(
    host: &Host<P>,
    rounds: usize,
    clock_us: impl Fn() -> u64,
) -> Vec<ListTime> {
    let viewer = crowd_person();
    let mut times = Vec::new();
    for (what, query) in ASKED {
        let asked = Asked::of(query).expect("a fine query");
        let mut taken_us = Vec::new();
        let mut calls = 0;
        for _ in 0..rounds.max(1) {
            let began_us = clock_us();
            let answer = host.calls(&viewer, &asked).await.expect("an answer");
            let body = serde_json::to_vec(&answer).expect("calls are JSON");
            taken_us.push(clock_us() - began_us);
            assert!(body.len() > 2, "an object");
            calls = answer.calls.len();
        }
        taken_us.sort_unstable();
        let at = |share: usize| taken_us.get(taken_us.len() * share / 100).copied();
        times.push(ListTime {
            what,
            calls,
            p50_us: at(50).unwrap_or_default(),
            p95_us: at(95).unwrap_or_default(),
        });
    }
    times
}

/// Exports the calls of the longest period up to today, and says how long that took, microseconds.
///
/// # Panics
/// When the export is not written.
pub async fn export_us<P: Ports>(host: &Host<P>, clock_us: impl Fn() -> u64) -> u64 {
    let key = KeptFile::Export {
        id: PageId::from_bytes([0xE0; 16]),
        format: ExportFormat::Csv,
    };
    let to = u32::try_from(host.ports().date_ms() / 86_400_000).expect("a day of this era");
    let from = to - (u32::try_from(FIGURE_DAYS_MAX).expect("a few") - 1);
    let began_us = clock_us();
    let written = host.write_export(&key, Period { from, to }, ExportFormat::Csv);
    assert!(written.await.is_ok(), "the export is written");
    clock_us() - began_us
}

/// Prints times as a table, and says whether all of them are under the limit at p95.
#[must_use]
pub fn print_list_times(title: &str, times: &[ListTime], limit_us: u64) -> bool {
    eprintln!("{title}\n| asked | calls | median, ms | p95, ms |\n|---|---|---|---|");
    for time in times {
        let ms = |us: u64| us as f64 / 1_000.0;
        let (p50, p95) = (ms(time.p50_us), ms(time.p95_us));
        eprintln!("| {} | {} | {p50:.1} | {p95:.1} |", time.what, time.calls);
    }
    times.iter().all(|time| time.p95_us <= limit_us)
}
