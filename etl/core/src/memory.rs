//! How much memory is held, and memory for buffers that are large and read all over.

use std::iter::Sum;

/// About what one partition takes, its names and values included.
pub(crate) const PARTITION_BYTES: usize = 256;

/// Bytes of memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Those that hold something: the same wherever the same is held.
    pub(crate) in_use: usize,
    /// Those that are not given back.
    pub(crate) reserved: usize,
}

impl Extent {
    /// What `items` take, without what they point to.
    pub(crate) fn of<T>(items: &Vec<T>) -> Self {
        Self { in_use: size_of_val(items.as_slice()), reserved: items.capacity() * size_of::<T>() }
    }
}

impl Sum for Extent {
    fn sum<I: Iterator<Item = Self>>(extents: I) -> Self {
        extents.fold(Self::default(), |sum, extent| Self {
            in_use: sum.in_use + extent.in_use,
            reserved: sum.reserved + extent.reserved,
        })
    }
}

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
            assert_eq!(zeroed(length), vec![0; length]);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_kernel_has_heard_the_advice() {
        if !std::path::Path::new("/sys/kernel/mm/transparent_hugepage").exists() {
            println!("SKIPPED: this kernel has no large pages");
            return;
        }
        let buffer = zeroed(64 << 20);
        let middle = buffer.as_ptr() as usize + buffer.len() / 2;
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let holds = |line: &str| {
            let range = line.split_whitespace().next().and_then(|range| range.split_once('-'));
            let bounds = range.map(|(from, to)| (usize::from_str_radix(from, 16), usize::from_str_radix(to, 16)));
            matches!(bounds, Some((Ok(from), Ok(to))) if (from..to).contains(&middle))
        };
        let flags = maps.lines().skip_while(|line| !holds(line)).find(|line| line.starts_with("VmFlags:")).unwrap();
        assert!(flags.split_whitespace().any(|flag| flag == "hg"), "{flags}");
    }
}
