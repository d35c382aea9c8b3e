//! The text of an export task to events.

use trailhouse_core::limits::RECORD_BYTES_MAX;

use super::{calendar, mark_bytes};

/// Bytes of `2026-01-31T23:59:59.123Z`.
const TIME_BYTES: usize = 24;

/// Every record of `text`: time and message, or nothing where it is rejected.
pub(crate) fn events(text: &[u8]) -> Vec<Option<(i64, String)>> {
    let begin = mark_bytes(text);
    let mut starts: Vec<usize> = if text.len() == begin { Vec::new() } else { vec![begin] };
    let behind_lines = (begin + 1..text.len()).filter(|at| text[at - 1] == b'\n');
    starts.extend(behind_lines.filter(|at| time(&text[*at..]).is_some()));
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    starts.iter().zip(ends).map(|(start, end)| event(&text[*start..end])).collect()
}

fn event(bytes: &[u8]) -> Option<(i64, String)> {
    let text = str::from_utf8(bytes.strip_suffix(b"\n").unwrap_or(bytes)).ok()?;
    let time = time(text.as_bytes()).filter(|_| text.len() <= RECORD_BYTES_MAX)?;
    Some((time, text[TIME_BYTES + 1..].to_owned()))
}

/// The time and the blank that a line begins with.
fn time(line: &[u8]) -> Option<i64> {
    let text = str::from_utf8(line.get(..TIME_BYTES)?).ok()?;
    let is_shaped = line.get(TIME_BYTES) == Some(&b' ') && text.as_bytes()[19] == b'.' && text.ends_with('Z');
    is_shaped.then(|| calendar::millis(text)).flatten()
}
