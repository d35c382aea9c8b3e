//! A file's footer: its columns, and where their values stand.

use super::schema::{Column, columns};
use super::shared::Shared;
use super::thrift::{Field, Thrift};
use super::trouble::{Read, Stop, damaged, too_large, unread};
use crate::limits::PARQUET_FOOTER_BYTES_MAX;

/// What a file begins and ends with.
pub(crate) const PARQUET_MAGIC: &[u8] = b"PAR1";
/// What one ends with whose footer is encrypted.
const ENCRYPTED_MAGIC: &[u8] = b"PARE";
/// The length of the footer and the magic, behind it.
const TAIL_BYTES: usize = 8;

/// What the footer says.
#[derive(Debug, Default)]
pub(super) struct Footer {
    pub(super) columns: Vec<Column>,
    pub(super) groups: Vec<Group>,
}

/// Rows that stand together.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) rows: u64,
    /// The values of each column.
    pub(super) chunks: Vec<Chunk>,
}

/// Where the values of one column of a row group stand.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Chunk {
    /// The first byte of its first page.
    pub(super) start: u64,
    /// The byte behind its last.
    pub(super) end: u64,
    pub(super) codec: i64,
    pub(super) values: u64,
}

impl Footer {
    /// Reads the footer.
    pub(super) fn read(shared: &mut Shared<'_>) -> Read<Self> {
        let length = shared.stored.length();
        let head = shared.read(0, PARQUET_MAGIC.len().min(usize::try_from(length).unwrap_or(usize::MAX)))?;
        if head != PARQUET_MAGIC {
            return Err(damaged("it does not begin as one").at(0));
        }
        // The magic may not count twice.
        let Some(tail) = length.checked_sub(TAIL_BYTES as u64).filter(|tail| *tail >= PARQUET_MAGIC.len() as u64)
        else {
            return Err(damaged("it ends too early").at(length));
        };
        let bytes = shared.read(tail, TAIL_BYTES)?;
        let (size, magic) = bytes.split_at(TAIL_BYTES - PARQUET_MAGIC.len());
        if magic == ENCRYPTED_MAGIC {
            return Err(unread("it is encrypted").at(tail));
        }
        if magic != PARQUET_MAGIC {
            return Err(damaged("it does not end as one").at(tail));
        }
        let size = size.iter().rev().fold(0, |size, byte| size << 8 | usize::from(*byte));
        let Some(start) = tail.checked_sub(size as u64).filter(|start| *start >= PARQUET_MAGIC.len() as u64) else {
            return Err(damaged("its footer is longer than all of it").at(tail));
        };
        if size > PARQUET_FOOTER_BYTES_MAX {
            return Err(too_large(format!("for its footer, of {size} bytes")).at(tail));
        }
        let mut thrift = Thrift::new(shared.read(start, size)?);
        let footer = file(&mut thrift);
        let at = start + thrift.at() as u64;
        let footer = footer.map_err(|stop| stop.of(|| "in its footer".to_owned()).at(at))?;
        footer.check(start).map_err(|stop| stop.at(start))?;
        let group_bytes = size_of::<Group>() + size_of::<Chunk>() * footer.columns.len();
        shared.budget.take(footer.groups.len().saturating_mul(group_bytes)).map_err(|stop| stop.at(start))?;
        Ok(footer)
    }

    /// Whether all that the footer tells of stands before it, and nowhere is something missing.
    fn check(&self, end: u64) -> Read<()> {
        for (number, group) in self.groups.iter().enumerate() {
            let place = |what: &str| damaged(format!("{what} in row group {number}"));
            if group.chunks.len() != self.columns.len() {
                return Err(place("there are other columns than in the schema"));
            }
            for (chunk, column) in group.chunks.iter().zip(&self.columns) {
                let place = |what: &str| place(&format!("the column `{}` {what}", column.name.escape_default()));
                if chunk.values != group.rows {
                    return Err(place("has not as many values as there are rows"));
                }
                if chunk.start < PARQUET_MAGIC.len() as u64 || chunk.end > end {
                    return Err(place("stands outside the file"));
                }
            }
        }
        Ok(())
    }
}

fn file(thrift: &mut Thrift<'_>) -> Read<Footer> {
    const ENCRYPTION: i16 = 8;
    let (mut footer, mut last) = (Footer::default(), 0);
    while let Some(field) = thrift.field(&mut last)? {
        match field.id {
            2 => footer.columns = columns(thrift, field)?,
            4 => footer.groups = groups(thrift, field, footer.columns.len())?,
            ENCRYPTION => return Err(unread("there is encryption")),
            _ => thrift.skip(field)?,
        }
    }
    if footer.columns.is_empty() { Err(damaged("there is no column")) } else { Ok(footer) }
}

fn groups(thrift: &mut Thrift<'_>, field: Field, columns: usize) -> Read<Vec<Group>> {
    let mut groups = Vec::new();
    for _ in 0..thrift.structs(field)? {
        groups.push(group(thrift, columns)?);
    }
    Ok(groups)
}

fn group(thrift: &mut Thrift<'_>, columns: usize) -> Read<Group> {
    let (mut chunks, mut rows, mut last) = (Vec::new(), None, 0);
    while let Some(field) = thrift.field(&mut last)? {
        match field.id {
            1 => {
                let count = thrift.structs(field)?;
                if count != columns {
                    return Err(damaged("a row group has other columns than the schema"));
                }
                chunks = (0..count).map(|_| chunk(thrift)).collect::<Result<_, Stop>>()?;
            }
            3 => rows = Some(thrift.count(field)?),
            _ => thrift.skip(field)?,
        }
    }
    let rows = rows.ok_or_else(|| damaged("a row group does not say how many rows it has"))?;
    Ok(Group { rows, chunks })
}

fn chunk(thrift: &mut Thrift<'_>) -> Read<Chunk> {
    const FILE: i16 = 1;
    const METADATA: i16 = 3;
    const CRYPTO: i16 = 8;
    let (mut chunk, mut last) = (None, 0);
    while let Some(field) = thrift.field(&mut last)? {
        match field.id {
            FILE => return Err(unread("a column stands in another file")),
            CRYPTO => return Err(unread("a column is encrypted")),
            METADATA => chunk = Some(metadata(thrift, field)?),
            _ => thrift.skip(field)?,
        }
    }
    chunk.ok_or_else(|| damaged("a column does not say where it stands"))
}

fn metadata(thrift: &mut Thrift<'_>, field: Field) -> Read<Chunk> {
    thrift.begin(field)?;
    let (mut chunk, mut length, mut dictionary, mut data, mut last) = (Chunk::default(), None, 0, None, 0);
    while let Some(field) = thrift.field(&mut last)? {
        match field.id {
            4 => chunk.codec = thrift.int(field)?,
            5 => chunk.values = thrift.count(field)?,
            7 => length = Some(thrift.count(field)?),
            9 => data = Some(thrift.count(field)?),
            11 => dictionary = thrift.count(field)?,
            _ => thrift.skip(field)?,
        }
    }
    let (Some(length), Some(data)) = (length, data) else {
        return Err(damaged("a column does not say where it stands"));
    };
    // Some writers say 0 where there is no dictionary.
    chunk.start = if dictionary > 0 { dictionary.min(data) } else { data };
    chunk.end = chunk.start.saturating_add(length);
    Ok(chunk)
}
