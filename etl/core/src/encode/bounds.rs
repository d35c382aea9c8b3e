//! The least and greatest value of pages and chunks.

use parquet::basic::{BoundaryOrder, Type};
use parquet::data_type::ByteArray;
use parquet::file::metadata::ColumnIndexBuilder;
use parquet::file::page_index::column_index::ColumnIndexMetaData;
use parquet::file::statistics::{Statistics, ValueStatistics};

use super::number::Number;
use crate::error::Error;
use crate::limits::STATISTICS_BYTES_MAX;

/// The least and greatest of some texts.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TextBounds<'a> {
    range: Option<(&'a [u8], &'a [u8])>,
    /// First eight bytes of the two, as numbers that order as the texts do.
    heads: (u64, u64),
}

impl<'a> TextBounds<'a> {
    #[inline(always)]
    pub(super) fn add(&mut self, text: &'a [u8]) {
        let head = head(text);
        let Some((least, greatest)) = self.range else {
            self.range = Some((text, text));
            self.heads = (head, head);
            return;
        };
        // Eight bytes decide nearly always.
        if head > self.heads.0 && head < self.heads.1 {
            return;
        }
        if text < least {
            self.range = Some((text, greatest));
            self.heads.0 = head;
        } else if text > greatest {
            self.range = Some((least, text));
            self.heads.1 = head;
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        if let Some((least, greatest)) = other.range {
            self.add(least);
            self.add(greatest);
        }
    }

    /// A lower and an upper bound, shortened if need be, and whether each is exact.
    fn shortened(self) -> Option<[(Vec<u8>, bool); 2]> {
        let (least, greatest) = self.range?;
        let lower = (least[..cut(least)].to_vec(), least.len() <= STATISTICS_BYTES_MAX);
        let upper = match greatest.len() <= STATISTICS_BYTES_MAX {
            true => (greatest.to_vec(), true),
            false => (successor(&greatest[..cut(greatest)])?, false),
        };
        Some([lower, upper])
    }

    pub(super) fn statistics(self, nulls: usize) -> Statistics {
        let [lower, upper] = match self.shortened() {
            Some(bounds) => bounds.map(Some),
            None => [None, None],
        };
        let is_exact = |bound: &Option<(Vec<u8>, bool)>| bound.as_ref().is_some_and(|(_, exact)| *exact);
        let (lower_exact, upper_exact) = (is_exact(&lower), is_exact(&upper));
        let value = |bound: Option<(Vec<u8>, bool)>| bound.map(|(bytes, _)| ByteArray::from(bytes));
        Statistics::ByteArray(
            ValueStatistics::new(value(lower), value(upper), None, Some(nulls as u64), false)
                .with_min_is_exact(lower_exact)
                .with_max_is_exact(upper_exact),
        )
    }
}

fn head(text: &[u8]) -> u64 {
    match text.first_chunk::<8>() {
        Some(head) => u64::from_be_bytes(*head),
        None => {
            let mut head = [0; 8];
            head[..text.len()].copy_from_slice(text);
            u64::from_be_bytes(head)
        }
    }
}

/// The most bytes of UTF-8 `text` that a bound may have.
fn cut(text: &[u8]) -> usize {
    let mut length = text.len().min(STATISTICS_BYTES_MAX);
    while length < text.len() && length > 0 && text[length] & 0xc0 == 0x80 {
        length -= 1;
    }
    length
}

/// The least text of no more characters that is greater than every text that begins with `prefix`.
fn successor(prefix: &[u8]) -> Option<Vec<u8>> {
    let mut characters: Vec<char> = std::str::from_utf8(prefix).ok()?.chars().collect();
    while let Some(last) = characters.pop() {
        let next = (u32::from(last) + 1..=u32::from(char::MAX)).find_map(char::from_u32);
        if let Some(next) = next {
            characters.push(next);
            return Some(characters.into_iter().collect::<String>().into_bytes());
        }
    }
    None
}

/// The least and greatest of some numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberBounds<T>(Option<(T, T)>);

impl<T> Default for NumberBounds<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Number> NumberBounds<T> {
    /// Those of the `numbers` that are not null. No branches: the processor takes several at once.
    #[inline(always)]
    pub(super) fn of(numbers: &[T]) -> Self {
        let or_most = |number: &T| if number.is_null() { T::MOST } else { *number };
        let least = numbers.iter().map(or_most).fold(T::MOST, T::least);
        let greatest = numbers.iter().copied().fold(T::NULL, T::greatest);
        Self((!greatest.is_null()).then_some((least, greatest)))
    }

