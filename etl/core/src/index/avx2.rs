//! The masks, 64 bytes at a time, on x86-64 with AVX2.

use std::arch::x86_64::{
    __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_min_epu8, _mm256_movemask_epi8, _mm256_or_si256,
    _mm256_set1_epi8, _mm256_slli_epi16,
};

use super::{BLOCK, Classify, Index, Masks};
use crate::cpu::is_modern;

/// [`Index::build`] with these masks. Call it only where [`is_modern`].
pub(super) fn build(index: &mut Index, bytes: &[u8]) {
    debug_assert!(is_modern());
    // SAFETY: the one caller asked `is_modern` first, which tests each feature that the function enables.
    unsafe { build_enabled(index, bytes) }
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn build_enabled(index: &mut Index, bytes: &[u8]) {
    index.build_with(Avx2(()), bytes);
}

/// Exists only below [`build_enabled`].
#[derive(Debug, Clone, Copy)]
struct Avx2(());

impl Classify for Avx2 {
    #[inline(always)]
    fn masks(self, block: &[u8; BLOCK]) -> Masks {
        // SAFETY: an `Avx2` is made only where the features were found; both loads lie inside the 64 bytes and may be
        // unaligned.
        unsafe {
            let low = _mm256_loadu_si256(block.as_ptr().cast());
            let high = _mm256_loadu_si256(block.as_ptr().add(32).cast());
            let bit_5 = _mm256_set1_epi8(0x20);
            // `[` and `]` differ from `{` and `}` in bit 5 alone.
            let (low_or, high_or) = (_mm256_or_si256(low, bit_5), _mm256_or_si256(high, bit_5));
            let top = _mm256_set1_epi8(0x1f);
            Masks {
                quote: equal(low, high, b'"'),
                backslash: equal(low, high, b'\\'),
                open: equal(low_or, high_or, b'{'),
                close: equal(low_or, high_or, b'}'),
                curly: top_bits(_mm256_slli_epi16::<2>(low), _mm256_slli_epi16::<2>(high)),
                colon: equal(low, high, b':'),
                comma: equal(low, high, b','),
                space: equal(low, high, b' '),
                control: top_bits(
                    _mm256_cmpeq_epi8(_mm256_min_epu8(low, top), low),
                    _mm256_cmpeq_epi8(_mm256_min_epu8(high, top), high),
                ),
            }
        }
    }
}

// The helpers enable nothing themselves: a function that enables features is not inlined into one that does not, and a
// call per mask costs more than the mask.

#[inline(always)]
fn equal(low: __m256i, high: __m256i, byte: u8) -> u64 {
    // SAFETY: vectors of this type are made only in `Avx2::masks`, where the features were found.
    unsafe {
        let wanted = _mm256_set1_epi8(byte.cast_signed());
        top_bits(_mm256_cmpeq_epi8(low, wanted), _mm256_cmpeq_epi8(high, wanted))
    }
}

#[inline(always)]
fn top_bits(low: __m256i, high: __m256i) -> u64 {
    // SAFETY: as in `equal`.
    let half = |bytes| u64::from(unsafe { _mm256_movemask_epi8(bytes) }.cast_unsigned());
    half(low) | half(high) << 32
}
