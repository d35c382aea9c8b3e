//! Values as flow logs write them.

use std::io::Write as _;

use super::schema::Kind;
use super::shared::Budget;
use super::trouble::{Read, Stop, damaged, too_large};

/// No value.
pub(super) const NULL: u32 = 0;
/// Bytes of the longest whole number, and of the longest other one.
const INTEGER_BYTES: usize = 20;
const FLOAT_BYTES: usize = 400;
/// Bytes that one byte is written with at most.
const ESCAPE_BYTES: usize = 3;

/// Texts, each known by its number. [`NULL`] is `-`.
#[derive(Debug)]
pub(super) struct Texts {
    bytes: Vec<u8>,
    /// Where each ends, and the one behind it begins.
    ends: Vec<u32>,
}

impl Texts {
    pub(super) fn new() -> Self {
        Self { bytes: b"-".to_vec(), ends: vec![1] }
    }

    /// Forgets all but `-`.
    pub(super) fn clear(&mut self) {
        self.bytes.truncate(1);
        self.ends.truncate(1);
    }

    /// How many there are beside `-`.
    pub(super) fn count(&self) -> usize {
        self.ends.len() - 1
    }

    /// Text number `number`, which is there.
    #[inline]
    pub(super) fn get(&self, number: u32) -> &[u8] {
        let number = number as usize;
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before] as usize);
        &self.bytes[start..self.ends[number] as usize]
    }

    /// Adds the text of `count` values that stand in `page` from `at` on. Where they end.
    pub(super) fn push_plain(
        &mut self,
        (kind, page): (Kind, &[u8]),
        mut at: usize,
        count: usize,
        budget: &mut Budget,
    ) -> Read<usize> {
        budget.extend(&mut self.ends, count)?;
        for _ in 0..count {
            let value = value(kind, &page[at..])?;
            at += value.1;
            let bytes = match kind {
                Kind::Text | Kind::Fixed(_) => escaped_bytes(value.0),
                Kind::Float | Kind::Double => FLOAT_BYTES,
                Kind::Truth | Kind::Int32 { .. } | Kind::Int64 { .. } => INTEGER_BYTES,
            };
            budget.extend(&mut self.bytes, bytes)?;
            write(kind, value.0, &mut self.bytes);
            self.end()?;
        }
        Ok(at)
    }

    /// Adds the text of truths.
    pub(super) fn push_truths(&mut self, truths: impl Iterator<Item = bool>, budget: &mut Budget) -> Read<()> {
        for truth in truths {
            budget.extend(&mut self.ends, 1)?;
            budget.extend(&mut self.bytes, INTEGER_BYTES)?;
            self.bytes.extend_from_slice(if truth { b"true" } else { b"false" });
            self.end()?;
        }
        Ok(())
    }

    /// Adds the text of whole numbers of this kind.
    pub(super) fn push_numbers(&mut self, kind: Kind, numbers: &[i64], budget: &mut Budget) -> Read<()> {
        budget.extend(&mut self.ends, numbers.len())?;
        budget.extend(&mut self.bytes, numbers.len() * INTEGER_BYTES)?;
        for number in numbers {
            // Differences are those of the narrower numbers, and wrap as they do.
            match kind {
                Kind::Int32 { is_signed: true } => write_signed((*number as i32).into(), &mut self.bytes),
                Kind::Int32 { is_signed: false } => write_unsigned((*number as u32).into(), &mut self.bytes),
                Kind::Int64 { is_signed: false } => write_unsigned(*number as u64, &mut self.bytes),
                _ => write_signed(*number, &mut self.bytes),
            }
            self.end()?;
        }
        Ok(())
    }

    /// Adds the texts of such lengths that stand in `page` from `at` on. Where they end.
    pub(super) fn push_texts(
        &mut self,
        lengths: &[i64],
        page: &[u8],
        mut at: usize,
        budget: &mut Budget,
    ) -> Read<usize> {
        budget.extend(&mut self.ends, lengths.len())?;
        for length in lengths {
            let value = usize::try_from(*length).ok().and_then(|length| page.get(at..)?.get(..length));
            let value = value.ok_or_else(ended)?;
            at += value.len();
            budget.extend(&mut self.bytes, escaped_bytes(value))?;
            write_escaped(value, &mut self.bytes);
            self.end()?;
        }
        Ok(at)
    }

    fn end(&mut self) -> Read<()> {
        let end = u32::try_from(self.bytes.len()).map_err(|_| too_large("to count its text"))?;
        self.ends.push(end);
        Ok(())
    }
}

/// The first value that stands in `page`, and how many bytes it takes there.
#[inline]
fn value(kind: Kind, page: &[u8]) -> Read<(&[u8], usize)> {
    const LENGTH_BYTES: usize = 4;
    let (start, length) = match kind {
        Kind::Truth => return Err(damaged("truths are written as if they were wider")),
        Kind::Int32 { .. } | Kind::Float => (0, 4),
        Kind::Int64 { .. } | Kind::Double => (0, 8),
        Kind::Fixed(length) => (0, length),
        Kind::Text => {
            let length = page.first_chunk::<LENGTH_BYTES>().ok_or_else(ended)?;
            (LENGTH_BYTES, u32::from_le_bytes(*length) as usize)
        }
    };
    let value = page[start..].get(..length).ok_or_else(ended)?;
    Ok((value, start + length))
}

