//! Tables as JSON, for programs: one object a table, in one line.

use std::fmt::Write;

use crate::partitioning::{PartitionColumn, Partitioning};
use crate::table::{Column, Kind, Origin, Table};

impl Table {
    /// The table as one JSON object without line breaks, for lakes of one partitioning.
    pub fn json(&self, partitioning: Partitioning) -> String {
        let columns = array(self.columns.iter().map(Column::json_object));
        let partitions = self.partitions(partitioning).iter().map(|column| self.partition_column_json(*column));
        let order = strings(self.order);
        object(&[
            ("name", string(self.name)),
            ("about", string(self.about)),
            ("columns", columns),
            ("partition_columns", array(partitions)),
            ("order", order),
        ])
    }

    fn partition_column_json(&self, column: PartitionColumn) -> String {
        object(&[
            ("name", string(column.name())),
            ("type", string(column.hive_type())),
            ("from", strings(self.routing.columns_for(column))),
            ("about", string(column.about())),
        ])
    }
}

impl Column {
    fn json_object(&self) -> String {
        let since = if self.since.is_empty() { "null".to_owned() } else { string(self.since) };
        object(&[
            ("name", string(self.name)),
            ("type", string(self.kind.hive_type())),
            ("json", (self.kind == Kind::Json).to_string()),
            ("origin", string(origin(self.origin))),
            ("from", strings(self.origin.paths())),
            ("since", since),
            ("bloom_filter", self.storage.has_bloom_filter().to_string()),
            ("about", string(self.about)),
        ])
    }
}

/// What stands at the paths that a column is from.
const fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Field(_) => "field",
        Origin::Seconds(_) => "seconds",
        Origin::Millis(_) => "milliseconds",
        Origin::Percent(_) => "percent-encoded",
        Origin::First(_) => "first",
        Origin::Trailhouse => "trailhouse",
    }
}

/// An object of members that are JSON already.
fn object(members: &[(&str, String)]) -> String {
    let members: Vec<String> = members.iter().map(|(key, value)| format!("{}:{value}", string(key))).collect();
    format!("{{{}}}", members.join(","))
}

fn array(elements: impl Iterator<Item = String>) -> String {
    format!("[{}]", elements.collect::<Vec<_>>().join(","))
}

fn strings(texts: &[&str]) -> String {
    array(texts.iter().map(|text| string(text)))
}

/// `text` as a JSON string.
pub fn string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    push_string(&mut quoted, text);
    quoted
}

/// Writes `text` as a JSON string behind what stands in `out`, in as few bytes as it can be written in.
pub fn push_string(out: &mut String, text: &str) {
    out.push('"');
    let mut plain = 0;
    // What is escaped is one byte long each.
    for (at, byte) in text.bytes().enumerate() {
        if !matches!(byte, b'"' | b'\\' | 0..=0x1f) {
            continue;
        }
        out.push_str(&text[plain..at]);
        plain = at + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0c => out.push_str("\\f"),
            // Writing into a string cannot fail.
            _ => _ = write!(out, "\\u{byte:04x}"),
        }
    }
    out.push_str(&text[plain..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_come_back_from_a_json_parser() {
        for text in ["", "plain", "\"\\/", "a\nb\tc\r\u{0}\u{1f}\u{7f}", "äöü 💥"] {
            assert_eq!(serde_json::from_str::<String>(&string(text)).unwrap(), text);
        }
    }
}
