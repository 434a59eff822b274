//! The colour profile, the only metadata that is kept: without it a picture would be shown in other
//! colours.

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

    /// Returns all chunks if they form a whole profile, otherwise none: a picture can be shown
    /// without a profile.
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
        // The header has the length and a signature (ICC.1:2010, 7.2).
        let length = u32::from_be_bytes(*profile.first_chunk()?);
        let signed = profile.get(36..40)? == b"acsp";
        let agrees = usize::try_from(length).is_ok_and(|length| length == profile.len());
        Some(signed && agrees && (HEADER_BYTES..=BYTES_MAX).contains(&profile.len()))
    }
}

const NAME: &[u8] = b"ICC_PROFILE\0";

/// Profiles of cameras and screens have a few hundred to a few thousand bytes.
const BYTES_MAX: usize = 64 * 1024;

/// That many bytes need one chunk; encoders may use smaller ones.
const CHUNKS_MAX: usize = 4;

const HEADER_BYTES: usize = 128;
