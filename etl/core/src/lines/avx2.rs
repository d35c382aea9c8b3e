//! The masks, 64 bytes at a time, on x86-64 with AVX2.

use std::arch::x86_64::{
    __m256i, _mm256_cmpeq_epi8, _mm256_loadu_si256, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set1_epi8,
};

use super::{BLOCK, Classify};
use crate::cpu::is_modern;

/// Appends the places of spaces and line feeds. Call it only where [`is_modern`].
pub(super) fn find(places: &mut Vec<u32>, bytes: &[u8]) {
    debug_assert!(is_modern());
    // SAFETY: the one caller asked `is_modern` first, which tests each feature that the function enables.
    unsafe { find_enabled(places, bytes) }
}

#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn find_enabled(places: &mut Vec<u32>, bytes: &[u8]) {
    super::find(places, bytes, Avx2(()));
}

/// Exists only below [`find_enabled`].
#[derive(Debug, Clone, Copy)]
struct Avx2(());

impl Classify for Avx2 {
    #[inline(always)]
    fn mask(self, block: &[u8; BLOCK]) -> u64 {
        // SAFETY: an `Avx2` is made only where the features were found; both loads lie inside the 64 bytes and may be
        // unaligned.
        unsafe {
            let low = _mm256_loadu_si256(block.as_ptr().cast());
            let high = _mm256_loadu_si256(block.as_ptr().add(32).cast());
            half(low) | half(high) << 32
        }
    }
}

#[inline(always)]
fn half(bytes: __m256i) -> u64 {
    // SAFETY: vectors of this type are made only in `Avx2::mask`, where the features were found.
    unsafe {
        let spaces = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b' '.cast_signed()));
        let ends = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(b'\n'.cast_signed()));
        u64::from(_mm256_movemask_epi8(_mm256_or_si256(spaces, ends)).cast_unsigned())
    }
}
