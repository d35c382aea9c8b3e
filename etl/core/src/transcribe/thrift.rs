//! Thrift's compact protocol, as Parquet's footers and page headers are written in it.
//!
//! Nothing is allocated here, and nothing takes longer than its bytes are many: whatever a length claims, it is held
//! against the bytes that are there.

use super::trouble::{Read, damaged};

/// Structs and lists inside one another, at most.
const DEPTH_MAX: u32 = 32;
/// Bytes of the longest number.
const NUMBER_BYTES_MAX: u32 = 10;

/// What a value is, by its number in the protocol.
pub(super) mod kind {
    pub(in super::super) const TRUE: u8 = 1;
    pub(in super::super) const FALSE: u8 = 2;
    pub(in super::super) const BYTE: u8 = 3;
    pub(in super::super) const I16: u8 = 4;
    pub(in super::super) const I32: u8 = 5;
    pub(in super::super) const I64: u8 = 6;
    pub(in super::super) const DOUBLE: u8 = 7;
    pub(in super::super) const BINARY: u8 = 8;
    pub(in super::super) const LIST: u8 = 9;
    pub(in super::super) const SET: u8 = 10;
    pub(in super::super) const MAP: u8 = 11;
    pub(in super::super) const STRUCT: u8 = 12;
    pub(in super::super) const UUID: u8 = 13;
}

/// Reads values one behind the other.
#[derive(Debug, Clone)]
pub(super) struct Thrift<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// One field of a struct, before its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) id: i16,
    pub(super) kind: u8,
}

impl<'a> Thrift<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes were read.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// The fields of a struct, one call each; `None` at its end. `last` is the number of the one before, 0 at first.
    pub(super) fn field(&mut self, last: &mut i16) -> Read<Option<Field>> {
        let head = self.byte()?;
        let kind = head & 0x0f;
        if kind == 0 {
            return Ok(None);
        }
        let id = match head >> 4 {
            0 => i16::try_from(self.number()?).ok(),
            step => last.checked_add(i16::from(step)),
        };
        let id = id.ok_or_else(|| damaged("a field has a number that none can have"))?;
        *last = id;
        Ok(Some(Field { id, kind }))
    }

    /// A whole number of any width.
    pub(super) fn int(&mut self, field: Field) -> Read<i64> {
        match field.kind {
            kind::BYTE => Ok(i64::from(self.byte()? as i8)),
            kind::I16 | kind::I32 | kind::I64 => self.number(),
            _ => Err(other_kind()),
        }
    }

    /// A whole number that counts something.
    pub(super) fn count(&mut self, field: Field) -> Read<u64> {
        u64::try_from(self.int(field)?).map_err(|_| damaged("a count is negative"))
    }

    /// Text, or other bytes.
    pub(super) fn binary(&mut self, field: Field) -> Read<&'a [u8]> {
        match field.kind {
            kind::BINARY => {
                let length = self.unsigned()?;
                self.take(length)
            }
            _ => Err(other_kind()),
        }
    }

    /// The beginning of a list of structs: how many there are, and no more than there are bytes.
    pub(super) fn structs(&mut self, field: Field) -> Read<usize> {
        if field.kind != kind::LIST {
            return Err(other_kind());
        }
        match self.list()? {
            (_, 0) => Ok(0),
            (kind::STRUCT, count) => Ok(count),
            _ => Err(other_kind()),
        }
    }

    /// Whether the field is a struct, which begins here.
    pub(super) fn begin(&mut self, field: Field) -> Read<()> {
        if field.kind == kind::STRUCT { Ok(()) } else { Err(other_kind()) }
    }

    /// Passes over a value.
    pub(super) fn skip(&mut self, field: Field) -> Read<()> {
        self.skip_kind(field.kind, DEPTH_MAX)
    }

    fn skip_kind(&mut self, kind: u8, depth: u32) -> Read<()> {
        let Some(depth) = depth.checked_sub(1) else { return Err(damaged("its structs are nested too deep")) };
        match kind {
            kind::TRUE | kind::FALSE => {}
            kind::BYTE => drop(self.byte()?),
            kind::I16 | kind::I32 | kind::I64 => drop(self.unsigned()?),
            kind::DOUBLE => drop(self.take(8)?),
            kind::UUID => drop(self.take(16)?),
            kind::BINARY => {
                let length = self.unsigned()?;
                self.take(length)?;
            }
            kind::LIST | kind::SET => {
                let (kind, count) = self.list()?;
                (0..count).try_for_each(|_| self.skip_element(kind, depth))?;
            }
            kind::MAP => self.skip_map(depth)?,
            kind::STRUCT => {
                let mut last = 0;
                while let Some(field) = self.field(&mut last)? {
                    self.skip_kind(field.kind, depth)?;
                }
            }
            _ => return Err(other_kind()),
        }
        Ok(())
    }

    fn skip_map(&mut self, depth: u32) -> Read<()> {
        let count = self.unsigned()?;
        if count == 0 {
            return Ok(());
        }
        let kinds = self.byte()?;
        for _ in 0..self.fitting(count)? {
            self.skip_element(kinds >> 4, depth)?;
            self.skip_element(kinds & 0x0f, depth)?;
        }
        Ok(())
    }

    /// Inside a list, truth takes a byte.
    fn skip_element(&mut self, kind: u8, depth: u32) -> Read<()> {
        match kind {
            kind::TRUE | kind::FALSE => self.byte().map(drop),
            kind => self.skip_kind(kind, depth),
        }
    }

    /// The kind of a list's elements, and how many there are.
    fn list(&mut self) -> Read<(u8, usize)> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.unsigned()?,
            count => u64::from(count),
        };
        Ok((head & 0x0f, self.fitting(count)?))
    }

    /// `count` elements, each of which takes a byte at least.
    fn fitting(&self, count: u64) -> Read<usize> {
        let left = self.bytes.len() - self.at;
        match usize::try_from(count) {
            Ok(count) if count <= left => Ok(count),
            _ => Err(damaged("a list claims more elements than there are bytes")),
        }
    }

    fn number(&mut self) -> Read<i64> {
        let value = self.unsigned()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn unsigned(&mut self) -> Read<u64> {
        let mut value = 0;
        for place in 0..NUMBER_BYTES_MAX {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(damaged("a number has too many bytes"))
    }

    fn byte(&mut self) -> Read<u8> {
        Ok(self.take(1)?[0])
    }

    fn take(&mut self, count: u64) -> Read<&'a [u8]> {
        let rest = &self.bytes[self.at..];
        let taken = usize::try_from(count).ok().and_then(|count| rest.get(..count));
        let taken = taken.ok_or_else(|| damaged("it ends too early"))?;
        self.at += taken.len();
        Ok(taken)
    }
}

