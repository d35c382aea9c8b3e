//! A small seeded random generator, and the random text that logs are full of.
//!
//! Xoshiro256** seeded by splitmix64, both by David Blackman and Sebastiano Vigna and in the public domain. It is our
//! own so that no library's next version changes what a seed gives.

/// A generator; the same seed gives the same numbers for ever.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: [u64; 4],
}

/// Mixes the bits of `value`, so that neighbours become strangers.
pub(crate) fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Parts of a million.
pub(crate) const MILLION: u32 = 1_000_000;

const HEX: &[u8; 16] = b"0123456789abcdef";
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789xZ";
const SMALL: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const UPPER: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Random {
    /// The generator of `seed`.
    pub(crate) fn new(seed: u64) -> Self {
        let state = [1, 2, 3, 4].map(|step: u64| mix(seed ^ mix(step)));
        Self { state }
    }

    /// 64 random bits.
    pub(crate) fn next(&mut self) -> u64 {
        let [a, b, c, d] = &mut self.state;
        let result = b.wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = *b << 17;
        *c ^= *a;
        *d ^= *b;
        *b ^= *c;
        *a ^= *d;
        *c ^= shifted;
        *d = d.rotate_left(45);
        result
    }

    /// A number below `bound`, or 0 when the bound is 0. The bias is below one in four thousand million.
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        (((self.next() >> 32) * u64::from(bound)) >> 32) as u32
    }

    /// A number of `range`'s, both ends included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let width = u32::try_from(high - low + 1).unwrap_or(u32::MAX);
        low + i64::from(self.below(width))
    }

    /// True in `percent` of a hundred cases.
    pub(crate) fn percent(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// An index below `length`, low ones more often than high ones, as names in logs are.
    pub(crate) fn skewed(&mut self, length: usize) -> usize {
        let unit = self.next() >> 32;
        let squared = (unit * unit) >> 32;
        ((squared * length as u64) >> 32) as usize
    }

    /// One of `items`, which are not none.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len() as u32) as usize]
    }

    /// Shuffles `items`.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for index in (1..items.len()).rev() {
            items.swap(index, self.below(index as u32 + 1) as usize);
        }
    }

    /// Appends `length` hexadecimal digits.
    pub(crate) fn hex(&mut self, length: usize, out: &mut Vec<u8>) {
        self.digits(HEX, 4, length, out);
    }

    /// Appends what stands behind `i-`, `vol-` and the like: 17 hexadecimal digits, the first of which is 0.
    pub(crate) fn resource_id(&mut self, out: &mut Vec<u8>) {
        out.push(b'0');
        self.hex(16, out);
    }

    /// Appends `length` characters of base64, without padding.
    pub(crate) fn base64(&mut self, length: usize, out: &mut Vec<u8>) {
        self.digits(BASE64, 6, length, out);
    }

    /// Appends `length` letters and digits.
    pub(crate) fn letters(&mut self, length: usize, out: &mut Vec<u8>) {
        self.digits(LETTERS, 6, length, out);
    }

    /// Appends `length` small letters and digits.
    pub(crate) fn small(&mut self, length: usize, out: &mut Vec<u8>) {
        self.digits(SMALL, 5, length, out);
    }

    /// Appends `length` capital letters and digits.
    pub(crate) fn upper(&mut self, length: usize, out: &mut Vec<u8>) {
        self.digits(UPPER, 5, length, out);
    }

    /// Appends an id as IAM makes them, marked as the documentation marks its own: `AKIA…EXAMPLE`.
    pub(crate) fn iam_id(&mut self, prefix: &str, middle: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(prefix.as_bytes());
        self.digits(BASE32, 5, middle, out);
        out.extend_from_slice(b"EXAMPLE");
    }

    /// Appends a UUID of version 4.
    pub(crate) fn uuid(&mut self, out: &mut Vec<u8>) {
        let start = out.len();
        for (index, length) in [8, 4, 4, 4, 12].into_iter().enumerate() {
            if index > 0 {
                out.push(b'-');
            }
            self.hex(length, out);
        }
        out[start + 14] = b'4';
        out[start + 19] = HEX[8 + self.below(4) as usize];
    }

    fn digits(&mut self, alphabet: &[u8], bits: u32, length: usize, out: &mut Vec<u8>) {
        let mask = (1 << bits) - 1;
        let (mut word, mut left) = (0, 0);
        for _ in 0..length {
            if left < bits {
                (word, left) = (self.next(), 64);
            }
            out.push(alphabet[(word & mask) as usize]);
            word >>= bits;
            left -= bits;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_for_ever() {
        let mut random = Random::new(7);
        let first = [random.next(), random.next(), random.next()];
        assert_eq!(first, FIRST_OF_SEED_7);
        assert_ne!(Random::new(8).next(), first[0]);
    }

    /// Reckoned by another implementation.
    const FIRST_OF_SEED_7: [u64; 3] =
        [14_540_099_111_367_459_172, 2_048_916_697_320_793_626, 4_688_554_294_507_742_973];

    #[test]
    fn numbers_stay_below_their_bound_and_reach_all_below_it() {
        let mut random = Random::new(1);
        let mut seen = [0; 5];
        (0..1000).for_each(|_| seen[random.below(5) as usize] += 1);
        assert!(seen.iter().all(|count| (100..400).contains(count)), "{seen:?}");
        assert!((0..1000).all(|_| (-3..=3).contains(&random.between(-3, 3))));
        assert!((0..1000).all(|_| random.skewed(9) < 9));
    }

    #[test]
    fn ids_have_the_form_of_their_kind() {
        let (mut random, mut out) = (Random::new(1), Vec::new());
        random.uuid(&mut out);
        let uuid = String::from_utf8(std::mem::take(&mut out)).unwrap();
        assert_eq!(uuid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
        assert_eq!(&uuid[14..15], "4");
        random.iam_id("AKIA", 9, &mut out);
        assert_eq!(out.len(), 20);
    }
}
