//! The pages of a column, one behind the other.

use std::ops::Range;

use flate2::Crc;

use super::codec::Codec;
use super::footer::Chunk;
use super::shared::Shared;
use super::thrift::{Field, Thrift, kind};
use super::trouble::{Read, damaged, too_large, unread};
use crate::limits::PARQUET_HEADER_BYTES_MAX;

/// Bytes in which a page's header is looked for at first.
const HEADER_BYTES_USUAL: usize = 512;
/// Values that are written one behind the other.
pub(super) const PLAIN: i64 = 0;

/// What the pages of a column are read with.
#[derive(Debug)]
pub(super) struct Pages {
    codec: Codec,
    /// Where the next one begins in the stored file.
    at: u64,
    end: u64,
    /// Whether definition levels stand before the values.
    is_optional: bool,
    /// The page that was read last.
    pub(super) bytes: Vec<u8>,
}

/// What a page holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// Values that others refer to by their numbers, from 0.
    Dictionary { values: usize },
    /// Values of rows.
    Data(Data),
}

/// A page of data.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Data {
    /// Its rows.
    pub(super) rows: usize,
    pub(super) encoding: i64,
    /// Where its definition levels stand, if there are any.
    pub(super) levels: Option<Range<usize>>,
    /// Where its values begin.
    pub(super) start: usize,
}

/// What stands before a page.
#[derive(Debug, Default)]
struct Header {
    kind: Option<i64>,
    unpacked: u64,
    packed: u64,
    checksum: Option<u32>,
    /// Of the kind of page that it is.
    body: Body,
}

#[derive(Debug, Default)]
struct Body {
    values: u64,
    encoding: i64,
    level_encoding: i64,
    level_bytes: u64,
    repetition_bytes: u64,
    /// Whether the values of a page of the second version are not packed.
    is_plain: bool,
}

impl Pages {
    pub(super) fn new(chunk: Chunk, is_optional: bool) -> Read<Self> {
        let codec = Codec::of(chunk.codec)?;
        Ok(Self { codec, at: chunk.start, end: chunk.end, is_optional, bytes: Vec::new() })
    }

    /// Where the next page stands.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Reads the next page; `None` behind the last.
    pub(super) fn next(&mut self, shared: &mut Shared<'_>) -> Read<Option<Page>> {
        const DATA: i64 = 0;
        const INDEX: i64 = 1;
        const DICTIONARY: i64 = 2;
        const DATA_2: i64 = 3;
        while self.at < self.end {
            let (header, length) = self.header(shared)?;
            let start = self.at + length as u64;
            let next = start.checked_add(header.packed).filter(|next| *next <= self.end);
            let next = next.ok_or_else(|| damaged("a page is longer than its column"))?;
            match header.kind {
                Some(DATA | DICTIONARY) => self.unpack(shared, &header, start, 0)?,
                Some(DATA_2) => {
                    let levels = header.body.level_bytes.saturating_add(header.body.repetition_bytes);
                    if levels > header.packed.min(header.unpacked) {
                        return Err(damaged("a page is shorter than its levels"));
                    }
                    self.unpack(shared, &header, start, levels)?;
                }
                Some(INDEX) => {
                    self.at = next;
                    continue;
                }
                _ => return Err(damaged("a page is of no kind that is known")),
            }
            let page = match header.kind {
                Some(DICTIONARY) => dictionary(&header.body)?,
                Some(DATA_2) => self.data_2(&header.body)?,
                _ => self.data(&header.body)?,
            };
            self.at = next;
            return Ok(Some(page));
        }
        Ok(None)
    }

    /// The header of the next page, and its length.
    fn header(&self, shared: &mut Shared<'_>) -> Read<(Header, usize)> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let mut window = HEADER_BYTES_USUAL;
        loop {
            let mut thrift = Thrift::new(shared.read(self.at, window.min(left))?);
            match header(&mut thrift) {
                Ok(header) => return Ok((header, thrift.at())),
                Err(_) if window < left.min(PARQUET_HEADER_BYTES_MAX) => {
                    window = (window * 4).min(PARQUET_HEADER_BYTES_MAX)
                }
                Err(stop) => return Err(stop.of(|| "in the header of a page".to_owned())),
            }
        }
    }

