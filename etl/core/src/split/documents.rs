//! Where a JSON document ends that stands among others, one behind the other or one a line.
//!
//! Only strings and brackets count. A document may be spread over lines; but a line feed inside a string, or a `{` that
//! begins a line where JSON allows none, shows that the line before was cut off: what is broken then ends with it, and the
//! documents behind it are read.

/// Brackets whose kind is remembered, the innermost ones; a document that is nested deeper is rejected anyway.
const REMEMBERED: u32 = u128::BITS;

/// Reads one document, in pieces of any size.
#[derive(Debug, Default, Clone)]
pub(crate) struct DocumentLexer {
    depth: u32,
    /// A bit for each open bracket, the innermost lowest: whether it is `[`.
    arrays: u128,
    /// How many of those bits are known.
    remembered: u32,
    in_string: bool,
    is_escaped: bool,
    /// The last byte outside strings that is not blank.
    last: u8,
    taken: u64,
    /// Where the line ended that `last` stands in.
    line_end: Option<u64>,
}

/// How a document ends, and where, counted from its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DocumentEnd {
    /// Its brackets have closed.
    Whole(u64),
    /// It was cut off at the end of a line.
    CutOff(u64),
}

impl DocumentLexer {
    /// Takes bytes until the document has ended. The first byte of all opens it.
    pub(crate) fn find_end(&mut self, bytes: &[u8]) -> Option<DocumentEnd> {
        for byte in bytes {
            let end = if self.in_string { self.in_string(*byte) } else { self.outside(*byte) };
            if end.is_some() {
                return end;
            }
            self.taken += 1;
        }
        None
    }

    fn in_string(&mut self, byte: u8) -> Option<DocumentEnd> {
        match byte {
            b'\n' => return Some(DocumentEnd::CutOff(self.taken)),
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' => self.is_escaped = true,
            b'"' => self.in_string = false,
            _ => {}
        }
        None
    }

    fn outside(&mut self, byte: u8) -> Option<DocumentEnd> {
        match byte {
            b'\n' => self.line_end = self.line_end.or(Some(self.taken)),
            b' ' | b'\t' | b'\r' => {}
            _ => {
                let line_end = self.line_end.take();
                if let (b'{', Some(end), false) = (byte, line_end, self.allows_object()) {
                    return Some(DocumentEnd::CutOff(end));
                }
                self.last = byte;
                return self.token(byte);
            }
        }
        None
    }

    fn token(&mut self, byte: u8) -> Option<DocumentEnd> {
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => {
                self.depth += 1;
                self.arrays = self.arrays << 1 | u128::from(byte == b'[');
                self.remembered = REMEMBERED.min(self.remembered + 1);
            }
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                self.arrays >>= 1;
                self.remembered = self.remembered.saturating_sub(1);
                if self.depth == 0 {
                    return Some(DocumentEnd::Whole(self.taken + 1));
                }
            }
            _ => {}
        }
        None
    }

    /// Whether JSON allows an object behind the byte that was last.
    fn allows_object(&self) -> bool {
        let is_in_array = self.arrays & 1 == 1;
        let is_forgotten = self.remembered == 0;
        match self.last {
            b':' => !is_in_array || is_forgotten,
            b'[' | b',' => is_in_array || is_forgotten,
            // Before the document's own bracket.
            0 => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DocumentEnd::{CutOff, Whole};

    fn end(text: &str) -> Option<DocumentEnd> {
        let end = DocumentLexer::default().find_end(text.as_bytes());
        for cut in 0..text.len() {
            let (first, rest) = text.as_bytes().split_at(cut);
            let mut lexer = DocumentLexer::default();
            let in_pieces = lexer.find_end(first).or_else(|| lexer.find_end(rest));
            assert_eq!(in_pieces, end, "{text:?} cut at {cut}");
        }
        end
    }

    #[test]
    fn documents_end_where_their_brackets_close() {
        assert_eq!(end("{}"), Some(Whole(2)));
        assert_eq!(end(r#"{"a":"}\"{"} {"#), Some(Whole(12)));
        assert_eq!(end("{\n \"a\": [\n {\n },\n {\n }\n ],\n \"b\":\n {\n }\n}x"), Some(Whole(40)));
        assert_eq!(end(r#"{"a":[{"#), None);
    }

    #[test]
    fn what_surrounds_brackets_beyond_those_remembered_cuts_nothing_off() {
        let deep = REMEMBERED as usize;
        for (opening, closing) in [("[", "]"), ("[[[", "]]]"), ("[{\"b\":[", "]}]")] {
            let text = format!("{{\"a\":{opening}{}{},\n{{}}{closing}}}", "[".repeat(deep), "]".repeat(deep));
            assert_eq!(end(&text), Some(Whole(text.len() as u64)), "{text}");
        }
    }

    #[test]
    fn a_line_that_was_cut_off_ends_its_document() {
        for cut in [r#"{"a":"#, r#"{"a":"b"#, r#"{"a":{"b":1,"#, r#"{"a":{"#, r#"{"a":1"#, r#"{"a":[1"#, r#"{"a":"\"#] {
            let text = format!("{cut}\n{{\"next\":1}}\n");
            let expected = match cut {
                // As far as anyone can tell.
                r#"{"a":"# => None,
                _ => Some(CutOff(cut.len() as u64)),
            };
            assert_eq!(end(&text), expected, "{cut}");
        }
    }
}
