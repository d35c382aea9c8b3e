//! The fields of a batch of lines to columns, a field at a time: each loop does one thing, and the lines of a batch stay in
//! the nearest cache.

use std::borrow::Cow;
use std::ops::Range;

use percent_encoding::percent_decode;

use super::fields::{Fields, Target};
use crate::columns::{Coded, NUMBER_NULL, Slot};
use crate::limits::FLOW_BATCH_LINES;
use crate::lines::Lines;
use crate::numbers::integer;
use crate::sheet::Sheet;
use crate::text::{Head, Side, Span, Texts};
use crate::time::is_instant;

/// From so many on, a count of seconds is one of milliseconds: as seconds, it would lie behind the year 5000.
const MILLIS_MIN: i64 = 100_000_000_000;

/// Lines that are rows: consecutive rows of one sheet.
pub(super) struct Batch<'a> {
    pub(super) arena: &'a [u8],
    /// Where in the arena the lines begin.
    pub(super) base: usize,
    pub(super) lines: &'a Lines,
    /// For each row, the number of the place before its first field.
    pub(super) places: &'a [u32],
    /// The row of the first.
    pub(super) first_row: usize,
}

/// Values that a column does not hold exactly: row within the batch, and field.
pub(super) type Odd = Vec<(u32, u16)>;

impl Batch<'_> {
    /// Where in the arena the values of field `field` stand. `is_last` where the end of the line is behind it.
    #[inline(always)]
    fn spans(&self, field: usize, is_last: bool) -> impl Iterator<Item = Range<usize>> {
        self.places.iter().map(move |place| {
            let (from, mut to) = self.lines.field(*place as usize + field);
            if is_last && from < to && self.arena[self.base + to - 1] == b'\r' {
                to -= 1;
            }
            self.base + from..self.base + to
        })
    }

    /// The value of one field of one row.
    pub(super) fn value(&self, row: u32, field: usize, fields: usize) -> &[u8] {
        let place = self.places[row as usize] as usize;
        let (from, to) = self.lines.field(place + field);
        let text = &self.arena[self.base + from..self.base + to];
        if field + 1 == fields { text.strip_suffix(b"\r").unwrap_or(text) } else { text }
    }

    /// Fills the columns of every field. What they do not hold exactly goes to `odd`.
    #[inline(always)]
    pub(super) fn fill(&self, fields: &Fields, sheet: &mut Sheet, side: &mut Side, odd: &mut Odd) {
        for (field, target) in fields.targets.iter().enumerate() {
            let spans = self.spans(field, field + 1 == fields.targets.len());
            let mut note = |row: usize| odd.push((row as u32, field as u16));
            let columns = &mut sheet.columns;
            match *target {
                Target::Coded(at) if self.is_one_text(field, fields.targets.len()) => {
                    self.fill_coded(spans.take(1), &mut columns.coded[at], side);
                    let codes = &mut columns.coded[at].codes[self.first_row..];
                    codes.fill(codes[0]);
                }
                Target::Coded(at) => self.fill_coded(spans, &mut columns.coded[at], side),
                Target::Percent(at) => self.fill_percent(spans, &mut columns.coded[at], side, &mut note),
                Target::Int(at) => self.fill_ints(spans, &mut columns.numbers[at], &mut note, Some),
                Target::Int32(at) => {
                    let small = |number| i32::try_from(number).ok();
                    self.fill_ints(spans, &mut columns.small[at], &mut note, small);
                }
                Target::Seconds(at) => self.fill_seconds(spans, &mut columns.numbers[at], &mut note),
                Target::Extra => (0..self.places.len()).for_each(note),
            }
        }
    }

    #[inline(always)]
    fn fill_coded(&self, spans: impl Iterator<Item = Range<usize>>, column: &mut Coded, side: &Side) {
        let texts = Texts { arena: self.arena, side: side.bytes() };
        let Coded { codes, interner } = column;
        let (mut values, mut count) = ([Span::NULL; FLOW_BATCH_LINES], 0);
        for (value, span) in values.iter_mut().zip(spans) {
            let text = Span::arena(span.start, span.len());
            *value = if self.is_none(&span) { Span::NULL } else { text };
            count += 1;
        }
        interner.intern_all(texts, &values[..count], &mut codes[self.first_row..]);
    }

    /// Whether all rows have the same short text in a field, as they mostly have in that of the account. Where they have
    /// not, the first few tell.
    #[inline(always)]
    fn is_one_text(&self, field: usize, fields: usize) -> bool {
        let mut heads = self.spans(field, field + 1 == fields).map(|span| Head::of(self.arena, span.start, span.len()));
        let first = heads.next().filter(|head| head.is_whole());
        first.is_some_and(|first| heads.all(|head| head == first))
    }

    fn fill_percent(
        &self,
        spans: impl Iterator<Item = Range<usize>>,
        column: &mut Coded,
        side: &mut Side,
        note: &mut impl FnMut(usize),
    ) {
        for (row, span) in spans.enumerate().filter(|(_, span)| !self.is_none(span)) {
            let text = &self.arena[span.clone()];
            let decoded: Cow<'_, [u8]> = percent_decode(text).into();
            let value = match decoded {
                Cow::Borrowed(_) => Span::arena(span.start, span.len()),
                Cow::Owned(decoded) => {
                    note(row);
                    if str::from_utf8(&decoded).is_err() {
                        continue;
                    }
                    side.push(&decoded)
                }
            };
            let texts = Texts { arena: self.arena, side: side.bytes() };
            column.codes[self.first_row + row] = column.interner.intern(texts, value);
        }
    }

    #[inline(always)]
    fn fill_ints<T>(
        &self,
        spans: impl Iterator<Item = Range<usize>>,
        column: &mut [T],
        note: &mut impl FnMut(usize),
        take: impl Fn(i64) -> Option<T>,
    ) {
        for (row, (number, span)) in column[self.first_row..].iter_mut().zip(spans).enumerate() {
            if self.is_none(&span) {
                continue;
            }
            match whole(self.arena, &span).and_then(&take) {
                Some(whole) => *number = whole,
                None => note(row),
            }
        }
    }

    #[inline(always)]
    fn fill_seconds(
        &self,
        spans: impl Iterator<Item = Range<usize>>,
        column: &mut [i64],
        note: &mut impl FnMut(usize),
    ) {
        for (row, (millis, span)) in column[self.first_row..].iter_mut().zip(spans).enumerate() {
            if self.is_none(&span) {
                continue;
            }
            let number = whole(self.arena, &span);
            match number {
                Some(seconds) if seconds < MILLIS_MIN => *millis = seconds * 1000,
                other => {
                    note(row);
                    if let Some(number) = other.filter(|number| is_instant(*number)) {
                        *millis = number;
                    }
                }
            }
        }
    }

    /// Whether a value is `-`: not applicable, or not known.
    #[inline(always)]
    fn is_none(&self, span: &Range<usize>) -> bool {
        self.arena[span.start] == b'-' && span.len() == 1
    }

    /// The slots of times that row `row` has a value for and that do not hold it.
    pub(super) fn unfit(&self, row: u32, odd: &[(u32, u16)], fields: &Fields, sheet: &Sheet, unfit: &mut Vec<Slot>) {
        unfit.clear();
        for (_, field) in odd.iter().filter(|(other, _)| *other == row) {
            if let Target::Seconds(at) = fields.targets[*field as usize]
                && sheet.columns.numbers[at][self.first_row + row as usize] == NUMBER_NULL
            {
                unfit.push(Slot::Instant(at));
            }
        }
    }
}

