//! Runs the transform and holds what comes out against the oracle.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use trailhouse_core::{Body, Day, Format, KeyFacts, KeyKind, Object, PartFile, Reason, Settings, Tally, Transform};
use trailhouse_schemas::{CLOUDTRAIL, Partition, Partitioning, REJECTS, Table};

use super::readback::{self, ReadRow};
use crate::oracle::{self, Expected, Value};

/// 2026-03-04, the day of the keys of invented objects.
pub(crate) const KEY_DAY: Day = Day(20_516);

/// One object and its stored bytes.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    pub(crate) object: Object,
    pub(crate) stored: Vec<u8>,
}

impl Input {
    /// Object number `number` of a plan, with a key that says everything.
    pub(crate) fn new(number: usize, stored: Vec<u8>) -> Self {
        let key = KeyFacts {
            kind: KeyKind::Log(Format::CloudTrail),
            account: Some("111122223333".to_owned()),
            region: Some("us-east-1".to_owned()),
            day: Some(KEY_DAY),
        };
        let address = format!("AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/04/{number:06}.json.gz");
        let object = Object {
            address,
            source_id: format!("{number:032x}"),
            format: Format::CloudTrail,
            key,
            modified: Day(KEY_DAY.0 + 1),
        };
        Self { object, stored }
    }

    /// One whose JSON is stored as gzip.
    pub(crate) fn of_json(number: usize, json: &[u8]) -> Self {
        Self::new(number, gzip(json))
    }
}

/// `bytes` as one gzip member.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The default settings.
pub(crate) fn settings() -> Settings {
    Settings::new(Partitioning::AccountDate)
}

/// Settings whose transform is cheap to make.
pub(crate) fn small_parts() -> Settings {
    Settings { part_bytes: 1 << 20, ..settings() }
}

/// What the transform made of some objects.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) tallies: Vec<Tally>,
    pub(crate) files: Vec<PartFile>,
}

impl Outcome {
    /// The id of the object that its first row is of.
    pub(crate) fn id(&self) -> Result<String, String> {
        let Some(file) = self.files.first() else { return Ok(String::new()) };
        let rows = readback::rows(file)?;
        Ok(rows.first().map(|row| row.source_id(file.table)).unwrap_or_default())
    }
}

/// Reads the objects as one group, each body whole.
pub(crate) fn transform(transform: &mut Transform, inputs: &[Input]) -> Outcome {
    let mut files = Vec::new();
    let mut emit = |file: PartFile| {
        files.push(file);
        Ok(())
    };
    let read = |input: &Input| transform.read(&input.object, Body::Whole(&input.stored), &mut emit).unwrap();
    let tallies = inputs.iter().map(read).collect();
    transform.finish(&mut emit).unwrap();
    Outcome { tallies, files }
}

/// Transform and oracle must agree on the objects as one group.
pub(crate) fn assert_agrees(inputs: &[Input], settings: Settings) -> Outcome {
    let outcome = transform(&mut Transform::new(settings.clone()), inputs);
    if let Err(complaint) = judge(inputs, &outcome, &settings) {
        panic!("{complaint}");
    }
    outcome
}

/// Where `outcome` is not what the oracle says.
pub(crate) fn judge(inputs: &[Input], outcome: &Outcome, settings: &Settings) -> Result<(), String> {
    let expected: Vec<Expected> =
        inputs.iter().map(|input| oracle::expect(&input.object, &input.stored, settings)).collect();
    for (index, (input, expected)) in inputs.iter().zip(&expected).enumerate() {
        judge_tally(&outcome.tallies[index], expected).map_err(|what| complaint(input, expected, &what))?;
    }
    let files = Files::read(inputs, &outcome.files, settings)?;
    for (index, (input, expected)) in inputs.iter().zip(&expected).enumerate() {
        judge_rows(files.rows.get(&index), expected).map_err(|what| complaint(input, expected, &what))?;
        judge_rejects(files.rejects.get(&index), expected).map_err(|what| complaint(input, expected, &what))?;
    }
    Ok(())
}

