//! One record under construction: its members, in the order in which they will be written.

/// A record's members. The text is kept apart from the order, so that hazards can move, drop and repeat members.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    text: Vec<u8>,
    members: Vec<Member>,
}

#[derive(Debug, Clone)]
struct Member {
    key: &'static str,
    value: std::ops::Range<usize>,
}

/// How a record is put into text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Layout {
    /// As AWS writes it: no blanks.
    Dense,
    /// With blanks and line breaks wherever JSON allows them.
    Spaced,
    /// Dense, and each key has a letter written as an escape.
    EscapedKeys,
}

impl Draft {
    /// Forgets the record before.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.members.clear();
    }

    /// Adds a member whose value `write` writes.
    pub(crate) fn raw(&mut self, key: &'static str, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.text.len();
        write(&mut self.text);
        self.members.push(Member { key, value: start..self.text.len() });
    }

    /// Adds a member whose value is the string `value`, which needs no escapes.
    pub(crate) fn string(&mut self, key: &'static str, value: &str) {
        self.raw(key, |out| {
            out.push(b'"');
            out.extend_from_slice(value.as_bytes());
            out.push(b'"');
        });
    }

    /// Adds a boolean member.
    pub(crate) fn bool(&mut self, key: &'static str, value: bool) {
        self.raw(key, |out| out.extend_from_slice(if value { b"true" } else { b"false" }));
    }

    /// Gives the member `key` another value, in its place; adds it where it is missing.
    pub(crate) fn replace(&mut self, key: &'static str, value: &[u8]) {
        let start = self.text.len();
        self.text.extend_from_slice(value);
        let value = start..self.text.len();
        match self.members.iter_mut().find(|member| member.key == key) {
            Some(member) => member.value = value,
            None => self.members.push(Member { key, value }),
        }
    }

    /// Keeps the members whose key `keep` approves of.
    pub(crate) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.members.retain(|member| keep(member.key));
    }

    /// Lets `change` reorder the members' places.
    pub(crate) fn reorder(&mut self, change: impl FnOnce(&mut [usize])) {
        let mut order: Vec<usize> = (0..self.members.len()).collect();
        change(&mut order);
        self.members = order.iter().map(|place| self.members[*place].clone()).collect();
    }

    /// The text of member `key`'s value.
    pub(crate) fn value(&self, key: &str) -> Option<&[u8]> {
        let member = self.members.iter().find(|member| member.key == key)?;
        Some(&self.text[member.value.clone()])
    }

    /// Appends the record.
    pub(crate) fn write(&self, layout: Layout, out: &mut Vec<u8>) {
        let (open, colon, comma, close): (&[u8], &[u8], &[u8], &[u8]) = match layout {
            Layout::Spaced => (b" {\n\t", b" : ", b" ,\r\n\t", b"\n} "),
            Layout::Dense | Layout::EscapedKeys => (b"{", b":", b",", b"}"),
        };
        for (index, member) in self.members.iter().enumerate() {
            out.extend_from_slice(if index == 0 { open } else { comma });
            write_key(member.key, layout, out);
            out.extend_from_slice(colon);
            out.extend_from_slice(&self.text[member.value.clone()]);
        }
        out.extend_from_slice(close);
    }
}

fn write_key(key: &str, layout: Layout, out: &mut Vec<u8>) {
    out.push(b'"');
    match (layout, key.as_bytes()) {
        (Layout::EscapedKeys, [first, rest @ ..]) => {
            out.extend_from_slice(format!("\\u{first:04x}").as_bytes());
            out.extend_from_slice(rest);
        }
        (_, plain) => out.extend_from_slice(plain),
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_layout_is_the_same_record() {
        let mut draft = Draft::default();
        draft.string("eventName", "GetObject");
        draft.bool("readOnly", true);
        draft.replace("eventName", b"\"PutObject\"");
        for layout in [Layout::Dense, Layout::Spaced, Layout::EscapedKeys] {
            let mut out = Vec::new();
            draft.write(layout, &mut out);
            let record: serde_json::Value = serde_json::from_slice(&out).unwrap();
            assert_eq!(record, serde_json::json!({"eventName": "PutObject", "readOnly": true}), "{layout:?}");
        }
    }
}
