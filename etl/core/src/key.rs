//! What an object's key says about it.

use crate::format::Format;
use crate::time::{Day, day_of_digits};

/// What an object's key says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyFacts {
    /// The kind of log that is delivered under such keys.
    pub kind: KeyKind,
    /// The account's 12 digits.
    pub account: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The day of delivery.
    pub day: Option<Day>,
}

/// The kind of log that a key belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum KeyKind {
    /// One that is read.
    Log(Format),
    /// Another one of AWS's, by the name of its folder.
    Foreign(&'static str),
    /// The object's first bytes must tell.
    #[default]
    Unknown,
}

/// The folders that AWS delivers logs in, which are also a word in the names of the files.
const FOLDERS: [(&str, KeyKind); 11] = [
    ("CloudTrail", KeyKind::Log(Format::CloudTrail)),
    ("CloudTrail-NetworkActivity", KeyKind::Log(Format::CloudTrail)),
    ("CloudTrail-Aggregated", KeyKind::Log(Format::CloudTrail)),
    ("CloudTrail-Insight", KeyKind::Log(Format::Insights)),
    ("CloudTrail-Digest", KeyKind::Log(Format::Digest)),
    ("vpcflowlogs", KeyKind::Log(Format::Flow)),
    ("GuardDuty", KeyKind::Log(Format::GuardDuty)),
    ("Config", KeyKind::Foreign("Config")),
    ("elasticloadbalancing", KeyKind::Foreign("elasticloadbalancing")),
    ("vpcdnsquerylogs", KeyKind::Foreign("vpcdnsquerylogs")),
    ("WAFLogs", KeyKind::Foreign("WAFLogs")),
];

/// What stands before a format's name in the folders of its rebuilt records, where AWS has none for it.
pub(crate) const OWN_FOLDER: &str = "Trailhouse-";

/// What stands before the value in the folders of keys that are written in Hive's way.
const HIVE_NAMES: [&str; 8] =
    ["aws-account-id", "aws-service", "service", "aws-region", "year", "month", "day", "hour"];

impl KeyFacts {
    /// Reads a key such as `AWSLogs/111122223333/CloudTrail/us-east-1/2026/01/31/….json.gz`, whatever stands before; or
    /// the same with Hive's names before its values, as in `aws-account-id=111122223333`.
    ///
    /// Whole components count, never parts of them; a file outside such folders is known by its name.
    pub fn of(address: &str) -> Self {
        let parts: Vec<&str> = address.split('/').map(hive_value).collect();
        let (folders, name) = parts.split_at(parts.len() - 1);
        // Below a folder of our own, a log stream's may have any name.
        let own = folders.iter().position(|part| part.starts_with(OWN_FOLDER));
        let candidates = own.map_or(folders, |own| &folders[..=own]);
        let Some((at, kind)) = candidates.iter().enumerate().rev().find_map(|(at, part)| Some((at, kind_of(part)?)))
        else {
            let facts = Self::of_name(name[0]);
            let day = facts.day.or_else(|| folders.windows(3).rev().find_map(day_of_folders));
            return Self { day, ..facts };
        };
        let account = folders[..at].iter().rev().find(|part| is_account(part)).map(|part| (*part).to_owned());
        let region = folders.get(at + 1).filter(|part| is_region(part)).map(|part| (*part).to_owned());
        let day = folders.get(at + 2..at + 5).and_then(day_of_folders).or_else(|| Self::of_name(name[0]).day);
        Self { kind, account, region, day }
    }

    /// Reads a name such as `111122223333_CloudTrail_us-east-1_20260131T2355Z_0123456789abcdef.json.gz`. Flow logs and
    /// digests have more words before the time.
    fn of_name(name: &str) -> Self {
        let fields: Vec<&str> = name.split('_').collect();
        let &[account, kind, region, ref rest @ ..] = fields.as_slice() else { return Self::default() };
        let Some(kind) = kind_of(kind).filter(|_| is_account(account)) else { return Self::default() };
        let day = rest.iter().find_map(|word| day_of_time(word));
        let region = is_region(region).then(|| region.to_owned());
        Self { kind, account: Some(account.to_owned()), region, day }
    }
}

