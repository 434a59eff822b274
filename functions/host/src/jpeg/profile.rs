//! The colour profile: without one a picture could be shown in other colours.
//!
//! A profile has room for texts, dates and names of devices, so none is kept. If it describes one
//! of the two colour spaces in which browsers paint pictures (HTML, "predefined color spaces"), a
//! profile of ours for that space takes its place. Other profiles are dropped: the picture counts
//! as sRGB then, and its colours may look paler. Pages paint every picture in sRGB before they
//! upload it, so only pictures of other senders have others.

/// An ICC profile in its chunks (ICC.1:2010, annex B.4).
#[derive(Default)]
pub(super) struct Profile<'a> {
    chunks: Vec<&'a [u8]>,
}

impl<'a> Profile<'a> {
    /// Adds the body of an APP2 segment; ignores those of another kind.
    pub fn take(&mut self, body: &'a [u8]) {
        // One chunk too many is kept, as the sign that there are too many.
        if body.starts_with(NAME) && self.chunks.len() <= CHUNKS_MAX {
            self.chunks.push(body);
        }
    }

    /// Returns the body of a segment with our profile for the same colours, if they are known.
    pub fn ours(&self) -> Option<Vec<u8>> {
        let profile = self.whole()?;
        let space = SPACES.iter().find(|space| space.is_that_of(&profile))?;
        Some([NAME, &[1, 1], &space.profile()].concat())
    }

    fn whole(&self) -> Option<Vec<u8>> {
        if self.chunks.len() > CHUNKS_MAX {
            return None;
        }
        let mut profile = Vec::new();
        for (place, chunk) in (1..).zip(&self.chunks) {
            let ([number, count], data) = chunk.strip_prefix(NAME)?.split_first_chunk()?;
            if usize::from(*number) != place || usize::from(*count) != self.chunks.len() {
                return None;
            }
            profile.extend_from_slice(data);
        }
        (profile.len() <= BYTES_MAX).then_some(profile)
    }
}

/// A colour space with the curve of sRGB (IEC 61966-2-1).
struct Space {
    name: &'static str,
    /// Red, green and blue in XYZ, adapted to D50, in 65,536ths.
    primaries: [[i32; 3]; 3],
}

/// sRGB, and Display P3 (CSS Color 4, section 10).
const SPACES: [Space; 2] = [
    Space {
        name: "sRGB",
        primaries: [
            [28_578, 14_581, 912],
            [25_241, 46_981, 6_362],
            [9_376, 3_972, 46_799],
        ],
    },
    Space {
        name: "Display P3",
        primaries: [
            [33_759, 15_807, -69],
            [19_135, 45_367, 2_745],
            [10_296, 4_363, 51_385],
        ],
    },
];

impl Space {
    /// Whether a profile describes this space, by its primaries and by its curve at half height.
    fn is_that_of(&self, profile: &[u8]) -> bool {
        let near = |tag, wanted: &[i32; 3]| {
            let found = xyz(profile, tag);
            found.is_some_and(|found| {
                let mut both = found.iter().zip(wanted);
                both.all(|(found, wanted)| found.abs_diff(*wanted) <= PRIMARY_TOLERANCE)
            })
        };
        let [red, green, blue] = &self.primaries;
        let curves = [b"rTRC", b"gTRC", b"bTRC"];
        let is_ours = |tag| {
            half_height(profile, tag)
                .is_some_and(|half| (half - HALF_HEIGHT).abs() <= HALF_HEIGHT_TOLERANCE)
        };
        near(b"rXYZ", red)
            && near(b"gXYZ", green)
            && near(b"bXYZ", blue)
            && curves.into_iter().all(is_ours)
    }

    /// Makes a profile for a display (ICC.1:2010, 8.4.3), without date and maker.
    fn profile(&self) -> Vec<u8> {
        let text = |text: &str| {
            // Multi-localized Unicode with one record (10.15).
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            let length = u32::try_from(units.len()).unwrap_or_default().to_be_bytes();
            let head = [
                b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS",
                &length[..],
                &[0, 0, 0, 28],
            ];
            [&head.concat(), &units[..]].concat()
        };
        let [red, green, blue] = self.primaries.map(|primary| numbers(b"XYZ ", &primary));
        // Type 3: two pieces (10.18, table 68).
        let curve = numbers(b"para", &[3 << 16, 157_286, 62_119, 3_417, 5_072, 2_651]);
        let parts = [
            (&[*b"desc"][..], text(self.name)),
            (&[*b"cprt"], text("CC0")),
            (&[*b"wtpt"], numbers(b"XYZ ", &D50)),
            (&[*b"chad"], numbers(b"sf32", &ADAPTATION)),
            (&[*b"rXYZ"], red),
            (&[*b"gXYZ"], green),
            (&[*b"bXYZ"], blue),
            (&[*b"rTRC", *b"gTRC", *b"bTRC"], curve),
        ];
        let count: usize = parts.iter().map(|(tags, _)| tags.len()).sum();
        let word = |number: usize| u32::try_from(number).unwrap_or_default().to_be_bytes();
        let (mut table, mut data) = (word(count).to_vec(), Vec::new());
        let start = HEADER_BYTES + 4 + 12 * count;
        for (tags, part) in parts {
            for tag in tags {
                let place = [word(start + data.len()), word(part.len())].concat();
                table.extend([&tag[..], &place].concat());
            }
            data.extend_from_slice(&part);
            // Each part begins at a multiple of four.
            data.resize(data.len().next_multiple_of(4), 0);
        }
        let mut header = vec![0; HEADER_BYTES];
        let mut put = |at: usize, bytes: &[u8]| {
            let place = header.iter_mut().skip(at);
            place.zip(bytes).for_each(|(place, byte)| *place = *byte);
        };
        put(0, &word(start + data.len()));
        put(8, &[4, 0x30]);
        put(12, b"mntrRGB XYZ ");
        put(36, b"acsp");
        put(68, &numbers(b"", &D50));
        [header, table, data].concat()
    }
}

