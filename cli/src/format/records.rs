//! Rows one below the other, each value on a line of its own: for more columns than a terminal is wide.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::table::cut;

/// The least room for a value.
const VALUE_WIDTH_MIN: usize = 20;

/// Prints rows that way, empty values left out; whether values were cut.
pub(super) fn print<W: Write>(out: &mut W, names: &[String], rows: &[Vec<String>], width: usize) -> io::Result<bool> {
    let name_width = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let room = width.saturating_sub(name_width + 2).max(VALUE_WIDTH_MIN);
    let mut is_cut = false;
    for (number, row) in rows.iter().enumerate() {
        let title = format!("── row {} ", number + 1);
        writeln!(out, "{title}{}", "─".repeat(width.saturating_sub(title.width())))?;
        for (name, value) in names.iter().zip(row).filter(|(_, value)| !value.is_empty()) {
            let shown = cut(value, room);
            is_cut |= shown != *value;
            writeln!(out, "{name}{}  {shown}", " ".repeat(name_width - name.width()))?;
        }
    }
    Ok(is_cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_has_its_line() {
        let names = ["a", "long", "none"].map(str::to_owned);
        let rows = [["1", "x", ""], ["2", "0123456789012345678901234", ""]];
        let rows: Vec<Vec<String>> = rows.map(|row| row.map(str::to_owned).to_vec()).to_vec();
        let mut out = Vec::new();
        assert!(print(&mut out, &names, &rows, 12).unwrap());
        let expected = "── row 1 ───\na     1\nlong  x\n── row 2 ───\na     2\nlong  0123456789012345678…\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
