//! Equal texts of one column get one code.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::limits::PROBES_MAX;
use crate::text::{Seed, Span, Texts, equal, prefetch, prefetch_value};

/// Texts that are looked up at once.
const AT_ONCE: usize = 64;
/// Slots of an empty table; a power of two.
const SLOTS_MIN: usize = 256;

/// The distinct texts of one column within a part. Code 0 is null; codes count from 1 in order of first appearance,
/// whatever the seed.
#[derive(Debug)]
pub(crate) struct Interner {
    slots: Vec<Slot>,
    values: Vec<Span>,
    seed: Seed,
    crowded: Crowded,
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
        Self {
            slots: vec![Slot::default(); SLOTS_MIN],
            values: vec![Span::NULL],
            seed: Seed::random(),
            crowded: Crowded::default(),
        }
    }
}

impl Interner {
    /// Forgets every text.
    pub(crate) fn clear(&mut self) {
        self.slots.fill(Slot::default());
        self.values.truncate(1);
        self.crowded.codes.clear();
    }

    /// The text of each code; the first is null.
    pub(crate) fn values(&self) -> &[Span] {
        &self.values
    }

    /// The code of `span`, whose text is in `texts`.
    #[inline(always)]
    pub(crate) fn intern(&mut self, texts: Texts<'_>, span: Span) -> u32 {
        let (buffer, at) = texts.locate(span);
        let hash = self.seed.hash(buffer, at, span.len());
        self.intern_hashed(texts, span, hash)
    }

    /// The codes of many texts; null ones leave theirs as it is. What one lookup waits for from memory is asked for while
    /// others go on.
    #[inline(always)]
    pub(crate) fn intern_all(&mut self, texts: Texts<'_>, spans: &[Span], codes: &mut [u32]) {
        let mut hashes = [0; AT_ONCE];
        for (spans, codes) in spans.chunks(AT_ONCE).zip(codes.chunks_mut(AT_ONCE)) {
            let mask = self.slots.len() - 1;
            for (hash, span) in hashes.iter_mut().zip(spans) {
                let (buffer, at) = texts.locate(*span);
                *hash = self.seed.hash(buffer, at, span.len());
                prefetch_value(&self.slots[*hash as usize & mask]);
            }
            for hash in &hashes[..spans.len()] {
                prefetch(texts, self.slots[*hash as usize & mask].value);
            }
            for ((span, hash), code) in spans.iter().zip(hashes).zip(codes) {
                if !span.is_null() {
                    *code = self.intern_hashed(texts, *span, hash);
                }
            }
        }
    }

    #[inline(always)]
    fn intern_hashed(&mut self, texts: Texts<'_>, span: Span, hash: u64) -> u32 {
        let (buffer, at) = texts.locate(span);
        let tag = (hash >> 32) as u32;
        let mask = self.slots.len() - 1;
        for probe in 0..PROBES_MAX {
            let slot = (hash as usize).wrapping_add(probe) & mask;
            let found = self.slots[slot];
            if found.code == 0 {
                return self.insert(texts, span, slot, tag);
            }
            let value = found.value;
            if found.tag == tag && value.len() == span.len() && equal((buffer, at), texts.locate(value), span.len()) {
                return found.code;
            }
        }
        self.intern_crowded(texts, span)
    }

    #[cold]
    fn insert(&mut self, texts: Texts<'_>, span: Span, slot: usize, tag: u32) -> u32 {
        let code = self.append(span);
        self.slots[slot] = Slot { tag, code, value: span };
        self.grow_if_full(texts);
        code
    }

    /// The code of a text all of whose slots are others'. They stay so until the table grows.
    #[cold]
    fn intern_crowded(&mut self, texts: Texts<'_>, span: Span) -> u32 {
        if let Some(code) = self.crowded.find(texts, span, &self.values) {
            return code;
        }
        let code = self.append(span);
        self.crowded.insert(texts, span, code);
        self.grow_if_full(texts);
        code
    }

    fn append(&mut self, span: Span) -> u32 {
        let code = self.values.len() as u32;
        self.values.push(span);
        code
    }

    fn grow_if_full(&mut self, texts: Texts<'_>) {
        if self.values.len() * 2 <= self.slots.len() {
            return;
        }
        let mask = self.slots.len() * 4 - 1;
        self.slots = vec![Slot::default(); mask + 1];
        self.crowded.codes.clear();
        for (code, value) in self.values.iter().enumerate().skip(1) {
            let (buffer, at) = texts.locate(*value);
            let hash = self.seed.hash(buffer, at, value.len());
            let slots = (0..PROBES_MAX).map(|probe| (hash as usize).wrapping_add(probe) & mask);
            match { slots }.find(|slot| self.slots[*slot].code == 0) {
                Some(slot) => self.slots[slot] = Slot { tag: (hash >> 32) as u32, code: code as u32, value: *value },
                None => self.crowded.insert(texts, *value, code as u32),
            }
        }
    }
}

