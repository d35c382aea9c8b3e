//! Stored bytes to inflated bytes.

use std::io::{ErrorKind, Read};

use flate2::bufread::MultiGzDecoder;
use trailhouse_core::Reason;

/// The inflated bytes, at most `bytes_max`, and why they are not all.
pub(crate) fn inflate(stored: &[u8], bytes_max: u64) -> (Vec<u8>, Option<Reason>) {
    let bytes_max = usize::try_from(bytes_max).unwrap();
    let is_gzip = !stored.is_empty() && [0x1f, 0x8b].starts_with(&stored[..stored.len().min(2)]);
    if !is_gzip {
        let broken = (stored.len() > bytes_max).then_some(Reason::TooLarge);
        return (stored[..stored.len().min(bytes_max)].to_vec(), broken);
    }
    let mut bytes = Vec::new();
    let limit = bytes_max as u64 + 1;
    if MultiGzDecoder::new(stored).take(limit).read_to_end(&mut bytes).is_err() {
        return inflate_damaged(stored, bytes_max);
    }
    let broken = (bytes.len() > bytes_max).then_some(Reason::TooLarge);
    bytes.truncate(bytes_max);
    (bytes, broken)
}

/// A decoder drops what it has in hand when it meets the damage, so here it is asked for every byte alone.
fn inflate_damaged(stored: &[u8], bytes_max: usize) -> (Vec<u8>, Option<Reason>) {
    let mut bytes = Vec::new();
    let mut decoder = MultiGzDecoder::new(stored);
    loop {
        let mut byte = [0];
        match decoder.read(&mut byte) {
            Ok(0) => return (bytes, None),
            Ok(_) if bytes.len() == bytes_max => return (bytes, Some(Reason::TooLarge)),
            Ok(_) => bytes.push(byte[0]),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return (bytes, Some(Reason::Truncated)),
            Err(_) => return (bytes, Some(Reason::Gzip)),
        }
    }
}
