//! Brackets outside strings: where they are, which belong together, and which bytes an object encloses most closely.

use super::{BLOCK, Classify};
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
}

#[derive(Debug, Default, Clone, Copy)]
struct Bracket {
    at: u32,
    partner: u32,
}

/// What surrounds the outermost bracket: an array, whose number is that of no bracket.
const SURROUNDING: u32 = u32::MAX << 1;

/// What the brackets of one block say about its bytes.
pub(super) struct Objects {
    /// Bytes whose innermost bracket is `{`.
    pub(super) inside: u64,
    /// Brackets that close another kind, or open too deep.
    pub(super) fault: u64,
}

impl Brackets {
    pub(super) fn clear(&mut self) {
        self.count = 0;
        self.depth = 0;
        self.open.resize(self.open.len().max(2 * BLOCK), 0);
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

    /// Takes the brackets of the block that begins at `start`. A closing bracket with no open one ends the array that
    /// the index is the inside of; it stands for itself.
    #[inline(always)]
    pub(super) fn block<C: Classify>(
        &mut self,
        classify: C,
        start: usize,
        open: u64,
        close: u64,
        curly: u64,
    ) -> Objects {
        let before = u64::from(self.open[self.depth] & 1);
        let mut rest = open | close;
        if rest == 0 {
            return Objects { inside: before.wrapping_neg(), fault: 0 };
        }
        self.make_room();
        let (found, stack) = (self.found.as_mut_slice(), self.open.as_mut_slice());
        let (mut count, mut depth) = (self.count, self.depth);
        let (mut turns, mut fault, mut inside) = (0, 0, before);
        while rest != 0 {
            let bit = rest.trailing_zeros();
            let (is_open, is_curly) = ((open >> bit & 1) as usize, (curly >> bit & 1) as u32);
            let own = (count as u32) << 1 | is_curly;
            // No branch on the kind of bracket: an opening one goes on top of the stack, a closing one reads the top.
            depth += is_open;
            let top = if is_open == 1 { own } else { stack[depth] };
            stack[depth] = top;
            found[count] = Bracket { at: start as u32 + bit, partner: count as u32 };
            if top == SURROUNDING {
                count += 1;
                rest &= rest - 1;
                continue;
            }
            found[(top >> 1) as usize].partner = count as u32;
            fault |= u64::from((top ^ is_curly) & 1 | u32::from(depth > DEPTH_MAX) & is_open as u32) << bit;
            depth -= 1 - is_open;
            let now = u64::from(stack[depth] & 1);
            turns |= (now ^ inside) << bit;
            inside = now;
            count += 1;
            rest &= rest - 1;
        }
        (self.count, self.depth) = (count, depth);
        Objects { inside: classify.running_xor(turns) ^ before.wrapping_neg(), fault }
    }

    /// Room for one more block of nothing but brackets.
    #[inline(always)]
    fn make_room(&mut self) {
        if self.found.len() < self.count + BLOCK {
            self.found.resize(2 * self.found.len() + BLOCK, Bracket::default());
        }
        if self.open.len() < self.depth + 2 * BLOCK {
            self.open.resize(2 * self.open.len() + 2 * BLOCK, 0);
        }
    }
}
