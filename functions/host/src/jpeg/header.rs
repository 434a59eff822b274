//! Checks of headers and tables: lengths match the contents, and values are allowed.

use sightline_wire::{PICTURE_PIXELS_MAX, PICTURE_SIDE_MAX};

use super::Rejected;
use super::huffman::{Table, Tables};

/// A frame header (T.81, B.2.2): 8 bits per sample, grey or three colours, Huffman coded.
pub(super) struct Frame {
    pub width: u16,
    pub height: u16,
    pub progressive: bool,
    pub components: Vec<Component>,
}

/// A component of a frame: one of its colours.
pub(super) struct Component {
    id: u8,
    /// Blocks of it that belong together, side by side and one above the other (its sampling
    /// factors).
    pub across: usize,
    pub down: usize,
    /// The number of its quantization table.
    quantized_by: u8,
    /// A scan has contained it.
    brought: bool,
}

/// A scan header (T.81, B.2.3).
pub(super) struct ScanHeader {
    pub components: Vec<Chosen>,
    /// The band of coefficients, in a progressive picture.
    pub from: u8,
    pub to: u8,
    /// It brings one bit more of what earlier scans brought.
    pub refines: bool,
}

/// A component in a scan.
pub(super) struct Chosen {
    /// Its place in the frame.
    pub index: usize,
    /// The numbers of its Huffman tables.
    pub tables: u8,
}

impl Frame {
    pub fn read(body: &[u8], progressive: bool) -> Result<Self, Rejected> {
        let Some(([8, h1, h0, w1, w0, count @ (1 | 3)], components)) = body.split_first_chunk()
        else {
            return Err(Rejected::Malformed);
        };
        let (height, width) = (
            u16::from_be_bytes([*h1, *h0]),
            u16::from_be_bytes([*w1, *w0]),
        );
        // A height of 0 means that it follows after the first scan.
        if width == 0 || height == 0 {
            return Err(Rejected::Malformed);
        }
        if u32::from(width) * u32::from(height) > PICTURE_PIXELS_MAX
            || width.max(height) > PICTURE_SIDE_MAX
        {
            return Err(Rejected::TooLarge);
        }
        let mut frame = Self {
            width,
            height,
            progressive,
            components: Vec::new(),
        };
        let (found, rest) = components.as_chunks();
        if found.len() != usize::from(*count) || !rest.is_empty() {
            return Err(Rejected::Malformed);
        }
        for &[id, sampling, quantized_by] in found {
            let (across, down) = (usize::from(sampling >> 4), usize::from(sampling & 15));
            let sampled = (1..=4).contains(&across) && (1..=4).contains(&down);
            if !sampled || quantized_by > 3 || frame.index(id).is_some() {
                return Err(Rejected::Malformed);
            }
            frame.components.push(Component {
                id,
                across,
                down,
                quantized_by,
                brought: false,
            });
        }
        Ok(frame)
    }

    /// Reads a scan header (T.81, B.2.3 and G.1.1.1.1), and records which components it contains.
    pub fn scan(&mut self, body: &[u8], tables: &Tables) -> Result<ScanHeader, Rejected> {
        let (&count, rest) = body.split_first().ok_or(Rejected::Malformed)?;
        let (chosen, &[from, to, approximation]) =
            rest.split_last_chunk().ok_or(Rejected::Malformed)?;
        let (chosen, odd) = chosen.as_chunks();
        if chosen.is_empty() || chosen.len() != usize::from(count) || !odd.is_empty() {
            return Err(Rejected::Malformed);
        }
        let (before, last) = (approximation >> 4, approximation & 15);
        let allowed = match (self.progressive, from) {
            (false, _) => (from, to, approximation) == (0, 63, 0),
            (true, 0) => to == 0,
            (true, _) => from <= to && to <= 63 && chosen.len() == 1,
        };
        if !allowed || last > 13 || (before != 0 && before != last + 1) {
            return Err(Rejected::Malformed);
        }
        let mut components: Vec<Chosen> = Vec::new();
        for &[id, names] in chosen {
            let index = self.index(id).ok_or(Rejected::Malformed)?;
            let again = components.iter().any(|chosen| chosen.index == index);
            let component = self.components.get_mut(index).ok_or(Rejected::Malformed)?;
            // In a sequential picture each component comes once; in a progressive one its averages
            // come first.
            let in_turn = match (self.progressive, from) {
                (false, _) => !component.brought,
                (true, 0) => component.brought == (before != 0),
                (true, _) => component.brought,
            };
            let named = names >> 4 <= 3 && names & 15 <= 3;
            if !in_turn || again || !named || !tables.quantize(component.quantized_by) {
                return Err(Rejected::Malformed);
            }
            component.brought = true;
            components.push(Chosen {
                index,
                tables: names,
            });
        }
        let header = ScanHeader {
            components,
            from,
            to,
            refines: before != 0,
        };
        if self.blocks(&header) > UNIT_BLOCKS_MAX {
            return Err(Rejected::Malformed);
        }
        Ok(header)
    }

