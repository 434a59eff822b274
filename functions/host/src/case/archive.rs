//! Reads the ZIP of a case file. What is not exactly as [`super::zip`] writes it is a finding.

use std::collections::BTreeSet;
use std::io;

use super::finding::{Finding, shown};
use super::zip::{
    BYTES_MAX, CENTRAL_BYTES, END_BYTES, ENTRIES_MAX, ENTRY_BYTES_MAX, LOCAL_BYTES, NAME_BYTES_MAX,
    ZipEntry, end_record,
};

/// The bytes of a file that may be a case file.
pub trait CaseBytes {
    /// Returns how many there are.
    fn length(&self) -> u64;
    /// Fills `into` with the bytes from `at` on.
    ///
    /// # Errors
    /// When they cannot be read.
    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()>;
}

impl CaseBytes for &[u8] {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&mut self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let from = usize::try_from(at).map_err(io::Error::other)?;
        let to = from.saturating_add(into.len());
        let found = self.get(from..to).ok_or(io::ErrorKind::UnexpectedEof)?;
        into.copy_from_slice(found);
        Ok(())
    }
}

/// Longest central directory, bytes.
const DIRECTORY_BYTES_MAX: u32 = (ENTRIES_MAX * (CENTRAL_BYTES + NAME_BYTES_MAX)) as u32;

/// The central directory of a file, which lies within its limits.
pub struct Archive {
    /// The entries, in their order.
    pub entries: Vec<ZipEntry>,
    /// What is wrong with their headers.
    pub findings: Vec<Finding>,
    /// The one folder with everything, with a slash at its end.
    pub folder: String,
}

impl Archive {
    /// Reads the directory. The inner error says why the file is not read further.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(bytes: &mut impl CaseBytes) -> io::Result<Result<Self, Finding>> {
        let length = bytes.length();
        let end = END_BYTES as u64;
        if length < end {
            return Ok(Err(Finding::NoZip));
        }
        if length > BYTES_MAX + u64::from(DIRECTORY_BYTES_MAX) + end {
            return Ok(Err(Finding::TooLarge));
        }
        let mut record = [0; END_BYTES];
        bytes.read_at(length - end, &mut record)?;
        let (count, size, at) = match directory(&record) {
            Ok(found) => found,
            Err(finding) => return Ok(Err(finding)),
        };
        if u64::from(at) + u64::from(size) + end != length {
            return Ok(Err(Finding::Packing));
        }
        if size > DIRECTORY_BYTES_MAX || usize::from(count) > ENTRIES_MAX {
            return Ok(Err(Finding::TooLarge));
        }
        let mut central = vec![0; size as usize];
        bytes.read_at(at.into(), &mut central)?;
        let Some(entries) = entries(&central, count) else {
            return Ok(Err(Finding::Packing));
        };
        Ok(Self::of(entries, &central, at))
    }

    fn of(entries: Vec<(ZipEntry, u16)>, central: &[u8], at: u32) -> Result<Self, Finding> {
        let mut findings = Vec::new();
        for (entry, method) in &entries {
            if *method != 0 {
                findings.push(Finding::Compressed(shown(&entry.name)));
            } else if entry.bytes > ENTRY_BYTES_MAX {
                return Err(Finding::TooLarge);
            }
        }
        if let Some(first) = findings.into_iter().next() {
            return Err(first);
        }
        let entries: Vec<ZipEntry> = entries.into_iter().map(|(entry, _)| entry).collect();
        let mut next = 0;
        for entry in &entries {
            // Where entries overlap, a few bytes could be read as hundreds of files.
            if u64::from(entry.at) != next {
                return Err(Finding::Packing);
            }
            next = entry.end();
        }
        if next != u64::from(at) {
            return Err(Finding::Packing);
        }
        let mut findings = Vec::new();
        let again: Vec<u8> = entries.iter().flat_map(ZipEntry::central).collect();
        if again != central {
            findings.push(Finding::Packing);
        }
        let folder = entries.first().map(|entry| folder_of(&entry.name));
        let folder = folder.unwrap_or_default();
        let mut seen = BTreeSet::new();
        for entry in &entries {
            let shown = shown(&entry.name);
            if !is_name(&entry.name) {
                return Err(Finding::BadName(shown));
            }
            if !seen.insert(entry.name.to_ascii_lowercase()) {
                return Err(Finding::Twice(shown));
            }
            if !entry.name.starts_with(&folder) {
                findings.push(Finding::Added(shown));
            }
        }
        Ok(Self {
            entries,
            findings,
            folder,
        })
    }

    /// Reads the bytes of an entry, and compares its own header with the directory's.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn content(
        &self,
        bytes: &mut impl CaseBytes,
        entry: &ZipEntry,
        findings: &mut Vec<Finding>,
    ) -> io::Result<Vec<u8>> {
        let mut head = vec![0; LOCAL_BYTES + entry.name.len()];
        bytes.read_at(entry.at.into(), &mut head)?;
        if head != entry.local() {
            findings.push(Finding::Packing);
        }
        let mut content = vec![0; entry.bytes as usize];
        bytes.read_at(u64::from(entry.at) + head.len() as u64, &mut content)?;
        if crc32fast::hash(&content) != entry.crc {
            findings.push(Finding::changed(self.inside(entry)));
        }
        Ok(content)
    }

    /// Returns the name of an entry below the folder.
    #[must_use]
    pub fn inside<'a>(&self, entry: &'a ZipEntry) -> &'a str {
        entry.name.strip_prefix(&self.folder).unwrap_or(&entry.name)
    }
}

