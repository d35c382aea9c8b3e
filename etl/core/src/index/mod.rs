//! One pass over the bytes of a JSON array's inside that makes everything behind it cheap.
//!
//! It finds unescaped quotes, backslashes, and the brackets outside strings, each with its partner, so that skipping any
//! value is one lookup. On the way it checks the whole grammar 64 bytes at a time ([`grammar`]): every byte of a record
//! has been judged before the record is decoded, also those that no column looks at.
//!
//! The masks of 64 bytes come from [`portable`], which defines them, or from [`avx2`], which is held to it by a test;
//! all else is shared.

#[cfg(target_arch = "x86_64")]
mod avx2;
mod brackets;
mod grammar;
mod portable;
mod scalar;

use crate::limits::BRACKETS_MAX;
use brackets::Brackets;
use grammar::Grammar;

/// Bytes of one block.
pub(crate) const BLOCK: usize = 64;

/// Which of 64 bytes are what; bit `i` is byte `i`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Masks {
    /// `"`.
    quote: u64,
    /// `\`.
    backslash: u64,
    /// `{` and `[`.
    open: u64,
    /// `}` and `]`.
    close: u64,
    /// Bytes with bit 0x20 set, which tells `{}` from `[]`.
    curly: u64,
    /// `:`.
    colon: u64,
    /// `,`.
    comma: u64,
    /// The space.
    space: u64,
    /// Bytes below 0x20.
    control: u64,
}

/// Tells the masks of 64 bytes, and what a running exclusive-or over 64 bits is.
trait Classify: Copy {
    fn masks(self, block: &[u8; BLOCK]) -> Masks;
    /// Bit `i` of the result is the exclusive-or of the bits up to and including `i`.
    fn running_xor(self, bits: u64) -> u64;
    /// `bits`, kept in a general register.
    fn in_register(self, bits: u64) -> u64;
}

/// What the pass found. Positions count from the first byte that was indexed.
#[derive(Debug, Default)]
pub(crate) struct Index {
    quotes: Vec<u64>,
    backslashes: Vec<u64>,
    brackets: Brackets,
    /// Blocks in which the grammar is broken, ascending, each with the bytes where it shows.
    faults: Vec<(u32, u64)>,
    covered: usize,
}

impl Index {
    /// Indexes `bytes`, which are the inside of an array, or the rest of one from an element's first byte on.
    ///
    /// Stops a block or so behind bracket number [`BRACKETS_MAX`]; [`Index::covered`] tells.
    pub(crate) fn build(&mut self, bytes: &[u8]) {
        #[cfg(target_arch = "x86_64")]
        if crate::cpu::is_modern() {
            avx2::build(self, bytes);
            return;
        }
        self.build_with(portable::Portable, bytes);
    }

    #[inline(always)]
    fn build_with<C: Classify>(&mut self, classify: C, bytes: &[u8]) {
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        self.quotes.resize(blocks.len() + 3, 0);
        self.backslashes.resize(blocks.len() + 3, 0);
        self.faults.clear();
        // What the loop changes lives on the stack, where the compiler sees that nothing else points to it.
        let mut pass =
            Pass { classify, bytes, grammar: Grammar::default(), brackets: std::mem::take(&mut self.brackets) };
        pass.brackets.clear();
        let mut covered = bytes.len();
        let words = self.quotes.iter_mut().zip(&mut self.backslashes);
        for ((number, block), (quotes, backslashes)) in blocks.iter().enumerate().zip(words) {
            let found = pass.block(number, block);
            (*quotes, *backslashes) = (found.quotes, found.backslashes);
            if found.fault != 0 {
                self.faults.push((number as u32, found.fault));
            }
            if pass.brackets.len() >= BRACKETS_MAX + BLOCK {
                covered = (number + 1) * BLOCK;
                break;
            }
        }
        if covered == bytes.len() && !rest.is_empty() {
            let mut last = [b' '; BLOCK];
            last[..rest.len()].copy_from_slice(rest);
            let found = pass.block(blocks.len(), &last);
            (self.quotes[blocks.len()], self.backslashes[blocks.len()]) = (found.quotes, found.backslashes);
            if found.fault != 0 {
                self.faults.push((blocks.len() as u32, found.fault));
            }
        }
        self.brackets = pass.brackets;
        self.close(covered);
    }

