//! What an object's key, and its first bytes, say about it.

use std::io::Read;

use flate2::bufread::MultiGzDecoder;

use crate::time::{Day, day_of_digits};

/// The first two bytes of a gzip member.
pub(crate) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Inflated bytes that are looked at to tell what an object with an unknown key is.
const HEAD_BYTES: u64 = 512;

/// What an object's key says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFacts {
    /// The kind of log that is delivered under such keys.
    pub format: KeyFormat,
    /// The account's 12 digits.
    pub account: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The day of delivery.
    pub day: Option<Day>,
}

/// The kind of log that a key belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFormat {
    /// Management, data, network-activity or aggregated events.
    CloudTrail,
    /// Another of AWS's folders, by its name; not read yet.
    Other(&'static str),
    /// No folder of AWS: the object's first bytes must tell.
    Unknown,
}

const CLOUDTRAIL_FOLDERS: [&str; 3] = ["CloudTrail", "CloudTrail-NetworkActivity", "CloudTrail-Aggregated"];
const OTHER_FOLDERS: [&str; 5] = ["CloudTrail-Insight", "CloudTrail-Digest", "vpcflowlogs", "GuardDuty", "Config"];

impl KeyFacts {
    /// Reads a key such as `AWSLogs/111122223333/CloudTrail/us-east-1/2026/01/31/….json.gz`, whatever stands before.
    ///
    /// Whole components count, never parts of them; a `CloudTrail` file outside such folders is known by its name.
    pub fn of(address: &str) -> Self {
        let parts: Vec<&str> = address.split('/').collect();
        let (folders, name) = parts.split_at(parts.len() - 1);
        let Some((at, format)) = folders.iter().enumerate().rev().find_map(|(at, part)| Some((at, folder(part)?)))
        else {
            return Self::of_name(name[0]);
        };
        let account = folders[..at].iter().rev().find(|part| is_account(part)).map(|part| (*part).to_owned());
        let region = folders.get(at + 1).filter(|part| is_region(part)).map(|part| (*part).to_owned());
        let day = folders.get(at + 2..at + 5).and_then(day_of_folders).or_else(|| Self::of_name(name[0]).day);
        Self { format, account, region, day }
    }

    /// Reads a name such as `111122223333_CloudTrail_us-east-1_20260131T2355Z_0123456789abcdef.json.gz`.
    fn of_name(name: &str) -> Self {
        let fields: Vec<&str> = name.split('_').collect();
        let unknown = Self { format: KeyFormat::Unknown, account: None, region: None, day: None };
        let &[account, format, region, time, ..] = fields.as_slice() else { return unknown };
        let Some(format) = folder(format).filter(|_| is_account(account)) else { return unknown };
        let day = time.as_bytes().get(..8).and_then(day_of_digits);
        let region = is_region(region).then(|| region.to_owned());
        Self { format, account: Some(account.to_owned()), region, day }
    }
}

fn folder(part: &str) -> Option<KeyFormat> {
    if CLOUDTRAIL_FOLDERS.contains(&part) {
        return Some(KeyFormat::CloudTrail);
    }
    OTHER_FOLDERS.iter().find(|folder| **folder == part).map(|folder| KeyFormat::Other(folder))
}

/// Whether `text` is an account id.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_region(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.contains('-')
}

fn day_of_folders(folders: &[&str]) -> Option<Day> {
    let [year, month, day] = folders else { return None };
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    day_of_digits([*year, *month, *day].concat().as_bytes())
}

/// Whether the first inflated bytes of an object are those of a CloudTrail object.
pub fn looks_like_cloudtrail(head: &[u8]) -> bool {
    let mut rest = head;
    for token in [&b"{"[..], b"\"Records\"", b":"] {
        let Some(behind) = rest.trim_ascii_start().strip_prefix(token) else { return false };
        rest = behind;
    }
    true
}

/// The first inflated bytes of an object, given the first stored ones; fewer when they are damaged.
pub fn inflate_head(stored: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    if stored.starts_with(&GZIP_MAGIC) {
        // An error behind the first bytes is the reader's to report; what came before it is enough to tell the kind.
        let _ = MultiGzDecoder::new(stored).take(HEAD_BYTES).read_to_end(&mut head);
    } else {
        head.extend(stored.iter().take(HEAD_BYTES as usize));
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_every_layout() {
        let plain = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/01/31/111122223333_CloudTrail_us-east-1_20260131T2355Z_a.json.gz";
        let facts = KeyFacts::of(plain);
        assert_eq!(facts.format, KeyFormat::CloudTrail);
        assert_eq!(facts.account.as_deref(), Some("111122223333"));
        assert_eq!(facts.region.as_deref(), Some("us-east-1"));
        assert_eq!(facts.day.map(|day| day.to_string()).as_deref(), Some("2026-01-31"));
        assert_eq!(KeyFacts::of(&format!("pre/fix/{plain}")), facts);
        assert_eq!(KeyFacts::of(&plain.replace("AWSLogs/", "AWSLogs/o-abc123/")), facts);
        assert_eq!(KeyFacts::of(plain.rsplit('/').next().unwrap()), facts);
    }

    #[test]
    fn a_part_of_a_component_is_no_folder() {
        assert_eq!(KeyFacts::of("AWSLogs/1/CloudTrail-Digest/x/y.gz").format, KeyFormat::Other("CloudTrail-Digest"));
        assert_eq!(KeyFacts::of("MyCloudTrail/x.json.gz").format, KeyFormat::Unknown);
        assert_eq!(KeyFacts::of("").format, KeyFormat::Unknown);
        assert_eq!(KeyFacts::of("AWSLogs/../CloudTrail/r/2026/13/40/x").day, None);
    }

    #[test]
    fn first_bytes() {
        assert!(looks_like_cloudtrail(b" {\n \"Records\" : ["));
        assert!(!looks_like_cloudtrail(b"{\"messageType\":"));
        assert_eq!(inflate_head(b"{\"Records\""), b"{\"Records\"");
    }
}
