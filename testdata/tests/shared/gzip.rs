//! Tells the members of gzip apart.

use std::io::Read;

use flate2::bufread::GzDecoder;

/// How many members of gzip there are, back to back.
pub(crate) fn members(stored: &[u8]) -> u64 {
    let (mut rest, mut members) = (stored, 0);
    while !rest.is_empty() {
        let mut member = GzDecoder::new(rest);
        member.read_to_end(&mut Vec::new()).unwrap();
        rest = member.into_inner();
        members += 1;
    }
    members
}
