//! The slow way to an element's end, byte by byte: for what the index cannot hold.

/// Strings and brackets, and nothing else of JSON. A backslash escapes the next byte wherever it stands.
#[derive(Debug, Default, Clone)]
pub(super) struct Lexer {
    depth: u64,
    in_string: bool,
    escaped: bool,
}

impl Lexer {
    /// The position in `bytes` of the comma or closing bracket that ends the element; call again with the bytes behind
    /// when there is none.
    pub(super) fn find_end(&mut self, bytes: &[u8]) -> Option<usize> {
        bytes.iter().position(|byte| self.ends_at(*byte))
    }

    /// Takes one byte. Whether it ends the element; it is not taken then.
    pub(super) fn ends_at(&mut self, byte: u8) -> bool {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => self.in_string = !self.in_string,
            _ if self.in_string => {}
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' if self.depth > 0 => self.depth -= 1,
            b'}' | b']' => return true,
            b',' => return self.depth == 0,
            _ => {}
        }
        false
    }

    /// Whether a closing bracket would end the element.
    pub(super) fn is_outermost(&self) -> bool {
        self.depth == 0 && !self.in_string && !self.escaped
    }

    /// Whether the byte taken last is inside a string.
    pub(super) fn is_in_string(&self) -> bool {
        self.in_string
    }

    /// The brackets that are open.
    pub(super) fn depth(&self) -> u64 {
        self.depth
    }

    /// Whether the byte taken last opened the first bracket.
    pub(super) fn is_at_depth_one(&self) -> bool {
        self.depth == 1 && !self.in_string
    }
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// `text` without JSON's blanks at its end; a form feed, which Rust calls a blank too, is none of them.
pub(super) fn trim_end(text: &[u8]) -> &[u8] {
    let length = text.iter().rposition(|byte| !is_blank(*byte)).map_or(0, |last| last + 1);
    &text[..length]
}
