//! Contrast of two colours, as WCAG 2.2 defines it ("contrast ratio", "relative luminance").

use sightline_wire::Colour;

/// Returns a ratio from 1 (the same brightness) to 21 (black and white).
pub(super) fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn luminance(Colour(parts): Colour) -> f64 {
    let [red, green, blue] = parts.map(|part| {
        let part = f64::from(part) / 255.0;
        match part <= 0.040_45 {
            true => part / 12.92,
            false => ((part + 0.055) / 1.055).powf(2.4),
        }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::contrast;

    /// Pairs of colours and their ratio, by another library: see `reference.mjs`.
    const REFERENCE: &str = include_str!("reference.tsv");

    #[test]
    fn ratios_are_those_of_another_library() {
        let mut pairs = 0;
        for line in REFERENCE.lines().filter(|line| line.starts_with("#")) {
            let mut cells = line.split('\t');
            let mut colour = || cells.next().unwrap().parse().unwrap();
            let (one, other) = (colour(), colour());
            let ratio: f64 = cells.next().unwrap().parse().unwrap();
            let ours = contrast(one, other);
            assert!((ours - ratio).abs() < 0.001, "{line}: {ours}");
            pairs += 1;
        }
        assert!(pairs >= 400, "{pairs} pairs");
    }
}
