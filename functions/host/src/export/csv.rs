//! Cells of a table that programs read (RFC 4180).

/// What a program for tables takes as the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Appends a cell of text. One that begins like a formula gets an apostrophe, so that no program
/// computes what a person typed.
pub(super) fn text(cell: &str, line: &mut String) {
    let guard = if cell.starts_with(FORMULA) { "'" } else { "" };
    if cell.contains(['"', ',', '\r', '\n']) {
        line.push('"');
        line.push_str(guard);
        line.push_str(&cell.replace('"', "\"\""));
        line.push('"');
    } else {
        line.push_str(guard);
        line.push_str(cell);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_is_never_a_formula() {
        for (cell, written) in [
            ("", ""),
            ("CLAIM-2026-1", "CLAIM-2026-1"),
            ("a b", "a b"),
            ("a,b", "\"a,b\""),
            ("a\r\nb", "\"a\r\nb\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("=1+1", "'=1+1"),
            ("+49 151", "'+49 151"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\rx", "\"'\rx\""),
            ("=HYPERLINK(\"x\",1)", "\"'=HYPERLINK(\"\"x\"\",1)\""),
            ("a=1", "a=1"),
        ] {
            let mut line = String::new();
            text(cell, &mut line);
            assert_eq!(line, written, "{cell:?}");
        }
    }
}