    /// Those of all `parts` together.
    pub(super) fn over(parts: &[Self]) -> Self {
        let both = |one: (T, T), other: (T, T)| (one.0.least(other.0), one.1.greatest(other.1));
        Self(parts.iter().filter_map(|part| part.0).reduce(both))
    }

    /// The least, where it is an integer, and how far the greatest is above it.
    pub(super) fn span(self) -> Option<(i64, u64)> {
        let (least, greatest) = self.0?;
        let (least, greatest) = (least.integer()?, greatest.integer()?);
        Some((least, greatest.abs_diff(least)))
    }

    pub(super) fn statistics(self, nulls: usize) -> Statistics {
        T::statistics(self.0, nulls)
    }

    /// Whether neither bound lies below the one of a page before.
    pub(super) fn is_behind(self, before: Self) -> bool {
        match (before.0, self.0) {
            (Some(before), Some(own)) => before.0 <= own.0 && before.1 <= own.1,
            _ => true,
        }
    }
}

/// The column index of a chunk: the bounds of each page. None at all where a page has values and no bounds.
pub(super) struct PageBounds {
    builder: Option<ColumnIndexBuilder>,
    /// Whether each page's bounds are at or above the last one's.
    is_ascending: bool,
}

impl PageBounds {
    pub(super) fn new(column_type: Type) -> Self {
        Self { builder: Some(ColumnIndexBuilder::new(column_type)), is_ascending: false }
    }

    /// No column index.
    pub(super) fn none() -> Self {
        Self { builder: None, is_ascending: false }
    }

    pub(super) fn text(&mut self, bounds: TextBounds<'_>, nulls: usize, rows: usize) {
        match bounds.shortened() {
            Some([lower, upper]) => self.append(false, lower.0, upper.0, nulls),
            None if nulls == rows => self.append(true, Vec::new(), Vec::new(), nulls),
            None => self.builder = None,
        }
    }

    pub(super) fn numbers<T: Number>(&mut self, bounds: NumberBounds<T>, nulls: usize) {
        match bounds.0 {
            Some((least, greatest)) => self.append(false, least.bytes().into(), greatest.bytes().into(), nulls),
            None => self.append(true, Vec::new(), Vec::new(), nulls),
        }
    }

    /// Says that no page's bounds lie below those of a page before it.
    pub(super) fn are_ascending(&mut self) {
        self.is_ascending = true;
    }

    fn append(&mut self, is_null_page: bool, lower: Vec<u8>, upper: Vec<u8>, nulls: usize) {
        if let Some(builder) = &mut self.builder {
            builder.append(is_null_page, lower, upper, nulls as i64);
        }
    }

    pub(super) fn build(self) -> Result<Option<ColumnIndexMetaData>, Error> {
        let Some(mut builder) = self.builder else { return Ok(None) };
        if self.is_ascending {
            builder.set_boundary_order(BoundaryOrder::ASCENDING);
        }
        Ok(Some(builder.build()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_bounds_are_cut_and_still_bound() {
        let texts: Vec<Vec<u8>> = ["a", "é", "\u{d7ff}", "\u{10ffff}", "z"]
            .iter()
            .flat_map(|unit| [254, 255, 256, 257, 300].map(|count| unit.repeat(count).into_bytes()))
            .collect();
        for text in &texts {
            let mut bounds = TextBounds::default();
            bounds.add(text);
            let Some([(lower, lower_exact), (upper, upper_exact)]) = bounds.shortened() else {
                assert!(text.starts_with("\u{10ffff}".as_bytes()));
                continue;
            };
            assert!(lower <= *text && *text <= upper);
            assert_eq!((lower == *text, upper == *text), (lower_exact, upper_exact));
            assert!(std::str::from_utf8(&lower).is_ok() && std::str::from_utf8(&upper).is_ok());
            assert!(lower.len() <= STATISTICS_BYTES_MAX && upper.len() <= STATISTICS_BYTES_MAX + 4);
        }
    }

    #[test]
    fn bounds_are_the_least_and_the_greatest() {
        let texts: [&[u8]; 7] = [b"b", b"", b"abcdefgh1", b"abcdefgh0", b"abcdefgh", b"zz", b"zz\0"];
        let mut bounds = TextBounds::default();
        texts.iter().for_each(|text| bounds.add(text));
        assert_eq!(bounds.range, Some((&b""[..], &b"zz\0"[..])));
    }
}
