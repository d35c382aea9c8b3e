//! The keys of objects of rebuilt records: they say what the keys of their sources said.

use super::RebuildError;
use super::cells::Row;
use super::framing::Framing;
use crate::format::Format;
use crate::key::OWN_FOLDER;
use crate::time::Day;

/// What a key says in the place of what is not known: it is neither an account nor a region.
const UNKNOWN: &str = "unknown";

/// The partition that a record belongs to, as far as a key tells it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    account: String,
    region: String,
    day: Day,
}

impl Default for Place {
    fn default() -> Self {
        Self { account: UNKNOWN.to_owned(), region: UNKNOWN.to_owned(), day: Day(0) }
    }
}

impl Place {
    /// Reads the partition columns that there are.
    pub(super) fn read(&mut self, row: Row<'_>) -> Result<(), RebuildError> {
        let day = row.int("event_date").and_then(|day| i32::try_from(day).ok());
        self.day = Day(day.ok_or(RebuildError::Column("event_date"))?);
        component(row.text("account_id")).clone_into(&mut self.account);
        component(row.text("region")).clone_into(&mut self.region);
        Ok(())
    }
}

/// What may stand in a key. Of what may not, the record itself tells: a key cannot have said it.
fn component(text: Option<&str>) -> &str {
    let is_safe = |text: &&str| !matches!(*text, "" | "." | "..") && !text.contains(['/', '\\', '\0']);
    text.filter(is_safe).unwrap_or(UNKNOWN)
}

/// The key of object number `number` of those at `place` with such records.
///
/// AWS has no folder for some formats: they have one that is told by its own name.
pub fn object_key(place: &Place, framing: &Framing, number: u64) -> String {
    let Place { account, region, day } = place;
    let (year, month, date) = day.date();
    let folder = match framing.format {
        Format::CloudTrail => "CloudTrail".to_owned(),
        Format::Insights => "CloudTrail-Insight".to_owned(),
        Format::Digest => "CloudTrail-Digest".to_owned(),
        Format::Flow => "vpcflowlogs".to_owned(),
        Format::GuardDuty => "GuardDuty".to_owned(),
        other => format!("{OWN_FOLDER}{other}"),
    };
    let extension = match framing.format {
        Format::Flow | Format::CloudWatchExport => "log.gz",
        Format::CloudTrail | Format::Insights | Format::Digest => "json.gz",
        _ => "jsonl.gz",
    };
    let path = format!("AWSLogs/{account}/{folder}/{region}/{year:04}/{month:02}/{date:02}");
    let time = format!("{year:04}{month:02}{date:02}T0000Z");
    let name = format!("{account}_{folder}_{region}_{time}_{number:06}.{extension}");
    match framing.format {
        Format::CloudWatchExport => format!("{path}/{}/{name}", component(Some(&framing.stream))),
        _ => format!("{path}/{name}"),
    }
}
