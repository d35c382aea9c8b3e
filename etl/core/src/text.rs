//! Pieces of text by place and length, and the few operations on them that must be fast.
//!
//! Every buffer that text lives in is readable for [`SLACK`] bytes behind its last byte, so that short text can be
//! loaded in whole words.

use std::hash::{BuildHasher, RandomState};

use crate::memory::Extent;

/// Bytes that stay readable behind any text.
pub(crate) const SLACK: usize = 64;

/// Marks a span's offset as one into the side buffer.
const SIDE: u32 = 1 << 31;

/// A piece of text in a part's [`Texts`]. Offset 0 is the null value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Span {
    offset: u32,
    length: u32,
}

impl Span {
    /// No value.
    pub(crate) const NULL: Self = Self { offset: 0, length: 0 };

    /// Text of the arena. Offsets fit since an arena is shorter than 2 GiB.
    #[inline]
    pub(crate) fn arena(offset: usize, length: usize) -> Self {
        Self { offset: offset as u32, length: length as u32 }
    }

    /// Whether there is no value.
    #[inline]
    pub(crate) fn is_null(self) -> bool {
        self.offset == 0
    }

    /// Its length in bytes.
    #[inline]
    pub(crate) fn len(self) -> usize {
        self.length as usize
    }
}

/// The two buffers that a part's text lives in: inflated bytes, and what was made of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Texts<'a> {
    /// Inflated bytes, padded.
    pub(crate) arena: &'a [u8],
    /// Decoded strings and assembled objects, padded.
    pub(crate) side: &'a [u8],
}

impl<'a> Texts<'a> {
    /// The text of `span`.
    #[inline]
    pub(crate) fn get(self, span: Span) -> &'a [u8] {
        let (buffer, at) = self.locate(span);
        &buffer[at..at + span.len()]
    }

    /// The buffer that holds `span`, and where in it.
    #[inline]
    pub(crate) fn locate(self, span: Span) -> (&'a [u8], usize) {
        if span.offset & SIDE == 0 {
            (self.arena, span.offset as usize)
        } else {
            (self.side, (span.offset & !SIDE) as usize)
        }
    }
}

/// A growing buffer of text that stands in no source object as it is.
#[derive(Debug, Default)]
pub(crate) struct Side {
    bytes: Vec<u8>,
    length: usize,
}

impl Side {
    /// Forgets all text.
    pub(crate) fn clear(&mut self) {
        self.length = 0;
    }

    /// Bytes in use.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Its memory.
    pub(crate) fn extent(&self) -> Extent {
        Extent { in_use: self.length, reserved: self.bytes.capacity() }
    }

    /// The text, padded.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds `text`.
    pub(crate) fn push(&mut self, text: &[u8]) -> Span {
        self.push_all(&[text])
    }

    /// Adds the pieces of `text` as one.
    pub(crate) fn push_all(&mut self, pieces: &[&[u8]]) -> Span {
        self.bytes.truncate(self.length);
        for piece in pieces {
            self.bytes.extend_from_slice(piece);
        }
        let length = self.bytes.len() - self.length;
        let span = Span { offset: self.length as u32 | SIDE, length: length as u32 };
        self.length = self.bytes.len();
        self.bytes.resize(self.length + SLACK, 0);
        span
    }
}

/// The longest text that is handled in one step, without a branch on its length.
const SHORT: usize = 32;

/// [`SHORT`] bytes as words, the first byte lowest.
pub(crate) type Words = [u64; SHORT / 8];

/// For each length up to [`SHORT`], as many bytes of ones, then zeros.
const KEEP: [Words; SHORT + 1] = {
    let mut keep = [[0; SHORT / 8]; SHORT + 1];
    let mut length = 0;
    while length <= SHORT {
        let mut byte = 0;
        while byte < length {
            keep[length][byte / 8] |= 0xff << (byte % 8 * 8);
            byte += 1;
        }
        length += 1;
    }
    keep
};

/// The [`SHORT`] bytes at `at`; zeros where the buffer ends.
#[inline(always)]
fn load(buffer: &[u8], at: usize) -> Words {
    match buffer.get(at..at + SHORT).and_then(|bytes| bytes.first_chunk::<SHORT>()) {
        Some(bytes) => words_of(bytes),
        None => load_at_end(buffer, at),
    }
}

