//! The entropy-coded data of a scan (ITU-T T.81, annexes F and G): whether it has exactly the
//! blocks that the headers announce.
//!
//! Codes are read and their values skipped, so no pixel is computed. The time is linear in the
//! number of blocks and bytes: 12 million pixels in 3 MB take some 40 ms.

use super::header::{Component, Frame, ScanHeader};
use super::huffman::{Bits, Table, Tables};
use super::{RST0, RST7, Rejected};

/// Which coefficients of each block are not zero, in a progressive picture: a bit each. Refining
/// them depends on it.
#[derive(Default)]
pub(super) struct Coefficients(Vec<Blocks>);

struct Blocks {
    across: usize,
    set: Vec<u64>,
}

/// One scan over its blocks.
struct Scan<'a> {
    header: &'a ScanHeader,
    /// Blocks without a further coefficient, as announced by the newest end of band.
    ended: u32,
}

impl Coefficients {
    fn of(frame: &Frame) -> Self {
        let blocks = |component: &Component| {
            let (across, down) = frame.padded(component);
            Blocks {
                across,
                set: vec![0; across * down],
            }
        };
        Self(frame.components.iter().map(blocks).collect())
    }

    fn block(&mut self, component: usize, x: usize, y: usize) -> Option<&mut u64> {
        let blocks = self.0.get_mut(component)?;
        blocks.set.get_mut(y * blocks.across + x)
    }
}

/// Walks through the data of a scan. `interval` is the number of units between two restarts, 0
/// without them.
pub(super) fn walk(
    frame: &Frame,
    header: &ScanHeader,
    tables: &Tables,
    interval: u16,
    coefficients: &mut Coefficients,
    data: &[u8],
) -> Result<(), Rejected> {
    if frame.progressive && coefficients.0.is_empty() {
        *coefficients = Coefficients::of(frame);
    }
    let mut parts = restarts(data);
    let mut scan = Scan { header, ended: 0 };
    let (across, down) = frame.units(header);
    let units = across * down;
    let each = match usize::from(interval) {
        0 => units,
        some => some,
    };
    let mut unit = 0;
    while unit < units {
        let mut bits = Bits::new(parts.next().ok_or(Rejected::Mismatch)?);
        let until = units.min(unit + each);
        while unit < until {
            let empty = scan.skip_empty(until - unit);
            if empty > 0 {
                unit += empty;
                continue;
            }
            let place = (unit % across, unit / across);
            scan.unit(frame, tables, coefficients, &mut bits, place)
                .ok_or(Rejected::Mismatch)?;
            unit += 1;
        }
        if scan.ended > 0 || bits.left_over() > 0 {
            return Err(Rejected::Mismatch);
        }
    }
    match parts.next() {
        None => Ok(()),
        Some(_) => Err(Rejected::Mismatch),
    }
}

