//! The shades of the business's colour that pages can show: text in them can be read.
//!
//! A shade is the colour itself where that keeps a contrast of 4.5:1 (WCAG 2.2, 1.4.3) to all that
//! it stands on; otherwise it is mixed with black in light pages, and with white in dark ones, just
//! as far as that takes.

use sightline_wire::{BrandShades, Colour};

use super::contrast::contrast;

/// The least contrast of text.
const TEXT: f64 = 4.5;

/// The least contrast of the edge of a control.
const EDGE: f64 = 3.0;

const BLACK: Colour = Colour([0; 3]);
const WHITE: Colour = Colour([255; 3]);

/// A scheme of the pages: what `--ground` and `--surface` are in it, what makes a colour readable
/// there, and how much of the colour its tint has, in 255 parts.
struct Scheme {
    ground: Colour,
    surface: Colour,
    towards: Colour,
    tint: u8,
}

const LIGHT: Scheme = Scheme {
    ground: Colour([0xf4, 0xf7, 0xfa]),
    surface: WHITE,
    towards: BLACK,
    tint: 20,
};

const DARK: Scheme = Scheme {
    ground: Colour([0x10, 0x17, 0x1f]),
    surface: Colour([0x19, 0x23, 0x2e]),
    towards: WHITE,
    tint: 36,
};

/// Returns the shades of a colour.
pub(super) fn shades(colour: Colour) -> BrandShades {
    let (light, dark) = (LIGHT.accent(colour), DARK.accent(colour));
    BrandShades {
        accent: [light, dark],
        accent_soft: [LIGHT.soft(light), DARK.soft(dark)],
        fill: [light, dark_fill(light)],
    }
}

impl Scheme {
    /// Text in this shade can be read on the page, on a card and on its own tint. So can white on
    /// it in light pages, because a card is white there.
    fn accent(&self, colour: Colour) -> Colour {
        nearest(colour, self.towards, |shade| {
            [self.ground, self.surface, self.soft(shade)]
                .iter()
                .all(|below| contrast(shade, *below) >= TEXT)
        })
    }

    fn soft(&self, accent: Colour) -> Colour {
        mixed(self.surface, accent, self.tint)
    }
}

/// White text can be read on the fill of light pages. Where that would hardly show on a dark page,
/// it is lighter there, as far as the text allows.
fn dark_fill(light: Colour) -> Colour {
    nearest(light, WHITE, |fill| {
        [DARK.ground, DARK.surface]
            .iter()
            .all(|below| contrast(fill, *below) >= EDGE)
    })
}

/// The first colour on the way from one to another that fits.
fn nearest(from: Colour, to: Colour, fits: impl Fn(Colour) -> bool) -> Colour {
    let mut steps = (0..=u8::MAX).map(|part| mixed(from, to, part));
    steps.find(|step| fits(*step)).unwrap_or(to)
}

/// Mixes `part` of 255 parts of the other colour into one.
fn mixed(Colour(one): Colour, Colour(other): Colour, part: u8) -> Colour {
    let mut mixed = one;
    for (into, from) in mixed.iter_mut().zip(other) {
        let (had, more) = (u16::from(u8::MAX - part), u16::from(part));
        let sum = u16::from(*into) * had + u16::from(from) * more;
        *into = u8::try_from((sum + 127) / 255).unwrap_or(u8::MAX);
    }
    Colour(mixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The style sheet whose roles the shades replace.
    const PAGE: &str = include_str!("../../../../web/src/ui/look/page.css");

    /// Colours that a business may have, and such as make trouble.
    const NASTY: [&str; 12] = [
        "#ffff00", "#ffffff", "#000000", "#39ff14", "#ffd1dc", "#ff0000", "#0000ff", "#808080",
        "#fdfd96", "#00ffff", "#ff8c00", "#0f5cc0",
    ];

    /// The values of a role, in light and in dark.
    fn role(name: &str) -> [Colour; 2] {
        let (_, from) = PAGE.split_once(&format!("\t--{name}: ")).expect(name);
        let (value, _) = from.split_once(';').unwrap();
        let both = value
            .strip_prefix("light-dark(")
            .map_or((value, value), |both| {
                both.trim_end_matches(')').split_once(", ").unwrap()
            });
        [both.0, both.1].map(|text| match text {
            "#fff" => WHITE,
            text => text.parse().expect(text),
        })
    }

    /// All pairs that `web/tests/look.test.ts` asks of the roles, for these shades.
    fn can_be_read(shades: &BrandShades) -> bool {
        let [ground, surface, ink, ink_soft, over] =
            ["ground", "surface", "ink", "ink-soft", "over"].map(role);
        (0..2).all(|scheme| {
            let soft = shades.accent_soft[scheme];
            let text = [
                (shades.accent[scheme], ground[scheme]),
                (shades.accent[scheme], surface[scheme]),
                (shades.accent[scheme], soft),
                (ink[scheme], soft),
                (ink_soft[scheme], soft),
                (over[scheme], shades.fill[scheme]),
            ];
            let edges = [ground, surface].map(|below| contrast(shades.fill[scheme], below[scheme]));
            text.iter()
                .all(|(text, below)| contrast(*text, *below) >= TEXT)
                && edges.iter().all(|edge| *edge >= EDGE)
        })
    }

    #[test]
    fn the_schemes_are_those_of_the_style_sheet() {
        assert_eq!(role("ground"), [LIGHT.ground, DARK.ground]);
        assert_eq!(role("surface"), [LIGHT.surface, DARK.surface]);
    }

    #[test]
    fn text_in_each_colour_can_be_read() {
        for text in NASTY {
            let shades = shades(text.parse().unwrap());
            assert!(can_be_read(&shades), "{text}: {shades:?}");
        }
        let steps = || (0..=u8::MAX).step_by(15);
        for red in steps() {
            for green in steps() {
                for blue in steps() {
                    let colour = Colour([red, green, blue]);
                    assert!(can_be_read(&shades(colour)), "{colour}");
                }
            }
        }
    }

    /// One step of 255 lighter would not do.
    #[test]
    fn a_colour_is_changed_as_little_as_can_be() {
        for (given, light) in [
            ("#0f5cc0", "#0f5cc0"),
            ("#0a7f5a", "#0a7f5a"),
            ("#000000", "#000000"),
            ("#ffff00", "#737300"),
        ] {
            let shades = shades(given.parse().unwrap());
            assert_eq!(shades.accent[0].to_string(), light, "{given}");
            assert_eq!(shades.fill[0], shades.accent[0], "{given}");
        }
        let pale: Colour = "#ffd1dc".parse().unwrap();
        assert_eq!(shades(pale).accent[1], pale, "light enough for dark pages");
    }

    #[test]
    fn a_check_that_finds_nothing_would_be_none() {
        let yellow = Colour([255, 255, 0]);
        let as_given = BrandShades {
            accent: [yellow; 2],
            accent_soft: [WHITE; 2],
            fill: [yellow; 2],
        };
        assert!(!can_be_read(&as_given));
    }
}