#[inline(always)]
fn words_of(bytes: &[u8; SHORT]) -> Words {
    let (words, _) = bytes.as_chunks::<8>();
    [0, 1, 2, 3].map(|word: usize| u64::from_le_bytes(words[word]))
}

#[cold]
fn load_at_end(buffer: &[u8], at: usize) -> Words {
    let mut bytes = [0; SHORT];
    let rest = buffer.get(at..).unwrap_or_default();
    let length = rest.len().min(SHORT);
    bytes[..length].copy_from_slice(&rest[..length]);
    words_of(&bytes)
}

/// The text of at most [`SHORT`] bytes at `at`, zeros behind it; the first bytes of a longer one.
#[inline(always)]
pub(crate) fn words(buffer: &[u8], at: usize, length: usize) -> Words {
    let (words, keep) = (load(buffer, at), &KEEP[length.min(SHORT)]);
    [0, 1, 2, 3].map(|word: usize| words[word] & keep[word])
}

/// Bytes of a [`Head`]; one of them is no text.
const HEAD: usize = 16;

/// What tells most texts apart without another look at them: a short text itself and its length, or the first bytes of a
/// longer one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head([u64; HEAD / 8]);

impl Head {
    /// That of no text.
    pub(crate) const NONE: Self = Self([u64::MAX; HEAD / 8]);
    /// What stands for the length of a text that is longer.
    const LONGER: usize = 0xff;

    /// The head of the `length` bytes at `at`.
    #[inline(always)]
    pub(crate) fn of(buffer: &[u8], at: usize, length: usize) -> Self {
        let words = match buffer.get(at..at + HEAD).and_then(|bytes| bytes.first_chunk::<HEAD>()) {
            Some(bytes) => [0, 1].map(|word: usize| u64::from_le_bytes(bytes.as_chunks::<8>().0[word])),
            None => [0, 1].map(|word: usize| load_at_end(buffer, at)[word]),
        };
        let is_whole = length < HEAD;
        let keep = &KEEP[if is_whole { length } else { HEAD - 1 }];
        let length = if is_whole { length } else { Self::LONGER };
        Self([words[0] & keep[0], words[1] & keep[1] | (length as u64) << 56])
    }

    /// Whether texts of the same head are the same.
    #[inline(always)]
    pub(crate) fn is_whole(self) -> bool {
        self.0[1] >> 56 != Self::LONGER as u64
    }
}

/// Asks for the first bytes of `span` to be brought near, where the processor can be asked.
#[inline(always)]
pub(crate) fn prefetch(texts: Texts<'_>, span: Span) {
    let (buffer, at) = texts.locate(span);
    #[cfg(target_arch = "x86_64")]
    if let Some(text) = buffer.get(at..at + SLACK) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint about an address inside `buffer`; it reads and writes nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(text.as_ptr().cast()) };
        // SAFETY: as above; the address is the last of `text`.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(text.as_ptr().add(SLACK - 1).cast()) };
    }
}

/// Asks for a value to be brought near, where the processor can be asked.
#[inline(always)]
pub(crate) fn prefetch_value<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: a hint about the address of a value that is there; it reads and writes nothing.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}

/// Whether `length` bytes of two buffers are equal.
#[inline(always)]
pub(crate) fn equal(a: (&[u8], usize), b: (&[u8], usize), length: usize) -> bool {
    if length > SHORT {
        return a.0[a.1..a.1 + length] == b.0[b.1..b.1 + length];
    }
    let (a, b, keep) = (load(a.0, a.1), load(b.0, b.1), &KEEP[length]);
    [0, 1, 2, 3].into_iter().fold(0, |differs, word: usize| differs | (a[word] ^ b[word]) & keep[word]) == 0
}

#[inline(always)]
fn mix(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    product as u64 ^ (product >> 64) as u64
}

/// What makes hashes differ from one table to another, so that nobody can choose texts that share one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seed([u64; SHORT / 8]);

impl Seed {
    /// A seed that nobody knows.
    pub(crate) fn random() -> Self {
        let random = RandomState::new();
        Self([0, 1, 2, 3].map(|number: u64| random.hash_one(number)))
    }

    /// A hash of `length` bytes: 128-bit multiplications, folded. Each operand of each has a part of the seed in it: a
    /// product of 0 would hide the other operand, and no text can be made to give one.
    #[inline(always)]
    pub(crate) fn hash(&self, buffer: &[u8], at: usize, length: usize) -> u64 {
        let mut state = length as u64;
        let (mut at, mut left) = (at, length);
        while left > SHORT {
            state = self.hash_words(load(buffer, at), state);
            at += SHORT;
            left -= SHORT;
        }
        self.hash_words(words(buffer, at, left), state)
    }

