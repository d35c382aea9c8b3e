//! Numbers that text writes.

/// The integer that `text` writes in the one usual form: digits, a minus before them if need be, no leading zeros.
pub(crate) fn integer(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    let is_usual = match digits {
        [] => false,
        [b'0'] => !is_negative,
        [first, ..] => *first != b'0',
    };
    if !is_usual || digits.len() > 19 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    // Text of digits is UTF-8, and what is too large is none.
    str::from_utf8(text).ok()?.parse().ok()
}

/// The finite number that JSON text writes, and whether it is written as it would be again.
pub(crate) fn double(text: &[u8]) -> Option<(f64, bool)> {
    let text = str::from_utf8(text).ok()?;
    let number: f64 = text.parse().ok().filter(|number: &f64| number.is_finite())?;
    Some((number, number.to_string() == text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_in_their_usual_form() {
        for number in [0, 1, -1, 42, i64::MAX, i64::MIN] {
            assert_eq!(integer(number.to_string().as_bytes()), Some(number));
        }
        for other in
            ["", "-", "-0", "00", "01", "+1", "1.0", "1e3", " 1", "9223372036854775808", "99999999999999999999"]
        {
            assert_eq!(integer(other.as_bytes()), None, "{other}");
        }
    }

    #[test]
    fn doubles_say_whether_they_come_back() {
        assert_eq!(double(b"8.5"), Some((8.5, true)));
        assert_eq!(double(b"5"), Some((5.0, true)));
        assert_eq!(double(b"8.0"), Some((8.0, false)));
        assert_eq!(double(b"9.82222E-5"), Some((9.82222e-5, false)));
        assert_eq!(double(b"1e400"), None);
        assert_eq!(double(b"x"), None);
    }
}
