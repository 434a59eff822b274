//! What pages show of the business beside its name: one colour and a logo.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

use crate::Digest;

/// Longest logo, bytes.
pub const LOGO_BYTES_MAX: usize = 256 * 1024;

/// Longest side of a logo, pixels.
pub const LOGO_SIDE_MAX: u16 = 512;

/// A colour of sRGB: red, green and blue. `#0a7f5a` as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, TS)]
#[ts(type = "string")]
pub struct Colour(pub [u8; 3]);

/// A text that is not a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a colour: expected # and six hexadecimal digits, such as #0a7f5a")]
pub struct NoColour;

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self([red, green, blue]) = self;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

impl fmt::Debug for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Colour({self})")
    }
}

impl FromStr for Colour {
    type Err = NoColour;

    fn from_str(text: &str) -> Result<Self, NoColour> {
        let digits = text.strip_prefix('#').ok_or(NoColour)?;
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(NoColour);
        }
        let all = u32::from_str_radix(digits, 16).map_err(|_| NoColour)?;
        let [_, red, green, blue] = all.to_be_bytes();
        Ok(Self([red, green, blue]))
    }
}

impl Serialize for Colour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Colour {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// What a page shows of the business. Without a colour it keeps its own, without a logo its mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Brand {
    /// Shades of the business's colour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub shades: Option<BrandShades>,
    /// Where the logo is, and its size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub logo: Option<LogoMark>,
}

/// Roles of the style sheets (`docs/look.md`) that follow the colour of the business: each in light
/// and in dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub struct BrandShades {
    /// Links, icons that can be pressed, the ring of the focus.
    pub accent: [Colour; 2],
    /// The chosen one, the one under the pointer.
    pub accent_soft: [Colour; 2],
    /// The button that leads on.
    pub fill: [Colour; 2],
}

/// A logo without its bytes. They are at `GET /api/logo?v=<digest>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogoMark {
    /// Names this very logo.
    pub digest: Digest,
    /// Pixels.
    pub width: u16,
    /// Pixels.
    pub height: u16,
}

/// Answer to `GET /api/brand`: what an admin sees of the brand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BrandSettings {
    /// The colour as configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub colour: Option<Colour>,
    /// What light pages show in its place: text in the colour as configured would be too pale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub darkened: Option<Colour>,
    /// The logo.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub logo: Option<LogoMark>,
    /// The logo is the operator's, from the start of the server. Admins cannot change it.
    pub logo_is_given: bool,
}

/// Why a file is no logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum LogoFault {
    /// It has more than [`LOGO_BYTES_MAX`] bytes.
    #[error("it has more than {} kB", LOGO_BYTES_MAX / 1_024)]
    TooManyBytes,
    /// A side has more than [`LOGO_SIDE_MAX`] pixels.
    #[error("it is wider or higher than {LOGO_SIDE_MAX} pixels")]
    TooManyPixels,
    /// It is neither a PNG nor a JPEG.
    #[error("it is neither a PNG nor a JPEG")]
    OtherKind,
    /// It is an animated PNG.
    #[error("it is animated")]
    Animated,
    /// It is damaged, or of a kind of PNG or JPEG that is not accepted.
    #[error("it is damaged, or of an unusual kind")]
    Damaged,
}

#[cfg(test)]
mod tests {
    use super::Colour;

    #[test]
    fn a_colour_is_a_hash_and_six_digits() {
        for (text, red_green_blue) in [
            ("#0a7f5a", [10, 127, 90]),
            ("#FFFFFF", [255; 3]),
            ("#000000", [0; 3]),
        ] {
            let colour: Colour = text.parse().expect(text);
            assert_eq!(colour, Colour(red_green_blue));
            assert_eq!(colour.to_string(), text.to_ascii_lowercase());
        }
        for text in [
            "", "#", "0a7f5a", "#0a7f5", "#0a7f5a0", "#0a7f5g", "#+a7f5a", "#0a7fé", "red",
            " #0a7f5a",
        ] {
            assert!(text.parse::<Colour>().is_err(), "{text}");
        }
    }
}