fn hive_value(part: &str) -> &str {
    match part.split_once('=') {
        Some((name, value)) if HIVE_NAMES.contains(&name) => value,
        _ => part,
    }
}

fn kind_of(part: &str) -> Option<KeyKind> {
    if let Some(format) = part.strip_prefix(OWN_FOLDER) {
        return format.parse().ok().map(KeyKind::Log);
    }
    FOLDERS.iter().find(|(folder, _)| *folder == part).map(|(_, kind)| *kind)
}

/// Whether `text` is an account id.
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_region(text: &str) -> bool {
    !text.is_empty() && text.len() <= 64 && text.contains('-')
}

/// The day of `20260131T2355Z`.
fn day_of_time(word: &str) -> Option<Day> {
    let bytes = word.as_bytes();
    (bytes.get(8) == Some(&b'T')).then(|| day_of_digits(&bytes[..8])).flatten()
}

fn day_of_folders(folders: &[&str]) -> Option<Day> {
    let [year, month, day] = folders else { return None };
    if (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    day_of_digits([*year, *month, *day].concat().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_every_layout() {
        let plain = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/01/31/111122223333_CloudTrail_us-east-1_20260131T2355Z_a.json.gz";
        let facts = KeyFacts::of(plain);
        assert_eq!(facts.kind, KeyKind::Log(Format::CloudTrail));
        assert_eq!(facts.account.as_deref(), Some("111122223333"));
        assert_eq!(facts.region.as_deref(), Some("us-east-1"));
        assert_eq!(facts.day.map(|day| day.to_string()).as_deref(), Some("2026-01-31"));
        assert_eq!(KeyFacts::of(&format!("pre/fix/{plain}")), facts);
        assert_eq!(KeyFacts::of(&plain.replace("AWSLogs/", "AWSLogs/o-abc123/")), facts);
        assert_eq!(KeyFacts::of(plain.rsplit('/').next().unwrap()), facts);
    }

    #[test]
    fn keys_of_flow_logs() {
        let name = "111122223333_vpcflowlogs_us-east-1_fl-0123_20260131T2355Z_ab12cd34.log.gz";
        let plain = KeyFacts::of(&format!("AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/01/31/{name}"));
        assert_eq!(plain.kind, KeyKind::Log(Format::Flow));
        assert_eq!(plain.day.map(|day| day.to_string()).as_deref(), Some("2026-01-31"));
        for service in ["aws-service", "service"] {
            let hive = format!(
                "p/AWSLogs/aws-account-id=111122223333/{service}=vpcflowlogs/aws-region=us-east-1/year=2026/month=01/day=31/hour=23/{name}"
            );
            assert_eq!(KeyFacts::of(&hive), plain);
        }
        assert_eq!(KeyFacts::of(name), plain);
    }

    #[test]
    fn keys_without_a_folder_of_aws() {
        let facts = KeyFacts::of("firehose-cwlogs/2024/01/02/00/stream-1-2024-01-02-00-00-00-6a7c3f82");
        assert_eq!((facts.kind, facts.account), (KeyKind::Unknown, None));
        assert_eq!(facts.day.map(|day| day.to_string()).as_deref(), Some("2024-01-02"));
        assert_eq!(KeyFacts::of("exportedlogs/93866c0b/stream/000000.gz"), KeyFacts::default());
    }

    #[test]
    fn a_part_of_a_component_is_no_folder() {
        assert_eq!(KeyFacts::of("AWSLogs/1/CloudTrail-Digest/x/y.gz").kind, KeyKind::Log(Format::Digest));
        assert_eq!(KeyFacts::of("AWSLogs/1/Config/x/y.gz").kind, KeyKind::Foreign("Config"));
        assert_eq!(KeyFacts::of("MyCloudTrail/x.json.gz").kind, KeyKind::Unknown);
        assert_eq!(KeyFacts::of("").kind, KeyKind::Unknown);
        assert_eq!(KeyFacts::of("AWSLogs/../CloudTrail/r/2026/13/40/x").day, None);
    }
}
