//! What an object is: by its key, and where that does not say it, by its first bytes. Never by how many columns it has.

use std::io::Read;

use flate2::bufread::MultiGzDecoder;

use crate::format::Format;
use crate::header::Header;
use crate::inflate::{BYTE_ORDER_MARK, GZIP_MAGIC};
use crate::key::{KeyFacts, KeyKind};
use crate::time::InstantReader;
use crate::transcribe::PARQUET_MAGIC;

/// Inflated bytes that are looked at.
const HEAD_BYTES: u64 = 16 << 10;
/// The object by which CloudWatch Logs tries whether it may write, and all of its content.
const PROBE: (&str, &[u8]) = ("aws-logs-write-test", b"Permission Check Successful");

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// One that is read.
    Log(Format),
    /// A log of AWS's that is not read, by the name of its folder.
    Foreign(&'static str),
    /// Nothing that is known.
    Unknown,
}

/// What the object at `address` is, whose first stored bytes are `stored`: at least a few thousand, if there are so many.
pub fn classify(address: &str, key: &KeyFacts, stored: &[u8]) -> Class {
    match key.kind {
        KeyKind::Log(format) => Class::Log(written(format, stored)),
        KeyKind::Foreign(folder) => Class::Foreign(folder),
        KeyKind::Unknown => of_head(address, &inflate_head(stored)).map_or(Class::Unknown, Class::Log),
    }
}

/// How an object of `format`, as its key or somebody says, is written, by its first stored bytes: flow logs are Parquet too.
pub fn written(format: Format, stored: &[u8]) -> Format {
    match format {
        format if needs_head(format) && stored.starts_with(PARQUET_MAGIC) => Format::FlowParquet,
        format => format,
    }
}

/// Whether [`written`] looks at the first bytes of objects of `format`.
pub fn needs_head(format: Format) -> bool {
    format == Format::Flow
}

fn of_head(address: &str, head: &[u8]) -> Option<Format> {
    let text = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head).trim_ascii_start();
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default().trim_ascii_end();
    if address.rsplit('/').next() == Some(PROBE.0) && line == PROBE.1 {
        return Some(Format::Probe);
    }
    match text.first()? {
        b'{' | b'[' => of_keys(text),
        _ if Header::parse(line).is_some() => Some(Format::Flow),
        _ if is_export_line(line) => Some(Format::CloudWatchExport),
        _ => None,
    }
}

fn is_export_line(line: &[u8]) -> bool {
    let time = line.get(..24).filter(|_| line.get(24) == Some(&b' '));
    time.is_some_and(|time| time[19] == b'.' && InstantReader::default().read(time).is_some())
}

/// The format of a document, or of the first element of an array, with such keys.
fn of_keys(text: &[u8]) -> Option<Format> {
    let members = first_members(text);
    let has = |key: &str| value(&members, key).is_some();
    let is_array = text.starts_with(b"[");
    match () {
        // What S3 says of new objects looks alike, but is no log.
        () if has("Records") => (!is_notification(&members)).then_some(Format::CloudTrail),
        () if has("logEvents") || has("messageType") => Some(Format::CloudWatchLogs),
        () if has("detail-type") => Some(Format::Json),
        () if has("findings") || has("Findings") => Some(Format::GuardDuty),
        () if has("schemaVersion") || has("SchemaVersion") => Some(Format::GuardDuty),
        () if has("digestStartTime") || has("digestS3Bucket") => Some(Format::Digest),
        () if has("ledgerVersion") => Some(Format::Incidents),
        () if has("eventVersion") && is_array => Some(Format::CloudTrail),
        () if has("eventVersion") => Some(Format::Json),
        () => None,
    }
}

/// Whether the first of the `Records` has a source as S3 and its like name themselves; CloudTrail's are host names.
fn is_notification(members: &[Member<'_>]) -> bool {
    let records = value(members, "Records").map(first_members).unwrap_or_default();
    value(&records, "eventSource").is_some_and(|source| source.starts_with(b"\"aws:"))
}

/// A key, and the text from its value on.
type Member<'t> = (&'t [u8], &'t [u8]);

fn value<'t>(members: &[Member<'t>], wanted: &str) -> Option<&'t [u8]> {
    members.iter().find(|(key, _)| *key == wanted.as_bytes()).map(|(_, value)| *value)
}

