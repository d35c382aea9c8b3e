//! Columns of fixed width: numbers and booleans.

use std::ops::Range;

use parquet::basic::Encoding;
use parquet::column::writer::ColumnCloseResult;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;

use super::bounds::{NumberBounds, PageBounds};
use super::chunk::{Chunk, ChunkEncoder};
use super::delta::{DISTANCE_MAX, deltas};
use super::levels::{bits, coded_values, definition_levels, definition_levels_of_nulls};
use super::number::Number;
use super::page::{Content, PageKind};
use crate::columns::BOOL_NULL;
use crate::error::Error;
use crate::limits::PAGE_ROWS;

/// Numbers that are less than this apart may have a dictionary; a table of so many finds their codes.
const CODED_SPAN: u64 = 1024;
/// Distinct numbers of a dictionary: with more, what zstd makes of plain ones is smaller.
const CODED_VALUES: u32 = 256;

/// How the numbers of a chunk are written.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// As codes of a dictionary of so many.
    Codes(usize),
    /// As steps from one to the next.
    Steps,
    Plain,
}

impl ChunkEncoder {
    /// A column of numbers: pages of [`PAGE_ROWS`] rows, so that a range of times finds few of them.
    pub(super) fn numbers<T: Number>(
        &mut self,
        column: &[T],
        rows: &[u32],
        descriptor: ColumnDescPtr,
    ) -> Result<ColumnCloseResult, Error> {
        if column.is_empty() {
            return self.null_numbers::<T>(rows.len(), descriptor);
        }
        let mut numbers = std::mem::take(T::gathered(&mut self.gathered));
        numbers.clear();
        numbers.extend(rows.iter().map(|row| column[*row as usize]));
        let closed = self.gathered_numbers(&numbers, descriptor);
        *T::gathered(&mut self.gathered) = numbers;
        closed
    }

    fn gathered_numbers<T: Number>(
        &mut self,
        numbers: &[T],
        descriptor: ColumnDescPtr,
    ) -> Result<ColumnCloseResult, Error> {
        self.pages.begin(Content::Text);
        let mut chunk = Chunk::new(PageBounds::new(T::TYPE));
        let bounds: Vec<_> = numbers.chunks(PAGE_ROWS).map(NumberBounds::of).collect();
        let (all, mut all_nulls) = (NumberBounds::over(&bounds), 0);
        let (mut before, mut are_ascending) = (NumberBounds::default(), true);
        let form = match self.number_dictionary(numbers, all, &mut chunk)? {
            Some(distinct) => Form::Codes(distinct),
            None if T::HAS_STEPS && all.span().is_some_and(|(_, span)| span <= DISTANCE_MAX) => Form::Steps,
            None => Form::Plain,
        };
        for ((page, numbers), bounds) in numbers.chunks(PAGE_ROWS).enumerate().zip(bounds) {
            let nulls = self.number_levels(numbers);
            let encoding = match form {
                Form::Codes(distinct) => {
                    self.coded_numbers(page * PAGE_ROWS..page * PAGE_ROWS + numbers.len(), distinct)
                }
                Form::Steps => self.number_steps(numbers),
                Form::Plain => self.plain_numbers(numbers, nulls),
            };
            chunk.add_encoding(encoding);
            let place = self.pages.finish(PageKind::Data, numbers.len(), encoding)?;
            chunk.add_page(place, numbers.len());
            chunk.page_bounds.numbers(bounds, nulls);
            are_ascending &= bounds.is_behind(before);
            if nulls < numbers.len() {
                before = bounds;
            }
            all_nulls += nulls;
        }
        if are_ascending && all_nulls < numbers.len() {
            chunk.page_bounds.are_ascending();
        }
        chunk.statistics = Some(all.statistics(all_nulls));
        self.close(chunk, numbers.len(), descriptor)
    }

    /// Writes a dictionary where the numbers are few and close together, as kinds and flags are: how many there are.
    /// [`ChunkEncoder::codes`] then has a code for each number; those of nulls mean nothing.
    fn number_dictionary<T: Number>(
        &mut self,
        numbers: &[T],
        bounds: NumberBounds<T>,
        chunk: &mut Chunk,
    ) -> Result<Option<usize>, Error> {
        let Some((least, span)) = bounds.span().filter(|(_, span)| *span < CODED_SPAN) else { return Ok(None) };
        // One place more takes the nulls.
        let mut values = [T::NULL; CODED_SPAN as usize + 1];
        let place = |number: T| match number.integer() {
            Some(integer) if !number.is_null() => integer.abs_diff(least) as usize,
            _ => CODED_SPAN as usize,
        };
        self.codes.clear();
        for number in numbers {
            let place = place(*number);
            values[place] = *number;
            self.codes.push(place as u32);
        }
        let (mut codes, mut count) = ([0; CODED_SPAN as usize + 1], 0);
        for (code, value) in codes.iter_mut().zip(&values[..=span as usize]).filter(|(_, value)| !value.is_null()) {
            *code = count;
            count += 1;
            put(&mut self.pages.page, *value);
        }
        if count > CODED_VALUES {
            self.pages.page.clear();
            return Ok(None);
        }
        self.codes.iter_mut().for_each(|code| *code = codes[*code as usize]);
        self.finish_dictionary(chunk, count as usize)?;
        Ok(Some(count as usize))
    }

