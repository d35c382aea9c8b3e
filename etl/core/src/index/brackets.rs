//! Brackets outside strings: where they are, which belong together, and which bytes an object encloses most closely.

use super::Classify;
use crate::limits::DEPTH_MAX;

/// Brackets in order, each opening one with the number of its partner.
#[derive(Debug, Default)]
pub(super) struct Brackets {
    at: Vec<u32>,
    partner: Vec<u32>,
    /// Numbers of the open brackets, doubled, plus one for `{`.
    open: Vec<u32>,
}

/// What the brackets of one block say about its bytes.
pub(super) struct Objects {
    /// Bytes whose innermost bracket is `{`.
    pub(super) inside: u64,
    /// Brackets that close another kind, or open too deep.
    pub(super) fault: u64,
}

impl Brackets {
    pub(super) fn clear(&mut self) {
        self.at.clear();
        self.partner.clear();
        self.open.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.at.len()
    }

    #[inline(always)]
    pub(super) fn at(&self, bracket: usize) -> usize {
        self.at.get(bracket).map_or(usize::MAX, |at| *at as usize)
    }

    #[inline(always)]
    pub(super) fn partner(&self, bracket: usize) -> Option<usize> {
        let partner = *self.partner.get(bracket)? as usize;
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
        let before = self.is_in_object();
        let (mut turns, mut fault, mut inside) = (0, 0, before);
        let mut rest = open | close;
        while rest != 0 {
            let bit = rest.trailing_zeros();
            let is_curly = curly >> bit & 1;
            let number = self.at.len() as u32;
            self.at.push((start as u32) + bit);
            self.partner.push(number);
            if open >> bit & 1 == 1 {
                self.open.push(number << 1 | is_curly as u32);
                fault |= u64::from(self.open.len() > DEPTH_MAX) << bit;
            } else if let Some(top) = self.open.pop() {
                self.partner[(top >> 1) as usize] = number;
                fault |= (u64::from(top & 1) ^ is_curly) << bit;
            }
            let now = self.is_in_object();
            turns |= (now ^ inside) << bit;
            inside = now;
            rest &= rest - 1;
        }
        Objects { inside: classify.running_xor(turns) ^ before.wrapping_neg(), fault }
    }

    /// 1 where the innermost open bracket is `{`, else 0.
    #[inline(always)]
    fn is_in_object(&self) -> u64 {
        self.open.last().map_or(0, |top| u64::from(top & 1))
    }
}
