//! CRC-32 as ZIP has it (APPNOTE.TXT 6.3.10, section 4.4.7), eight bytes at a time.

/// The polynomial, reversed.
const POLYNOMIAL: u32 = 0xEDB8_8320;

static TABLES: [[u32; 256]; 8] = tables();

/// Returns the CRC-32 of bytes.
#[must_use]
pub fn crc32(bytes: &[u8]) -> u32 {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let crc = chunks.iter().fold(u32::MAX, |crc, chunk| {
        let [a, b, c, d, e, f, g, h] = *chunk;
        let [i, j, k, l] = crc.to_le_bytes();
        look(7, a ^ i)
            ^ look(6, b ^ j)
            ^ look(5, c ^ k)
            ^ look(4, d ^ l)
            ^ look(3, e)
            ^ look(2, f)
            ^ look(1, g)
            ^ look(0, h)
    });
    let crc = rest.iter().fold(crc, |crc, byte| {
        let [low, ..] = crc.to_le_bytes();
        look(0, low ^ byte) ^ (crc >> 8)
    });
    !crc
}

#[expect(
    clippy::indexing_slicing,
    reason = "a byte is below 256, and the callers name one of eight tables"
)]
fn look(table: usize, byte: u8) -> u32 {
    TABLES[table][byte as usize]
}

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which would refuse an index that is out of bounds"
)]
const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let (mut crc, mut bit) = (byte as u32, 0);
        while bit < 8 {
            crc = (crc >> 1) ^ (POLYNOMIAL & (crc & 1).wrapping_neg());
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = (before >> 8) ^ tables[0][(before & 0xFF) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_catalogue_comes_out_at_every_length() {
        // CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
        let one_by_one = |bytes: &[u8]| {
            let step = |crc: u32, byte: &u8| {
                (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                    (crc >> 1) ^ (POLYNOMIAL & (crc & 1).wrapping_neg())
                })
            };
            !bytes.iter().fold(u32::MAX, step)
        };
        let bytes: Vec<u8> = (0..=255).cycle().take(1_000).collect();
        for length in 0..40 {
            let some = bytes.get(7..7 + length).unwrap();
            assert_eq!(crc32(some), one_by_one(some), "{length}");
        }
        assert_eq!(crc32(&bytes), one_by_one(&bytes));
    }
}
