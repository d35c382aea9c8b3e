//! Whole numbers as the differences between one and the next, packed in as many bits as those of a few take.

use std::ops::Range;

use super::trouble::{Read, Stop, damaged};

/// Numbers of one block, at most; writers take 128.
const BLOCK_MAX: u64 = 1 << 16;
/// Bits of the widest difference.
const WIDTH_MAX: u32 = 64;

/// Reads such numbers out of a page.
#[derive(Debug, Clone, Default)]
pub(super) struct Delta {
    /// Where the next block or the next differences begin in the page, and where all ends.
    at: usize,
    end: usize,
    /// Miniblocks of a block, and numbers of a miniblock.
    minis: usize,
    mini_numbers: u64,
    /// Numbers that were not read, and the next one, as far as it is known.
    left: u64,
    number: i64,
    is_first: bool,
    /// Of the block at hand: its least difference, where its widths stand, and how many of them were used.
    least: i64,
    widths: usize,
    used: usize,
    /// Of the miniblock at hand: its width, the bit where its next difference begins, and how many are left.
    width: u32,
    bit: usize,
    mini_left: u64,
}

impl Delta {
    /// The numbers that stand at `place` of `page`.
    pub(super) fn new(page: &[u8], place: Range<usize>) -> Read<Self> {
        let mut delta = Self { at: place.start, end: place.end.min(page.len()), is_first: true, ..Self::default() };
        let block = delta.varint(page)?;
        let minis = delta.varint(page)?;
        delta.left = delta.varint(page)?;
        delta.number = delta.zigzag(page)?;
        let is_even = minis > 0 && block.is_multiple_of(minis) && (block / minis).is_multiple_of(8);
        if block == 0 || block > BLOCK_MAX || !is_even {
            return Err(damaged("blocks of differences have a size that none can have"));
        }
        delta.minis = minis as usize;
        delta.mini_numbers = block / minis;
        delta.used = delta.minis;
        Ok(delta)
    }

    /// Reads `count` numbers of `page` into `numbers`, which is emptied.
    pub(super) fn read(&mut self, page: &[u8], count: usize, numbers: &mut Vec<i64>) -> Read<()> {
        numbers.clear();
        for _ in 0..count {
            self.left = self.left.checked_sub(1).ok_or_else(ended)?;
            if !std::mem::take(&mut self.is_first) {
                if self.mini_left == 0 {
                    self.begin_mini(page)?;
                }
                self.mini_left -= 1;
                let difference = self.difference(page)?;
                self.number = self.number.wrapping_add(self.least).wrapping_add(difference as i64);
            }
            numbers.push(self.number);
        }
        Ok(())
    }

    /// Where the bytes behind all of the numbers begin.
    pub(super) fn behind(&self, page: &[u8]) -> Read<usize> {
        let mut rest = self.clone();
        // The first needs no difference. Each block takes some bytes, so that this ends where the page does.
        rest.left = rest.left.saturating_sub(u64::from(rest.is_first));
        while rest.left > 0 {
            rest.begin_mini(page)?;
            rest.left = rest.left.saturating_sub(rest.mini_numbers);
        }
        Ok(rest.at)
    }

    fn begin_mini(&mut self, page: &[u8]) -> Read<()> {
        if self.used == self.minis {
            self.least = self.zigzag(page)?;
            (self.widths, self.used) = (self.at, 0);
            self.at = self.at.saturating_add(self.minis);
        }
        let width = *page[..self.end].get(self.widths + self.used).ok_or_else(ended)?;
        self.width = u32::from(width);
        if self.width > WIDTH_MAX || self.at > self.end {
            return Err(damaged("differences are wider than 64 bits"));
        }
        self.used += 1;
        self.bit = self.at * 8;
        // So many numbers are eight times as many bits.
        let bytes = self.mini_numbers / 8 * u64::from(self.width);
        self.at = self.at.saturating_add(bytes as usize).min(self.end);
        self.mini_left = self.mini_numbers;
        Ok(())
    }

    fn difference(&mut self, page: &[u8]) -> Read<u64> {
        let last = self.bit + self.width as usize;
        if last.div_ceil(8) > self.end {
            return Err(ended());
        }
        let from = &page[self.bit / 8..];
        let word = match from.first_chunk::<16>() {
            Some(word) => u128::from_le_bytes(*word),
            None => from.iter().rev().fold(0, |word, byte| word << 8 | u128::from(*byte)),
        };
        let mask = (1_u128 << self.width) - 1;
        let difference = (word >> (self.bit % 8)) & mask;
        self.bit = last;
        Ok(difference as u64)
    }

    fn zigzag(&mut self, page: &[u8]) -> Read<i64> {
        let number = self.varint(page)?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    fn varint(&mut self, page: &[u8]) -> Read<u64> {
        let mut number = 0;
        for place in 0..10 {
            let byte = *page[..self.end].get(self.at).ok_or_else(ended)?;
            self.at += 1;
            number |= u64::from(byte & 0x7f) << (7 * place);
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(damaged("a number of differences has too many bytes"))
    }
}

fn ended() -> Stop {
    damaged("differences end too early")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(page: &[u8], counts: &[usize]) -> Option<Vec<i64>> {
        let mut delta = Delta::new(page, 0..page.len()).ok()?;
        let (mut all, mut numbers) = (Vec::new(), Vec::new());
        for count in counts {
            delta.read(page, *count, &mut numbers).ok()?;
            all.extend(&numbers);
        }
        Some(all)
    }

    /// 7, 5, 3, 1, 2, 3, 4, 5 of the format's documentation: the least difference is -2, the others take two bits.
    const EXAMPLE: [u8; 11] = [0x80, 0x01, 4, 8, 14, 3, 2, 0, 0, 0, 0b1100_0000];

    fn example() -> Vec<u8> {
        [&EXAMPLE[..], &[0b0011_1111], &[0; 6]].concat()
    }

    #[test]
    fn the_example_of_the_documentation() {
        let page = example();
        assert_eq!(read(&page, &[8]).unwrap(), [7, 5, 3, 1, 2, 3, 4, 5]);
        assert_eq!(read(&page, &[1, 3, 4]).unwrap(), [7, 5, 3, 1, 2, 3, 4, 5]);
        let delta = Delta::new(&page, 0..page.len()).unwrap();
        assert_eq!(delta.behind(&page).unwrap(), page.len(), "32 numbers of two bits");
    }

    #[test]
    fn what_is_missing_is_no_number() {
        let page = example();
        assert_eq!(read(&page, &[9]), None, "there are 8");
        for cut in 0..12 {
            assert_eq!(read(&page[..cut], &[8]), None, "cut at {cut}");
        }
        for head in [[0, 4, 8, 14], [128, 0, 8, 14], [12, 4, 8, 14], [4, 4, 8, 14]] {
            assert!(Delta::new(&head, 0..4).is_err(), "{head:?}");
        }
        let wide = [&[8, 1, 2, 0, 0, 65][..], &[0; 99]].concat();
        assert_eq!(read(&wide, &[2]), None);
    }

    #[test]
    fn differences_of_all_bits() {
        let page = [&[8, 1, 2, 1, 0, 64][..], &u64::MAX.to_le_bytes(), &[0; 56]].concat();
        assert_eq!(read(&page, &[2]).unwrap(), [-1, -2]);
    }
}
