//! Parquet's `DELTA_BINARY_PACKED`: the steps from one integer to the next, in as many bits as the widest of some needs.

use super::levels::{pack_bits, varint};

/// Steps of one block, which are counted from the least of them.
const BLOCK: usize = 128;
/// Steps that share a width.
const MINIBLOCK: usize = 32;
/// The greatest distance between two numbers: what a step then is above the least one has 32 bits.
pub(super) const DISTANCE_MAX: u64 = i32::MAX as u64;

/// Appends `numbers`, no two of which are further apart than [`DISTANCE_MAX`].
pub(super) fn deltas(out: &mut Vec<u8>, numbers: &[i64]) {
    [BLOCK, BLOCK / MINIBLOCK, numbers.len()].iter().for_each(|value| varint(out, *value as u64));
    let mut before = numbers.first().copied().unwrap_or_default();
    zigzag(out, before);
    for block in numbers.get(1..).unwrap_or_default().chunks(BLOCK) {
        before = append_block(out, before, block);
    }
}

/// Appends the steps from `before` to and within `block`; returns its last number.
fn append_block(out: &mut Vec<u8>, before: i64, block: &[i64]) -> i64 {
    let mut steps = [i64::MAX; BLOCK];
    let befores = std::iter::once(&before).chain(block);
    for ((step, number), before) in steps.iter_mut().zip(block).zip(befores) {
        *step = number - before;
    }
    let least = steps.iter().copied().fold(i64::MAX, i64::min);
    zigzag(out, least);
    // Those behind the last number are written as the least.
    let above = steps.map(|step| if step == i64::MAX { 0 } else { (step - least) as u32 });
    let (miniblocks, _) = above.as_chunks::<MINIBLOCK>();
    let widths = [0, 1, 2, 3].map(|number: usize| width(&miniblocks[number]));
    out.extend(widths.map(|width| width as u8));
    let filled = miniblocks.iter().zip(widths).take(block.len().div_ceil(MINIBLOCK));
    filled.for_each(|(miniblock, width)| pack_bits(out, miniblock, width));
    block.last().copied().unwrap_or(before)
}

/// Bits of the greatest.
fn width(miniblock: &[u32; MINIBLOCK]) -> u32 {
    u32::BITS - miniblock.iter().fold(0, |bits, step| bits | step).leading_zeros()
}

fn zigzag(out: &mut Vec<u8>, value: i64) {
    varint(out, (value << 1 ^ value >> 63).cast_unsigned());
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes values from bytes, after the format's description.
    struct Source<'a>(&'a [u8]);

    impl Source<'_> {
        fn byte(&mut self) -> u8 {
            let (first, rest) = self.0.split_first().unwrap();
            self.0 = rest;
            *first
        }

        fn varint(&mut self) -> u64 {
            let byte = self.byte();
            u64::from(byte & 0x7f) | if byte < 0x80 { 0 } else { self.varint() << 7 }
        }

        fn zigzag(&mut self) -> i64 {
            let value = self.varint();
            (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
        }

        fn miniblock(&mut self, width: u8) -> Vec<i64> {
            let bytes: Vec<u8> = (0..4 * width).map(|_| self.byte()).collect();
            let bit = |at: usize| i64::from(bytes[at / 8] >> (at % 8) & 1);
            let width = usize::from(width);
            (0..32).map(|value| (0..width).map(|at| bit(value * width + at) << at).sum()).collect()
        }
    }

    fn read(bytes: &[u8]) -> Vec<i64> {
        let mut source = Source(bytes);
        assert_eq!((source.varint(), source.varint()), (128, 4));
        let count = source.varint() as usize;
        let mut numbers = vec![source.zigzag()];
        while numbers.len() < count {
            let (least, widths) = (source.zigzag(), [0; 4].map(|_: u8| source.byte()));
            for width in widths {
                if numbers.len() >= count {
                    break;
                }
                for step in source.miniblock(width) {
                    numbers.push(numbers.last().unwrap().wrapping_add(least + step));
                }
            }
        }
        assert_eq!(source.0, b"", "nothing stands behind the last miniblock that has a value");
        numbers.truncate(count);
        numbers
    }

    #[test]
    fn numbers_read_back() {
        let mut state = 7_u64;
        let mut random = |most: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % (most + 1)) as i64
        };
        for most in [0, 1, 5, 1000, 200_000, DISTANCE_MAX] {
            for count in [1, 2, 32, 33, 34, 128, 129, 130, 161, 5000] {
                let base = if count % 2 == 0 { -40 } else { i64::MAX - DISTANCE_MAX.cast_signed() };
                let numbers: Vec<i64> = (0..count).map(|_| base + random(most)).collect();
                let mut out = Vec::new();
                deltas(&mut out, &numbers);
                assert_eq!(read(&out), numbers, "{most} {count}");
            }
        }
        let mut none = Vec::new();
        deltas(&mut none, &[]);
        assert_eq!(none, [0x80, 1, 4, 0, 0]);
    }
}