impl Scan<'_> {
    /// Skips units without any code, at most `most`. Returns how many.
    fn skip_empty(&mut self, most: usize) -> usize {
        if self.header.refines {
            return 0;
        }
        let most = u32::try_from(most).unwrap_or(u32::MAX);
        let empty = self.ended.min(most);
        self.ended -= empty;
        empty as usize
    }

    /// Walks through one unit: a block of a single component, or of several components all blocks
    /// that belong together (T.81, A.2).
    fn unit(
        &mut self,
        frame: &Frame,
        tables: &Tables,
        coefficients: &mut Coefficients,
        bits: &mut Bits<'_>,
        (x, y): (usize, usize),
    ) -> Option<()> {
        let single = self.header.components.len() == 1;
        for chosen in &self.header.components {
            let component = frame.components.get(chosen.index)?;
            let (across, down) = match single {
                true => (1, 1),
                false => (component.across, component.down),
            };
            for (row, column) in
                (0..down).flat_map(|row| (0..across).map(move |column| (row, column)))
            {
                if frame.progressive {
                    let (x, y) = (x * across + column, y * down + row);
                    let set = coefficients.block(chosen.index, x, y)?;
                    self.progressive(bits, tables, chosen.tables, set)?;
                } else {
                    let (dc, ac) = tables.pair(chosen.tables)?;
                    sequential(bits, dc, ac)?;
                }
            }
        }
        Some(())
    }

    /// Annex G.
    fn progressive(
        &mut self,
        bits: &mut Bits<'_>,
        tables: &Tables,
        names: u8,
        set: &mut u64,
    ) -> Option<()> {
        match (self.header.from, self.header.refines) {
            (0, false) => {
                let size = tables.dc(names)?.read(bits)?;
                bits.skip(size)
            }
            (0, true) => bits.skip(1),
            (_, false) => self.band(bits, tables.ac(names)?, set),
            (_, true) => self.refined_band(bits, tables.ac(names)?, set),
        }
    }

    /// The first scan of a band of coefficients (G.1.2.2).
    fn band(&mut self, bits: &mut Bits<'_>, ac: &Table, set: &mut u64) -> Option<()> {
        let (mut at, to) = (self.header.from, self.header.to);
        while at <= to {
            let (run, size) = split(ac.read(bits)?);
            match (run, size) {
                (15, 0) => at += 16,
                (_, 0) => {
                    self.ended = (1 << run) - 1 + bits.take(run)?;
                    return Some(());
                }
                _ => {
                    at += run;
                    if at > to {
                        return None;
                    }
                    bits.skip(size)?;
                    *set |= 1 << at;
                    at += 1;
                }
            }
        }
        Some(())
    }

    /// A further scan of a band (G.1.2.3): one bit more for each coefficient that is not zero, and
    /// new ones between them.
    fn refined_band(&mut self, bits: &mut Bits<'_>, ac: &Table, set: &mut u64) -> Option<()> {
        let (mut at, to) = (self.header.from, self.header.to);
        while at <= to && self.ended == 0 {
            let (mut run, size) = split(ac.read(bits)?);
            match size {
                0 if run < 15 => {
                    self.ended = (1 << run) + bits.take(run)?;
                    break;
                }
                0 => {}
                1 => bits.skip(1)?,
                _ => return None,
            }
            while at <= to {
                if *set >> at & 1 == 1 {
                    bits.skip(1)?;
                } else if run == 0 {
                    break;
                } else {
                    run -= 1;
                }
                at += 1;
            }
            if size == 1 {
                if at > to {
                    return None;
                }
                *set |= 1 << at;
            }
            at += 1;
        }
        if self.ended > 0 {
            if at <= to {
                let rest = *set >> at & (u64::MAX >> (63 - (to - at)));
                for _ in 0..rest.count_ones() {
                    bits.skip(1)?;
                }
            }
            self.ended -= 1;
        }
        Some(())
    }
}

/// One block of a sequential picture (F.1.2).
fn sequential(bits: &mut Bits<'_>, dc: &Table, ac: &Table) -> Option<()> {
    let size = dc.read(bits)?;
    bits.skip(size)?;
    let mut at = 1;
    while at < 64 {
        let (run, size) = split(ac.read(bits)?);
        match (run, size) {
            (0, 0) => return Some(()),
            (15, 0) => at += 16,
            (_, 0) => return None,
            _ => {
                at += run + 1;
                if at > 64 {
                    return None;
                }
                bits.skip(size)?;
            }
        }
    }
    Some(())
}

/// A run of zeros, and the number of bits of the value after it.
const fn split(symbol: u8) -> (u8, u8) {
    (symbol >> 4, symbol & 15)
}

/// Splits data at its restart markers. Every other 0xff in it is followed by 0.
fn restarts(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(data);
    std::iter::from_fn(move || {
        let data = rest?;
        let mut marks = data.windows(2);
        let marker = marks.position(|two| matches!(two, [0xff, RST0..=RST7]));
        let Some(at) = marker else {
            rest = None;
            return Some(data);
        };
        rest = data.get(at + 2..);
        data.get(..at)
    })
}
