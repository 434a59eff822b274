//! The figures of one run, and the table of all.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::calls::{PACKETS_A_SECOND, Played};
use crate::process::{Kind, Spent};

/// One relay in one round.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    calls: usize,
    pub(crate) arrived: u64,
    sent: u64,
    /// Processor time a packet, and how much of it outside the kernel, microseconds.
    all_us: f64,
    user_us: f64,
    p50_us: f64,
    pub(crate) p99_us: f64,
    /// Of a call.
    mib: f64,
    seconds: f64,
}

impl Row {
    pub(crate) fn new(spent: Spent, played: &Played, grown: f64, time: Duration) -> Self {
        let packets = played.arrived.max(1) as f64;
        let us = |time: Duration| time.as_secs_f64() * 1e6 / packets;
        Self {
            calls: played.calls,
            arrived: played.arrived,
            sent: played.sent,
            all_us: us(spent.user + spent.system),
            user_us: us(spent.user),
            p50_us: played.delay_us(50),
            p99_us: played.delay_us(99),
            mib: grown / played.calls as f64,
            seconds: time.as_secs_f64(),
        }
    }

    /// The share of packets that did not arrive. A few are on their way at the end.
    pub(crate) fn lost(&self) -> f64 {
        1.0 - (self.arrived as f64 / self.sent.max(1) as f64).min(1.0)
    }

    pub(crate) fn calls_a_core(&self) -> f64 {
        1e6 / (self.all_us * PACKETS_A_SECOND)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            to,
            "{} calls, {:.0} packets/s, {:.1} us a packet ({:.1} user), {:.0} / {:.0} us late, \
             {:.2} MiB a call, {:.2} % lost",
            self.calls,
            self.arrived as f64 / self.seconds,
            self.all_us,
            self.user_us,
            self.p50_us,
            self.p99_us,
            self.mib,
            self.lost() * 100.0
        )
    }
}

/// All rounds. Prints medians; ratios are those of the same round.
#[derive(Default)]
pub(crate) struct Table {
    rows: BTreeMap<Kind, Vec<Row>>,
}

impl Table {
    pub(crate) fn add(&mut self, kind: Kind, row: Row) {
        self.rows.entry(kind).or_default().push(row);
    }

    fn ratio(&self, kind: Kind) -> f64 {
        let null = self.rows.get(&Kind::Null).into_iter().flatten();
        let of = self.rows[&kind].iter();
        median(of.zip(null).map(|(of, null)| of.all_us / null.all_us))
    }
}

impl fmt::Display for Table {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            to,
            "| relay | CPU us a packet | of it user | x null | calls a core | late us p50 / p99 | MiB a call | lost % |"
        )?;
        write!(to, "|---|--:|--:|--:|--:|--:|--:|--:|")?;
        for (kind, rows) in &self.rows {
            let of = |value: fn(&Row) -> f64| median(rows.iter().map(value));
            write!(
                to,
                "\n| {kind} | {:.1} | {:.1} | {:.2} | {:.0} | {:.0} / {:.0} | {:.2} | {:.2} |",
                of(|row| row.all_us),
                of(|row| row.user_us),
                self.ratio(*kind),
                of(Row::calls_a_core),
                of(|row| row.p50_us),
                of(|row| row.p99_us),
                of(|row| row.mib),
                of(|row| row.lost() * 100.0),
            )?;
        }
        Ok(())
    }
}

fn median(of: impl Iterator<Item = f64>) -> f64 {
    let mut of: Vec<f64> = of.collect();
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or(f64::NAN)
}
