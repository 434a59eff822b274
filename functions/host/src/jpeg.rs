//! Checks that an upload is an acceptable JPEG, and rewrites it without metadata.
//!
//! No pixel is computed. The segments are walked from the first marker to the last (ITU-T T.81,
//! annex B), in linear time, and only those that are needed to show the picture are copied. The
//! codes of each scan are read too: it has the blocks that the headers announce, and no more. So a
//! picture that is accepted has its size, and other decoders can show it. What it shows is not
//! known. A colour profile is replaced by one of ours. Pictures are served as `image/jpeg` with
//! sniffing off.
//!
//! Libraries that split a JPEG into segments are too lenient for this: they skip bytes between
//! segments, and copy everything after the first scan, even with a missing end or with another
//! format appended.

mod entropy;
mod header;
mod huffman;
mod profile;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use entropy::Coefficients;
use header::Frame;
use huffman::Tables;
use profile::Profile;

/// A picture that may be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Accepted {
    /// The file without metadata. A profile of ours may be longer than the one that it replaces;
    /// nothing else is longer than in the upload.
    pub bytes: Vec<u8>,
    /// Pixels.
    pub width: u16,
    /// Pixels.
    pub height: u16,
}

/// Why an upload is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejected {
    /// It does not begin with a JPEG's first marker.
    #[error("not a JPEG")]
    NotJpeg,
    /// It ends before its last marker.
    #[error("JPEG is truncated")]
    Truncated,
    /// It has more than [`sightline_wire::PICTURE_PIXELS_MAX`] pixels, or a side of more than
    /// [`sightline_wire::PICTURE_SIDE_MAX`].
    #[error("picture has too many pixels")]
    TooLarge,
    /// It violates the format, or is of a kind that browsers neither write nor show.
    #[error("JPEG is malformed")]
    Malformed,
    /// A scan has other data than its headers announce: fewer blocks or more, or no codes.
    #[error("JPEG does not match its headers")]
    Mismatch,
}

/// Checks an upload, and drops metadata and everything after the picture.
///
/// The EXIF orientation is dropped as well: pictures come from a canvas, which has applied it
/// already.
pub(crate) fn accept(upload: &[u8]) -> Result<Accepted, Rejected> {
    let start = [MARK, SOI];
    let mut rest = upload.strip_prefix(&start).ok_or(Rejected::NotJpeg)?;
    let mut walk = Walk::default();
    loop {
        let (marker, after) = next_marker(rest)?;
        if marker == EOI {
            return walk.finish();
        }
        let (body, after) = next_body(after)?;
        rest = if marker == SOS {
            walk.scan(body, after)?
        } else {
            walk.segment(marker, body)?;
            after
        };
    }
}

/// What has been found so far.
#[derive(Default)]
struct Walk<'a> {
    jfif: Option<[u8; JFIF_BYTES]>,
    profile: Profile<'a>,
    frame: Option<Frame>,
    tables: Tables,
    coefficients: Coefficients,
    interval: u16,
    scans: usize,
    /// Frame and tables since the newest scan, unchanged. They are kept with the scan that they
    /// are for.
    pending: Vec<u8>,
    /// What `pending` defines.
    defined: BTreeSet<(u8, u8)>,
    /// Frame, tables and scans, unchanged.
    kept: Vec<u8>,
}

impl<'a> Walk<'a> {
    fn segment(&mut self, marker: u8, body: &'a [u8]) -> Result<(), Rejected> {
        match marker {
            DQT => {
                for table in header::quantization_tables(body)? {
                    self.define(DQT, table)?;
                    self.tables.define_quantization(table);
                }
            }
            DHT => {
                for (kind, table) in header::huffman_tables(body)? {
                    self.define(DHT, kind)?;
                    self.tables.define(kind, table).ok_or(Rejected::Malformed)?;
                }
            }
            DRI => {
                self.define(DRI, 0)?;
                self.interval = header::restart_interval(body)?;
            }
            SOF0 | SOF1 | SOF2 if self.frame.is_none() => {
                self.frame = Some(Frame::read(body, marker == SOF2)?);
            }
            APP0 => {
                self.jfif = self.jfif.or_else(|| plain_jfif(body));
                return Ok(());
            }
            APP2 => {
                self.profile.take(body);
                return Ok(());
            }
            APP1..=APP15 | COM => return Ok(()),
            // Lossless, hierarchical and arithmetic frames, a second frame, or a number of lines
            // after the first scan.
            _ => return Err(Rejected::Malformed),
        }
        write(&mut self.pending, marker, body);
        Ok(())
    }

    /// Notes that a table is defined. Only the last definition before a scan has an effect, so a
    /// second one would be bytes that mean nothing.
    fn define(&mut self, marker: u8, number: u8) -> Result<(), Rejected> {
        let new = self.defined.insert((marker, number));
        new.then_some(()).ok_or(Rejected::Malformed)
    }

