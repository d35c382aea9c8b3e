//! A run of blocks, one word of 64 bits for each: loops over these the compiler turns into vector instructions.

use super::{BLOCK, Classify, Masks};

/// Blocks of a run: what is found of them stays in the nearest cache.
pub(super) const RUN_BLOCKS: usize = 32;
/// Bytes of a run.
pub(super) const RUN_BYTES: usize = RUN_BLOCKS * BLOCK;

/// One word for each block.
pub(super) type Words = [u64; RUN_BLOCKS];

/// One word for each block, behind the word of the block before the run.
#[derive(Debug, Clone, Copy)]
pub(super) struct Carried([u64; RUN_BLOCKS + 1]);

impl Carried {
    /// Nothing yet, but for what the block before the run leaves to the first byte: a single bit.
    #[inline(always)]
    pub(super) fn behind(bit: u64) -> Self {
        let mut words = [0; RUN_BLOCKS + 1];
        words[0] = bit << 63;
        Self(words)
    }

    #[inline(always)]
    pub(super) fn set(&mut self, block: usize, word: u64) {
        self.0[block + 1] = word;
    }

    /// The bytes behind those of block `block` and of the last byte before it.
    #[inline(always)]
    pub(super) fn next(&self, block: usize) -> u64 {
        self.0[block + 1] << 1 | self.0[block] >> 63
    }

    /// What block `block` leaves to the byte behind it.
    #[inline(always)]
    pub(super) fn left(&self, block: usize) -> u64 {
        self.0[block + 1] >> 63
    }
}

/// What a run of blocks holds.
#[derive(Debug)]
pub(super) struct Run {
    /// How many blocks it has. Words behind those are of an earlier run and mean nothing.
    pub(super) blocks: usize,
    /// `"`, and once strings are found, unescaped ones only.
    pub(super) quotes: Words,
    pub(super) backslashes: Words,
    pub(super) open: Words,
    pub(super) close: Words,
    pub(super) curly: Words,
    pub(super) colon: Words,
    pub(super) comma: Words,
    pub(super) space: Words,
    pub(super) control: Words,
    /// Bytes behind a backslash that is not itself escaped.
    pub(super) escaped: Words,
    /// From each opening quote up to the byte before the closing one.
    pub(super) inside: Words,
    /// Bytes whose innermost bracket is `{`.
    pub(super) objects: Words,
    /// Where numbers, `true`, `false`, `null`, and whatever else is no token, begin.
    pub(super) scalars: Words,
    /// Where the grammar is seen to be broken.
    pub(super) faults: Words,
}

impl Default for Run {
    fn default() -> Self {
        let none = [0; RUN_BLOCKS];
        Self {
            blocks: 0,
            quotes: none,
            backslashes: none,
            open: none,
            close: none,
            curly: none,
            colon: none,
            comma: none,
            space: none,
            control: none,
            escaped: none,
            inside: none,
            objects: none,
            scalars: none,
            faults: none,
        }
    }
}

impl Run {
    /// Takes the masks of `blocks`, at most [`RUN_BLOCKS`].
    #[inline(always)]
    pub(super) fn classify<C: Classify>(&mut self, classify: C, blocks: &[[u8; BLOCK]]) {
        self.blocks = blocks.len().min(RUN_BLOCKS);
        self.faults = [0; RUN_BLOCKS];
        for (block, bytes) in blocks.iter().take(RUN_BLOCKS).enumerate() {
            let Masks { quote, backslash, open, close, curly, colon, comma, space, control } = classify.masks(bytes);
            (self.quotes[block], self.backslashes[block]) = (quote, backslash);
            (self.open[block], self.close[block], self.curly[block]) = (open, close, curly);
            (self.colon[block], self.comma[block]) = (colon, comma);
            (self.space[block], self.control[block]) = (space, control);
        }
    }

    /// Leaves of the tokens those that are none of a string's.
    #[inline(always)]
    pub(super) fn leave_outside(&mut self) {
        for block in 0..RUN_BLOCKS {
            let outside = !self.inside[block];
            // An escaped bracket outside strings is none; it is left to be a scalar, and a wrong one.
            let unescaped = outside & !self.escaped[block];
            self.open[block] &= unescaped;
            self.close[block] &= unescaped;
            self.colon[block] &= outside;
            self.comma[block] &= outside;
            self.space[block] &= outside;
        }
    }
}

/// Bit `i` of each result is the exclusive-or of all bits up to and including `i`, those of the blocks before included;
/// `carry` is all ones where those come to one, and is brought up to date.
#[inline(always)]
pub(super) fn running_xor(words: &Words, blocks: usize, carry: &mut u64) -> Words {
    let mut out = *words;
    for shift in [1, 2, 4, 8, 16, 32] {
        for word in &mut out {
            *word ^= *word << shift;
        }
    }
    for word in &mut out[..blocks] {
        *word ^= *carry;
        *carry = 0u64.wrapping_sub(*word >> 63);
    }
    out
}
