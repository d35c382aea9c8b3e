//! Text on its way to a terminal, on which a log's control characters must not act.

use std::io::{self, Write};

use crate::talk::{is_trick, printable};

/// How what is not printed is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spelling {
    /// As in messages: `\u{1b}`.
    Plain,
    /// As JSON does it, so that a line stays the same value: `\u001b`.
    Json,
}

/// Spells out everything but line breaks that moves the cursor, changes colours or turns letters around.
pub(crate) struct Terminal<W> {
    out: W,
    spelling: Spelling,
    /// The beginning of a character whose end is still to come.
    held: Vec<u8>,
}

impl<W: Write> Terminal<W> {
    pub(crate) fn new(out: W, spelling: Spelling) -> Self {
        Self { out, spelling, held: Vec::new() }
    }

    fn print(&mut self, text: &str) -> io::Result<()> {
        if !text.contains(|character| character != '\n' && is_trick(character)) {
            return self.out.write_all(text.as_bytes());
        }
        let mut spelled = String::with_capacity(text.len());
        for character in text.chars() {
            match (character, self.spelling) {
                ('\n', _) => spelled.push(character),
                (character, Spelling::Json) if is_trick(character) => {
                    spelled.push_str(&format!("\\u{:04x}", u32::from(character)));
                }
                (character, _) => spelled.push_str(&printable(character.encode_utf8(&mut [0; 4]))),
            }
        }
        self.out.write_all(spelled.as_bytes())
    }
}

impl<W: Write> Write for Terminal<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        let held = std::mem::take(&mut self.held);
        let mut end = 0;
        for chunk in held.utf8_chunks() {
            self.print(chunk.valid())?;
            end += chunk.valid().len() + chunk.invalid().len();
            // What stops at the end may go on with the next bytes.
            let is_begun = std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
            if end == held.len() && is_begun {
                self.held = chunk.invalid().to_vec();
            } else if !chunk.invalid().is_empty() {
                self.print("\u{fffd}")?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(spelling: Spelling, pieces: &[&[u8]]) -> String {
        let mut terminal = Terminal::new(Vec::new(), spelling);
        pieces.iter().for_each(|piece| terminal.write_all(piece).unwrap());
        String::from_utf8(terminal.out).unwrap()
    }

    #[test]
    fn a_terminal_is_not_played_with() {
        let text = "a\u{1b}[2J\u{9b}\u{202e}é\r\n".as_bytes();
        assert_eq!(through(Spelling::Plain, &[text]), "a\\u{1b}[2J\\u{9b}\\u{202e}é\\r\n");
        assert_eq!(through(Spelling::Json, &[text]), "a\\u001b[2J\\u009b\\u202eé\\u000d\n");
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(through(Spelling::Plain, &bytes), through(Spelling::Plain, &[text]), "wherever it is cut");
        assert_eq!(through(Spelling::Plain, &[b"a\xffb"]), "a\u{fffd}b");
    }
}
