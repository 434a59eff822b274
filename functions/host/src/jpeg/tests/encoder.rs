//! A small encoder: pictures of any size whose contents are known.

use super::*;

/// How a picture is made.
#[derive(Clone, Copy)]
pub struct Plan {
    pub width: u16,
    pub height: u16,
    /// Values in each block besides its average, 0 to 63.
    pub values: usize,
    /// Scans of each band, if it is progressive.
    pub bands: Option<usize>,
}

impl Plan {
    pub const fn flat(width: u16, height: u16) -> Self {
        Self {
            width,
            height,
            values: 0,
            bands: None,
        }
    }

    /// Encodes a grey picture.
    pub fn encoded(self) -> Vec<u8> {
        let [h1, h0] = self.height.to_be_bytes();
        let [w1, w0] = self.width.to_be_bytes();
        let frame = [8, h1, h0, w1, w0, 1, 1, 0x11, 0];
        let blocks = usize::from(self.width).div_ceil(8) * usize::from(self.height).div_ceil(8);
        let mut bytes = vec![MARK, SOI];
        write(&mut bytes, DQT, &[&[0][..], &[1; 64]].concat());
        let marker = if self.bands.is_some() { SOF2 } else { SOF0 };
        write(&mut bytes, marker, &frame);
        // One code of one bit for the average, which is 0. Codes of two bits end a block, bring a
        // value of one bit, and end the bands of 32,767 blocks.
        write(&mut bytes, DHT, &table(0x00, &[(1, 0)]));
        write(
            &mut bytes,
            DHT,
            &table(0x10, &[(2, 0), (2, 0x01), (2, 0xe0)]),
        );
        let mut scan = |from: u8, to: u8, code: &dyn Fn(&mut Bits)| {
            write(&mut bytes, SOS, &[1, 1, 0, from, to, 0]);
            let mut bits = Bits::default();
            code(&mut bits);
            bytes.extend(bits.padded());
        };
        match self.bands {
            None => scan(0, 63, &|bits| {
                for _ in 0..blocks {
                    bits.put(1, 0);
                    (0..self.values).for_each(|_| bits.put(3, 0b010));
                    if self.values < 63 {
                        bits.put(2, 0b00);
                    }
                }
            }),
            Some(bands) => {
                scan(0, 0, &|bits| (0..blocks).for_each(|_| bits.put(1, 0)));
                for _ in 0..bands {
                    scan(1, 63, &|bits| {
                        let mut left = blocks;
                        while left >= 1 << 14 {
                            let some = left.min((1 << 15) - 1);
                            bits.put(2, 0b10);
                            bits.put(14, some - (1 << 14));
                            left -= some;
                        }
                        (0..left).for_each(|_| bits.put(2, 0b00));
                    });
                }
            }
        }
        bytes.extend([MARK, EOI]);
        bytes
    }
}

/// A table of codes, each with its length and symbol, shortest first.
fn table(kind: u8, codes: &[(usize, u8)]) -> Vec<u8> {
    let mut body = vec![0; 17];
    body[0] = kind;
    for &(length, symbol) in codes {
        body[length] += 1;
        body.push(symbol);
    }
    body
}

/// Bits on their way into bytes.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    ahead: usize,
    count: usize,
}

impl Bits {
    fn put(&mut self, count: usize, value: usize) {
        self.ahead = self.ahead << count | value;
        self.count += count;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.ahead >> self.count) as u8;
            self.bytes.push(byte);
            if byte == MARK {
                self.bytes.push(0);
            }
        }
        self.ahead &= (1 << self.count) - 1;
    }

    fn padded(mut self) -> Vec<u8> {
        let missing = (8 - self.count) % 8;
        self.put(missing, (1 << missing) - 1);
        self.bytes
    }
}
