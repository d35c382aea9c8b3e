//! The values of one column, row by row.

use super::delta::Delta;
use super::footer::Chunk;
use super::hybrid::Hybrid;
use super::page::{Data, PLAIN, Page, Pages};
use super::schema::{Column, Kind};
use super::shared::Shared;
use super::texts::{NULL, Texts};
use super::trouble::{Read, damaged, unread};
use crate::limits::PARQUET_BATCH_ROWS;

/// Reads the values of one column, in the row group at hand.
#[derive(Debug)]
pub(super) struct ColumnReader {
    kind: Kind,
    is_optional: bool,
    pages: Option<Pages>,
    /// Where the page at hand stands.
    at: u64,
    /// Rows that are in the row group and in no page yet; those of the page at hand that were not read.
    rows_left: u64,
    page_rows: usize,
    levels: Option<Hybrid>,
    values: Values,
    dictionary: Texts,
    has_dictionary: bool,
    /// The texts of the batch at hand, unless those are the dictionary's.
    texts: Texts,
    is_coded: bool,
    /// The numbers of the texts of the rows of the batch, and how many of them were taken.
    numbers: Vec<u32>,
    taken: usize,
    /// For each row of the batch whether it has a value, and for each value its place in the dictionary.
    present: Vec<u32>,
    codes: Vec<u32>,
    wide: Vec<i64>,
}

/// How the values of the page at hand are written.
#[derive(Debug)]
enum Values {
    /// One behind the other, the next one here.
    Plain(usize),
    /// One bit each, the next one here.
    Bits(usize),
    /// Truths in runs.
    Runs(Hybrid),
    /// Places in the dictionary.
    Coded(Hybrid),
    /// Whole numbers as differences.
    Delta(Delta),
    /// The lengths of texts as differences, and where the next text begins.
    Lengths(Delta, usize),
}

impl ColumnReader {
    pub(super) fn new(column: &Column) -> Self {
        Self {
            kind: column.kind,
            is_optional: column.is_optional,
            pages: None,
            at: 0,
            rows_left: 0,
            page_rows: 0,
            levels: None,
            values: Values::Plain(0),
            dictionary: Texts::new(),
            has_dictionary: false,
            texts: Texts::new(),
            is_coded: false,
            numbers: Vec::new(),
            taken: 0,
            present: Vec::new(),
            codes: Vec::new(),
            wide: Vec::new(),
        }
    }

    /// Goes on with the values of another row group.
    pub(super) fn begin(&mut self, chunk: Chunk) -> Read<()> {
        let mut pages = Pages::new(chunk, self.is_optional)?;
        if let Some(before) = &mut self.pages {
            pages.bytes = std::mem::take(&mut before.bytes);
        }
        (self.pages, self.at) = (Some(pages), chunk.start);
        (self.rows_left, self.page_rows) = (chunk.values, 0);
        self.has_dictionary = false;
        self.numbers.clear();
        self.taken = 0;
        Ok(())
    }

    /// Where in the stored file the page at hand stands.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Rows that are at hand.
    #[inline]
    pub(super) fn ready(&self) -> usize {
        self.numbers.len() - self.taken
    }

    /// The text of the next row, counted from 0, that is at hand.
    #[inline]
    pub(super) fn text(&self, row: usize) -> &[u8] {
        let number = self.numbers[self.taken + row];
        if self.is_coded { self.dictionary.get(number) } else { self.texts.get(number) }
    }

    /// Has done with `rows` that were at hand.
    pub(super) fn pass(&mut self, rows: usize) {
        self.taken += rows;
    }

    /// Reads the next rows, when none is at hand.
    pub(super) fn refill(&mut self, shared: &mut Shared<'_>) -> Read<()> {
        self.numbers.clear();
        self.taken = 0;
        while self.page_rows == 0 {
            self.next_page(shared)?;
        }
        let Self { pages: Some(Pages { bytes: page, .. }), .. } = self else { return Ok(()) };
        let count = self.page_rows.min(PARQUET_BATCH_ROWS);
        let mut values = count;
        if let Some(levels) = &mut self.levels {
            levels.read(page, count, &mut self.present)?;
            values = self.present.iter().filter(|level| **level > 0).count();
        }
        self.texts.clear();
        let budget = &mut shared.budget;
        self.is_coded = false;
        match &mut self.values {
            Values::Plain(at) => *at = self.texts.push_plain((self.kind, page), *at, values, budget)?,
            Values::Bits(bit) => {
                let bits = page.get(..(*bit + values).div_ceil(8));
                let bits = bits.ok_or_else(|| damaged("the values of a page end too early"))?;
                let truths = (*bit..*bit + values).map(|bit| bits[bit / 8] >> (bit % 8) & 1 == 1);
                self.texts.push_truths(truths, budget)?;
                *bit += values;
            }
            Values::Runs(runs) => {
                runs.read(page, values, &mut self.codes)?;
                self.texts.push_truths(self.codes.iter().map(|truth| *truth == 1), budget)?;
            }
            Values::Coded(codes) => {
                codes.read(page, values, &mut self.codes)?;
                let known = self.dictionary.count();
                if self.codes.iter().any(|code| *code as usize >= known) {
                    return Err(damaged("a value is not in its dictionary"));
                }
                self.is_coded = true;
            }
            Values::Delta(delta) => {
                delta.read(page, values, &mut self.wide)?;
                self.texts.push_numbers(self.kind, &self.wide, budget)?;
            }
            Values::Lengths(delta, at) => {
                delta.read(page, values, &mut self.wide)?;
                *at = self.texts.push_texts(&self.wide, page, *at, budget)?;
            }
        }
        self.page_rows -= count;
        self.number(count);
        Ok(())
    }

