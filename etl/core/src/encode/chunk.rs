//! One column of one file: rows gathered in order, straight into pages.

use parquet::basic::{Compression, Encoding, Type, ZstdLevel};
use parquet::bloom_filter::Sbbf;
use parquet::column::writer::ColumnCloseResult;
use parquet::file::metadata::{ColumnChunkMetaData, OffsetIndexBuilder};
use parquet::file::statistics::Statistics;
use parquet::schema::types::ColumnDescPtr;
use trailhouse_schemas::Storage;

use super::bounds::{PageBounds, TextBounds};
use super::levels::{coded_values, definition_levels, definition_levels_of_nulls};
use super::number::Gathered;
use super::page::{Content, PageKind, PagePlace, Pages};
use crate::columns::Coded;
use crate::error::Error;
use crate::limits::{DICTIONARY_BYTES_MAX, PAGE_BYTES};
use crate::memory::Extent;
use crate::text::{Span, Texts, prefetch};

/// How often a bloom filter may say yes by mistake.
const BLOOM_FALSE_POSITIVES: f64 = 0.01;

/// How many rows ahead texts are asked for.
const PREFETCH_ROWS: usize = 12;

/// Encodes one column chunk after another; keeps its buffers.
pub(crate) struct ChunkEncoder {
    pub(super) pages: Pages,
    dictionary: Dictionary,
    /// The text of each row, gathered once.
    spans: Vec<Span>,
    pub(super) gathered: Gathered,
    /// A code for each number of a chunk that has few.
    pub(super) codes: Vec<u32>,
    /// The integers of a page.
    pub(super) integers: Vec<i64>,
    pub(super) present: Vec<bool>,
    pub(super) values: Vec<bool>,
}

/// The codes of one file, counted from 0 in order of first appearance.
#[derive(Default)]
struct Dictionary {
    /// For each code of the interner, one more than the file's code; 0 where the file has none.
    local: Vec<u32>,
    /// The interner's code of each row: gathered by itself, so that the processor waits for many of them at once.
    rows: Vec<u32>,
    /// The interner's codes, by the file's.
    used: Vec<u32>,
    /// The file's code of each value.
    codes: Vec<u32>,
    bytes: usize,
}

/// What is known of a chunk once its pages are there.
pub(super) struct Chunk {
    pub(super) statistics: Option<Statistics>,
    bloom_filter: Option<Sbbf>,
    pub(super) page_bounds: PageBounds,
    offsets: OffsetIndexBuilder,
    dictionary: Option<PagePlace>,
    first_data_page: usize,
    /// How pages are written that are neither plain nor codes.
    encoding: Option<Encoding>,
}

impl Chunk {
    pub(super) fn new(page_bounds: PageBounds) -> Self {
        Self {
            statistics: None,
            bloom_filter: None,
            page_bounds,
            offsets: OffsetIndexBuilder::default(),
            dictionary: None,
            first_data_page: 0,
            encoding: None,
        }
    }

    /// Notes how a data page is written.
    pub(super) fn add_encoding(&mut self, encoding: Encoding) {
        self.encoding = Some(encoding).filter(|encoding| *encoding == Encoding::DELTA_BINARY_PACKED).or(self.encoding);
    }

    pub(super) fn add_page(&mut self, place: PagePlace, rows: usize) {
        self.offsets.append_offset_and_size(place.offset as i64, place.length as i32);
        self.offsets.append_row_count(rows as i64);
    }
}

impl ChunkEncoder {
    pub(crate) fn new() -> Result<Self, Error> {
        Ok(Self {
            pages: Pages::new()?,
            dictionary: Dictionary::default(),
            spans: Vec::new(),
            gathered: Gathered::default(),
            codes: Vec::new(),
            integers: Vec::new(),
            present: Vec::new(),
            values: Vec::new(),
        })
    }

    /// Bytes of memory that it keeps, but for what no input makes larger.
    pub(crate) fn reserved(&self) -> usize {
        let Dictionary { local, rows, used, codes, bytes: _ } = &self.dictionary;
        let codes = [local, rows, used, codes, &self.codes].into_iter().map(Extent::of);
        let integers = Extent::of(&self.integers);
        let spans = Extent::of(&self.spans);
        let sum: Extent = codes.chain([integers, spans, self.pages.extent(), self.gathered.extent()]).sum();
        sum.reserved
    }

    /// The bytes of the chunk that was encoded last.
    pub(super) fn bytes(&self) -> &[u8] {
        self.pages.chunk()
    }

