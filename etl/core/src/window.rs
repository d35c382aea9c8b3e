//! The bytes that an index was built of, and the steps from one token to the next.
//!
//! They are taken only over what the index has found no fault in, so they read structure and judge none.

use std::ops::Range;

use crate::index::Index;

/// The bytes that an index was built of, and where they stand.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window<'a> {
    /// The part's inflated bytes.
    pub(crate) arena: &'a [u8],
    /// Where in the arena the index begins.
    pub(crate) start: usize,
    /// The index.
    pub(crate) index: &'a Index,
}

impl<'a> Window<'a> {
    #[inline(always)]
    pub(crate) fn byte(self, at: usize) -> u8 {
        self.arena[at]
    }

    #[inline(always)]
    pub(crate) fn skip_blanks(self, mut at: usize) -> usize {
        while self.byte(at) <= b' ' {
            at += 1;
        }
        at
    }

    /// The closing quote of the string whose inside begins at `at`.
    #[inline(always)]
    pub(crate) fn quote(self, at: usize) -> usize {
        self.start + self.index.quote(at - self.start)
    }

    /// The value behind the key that `key_end` closes: mostly two bytes on.
    #[inline(always)]
    pub(crate) fn value_behind(self, key_end: usize) -> usize {
        if self.byte(key_end + 1) == b':' && self.byte(key_end + 2) > b' ' {
            return key_end + 2;
        }
        self.skip_blanks(self.skip_blanks(key_end + 1) + 1)
    }

    /// The member behind the value that ends at `end`, or the object's closing bracket: mostly one byte on.
    #[inline(always)]
    pub(crate) fn member_behind(self, end: usize) -> usize {
        if self.byte(end) == b',' && self.byte(end + 1) > b' ' {
            return end + 1;
        }
        let at = self.skip_blanks(end);
        self.skip_blanks(at + usize::from(self.byte(at) == b','))
    }

    /// Behind the value that begins at `value`; `bracket`, the number of the next bracket, passes its brackets.
    #[inline(always)]
    pub(crate) fn value_end(self, value: usize, bracket: &mut usize) -> usize {
        match self.byte(value) {
            b'"' => self.quote(value + 1) + 1,
            b'{' | b'[' => {
                // What is walked is whole, so the bracket has a partner.
                let partner = self.index.partner(*bracket).unwrap_or(*bracket);
                *bracket = partner + 1;
                self.start + self.index.bracket_at(partner) + 1
            }
            _ => {
                let mut end = value + 1;
                while !matches!(self.byte(end), b',' | b'}' | b']' | b' ' | b'\n' | b'\r' | b'\t') {
                    end += 1;
                }
                end
            }
        }
    }

    /// The members of the object whose `{` is bracket number `bracket`, in their order.
    pub(crate) fn members(self, bracket: usize) -> Members<'a> {
        let at = self.start + self.index.bracket_at(bracket) + 1;
        Members { window: self, at: self.skip_blanks(at), bracket: bracket + 1 }
    }

    /// The elements of the array whose `[` is bracket number `bracket`: where each begins and ends, counted from where the
    /// index begins, and the number of its first bracket, if it has one.
    pub(crate) fn elements(self, bracket: usize) -> Vec<(Range<usize>, usize)> {
        let mut found = Vec::new();
        let (mut at, mut bracket) = (self.start + self.index.bracket_at(bracket) + 1, bracket + 1);
        at = self.skip_blanks(at);
        while self.byte(at) != b']' {
            let first = bracket;
            let end = self.value_end(at, &mut bracket);
            found.push((at - self.start..end - self.start, first));
            at = self.member_behind(end);
        }
        found
    }
}

/// One member of an object. Places are the arena's.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// The key, as it is written between its quotes.
    pub(crate) key: Range<usize>,
    /// The value.
    pub(crate) value: Range<usize>,
    /// The number of the value's first bracket, if it has one.
    pub(crate) bracket: usize,
}

/// The members of an object that has no fault.
pub(crate) struct Members<'a> {
    window: Window<'a>,
    at: usize,
    bracket: usize,
}

impl Iterator for Members<'_> {
    type Item = Member;

    fn next(&mut self) -> Option<Member> {
        let window = self.window;
        if window.byte(self.at) != b'"' {
            return None;
        }
        let key_end = window.quote(self.at + 1);
        let (value, bracket) = (window.value_behind(key_end), self.bracket);
        let end = window.value_end(value, &mut self.bracket);
        let member = Member { key: self.at + 1..key_end, value: value..end, bracket };
        self.at = window.member_behind(end);
        Some(member)
    }
}
