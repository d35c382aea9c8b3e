//! Columns of fixed width: numbers and booleans.

use parquet::basic::Encoding;
use parquet::column::writer::ColumnCloseResult;
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;

use super::bounds::{NumberBounds, PageBounds};
use super::chunk::{Chunk, ChunkEncoder};
use super::levels::{bits, definition_levels, definition_levels_of_nulls};
use super::number::Number;
use super::page::{Content, PageKind};
use crate::columns::BOOL_NULL;
use crate::error::Error;
use crate::limits::PAGE_ROWS;

impl ChunkEncoder {
    /// A column of numbers: plain pages of [`PAGE_ROWS`] rows, so that a range of times finds few of them.
    pub(super) fn numbers<T: Number>(
        &mut self,
        column: &[T],
        rows: &[u32],
        descriptor: ColumnDescPtr,
    ) -> Result<ColumnCloseResult, Error> {
        if column.is_empty() {
            return self.null_numbers::<T>(rows.len(), descriptor);
        }
        self.pages.begin(Content::Text);
        let mut chunk = Chunk::new(PageBounds::new(T::TYPE));
        let (mut all, mut all_nulls) = (NumberBounds::<T>::default(), 0);
        let (mut before, mut are_ascending) = (NumberBounds::default(), true);
        for page_rows in rows.chunks(PAGE_ROWS) {
            let (bounds, nulls) = self.number_page(column, page_rows);
            let place = self.pages.finish(PageKind::Data, page_rows.len(), Encoding::PLAIN)?;
            chunk.add_page(place, page_rows.len());
            chunk.page_bounds.numbers(bounds, nulls);
            are_ascending &= bounds.is_behind(before);
            if nulls < page_rows.len() {
                before = bounds;
            }
            all.merge(bounds);
            all_nulls += nulls;
        }
        if are_ascending && all_nulls < rows.len() {
            chunk.page_bounds.are_ascending();
        }
        chunk.statistics = Some(all.statistics(all_nulls));
        self.close(chunk, rows.len(), descriptor)
    }

    /// Fills the page with the numbers of `rows`; says their bounds and how many are null.
    fn number_page<T: Number>(&mut self, column: &[T], rows: &[u32]) -> (NumberBounds<T>, usize) {
        self.present.clear();
        self.present.extend(rows.iter().map(|row| !column[*row as usize].is_null()));
        definition_levels(&mut self.pages.page, &self.present);
        let mut bounds = NumberBounds::default();
        let page = &mut self.pages.page;
        let mut at = page.len();
        page.resize(at + (rows.len() + 1) * T::WIDTH, 0);
        for row in rows {
            let number = column[*row as usize];
            // No branch on nulls: what is written for one is written over.
            number.put(&mut page[at..]);
            if !number.is_null() {
                bounds.add(number);
                at += T::WIDTH;
            }
        }
        page.truncate(at);
        (bounds, self.present.iter().filter(|present| !**present).count())
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
