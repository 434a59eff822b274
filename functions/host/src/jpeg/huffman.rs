//! Huffman tables, and the bits that they read (ITU-T T.81, annexes C and F.2.2).

/// The tables of a picture, as they are at a scan: two classes of four.
#[derive(Default)]
pub(super) struct Tables {
    dc: [Option<Table>; 4],
    ac: [Option<Table>; 4],
    /// Which quantization tables there are.
    quantization: [bool; 4],
}

impl Tables {
    /// Defines a table. `kind` has its class and its number.
    pub fn define(&mut self, kind: u8, table: Table) -> Option<()> {
        let class = match kind >> 4 {
            0 => &mut self.dc,
            1 => &mut self.ac,
            _ => return None,
        };
        *class.get_mut(usize::from(kind & 15))? = Some(table);
        Some(())
    }

    /// Notes that there is a quantization table.
    pub fn define_quantization(&mut self, number: u8) {
        if let Some(defined) = self.quantization.get_mut(usize::from(number)) {
            *defined = true;
        }
    }

    /// Whether there is a quantization table of this number.
    pub fn quantize(&self, number: u8) -> bool {
        self.quantization.get(usize::from(number)) == Some(&true)
    }

    /// Returns both tables of a component. `names` has both numbers, as in a scan's header.
    pub fn pair(&self, names: u8) -> Option<(&Table, &Table)> {
        Some((self.dc(names)?, self.ac(names)?))
    }

    pub fn dc(&self, names: u8) -> Option<&Table> {
        self.dc.get(usize::from(names >> 4))?.as_ref()
    }

    pub fn ac(&self, names: u8) -> Option<&Table> {
        self.ac.get(usize::from(names & 15))?.as_ref()
    }
}

/// One table.
pub(super) struct Table {
    /// By the next [`QUICK`] bits: length of the code and its symbol; a length of 0 where the code
    /// is longer.
    quick: Vec<(u8, u8)>,
    /// By length, from 1: one more than the last code, aligned to the left of 16 bits.
    ends: [u32; 16],
    /// By length: what to add to a code to find its symbol.
    offsets: [i32; 16],
    symbols: Vec<u8>,
}

impl Table {
    /// Builds a table from the number of codes by length and their symbols (annex C). `None` if
    /// there is no such code. No code has ones only, as in every decoder.
    pub fn new(counts: &[u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut table = Self {
            quick: vec![(0, 0); 1 << QUICK],
            ends: [0; 16],
            offsets: [0; 16],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut place) = (0_u32, 0_usize);
        for (length, &count) in (1_u32..).zip(counts) {
            let index = length as usize - 1;
            *table.offsets.get_mut(index)? =
                i32::try_from(place).ok()? - i32::try_from(code).ok()?;
            for _ in 0..count {
                let symbol = *symbols.get(place)?;
                if length <= QUICK {
                    let first = (code as usize) << (QUICK - length);
                    let codes = table
                        .quick
                        .get_mut(first..first + (1 << (QUICK - length)))?;
                    codes.fill((length as u8, symbol));
                }
                code += 1;
                place += 1;
            }
            if count > 0 && code >= 1 << length {
                return None;
            }
            *table.ends.get_mut(index)? = code << (16 - length);
            code <<= 1;
        }
        Some(table)
    }

    /// Reads one symbol.
    pub fn read(&self, bits: &mut Bits<'_>) -> Option<u8> {
        bits.fill();
        let next = bits.peek16();
        let &(length, symbol) = self.quick.get((next >> (16 - QUICK)) as usize)?;
        if length > 0 {
            bits.drop_bits(length)?;
            return Some(symbol);
        }
        let longer = self.ends.iter().skip(QUICK as usize);
        let length = longer.zip(QUICK + 1..).find(|&(&end, _)| next < end)?.1;
        let code = i32::try_from(next >> (16 - length)).ok()?;
        let place = code + self.offsets.get(length as usize - 1)?;
        bits.drop_bits(length as u8)?;
        self.symbols.get(usize::try_from(place).ok()?).copied()
    }
}

/// Codes up to this length are found by one look-up.
const QUICK: u32 = 9;

/// The bits of entropy-coded data without restarts. After 0xff comes a 0, which does not count.
pub(super) struct Bits<'a> {
    rest: std::slice::Iter<'a, u8>,
    /// The next bits, aligned to the left.
    ahead: u64,
    count: u8,
}

impl<'a> Bits<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self {
            rest: data.iter(),
            ahead: 0,
            count: 0,
        }
    }

    fn fill(&mut self) {
        while self.count <= 56 {
            let Some(&byte) = self.rest.next() else {
                return;
            };
            if byte == 0xff {
                self.rest.next();
            }
            self.ahead |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    const fn peek16(&self) -> u32 {
        (self.ahead >> 48) as u32
    }

    fn drop_bits(&mut self, count: u8) -> Option<()> {
        self.count = self.count.checked_sub(count)?;
        self.ahead <<= count;
        Some(())
    }

    /// Skips at most 16 bits.
    pub fn skip(&mut self, count: u8) -> Option<()> {
        if self.count < count {
            self.fill();
        }
        self.drop_bits(count)
    }

    /// Reads at most 15 bits.
    pub fn take(&mut self, count: u8) -> Option<u32> {
        if self.count < count {
            self.fill();
        }
        let value = self.peek16() >> (16 - count);
        self.drop_bits(count)?;
        Some(value)
    }

    /// Returns how many whole bytes follow.
    pub fn left_over(&self) -> usize {
        self.rest.len() + usize::from(self.count / 8)
    }
}
