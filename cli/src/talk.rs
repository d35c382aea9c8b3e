//! What is said on stderr. Log text may be hostile, so control characters never reach a terminal as they are.

use std::io::Write;

use crate::exit::Failure;

/// Says a line. That nobody listens is no reason to fail.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{}", printable(text));
}

/// Says a failure, then what to try.
pub(crate) fn failure(failure: &Failure) {
    error(&failure.error, failure.hint.as_deref());
}

/// Says an error, then what to try.
pub(crate) fn error(error: &str, hint: Option<&str>) {
    say(&format!("error: {error}"));
    if let Some(hint) = hint {
        say(&format!("hint: {hint}"));
    }
}

/// `text` with everything spelled out that moves the cursor, changes colours or turns the order of letters around.
pub(crate) fn printable(text: &str) -> String {
    if !text.contains(is_trick) {
        return text.to_owned();
    }
    let spell = |character: char| match is_trick(character) {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    };
    text.chars().map(spell).collect()
}

/// Whether a character does anything on a terminal but show itself.
pub(crate) fn is_trick(character: char) -> bool {
    const REORDERING: [char; 12] = [
        '\u{061c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}', '\u{2066}',
        '\u{2067}', '\u{2068}', '\u{2069}',
    ];
    character.is_control() || REORDERING.contains(&character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_not_played_with() {
        assert_eq!(printable("plain ü 日本"), "plain ü 日本");
        assert_eq!(printable("a\u{1b}[2Jb\r\n\u{9b}\u{202e}c"), "a\\u{1b}[2Jb\\r\\n\\u{9b}\\u{202e}c");
    }
}
