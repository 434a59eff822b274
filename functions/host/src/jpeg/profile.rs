//! The one piece of metadata that is kept: without its colour profile a picture would be shown in
//! other colours.

/// An ICC profile, in the chunks it came in (ICC.1:2010, annex B.4).
#[derive(Default)]
pub(super) struct Profile<'a> {
    chunks: Vec<&'a [u8]>,
}

impl<'a> Profile<'a> {
    /// Takes the body of an APP2 segment, which may be of another kind.
    pub fn take(&mut self, body: &'a [u8]) {
        // One too many is taken, for a sign that there are too many.
        if body.starts_with(NAME) && self.chunks.len() <= CHUNKS_MAX {
            self.chunks.push(body);
        }
    }

    /// All chunks when they are one whole profile, else none: a picture is shown without a profile
    /// as well.
    pub fn whole(&self) -> &[&'a [u8]] {
        if self.is_whole().unwrap_or(false) {
            &self.chunks
        } else {
            &[]
        }
    }

    fn is_whole(&self) -> Option<bool> {
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
        // Its header tells its length, and that it is one (ICC.1:2010, 7.2).
        let length = u32::from_be_bytes(*profile.first_chunk()?);
        let signed = profile.get(36..40)? == b"acsp";
        let agrees = usize::try_from(length).is_ok_and(|length| length == profile.len());
        Some(signed && agrees && (HEADER_BYTES..=BYTES_MAX).contains(&profile.len()))
    }
}

const NAME: &[u8] = b"ICC_PROFILE\0";

/// A profile of the colours of a camera or a screen has a few hundred bytes to a few thousand.
const BYTES_MAX: usize = 64 * 1024;

/// As many as that takes, and room for who parts it smaller.
const CHUNKS_MAX: usize = 4;

const HEADER_BYTES: usize = 128;
