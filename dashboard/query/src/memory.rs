//! How much memory a query may use.

use std::fs;

/// What a query may use where the machine's memory is not known, in bytes.
pub const MEMORY_BYTES_DEFAULT: usize = 2 << 30;
/// The least that a query can work with, in bytes: below it, sorts cannot even begin to spill.
pub const MEMORY_BYTES_MIN: usize = 64 << 20;

/// Units of a size as people write it, in bytes.
const UNITS: [(&str, usize); 10] = [
    ("", 1),
    ("b", 1),
    ("kb", 1000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
];

/// Half of what this process can have: of the machine's memory, or of its container's where that is less.
///
/// The pool counts what sorts, joins and aggregations hold. The other half is for the pages that are being read, for
/// the rows on their way out, and for everyone else.
pub fn default_bytes() -> usize {
    let limits = [machine_bytes(), container_bytes()];
    let least = limits.into_iter().flatten().min();
    least.map_or(MEMORY_BYTES_DEFAULT, |bytes| bytes / 2).max(MEMORY_BYTES_MIN)
}

/// Reads a size such as `2GiB`, `500 MB` or `4000000000`.
pub fn parse(text: &str) -> Option<usize> {
    let text = text.trim();
    let digits = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim().to_ascii_lowercase();
    let (_, bytes) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number.parse::<usize>().ok()?.checked_mul(*bytes)
}

/// The machine's memory, where Linux tells.
fn machine_bytes() -> Option<usize> {
    total_of(&fs::read_to_string("/proc/meminfo").ok()?)
}

fn total_of(meminfo: &str) -> Option<usize> {
    parse(&meminfo.lines().find_map(|line| line.strip_prefix("MemTotal:"))?.replace("kB", "KiB"))
}

/// The container's limit, by the second and the first version of control groups.
fn container_bytes() -> Option<usize> {
    let files = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    files.iter().find_map(|file| parse(&fs::read_to_string(file).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_people_write_them() {
        assert_eq!(parse("2GiB"), Some(2 << 30));
        assert_eq!(parse(" 500 MB "), Some(500_000_000));
        assert_eq!(parse("4096"), Some(4096));
        assert_eq!(parse("1TB"), Some(1_000_000_000_000));
        for bad in ["", "GiB", "2 apples", "-1", "1.5GiB", "99999999999TiB"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_machine_is_asked() {
        assert_eq!(total_of("MemFree: 1 kB\nMemTotal:       16 kB\n"), Some(16 << 10));
        assert_eq!(total_of(""), None);
        assert_eq!(parse("max\n"), None, "no limit is none");
        assert!(default_bytes() >= MEMORY_BYTES_MIN);
    }
}