/// The members of the first object of a document or array, as far as they are there.
fn first_members(text: &[u8]) -> Vec<Member<'_>> {
    let (mut members, mut depth, mut at) = (Vec::new(), 0_i32, 0);
    let own = if text.starts_with(b"[") { 2 } else { 1 };
    while let Some(byte) = text.get(at) {
        match byte {
            b'"' => {
                let Some(end) = string_end(text, at + 1) else { break };
                let value = text[end + 1..].trim_ascii_start().strip_prefix(b":");
                if let (true, Some(value)) = (depth == own, value) {
                    members.push((&text[at + 1..end], value.trim_ascii_start()));
                }
                at = end;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth < own {
                    break;
                }
            }
            _ => {}
        }
        at += 1;
    }
    members
}

fn string_end(text: &[u8], mut at: usize) -> Option<usize> {
    loop {
        match text.get(at)? {
            b'"' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// The first inflated bytes of an object, given the first stored ones; fewer when they are damaged.
fn inflate_head(stored: &[u8]) -> Vec<u8> {
    let mut head = stored[..stored.len().min(HEAD_BYTES as usize)].to_vec();
    let mut layer = stored.to_vec();
    // Firehose may compress what was compressed before.
    for _ in 0..2 {
        if !layer.starts_with(&GZIP_MAGIC) {
            break;
        }
        head = Vec::new();
        // An error behind the first bytes is the reader's to report; what came before it is enough to tell the kind.
        let _ = MultiGzDecoder::new(&layer[..]).take(HEAD_BYTES).read_to_end(&mut head);
        layer.clone_from(&head);
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(address: &str, head: &[u8]) -> Class {
        classify(address, &KeyFacts::of(address), head)
    }

    #[test]
    fn the_key_decides_where_it_says_something() {
        let key = |folder: &str| format!("AWSLogs/111122223333/{folder}/us-east-1/2026/01/31/x.gz");
        assert_eq!(class(&key("CloudTrail"), b"anything"), Class::Log(Format::CloudTrail));
        assert_eq!(class(&key("GuardDuty"), b"{\"Records\":[]}"), Class::Log(Format::GuardDuty));
        assert_eq!(class(&key("vpcflowlogs"), b"x"), Class::Log(Format::Flow));
        assert_eq!(class(&key("vpcflowlogs"), b"PAR1..."), Class::Log(Format::FlowParquet));
        assert_eq!(class(&key("CloudTrail"), b"PAR1..."), Class::Log(Format::CloudTrail));
        assert_eq!(class(&key("Config"), b"{}"), Class::Foreign("Config"));
    }

    #[test]
    fn first_bytes_decide_else() {
        for (head, format) in [
            (" {\n \"Records\" : [", Some(Format::CloudTrail)),
            ("[{\"eventVersion\":\"1.08\"", Some(Format::CloudTrail)),
            ("{\"eventVersion\":\"1.08\"", Some(Format::Json)),
            ("{\"owner\":\"1\",\"logEvents\":[", Some(Format::CloudWatchLogs)),
            ("{\"version\":\"0\",\"detail-type\":\"GuardDuty Finding\"", Some(Format::Json)),
            ("{\"schemaVersion\":\"2.0\",\"accountId\":", Some(Format::GuardDuty)),
            ("{\n    \"Findings\": [", Some(Format::GuardDuty)),
            ("{\"awsAccountId\":\"1\",\"digestStartTime\":", Some(Format::Digest)),
            ("{\"ledgerVersion\":\"1\"", Some(Format::Incidents)),
            ("account-id action bytes dstaddr\n1", Some(Format::Flow)),
            ("2015-05-28T15:27:35.000Z {\"eventVersion\"", Some(Format::CloudWatchExport)),
            ("{\"Records\":[{\"eventVersion\":\"2.1\",\"eventSource\":\"aws:s3\"", None),
            ("{\"Records\": [\n {\"eventVersion\": \"2.1\", \"eventSource\" : \"aws:s3\"", None),
            ("{\"Records\":[{\"requestParameters\":{\"eventSource\":\"aws:s3\"}}", Some(Format::CloudTrail)),
            ("\u{feff}{\"Records\":[", Some(Format::CloudTrail)),
            ("\u{feff}account-id action bytes dstaddr\n1", Some(Format::Flow)),
            ("{\"a\":{\"logEvents\":[]}}", None),
            ("2 123456789010 eni-1 - - - - - - - 1 2 - NODATA", None),
            ("Permission Check Successful", None),
            ("PAR1\x15\x04", None),
            ("", None),
        ] {
            assert_eq!(class("some/name", head.as_bytes()), format.map_or(Class::Unknown, Class::Log), "{head}");
        }
        let probe = class("exportedlogs/aws-logs-write-test", b"Permission Check Successful");
        assert_eq!(probe, Class::Log(Format::Probe));
    }
}
