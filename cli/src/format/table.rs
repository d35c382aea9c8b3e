//! Rows as a table for people.

use std::io::{self, Write};

use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::records;
use crate::talk::printable;

/// Rows that are printed on a terminal; a table is for reading.
const ROWS_MAX: usize = 1000;
/// The narrowest that text is cut to, which leaves an IPv4 address whole; numbers and times are never cut.
const TEXT_WIDTH_MIN: usize = 15;
/// Between two columns.
const GAP: &str = "  ";

/// A row's values, each as the lines that it has.
pub(super) type Row = Vec<Vec<String>>;

/// Prints a table: on a terminal, once all rows that are shown are there; elsewhere as rows come, as wide as the first
/// of them.
pub(super) struct TableWriter<W> {
    out: W,
    /// The terminal's width; there is none where all is written.
    terminal: Option<usize>,
    columns: Vec<Column>,
    /// The columns' widths once the head is printed.
    widths: Option<Vec<usize>>,
    rows: Vec<Row>,
    shown: u64,
}

struct Column {
    name: String,
    /// Numbers stand to the right.
    is_number: bool,
    /// Whether its values say nothing when they are cut.
    is_whole: bool,
}

impl<W: Write> TableWriter<W> {
    pub(super) fn new(out: W, schema: &SchemaRef, terminal: Option<usize>) -> Self {
        let columns = schema.fields().iter().map(|field| Column {
            name: printable(field.name()),
            is_number: field.data_type().is_numeric(),
            is_whole: is_whole(field.data_type()),
        });
        Self { out, terminal, columns: columns.collect(), widths: None, rows: Vec::new(), shown: 0 }
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let room = self.terminal.map_or(usize::MAX, |_| ROWS_MAX - self.rows.len());
        let options = FormatOptions::default();
        let columns = batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        for row in 0..batch.num_rows().min(room) {
            let cells = columns.iter().map(|column| Ok(lines(&column.value(row).try_to_string()?)));
            self.rows.push(cells.collect::<Result<_, ArrowError>>()?);
        }
        match self.terminal {
            None if !self.rows.is_empty() => {
                self.stream().map_err(|error| ArrowError::IoError(error.to_string(), error))
            }
            _ => Ok(()),
        }
    }

    /// Ends the table; how many rows were printed, and whether values were cut.
    pub(super) fn finish(mut self) -> io::Result<(W, u64, bool)> {
        let Some(terminal) = self.terminal else {
            self.stream()?;
            return Ok((self.out, self.shown, false));
        };
        let natural = self.natural_widths();
        let Some(widths) = fitted(&natural, &self.least_widths(&natural), terminal) else {
            let names: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
            let is_cut = records::print(&mut self.out, &names, &self.rows, terminal)?;
            return Ok((self.out, self.rows.len() as u64, is_cut));
        };
        let is_cut = widths != natural;
        self.print_head(&widths)?;
        self.print_rows(&widths, true)?;
        Ok((self.out, self.shown, is_cut))
    }

    /// Prints the rows that came, after a head as wide as the first of them.
    fn stream(&mut self) -> io::Result<()> {
        let widths = match self.widths.take() {
            Some(widths) => widths,
            None => {
                let widths = self.natural_widths();
                self.print_head(&widths)?;
                widths
            }
        };
        self.print_rows(&widths, false)?;
        self.widths = Some(widths);
        Ok(())
    }

    fn natural_widths(&self) -> Vec<usize> {
        let widest = |column: usize| self.rows.iter().flat_map(|row| &row[column]).map(|line| line.width()).max();
        let columns = self.columns.iter().enumerate();
        columns.map(|(number, column)| column.name.width().max(widest(number).unwrap_or(0))).collect()
    }

    fn least_widths(&self, natural: &[usize]) -> Vec<usize> {
        let least = |(column, natural): (&Column, &usize)| match column.is_whole {
            true => *natural,
            false => (*natural).min(TEXT_WIDTH_MIN),
        };
        self.columns.iter().zip(natural).map(least).collect()
    }

    fn print_head(&mut self, widths: &[usize]) -> io::Result<()> {
        let names: Vec<String> = self.columns.iter().map(|column| column.name.clone()).collect();
        let rule: Vec<String> = widths.iter().map(|width| "─".repeat(*width)).collect();
        self.print_line(names.iter().map(String::as_str), widths, true)?;
        self.print_line(rule.iter().map(String::as_str), widths, true)
    }

    fn print_rows(&mut self, widths: &[usize], is_cut: bool) -> io::Result<()> {
        for row in std::mem::take(&mut self.rows) {
            let height = row.iter().map(Vec::len).max().unwrap_or(1);
            for line in 0..height {
                let cells = row.iter().map(|lines| lines.get(line).map_or("", String::as_str));
                self.print_line(cells, widths, is_cut)?;
            }
            self.shown += 1;
        }
        Ok(())
    }

    fn print_line<'c>(
        &mut self,
        cells: impl Iterator<Item = &'c str>,
        widths: &[usize],
        is_cut: bool,
    ) -> io::Result<()> {
        let mut text = String::new();
        for (number, (cell, width)) in cells.zip(widths).enumerate() {
            let cell = if is_cut { cut(cell, *width) } else { cell.to_owned() };
            let blanks = " ".repeat(width.saturating_sub(cell.width()));
            if number > 0 {
                text.push_str(GAP);
            }
            match self.columns[number].is_number {
                true => text.extend([blanks.as_str(), cell.as_str()]),
                false => text.extend([cell.as_str(), blanks.as_str()]),
            }
        }
        writeln!(self.out, "{}", text.trim_end())
    }
}

/// A value's lines, fit for a terminal.
fn lines(value: &str) -> Vec<String> {
    value.trim_end_matches('\n').split('\n').map(printable).collect()
}

/// Whether a part of a value would be taken for another value.
fn is_whole(data_type: &DataType) -> bool {
    data_type.is_numeric() || data_type.is_temporal() || *data_type == DataType::Boolean
}

/// Widths that fit `total`: the widest column that can gives way first. `None` where not even the least ones fit.
fn fitted(natural: &[usize], least: &[usize], total: usize) -> Option<Vec<usize>> {
    let room = total.checked_sub(GAP.len() * natural.len().saturating_sub(1))?;
    let at = |limit: usize| natural.iter().zip(least).map(move |(natural, least)| (*natural).min(limit).max(*least));
    let (mut low, mut high) = (0, natural.iter().copied().max().unwrap_or(0));
    while low < high {
        let middle = (low + high).div_ceil(2);
        if at(middle).sum::<usize>() <= room { low = middle } else { high = middle - 1 }
    }
    (at(low).sum::<usize>() <= room).then(|| at(low).collect())
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
mod tests;
