//! Where everything stands in a lake.

use std::fmt::Write;

use object_store::path::Path;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use trailhouse_schemas::{Partition, PartitionColumn, TABLES, Table};

use crate::error::LakeError;
use crate::ids::{GroupId, SourceId};

/// The folder of everything that is not a table.
pub const CONTROL: &str = "_trailhouse";
/// What the lake is.
pub const CONFIG: &str = "_trailhouse/lake.json";
/// Which catalog knows the lake.
pub const CATALOG: &str = "_trailhouse/catalog.json";
/// The folder of the plans.
pub const PLANS: &str = "_trailhouse/plans";
/// The folder of the receipts.
pub const RECEIPTS: &str = "_trailhouse/receipts";
/// The folder of what says which groups may have been abandoned.
pub const ABANDONED: &str = "_trailhouse/abandoned";
/// The folder of what says which objects are read as they come.
pub const FEEDS: &str = "_trailhouse/feeds";
/// The folder of the receipts of such objects.
pub const STREAMED: &str = "_trailhouse/receipts/id";
/// The folder of files that are not finished.
pub const STAGING: &str = "_trailhouse/staging";
/// How the name of a table's file ends.
pub const FILE_EXTENSION: &str = "parquet";

/// Hive's stand-in for a partition value that is empty.
const EMPTY_VALUE: &str = "__HIVE_DEFAULT_PARTITION__";
/// What stands in a folder's name as it is; all else is percent-encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// A partition value as it stands in a folder's name.
///
/// A value can come from a log that an attacker wrote: no value leads out of its folder.
pub fn encode_value(value: &str) -> String {
    match value {
        "" => EMPTY_VALUE.to_owned(),
        "." | ".." => value.replace('.', "%2E"),
        EMPTY_VALUE => EMPTY_VALUE.replace('_', "%5F"),
        _ => utf8_percent_encode(value, ENCODED).to_string(),
    }
}

/// The value that [`encode_value`] made `text` of; `None` where it would not have.
pub fn decode_value(text: &str) -> Option<String> {
    if text == EMPTY_VALUE {
        return Some(String::new());
    }
    let value = percent_decode_str(text).decode_utf8().ok()?;
    (encode_value(&value) == text).then(|| value.into_owned())
}

/// The folder of a partition, such as `cloudtrail/account_id=111122223333/event_date=2026-01-31`.
pub fn partition_folder(table: &Table, partition: &Partition) -> Result<Path, LakeError> {
    path(&folder_text(table, partition))
}

/// The name of the file that a part of a group puts into a partition: `<group>-<part>.parquet`.
///
/// Only content decides it, by way of the group: no number of a plan, no version, no clock. And it says which receipt
/// has to name the file.
pub fn table_file(group: GroupId, part: u32, table: &Table, partition: &Partition) -> Result<Path, LakeError> {
    path(&format!("{}/{group}-{part:05}.{FILE_EXTENSION}", folder_text(table, partition)))
}

/// The group that a table's file is of, by its name; `None` where no group has put it.
pub fn group_of(file: &Path) -> Option<GroupId> {
    let stem = file.filename()?.strip_suffix(FILE_EXTENSION)?.strip_suffix('.')?;
    stem.split_once('-')?.0.parse().ok()
}

/// The folder of a table.
pub fn table_folder(table: &Table) -> Result<Path, LakeError> {
    path(table.name)
}

/// The plan with a number.
pub fn plan(number: u32) -> Result<Path, LakeError> {
    path(&format!("{PLANS}/{number:08}.json"))
}

/// The folder of a plan's receipts.
pub fn receipts(plan: u32) -> Result<Path, LakeError> {
    path(&format!("{RECEIPTS}/{plan:08}"))
}

/// The receipt of a plan's group.
pub fn receipt(plan: u32, group: GroupId) -> Result<Path, LakeError> {
    path(&format!("{RECEIPTS}/{plan:08}/{group}.json"))
}

/// What says that a group of a plan may have been abandoned: its receipt tells. See [`crate::abandon`].
pub fn abandoned(plan: u32, group: GroupId) -> Result<Path, LakeError> {
    path(&format!("{ABANDONED}/{plan:08}-{group}"))
}

/// The feed with a number.
pub fn feed(number: u32) -> Result<Path, LakeError> {
    path(&format!("{FEEDS}/{number:08}.json"))
}

/// The receipt of an object that was read as it came.
pub fn streamed(object: SourceId) -> Result<Path, LakeError> {
    path(&format!("{STREAMED}/{object}.json"))
}

/// The table and the partition that a table's file is of; `None` where [`table_file`] makes no such names.
pub fn partition_of(file: &Path) -> Option<(&'static Table, Partition)> {
    let (folder, _) = file.as_ref().rsplit_once('/')?;
    let mut parts = folder.split('/');
    let name = parts.next()?;
    let table = TABLES.iter().copied().find(|table| table.name == name)?;
    let value = |part: &str| {
        let (column, value) = part.split_once('=')?;
        Some((PartitionColumn::named(column)?, decode_value(value)?))
    };
    Some((table, Partition(parts.map(value).collect::<Option<_>>()?)))
}