fn complaint(input: &Input, expected: &Expected, what: &str) -> String {
    const SHOWN_BYTES: usize = 4096;
    let (json, stored) = (inflated(&input.stored), &input.stored[..input.stored.len().min(SHOWN_BYTES)]);
    let rejects: Vec<_> = expected.rejects.iter().map(|reject| (reject.record, &reject.reasons)).collect();
    format!(
        "{what}\nof {} rows and rejects {rejects:?}\nin object `{}`\nJSON: {:?}\nstored: {:02x?}",
        expected.rows.len(),
        input.object.address,
        String::from_utf8_lossy(&json[..json.len().min(SHOWN_BYTES)]),
        stored,
    )
}

fn inflated(stored: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let reader = flate2::read::MultiGzDecoder::new(stored);
    let _ = std::io::Read::read_to_end(&mut std::io::Read::take(reader, 1 << 20), &mut bytes);
    if stored.starts_with(&[0x1f]) { bytes } else { stored.to_vec() }
}

fn is_equal<T: PartialEq + std::fmt::Debug>(what: &str, found: T, expected: T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: found {found:?}, expected {expected:?}")) }
}

fn judge_tally(tally: &Tally, expected: &Expected) -> Result<(), String> {
    is_equal("records", tally.records, expected.records)?;
    is_equal("rows", tally.rows, expected.rows.len() as u64)?;
    is_equal("rejects", tally.rejects, expected.rejects.len() as u64)?;
    is_equal("skipped", tally.skipped, 0)?;
    is_equal("inflated bytes", tally.inflated_bytes, expected.inflated_bytes)?;
    is_equal("account fallbacks", tally.account_fallbacks, expected.account_fallbacks)?;
    // The rules leave open whether a row of too many partitions is counted as one whose day was not believed.
    let most = expected.date_fallbacks + expected.partition_overflows;
    if !(expected.date_fallbacks..=most).contains(&tally.date_fallbacks) {
        is_equal("date fallbacks", tally.date_fallbacks, expected.date_fallbacks)?;
    }
    match (&tally.damage, expected.damage) {
        (None, None) => Ok(()),
        (Some(found), Some(reason)) if found.starts_with(reason.about()) => {
            let fault = expected.rejects.last().and_then(|rest| rest.fault).unwrap_or_default();
            // The bytes behind a gzip stream have no place in what it inflates to.
            let has_place = reason == Reason::Trailing || found.ends_with(&format!(", at byte {fault}"));
            is_equal("damage that names its place", (has_place, found), (true, found))
        }
        (found, reason) => Err(format!("damage: found {found:?}, expected {reason:?}")),
    }
}

fn judge_rows(found: Option<&BTreeMap<u64, ReadRow>>, expected: &Expected) -> Result<(), String> {
    let none = BTreeMap::new();
    let found = found.unwrap_or(&none);
    for row in &expected.rows {
        let Some(found) = found.get(&row.record) else { return Err(format!("record {} is no row", row.record)) };
        is_equal(&format!("partition of record {}", row.record), &found.partition, &row.partition)?;
        for (index, column) in CLOUDTRAIL.columns.iter().enumerate() {
            let place = format!("`{}` of record {}", column.name, row.record);
            is_equal(&place, &found.values[index], &row.values[index])?;
        }
    }
    is_equal("rows in files", found.len(), expected.rows.len())
}

fn judge_rejects(found: Option<&BTreeMap<u64, ReadRow>>, expected: &Expected) -> Result<(), String> {
    let none = BTreeMap::new();
    let found = found.unwrap_or(&none);
    for reject in &expected.rejects {
        let record = reject.record;
        let Some(row) = found.get(&record) else { return Err(format!("record {record} is no reject")) };
        let value = |name: &str| row.values[REJECTS.position(name).unwrap()].clone();
        let place = |what: &str| format!("`{what}` of reject {record}");
        let number = |number: u64| Some(Value::Int(i64::try_from(number).unwrap()));
        is_equal(&place("partition"), &row.partition, &reject.partition)?;
        is_equal(&place("target_table"), value("target_table"), Some(Value::Text("cloudtrail".to_owned())))?;
        is_equal(&place("byte_offset"), value("byte_offset"), number(reject.offset))?;
        is_equal(&place("bytes_length"), value("bytes_length"), number(reject.length))?;
        is_equal(&place("bytes_sha256"), value("bytes_sha256"), Some(Value::Text(reject.sha256.clone())))?;
        is_equal(&place("bytes"), value("bytes"), Some(Value::Bytes(reject.kept.clone())))?;
        let Some(Value::Text(code)) = value("reason") else { return Err(place("no reason")) };
        let codes: Vec<&str> = reject.reasons.iter().copied().map(Reason::code).collect();
        if !codes.contains(&code.as_str()) {
            return Err(format!("{}: found `{code}`, expected one of {codes:?}", place("reason")));
        }
        if !matches!(value("message"), Some(Value::Text(message)) if !message.is_empty()) {
            return Err(place("no message"));
        }
        let (first, last) = (reject.offset, reject.offset + reject.length);
        if !matches!(value("fault_offset"), Some(Value::Int(fault)) if (first..=last).contains(&(fault as u64))) {
            return Err(format!("{}: {:?} is not in the reject", place("fault_offset"), value("fault_offset")));
        }
        if reject.fault.is_some() {
            is_equal(&place("fault_offset"), value("fault_offset"), reject.fault.and_then(number))?;
        }
    }
    is_equal("rejects in files", found.len(), expected.rejects.len())
}

