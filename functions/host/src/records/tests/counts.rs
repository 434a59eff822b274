//! What the calls of a day count as.

use super::check;
use crate::records::Counts;

#[test]
fn counts_of_every_version_are_read() {
    let mut counts = Counts::default();
    counts.add("invited", 3);
    counts.add("joining_0", 1);
    counts.add("ended_agent_ended", 2);
    check(&counts, &[include_str!("../../../samples/counts.1.json")]);
}

#[test]
fn names_that_begin_alike_are_found_together() {
    let mut counts = Counts::default();
    for name in ["ended_b", "ended_a", "ended", "endings_c", "ended_a"] {
        counts.note(name.to_owned());
    }
    counts.add("ended_none", 0);
    let under: Vec<_> = counts.under("ended_").collect();
    assert_eq!(under, [("a", 2), ("b", 1)]);
    counts.add("ended_a", u32::MAX);
    assert_eq!(counts.of("ended_a"), u32::MAX, "it does not overflow");
}