    /// Readers look at whole words behind the last bit: quotes there end every search, backslashes are none.
    fn close(&mut self, covered: usize) {
        let words = covered.div_ceil(BLOCK);
        self.quotes[words..words + 2].fill(u64::MAX);
        self.backslashes[words..words + 2].fill(0);
        self.covered = covered;
    }

    /// How many bytes were indexed.
    pub(crate) fn covered(&self) -> usize {
        self.covered
    }

    /// The position of the first unescaped quote at or behind `at`; at least [`Index::covered`] when there is none.
    #[inline(always)]
    pub(crate) fn quote(&self, at: usize) -> usize {
        let word = at / BLOCK;
        let (this, next) = (self.quotes[word] >> (at % BLOCK), self.quotes[word + 1]);
        // The next 64 bits in one word, so that where a string lies among the blocks is no branch.
        let bits = this | (next << 1) << (BLOCK - 1 - at % BLOCK);
        if bits != 0 {
            return at + bits.trailing_zeros() as usize;
        }
        let further = self.quotes[word + 1..].iter().position(|bits| *bits != 0).unwrap_or_default();
        let word = word + 1 + further;
        word * BLOCK + self.quotes[word].trailing_zeros() as usize
    }

    /// Whether a backslash stands in `from..to`.
    #[inline(always)]
    pub(crate) fn has_backslash(&self, from: usize, to: usize) -> bool {
        any_in(&self.backslashes, from, to)
    }

    /// Position of bracket number `bracket`, or `usize::MAX` behind the last.
    #[inline(always)]
    pub(crate) fn bracket_at(&self, bracket: usize) -> usize {
        self.brackets.at(bracket)
    }

    /// The number of the bracket that closes bracket number `bracket`, if it is there.
    #[inline(always)]
    pub(crate) fn partner(&self, bracket: usize) -> Option<usize> {
        self.brackets.partner(bracket)
    }

    /// Whether the grammar is broken anywhere.
    pub(crate) fn has_faults(&self) -> bool {
        !self.faults.is_empty()
    }

    /// The first position in `from..to` where the grammar is seen to be broken.
    pub(crate) fn fault_in(&self, from: usize, to: usize) -> Option<usize> {
        let first = self.faults.partition_point(|(block, _)| (*block as usize + 1) * BLOCK <= from);
        self.faults[first..]
            .iter()
            .flat_map(|(block, bits)| {
                (0..BLOCK).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| *block as usize * BLOCK + bit)
            })
            .find(|position| *position >= from)
            .filter(|position| *position < to)
    }
}

/// The pass while it is under way.
struct Pass<'a, C> {
    classify: C,
    bytes: &'a [u8],
    grammar: Grammar,
    brackets: Brackets,
}

/// What one block holds.
struct Found {
    quotes: u64,
    backslashes: u64,
    fault: u64,
}

impl<C: Classify> Pass<'_, C> {
    #[inline(always)]
    fn block(&mut self, number: usize, block: &[u8; BLOCK]) -> Found {
        let Self { classify, bytes, grammar, brackets } = self;
        let masks = classify.masks(block);
        let start = number * BLOCK;
        let strings = grammar.strings(*classify, &masks, bytes, start);
        let outside = !strings.inside & !strings.escaped;
        let (open, close) = (masks.open & outside, masks.close & outside);
        let objects = brackets.block(*classify, start, open, close, masks.curly);
        let fault = grammar.check(*classify, &masks, &strings, objects.inside, bytes, start);
        Found { quotes: strings.quotes, backslashes: masks.backslash, fault: fault | strings.fault | objects.fault }
    }
}

#[inline(always)]
fn any_in(words: &[u64], from: usize, to: usize) -> bool {
    if from >= to {
        return false;
    }
    let (first, last) = (from / BLOCK, (to - 1) / BLOCK);
    let head = u64::MAX << (from % BLOCK);
    let tail = u64::MAX >> (BLOCK - 1 - (to - 1) % BLOCK);
    if first == last {
        return words[first] & head & tail != 0;
    }
    words[first] & head != 0 || words[last] & tail != 0 || words[first + 1..last].iter().any(|word| *word != 0)
}

#[cfg(test)]
mod tests;