    /// Fills the page with the stored bytes from `start` on; the first `plain` of them are not packed.
    fn unpack(&mut self, shared: &mut Shared<'_>, header: &Header, start: u64, plain: u64) -> Read<()> {
        let too_large = |_| too_large(format!("for a page of {} bytes", header.unpacked.max(header.packed)));
        let unpacked = usize::try_from(header.unpacked).map_err(too_large)?;
        let packed = usize::try_from(header.packed).map_err(too_large)?;
        shared.budget.grow(&mut self.bytes, unpacked)?;
        self.bytes.resize(unpacked, 0);
        let stored = shared.read(start, packed)?;
        if header.checksum.is_some_and(|checksum| checksum != checksum_of(stored)) {
            return Err(damaged("a page has another checksum"));
        }
        // They are no more than there are bytes.
        let (levels, values) = stored.split_at(plain as usize);
        let (plain, page) = self.bytes.split_at_mut(plain as usize);
        plain.copy_from_slice(levels);
        let codec = if header.body.is_plain { Codec::Plain } else { self.codec };
        match values {
            // Some writers do not pack what is empty.
            [] if page.is_empty() => Ok(()),
            values => codec.unpack(values, page),
        }
    }

    fn data(&self, body: &Body) -> Read<Page> {
        const LENGTH_BYTES: usize = 4;
        const PACKED_RUNS: i64 = 3;
        let rows = rows(body)?;
        if !self.is_optional {
            return Ok(Page::Data(Data { rows, encoding: body.encoding, levels: None, start: 0 }));
        }
        if body.level_encoding != PACKED_RUNS {
            return Err(unread(format!("its levels have encoding {}", body.level_encoding)));
        }
        let length = self.bytes.first_chunk::<LENGTH_BYTES>().map(|length| u32::from_le_bytes(*length) as usize);
        let start = length.and_then(|length| length.checked_add(LENGTH_BYTES));
        match start.filter(|start| *start <= self.bytes.len()) {
            Some(start) => {
                let levels = Some(LENGTH_BYTES..start);
                Ok(Page::Data(Data { rows, encoding: body.encoding, levels, start }))
            }
            None => Err(damaged("a page is shorter than its levels")),
        }
    }

    fn data_2(&self, body: &Body) -> Read<Page> {
        let rows = rows(body)?;
        if body.repetition_bytes > 0 {
            return Err(damaged("a page has levels that its column has not"));
        }
        // The page holds them.
        let start = body.level_bytes as usize;
        let levels = self.is_optional.then_some(0..start);
        Ok(Page::Data(Data { rows, encoding: body.encoding, levels, start }))
    }
}

fn dictionary(body: &Body) -> Read<Page> {
    const PLAIN_DICTIONARY: i64 = 2;
    if ![PLAIN, PLAIN_DICTIONARY].contains(&body.encoding) {
        return Err(damaged(format!("a dictionary has encoding {}", body.encoding)));
    }
    Ok(Page::Dictionary { values: rows(body)? })
}

fn rows(body: &Body) -> Read<usize> {
    usize::try_from(body.values).map_err(|_| damaged("a page has more values than can be"))
}

fn checksum_of(stored: &[u8]) -> u32 {
    let mut checksum = Crc::new();
    checksum.update(stored);
    checksum.sum()
}

fn header(thrift: &mut Thrift<'_>) -> Read<Header> {
    let (mut header, mut last) = (Header::default(), 0);
    while let Some(field) = thrift.field(&mut last)? {
        match field.id {
            1 => header.kind = Some(thrift.int(field)?),
            2 => header.unpacked = thrift.count(field)?,
            3 => header.packed = thrift.count(field)?,
            // A number of 32 bits, which has a sign only here.
            4 => header.checksum = Some(thrift.int(field)? as u32),
            5 => header.body = data(thrift, field, [1, 2, 3])?,
            7 => header.body = data(thrift, field, [1, 2, 0])?,
            8 => header.body = data_2(thrift, field)?,
            _ => thrift.skip(field)?,
        }
    }
    Ok(header)
}

/// What a page of the first version or a dictionary says, in the fields with these numbers.
fn data(thrift: &mut Thrift<'_>, field: Field, [values, encoding, levels]: [i16; 3]) -> Read<Body> {
    thrift.begin(field)?;
    let (mut body, mut last) = (Body::default(), 0);
    while let Some(field) = thrift.field(&mut last)? {
        match field.id {
            id if id == values => body.values = thrift.count(field)?,
            id if id == encoding => body.encoding = thrift.int(field)?,
            id if id == levels => body.level_encoding = thrift.int(field)?,
            _ => thrift.skip(field)?,
        }
    }
    Ok(body)
}

fn data_2(thrift: &mut Thrift<'_>, field: Field) -> Read<Body> {
    thrift.begin(field)?;
    let (mut body, mut last) = (Body::default(), 0);
    while let Some(field) = thrift.field(&mut last)? {
        match field.id {
            1 => body.values = thrift.count(field)?,
            4 => body.encoding = thrift.int(field)?,
            5 => body.level_bytes = thrift.count(field)?,
            6 => body.repetition_bytes = thrift.count(field)?,
            7 => body.is_plain = field.kind == kind::FALSE,
            _ => thrift.skip(field)?,
        }
    }
    Ok(body)
}
