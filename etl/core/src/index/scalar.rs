//! Numbers, `true`, `false` and `null`, by RFC 8259.

/// Whether a scalar begins at `at` and ends where a delimiter, a blank or the end of the text follows.
pub(super) fn is_valid(bytes: &[u8], at: usize) -> bool {
    let text = &bytes[at..];
    let end = match text.first() {
        Some(b't') => literal(text, b"true"),
        Some(b'f') => literal(text, b"false"),
        Some(b'n') => literal(text, b"null"),
        _ => number(text),
    };
    end.is_some_and(|end| text.get(end).is_none_or(|byte| is_delimiter(*byte)))
}

/// Whether `byte` ends a scalar. A quote or an opening bracket does too, and is a fault of its own.
pub(super) fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b',' | b'}' | b']' | b':' | b'{' | b'[' | b'"' | b' ' | b'\t' | b'\n' | b'\r')
}

fn literal(text: &[u8], word: &[u8]) -> Option<usize> {
    text.starts_with(word).then_some(word.len())
}

fn number(text: &[u8]) -> Option<usize> {
    let mut at = usize::from(text.first() == Some(&b'-'));
    match text.get(at)? {
        b'0' => at += 1,
        b'1'..=b'9' => at = digits(text, at)?,
        _ => return None,
    }
    if text.get(at) == Some(&b'.') {
        at = digits(text, at + 1)?;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(text.get(at), Some(b'+' | b'-')));
        at = digits(text, at)?;
    }
    Some(at)
}

/// Behind at least one digit.
fn digits(text: &[u8], from: usize) -> Option<usize> {
    let count = text.get(from..)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (count > 0).then_some(from + count)
}
