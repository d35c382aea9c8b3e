//! What holds for one object of any format, whatever is in it.

use trailhouse_core::{Reason, Tally};
use trailhouse_schemas::{GUARDDUTY, REJECTS, TGW_FLOW, Table, VPC_FLOW};

use super::harness::Outcome;
use super::readback::{self, ReadRow};
use crate::oracle::finding;
use crate::oracle::flow::{self, Found};
use crate::oracle::record::Case;
use crate::oracle::{KEPT_BYTES, Value, sha256};

/// Where something of `text`, which is what the only object of `outcome` inflates to, was lost, invented or bent.
pub(crate) fn judge_any(text: &[u8], outcome: &Outcome) -> Result<(), String> {
    let [tally] = outcome.tallies.as_slice() else { return Err("there is more than one object".to_owned()) };
    let held = |is_reject: bool| {
        let files = outcome.files.iter().filter(|file| (file.table == &REJECTS) == is_reject);
        files.map(|file| file.rows).sum::<u64>()
    };
    let sums = [
        ("records", tally.records, tally.rows + tally.rejects + tally.skipped),
        ("rows in files", held(false), tally.rows + tally.unwrapped),
        ("rejects in files", held(true), tally.rejects),
        ("inflated bytes", tally.inflated_bytes, text.len() as u64),
    ];
    for (what, found, wanted) in sums {
        if found != wanted {
            return Err(format!("{what}: {found}, not {wanted}, of {tally:?}"));
        }
    }
    let mut end = 0;
    for reject in readback::table(&outcome.files, &REJECTS)?.values() {
        end = judge_reject(text, reject, tally, end)?;
    }
    Ok(())
}

/// A reject holds the bytes that it was made of, and they are no other's. Where they end.
fn judge_reject(text: &[u8], reject: &ReadRow, tally: &Tally, before: usize) -> Result<usize, String> {
    let record = reject.source_record(&REJECTS);
    let number = |name: &str| match reject.value(&REJECTS, name) {
        Some(Value::Int(number)) => usize::try_from(*number).map_err(|_| format!("`{name}` is {number}")),
        other => Err(format!("`{name}` of reject {record} is {other:?}")),
    };
    let (offset, length, fault) = (number("byte_offset")?, number("bytes_length")?, number("fault_offset")?);
    let Some(bytes) = text.get(offset..offset + length).filter(|_| offset >= before) else {
        return Err(format!("reject {record} is {length} bytes at {offset}, behind {before} of {}", text.len()));
    };
    let kept = Value::Bytes(bytes[..length.min(KEPT_BYTES)].to_vec());
    if reject.value(&REJECTS, "bytes") != Some(&kept) {
        return Err(format!("`bytes` of reject {record} are not those at {offset}"));
    }
    if reject.value(&REJECTS, "bytes_sha256") != Some(&Value::Text(sha256(bytes))) {
        return Err(format!("`bytes_sha256` of reject {record} is of other bytes"));
    }
    if !(offset..=offset + length).contains(&fault) || record >= tally.records {
        return Err(format!("reject {record} of {} is at fault at {fault}, outside of it", tally.records));
    }
    Ok(offset + length)
}

/// Where an object of flow logs, which inflates to `text`, was not read as a plain reader does.
pub(crate) fn judge_flow(text: &[u8], outcome: &Outcome) -> Result<(), String> {
    judge_any(text, outcome)?;
    let lines = flow::split(text);
    if outcome.tallies[0].records != lines.len() as u64 {
        return Err(format!("{:?} of {} lines", outcome.tallies[0], lines.len()));
    }
    let tables = [&VPC_FLOW, &TGW_FLOW];
    let rows = |table: &'static Table| readback::table(&outcome.files, table);
    let (vpc, tgw, rejects) = (rows(tables[0])?, rows(tables[1])?, rows(&REJECTS)?);
    let id = outcome.id()?;
    for (record, line) in lines.iter().enumerate() {
        let place = (id.clone(), record as u64);
        let missing = || format!("record {record} is not where it should be: {line:?}");
        match line {
            Found::Row(header, range) => {
                let table = flow::table(header);
                let rows = if table == tables[0] { &vpc } else { &tgw };
                let row = rows.get(&place).ok_or_else(missing)?;
                let line = str::from_utf8(&text[range.clone()]).map_err(|error| error.to_string())?;
                flow::judge(table, &row.values, header, line)?;
            }
            Found::Reject(reason, range) => {
                judge_reason(rejects.get(&place).ok_or_else(missing)?, *reason, range.start)?;
            }
            Found::Rest(start, reason) => {
                judge_reason(rejects.get(&place).ok_or_else(missing)?, *reason, *start)?;
                if outcome.tallies[0].damage.is_none() {
                    return Err(format!("{reason:?} at {start} is no damage"));
                }
            }
        }
    }
    Ok(())
}

fn judge_reason(reject: &ReadRow, reason: Reason, start: usize) -> Result<(), String> {
    let found = (reject.value(&REJECTS, "reason"), reject.value(&REJECTS, "byte_offset"));
    let (code, start) = (Value::Text(reason.code().to_owned()), Value::Int(start as i64));
    if found == (Some(&code), Some(&start)) { Ok(()) } else { Err(format!("{found:?}, not {code:?} at {start:?}")) }
}

/// Where `row` is not what the finding `text` says.
pub(crate) fn judge_finding(row: &ReadRow, text: &str, case: Case) -> Result<(), String> {
    for (column, wanted) in finding::columns(text, case) {
        let found = row.value(&GUARDDUTY, column.name);
        if !wanted.is(found) {
            return Err(format!("`{}` is {found:?}, not {wanted:?}, of {text}", column.name));
        }
    }
    Ok(())
}