/// Returns number, length and place of the directory.
fn directory(record: &[u8; END_BYTES]) -> Result<(u16, u32, u32), Finding> {
    let mut fields = Fields(record);
    let signature = fields.take::<4>();
    if signature != Some(*b"PK\x05\x06") {
        return Err(Finding::NoZip);
    }
    let mut found = || {
        fields.take::<4>()?;
        fields.take::<2>()?;
        let count = u16::from_le_bytes(fields.take()?);
        let size = u32::from_le_bytes(fields.take()?);
        let at = u32::from_le_bytes(fields.take()?);
        Some((count, size, at))
    };
    let (count, size, at) = found().ok_or(Finding::NoZip)?;
    match end_record(count, size, at) == record {
        true => Ok((count, size, at)),
        false => Err(Finding::Packing),
    }
}

/// Returns the entries of a central directory with their methods; `None` if it is malformed.
fn entries(central: &[u8], count: u16) -> Option<Vec<(ZipEntry, u16)>> {
    let mut fields = Fields(central);
    let mut entries = Vec::new();
    for _ in 0..count {
        if fields.take()? != *b"PK\x01\x02" {
            return None;
        }
        // Versions and flags.
        fields.take::<6>()?;
        let method = u16::from_le_bytes(fields.take()?);
        // Time and date.
        fields.take::<4>()?;
        let crc = u32::from_le_bytes(fields.take()?);
        let packed = u32::from_le_bytes(fields.take()?);
        let bytes = u32::from_le_bytes(fields.take()?);
        let name = u16::from_le_bytes(fields.take()?);
        let extra = u16::from_le_bytes(fields.take()?);
        let comment = u16::from_le_bytes(fields.take()?);
        // Disk and attributes.
        fields.take::<8>()?;
        let at = u32::from_le_bytes(fields.take()?);
        let name = fields.bytes(name.into())?;
        fields.bytes(usize::from(extra) + usize::from(comment))?;
        if method == 0 && packed != bytes {
            return None;
        }
        // Each byte is one sign, so that lengths stay; a name must be ASCII.
        let name = name.iter().map(|byte| match byte.is_ascii() {
            true => char::from(*byte),
            false => '?',
        });
        let name = name.collect();
        entries.push((
            ZipEntry {
                name,
                crc,
                bytes,
                at,
            },
            method,
        ));
    }
    fields.0.is_empty().then_some(entries)
}

/// Fields one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }
}

fn folder_of(name: &str) -> String {
    let folder = name.split_once('/').map(|(folder, _)| folder);
    folder
        .map(|folder| format!("{folder}/"))
        .unwrap_or_default()
}

/// Whether a name is one that a case file may have: it leads nowhere else.
fn is_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    name.len() <= NAME_BYTES_MAX
        && name.bytes().all(allowed)
        && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}
