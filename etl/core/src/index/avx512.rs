//! The masks, 64 bytes at a time, on x86-64 with AVX-512: one comparison makes one mask.

use std::arch::x86_64::{
    __m512i, _mm512_cmpeq_epi8_mask, _mm512_cmplt_epu8_mask, _mm512_loadu_si512, _mm512_or_si512, _mm512_set1_epi8,
    _mm512_test_epi8_mask,
};

use super::{BLOCK, Classify, Index, Masks};
use crate::cpu::is_wide;

/// [`Index::build`] with these masks. Call it only where [`is_wide`].
pub(super) fn build(index: &mut Index, bytes: &[u8]) {
    debug_assert!(is_wide());
    // SAFETY: the one caller asked `is_wide` first, which tests each feature that the function enables.
    unsafe { build_enabled(index, bytes) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx2,bmi1,bmi2,lzcnt,popcnt")]
fn build_enabled(index: &mut Index, bytes: &[u8]) {
    index.build_with(Avx512(()), bytes);
}

/// Exists only below [`build_enabled`].
#[derive(Debug, Clone, Copy)]
struct Avx512(());

impl Classify for Avx512 {
    #[inline(always)]
    fn masks(self, block: &[u8; BLOCK]) -> Masks {
        // SAFETY: an `Avx512` is made only where the features were found; the load lies inside the 64 bytes and may be
        // unaligned.
        unsafe {
            let bytes = _mm512_loadu_si512(block.as_ptr().cast());
            let bit_5 = _mm512_set1_epi8(0x20);
            // `[` and `]` differ from `{` and `}` in bit 5 alone.
            let either = _mm512_or_si512(bytes, bit_5);
            Masks {
                quote: equal(bytes, b'"'),
                backslash: equal(bytes, b'\\'),
                open: equal(either, b'{'),
                close: equal(either, b'}'),
                curly: _mm512_test_epi8_mask(bytes, bit_5),
                colon: equal(bytes, b':'),
                comma: equal(bytes, b','),
                space: equal(bytes, b' '),
                control: _mm512_cmplt_epu8_mask(bytes, bit_5),
            }
        }
    }
}

#[inline(always)]
fn equal(bytes: __m512i, byte: u8) -> u64 {
    // SAFETY: vectors of this type are made only in `Avx512::masks`, where the features were found.
    unsafe { _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(byte.cast_signed())) }
}
