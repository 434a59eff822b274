//! A QR code for the terminal.

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// Draws a text as a QR code of half blocks. Colours are set, because a terminal may be dark or
/// light, and cameras read dark modules on a light ground only. `None` if the text is too long.
#[must_use]
pub fn drawn(text: &str) -> Option<String> {
    const BLACK_ON_WHITE: &str = "\x1b[30;107m";
    const RESET: &str = "\x1b[0m";
    let code = QrCode::new(text).ok()?;
    let rows = code.render::<Dense1x2>().build();
    let rows = rows
        .lines()
        .map(|row| format!("  {BLACK_ON_WHITE}{row}{RESET}\n"));
    Some(rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_fits_into_a_terminal() {
        let drawn = drawn("https://192.168.100.200:8443/j#abcdefghijklmnopqrstuv").unwrap();
        let rows: Vec<&str> = drawn.lines().collect();
        assert!(rows.len() <= 22, "{} rows", rows.len());
        let widest = rows.iter().map(|row| row.chars().count()).max().unwrap();
        assert!(widest <= 42 + 16, "{widest} columns");
        let blocks = |row: &str| row.chars().filter(|c| "█▀▄".contains(*c)).count();
        assert_eq!(blocks(rows[0]), 0, "the margin is light");
        assert!(blocks(rows[2]) > 10);
    }
}