fn other_kind() -> super::trouble::Stop {
    damaged("a field is of another kind than it should be")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skipped(bytes: &[u8]) -> Option<usize> {
        let mut thrift = Thrift::new(bytes);
        thrift.skip(Field { id: 1, kind: kind::STRUCT }).ok().map(|()| thrift.at())
    }

    #[test]
    fn structs_are_passed_over() {
        assert_eq!(skipped(&[0]), Some(1));
        assert_eq!(skipped(&[0x11, 0x12, 0x15, 0x80, 0x01, 0x00]), Some(6), "truths and a number");
        assert_eq!(skipped(&[0x18, 2, b'a', b'b', 0]), Some(5), "text");
        assert_eq!(skipped(&[0x19, 0x21, 1, 2, 0]), Some(5), "a list of truths");
        assert_eq!(skipped(&[0x1b, 1, 0x58, 4, 1, b'x', 0]), Some(7), "a map");
        assert_eq!(skipped(&[0x1c, 0, 0]), Some(3), "a struct");
    }

    #[test]
    fn lies_are_seen() {
        assert_eq!(skipped(&[]), None);
        assert_eq!(skipped(&[0x18, 3, b'a', b'b']), None, "text that is not all there");
        assert_eq!(skipped(&[0x19, 0xf1, 0xff, 0xff, 0xff, 0xff, 0x7f, 1]), None, "a list of a billion");
        assert_eq!(skipped(&[0x15, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0]), None);
        assert_eq!(skipped(&[[0x1c; 40].as_slice(), &[0; 41]].concat()), None, "too deep");
        assert_eq!(skipped(&[0x1e, 0, 0]), None, "no kind");
    }

    #[test]
    fn fields_count_on() {
        let mut thrift = Thrift::new(&[0x15, 0x03, 0x25, 0x04, 0x05, 0x14, 0x02, 0x00]);
        let mut last = 0;
        let mut found = Vec::new();
        while let Some(field) = thrift.field(&mut last).unwrap() {
            found.push((field.id, thrift.int(field).unwrap()));
        }
        assert_eq!(found, [(1, -2), (3, 2), (10, 1)]);
    }
}
