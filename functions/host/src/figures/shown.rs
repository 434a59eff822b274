//! The figures of a period as its page shows them. Pure.

use serde::de::DeserializeOwned;
use serde::de::IntoDeserializer as _;
use serde::de::value::{Error, StrDeserializer};
use sightline_wire::{
    BrowserCount, EndCount, FigureBin, FigureDay, Figures, Funnel, KeptDays, NotJoinedCount, Seat,
    SystemCount,
};

use super::bins::{JOINING_S, LENGTH_S, PICTURES};
use super::counted::{
    ALLOWED, BROWSER, ENDED, INVITED, JOINED, JOINING, KEPT, LENGTH, NOT_JOINED, OPENED, SYSTEM,
    stars,
};
use super::day::{Period, written};
use crate::records::Counts;

/// Adds the counts of days, and puts them into words.
pub(super) fn figures(
    period: Period,
    days: &[(u32, Counts)],
    counted_after_min: u32,
    kept: KeptDays,
) -> Figures {
    let mut all = Counts::default();
    for (_, counts) in days {
        all.add_all(counts);
    }
    Figures {
        from: written(period.from),
        to: written(period.to),
        funnel: funnel(&all),
        days: days.iter().map(day).collect(),
        not_joined: each(&all, NOT_JOINED, |why, calls| NotJoinedCount { why, calls }),
        ended: each(&all, ENDED, |why, calls| EndCount { why, calls }),
        joining_s: bins(&all, JOINING, &JOINING_S),
        length_s: bins(&all, LENGTH, &LENGTH_S),
        pictures: bins(&all, KEPT, &PICTURES),
        agent_stars: rated(&all, Seat::Agent),
        customer_stars: rated(&all, Seat::Customer),
        browsers: each(&all, BROWSER, |browser, calls| BrowserCount {
            browser,
            calls,
        }),
        systems: each(&all, SYSTEM, |system, calls| SystemCount { system, calls }),
        counted_after_min,
        kept,
    }
}

fn funnel(counts: &Counts) -> Funnel {
    Funnel {
        invited: counts.of(INVITED),
        opened: counts.of(OPENED),
        allowed: counts.of(ALLOWED),
        joined: counts.of(JOINED),
    }
}

fn day((day, counts): &(u32, Counts)) -> FigureDay {
    FigureDay {
        day: written(*day),
        funnel: funnel(counts),
    }
}

/// Returns the counts whose names begin alike, the largest first. A word that this version does not
/// know is left out.
fn each<W, T>(counts: &Counts, start: &str, of: impl Fn(W, u32) -> T) -> Vec<T>
where
    W: DeserializeOwned + Ord,
{
    let known = counts.under(start).filter_map(|(word, calls)| {
        let word: StrDeserializer<'_, Error> = word.into_deserializer();
        Some((W::deserialize(word).ok()?, calls))
    });
    let mut known: Vec<(W, u32)> = known.collect();
    known.sort_by(|(one, of_one), (two, of_two)| (of_two, one).cmp(&(of_one, two)));
    known
        .into_iter()
        .map(|(word, calls)| of(word, calls))
        .collect()
}

fn bins(counts: &Counts, start: &str, edges: &[u32]) -> Vec<FigureBin> {
    let edges = edges.iter().copied().map(Some).chain([None]);
    edges
        .enumerate()
        .map(|(at, below)| FigureBin {
            below,
            calls: counts.of(&format!("{start}{at}")),
        })
        .collect()
}

fn rated(counts: &Counts, seat: Seat) -> [u32; 5] {
    std::array::from_fn(|at| counts.of(&format!("{}{}", stars(seat), at + 1)))
}