    /// A hash of a text that its head is the whole of.
    #[inline(always)]
    pub(crate) fn hash_head(&self, head: Head) -> u64 {
        mix(head.0[0] ^ self.0[0], head.0[1] ^ self.0[1])
    }

    #[inline(always)]
    fn hash_words(&self, words: Words, state: u64) -> u64 {
        let Self(seed) = self;
        let low = mix(words[0] ^ seed[0], words[1] ^ seed[1] ^ state);
        let high = mix(words[2] ^ seed[2], words[3] ^ seed[3] ^ state);
        mix(low ^ seed[3], high ^ seed[0])
    }
}

#[cfg(test)]
impl Seed {
    /// A seed that is known.
    pub(crate) const KNOWN: Self =
        Self([0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f, 0x1656_67b1_9e37_79f9, 0xd6e8_feb8_6659_fd93]);

    /// One of many texts of `length` bytes, 15 or 16, that share their hash under this seed: its first word makes the first
    /// product 0.
    pub(crate) fn colliding(&self, number: u64, length: usize) -> Vec<u8> {
        [self.0[0], number].iter().flat_map(|word| word.to_le_bytes()).take(length).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equality_and_hash_see_every_byte() {
        let (text, seed): (Vec<u8>, _) = ((0..200).collect(), Seed::random());
        for length in 0..100 {
            assert!(equal((&text, 3), (&text, 3), length));
            for changed in 0..length {
                let mut other = text.clone();
                other[3 + changed] ^= 0x40;
                assert!(!equal((&text, 3), (&other, 3), length), "{length} {changed}");
                assert_ne!(seed.hash(&text, 3, length), seed.hash(&other, 3, length), "{length} {changed}");
            }
            let mut behind = text.clone();
            behind[3 + length] ^= 1;
            assert!(equal((&text, 3), (&behind, 3), length));
            assert_eq!(seed.hash(&text, 3, length), seed.hash(&behind, 3, length));
        }
    }

    #[test]
    fn who_knows_not_the_seed_finds_no_texts_that_share_a_hash() {
        let count = |seed: Seed| {
            let texts = (0..1000).map(|number| Seed::KNOWN.colliding(number, 16));
            texts.map(|text| seed.hash(&text, 0, text.len())).collect::<std::collections::HashSet<_>>().len()
        };
        let count_heads = |seed: Seed| {
            let texts = (0..1000).map(|number| Seed::KNOWN.colliding(number, 15));
            texts.map(|text| seed.hash_head(Head::of(&text, 0, 15))).collect::<std::collections::HashSet<_>>().len()
        };
        assert_eq!((count_heads(Seed::KNOWN), count_heads(Seed::random())), (1, 1000));
        assert_eq!(count(Seed::KNOWN), 1, "the texts are made to share one hash");
        assert_eq!(count(Seed::random()), 1000);
    }

    #[test]
    fn heads_are_equal_where_short_texts_are() {
        let text: Vec<u8> = (0..200).collect();
        for length in 0..40 {
            let head = Head::of(&text, 3, length);
            assert_eq!(head.is_whole(), length < 16);
            assert_ne!(head, Head::NONE);
            for other in 0..length.min(15) {
                let mut changed = text.clone();
                changed[3 + other] ^= 0x40;
                assert_ne!(head, Head::of(&changed, 3, length), "{length} {other}");
                assert_ne!(head, Head::of(&text, 3, other), "{length} {other}");
            }
            let alone = &text[3..3 + length];
            assert_eq!(head, Head::of(alone, 0, length), "where the buffer ends behind it");
        }
        // Zeros at the end of a text are part of it.
        assert_ne!(Head::of(b"a", 0, 1), Head::of(b"a\0", 0, 2));
    }

    #[test]
    fn side_text_keeps_its_place() {
        let mut side = Side::default();
        let (a, b) = (side.push(b"one"), side.push_all(&[b"{", b"two", b"}"]));
        let texts = Texts { arena: &[], side: side.bytes() };
        assert_eq!((texts.get(a), texts.get(b)), (&b"one"[..], &b"{two}"[..]));
        assert!(!a.is_null() && Span::NULL.is_null());
    }
}
