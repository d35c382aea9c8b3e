//! Brackets outside strings: where they are, which belong together, and which bytes an object encloses most closely.

use super::BLOCK;
use super::words::{RUN_BLOCKS, RUN_BYTES, Run, Words, running_xor};
use crate::limits::DEPTH_MAX;

/// Brackets in order, each opening one with the number of its partner.
///
/// Both lists are longer than what is in use, so that the loop over brackets, which is the hottest of the whole index,
/// never has to grow one.
#[derive(Debug, Default)]
pub(super) struct Brackets {
    /// Position and partner; a bracket without a partner has itself.
    found: Vec<Bracket>,
    count: usize,
    /// Numbers of the open brackets, doubled, plus one for `{`; the first entry is what surrounds them all.
    open: Vec<u32>,
    depth: usize,
    /// Whether an object encloses the next block's first byte most closely: all ones or none.
    inside: u64,
}

#[derive(Debug, Default, Clone, Copy)]
struct Bracket {
    at: u32,
    partner: u32,
}

/// Brackets of a block that are noted without asking how many there are.
const NOTED: usize = 4;

/// What surrounds the outermost bracket: an array, whose number is that of no bracket.
const SURROUNDING: u32 = u32::MAX << 1;

impl Brackets {
    pub(super) fn clear(&mut self) {
        self.count = 0;
        self.depth = 0;
        self.inside = 0;
        self.open.resize(self.open.len().max(1), 0);
        self.open[0] = SURROUNDING;
    }

    pub(super) fn len(&self) -> usize {
        self.count
    }

    #[inline(always)]
    pub(super) fn at(&self, bracket: usize) -> usize {
        if bracket < self.count { self.found[bracket].at as usize } else { usize::MAX }
    }

    #[inline(always)]
    pub(super) fn partner(&self, bracket: usize) -> Option<usize> {
        let partner = self.found[..self.count].get(bracket)?.partner as usize;
        (partner != bracket).then_some(partner)
    }

    /// Finds the brackets of the run that begins at `start` of `bytes`, their partners, and what is inside objects.
    #[inline(always)]
    pub(super) fn find(&mut self, run: &mut Run, bytes: &[u8], start: usize) {
        self.make_room();
        let first = self.count;
        for block in 0..run.blocks {
            self.note((start + block * BLOCK) as u32, run.open[block] | run.close[block]);
        }
        let turns = self.match_from(first, run, bytes, start);
        run.objects = running_xor(&turns, run.blocks, &mut self.inside);
    }

    /// Room for a run of nothing but brackets.
    fn make_room(&mut self) {
        if self.found.len() < self.count + RUN_BYTES + BLOCK {
            self.found.resize(2 * self.found.len() + RUN_BYTES + BLOCK, Bracket::default());
        }
        if self.open.len() < self.depth + RUN_BYTES + 2 {
            self.open.resize(2 * self.open.len() + RUN_BYTES + 2, 0);
        }
    }

    /// Notes the brackets of the block that begins at `start`.
    #[inline(always)]
    fn note(&mut self, start: u32, brackets: u64) {
        let (mut rest, count) = (brackets, brackets.count_ones() as usize);
        // As many as a block mostly has at most, without asking how many it has.
        let free = &mut self.found[self.count..self.count + BLOCK];
        for bracket in &mut free[..NOTED] {
            bracket.at = start + rest.trailing_zeros();
            rest &= rest.wrapping_sub(1);
        }
        if count > NOTED {
            for bracket in &mut free[NOTED..count] {
                bracket.at = start + rest.trailing_zeros();
                rest &= rest.wrapping_sub(1);
            }
        }
        self.count += count;
    }

    /// Finds the partners of the brackets from number `first` on. A closing bracket with no open one ends the array that
    /// the index is the inside of; it stands for itself. Returns where objects begin or end to enclose most closely.
    #[inline(always)]
    fn match_from(&mut self, first: usize, run: &mut Run, bytes: &[u8], start: usize) -> Words {
        let (found, stack) = (&mut self.found[..self.count], self.open.as_mut_slice());
        let mut depth = self.depth;
        let mut is_inside = stack[depth] & 1;
        let mut turns = [0; RUN_BLOCKS];
        for number in first..found.len() {
            let at = found[number].at as usize;
            // The bits by which `{`, `[`, `}` and `]` differ.
            let byte = bytes[at];
            let (is_open, is_curly) = (usize::from(byte >> 1 & 1), u32::from(byte >> 5 & 1));
            let own = (number as u32) << 1 | is_curly;
            // No branch on the kind of bracket: an opening one goes on top of the stack, a closing one reads the top.
            depth += is_open;
            let top = if is_open == 1 { own } else { stack[depth] };
            stack[depth] = top;
            found[number].partner = number as u32;
            if top == SURROUNDING {
                continue;
            }
            found[(top >> 1) as usize].partner = number as u32;
            let fault = (top ^ is_curly) & 1 | u32::from(depth > DEPTH_MAX) & is_open as u32;
            depth -= 1 - is_open;
            let now = stack[depth] & 1;
            let (block, bit) = ((at - start) / BLOCK % RUN_BLOCKS, at % BLOCK);
            turns[block] |= u64::from(now ^ is_inside) << bit;
            run.faults[block] |= u64::from(fault) << bit;
            is_inside = now;
        }
        self.depth = depth;
        turns
    }
}
