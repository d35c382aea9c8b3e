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

/// `text` with its control characters spelled out.
pub(crate) fn printable(text: &str) -> String {
    if !text.contains(char::is_control) {
        return text.to_owned();
    }
    let spell = |character: char| match character.is_control() {
        true => character.escape_default().to_string(),
        false => character.to_string(),
    };
    text.chars().map(spell).collect()
}
