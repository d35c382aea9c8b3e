//! One pass over the bytes of a JSON array's inside that makes everything behind it cheap.
//!
//! It finds unescaped quotes, backslashes, and the brackets outside strings, each with its partner, so that skipping any
//! value is one lookup. On the way it checks the whole grammar 64 bytes at a time ([`grammar`]): every byte of a record
//! has been judged before the record is decoded, also those that no column looks at.
//!
//! The masks of 64 bytes come from [`portable`], which defines them, or from [`avx2`] or [`avx512`], which are held to it by
//! a test; all else is shared.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod brackets;
mod grammar;
mod portable;
mod scalar;
mod strings;
mod words;

use crate::limits::BRACKETS_MAX;
use brackets::Brackets;
use grammar::Grammar;
use strings::Strings;
use words::{RUN_BLOCKS, RUN_BYTES, Run};

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

/// Tells the masks of 64 bytes.
trait Classify: Copy {
    fn masks(self, block: &[u8; BLOCK]) -> Masks;
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
    /// Stops a run or so behind bracket number [`BRACKETS_MAX`]; [`Index::covered`] tells.
    pub(crate) fn build(&mut self, bytes: &[u8]) {
        #[cfg(target_arch = "x86_64")]
        if crate::cpu::is_wide() {
            avx512::build(self, bytes);
            return;
        }
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
        // What the loops change lives on the stack, where the compiler sees that nothing else points to it.
        let mut pass = Pass::new(classify, bytes, std::mem::take(&mut self.brackets));
        let mut covered = bytes.len();
        for (number, blocks) in blocks.chunks(RUN_BLOCKS).enumerate() {
            pass.run(number * RUN_BYTES, blocks);
            self.keep(number * RUN_BLOCKS, &pass.run);
            if pass.brackets.len() >= BRACKETS_MAX + BLOCK {
                covered = number * RUN_BYTES + blocks.len() * BLOCK;
                break;
            }
        }
        if covered == bytes.len() && !rest.is_empty() {
            let mut last = [b' '; BLOCK];
            last[..rest.len()].copy_from_slice(rest);
            pass.run(blocks.len() * BLOCK, &[last]);
            self.keep(blocks.len(), &pass.run);
        }
        self.brackets = pass.brackets;
        self.close(covered);
    }

    /// Keeps what was found of the run whose first block is number `first`.
    #[inline(always)]
    fn keep(&mut self, first: usize, run: &Run) {
        let (blocks, words) = (run.blocks, first..first + run.blocks);
        self.quotes[words.clone()].copy_from_slice(&run.quotes[..blocks]);
        self.backslashes[words].copy_from_slice(&run.backslashes[..blocks]);
        for (block, fault) in run.faults[..blocks].iter().enumerate() {
            if *fault != 0 {
                self.faults.push(((first + block) as u32, *fault));
            }
        }
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

/// The pass while it is under way. It takes several short loops over each run of blocks: one long loop over single blocks
/// would have the processor guess, block by block, how many brackets come next, and mostly guess wrong.
struct Pass<'a, C> {
    classify: C,
    bytes: &'a [u8],
    strings: Strings,
    grammar: Grammar,
    brackets: Brackets,
    run: Run,
}

impl<'a, C: Classify> Pass<'a, C> {
    fn new(classify: C, bytes: &'a [u8], mut brackets: Brackets) -> Self {
        brackets.clear();
        let (strings, grammar, run) = (Strings::default(), Grammar::default(), Run::default());
        Self { classify, bytes, strings, grammar, brackets, run }
    }

    /// Looks at `blocks`, which begin at `start`.
    #[inline(always)]
    fn run(&mut self, start: usize, blocks: &[[u8; BLOCK]]) {
        let Self { classify, bytes, strings, grammar, brackets, run } = self;
        run.classify(*classify, blocks);
        strings.find(run, bytes, start);
        run.leave_outside();
        brackets.find(run, bytes, start);
        grammar.check(run, bytes, start);
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
