//! Rows as a table for people.

use std::io::{self, Write};

use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::records;
use crate::talk::printable;

/// Rows that are printed; a table is for reading.
const ROWS_MAX: usize = 1000;
/// The narrowest that a column is cut to.
const COLUMN_WIDTH_MIN: usize = 8;
/// Between two columns.
const GAP: &str = "  ";

/// Keeps the rows until their columns' widths are known.
pub(super) struct TableWriter<W> {
    out: W,
    /// The terminal's width.
    width: Option<usize>,
    names: Vec<String>,
    is_number: Vec<bool>,
    rows: Vec<Vec<String>>,
}

impl<W: Write> TableWriter<W> {
    pub(super) fn new(out: W, schema: &SchemaRef, width: Option<usize>) -> Self {
        let names = schema.fields().iter().map(|field| printable(field.name())).collect();
        let is_number = schema.fields().iter().map(|field| is_number(field.data_type())).collect();
        Self { out, width, names, is_number, rows: Vec::new() }
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let wanted = (ROWS_MAX - self.rows.len()).min(batch.num_rows());
        let options = FormatOptions::default();
        let columns = batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        for row in 0..wanted {
            let cells = columns.iter().map(|column| Ok(printable(&column.value(row).try_to_string()?)));
            self.rows.push(cells.collect::<Result<_, ArrowError>>()?);
        }
        Ok(())
    }

    /// Prints the table; the rows that are in it, and whether values were cut.
    pub(super) fn finish(mut self) -> io::Result<(W, u64, bool)> {
        let natural = self.natural_widths();
        if let Some(width) = self.width.filter(|width| is_too_narrow(natural.len(), *width)) {
            let is_cut = records::print(&mut self.out, &self.names, &self.rows, width)?;
            return Ok((self.out, self.rows.len() as u64, is_cut));
        }
        let widths = match self.width {
            Some(width) => fitted(&natural, width),
            None => natural.clone(),
        };
        let is_cut = widths != natural;
        self.print(&self.names.clone(), &widths)?;
        let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        self.print(&rule, &widths)?;
        let shown = self.rows.len() as u64;
        for row in std::mem::take(&mut self.rows) {
            self.print(&row, &widths)?;
        }
        Ok((self.out, shown, is_cut))
    }

    fn natural_widths(&self) -> Vec<usize> {
        let widest = |column: usize| self.rows.iter().map(|row| row[column].width()).max().unwrap_or(0);
        self.names.iter().enumerate().map(|(column, name)| name.width().max(widest(column))).collect()
    }

    fn print(&mut self, cells: &[String], widths: &[usize]) -> io::Result<()> {
        let mut line = String::new();
        for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
            let cell = cut(cell, *width);
            let blanks = " ".repeat(width.saturating_sub(cell.width()));
            if column > 0 {
                line.push_str(GAP);
            }
            match self.is_number[column] {
                true => line.extend([blanks.as_str(), cell.as_str()]),
                false => line.extend([cell.as_str(), blanks.as_str()]),
            }
        }
        writeln!(self.out, "{}", line.trim_end())
    }
}

/// Whether not even the narrowest columns fit.
fn is_too_narrow(columns: usize, width: usize) -> bool {
    columns * (COLUMN_WIDTH_MIN + GAP.len()) > width + GAP.len()
}

fn is_number(data_type: &DataType) -> bool {
    data_type.is_numeric()
}

/// Widths that fit `total`: the widest column gives way first.
fn fitted(natural: &[usize], total: usize) -> Vec<usize> {
    let room = total.saturating_sub(GAP.len() * natural.len().saturating_sub(1));
    let (mut low, mut high) = (COLUMN_WIDTH_MIN, natural.iter().copied().max().unwrap_or(0).max(COLUMN_WIDTH_MIN));
    let fits = |limit: usize| natural.iter().map(|width| (*width).min(limit)).sum::<usize>() <= room;
    while low < high {
        let middle = (low + high).div_ceil(2);
        if fits(middle) { low = middle } else { high = middle - 1 }
    }
    natural.iter().map(|width| (*width).min(low)).collect()
}

/// The first `width` columns of `text`, with a mark where something is missing.
pub(super) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut left = width.saturating_sub(1);
    let fits = |character: &char| {
        let needed = character.width().unwrap_or(0);
        let fits = needed <= left;
        left = left.saturating_sub(needed);
        fits
    };
    let mut kept: String = text.chars().take_while(fits).collect();
    kept.push('…');
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_widest_gives_way() {
        assert_eq!(fitted(&[3, 100, 40], 80), [3, 36, 36]);
        assert_eq!(fitted(&[3, 10], 80), [3, 10]);
        assert_eq!(fitted(&[100; 20], 80), [COLUMN_WIDTH_MIN; 20]);
        assert_eq!(fitted(&[], 80), Vec::<usize>::new());
    }

    #[test]
    fn cut_text_fits() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdefg", 6), "abcde…");
        assert_eq!(cut("日本語日本語", 6), "日本…");
    }
}
