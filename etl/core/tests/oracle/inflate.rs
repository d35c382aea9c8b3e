//! Stored bytes to inflated bytes: gzip's frame by RFC 1952, and flate2 for what is in it.

use flate2::{Crc, Decompress, FlushDecompress, Status};
use trailhouse_core::Reason;

/// Bytes that are inflated at a time.
const STEP_BYTES: usize = 64 << 10;

/// The inflated bytes, at most `bytes_max`, and why they are not all.
///
/// What can be inflated is everything before the damage, to the last byte.
pub(crate) fn inflate(stored: &[u8], bytes_max: u64) -> (Vec<u8>, Option<Reason>) {
    let bytes_max = usize::try_from(bytes_max).unwrap();
    // No JSON begins with this byte, and a stream may hand out no more than it.
    let is_gzip = stored.first() == Some(&0x1f);
    let mut bytes = Vec::new();
    let mut broken = if is_gzip { members(stored, bytes_max, &mut bytes).err() } else { None };
    // One stream may stand inside another.
    if is_gzip && bytes.starts_with(&[0x1f, 0x8b]) {
        let outer = std::mem::take(&mut bytes);
        let inner = members(&outer, bytes_max, &mut bytes).err();
        // A fault inside is met before the end of what it stands in; that it ends too early is the fault of that end.
        broken = match inner {
            Some(fault) if fault != Reason::Truncated => Some(fault),
            _ => broken.or(inner),
        };
    }
    if !is_gzip {
        bytes.extend(stored);
    }
    let is_too_large = bytes.len() > bytes_max;
    bytes.truncate(bytes_max);
    (bytes, if is_too_large { Some(Reason::TooLarge) } else { broken })
}

/// Inflates one member behind the other, until there are more than `bytes_max` bytes.
fn members(mut stored: &[u8], bytes_max: usize, bytes: &mut Vec<u8>) -> Result<(), Reason> {
    loop {
        stored = &stored[header(stored)?..];
        let start = bytes.len();
        stored = &stored[deflated(stored, bytes_max, bytes)?..];
        if bytes.len() > bytes_max {
            return Ok(());
        }
        let (trailer, behind) = stored.split_first_chunk::<8>().ok_or(Reason::Truncated)?;
        let mut checksum = Crc::new();
        checksum.update(&bytes[start..]);
        let expected = [checksum.sum().to_le_bytes(), checksum.amount().to_le_bytes()].concat();
        if trailer[..] != expected {
            return Err(Reason::Gzip);
        }
        if behind.iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        if behind[0] != 0x1f || behind.get(1).is_some_and(|byte| *byte != 0x8b) {
            return Err(Reason::Trailing);
        }
        stored = behind;
    }
}

/// The length of a member's header.
fn header(stored: &[u8]) -> Result<usize, Reason> {
    const FIXED: usize = 10;
    if stored.get(..2).is_some_and(|magic| magic != [0x1f, 0x8b]) {
        return Err(Reason::Gzip);
    }
    let fixed = stored.get(..FIXED).ok_or(Reason::Truncated)?;
    let flags = fixed[3];
    if fixed[..3] != [0x1f, 0x8b, 8] || flags & 0b1110_0000 != 0 {
        return Err(Reason::Gzip);
    }
    let mut length = FIXED;
    let text = |from: usize| Some(from + 1 + stored.get(from..)?.iter().position(|byte| *byte == 0)?);
    if flags & 0b100 != 0 {
        let extra = stored.get(length..length + 2).ok_or(Reason::Truncated)?;
        length += 2 + usize::from(u16::from_le_bytes([extra[0], extra[1]]));
    }
    for flag in [0b1000, 0b1_0000] {
        if flags & flag != 0 {
            length = text(length).ok_or(Reason::Truncated)?;
        }
    }
    if flags & 0b10 != 0 {
        let mut checksum = Crc::new();
        checksum.update(stored.get(..length).ok_or(Reason::Truncated)?);
        let written = stored.get(length..length + 2).ok_or(Reason::Truncated)?;
        if written != (checksum.sum() as u16).to_le_bytes() {
            return Err(Reason::Gzip);
        }
        length += 2;
    }
    if length > stored.len() { Err(Reason::Truncated) } else { Ok(length) }
}

/// Appends what a deflate stream holds; the length of the stream.
fn deflated(stored: &[u8], bytes_max: usize, bytes: &mut Vec<u8>) -> Result<usize, Reason> {
    let mut inflater = Decompress::new(false);
    let mut step = vec![0; STEP_BYTES];
    loop {
        let (read, written) = (inflater.total_in() as usize, inflater.total_out());
        let status = inflater.decompress(&stored[read..], &mut step, FlushDecompress::None);
        // What was written before a fault is there, although the call fails.
        let count = (inflater.total_out() - written) as usize;
        bytes.extend(&step[..count]);
        match status {
            Err(_) => return Err(Reason::Gzip),
            Ok(Status::StreamEnd) => return Ok(inflater.total_in() as usize),
            Ok(_) if bytes.len() > bytes_max => return Ok(inflater.total_in() as usize),
            Ok(_) if count == 0 && inflater.total_in() as usize == read => return Err(Reason::Truncated),
            Ok(_) => {}
        }
    }
}

#[test]
fn what_stands_before_damage_is_inflated() {
    use std::io::Write;
    // A stored block, whose bytes stand as they are, and behind it one of no known kind.
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    encoder.write_all(b"abc").unwrap();
    let mut stored = encoder.finish().unwrap();
    stored.truncate(18);
    assert_eq!(&stored[15..], b"abc");
    stored[10] = 0;
    stored.push(0b111);
    assert_eq!(inflate(&stored, 100), (b"abc".to_vec(), Some(Reason::Gzip)));
    assert_eq!(inflate(&stored, 3), (b"abc".to_vec(), Some(Reason::Gzip)));
    assert_eq!(inflate(&stored, 2), (b"ab".to_vec(), Some(Reason::TooLarge)));
    stored.pop();
    assert_eq!(inflate(&stored, 3), (b"abc".to_vec(), Some(Reason::Truncated)));
}