    /// Gives each row of the batch the number of its text.
    fn number(&mut self, count: usize) {
        let Self { codes, present, numbers, is_coded, .. } = self;
        let is_coded = *is_coded;
        // Texts that are no dictionary's stand in the order of their rows. Number 0 is null.
        let number = |place: usize| if is_coded { codes[place] + 1 } else { place as u32 + 1 };
        if self.levels.is_none() {
            numbers.extend((0..count).map(number));
            return;
        }
        let mut place = 0;
        numbers.extend(present.iter().map(|level| {
            if *level == 0 {
                return NULL;
            }
            place += 1;
            number(place - 1)
        }));
    }

    /// Goes on to the next page of data.
    fn next_page(&mut self, shared: &mut Shared<'_>) -> Read<()> {
        let Some(pages) = &mut self.pages else { return Err(damaged("a column stands nowhere")) };
        self.at = pages.at();
        match pages.next(shared)? {
            Some(Page::Dictionary { .. }) if self.has_dictionary => Err(damaged("there is a second dictionary")),
            Some(Page::Dictionary { values }) => {
                self.dictionary.clear();
                self.has_dictionary = true;
                // No value takes less than a byte, so that a count that lies cannot make room for itself.
                if values > pages.bytes.len() {
                    return Err(damaged("a dictionary is shorter than it says"));
                }
                let texts = (self.kind, &pages.bytes[..]);
                self.dictionary.push_plain(texts, 0, values, &mut shared.budget).map(drop)
            }
            Some(Page::Data(data)) => {
                let left = self.rows_left.checked_sub(data.rows as u64);
                self.rows_left = left.ok_or_else(|| damaged("there are more values than rows"))?;
                self.enter(data)
            }
            None => Err(damaged("there are fewer values than rows")),
        }
    }

    fn enter(&mut self, data: Data) -> Read<()> {
        const DICTIONARY: [i64; 2] = [2, 8];
        const RUNS: i64 = 3;
        const DELTA: i64 = 5;
        const DELTA_LENGTHS: i64 = 6;
        let Some(Pages { bytes: page, .. }) = &self.pages else { return Ok(()) };
        let Data { rows, encoding, levels, start } = data;
        self.values = match (encoding, self.kind) {
            (PLAIN, Kind::Truth) => Values::Bits(start * 8),
            (PLAIN, _) => Values::Plain(start),
            (RUNS, Kind::Truth) => {
                // Their length stands before them, and then nothing does behind.
                Values::Runs(Hybrid::new(1, (start + 4).min(page.len())..page.len())?)
            }
            (code, _) if DICTIONARY.contains(&code) && !self.has_dictionary => {
                return Err(damaged("there is no dictionary"));
            }
            (code, _) if DICTIONARY.contains(&code) => match page.get(start) {
                Some(width) => Values::Coded(Hybrid::new(u32::from(*width), start + 1..page.len())?),
                // All of its rows are null.
                None => Values::Coded(Hybrid::new(1, start..start)?),
            },
            (DELTA, Kind::Int32 { .. } | Kind::Int64 { .. }) => Values::Delta(Delta::new(page, start..page.len())?),
            (DELTA_LENGTHS, Kind::Text) => {
                let lengths = Delta::new(page, start..page.len())?;
                let texts = lengths.behind(page)?;
                Values::Lengths(lengths, texts)
            }
            (code, _) => return Err(unread(format!("its values have encoding {}", name(code)))),
        };
        self.levels = levels.map(|place| Hybrid::new(1, place)).transpose()?;
        self.page_rows = rows;
        Ok(())
    }
}

fn name(encoding: i64) -> String {
    match encoding {
        5 => "DELTA_BINARY_PACKED".to_owned(),
        6 => "DELTA_LENGTH_BYTE_ARRAY".to_owned(),
        7 => "DELTA_BYTE_ARRAY".to_owned(),
        9 => "BYTE_STREAM_SPLIT".to_owned(),
        other => other.to_string(),
    }
}