    /// Begins a page with the levels of `numbers`; returns the nulls.
    fn number_levels<T: Number>(&mut self, numbers: &[T]) -> usize {
        self.present.clear();
        self.present.extend(numbers.iter().map(|number| !number.is_null()));
        definition_levels(&mut self.pages.page, &self.present);
        self.present.iter().filter(|present| !**present).count()
    }

    /// The codes of numbers `rows`, whose levels stand on the page.
    fn coded_numbers(&mut self, rows: Range<usize>, distinct: usize) -> Encoding {
        let codes = &mut self.codes[rows];
        let mut count = 0;
        for (number, present) in self.present.iter().enumerate() {
            // No branch on nulls: what is moved for one is written over.
            codes[count] = codes[number];
            count += usize::from(*present);
        }
        coded_values(&mut self.pages.page, &codes[..count], distinct);
        Encoding::RLE_DICTIONARY
    }

    /// The steps from one of `numbers` to the next.
    fn number_steps<T: Number>(&mut self, numbers: &[T]) -> Encoding {
        self.integers.clear();
        let present = numbers.iter().filter(|number| !number.is_null());
        self.integers.extend(present.filter_map(|number| number.integer()));
        deltas(&mut self.pages.page, &self.integers);
        Encoding::DELTA_BINARY_PACKED
    }

    fn plain_numbers<T: Number>(&mut self, numbers: &[T], nulls: usize) -> Encoding {
        let page = &mut self.pages.page;
        let start = page.len();
        page.resize(start + (numbers.len() + 1) * T::WIDTH, 0);
        let places = page[start..].chunks_exact_mut(T::WIDTH);
        if nulls == 0 {
            places.zip(numbers).for_each(|(place, number)| number.put(place));
        } else {
            let mut at = start;
            for number in numbers {
                // No branch on nulls: what is written for one is written over.
                number.put(&mut page[at..]);
                at += if number.is_null() { 0 } else { T::WIDTH };
            }
        }
        page.truncate(start + (numbers.len() - nulls) * T::WIDTH);
        Encoding::PLAIN
    }

    fn null_numbers<T: Number>(&mut self, rows: usize, descriptor: ColumnDescPtr) -> Result<ColumnCloseResult, Error> {
        self.pages.begin(Content::Text);
        let mut chunk = Chunk::new(PageBounds::new(T::TYPE));
        definition_levels_of_nulls(&mut self.pages.page, rows);
        let place = self.pages.finish(PageKind::Data, rows, Encoding::PLAIN)?;
        chunk.add_page(place, rows);
        chunk.page_bounds.numbers(NumberBounds::<T>::default(), rows);
        chunk.statistics = Some(NumberBounds::<T>::default().statistics(rows));
        self.close(chunk, rows, descriptor)
    }

    /// A column of booleans: one plain page.
    pub(super) fn bools(
        &mut self,
        column: &[u8],
        rows: &[u32],
        descriptor: ColumnDescPtr,
    ) -> Result<ColumnCloseResult, Error> {
        self.pages.begin(Content::Text);
        let mut chunk = Chunk::new(PageBounds::none());
        self.present.clear();
        self.values.clear();
        for row in rows {
            let value = column.get(*row as usize).copied().unwrap_or(BOOL_NULL);
            self.present.push(value != BOOL_NULL);
            if value != BOOL_NULL {
                self.values.push(value == 1);
            }
        }
        definition_levels(&mut self.pages.page, &self.present);
        bits(&mut self.pages.page, &self.values);
        let place = self.pages.finish(PageKind::Data, rows.len(), Encoding::PLAIN)?;
        chunk.add_page(place, rows.len());
        chunk.statistics = Some(bool_statistics(&self.values, rows.len() - self.values.len()));
        self.close(chunk, rows.len(), descriptor)
    }
}

fn bool_statistics(values: &[bool], nulls: usize) -> Statistics {
    let (least, greatest) = (values.iter().min().copied(), values.iter().max().copied());
    Statistics::boolean(least, greatest, None, Some(nulls as u64), false)
}

fn put<T: Number>(page: &mut Vec<u8>, number: T) {
    let at = page.len();
    page.resize(at + T::WIDTH, 0);
    number.put(&mut page[at..]);
}
