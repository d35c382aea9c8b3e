//! Flow logs in Parquet: files as they are, and files forged around the bytes of their pages.
//!
//! A file is reached through its footer, whose places no longer fit once a byte is put in or taken out. So an input that
//! does not begin as a file says what the pages of one hold and claim, and the rest of the file is made to fit.

use trailhouse_core::transcribe::text_of;
use trailhouse_core::{Format, Settings};
use trailhouse_schemas::REJECTS;

use crate::forge::{Column, Page, Struct, file};
use crate::harness::{Input, Outcome, gzip, small_parts, transform};
use crate::invariants::judge_any;
use crate::oracle::flow::is_header;
use crate::reading::{Choice, every_way, with_transform};

/// What a file begins with.
const MAGIC: &[u8] = b"PAR1";
/// Bytes of text that are read of a file: a few bytes can stand for any number of rows.
const TEXT_BYTES_MAX: u64 = 4 << 10;
/// The columns of a forged file, as many as it has.
const NAMES: [&str; 3] = ["srcaddr", "end", "packets"];
/// Pages of a forged column.
const PAGES_MAX: u8 = 4;

/// Nothing is lost, however the file arrives, and its rows are those of the text that it is transcribed to.
pub(crate) fn judge(bytes: &[u8]) -> Result<(), String> {
    let Some((choice, rest)) = Choice::split(bytes) else { return Ok(()) };
    let (stored, rows) = match bytes.starts_with(&MAGIC[..2]) {
        true => (bytes.to_vec(), None),
        false => forge(choice.kind, rest),
    };
    let mut input = Input::new(0, stored);
    input.object.format = Format::FlowParquet;
    let settings = Settings { inflated_bytes_max: TEXT_BYTES_MAX, ..small_parts() };
    let outcome = every_way(&input, settings, choice.step())?;
    let (text, damage) = text_of(&input.stored, TEXT_BYTES_MAX);
    judge_any(&text, &outcome)?;
    judge_rows(&text, damage.as_deref(), &outcome)?;
    if rows.is_some_and(|rows| damage.is_none() && outcome.tallies[0].records != rows) {
        return Err(format!("{:?} of {rows:?} rows", outcome.tallies));
    }
    Ok(())
}

/// The rows are those of the same text in an object of its own, which other targets judge; behind them is what is wrong
/// with the file.
fn judge_rows(text: &[u8], damage: Option<&str>, outcome: &Outcome) -> Result<(), String> {
    let tally = &outcome.tallies[0];
    // A file of no bytes has no text, and is empty as others are.
    if tally.damage.is_some() != (damage.is_some() || text.is_empty()) {
        return Err(format!("{damage:?}, but {tally:?}"));
    }
    // A line that the limit cuts off is no row.
    let lines = &text[..text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1)];
    let fields = judge_lines(lines)?;
    if fields == 0 {
        let is_nothing = (tally.rows, tally.rejects) == (0, 1);
        return if is_nothing { Ok(()) } else { Err(format!("{tally:?} of no text")) };
    }
    let mut plain = Input::new(0, lines.to_vec());
    plain.object.format = Format::Flow;
    let plain = with_transform(&small_parts(), |reader| transform(reader, &[plain]));
    let of_tables = |outcome: &Outcome| {
        let files = outcome.files.iter().filter(|file| file.table != &REJECTS);
        files.cloned().collect::<Vec<_>>()
    };
    let rejects = plain.tallies[0].rejects + u64::from(damage.is_some());
    if of_tables(outcome) != of_tables(&plain) || tally.rejects != rejects {
        return Err(format!("{tally:?}, but of its text {:?}", plain.tallies));
    }
    Ok(())
}

/// The first line is a header and no other is, and all have as many fields. How many.
fn judge_lines(text: &[u8]) -> Result<usize, String> {
    let lines = text.split_inclusive(|byte| *byte == b'\n').map(|line| &line[..line.len() - 1]);
    let mut fields = 0;
    for (number, line) in lines.enumerate() {
        let found = line.split(|byte| *byte == b' ').filter(|field| !field.is_empty()).count();
        if number == 0 {
            fields = found;
        }
        let is_clean = line.iter().all(|byte| *byte >= b' ' && *byte != 0x7f);
        let blanks = line.iter().filter(|byte| **byte == b' ').count();
        if !is_clean || found != fields || blanks + 1 != found || is_header(line) != (number == 0) {
            return Err(format!("line {number} of {fields} fields is {:?}", String::from_utf8_lossy(line)));
        }
    }
    Ok(fields)
}

/// What a forged file is made of: numbers, and nothing but zeros behind the last of them.
struct Draws<'a>(&'a [u8]);

impl<'a> Draws<'a> {
    fn number(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (bytes, rest) = self.0.split_at(count.min(self.0.len()));
        self.0 = rest;
        bytes
    }
}

/// A file of one row group whose pages are made of `bytes`, and how many rows it says to have.
fn forge(columns: u8, bytes: &[u8]) -> (Vec<u8>, Option<u64>) {
    let mut draws = Draws(bytes);
    let rows = draws.number();
    let columns = &NAMES[..1 + usize::from(columns) % NAMES.len()];
    let columns: Vec<Column> = columns.iter().map(|name| column(name, rows, &mut draws)).collect();
    (file(rows.into(), &columns), Some(rows.into()))
}

fn column(name: &str, rows: u8, draws: &mut Draws<'_>) -> Column {
    const CODECS: [i64; 8] = [0, 0, 0, 0, 2, 1, 6, 4];
    const FIXED: u8 = 7;
    let (kind, how) = (draws.number(), draws.number());
    let (physical, repetition) = (kind % 8, kind / 8 % 2);
    let mut schema = Struct::new().int(1, physical.into());
    if physical == FIXED {
        schema = schema.int(2, draws.number().into());
    }
    schema = schema.int(3, repetition.into()).text(4, name.as_bytes());
    if kind >= 128 {
        schema = schema.int(6, draws.number().into());
    }
    let codec = CODECS[usize::from(how % 8)];
    let pages = (0..=how / 8 % PAGES_MAX).map(|_| page(codec, rows, draws)).collect();
    Column { schema, codec, ..Column::text(name, rows.into(), pages) }
}

/// A page that says as many values as there are rows, or another number.
fn page(codec: i64, rows: u8, draws: &mut Draws<'_>) -> Page {
    const ENCODINGS: [i64; 8] = [0, 2, 3, 5, 6, 8, 8, 0];
    let (kind, values, length) = (draws.number(), draws.number(), draws.number());
    let values = i64::from(if values == 0 { rows } else { values });
    let encoding = ENCODINGS[usize::from(kind / 4 % 8)];
    let bytes = draws.bytes(usize::from(length));
    let stored = if codec == 2 { gzip(bytes) } else { bytes.to_vec() };
    // What is packed in another way comes as it is, and unpacks to what it may.
    let unpacked = if [1, 6].contains(&codec) { usize::from(draws.number()) } else { bytes.len() };
    match kind % 4 {
        0 => Page::dictionary(values, bytes.to_vec()),
        1 => Page::data_2(values, encoding, (i64::from(kind / 32), 0), bytes.to_vec()),
        _ => Page::data(values, encoding, unpacked, stored),
    }
}