/// An object's place in the plan, and a record's in the object.
type RecordPlace = (usize, u64);

/// The rows of a group's files: by the object's place in the plan, then by record.
struct Files {
    rows: BTreeMap<usize, BTreeMap<u64, ReadRow>>,
    rejects: BTreeMap<usize, BTreeMap<u64, ReadRow>>,
    /// The first and last record of each part, with its object's place.
    parts: BTreeMap<u32, (RecordPlace, RecordPlace)>,
}

impl Files {
    /// Reads the files, and checks what holds for each by itself and for their sequence.
    fn read(inputs: &[Input], files: &[PartFile], settings: &Settings) -> Result<Self, String> {
        let places: BTreeMap<&str, usize> =
            inputs.iter().enumerate().map(|(place, input)| (input.object.source_id.as_str(), place)).collect();
        is_equal("objects with an id of their own", places.len(), inputs.len())?;
        let mut read = Self { rows: BTreeMap::new(), rejects: BTreeMap::new(), parts: BTreeMap::new() };
        let mut seen: Vec<(u32, &Table, &Partition)> = Vec::new();
        let mut part_rows: BTreeMap<u32, u64> = BTreeMap::new();
        for file in files {
            let name = (file.part, file.table, &file.partition);
            if seen.contains(&name) {
                return Err(format!(
                    "a second file of part {}, `{}`, {:?}",
                    file.part, file.table.name, file.partition
                ));
            }
            is_equal("part behind its predecessor", true, seen.last().is_none_or(|last| last.0 <= file.part))?;
            seen.push(name);
            *part_rows.entry(file.part).or_default() += file.rows;
            read.take(&places, file)?;
        }
        is_equal("parts without a gap", part_rows.len() as u32, part_rows.keys().last().map_or(0, |last| last + 1))?;
        for (part, rows) in part_rows {
            is_equal(
                &format!("part {part} of {rows} rows holds no more than it may"),
                true,
                rows <= settings.part_records as u64,
            )?;
        }
        let ends: Vec<_> = read.parts.values().collect();
        is_equal("parts in the order of the plan", true, ends.is_sorted_by(|before, after| before.1 < after.0))?;
        Ok(read)
    }

    fn take(&mut self, places: &BTreeMap<&str, usize>, file: &PartFile) -> Result<(), String> {
        let rows = readback::rows(file)?;
        is_equal("rows of a file", rows.len() as u64, file.rows)?;
        let mut before = None;
        for row in rows {
            let (id, record) = (row.source_id(file.table), row.source_record(file.table));
            let Some(place) = places.get(id.as_str()) else { return Err(format!("a row of no object: `{id}`")) };
            let sorted_by = (row.time(file.table), *place, record);
            is_equal("order of rows", true, before.is_none_or(|before| before < sorted_by))?;
            before = Some(sorted_by);
            let (first, last) = self.parts.entry(file.part).or_insert(((*place, record), (*place, record)));
            (*first, *last) = ((*first).min((*place, record)), (*last).max((*place, record)));
            let table = if *file.table == CLOUDTRAIL { &mut self.rows } else { &mut self.rejects };
            if table.entry(*place).or_default().insert(record, row).is_some() {
                return Err(format!("record {record} of `{id}` is there twice"));
            }
        }
        Ok(())
    }
}
