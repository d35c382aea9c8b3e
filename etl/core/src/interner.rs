//! Equal texts of one column get one code.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::limits::PROBES_MAX;
use crate::memory::Extent;
use crate::text::{Head, Seed, Span, Texts, equal, prefetch, prefetch_value};

/// Texts that are looked up at once.
const AT_ONCE: usize = 64;
/// Texts that are looked for one by one, with the null.
const FEW: usize = 4;
/// Slots of an empty table; a power of two.
const SLOTS_MIN: usize = 256;

/// The distinct texts of one column within a part. Code 0 is null; codes count from 1 in order of first appearance,
/// whatever the seed.
#[derive(Debug)]
pub(crate) struct Interner {
    slots: Vec<Slot>,
    values: Vec<Span>,
    /// The heads of the values: close together, where the values themselves lie scattered over the part.
    heads: Vec<Head>,
    seed: Seed,
    crowded: Crowded,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    tag: u32,
    /// 0 where the slot is free.
    code: u32,
}

/// What a text is looked up by.
#[derive(Debug, Clone, Copy)]
struct Key {
    hash: u64,
    head: Head,
}

impl Key {
    #[inline(always)]
    fn tag(self) -> u32 {
        (self.hash >> 32) as u32
    }

    /// The slots that a text may stand in, the likeliest first.
    #[inline(always)]
    fn slots(self, mask: usize) -> impl Iterator<Item = usize> {
        (0..PROBES_MAX).map(move |probe| (self.hash as usize).wrapping_add(probe) & mask)
    }
}

