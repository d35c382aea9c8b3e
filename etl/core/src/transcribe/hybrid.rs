//! Small numbers as Parquet packs them: runs of one number, and runs of numbers that take some bits each.

use std::ops::Range;

use super::trouble::{Read, damaged};

/// Bits of the largest number.
const WIDTH_MAX: u32 = 32;
/// Numbers that are packed together.
const GROUP: u64 = 8;

/// Reads packed numbers out of a page.
#[derive(Debug, Clone, Default)]
pub(super) struct Hybrid {
    /// Bits of a number.
    width: u32,
    /// Where the next run begins in the page, and where the last one ends.
    at: usize,
    end: usize,
    run: Run,
    /// Numbers that are left of the run.
    left: u64,
}

#[derive(Debug, Clone, Copy)]
enum Run {
    /// The same number again and again.
    Same(u32),
    /// Packed numbers, from this bit of the page on.
    Packed(usize),
}

impl Default for Run {
    fn default() -> Self {
        Self::Same(0)
    }
}

impl Hybrid {
    /// The numbers of `width` bits that stand at `place` of a page.
    pub(super) fn new(width: u32, place: Range<usize>) -> Read<Self> {
        if width > WIDTH_MAX {
            return Err(damaged("packed numbers are wider than 32 bits"));
        }
        Ok(Self { width, at: place.start, end: place.end, ..Self::default() })
    }

    /// Reads `count` numbers of `page` into `numbers`, which is emptied.
    pub(super) fn read(&mut self, page: &[u8], count: usize, numbers: &mut Vec<u32>) -> Read<()> {
        numbers.clear();
        if self.width == 0 {
            numbers.resize(count, 0);
            return Ok(());
        }
        while numbers.len() < count {
            if self.left == 0 {
                self.begin_run(page)?;
            }
            let missing = count - numbers.len();
            let taken = usize::try_from(self.left).unwrap_or(usize::MAX).min(missing);
            match &mut self.run {
                Run::Same(number) => numbers.resize(numbers.len() + taken, *number),
                Run::Packed(bit) => {
                    let last = *bit + taken * self.width as usize;
                    if last.div_ceil(8) > self.end {
                        return Err(ended());
                    }
                    let width = self.width;
                    numbers.extend((0..taken).map(|place| unpacked(page, *bit + place * width as usize, width)));
                    *bit = last;
                }
            }
            self.left -= taken as u64;
        }
        Ok(())
    }

    fn begin_run(&mut self, page: &[u8]) -> Read<()> {
        let head = self.varint(page)?;
        let bytes = self.width.div_ceil(8) as usize;
        if head & 1 == 0 {
            self.left = head >> 1;
            let number = page.get(self.at..self.at + bytes).filter(|_| self.at + bytes <= self.end);
            let number = number.ok_or_else(ended)?;
            self.run = Run::Same(number.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte)));
            self.at += bytes;
            return Ok(());
        }
        let groups = head >> 1;
        self.left = groups.saturating_mul(GROUP);
        self.run = Run::Packed(self.at * 8);
        // Eight numbers take as many bytes as one takes bits. The last run may be shorter than it says.
        let bytes = usize::try_from(groups.saturating_mul(u64::from(self.width))).unwrap_or(usize::MAX);
        self.at = self.at.saturating_add(bytes).min(self.end);
        Ok(())
    }

    fn varint(&mut self, page: &[u8]) -> Read<u64> {
        let mut value = 0;
        for place in 0..5 {
            let byte = *page[..self.end].get(self.at).ok_or_else(ended)?;
            self.at += 1;
            value |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(damaged("a run of packed numbers has no length"))
    }
}

fn ended() -> super::trouble::Stop {
    damaged("packed numbers end too early")
}

/// The number of `width` bits that begins at `bit`; all of them are there.
#[inline]
fn unpacked(page: &[u8], bit: usize, width: u32) -> u32 {
    let from = &page[bit / 8..];
    let word = match from.first_chunk::<8>() {
        Some(word) => u64::from_le_bytes(*word),
        None => from.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    ((word >> (bit % 8)) & ((1_u64 << width) - 1)) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(width: u32, page: &[u8], counts: &[usize]) -> Option<Vec<u32>> {
        let mut hybrid = Hybrid::new(width, 0..page.len()).ok()?;
        let (mut all, mut numbers) = (Vec::new(), Vec::new());
        for count in counts {
            hybrid.read(page, *count, &mut numbers).ok()?;
            all.extend(&numbers);
        }
        Some(all)
    }

    #[test]
    fn runs_of_both_kinds() {
        // The example of the format's documentation: 0 to 7 in 3 bits each.
        let packed = [0b11, 0b1000_1000, 0b1100_0110, 0b1111_1010];
        assert_eq!(read(3, &packed, &[8]).unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(read(3, &packed, &[1, 3, 4]).unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
        let mixed = [&[10 << 1, 5][..], &packed, &[2 << 1, 1]].concat();
        let expected: Vec<u32> = [5; 10].into_iter().chain(0..8).chain([1, 1]).collect();
        assert_eq!(read(3, &mixed, &[20]).unwrap(), expected);
        assert_eq!(read(3, &mixed, &[7, 7, 6]).unwrap(), expected);
        assert_eq!(read(17, &[4, 0x01, 0x02, 0x01], &[2]).unwrap(), [0x0001_0201; 2]);
        assert_eq!(read(32, &[3, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], &[2]).unwrap(), [1, u32::MAX]);
        assert_eq!(read(0, &[], &[3]).unwrap(), [0; 3]);
    }

    #[test]
    fn what_is_missing_is_no_number() {
        assert_eq!(read(3, &[], &[1]), None);
        assert_eq!(read(3, &[0b11, 1, 2], &[8]), None, "a group that is cut");
        assert_eq!(read(3, &[0b11, 1, 2], &[5]).unwrap().len(), 5, "what of it is there");
        assert_eq!(read(9, &[4, 1], &[1]), None, "a number that is cut");
        assert_eq!(read(3, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff], &[1]), None, "no length");
        assert_eq!(read(33, &[4, 1], &[1]), None);
        assert_eq!(read(3, &[0; 99], &[1]), None, "runs of nothing");
    }
}
