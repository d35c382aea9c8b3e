//! Memory for buffers that are large and read all over.

/// `length` zeros. Pages that are never written are never resident.
///
/// Where the system can, it lies in large pages: texts are gathered from all over the buffer, and with small pages the
/// processor looks up where a page lies for nearly each of them.
pub(crate) fn zeroed(length: usize) -> Vec<u8> {
    let buffer = vec![0; length];
    #[cfg(target_os = "linux")]
    ask_for_large_pages(&buffer);
    buffer
}

/// Advice: that it is not taken, as by a kernel without large pages, changes nothing.
#[cfg(target_os = "linux")]
fn ask_for_large_pages(buffer: &[u8]) {
    /// The largest small page of any Linux; advice begins at the start of one.
    const PAGE_BYTES: usize = 64 << 10;
    let skipped = buffer.as_ptr().align_offset(PAGE_BYTES);
    let Some(pages) = buffer.get(skipped..).filter(|pages| pages.len() >= PAGE_BYTES) else { return };
    let length = pages.len() / PAGE_BYTES * PAGE_BYTES;
    // SAFETY: the range lies within `buffer`, and this advice changes neither its content nor who may use it.
    unsafe { libc::madvise(pages.as_ptr().cast_mut().cast(), length, libc::MADV_HUGEPAGE) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_zeros() {
        for length in [0, 1, 4096, (64 << 10) - 1, 64 << 10, (5 << 20) + 3] {
            let mut buffer = zeroed(length);
            assert_eq!(buffer, vec![0; length]);
            buffer.fill(1);
            assert!(buffer.iter().all(|byte| *byte == 1));
        }
    }
}