fn ended() -> Stop {
    damaged("the values of a page end too early")
}

/// Writes a value, whose bytes are as many as its kind has.
fn write(kind: Kind, value: &[u8], text: &mut Vec<u8>) {
    let four = || value.first_chunk::<4>().copied().unwrap_or_default();
    let eight = || value.first_chunk::<8>().copied().unwrap_or_default();
    match kind {
        Kind::Int32 { is_signed: true } => write_signed(i32::from_le_bytes(four()).into(), text),
        Kind::Int32 { is_signed: false } | Kind::Truth => write_unsigned(u32::from_le_bytes(four()).into(), text),
        Kind::Int64 { is_signed: true } => write_signed(i64::from_le_bytes(eight()), text),
        Kind::Int64 { is_signed: false } => write_unsigned(u64::from_le_bytes(eight()), text),
        // Writing to memory does not fail.
        Kind::Float => drop(write!(text, "{}", f32::from_le_bytes(four()))),
        Kind::Double => drop(write!(text, "{}", f64::from_le_bytes(eight()))),
        Kind::Text | Kind::Fixed(_) => write_escaped(value, text),
    }
}

fn write_signed(number: i64, text: &mut Vec<u8>) {
    if number < 0 {
        text.push(b'-');
    }
    write_unsigned(number.unsigned_abs(), text);
}

fn write_unsigned(mut number: u64, text: &mut Vec<u8>) {
    let (mut digits, mut at) = ([0; INTEGER_BYTES], INTEGER_BYTES);
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    text.extend_from_slice(&digits[at..]);
}

/// Whether a line of a flow log could not have the byte in a field.
fn breaks(byte: u8) -> bool {
    byte <= b' ' || byte == 0x7f
}

fn broken(value: &[u8]) -> usize {
    value.iter().filter(|byte| breaks(**byte)).count()
}

/// Bytes that [`write_escaped`] writes.
fn escaped_bytes(value: &[u8]) -> usize {
    (value.len() + broken(value) * (ESCAPE_BYTES - 1)).max(1)
}

/// Writes text so that it stays one field of one line: what would end it is percent-encoded. Nothing is `-`.
fn write_escaped(value: &[u8], text: &mut Vec<u8>) {
    if value.is_empty() {
        text.push(b'-');
    } else if broken(value) == 0 {
        text.extend_from_slice(value);
    } else {
        for byte in value {
            match breaks(*byte) {
                true => text.extend_from_slice(&escaped(*byte)),
                false => text.push(*byte),
            }
        }
    }
}

/// The byte, percent-encoded.
pub(super) fn escaped(byte: u8) -> [u8; ESCAPE_BYTES] {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    [b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 0x0f)]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(kind: Kind, value: &[u8]) -> String {
        let mut text = Vec::new();
        write(kind, value, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    #[test]
    fn numbers_as_text() {
        for number in [0, 1, -1, 10, 65_535, i32::MAX, i32::MIN] {
            assert_eq!(text(Kind::Int32 { is_signed: true }, &number.to_le_bytes()), number.to_string());
            let unsigned = number as u32;
            assert_eq!(text(Kind::Int32 { is_signed: false }, &unsigned.to_le_bytes()), unsigned.to_string());
        }
        for number in [0, -9, 99, 1_431_280_876, i64::MAX, i64::MIN] {
            assert_eq!(text(Kind::Int64 { is_signed: true }, &number.to_le_bytes()), number.to_string());
            let unsigned = number as u64;
            assert_eq!(text(Kind::Int64 { is_signed: false }, &unsigned.to_le_bytes()), unsigned.to_string());
        }
        assert_eq!(text(Kind::Double, &5.0_f64.to_le_bytes()), "5");
        assert_eq!(text(Kind::Float, &0.5_f32.to_le_bytes()), "0.5");
        for number in [f64::MIN_POSITIVE / 1e15, -f64::MIN_POSITIVE, f64::MIN, f64::NAN, f64::NEG_INFINITY] {
            assert!(text(Kind::Double, &number.to_le_bytes()).len() <= FLOAT_BYTES, "{number:e}");
        }
    }

    #[test]
    fn text_stays_in_its_field() {
        for (value, expected) in [
            ("", "-"),
            ("-", "-"),
            ("10.0.0.1", "10.0.0.1"),
            (" ", "%20"),
            ("a b\nc\r\td", "a%20b%0Ac%0D%09d"),
            ("\0\x7f", "%00%7F"),
            ("é %25", "é%20%25"),
        ] {
            assert_eq!(text(Kind::Text, value.as_bytes()), expected);
        }
    }
}
