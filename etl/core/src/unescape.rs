//! JSON's string escapes.

/// Decodes the inside of a JSON string whose escapes are known to be well formed into `out`.
///
/// `None` when it has no UTF-8: a surrogate stands alone.
pub(crate) fn unescape(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    out.clear();
    let mut rest = text;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        out.extend_from_slice(&rest[..at]);
        let escape = *rest.get(at + 1)?;
        rest = &rest[at + 2..];
        match escape {
            b'u' => rest = unicode(rest, out)?,
            _ => out.push(simple(escape)?),
        }
    }
    out.extend_from_slice(rest);
    Some(())
}

fn simple(escape: u8) -> Option<u8> {
    Some(match escape {
        b'"' | b'\\' | b'/' => escape,
        b'b' => 0x08,
        b'f' => 0x0c,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        _ => return None,
    })
}

/// Decodes the digits behind `\u`, and the second half of a surrogate pair; returns what stands behind.
fn unicode<'a>(text: &'a [u8], out: &mut Vec<u8>) -> Option<&'a [u8]> {
    let (first, mut rest) = hex(text)?;
    let mut code = first;
    if (0xd800..0xdc00).contains(&first) {
        let (second, behind) = hex(rest.strip_prefix(b"\\u")?)?;
        if !(0xdc00..0xe000).contains(&second) {
            return None;
        }
        code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        rest = behind;
    }
    let character = char::from_u32(code)?;
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    Some(rest)
}

fn hex(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_first_chunk::<4>()?;
    let code = digits.iter().try_fold(0, |code, digit| Some(code << 4 | char::from(*digit).to_digit(16)?))?;
    Some((code, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_decodes_as_serde_does(fragments in prop::collection::vec(prop::sample::select(vec![
            "a", "é", "\\n", "\\\"", "\\\\", "\\/", "\\b\\f\\r\\t", "\\u0041", "\\u00e9", "\\ud83d\\ude00", "\\ud83d", "\\ude00", "\\u0000",
        ]), 0..8)) {
            let text = fragments.concat();
            let expected = serde_json::from_str::<String>(&format!("\"{text}\"")).ok();
            let mut out = vec![b'x'];
            let decoded = unescape(text.as_bytes(), &mut out).map(|()| String::from_utf8(out).unwrap());
            prop_assert_eq!(decoded, expected);
        }
    }
}
