//! What is fuzzed, and what must hold.

use trailhouse_core::classify::{Class, classify};
use trailhouse_core::{Format, Header, KeyFacts, Settings};
use trailhouse_schemas::{CLOUDTRAIL, CLOUDWATCH_LOGS, GUARDDUTY, Partitioning, Table, VPC_FLOW};

use crate::comeback::come_back;
use crate::harness::{Input, gzip, judge, small_parts, transform};
use crate::invariants::{judge_any, judge_finding, judge_flow};
use crate::oracle::record::{Case, Record, faults};
use crate::oracle::{Value, export, finding, flow};
use crate::reading::{Choice, both_ways, read, read_below, with_transform};
use crate::{parquet, readback};

/// What is fuzzed: a name, and what says where some bytes make it fail.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, and that of its corpus.
    pub name: &'static str,
    /// What does not hold for these bytes.
    pub judge: fn(&[u8]) -> Result<(), String>,
}

/// Every target.
pub const TARGETS: [Target; 9] = [
    Target { name: "records", judge: records },
    Target { name: "flow", judge: flows },
    Target { name: "documents", judge: documents },
    Target { name: "export", judge: exports },
    Target { name: "unwrap", judge: unwraps },
    Target { name: "classify", judge: classifies },
    Target { name: "transform", judge: transforms },
    Target { name: "parquet", judge: parquet::judge },
    Target { name: "rebuild", judge: rebuilds },
];

/// Arrays of records: nothing is lost.
fn records(bytes: &[u8]) -> Result<(), String> {
    let Some((choice, text)) = Choice::split(bytes) else { return Ok(()) };
    let format = if choice.kind.is_multiple_of(2) { Format::CloudTrail } else { Format::Insights };
    let Some(outcome) = read(format, text, choice)? else { return Ok(()) };
    judge_any(text, &outcome)
}

/// Lines of flow logs: each is what a plain reader takes it for.
fn flows(bytes: &[u8]) -> Result<(), String> {
    let Some((choice, text)) = Choice::split(bytes) else { return Ok(()) };
    let Some(outcome) = read(Format::Flow, text, choice)? else { return Ok(()) };
    judge_flow(text, &outcome)
}

/// Documents of every kind: nothing is lost, and a finding that stands alone is what its text says.
fn documents(bytes: &[u8]) -> Result<(), String> {
    const FORMATS: [Format; 5] =
        [Format::GuardDuty, Format::CloudWatchLogs, Format::Digest, Format::Incidents, Format::Json];
    let Some((choice, text)) = Choice::split(bytes) else { return Ok(()) };
    let format = FORMATS[usize::from(choice.kind) % FORMATS.len()];
    let Some(outcome) = read(format, text, choice)? else { return Ok(()) };
    judge_any(text, &outcome)?;
    let Ok(alone) = str::from_utf8(text.trim_ascii()) else { return Ok(()) };
    // Lists and events hold others, which are told by such keys.
    let holds =
        ["detail", "logEvents", "messageType", "indings", "Records", "\\"].iter().any(|key| alone.contains(key));
    if format != Format::GuardDuty || holds || !faults(alone.as_bytes()).is_empty() {
        return Ok(());
    }
    let rows = readback::table(&outcome.files, &GUARDDUTY)?;
    let Some(row) = rows.values().next() else { return Err(format!("{:?} of a finding", outcome.tallies)) };
    judge_finding(row, alone, finding::case(alone))
}

/// Lines of export tasks: each event is what a plain reader takes it for.
fn exports(bytes: &[u8]) -> Result<(), String> {
    let Some((choice, text)) = Choice::split(bytes) else { return Ok(()) };
    let Some(outcome) = read(Format::CloudWatchExport, text, choice)? else { return Ok(()) };
    judge_any(text, &outcome)?;
    let rows = readback::table(&outcome.files, &CLOUDWATCH_LOGS)?;
    let found = rows.iter().map(|((_, record), row)| {
        let value = |name| row.value(&CLOUDWATCH_LOGS, name).cloned();
        (*record, value("event_time"), value("message"))
    });
    let wanted = export::events(text).into_iter().enumerate().filter_map(|(record, event)| {
        let (time, message) = event?;
        Some((record as u64, Some(Value::Int(time)), Some(Value::Text(message))))
    });
    let (found, wanted): (Vec<_>, Vec<_>) = (found.collect(), wanted.collect());
    if found == wanted { Ok(()) } else { Err(format!("found {found:?}, not {wanted:?}")) }
}