impl Default for Interner {
    fn default() -> Self {
        Self {
            slots: vec![Slot::default(); SLOTS_MIN],
            values: vec![Span::NULL],
            heads: vec![Head::NONE],
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
        self.heads.truncate(1);
        self.crowded.codes.clear();
    }

    /// The memory of its texts' codes; what an empty one holds is not counted.
    pub(crate) fn extent(&self) -> Extent {
        let slots = Extent {
            in_use: slots_of(self.values.len()) * size_of::<Slot>(),
            reserved: self.slots.len() * size_of::<Slot>(),
        };
        let empty = SLOTS_MIN * size_of::<Slot>() + size_of::<Span>() + size_of::<Head>();
        let full: Extent = [slots, Extent::of(&self.values), Extent::of(&self.heads)].into_iter().sum();
        Extent { in_use: full.in_use - empty, reserved: full.reserved - empty }
    }

    /// The text of each code; the first is null.
    pub(crate) fn values(&self) -> &[Span] {
        &self.values
    }

    /// The code of `span`, whose text is in `texts`.
    #[inline(always)]
    pub(crate) fn intern(&mut self, texts: Texts<'_>, span: Span) -> u32 {
        self.intern_keyed(texts, span, self.key(texts, span))
    }

    /// The codes of many texts; null ones leave theirs as it is. What one lookup waits for from memory is asked for while
    /// others go on.
    #[inline(always)]
    pub(crate) fn intern_all(&mut self, texts: Texts<'_>, spans: &[Span], codes: &mut [u32]) {
        let done = self.find_few(texts, spans, codes);
        let (spans, codes) = (&spans[done..], &mut codes[done..]);
        let mut keys = [Key { hash: 0, head: Head::NONE }; AT_ONCE];
        for (spans, codes) in spans.chunks(AT_ONCE).zip(codes.chunks_mut(AT_ONCE)) {
            let mask = self.slots.len() - 1;
            for (key, span) in keys.iter_mut().zip(spans) {
                *key = self.key(texts, *span);
                prefetch_value(&self.slots[key.hash as usize & mask]);
            }
            for key in &keys[..spans.len()] {
                let code = self.slots[key.hash as usize & mask].code as usize;
                prefetch_value(&self.heads[code]);
                if !key.head.is_whole() {
                    prefetch(texts, self.values[code]);
                }
            }
            for ((span, key), code) in spans.iter().zip(keys).zip(codes) {
                if !span.is_null() {
                    *code = self.intern_keyed(texts, *span, key);
                }
            }
        }
    }

    /// The codes of the first texts, as long as they are short ones of a column that has but a few: those need no table.
    /// How many they are.
    #[inline(always)]
    fn find_few(&self, texts: Texts<'_>, spans: &[Span], codes: &mut [u32]) -> usize {
        if self.heads.len() > FEW {
            return 0;
        }
        let mut few = [Head::NONE; FEW];
        few[..self.heads.len()].copy_from_slice(&self.heads);
        for (number, (span, code)) in spans.iter().zip(codes).enumerate().filter(|(_, (span, _))| !span.is_null()) {
            let (buffer, at) = texts.locate(*span);
            let head = Head::of(buffer, at, span.len());
            let found = few.iter().rposition(|known| *known == head).unwrap_or(0);
            if found == 0 || !head.is_whole() {
                return number;
            }
            *code = found as u32;
        }
        spans.len()
    }

    #[inline(always)]
    fn key(&self, texts: Texts<'_>, span: Span) -> Key {
        let (buffer, at) = texts.locate(span);
        let head = Head::of(buffer, at, span.len());
        let hash = match head.is_whole() {
            true => self.seed.hash_head(head),
            false => self.seed.hash(buffer, at, span.len()),
        };
        Key { hash, head }
    }

    #[inline(always)]
    fn intern_keyed(&mut self, texts: Texts<'_>, span: Span, key: Key) -> u32 {
        for slot in key.slots(self.slots.len() - 1) {
            let found = self.slots[slot];
            if found.code == 0 {
                return self.insert(texts, span, slot, key);
            }
            if found.tag == key.tag() && self.is_value(texts, span, key.head, found.code as usize) {
                return found.code;
            }
        }
        self.intern_crowded(texts, span, key)
    }

    /// Whether `span`, whose head this is, has the text of a code.
    #[inline(always)]
    fn is_value(&self, texts: Texts<'_>, span: Span, head: Head, code: usize) -> bool {
        if head != self.heads[code] || head.is_whole() {
            return head == self.heads[code];
        }
        let value = self.values[code];
        value.len() == span.len() && equal(texts.locate(span), texts.locate(value), span.len())
    }

    #[cold]
    fn insert(&mut self, texts: Texts<'_>, span: Span, slot: usize, key: Key) -> u32 {
        let code = self.append(span, key.head);
        self.slots[slot] = Slot { tag: key.tag(), code };
        self.grow_if_full(texts);
        code
    }

    /// The code of a text all of whose slots are others'. They stay so until the table grows.
    #[cold]
    fn intern_crowded(&mut self, texts: Texts<'_>, span: Span, key: Key) -> u32 {
        if let Some(code) = self.crowded.find(texts, span, &self.values) {
            return code;
        }
        let code = self.append(span, key.head);
        self.crowded.insert(texts, span, code);
        self.grow_if_full(texts);
        code
    }

    fn append(&mut self, span: Span, head: Head) -> u32 {
        let code = self.values.len() as u32;
        self.values.push(span);
        self.heads.push(head);
        code
    }

    fn grow_if_full(&mut self, texts: Texts<'_>) {
        if slots_of(self.values.len()) <= self.slots.len() {
            return;
        }
        let mask = slots_of(self.values.len()) - 1;
        self.slots = vec![Slot::default(); mask + 1];
        self.crowded.codes.clear();
        for code in 1..self.values.len() {
            let value = self.values[code];
            let key = self.key(texts, value);
            match key.slots(mask).find(|slot| self.slots[*slot].code == 0) {
                Some(slot) => self.slots[slot] = Slot { tag: key.tag(), code: code as u32 },
                None => self.crowded.insert(texts, value, code as u32),
            }
        }
    }
}

/// How many slots a table of so many values has: at most half of them are taken.
fn slots_of(values: usize) -> usize {
    let mut slots = SLOTS_MIN;
    while slots < values * 2 {
        slots *= 4;
    }
    slots
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

    #[test]
    fn a_few_texts_get_their_codes_without_the_table() {
        let few: [&[u8]; 5] =
            [b"ACCEPT", b"", b"REJECT", b"a text of more than fifteen bytes", b"a text of more than f"];
        for distinct in 1..=few.len() {
            let mut side = Side::default();
            let texts = (0..400_usize).map(|number| few[number * number / 3 % distinct].to_vec());
            let spans = spans(&mut side, texts);
            let texts = Texts { arena: &[0; 64], side: side.bytes() };
            let (mut one, mut all) = (Interner::default(), Interner::default());
            let expected: Vec<u32> = spans.iter().map(|span| one.intern(texts, *span)).collect();
            let mut codes = vec![0; spans.len()];
            for (spans, codes) in spans.chunks(90).zip(codes.chunks_mut(90)) {
                all.intern_all(texts, spans, codes);
            }
            assert_eq!(codes, expected, "{distinct}");
        }
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
        // A known seed, and short and longer texts that share a hash each under it among others: most find no slot.
        let texts = |number: u32| match number % 3 {
            0 => number.to_string().into_bytes(),
            _ => Seed::KNOWN.colliding(u64::from(number), 15 + number as usize % 2),
        };
        let mut side = Side::default();
        let spans = spans(&mut side, (0..9000u32).map(|number| texts(number % 3000)));
        let texts = Texts { arena: &[], side: side.bytes() };
        let mut flooded = Interner { seed: Seed::KNOWN, ..Interner::default() };
        for _ in 0..2 {
            assert_coded(&mut flooded, texts, &spans, 3000);
            let crowded: usize = flooded.crowded.codes.values().map(Vec::len).sum();
            assert!((2000 - 2 * PROBES_MAX..=2000).contains(&crowded), "{crowded} of 2000 found no slot");
            flooded.clear();
        }
        assert_coded(&mut Interner::default(), texts, &spans, 3000);
    }

    #[test]
    fn texts_that_share_a_hash_cost_no_more_each_when_they_are_many() {
        let time = |count: u32| {
            let mut side = Side::default();
            let spans = spans(&mut side, (0..count).map(|number| Seed::KNOWN.colliding(u64::from(number), 16)));
            let texts = Texts { arena: &[], side: side.bytes() };
            let begun = Instant::now();
            assert_coded(&mut Interner { seed: Seed::KNOWN, ..Interner::default() }, texts, &spans, spans.len());
            begun.elapsed()
        };
        let (once, eightfold) = (time(10_000), time(80_000));
        assert!(eightfold < once * 24 + Duration::from_millis(100), "{once:?} for one, {eightfold:?} for eight");
    }
}