    /// A text column of few values; plain where this file has too many.
    pub(super) fn coded(
        &mut self,
        column: &Coded,
        storage: Storage,
        texts: Texts<'_>,
        rows: &[u32],
        descriptor: ColumnDescPtr,
    ) -> Result<ColumnCloseResult, Error> {
        let values = column.interner.values();
        if values.len() == 1 || column.codes.is_empty() {
            return self.nulls(rows.len(), PageBounds::new(Type::BYTE_ARRAY), descriptor);
        }
        self.dictionary.collect(&column.codes, values, rows);
        let count = self.dictionary.used.len();
        if count == 0 || self.dictionary.bytes > DICTIONARY_BYTES_MAX {
            let span = |row: u32| values[column.codes[row as usize] as usize];
            return self.text(span, storage, texts, rows, descriptor);
        }
        self.pages.begin(Content::Text);
        let mut chunk = Chunk::new(PageBounds::new(Type::BYTE_ARRAY));
        let mut bounds = TextBounds::default();
        let mut bloom_filter = new_bloom_filter(storage, count)?;
        for (number, code) in self.dictionary.used.iter().enumerate() {
            if let Some(ahead) = self.dictionary.used.get(number + PREFETCH_ROWS) {
                prefetch(texts, values[*ahead as usize]);
            }
            let text = texts.get(values[*code as usize]);
            self.pages.page.extend_from_slice(&(text.len() as u32).to_le_bytes());
            self.pages.page.extend_from_slice(text);
            bounds.add(text);
            insert(&mut bloom_filter, text);
        }
        self.finish_dictionary(&mut chunk, count)?;
        self.present.clear();
        self.present.extend(self.dictionary.rows.iter().map(|code| *code != 0));
        definition_levels(&mut self.pages.page, &self.present);
        coded_values(&mut self.pages.page, &self.dictionary.codes, count);
        let nulls = rows.len() - self.dictionary.codes.len();
        let place = self.pages.finish(PageKind::Data, rows.len(), Encoding::RLE_DICTIONARY)?;
        chunk.add_page(place, rows.len());
        chunk.page_bounds.text(bounds, nulls, rows.len());
        chunk.statistics = Some(bounds.statistics(nulls));
        chunk.bloom_filter = bloom_filter;
        self.close(chunk, rows.len(), descriptor)
    }

    /// Ends the dictionary of `count` values, which is on the open page.
    pub(super) fn finish_dictionary(&mut self, chunk: &mut Chunk, count: usize) -> Result<(), Error> {
        chunk.dictionary = Some(self.pages.finish(PageKind::Dictionary, count, Encoding::PLAIN)?);
        chunk.first_data_page = self.pages.chunk().len();
        Ok(())
    }

    /// A text column of many values: plain pages of at most [`PAGE_BYTES`] and one value.
    pub(super) fn text(
        &mut self,
        span: impl Fn(u32) -> Span,
        storage: Storage,
        texts: Texts<'_>,
        rows: &[u32],
        descriptor: ColumnDescPtr,
    ) -> Result<ColumnCloseResult, Error> {
        self.pages.begin(if storage == Storage::Needle { Content::Ids } else { Content::Text });
        let mut spans = std::mem::take(&mut self.spans);
        spans.clear();
        spans.extend(rows.iter().map(|row| span(*row)));
        let has_bounds = storage.has_bounds();
        let mut chunk = Chunk::new(if has_bounds { PageBounds::new(Type::BYTE_ARRAY) } else { PageBounds::none() });
        let values = spans.iter().filter(|span| !span.is_null()).count();
        if values == 0 {
            self.spans = spans;
            return self.nulls(rows.len(), chunk.page_bounds, descriptor);
        }
        chunk.bloom_filter = new_bloom_filter(storage, values)?;
        let (mut all, mut done) = (TextBounds::default(), 0);
        while done < spans.len() {
            let page = done..done + rows_of_page(&spans[done..]);
            let nulls = self.text_levels(&spans[page.clone()]);
            let bounds = self.text_values(&spans[done..], page.len(), has_bounds, texts, &mut chunk.bloom_filter);
            let place = self.pages.finish(PageKind::Data, page.len(), Encoding::PLAIN)?;
            chunk.add_page(place, page.len());
            chunk.page_bounds.text(bounds, nulls, page.len());
            all.merge(bounds);
            done = page.end;
        }
        chunk.statistics = Some(all.statistics(spans.len() - values));
        self.spans = spans;
        self.close(chunk, rows.len(), descriptor)
    }

    /// A text column without values: one page of levels.
    fn nulls(
        &mut self,
        rows: usize,
        page_bounds: PageBounds,
        descriptor: ColumnDescPtr,
    ) -> Result<ColumnCloseResult, Error> {
        self.pages.begin(Content::Text);
        let mut chunk = Chunk::new(page_bounds);
        definition_levels_of_nulls(&mut self.pages.page, rows);
        let place = self.pages.finish(PageKind::Data, rows, Encoding::PLAIN)?;
        chunk.add_page(place, rows);
        chunk.page_bounds.text(TextBounds::default(), rows, rows);
        chunk.statistics = Some(TextBounds::default().statistics(rows));
        self.close(chunk, rows, descriptor)
    }

