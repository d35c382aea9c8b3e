//! One page at a time: compressed, with its header, appended to the chunk.

use parquet::basic::Encoding;
use zstd::bulk::Compressor;
use zstd::zstd_safe::{CParameter, ParamSwitch};

use super::levels::varint;
use crate::error::Error;
use crate::memory::Extent;

/// The zstd level: its longer steps between two looks for a repetition save a twentieth of an ingest's CPU time against
/// level 1, and cost a hundredth of the size.
const ZSTD_LEVEL: i32 = -3;
/// The level for ids: random digits repeat nowhere, so nearly all of the gain is in coding the digits, and a search for
/// repetitions that gives up early loses little.
const ZSTD_LEVEL_IDS: i32 = -20;
/// The table of places where text was seen, as a power of two of entries: one that lies in the nearest cache.
const ZSTD_HASH_LOG: u32 = 12;

/// What a column's values are like, which says how hard to look for repetitions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Text,
    Ids,
}

/// Which page it is, after the format's `PageType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PageKind {
    Data,
    Dictionary,
}

/// Builds the pages of one column chunk after another; keeps its buffers.
pub(super) struct Pages {
    zstd: Compressor<'static>,
    zstd_ids: Compressor<'static>,
    content: Content,
    /// The open page, uncompressed.
    pub(super) page: Vec<u8>,
    compressed: Vec<u8>,
    chunk: Vec<u8>,
    uncompressed_bytes: usize,
}

/// Where a page lies in its chunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct PagePlace {
    pub(super) offset: usize,
    pub(super) length: usize,
}

impl Pages {
    pub(super) fn new() -> Result<Self, Error> {
        let (zstd, zstd_ids) = (compressor(ZSTD_LEVEL)?, compressor(ZSTD_LEVEL_IDS)?);
        Ok(Self {
            zstd,
            zstd_ids,
            content: Content::Text,
            page: Vec::new(),
            compressed: Vec::new(),
            chunk: Vec::new(),
            uncompressed_bytes: 0,
        })
    }

    /// The memory of all pages.
    pub(super) fn extent(&self) -> Extent {
        [&self.page, &self.compressed, &self.chunk].into_iter().map(Extent::of).sum()
    }

    /// Begins another chunk.
    pub(super) fn begin(&mut self, content: Content) {
        self.content = content;
        self.page.clear();
        self.chunk.clear();
        self.uncompressed_bytes = 0;
    }

    /// The finished pages.
    pub(super) fn chunk(&self) -> &[u8] {
        &self.chunk
    }

    /// The size of the chunk as it would be without compression.
    pub(super) fn uncompressed_bytes(&self) -> usize {
        self.uncompressed_bytes
    }

    /// Ends the open page.
    pub(super) fn finish(&mut self, kind: PageKind, values: usize, encoding: Encoding) -> Result<PagePlace, Error> {
        self.compressed.clear();
        self.compressed.reserve(zstd::zstd_safe::compress_bound(self.page.len()));
        let zstd = match self.content {
            Content::Text => &mut self.zstd,
            Content::Ids => &mut self.zstd_ids,
        };
        zstd.compress_to_buffer(&self.page, &mut self.compressed).map_err(Error::Compress)?;
        let offset = self.chunk.len();
        header(&mut self.chunk, kind, self.page.len(), self.compressed.len(), values, encoding);
        self.uncompressed_bytes += self.chunk.len() - offset + self.page.len();
        self.chunk.extend_from_slice(&self.compressed);
        self.page.clear();
        Ok(PagePlace { offset, length: self.chunk.len() - offset })
    }
}

fn compressor(level: i32) -> Result<Compressor<'static>, Error> {
    let mut zstd = Compressor::new(level).map_err(Error::Compress)?;
    // Levels below 0 leave literals as they are unless they are told not to.
    let literals = CParameter::LiteralCompressionMode(ParamSwitch::Enable);
    for parameter in [literals, CParameter::HashLog(ZSTD_HASH_LOG)] {
        zstd.set_parameter(parameter).map_err(Error::Compress)?;
    }
    Ok(zstd)
}

/// Thrift's compact protocol: the type nibble of an `i32` and of a struct.
const I32: u8 = 5;
const STRUCT: u8 = 12;

/// A `PageHeader`: type, sizes, and the header of its kind, which are fields 5 and 7.
fn header(out: &mut Vec<u8>, kind: PageKind, size: usize, compressed: usize, values: usize, encoding: Encoding) {
    let (page_type, gap) = match kind {
        PageKind::Data => (0, 2),
        PageKind::Dictionary => (2, 4),
    };
    [page_type, size, compressed].iter().for_each(|value| field(out, *value));
    out.push(gap << 4 | STRUCT);
    field(out, values);
    field(out, encoding as usize);
    if kind == PageKind::Data {
        // How definition and repetition levels are written.
        field(out, Encoding::RLE as usize);
        field(out, Encoding::RLE as usize);
    }
    out.extend_from_slice(&[0, 0]);
}

/// The next field, an `i32` that is not negative, in zigzag.
fn field(out: &mut Vec<u8>, value: usize) {
    out.push(1 << 4 | I32);
    varint(out, (value as u64) << 1);
}
