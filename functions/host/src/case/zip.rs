//! The ZIP of a case file (APPNOTE.TXT 6.3.10): stored entries one after the other, the central
//! directory, the end record. Nothing in it can vary: names and contents give every byte, so that a
//! reader finds a change of any of them.

/// Most entries. A case file has at most 150 pictures and some twenty other files.
pub const ENTRIES_MAX: usize = 200;

/// Longest entry, bytes.
pub const ENTRY_BYTES_MAX: u32 = 16 * 1024 * 1024;

/// Most bytes of all entries together.
pub const BYTES_MAX: u64 = 600_000_000;

/// Longest name of an entry, bytes.
pub const NAME_BYTES_MAX: usize = 128;

/// Bytes of the end record.
pub const END_BYTES: usize = 22;

/// Bytes of a local header without its name.
pub const LOCAL_BYTES: usize = 30;

/// Bytes of a header in the central directory without its name.
pub const CENTRAL_BYTES: usize = 46;

/// Version 2.0: folders in names (section 4.4.3).
const VERSION: u16 = 20;

/// Made on Unix (section 4.4.2), so that the permissions mean something.
const MADE_BY: u16 = 3 << 8 | VERSION;

/// A file that everybody may read, with Unix permissions (section 4.4.15).
const ATTRIBUTES: u32 = 0o100_644 << 16;

/// The first of January 1980, the zero of this calendar (section 4.4.6). A ZIP has no time zone;
/// when the case file was made stands in `bag-info.txt`.
const DATE: u16 = 1 << 5 | 1;

/// An entry as both headers have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZipEntry {
    /// Its name.
    pub name: String,
    /// CRC-32 of its bytes.
    pub crc: u32,
    /// How many bytes it has.
    pub bytes: u32,
    /// Where its local header begins.
    pub at: u32,
}

impl ZipEntry {
    /// Returns where the next entry begins.
    #[must_use]
    pub fn end(&self) -> u64 {
        let head = (LOCAL_BYTES + self.name.len()) as u64;
        u64::from(self.at) + head + u64::from(self.bytes)
    }

    /// Returns its local header (section 4.3.7).
    #[must_use]
    pub fn local(&self) -> Vec<u8> {
        let mut head = b"PK\x03\x04".to_vec();
        self.write_shared(&mut head);
        head.extend(self.name.as_bytes());
        head
    }

    /// Returns its header in the central directory (section 4.3.12).
    #[must_use]
    pub fn central(&self) -> Vec<u8> {
        let mut head = b"PK\x01\x02".to_vec();
        head.extend(MADE_BY.to_le_bytes());
        self.write_shared(&mut head);
        // No comment, first disk, no internal attributes.
        head.extend([0; 6]);
        head.extend(ATTRIBUTES.to_le_bytes());
        head.extend(self.at.to_le_bytes());
        head.extend(self.name.as_bytes());
        head
    }

    /// Version, flags, method, time, date, CRC, both lengths, lengths of name and extra field.
    fn write_shared(&self, head: &mut Vec<u8>) {
        let name = u16::try_from(self.name.len()).unwrap_or(u16::MAX);
        for field in [VERSION, 0, 0, 0, DATE] {
            head.extend(field.to_le_bytes());
        }
        for field in [self.crc, self.bytes, self.bytes] {
            head.extend(field.to_le_bytes());
        }
        head.extend(name.to_le_bytes());
        head.extend([0; 2]);
    }
}

/// Returns the end record (section 4.3.16) of a central directory.
#[must_use]
pub fn end_record(entries: u16, bytes: u32, at: u32) -> Vec<u8> {
    let mut record = b"PK\x05\x06\0\0\0\0".to_vec();
    record.extend(entries.to_le_bytes());
    record.extend(entries.to_le_bytes());
    record.extend(bytes.to_le_bytes());
    record.extend(at.to_le_bytes());
    record.extend([0; 2]);
    record
}

/// What does not fit into a case file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("case file is too large")]
pub struct TooLarge;

/// Writes a ZIP as pieces, in order.
#[derive(Debug, Default)]
pub struct ZipWriter {
    entries: Vec<ZipEntry>,
    at: u64,
}

impl ZipWriter {
    /// Begins an entry. Returns its header, which comes before its bytes.
    ///
    /// # Errors
    /// When a limit is passed.
    pub fn begin(&mut self, name: &str, bytes: &[u8]) -> Result<Vec<u8>, TooLarge> {
        let length = u32::try_from(bytes.len()).map_err(|_| TooLarge)?;
        let entry = ZipEntry {
            name: name.to_owned(),
            crc: crc32fast::hash(bytes),
            bytes: length,
            at: u32::try_from(self.at).map_err(|_| TooLarge)?,
        };
        let end = entry.end();
        if length > ENTRY_BYTES_MAX
            || end > BYTES_MAX
            || name.len() > NAME_BYTES_MAX
            || self.entries.len() >= ENTRIES_MAX
        {
            return Err(TooLarge);
        }
        let head = entry.local();
        self.entries.push(entry);
        self.at = end;
        Ok(head)
    }

    /// Returns what comes after the last entry.
    ///
    /// # Errors
    /// When a limit is passed.
    pub fn end(&self) -> Result<Vec<u8>, TooLarge> {
        let mut central: Vec<u8> = self.entries.iter().flat_map(ZipEntry::central).collect();
        let bytes = u32::try_from(central.len()).map_err(|_| TooLarge)?;
        let at = u32::try_from(self.at).map_err(|_| TooLarge)?;
        let entries = u16::try_from(self.entries.len()).map_err(|_| TooLarge)?;
        central.extend(end_record(entries, bytes, at));
        Ok(central)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_large_is_not_written() {
        let mut zip = ZipWriter::default();
        let entry = vec![0; ENTRY_BYTES_MAX as usize];
        assert_eq!(zip.begin("x", &[&entry[..], &[0]].concat()), Err(TooLarge));
        assert_eq!(
            zip.begin(&"x".repeat(NAME_BYTES_MAX + 1), b""),
            Err(TooLarge)
        );
        let full = (0..ENTRIES_MAX).try_for_each(|n| zip.begin(&n.to_string(), b"").map(drop));
        assert_eq!((full, zip.begin("x", b"")), (Ok(()), Err(TooLarge)));
        let last = BYTES_MAX - 31 - u64::from(ENTRY_BYTES_MAX);
        for (at, fits) in [(last, true), (last + 1, false)] {
            let mut zip = ZipWriter {
                at,
                ..ZipWriter::default()
            };
            assert_eq!(zip.begin("x", &entry).is_ok(), fits, "{at}");
        }
    }
}