    /// Whether every component has come.
    pub fn is_whole(&self) -> bool {
        self.components.iter().all(|component| component.brought)
    }

    /// Returns how many units of a scan lie side by side and one above the other (T.81, A.2).
    pub fn units(&self, header: &ScanHeader) -> (usize, usize) {
        let single = match header.components.as_slice() {
            [one] => self.components.get(one.index),
            _ => None,
        };
        let (width, height) = (usize::from(self.width), usize::from(self.height));
        let (across, down) = self.sampled();
        match single {
            Some(one) => (
                (width * one.across).div_ceil(across).div_ceil(8),
                (height * one.down).div_ceil(down).div_ceil(8),
            ),
            None => (width.div_ceil(8 * across), height.div_ceil(8 * down)),
        }
    }

    /// Returns the blocks of a component, side by side and one above the other, with those that
    /// fill up the last units.
    pub fn padded(&self, component: &Component) -> (usize, usize) {
        let (across, down) = self.sampled();
        (
            usize::from(self.width).div_ceil(8 * across) * component.across,
            usize::from(self.height).div_ceil(8 * down) * component.down,
        )
    }

    /// The largest sampling factors.
    fn sampled(&self) -> (usize, usize) {
        let components = self.components.iter();
        components.fold((1, 1), |(across, down), component| {
            (across.max(component.across), down.max(component.down))
        })
    }

    /// Blocks in a unit of a scan.
    fn blocks(&self, header: &ScanHeader) -> usize {
        if header.components.len() == 1 {
            return 1;
        }
        let chosen = header.components.iter();
        let chosen = chosen.filter_map(|chosen| self.components.get(chosen.index));
        chosen
            .map(|component| component.across * component.down)
            .sum()
    }

    fn index(&self, wanted: u8) -> Option<usize> {
        let mut components = self.components.iter();
        components.position(|component| component.id == wanted)
    }
}

/// Most blocks in a unit (T.81, B.2.3).
const UNIT_BLOCKS_MAX: usize = 10;

/// T.81, B.2.4.1: one or more tables of 64 values, each of one byte or two. Returns their numbers.
pub(super) fn quantization_tables(body: &[u8]) -> Result<Vec<u8>, Rejected> {
    tables(body, |kind, rest| {
        let bytes = 64 * (usize::from(kind >> 4) + 1);
        let rest = rest.get(bytes..)?;
        (kind >> 4 <= 1 && kind & 15 <= 3).then_some((kind & 15, rest))
    })
}

/// T.81, B.2.4.2: one or more tables, each with a count per code length and as many values. Returns
/// them with their kinds.
pub(super) fn huffman_tables(body: &[u8]) -> Result<Vec<(u8, Table)>, Rejected> {
    tables(body, |kind, rest| {
        let (counts, values) = rest.split_first_chunk::<16>()?;
        let count: usize = counts.iter().map(|&count| usize::from(count)).sum();
        let (values, rest) = values.split_at_checked(count)?;
        let allowed = kind >> 4 <= 1 && kind & 15 <= 3 && count <= 256;
        let table = Table::new(counts, values).filter(|_| allowed)?;
        Some(((kind, table), rest))
    })
}

/// T.81, B.2.4.4: blocks between two restarts, 0 without restarts.
pub(super) fn restart_interval(body: &[u8]) -> Result<u16, Rejected> {
    let interval = body.try_into().map_err(|_| Rejected::Malformed)?;
    Ok(u16::from_be_bytes(interval))
}

/// Reads a sequence of tables. `read` takes a table's kind and what follows it, and returns the
/// table and what follows that.
fn tables<T>(
    mut body: &[u8],
    read: impl for<'a> Fn(u8, &'a [u8]) -> Option<(T, &'a [u8])>,
) -> Result<Vec<T>, Rejected> {
    let mut found = Vec::new();
    loop {
        let (&kind, rest) = body.split_first().ok_or(Rejected::Malformed)?;
        let (table, rest) = read(kind, rest).ok_or(Rejected::Malformed)?;
        found.push(table);
        body = rest;
        if body.is_empty() {
            return Ok(found);
        }
    }
}