    /// Checks and copies a scan's header and data; returns what follows.
    fn scan(&mut self, body: &[u8], after: &'a [u8]) -> Result<&'a [u8], Rejected> {
        let frame = self.frame.as_mut().ok_or(Rejected::Malformed)?;
        let header = frame.scan(body, &self.tables)?;
        self.scans += 1;
        if self.scans > SCANS_MAX {
            return Err(Rejected::Malformed);
        }
        let (data, rest) = entropy_coded(after, self.interval > 0)?;
        let Self {
            tables,
            coefficients,
            interval,
            ..
        } = self;
        entropy::walk(frame, &header, tables, *interval, coefficients, data)?;
        self.kept.append(&mut self.pending);
        self.defined.clear();
        write(&mut self.kept, SOS, body);
        self.kept.extend_from_slice(data);
        Ok(rest)
    }

    fn finish(self) -> Result<Accepted, Rejected> {
        let frame = self.frame.filter(Frame::is_whole);
        let frame = frame.ok_or(Rejected::Malformed)?;
        let mut bytes = vec![MARK, SOI];
        if let Some(jfif) = &self.jfif {
            write(&mut bytes, APP0, jfif);
        }
        // A grey picture has no use for a profile of colours.
        let ours = self.profile.ours().filter(|_| frame.components.len() == 3);
        if let Some(ours) = ours {
            write(&mut bytes, APP2, &ours);
        }
        bytes.extend_from_slice(&self.kept);
        bytes.extend_from_slice(&[MARK, EOI]);
        Ok(Accepted {
            bytes,
            width: frame.width,
            height: frame.height,
        })
    }
}

/// Splits off a marker, which may follow any number of fill bytes.
fn next_marker(bytes: &[u8]) -> Result<(u8, &[u8]), Rejected> {
    let (&first, mut rest) = bytes.split_first().ok_or(Rejected::Truncated)?;
    if first != MARK {
        return Err(Rejected::Malformed);
    }
    loop {
        let (&code, after) = rest.split_first().ok_or(Rejected::Truncated)?;
        match code {
            MARK => rest = after,
            // These have no length and may not stand between segments.
            0 | TEM | RST0..=SOI => return Err(Rejected::Malformed),
            _ => return Ok((code, after)),
        }
    }
}

/// Splits off a segment's body, without its length.
fn next_body(bytes: &[u8]) -> Result<(&[u8], &[u8]), Rejected> {
    let (&length, rest) = bytes.split_first_chunk().ok_or(Rejected::Truncated)?;
    let length = usize::from(u16::from_be_bytes(length));
    // The length counts itself.
    let length = length.checked_sub(2).ok_or(Rejected::Malformed)?;
    rest.split_at_checked(length).ok_or(Rejected::Truncated)
}

/// Splits off a scan's data: everything up to the next marker that is not a restart.
fn entropy_coded(bytes: &[u8], restarts: bool) -> Result<(&[u8], &[u8]), Rejected> {
    let (mut at, mut restart) = (0, RST0);
    loop {
        let ahead = bytes.get(at..).unwrap_or_default();
        let data = ahead.iter().position(|&byte| byte == MARK);
        at += data.ok_or(Rejected::Truncated)?;
        let marks = bytes.get(at..).unwrap_or_default();
        let fill = marks.iter().position(|&byte| byte != MARK);
        let fill = fill.ok_or(Rejected::Truncated)?;
        match marks.get(fill) {
            Some(0) if fill == 1 => {}
            // The format allows fill bytes here too, but no encoder writes them.
            Some(&code) if code == restart && restarts && fill == 1 => {
                restart = RST0 + (restart + 1 - RST0) % 8;
            }
            Some(0 | RST0..=RST7) | None => return Err(Rejected::Malformed),
            Some(_) if at == 0 => return Err(Rejected::Malformed),
            Some(_) => return bytes.split_at_checked(at).ok_or(Rejected::Truncated),
        }
        at += fill + 1;
    }
}

/// Returns a JFIF header without its thumbnail; `None` for anything else, extensions (JFXX)
/// included.
fn plain_jfif(body: &[u8]) -> Option<[u8; JFIF_BYTES]> {
    let mut plain = *body.first_chunk::<JFIF_BYTES>()?;
    // Version 1, and one of the three units.
    if !matches!(plain, [b'J', b'F', b'I', b'F', 0, 1, _, 0..=2, ..]) {
        return None;
    }
    let [.., across, down] = &mut plain;
    (*across, *down) = (0, 0);
    Some(plain)
}

fn write(out: &mut Vec<u8>, marker: u8, body: &[u8]) {
    let length = u16::try_from(body.len() + 2).expect("a body came with a length of 16 bits");
    out.extend_from_slice(&[MARK, marker]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(body);
}

/// A progressive picture in full colour has ten. A decoder goes over all pixels for each.
const SCANS_MAX: usize = 16;

/// Name, version, unit, two densities, and the size of a thumbnail.
const JFIF_BYTES: usize = 14;

/// First byte of every marker.
const MARK: u8 = 0xff;
const TEM: u8 = 0x01;
const SOF0: u8 = 0xc0;
const SOF1: u8 = 0xc1;
const SOF2: u8 = 0xc2;
const DHT: u8 = 0xc4;
const RST0: u8 = 0xd0;
const RST7: u8 = 0xd7;
const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const DQT: u8 = 0xdb;
const DRI: u8 = 0xdd;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP15: u8 = 0xef;
const COM: u8 = 0xfe;