/// Digits of the longest number that is read without a loop.
const DIGITS: usize = 16;

/// The number that digits write, without leading zeros.
#[inline(always)]
fn whole(arena: &[u8], span: &Range<usize>) -> Option<i64> {
    let length = span.len();
    if length == 0 || length > DIGITS || (arena[span.start] == b'0' && length > 1) {
        return whole_slow(&arena[span.clone()]);
    }
    let low = eight(arena, span.end, length.min(8))?;
    if length <= 8 {
        return Some(low as i64);
    }
    let high = eight(arena, span.end - 8, length - 8)?;
    Some((high * 100_000_000 + low) as i64)
}

#[cold]
fn whole_slow(text: &[u8]) -> Option<i64> {
    integer(text).filter(|number| *number >= 0)
}

/// The number that the `count` digits, one to eight, before `end` write: eight bytes in one word, those before the number
/// shifted out, then neighbours added up three times. An arena's text has more than eight bytes before it.
#[inline(always)]
fn eight(arena: &[u8], end: usize, count: usize) -> Option<u64> {
    let word = u64::from_le_bytes(*arena[end - 8..end].first_chunk()?);
    let digits = (word ^ 0x3030_3030_3030_3030) >> (64 - 8 * count) << (64 - 8 * count);
    // A byte above 9 shows in its upper half once 6 is added; none can carry into its neighbour unless it is seen itself.
    if (digits | digits.wrapping_add(0x0606_0606_0606_0606)) & 0xf0f0_f0f0_f0f0_f0f0 != 0 {
        return None;
    }
    let pairs = digits.wrapping_mul(10).wrapping_add(digits >> 8);
    let fours = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(0x000f_4240_0000_0064);
    let ones = (pairs >> 16 & 0x0000_00ff_0000_00ff).wrapping_mul(0x0000_2710_0000_0001);
    Some(fours.wrapping_add(ones) >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<i64> {
        let arena = format!("{}{text} ", "9".repeat(20)).into_bytes();
        whole(&arena, &(20..20 + text.len()))
    }

    #[test]
    fn numbers_of_every_length() {
        let mut number = 0_i64;
        for digit in 1..=18 {
            number = number * 10 + digit % 10;
            assert_eq!(read(&number.to_string()), Some(number));
        }
        for number in [0, 9, 10, 99_999_999, 100_000_000, 9_999_999_999_999_999, i64::MAX] {
            assert_eq!(read(&number.to_string()), Some(number));
        }
    }

    #[test]
    fn what_is_no_number() {
        for text in
            ["", "-", "-1", "01", "00", "1a", "a1", "1:", "1/", "12345678x", "x23456789", "99999999999999999999"]
        {
            assert_eq!(read(text), None, "{text}");
        }
        for byte in 0..=255_u8 {
            let arena = [&b"0123456789"[..], &[b'1', byte, b'2', b' ']].concat();
            let expected = byte.is_ascii_digit().then(|| 100 + i64::from(byte - b'0') * 10 + 2);
            if byte < 0x80 || expected.is_none() {
                assert_eq!(whole(&arena, &(10..13)), expected, "{byte}");
            }
        }
    }
}