/// One log message: it stays what it is, and what is made of it beside is what its text says.
fn unwraps(bytes: &[u8]) -> Result<(), String> {
    let Some((choice, text)) = Choice::split(bytes) else { return Ok(()) };
    let message = String::from_utf8_lossy(text).into_owned();
    let quoted = serde_json::to_string(&message).map_err(|error| error.to_string())?;
    let payload = format!(r#"{{"owner":"111122223333","logEvents":[{{"id":"1","message":{quoted}}}],"a":[]}}"#);
    let names = ["version srcaddr end", "end", "tgw-id bytes protocol"];
    let header = names.get(usize::from(choice.kind) % 4).and_then(|names| names.parse::<Header>().ok());
    let outcome = read_below(Format::CloudWatchLogs, payload.as_bytes(), choice, header.clone())?;
    let Some(outcome) = outcome else { return Ok(()) };
    judge_any(payload.as_bytes(), &outcome)?;
    let row = |table: &'static Table| Ok::<_, String>(readback::table(&outcome.files, table)?.into_values().next());
    let own = row(&CLOUDWATCH_LOGS)?;
    let kept = own.as_ref().and_then(|row| row.value(&CLOUDWATCH_LOGS, "message"));
    if kept != Some(&Value::Text(message.clone())) || outcome.tallies[0].unwrapped > 1 {
        return Err(format!("{kept:?} of {message:?}, {:?}", outcome.tallies));
    }
    let inner = message.trim_ascii();
    if let Some(row) = row(&CLOUDTRAIL)? {
        let record = Record::new(&CLOUDTRAIL, Case::Camel, inner);
        let of_source = ["envelope", "source_object", "source_id", "source_record"];
        for (column, found) in CLOUDTRAIL.columns.iter().zip(&row.values) {
            let wanted = record.value(column);
            if *found != wanted && !of_source.contains(&column.name) {
                return Err(format!("`{}` is {found:?}, not {wanted:?}, of {inner:?}", column.name));
            }
        }
    }
    let header = header.as_ref().map_or(Header::DEFAULT, Header::text);
    let table = flow::table(header);
    match row(table)? {
        Some(row) => flow::judge(table, &row.values, header, inner),
        None if row(&VPC_FLOW)?.is_some() => Err("it is a row of another table than its header's".to_owned()),
        None => Ok(()),
    }
}

/// What an object is: the same however it is stored; and a header is what a plain reader takes for one.
fn classifies(bytes: &[u8]) -> Result<(), String> {
    let mut parts = bytes.splitn(2, |byte| *byte == b'\n');
    let address = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
    let text = parts.next().unwrap_or_default();
    let facts = KeyFacts::of(&address);
    let class = classify(&address, &facts, text);
    if !text.starts_with(&[0x1f]) && !text.starts_with(b"PAR1") {
        let stored = classify(&address, &facts, &gzip(text));
        if stored != class {
            return Err(format!("{class:?}, but stored as gzip {stored:?}"));
        }
    }
    if let (Class::Log(format), Some(day)) = (class, facts.day)
        && (format.to_string().parse() != Ok(format) || day.to_string().len() < 10)
    {
        return Err(format!("{format} of {day} does not come back"));
    }
    for line in text.split(|byte| *byte == b'\n') {
        let header = Header::parse(line);
        if header.is_some() != flow::is_header(line) {
            return Err(format!("{header:?} of {:?}", String::from_utf8_lossy(line)));
        }
        if let Some(header) = header
            && (header.text().as_bytes() != line || *header.table() != *flow::table(header.text()))
        {
            return Err(format!("`{header}` is not what it was"));
        }
    }
    Ok(())
}

/// The whole way of CloudTrail's objects, from stored bytes on, against the oracle.
fn transforms(stored: &[u8]) -> Result<(), String> {
    let input = Input::new(0, stored.to_vec());
    let step = 1 + stored.len() % 13;
    let outcome = both_ways(&input, small_parts(), step)?;
    judge(&[input], &outcome, &small_parts())
}

/// Any log: its rows turned back into records, and those read again, are the same rows.
fn rebuilds(bytes: &[u8]) -> Result<(), String> {
    const FORMATS: [Format; 9] = [
        Format::CloudTrail,
        Format::Flow,
        Format::GuardDuty,
        Format::CloudWatchLogs,
        Format::CloudWatchExport,
        Format::Json,
        Format::Insights,
        Format::Digest,
        Format::Incidents,
    ];
    let Some((choice, text)) = Choice::split(bytes) else { return Ok(()) };
    let kind = usize::from(choice.kind);
    let partitioning = Partitioning::ALL[kind / FORMATS.len() % Partitioning::ALL.len()];
    let settings = Settings { partitioning, unwrap: true, ..small_parts() };
    let mut input = Input::new(0, text.to_vec());
    input.object.format = FORMATS[kind % FORMATS.len()];
    let first = with_transform(&settings, |reader| transform(reader, &[input]));
    // What was unwrapped is there by itself now, and would come twice.
    let again = Settings { unwrap: false, ..settings };
    with_transform(&again, |reader| come_back(&first, reader)).map(drop)
}
