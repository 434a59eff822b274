//! Checks of headers and tables: lengths match the contents, and values are allowed.

use sightline_wire::PICTURE_PIXELS_MAX;

use super::Rejected;

/// A frame header (T.81, B.2.2): 8 bits per sample, grey or three colours, Huffman coded.
pub(super) struct Frame {
    pub width: u16,
    pub height: u16,
    progressive: bool,
    /// Identifiers, and whether a scan has contained the component.
    components: Vec<(u8, bool)>,
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
        if u32::from(width) * u32::from(height) > PICTURE_PIXELS_MAX {
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
        for &[id, sampling, table] in found {
            let sampled = (1..=4).contains(&(sampling >> 4)) && (1..=4).contains(&(sampling & 15));
            if !sampled || table > 3 || frame.component(id).is_some() {
                return Err(Rejected::Malformed);
            }
            frame.components.push((id, false));
        }
        Ok(frame)
    }

    /// Checks a scan header (T.81, B.2.3 and G.1.1.1.1) and records which components it contains.
    pub fn scan(&mut self, body: &[u8]) -> Result<(), Rejected> {
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
        let (progressive, mut named) = (self.progressive, Vec::new());
        for &[id, tables] in chosen {
            let brought = self.component(id).ok_or(Rejected::Malformed)?;
            // In a sequential picture each component comes once; in a progressive one its averages
            // come first.
            let in_turn = match (progressive, from) {
                (false, _) => !*brought,
                (true, 0) => *brought == (before != 0),
                (true, _) => *brought,
            };
            if !in_turn || named.contains(&id) || tables >> 4 > 3 || tables & 15 > 3 {
                return Err(Rejected::Malformed);
            }
            *brought = true;
            named.push(id);
        }
        Ok(())
    }

    /// Whether every component has come.
    pub fn is_whole(&self) -> bool {
        self.components.iter().all(|&(_, brought)| brought)
    }

    fn component(&mut self, wanted: u8) -> Option<&mut bool> {
        let mut components = self.components.iter_mut();
        let found = components.find(|(id, _)| *id == wanted);
        found.map(|(_, brought)| brought)
    }
}

/// T.81, B.2.4.1: one or more tables of 64 values, each of one byte or two.
pub(super) fn quantization_tables(body: &[u8]) -> Result<(), Rejected> {
    tables(body, |kind, rest| {
        let bytes = 64 * (usize::from(kind >> 4) + 1);
        (kind >> 4 <= 1 && kind & 15 <= 3).then(|| rest.get(bytes..))?
    })
}

/// T.81, B.2.4.2: one or more tables, each with a count per code length and as many values.
pub(super) fn huffman_tables(body: &[u8]) -> Result<(), Rejected> {
    tables(body, |kind, rest| {
        let (counts, values) = rest.split_first_chunk::<16>()?;
        let count: usize = counts.iter().map(|&count| usize::from(count)).sum();
        (kind >> 4 <= 1 && kind & 15 <= 3 && count <= 256).then(|| values.get(count..))?
    })
}

/// T.81, B.2.4.4: blocks between two restarts, 0 without restarts.
pub(super) fn restart_interval(body: &[u8]) -> Result<u16, Rejected> {
    let interval = body.try_into().map_err(|_| Rejected::Malformed)?;
    Ok(u16::from_be_bytes(interval))
}

/// Checks a sequence of tables. `skip` takes a table's kind and what follows it, and returns what
/// follows the table.
fn tables(
    mut body: &[u8],
    skip: impl for<'a> Fn(u8, &'a [u8]) -> Option<&'a [u8]>,
) -> Result<(), Rejected> {
    loop {
        let (&kind, rest) = body.split_first().ok_or(Rejected::Malformed)?;
        body = skip(kind, rest).ok_or(Rejected::Malformed)?;
        if body.is_empty() {
            return Ok(());
        }
    }
}