/// A type, four bytes that are 0, and numbers.
fn numbers(kind: &[u8], numbers: &[i32]) -> Vec<u8> {
    let reserved: &[u8] = if kind.is_empty() { &[] } else { &[0; 4] };
    let numbers = numbers.iter().flat_map(|number| number.to_be_bytes());
    kind.iter()
        .chain(reserved)
        .copied()
        .chain(numbers)
        .collect()
}

/// Returns the data of a tag (ICC.1:2010, 7.3).
fn tag<'a>(profile: &'a [u8], wanted: &[u8; 4]) -> Option<&'a [u8]> {
    let table = profile.get(HEADER_BYTES..)?;
    let (count, table) = table.split_first_chunk()?;
    let (entries, _) = table.as_chunks::<12>();
    let count = usize::try_from(u32::from_be_bytes(*count)).ok()?;
    let mut entries = entries.iter().take(count.min(TAGS_MAX));
    let entry = entries.find(|entry| entry.starts_with(wanted))?;
    let [.., o3, o2, o1, o0, l3, l2, l1, l0] = *entry;
    let offset = usize::try_from(u32::from_be_bytes([o3, o2, o1, o0])).ok()?;
    let length = usize::try_from(u32::from_be_bytes([l3, l2, l1, l0])).ok()?;
    profile.get(offset..offset.checked_add(length)?)
}

/// Returns the words of a tag of a type.
fn words<'a>(profile: &'a [u8], wanted: &[u8; 4], kind: &[u8]) -> Option<&'a [u8]> {
    tag(profile, wanted)?.strip_prefix(kind)?.get(4..)
}

fn word(words: &[u8], place: usize) -> Option<i32> {
    let (words, _) = words.as_chunks();
    words.get(place).map(|word| i32::from_be_bytes(*word))
}

fn xyz(profile: &[u8], wanted: &[u8; 4]) -> Option<[i32; 3]> {
    let words = words(profile, wanted, b"XYZ ")?;
    Some([word(words, 0)?, word(words, 1)?, word(words, 2)?])
}

/// Returns how much light a curve gives for half of the signal (ICC.1:2010, 10.6 and 10.18).
fn half_height(profile: &[u8], wanted: &[u8; 4]) -> Option<f64> {
    let fixed = |words, place| Some(f64::from(word(words, place)?) / 65_536.0);
    if let Some(data) = words(profile, wanted, b"para") {
        let (&[0, kind, 0, 0], values) = data.split_first_chunk()? else {
            return None;
        };
        let (gamma, a, b) = match kind {
            0 => (fixed(values, 0)?, 1.0, 0.0),
            // The other pieces of types 3 and 4 are for darker signals, and type 4 adds little.
            3 | 4 => (fixed(values, 0)?, fixed(values, 1)?, fixed(values, 2)?),
            _ => return None,
        };
        return Some((a * 0.5 + b).powf(gamma));
    }
    let data = words(profile, wanted, b"curv")?;
    let (count, values) = data.split_first_chunk()?;
    let (values, _) = values.as_chunks();
    let value = |place: usize| {
        values
            .get(place)
            .map(|value| f64::from(u16::from_be_bytes(*value)))
    };
    match usize::try_from(u32::from_be_bytes(*count)).ok()? {
        0 => Some(0.5),
        1 => Some(0.5_f64.powf(value(0)? / 256.0)),
        count => {
            let (below, above) = (value((count - 1) / 2)?, value(count / 2)?);
            Some((below + above) / 2.0 / 65_535.0)
        }
    }
}

const NAME: &[u8] = b"ICC_PROFILE\0";

/// Profiles of cameras and screens have a few hundred to a few thousand bytes.
const BYTES_MAX: usize = 64 * 1024;

/// That many bytes need one chunk; encoders may use smaller ones.
const CHUNKS_MAX: usize = 4;

const HEADER_BYTES: usize = 128;

/// Profiles have some twenty tags.
const TAGS_MAX: usize = 100;

/// 0.01: profiles round differently, and the two spaces are 0.06 apart.
const PRIMARY_TOLERANCE: u32 = 655;

/// What the curve of sRGB gives for half of the signal. A gamma of 2.2 gives 0.218, and passes.
const HALF_HEIGHT: f64 = 0.214;
const HALF_HEIGHT_TOLERANCE: f64 = 0.01;

/// The white of profiles, in 65,536ths.
const D50: [i32; 3] = [63_190, 65_536, 54_061];

/// From D65, the white of both spaces, to D50 (Bradford).
const ADAPTATION: [i32; 9] = [
    68_674, 1_502, -3_290, 1_939, 64_912, -1_118, -605, 988, 49_262,
];