/// Texts that found no slot near their hash. Few are here by chance; many only where someone knows the seed, and they
/// cost no more for it: this hash is made for adversaries.
#[derive(Debug, Default)]
struct Crowded {
    hasher: RandomState,
    codes: HashMap<u64, Vec<u32>>,
}

impl Crowded {
    fn find(&self, texts: Texts<'_>, span: Span, values: &[Span]) -> Option<u32> {
        let text = texts.get(span);
        let codes = self.codes.get(&self.hasher.hash_one(text))?;
        codes.iter().copied().find(|code| texts.get(values[*code as usize]) == text)
    }

    fn insert(&mut self, texts: Texts<'_>, span: Span, code: u32) {
        self.codes.entry(self.hasher.hash_one(texts.get(span))).or_default().push(code);
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::text::Side;

    fn spans(side: &mut Side, texts: impl Iterator<Item = Vec<u8>>) -> Vec<Span> {
        texts.map(|text| side.push(&text)).collect()
    }

    #[test]
    fn many_at_once_get_the_codes_of_one_by_one() {
        let mut side = Side::default();
        let texts = (0..3000u32).map(|number| (number % 700 * (number % 7)).to_string().into_bytes());
        let mut spans = spans(&mut side, texts);
        spans.iter_mut().step_by(5).for_each(|span| *span = Span::NULL);
        let texts = Texts { arena: &[0; 64], side: side.bytes() };
        let (mut one, mut all) = (Interner::default(), Interner::default());
        let code = |span: &Span| if span.is_null() { 0 } else { one.intern(texts, *span) };
        let expected: Vec<u32> = spans.iter().map(code).collect();
        let mut codes = vec![0; spans.len()];
        all.intern_all(texts, &spans, &mut codes);
        assert_eq!(codes, expected);
    }

    /// Interns the first `distinct` spans again and again; the codes must be by first appearance.
    fn assert_coded(interner: &mut Interner, texts: Texts<'_>, spans: &[Span], distinct: usize) {
        for (number, span) in spans.iter().enumerate() {
            assert_eq!(interner.intern(texts, *span) as usize, number % distinct + 1);
        }
        assert_eq!(interner.values().len(), distinct + 1);
    }

    #[test]
    fn codes_follow_first_appearance() {
        let mut side = Side::default();
        let spans = spans(&mut side, (0..5000u32).map(|number| (number % 1777).to_string().into_bytes()));
        let texts = Texts { arena: &[], side: side.bytes() };
        let mut interner = Interner::default();
        for _ in 0..2 {
            assert_coded(&mut interner, texts, &spans, 1777);
            interner.clear();
        }
    }

    #[test]
    fn codes_follow_first_appearance_whatever_the_seed() {
        // A known seed, and texts that share one hash under it among others: most find no slot.
        let texts = |number: u32| match number % 3 {
            0 => number.to_string().into_bytes(),
            _ => Seed::KNOWN.colliding(u64::from(number)),
        };
        let mut side = Side::default();
        let spans = spans(&mut side, (0..9000u32).map(|number| texts(number % 3000)));
        let texts = Texts { arena: &[], side: side.bytes() };
        let mut flooded = Interner { seed: Seed::KNOWN, ..Interner::default() };
        for _ in 0..2 {
            assert_coded(&mut flooded, texts, &spans, 3000);
            let crowded: usize = flooded.crowded.codes.values().map(Vec::len).sum();
            assert!((2000 - PROBES_MAX..=2000).contains(&crowded), "{crowded} of 2000 found no slot");
            flooded.clear();
        }
        assert_coded(&mut Interner::default(), texts, &spans, 3000);
    }

    #[test]
    fn texts_that_share_a_hash_cost_no_more_each_when_they_are_many() {
        let time = |count: u32| {
            let mut side = Side::default();
            let spans = spans(&mut side, (0..count).map(|number| Seed::KNOWN.colliding(u64::from(number))));
            let texts = Texts { arena: &[], side: side.bytes() };
            let begun = Instant::now();
            assert_coded(&mut Interner { seed: Seed::KNOWN, ..Interner::default() }, texts, &spans, spans.len());
            begun.elapsed()
        };
        let (once, eightfold) = (time(10_000), time(80_000));
        assert!(eightfold < once * 24 + Duration::from_millis(100), "{once:?} for one, {eightfold:?} for eight");
    }
}