    /// Begins a page with the levels of `spans`; returns the nulls.
    fn text_levels(&mut self, spans: &[Span]) -> usize {
        self.present.clear();
        self.present.extend(spans.iter().map(|span| !span.is_null()));
        definition_levels(&mut self.pages.page, &self.present);
        self.present.iter().filter(|present| !**present).count()
    }

    /// Appends the texts of the first `count` of `spans` to the page. They lie scattered over the arena, so each is
    /// asked for some rows ahead.
    fn text_values<'t>(
        &mut self,
        spans: &[Span],
        count: usize,
        has_bounds: bool,
        texts: Texts<'t>,
        bloom_filter: &mut Option<Sbbf>,
    ) -> TextBounds<'t> {
        let mut bounds = TextBounds::default();
        for (number, span) in spans[..count].iter().enumerate() {
            if let Some(ahead) = spans.get(number + PREFETCH_ROWS) {
                prefetch(texts, *ahead);
            }
            if span.is_null() {
                continue;
            }
            let text = texts.get(*span);
            self.pages.page.extend_from_slice(&(text.len() as u32).to_le_bytes());
            self.pages.page.extend_from_slice(text);
            if has_bounds {
                bounds.add(text);
            }
            insert(bloom_filter, text);
        }
        bounds
    }

    /// Offsets count from the chunk's start; the row group's writer moves them.
    pub(super) fn close(
        &self,
        chunk: Chunk,
        rows: usize,
        descriptor: ColumnDescPtr,
    ) -> Result<ColumnCloseResult, Error> {
        let mut encodings = vec![Encoding::PLAIN, Encoding::RLE];
        if chunk.dictionary.is_some() {
            encodings.push(Encoding::RLE_DICTIONARY);
        }
        encodings.extend(chunk.encoding);
        let mut metadata = ColumnChunkMetaData::builder(descriptor)
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_encodings(encodings)
            .set_num_values(rows as i64)
            .set_total_compressed_size(self.pages.chunk().len() as i64)
            .set_total_uncompressed_size(self.pages.uncompressed_bytes() as i64)
            .set_data_page_offset(chunk.first_data_page as i64)
            .set_dictionary_page_offset(chunk.dictionary.map(|place| place.offset as i64));
        if let Some(statistics) = chunk.statistics {
            metadata = metadata.set_statistics(statistics);
        }
        Ok(ColumnCloseResult {
            bytes_written: self.pages.chunk().len() as u64,
            rows_written: rows as u64,
            metadata: metadata.build()?,
            bloom_filter: chunk.bloom_filter,
            column_index: chunk.page_bounds.build()?,
            offset_index: Some(chunk.offsets.build()),
        })
    }
}

impl Dictionary {
    fn collect(&mut self, codes: &[u32], values: &[Span], rows: &[u32]) {
        for code in self.used.drain(..) {
            if let Some(local) = self.local.get_mut(code as usize) {
                *local = 0;
            }
        }
        self.local.resize(values.len(), 0);
        self.bytes = 0;
        self.rows.clear();
        self.rows.extend(rows.iter().map(|row| codes[*row as usize]));
        self.codes.resize(rows.len(), 0);
        let mut count = 0;
        for code in &self.rows {
            let local = &mut self.local[*code as usize];
            if *local == 0 && *code != 0 {
                self.used.push(*code);
                self.bytes += values[*code as usize].len() + 4;
                *local = self.used.len() as u32;
            }
            // No branch on nulls: what is written for one is written over.
            self.codes[count] = local.wrapping_sub(1);
            count += usize::from(*code != 0);
        }
        self.codes.truncate(count);
    }
}

fn new_bloom_filter(storage: Storage, distinct: usize) -> Result<Option<Sbbf>, Error> {
    if !storage.has_bloom_filter() {
        return Ok(None);
    }
    Ok(Some(Sbbf::new_with_ndv_fpp(distinct.max(1) as u64, BLOOM_FALSE_POSITIVES)?))
}

#[inline(always)]
fn insert(bloom_filter: &mut Option<Sbbf>, text: &[u8]) {
    if let Some(filter) = bloom_filter {
        filter.insert(text);
    }
}

/// How many of `spans` fill a page.
fn rows_of_page(spans: &[Span]) -> usize {
    let mut bytes = 0;
    let is_over = |span: &Span| {
        bytes += if span.is_null() { 0 } else { span.len() + 4 };
        bytes > PAGE_BYTES
    };
    spans.iter().position(is_over).unwrap_or(spans.len()).max(1)
}
