//! Equal texts of one column get one code.

use crate::text::{Span, Texts, equal, hash};

/// Slots of an empty table; a power of two.
const SLOTS_MIN: usize = 256;

/// The distinct texts of one column within a part. Code 0 is null; codes count from 1 in order of first appearance.
#[derive(Debug)]
pub(crate) struct Interner {
    slots: Vec<Slot>,
    values: Vec<Span>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    tag: u32,
    /// 0 where the slot is free.
    code: u32,
    value: Span,
}

impl Default for Interner {
    fn default() -> Self {
        Self { slots: vec![Slot::default(); SLOTS_MIN], values: vec![Span::NULL] }
    }
}

impl Interner {
    /// Forgets every text, and memory that a rare part needed.
    pub(crate) fn clear(&mut self) {
        self.slots.fill(Slot::default());
        self.values.truncate(1);
    }

    /// The text of each code; the first is null.
    pub(crate) fn values(&self) -> &[Span] {
        &self.values
    }

    /// The code of `span`, whose text is in `texts`.
    #[inline(always)]
    pub(crate) fn intern(&mut self, texts: Texts<'_>, span: Span) -> u32 {
        let (buffer, at) = texts.locate(span);
        let hash = hash(buffer, at, span.len());
        let tag = (hash >> 32) as u32;
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let found = self.slots[slot];
            if found.code == 0 {
                return self.insert(texts, span, slot, tag);
            }
            let value = found.value;
            if found.tag == tag && value.len() == span.len() && equal((buffer, at), texts.locate(value), span.len()) {
                return found.code;
            }
            slot = (slot + 1) & mask;
        }
    }

    #[cold]
    fn insert(&mut self, texts: Texts<'_>, span: Span, slot: usize, tag: u32) -> u32 {
        let code = self.values.len() as u32;
        self.values.push(span);
        self.slots[slot] = Slot { tag, code, value: span };
        if self.values.len() * 2 > self.slots.len() {
            self.grow(texts);
        }
        code
    }

    fn grow(&mut self, texts: Texts<'_>) {
        let mask = self.slots.len() * 4 - 1;
        let mut slots = vec![Slot::default(); mask + 1];
        for (code, value) in self.values.iter().enumerate().skip(1) {
            let (buffer, at) = texts.locate(*value);
            let hash = hash(buffer, at, value.len());
            let mut slot = hash as usize & mask;
            while slots[slot].code != 0 {
                slot = (slot + 1) & mask;
            }
            slots[slot] = Slot { tag: (hash >> 32) as u32, code: code as u32, value: *value };
        }
        self.slots = slots;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Side;

    #[test]
    fn codes_follow_first_appearance() {
        let mut side = Side::default();
        let spans: Vec<Span> = (0..5000u32).map(|number| side.push((number % 1777).to_string().as_bytes())).collect();
        let texts = Texts { arena: &[], side: side.bytes() };
        let mut interner = Interner::default();
        for _ in 0..2 {
            for (number, span) in spans.iter().enumerate() {
                assert_eq!(interner.intern(texts, *span) as usize, number % 1777 + 1);
            }
            assert_eq!(interner.values().len(), 1778);
            interner.clear();
        }
    }
}
