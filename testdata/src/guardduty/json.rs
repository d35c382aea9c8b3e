//! JSON under construction, and the two ways in which findings are written: as AWS sends them, and as its command line
//! prints them.

use std::io::Write;

use crate::civil::push_instant;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Int(i64),
    /// A number with a point, or a string with escapes: as it stands.
    Raw(String),
    Text(String),
    /// Milliseconds since 1970: a number of seconds where AWS sends it, a date where the command line prints it.
    Moment(i64),
    List(Vec<Json>),
    /// Members with fixed keys. A key `wire|Printed` is called otherwise by the command line than by capitals alone.
    Object(Vec<(&'static str, Json)>),
    /// Members whose keys are data, which are never capitalised.
    Map(Vec<(String, Json)>),
}

/// An object with these members; a value can be anything that is a [`Json`].
macro_rules! object {
    ($($key:literal: $value:expr),* $(,)?) => {
        $crate::guardduty::json::Json::Object(vec![$(($key, $crate::guardduty::json::Json::from($value))),*])
    };
}

/// A list of these elements.
macro_rules! list {
    ($($value:expr),* $(,)?) => {
        $crate::guardduty::json::Json::List(vec![$($crate::guardduty::json::Json::from($value)),*])
    };
}

pub(crate) use {list, object};

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Json {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Json {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Json {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<u32> for Json {
    fn from(number: u32) -> Self {
        Self::Int(number.into())
    }
}

impl Json {
    /// The value of member `key` of an object.
    pub(crate) fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        let Self::Object(members) = self else { return None };
        members.iter_mut().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// The value that `path` leads to; of a list its first element.
    pub(crate) fn at_mut(&mut self, path: &[&str]) -> Option<&mut Self> {
        path.iter().try_fold(self, |place, key| match place {
            Self::List(elements) => elements.first_mut()?.get_mut(key),
            object => object.get_mut(key),
        })
    }

    /// Gives the object's member `key` this value, in its place, else at the end.
    pub(crate) fn set(&mut self, key: &'static str, value: impl Into<Self>) {
        let value = value.into();
        match (self.get_mut(key), value) {
            (Some(place), value) => *place = value,
            (None, value) => self.push(key, value),
        }
    }

    /// Adds a member at the object's end.
    pub(crate) fn push(&mut self, key: &'static str, value: impl Into<Self>) {
        if let Self::Object(members) = self {
            members.push((key, value.into()));
        }
    }

    /// Appends the value as AWS sends it: without blanks.
    pub(crate) fn write_wire(&self, out: &mut Vec<u8>) {
        match self {
            Self::List(elements) => {
                let write = |element: &Self, out: &mut Vec<u8>| element.write_wire(out);
                enclosed((b'[', b']'), elements, out, write);
            }
            Self::Object(members) => enclosed((b'{', b'}'), members, out, |(key, value), out| {
                push_text(wire_key(key), out);
                out.push(b':');
                value.write_wire(out);
            }),
            Self::Map(members) => enclosed((b'{', b'}'), members, out, |(key, value), out| {
                push_text(key, out);
                out.push(b':');
                value.write_wire(out);
            }),
            Self::Moment(milliseconds) => {
                let (second, rest) = (milliseconds.div_euclid(1_000), milliseconds.rem_euclid(1_000));
                let text = if rest == 0 { format!("{second}.0") } else { format!("{second}.{rest:03}") };
                out.extend_from_slice(text.as_bytes());
            }
            scalar => scalar.write_scalar(out),
        }
    }

    /// Appends the value as the command line prints it: capitals, four blanks a level, members that are null left out.
    pub(crate) fn write_printed(&self, depth: usize, out: &mut Vec<u8>) {
        match self {
            Self::List(elements) => indented((b'[', b']'), depth, elements, out, |element, out| {
                element.write_printed(depth + 1, out);
            }),
            Self::Object(members) => {
                let kept: Vec<_> = members.iter().filter(|(_, value)| *value != Self::Null).collect();
                indented((b'{', b'}'), depth, &kept, out, |(key, value), out| {
                    push_text(&printed_key(key), out);
                    out.extend_from_slice(b": ");
                    value.write_printed(depth + 1, out);
                });
            }
            Self::Map(members) => indented((b'{', b'}'), depth, members, out, |(key, value), out| {
                push_text(key, out);
                out.extend_from_slice(b": ");
                value.write_printed(depth + 1, out);
            }),
            Self::Moment(milliseconds) => push_printed_moment(*milliseconds, out),
            scalar => scalar.write_scalar(out),
        }
    }

    fn write_scalar(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Self::Int(number) => out.extend_from_slice(number.to_string().as_bytes()),
            Self::Raw(text) => out.extend_from_slice(text.as_bytes()),
            Self::Text(text) => push_text(text, out),
            Self::Moment(_) | Self::List(_) | Self::Object(_) | Self::Map(_) => {}
        }
    }
}

/// Appends `items` between brackets, with commas and nothing else.
fn enclosed<T>(brackets: (u8, u8), items: &[T], out: &mut Vec<u8>, write: impl Fn(&T, &mut Vec<u8>)) {
    out.push(brackets.0);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(item, out);
    }
    out.push(brackets.1);
}

/// Appends `items` between brackets, each on a line of its own.
fn indented<T>(brackets: (u8, u8), depth: usize, items: &[T], out: &mut Vec<u8>, write: impl Fn(&T, &mut Vec<u8>)) {
    out.push(brackets.0);
    for (index, item) in items.iter().enumerate() {
        out.extend_from_slice(if index > 0 { b",\n" } else { b"\n" });
        push_blanks(depth + 1, out);
        write(item, out);
    }
    if !items.is_empty() {
        out.push(b'\n');
        push_blanks(depth, out);
    }
    out.push(brackets.1);
}

/// Appends the blanks of `depth` levels.
pub(crate) fn push_blanks(depth: usize, out: &mut Vec<u8>) {
    out.extend(std::iter::repeat_n(b' ', 4 * depth));
}

fn wire_key(key: &'static str) -> &'static str {
    key.split_once('|').map_or(key, |(wire, _)| wire)
}

fn printed_key(key: &'static str) -> String {
    if let Some((_, printed)) = key.split_once('|') {
        return printed.to_owned();
    }
    let mut letters = key.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// Appends `2026-03-02T10:11:12.345000+00:00`, without a fraction that is zero: Python's own form.
fn push_printed_moment(milliseconds: i64, out: &mut Vec<u8>) {
    out.push(b'"');
    push_instant(milliseconds.div_euclid(1_000), out);
    out.pop();
    let rest = milliseconds.rem_euclid(1_000);
    let fraction = if rest == 0 { String::new() } else { format!(".{rest:03}000") };
    out.extend_from_slice(fraction.as_bytes());
    out.extend_from_slice(b"+00:00\"");
}

/// Appends a string, with escapes where JSON wants them.
fn push_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            0..0x20 => {
                // A vector takes all that is written to it.
                let _ = write!(out, "\\u{byte:04x}");
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Json {
        object! {
            "ipAddressV4": "198.51.100.7",
            "platform": Json::Null,
            "createdAt|TaskCreatedAt": Json::Moment(1_639_005_830_250),
            "tags": list![object! { "key": "a\"b\n", "value": true }],
            "affectedResources": Json::Map(vec![("AWS::S3::Bucket".to_owned(), Json::from("x"))]),
            "empty": list![],
        }
    }

    #[test]
    fn the_wire_has_no_blanks() {
        let mut out = Vec::new();
        sample().write_wire(&mut out);
        let text = r#"{"ipAddressV4":"198.51.100.7","platform":null,"createdAt":1639005830.250,"tags":[{"key":"a\"b\n","value":true}],"affectedResources":{"AWS::S3::Bucket":"x"},"empty":[]}"#;
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }

    #[test]
    fn the_command_line_prints_capitals_and_no_nulls() {
        let mut out = Vec::new();
        sample().write_printed(0, &mut out);
        let text = r#"{
    "IpAddressV4": "198.51.100.7",
    "TaskCreatedAt": "2021-12-08T23:23:50.250000+00:00",
    "Tags": [
        {
            "Key": "a\"b\n",
            "Value": true
        }
    ],
    "AffectedResources": {
        "AWS::S3::Bucket": "x"
    },
    "Empty": []
}"#;
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }

    #[test]
    fn paths_lead_through_lists() {
        let mut json = sample();
        assert!(json.at_mut(&["tags", "value"]).is_some());
        assert!(json.at_mut(&["tags", "other"]).is_none());
        json.set("platform", "windows");
        assert_eq!(json.get_mut("platform"), Some(&mut Json::from("windows")));
    }
}
