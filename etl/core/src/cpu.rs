//! Code for the processor at hand: the same source, compiled once more with what newer x86-64 processors can do.

/// Runs `work`, with whatever of it the compiler can inline compiled for AVX2 and BMI where the processor has them.
#[inline(always)]
pub(crate) fn with_features<R>(work: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    if is_modern() {
        // SAFETY: `is_modern` has just found every feature that the function enables.
        return unsafe { modern(work) };
    }
    work()
}

/// Whether the processor has the features that this crate makes use of.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn is_modern() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
        && std::arch::is_x86_feature_detected!("bmi1")
        && std::arch::is_x86_feature_detected!("bmi2")
        && std::arch::is_x86_feature_detected!("lzcnt")
        && std::arch::is_x86_feature_detected!("popcnt")
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn modern<R>(work: impl FnOnce() -> R) -> R {
    work()
}

/// Whether the processor also compares 64 bytes at once.
#[cfg(target_arch = "x86_64")]
#[inline]
pub(crate) fn is_wide() -> bool {
    is_modern()
        && std::arch::is_x86_feature_detected!("avx512f")
        && std::arch::is_x86_feature_detected!("avx512bw")
        && std::arch::is_x86_feature_detected!("avx512vl")
        && std::arch::is_x86_feature_detected!("avx512dq")
}