/// The plan and the group of which `path` says that it may have been abandoned.
pub(crate) fn abandoned_group(path: &Path) -> Option<(u32, GroupId)> {
    let (plan, group) = path.filename()?.split_once('-')?;
    Some((plan.parse().ok()?, group.parse().ok()?))
}

/// A path as it is written here, with nothing encoded again.
pub(crate) fn path(text: &str) -> Result<Path, LakeError> {
    Path::parse(text).map_err(|source| LakeError::Name { name: text.to_owned(), source })
}

/// The stem of `path` when its name ends in `.json`.
pub(crate) fn json_stem(path: &Path) -> Option<&str> {
    path.filename()?.strip_suffix(".json")
}

fn folder_text(table: &Table, partition: &Partition) -> String {
    let mut text = table.name.to_owned();
    for (column, value) in &partition.0 {
        let _ = write!(text, "/{}={}", column.name(), encode_value(value));
    }
    text
}

#[cfg(test)]
mod tests {
    use trailhouse_schemas::{CLOUDTRAIL, REJECTS};

    use super::*;

    fn partition(account: &str, date: &str) -> Partition {
        Partition(vec![(PartitionColumn::AccountId, account.to_owned()), (PartitionColumn::EventDate, date.to_owned())])
    }

    #[test]
    fn ordinary_values_stand_as_they_are() {
        let path = table_file(GroupId([7; 16]), 3, &CLOUDTRAIL, &partition("111122223333", "2026-01-31")).unwrap();
        let name = path.as_ref().strip_prefix("cloudtrail/account_id=111122223333/event_date=2026-01-31/").unwrap();
        assert_eq!(name, format!("{}-00003.parquet", "07".repeat(16)));
        assert_eq!(group_of(&path), Some(GroupId([7; 16])));
        assert_eq!(group_of(&super::path("cloudtrail/other.parquet").unwrap()), None);
    }

    #[test]
    fn hostile_values_stay_in_their_folder_and_read_back() {
        let values = [
            "",
            ".",
            "..",
            "../../etc",
            "a/b",
            "a=b",
            "a b",
            "%2F",
            "%",
            "\0",
            "\n",
            "é",
            "#1",
            "x#1",
            "*",
            "~",
            "C:\\",
            EMPTY_VALUE,
            "__HIVE_DEFAULT_PARTITION__x",
        ];
        for value in values {
            let folder = partition_folder(&CLOUDTRAIL, &partition(value, "2026-01-31")).unwrap();
            assert_eq!(folder.parts_count(), 3, "{value:?} gave {folder}");
            let encoded = encode_value(value);
            assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%-_.".contains(&byte)), "{encoded}");
            assert_eq!(decode_value(&encoded).as_deref(), Some(value));
            let file = table_file(GroupId([0; 16]), 0, &CLOUDTRAIL, &partition(value, "2026-01-31")).unwrap();
            let (table, found) = partition_of(&file).unwrap();
            assert_eq!((table.name, found), (CLOUDTRAIL.name, partition(value, "2026-01-31")));
        }
        let encoded: std::collections::HashSet<_> = values.iter().map(|value| encode_value(value)).collect();
        assert_eq!(encoded.len(), values.len(), "two values share a folder");
        assert_eq!(decode_value("a b"), None);
        assert_eq!(decode_value("%2e"), None);
    }

    #[test]
    fn each_of_group_part_table_and_partition_changes_the_path() {
        let here = partition("1", "2026-01-31");
        let name = |group, part, table, partition: &Partition| {
            table_file(GroupId([group; 16]), part, table, partition).unwrap()
        };
        let names = [
            name(0, 0, &CLOUDTRAIL, &here),
            name(1, 0, &CLOUDTRAIL, &here),
            name(0, 1, &CLOUDTRAIL, &here),
            name(0, 0, &REJECTS, &here),
            name(0, 0, &CLOUDTRAIL, &partition("2", "2026-01-31")),
            name(0, 0, &CLOUDTRAIL, &partition("1", "2026-02-01")),
        ];
        let distinct: std::collections::HashSet<_> = names.iter().collect();
        assert_eq!(distinct.len(), names.len());
    }

    #[test]
    fn control_objects_sort_by_number() {
        assert_eq!(plan(12).unwrap().as_ref(), "_trailhouse/plans/00000012.json");
        assert_eq!(json_stem(&plan(12).unwrap()), Some("00000012"));
        assert!(receipt(12, GroupId([0; 16])).unwrap().as_ref().starts_with("_trailhouse/receipts/00000012/0000"));
    }
}
