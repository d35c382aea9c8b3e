//! Rows one below the other, each value on lines of its own: for more columns than a terminal is wide.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::table::{Row, cut};

/// The least room for a value.
const VALUE_WIDTH_MIN: usize = 20;

/// Prints rows that way, empty values left out; whether values were cut.
pub(super) fn print<W: Write>(out: &mut W, names: &[String], rows: &[Row], width: usize) -> io::Result<bool> {
    let name_width = names.iter().map(|name| name.width()).max().unwrap_or(0);
    let room = width.saturating_sub(name_width + 2).max(VALUE_WIDTH_MIN);
    let mut is_cut = false;
    for (number, row) in rows.iter().enumerate() {
        let title = format!("── row {} ", number + 1);
        writeln!(out, "{title}{}", "─".repeat(width.saturating_sub(title.width())))?;
        for (name, lines) in names.iter().zip(row).filter(|(_, lines)| !lines.iter().all(String::is_empty)) {
            for (place, line) in lines.iter().enumerate() {
                let name = if place == 0 { name } else { "" };
                let shown = cut(line, room);
                is_cut |= shown != *line;
                let text = format!("{name}{}  {shown}", " ".repeat(name_width - name.width()));
                writeln!(out, "{}", text.trim_end())?;
            }
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
        let rows = [["1", "x\ny", ""], ["2", "0123456789012345678901234", ""]];
        let lines = |value: &str| value.split('\n').map(str::to_owned).collect::<Vec<_>>();
        let rows: Vec<Row> = rows.map(|row| row.map(lines).to_vec()).to_vec();
        let mut out = Vec::new();
        assert!(print(&mut out, &names, &rows, 12).unwrap());
        let expected = "── row 1 ───\na     1\nlong  x\n      y\n── row 2 ───\na     2\nlong  0123456789012345678…\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
