//! Whole gzip members in one step.

use std::ptr::NonNull;

use libdeflate_sys::{
    libdeflate_alloc_decompressor, libdeflate_decompressor, libdeflate_free_decompressor,
    libdeflate_gzip_decompress_ex, libdeflate_result_LIBDEFLATE_SUCCESS,
};

/// libdeflate's state, made once and used again.
#[derive(Debug)]
pub(crate) struct Libdeflate(Option<NonNull<libdeflate_decompressor>>);

// SAFETY: the state is plain memory that only its owner uses, through `&mut self`.
unsafe impl Send for Libdeflate {}

impl Libdeflate {
    /// A decompressor; one that refuses everything where memory is short.
    pub(crate) fn new() -> Self {
        // SAFETY: the function takes no argument and returns null or a new state.
        Self(NonNull::new(unsafe { libdeflate_alloc_decompressor() }))
    }

    /// Inflates `stored` into `out`. Whether it is one gzip member and nothing else, whose content, checked against its
    /// trailer, fills `out`.
    pub(crate) fn inflate(&mut self, stored: &[u8], out: &mut [u8]) -> bool {
        let Some(state) = self.0 else { return false };
        let (mut taken, mut made) = (0, 0);
        // SAFETY: the state is live and used by nobody else; both slices are valid for the lengths that stand beside
        // them, the first to be read and the second to be written; the last two point to live integers.
        let result = unsafe {
            libdeflate_gzip_decompress_ex(
                state.as_ptr(),
                stored.as_ptr().cast(),
                stored.len(),
                out.as_mut_ptr().cast(),
                out.len(),
                &raw mut taken,
                &raw mut made,
            )
        };
        result == libdeflate_result_LIBDEFLATE_SUCCESS && taken == stored.len() && made == out.len()
    }
}

impl Drop for Libdeflate {
    fn drop(&mut self) {
        if let Some(state) = self.0 {
            // SAFETY: the state came from `libdeflate_alloc_decompressor` and is freed once.
            unsafe { libdeflate_free_decompressor(state.as_ptr()) }
        }
    }
}
