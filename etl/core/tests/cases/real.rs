//! Real logs, where `TRAILHOUSE_REALDATA` says they are.

use std::fs;
use std::path::{Path, PathBuf};

use trailhouse_core::{Day, Format, KeyFacts, KeyKind, Object};
use trailhouse_schemas::{CLOUDTRAIL, PartitionColumn};

use super::harness::{Input, assert_agrees, settings};

/// Where real logs are.
const REALDATA: &str = "TRAILHOUSE_REALDATA";

/// A folder of real logs: CloudTrail objects and their records.
const FOLDERS: [(&str, Option<usize>, u64); 6] = [
    ("awsdocs-examples", None, 195),
    ("foxsec-pipeline", None, 11),
    ("opensearch-catalog", None, 891),
    ("stratus-red-team", None, 310),
    ("suzaku-sans504", Some(3872), 30_477),
    ("umccr", None, 206),
];

/// Objects that are read as one group.
const GROUP_OBJECTS: usize = 500;

fn realdata() -> Option<PathBuf> {
    let folder = std::env::var_os(REALDATA).map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped 2 tests on real logs: `{REALDATA}` is not set");
    }
    folder
}

/// The CloudTrail objects below `folder`, by key.
fn objects(folder: &Path) -> Vec<Input> {
    let mut paths = Vec::new();
    collect(folder, &mut paths);
    paths.sort();
    let keys = paths.iter().map(|path| path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/"));
    let facts: Vec<(String, KeyFacts)> = keys.map(|key| (key.clone(), KeyFacts::of(&key))).collect();
    let is_cloudtrail = |facts: &KeyFacts| facts.kind == KeyKind::Log(Format::CloudTrail);
    let found = paths.iter().zip(facts).filter(|(_, (_, facts))| is_cloudtrail(facts));
    let input = |(number, (path, (address, key))): (usize, (&PathBuf, (String, KeyFacts)))| Input {
        object: Object {
            address,
            source_id: format!("{number:032x}"),
            format: Format::CloudTrail,
            key,
            modified: Day(20_000),
        },
        stored: fs::read(path).unwrap(),
    };
    found.enumerate().map(input).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { collect(&path, paths) } else { paths.push(path) }
    }
}

#[test]
fn real_logs_are_read_as_the_oracle_reads_them() {
    let Some(realdata) = realdata() else { return };
    for (folder, objects_expected, records_expected) in FOLDERS {
        let inputs = objects(&realdata.join(folder));
        let (mut records, mut rows, mut rejects) = (0, 0, 0);
        for group in inputs.chunks(GROUP_OBJECTS) {
            for tally in assert_agrees(group, settings()).tallies {
                records += tally.records;
                rows += tally.rows;
                rejects += tally.rejects;
                assert_eq!(tally.damage, None, "{folder}");
            }
        }
        eprintln!("{folder}: {} objects, {records} records, {rows} rows, {rejects} rejects", inputs.len());
        assert_eq!((records, rows + rejects), (records_expected, records_expected), "{folder}");
        assert!(objects_expected.is_none_or(|expected| expected == inputs.len()), "{folder}");
    }
}

#[test]
fn rows_of_another_day_than_their_key() {
    let Some(realdata) = realdata() else { return };
    let inputs = objects(&realdata.join("suzaku-sans504"));
    let mut days = Vec::new();
    let mut rejects = 0;
    for group in inputs.chunks(GROUP_OBJECTS) {
        let files = super::harness::transform(&mut trailhouse_core::Transform::new(settings()), group).files;
        for file in files {
            if *file.table != CLOUDTRAIL {
                rejects += file.rows;
                continue;
            }
            for row in super::readback::rows(&file).unwrap() {
                let id = row.source_id(file.table);
                let own =
                    group.iter().find(|input| input.object.source_id == id).and_then(|input| input.object.key.day);
                let (_, day) =
                    row.partition.0.iter().find(|(column, _)| *column == PartitionColumn::EventDate).unwrap();
                days.push(own.map(|own| own.to_string()).as_deref() == Some(day));
            }
        }
    }
    assert_eq!((days.len(), rejects), (30_477, 0));
    assert_eq!(days.iter().filter(|is_own| !**is_own).count(), 205);
}
