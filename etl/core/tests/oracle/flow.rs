//! The text of a flow log to lines, what each of them is, and what its row holds.

use std::collections::BTreeMap;
use std::ops::Range;

use trailhouse_core::Reason;
use trailhouse_core::limits::{FLOW_NAME_BYTES_MAX, RECORD_BYTES_MAX};
use trailhouse_schemas::{Kind, Origin, TGW_FLOW, Table, VPC_FLOW};

use super::{Value, Values, mark_bytes};

/// Names of one header at most.
const NAMES_MAX: usize = 256;

/// A line that counts as a record. Ranges are the text's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// A row, with the header that it stands below.
    Row(String, Range<usize>),
    /// No row, for this reason.
    Reject(Reason, Range<usize>),
    /// What cannot be read any further, from here to the end.
    Rest(usize, Reason),
}

/// Everything in `text`, which is all of an object.
pub(crate) fn split(text: &[u8]) -> Vec<Found> {
    let (mut header, mut found, mut start, mut is_blank) = (None, Vec::new(), mark_bytes(text), true);
    while start < text.len() {
        let end = text[start..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |length| start + length);
        let line = text[start..end].strip_suffix(b"\r").unwrap_or(&text[start..end]);
        let range = start..start + line.len();
        if !line.trim_ascii().is_empty() {
            is_blank = false;
            match (is_header(line), &header) {
                (true, _) => header = Some(String::from_utf8(line.to_vec()).unwrap()),
                (false, None) => {
                    found.push(Found::Rest(start, Reason::NoHeader));
                    return found;
                }
                (false, Some(header)) => found.push(judge_line(line, range, header)),
            }
        }
        start = end + 1;
    }
    if is_blank {
        found.push(Found::Rest(text.len(), Reason::Empty));
    }
    found
}

fn judge_line(line: &[u8], range: Range<usize>, header: &str) -> Found {
    let fields = line.iter().filter(|byte| **byte == b' ').count();
    match () {
        () if line.len() > RECORD_BYTES_MAX => Found::Reject(Reason::TooLong, range),
        () if str::from_utf8(line).is_err() => Found::Reject(Reason::Utf8, range),
        () if fields != header.matches(' ').count() => Found::Reject(Reason::FieldCount, range),
        () => Found::Row(header.to_owned(), range),
    }
}

/// Whether a line is names of fields, more than half of them known, none of them twice however it is spelled.
pub(crate) fn is_header(line: &[u8]) -> bool {
    let Ok(line) = str::from_utf8(line) else { return false };
    let names: Vec<String> = line.split(' ').map(|name| name.replace('_', "-")).collect();
    let is_name = |name: &String| {
        let rest = |letter: char| letter == '-' || letter.is_ascii_lowercase() || letter.is_ascii_digit();
        name.starts_with(|first: char| first.is_ascii_lowercase()) && name.chars().all(rest)
    };
    let is_known = |name: &String| {
        let mut columns = VPC_FLOW.columns.iter().chain(TGW_FLOW.columns);
        columns.any(|column| column.origin.field() == Some(name.as_str()))
    };
    let is_alone = |(place, name): (usize, &String)| !names[..place].contains(name);
    names.len() <= NAMES_MAX
        && names.iter().all(|name| name.len() <= FLOW_NAME_BYTES_MAX)
        && names.iter().all(is_name)
        && names.iter().filter(|name| is_known(name)).count() * 2 > names.len()
        && names.iter().enumerate().all(is_alone)
}

/// The table of lines below `header`: transit gateways have fields that VPCs have not.
pub(crate) fn table(header: &str) -> &'static Table {
    let is_transit = |name: &str| ["tgw-", "packets-lost-", "resource-type"].iter().any(|own| name.starts_with(own));
    if header.replace('_', "-").split(' ').any(is_transit) { &TGW_FLOW } else { &VPC_FLOW }
}

/// Where the row `values` is not what `line` says, below `header`.
pub(crate) fn judge(table: &Table, values: &Values, header: &str, line: &str) -> Result<(), String> {
    let value = |name: &str| values[table.position(name).unwrap()].clone();
    for column in table.columns.iter().filter(|column| column.origin.field().is_some()) {
        let (found, wanted) = (value(column.name), expected(table, column.name, header, line));
        if found != wanted {
            return Err(format!("`{}` is {found:?}, not {wanted:?}, of {line:?} below {header:?}", column.name));
        }
    }
    let extra: BTreeMap<String, String> = match value("extra") {
        Some(Value::Text(json)) => serde_json::from_str(&json).map_err(|error| format!("{error} in {json}"))?,
        _ => BTreeMap::new(),
    };
    let wanted = (Some(Value::Text(header.to_owned())), expected_extra(table, header, line));
    let found = (value("fields"), extra);
    if found == wanted { Ok(()) } else { Err(format!("found {found:?}, not {wanted:?}, of {line:?}")) }
}

/// What the column called `name` should hold of `line`, below `header`.
fn expected(table: &Table, name: &str, header: &str, line: &str) -> Option<Value> {
    let column = &table.columns[table.position(name).unwrap()];
    let field = column.origin.field()?;
    let place = header.split(' ').position(|name| name.replace('_', "-") == field)?;
    let value = line.split(' ').nth(place).filter(|value| *value != "-")?;
    let number = || value.parse::<i64>().ok().filter(|number| number.to_string() == value && *number >= 0);
    match (column.kind, column.origin) {
        (Kind::Instant, Origin::Seconds(_)) => {
            let millis = number().map(|number| if number < 100_000_000_000 { number * 1000 } else { number });
            millis.filter(|millis| *millis < 253_402_300_800_000).map(Value::Int)
        }
        (Kind::Int, _) => number().map(Value::Int),
        (Kind::Int32, _) => number().filter(|number| i32::try_from(*number).is_ok()).map(Value::Int),
        (_, Origin::Percent(_)) => {
            percent_encoding::percent_decode_str(value).decode_utf8().ok().map(|text| Value::Text(text.into_owned()))
        }
        _ => Some(Value::Text(value.to_owned())),
    }
}

/// The fields whose text does not come back from their column.
fn expected_extra(table: &Table, header: &str, line: &str) -> BTreeMap<String, String> {
    let fields = header.split(' ').zip(line.split(' '));
    let is_held = |(name, value): &(&str, &str)| {
        let name = name.replace('_', "-");
        let Some(column) = table.columns.iter().find(|column| column.origin.field() == Some(&name)) else {
            return false;
        };
        *value == "-"
            || match (expected(table, column.name, header, line), column.origin) {
                (Some(Value::Int(millis)), Origin::Seconds(_)) => (millis / 1000).to_string() == *value,
                (Some(Value::Int(number)), _) => number.to_string() == *value,
                (Some(Value::Text(text)), _) => text == *value,
                _ => false,
            }
    };
    fields.filter(|field| !is_held(field)).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
