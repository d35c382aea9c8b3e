//! Strings: where they are, and what is wrong inside them.

use super::grammar::filter;
use super::words::{Run, running_xor};

/// What one run leaves to the next.
#[derive(Debug, Default)]
pub(super) struct Strings {
    /// The first byte is escaped.
    escaped: u64,
    /// The first byte is inside a string: all ones or none.
    inside: u64,
}

impl Strings {
    /// Finds the strings of the run that begins at `start` of `bytes`. A backslash escapes the next byte wherever it stands.
    #[inline(always)]
    pub(super) fn find(&mut self, run: &mut Run, bytes: &[u8], start: usize) {
        for block in 0..run.blocks {
            run.escaped[block] = 0;
            if run.backslashes[block] | self.escaped != 0 {
                self.find_escaped(run, block, bytes, start);
            }
        }
        run.inside = running_xor(&run.quotes, run.blocks, &mut self.inside);
        for block in 0..run.blocks {
            run.faults[block] |= run.control[block] & run.inside[block];
        }
    }

    /// The bytes behind an odd run of backslashes: adding the start of a run on an odd bit to the run carries to its end.
    #[cold]
    fn find_escaped(&mut self, run: &mut Run, block: usize, bytes: &[u8], start: usize) {
        const ODD: u64 = 0xAAAA_AAAA_AAAA_AAAA;
        let backslash = run.backslashes[block];
        let starts = backslash & !self.escaped;
        let maybe = starts << 1;
        let codes = (maybe | ODD).wrapping_sub(starts) ^ ODD;
        let escaped = codes ^ (backslash | self.escaped);
        self.escaped = (codes & backslash) >> 63;
        run.escaped[block] = escaped;
        run.quotes[block] &= !escaped;
        run.faults[block] |= bad_escapes(escaped, bytes, start + block * super::BLOCK);
    }
}

fn bad_escapes(escaped: u64, bytes: &[u8], start: usize) -> u64 {
    filter(escaped, |bit| match bytes.get(start + bit) {
        Some(b'u') => {
            !bytes.get(start + bit + 1..start + bit + 5).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
        }
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') | None => false,
        Some(_) => true,
    })
}
