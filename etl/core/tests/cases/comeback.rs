//! Rows back to records, and those to rows again.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, Date32Array, RecordBatch, StringArray};
use arrow_schema::{Field, Schema};
use trailhouse_core::rebuild::{Framing, RebuildError, Rebuilder, Record, object_key};
use trailhouse_core::{KeyFacts, KeyKind, PartFile, Transform};
use trailhouse_schemas::{PartitionColumn, REJECTS};

use super::harness::{Input, Outcome, transform};
use super::readback::{self, ReadRow};

/// What a row says of where it came from: a rebuilt record came from elsewhere.
const SOURCE: [&str; 3] = ["source_object", "source_id", "source_record"];

/// One rebuilt object.
#[derive(Debug, Default)]
pub(crate) struct Rebuilt {
    pub(crate) key: String,
    pub(crate) text: String,
    pub(crate) records: Vec<String>,
    header: String,
}

impl Rebuilt {
    fn push(&mut self, record: &Record<'_>) {
        if !self.records.is_empty() {
            self.text.push_str(record.framing.between());
        }
        if self.header != record.header {
            record.header.clone_into(&mut self.header);
            self.text.push_str(record.header);
            self.text.push('\n');
        }
        self.text.push_str(record.text);
        self.records.push(record.text.to_owned());
    }

    /// It as object number `number` of a plan, which its key alone tells of.
    fn input(&self, number: usize) -> Result<Input, String> {
        let mut input = Input::new(number, self.text.as_bytes().to_vec());
        input.object.key = KeyFacts::of(&self.key);
        let KeyKind::Log(format) = input.object.key.kind else {
            return Err(format!("the key `{}` says no format", self.key));
        };
        (input.object.format, input.object.address) = (format, self.key.clone());
        Ok(input)
    }
}

/// The columns of a file, and those of its partition.
pub(crate) fn batches(file: &PartFile) -> Result<Vec<RecordBatch>, String> {
    readback::batches(file)?.into_iter().map(|batch| with_partition(&batch, file)).collect()
}

fn with_partition(batch: &RecordBatch, file: &PartFile) -> Result<RecordBatch, String> {
    let mut fields: Vec<Arc<Field>> = batch.schema_ref().fields().iter().cloned().collect();
    let mut columns = batch.columns().to_vec();
    for (column, value) in &file.partition.0 {
        fields.push(Arc::new(Field::new(column.name(), column.arrow_type(), false)));
        let array: ArrayRef = match column {
            PartitionColumn::EventDate => {
                let day = KeyFacts::of(&format!("{}/x", value.replace('-', "/"))).day;
                let day = day.ok_or_else(|| format!("`{value}` is no day"))?.0;
                Arc::new(Date32Array::from(vec![day; batch.num_rows()]))
            }
            _ => Arc::new(StringArray::from(vec![value.as_str(); batch.num_rows()])),
        };
        columns.push(array);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|error| error.to_string())
}

/// Objects of all records of `files`, one for each place and framing.
pub(crate) fn rebuild(files: &[PartFile]) -> Result<Vec<Rebuilt>, String> {
    let mut objects: BTreeMap<String, (Framing, Rebuilt)> = BTreeMap::new();
    for file in files.iter().filter(|file| file.table != &REJECTS) {
        let rebuilder = Rebuilder::new(file.table);
        let mut rebuilder = rebuilder.ok_or_else(|| format!("`{}` does not come back", file.table.name))?;
        let take = &mut |record: Record<'_>| {
            let key = object_key(record.place, record.framing, 0);
            let (_, object) = objects.entry(key.clone()).or_insert_with(|| {
                let text = record.framing.opening().to_owned();
                (record.framing.clone(), Rebuilt { key, text, ..Rebuilt::default() })
            });
            object.push(&record);
            Ok::<_, RebuildError>(())
        };
        for batch in batches(file)? {
            rebuilder.rebuild(&batch, take).map_err(|error| error.to_string())?;
        }
    }
    let close = |(framing, mut object): (Framing, Rebuilt)| {
        object.text.push_str(framing.closing());
        object
    };
    Ok(objects.into_values().map(close).collect())
}

/// All rows but those of `rejects`, without where they came from, and by what they hold.
fn rows(files: &[PartFile]) -> Result<Vec<(&'static str, ReadRow)>, String> {
    let mut rows = Vec::new();
    for file in files.iter().filter(|file| file.table != &REJECTS) {
        let own: Vec<usize> = SOURCE.iter().filter_map(|name| file.table.position(name)).collect();
        for mut row in readback::rows(file)? {
            own.iter().for_each(|place| row.values[*place] = None);
            rows.push((file.table.name, row));
        }
    }
    rows.sort_by(|one, other| {
        (one.0, &one.1.partition, &one.1.values).cmp(&(other.0, &other.1.partition, &other.1.values))
    });
    Ok(rows)
}

/// Rebuilds all records of `first` and reads them with `again`: the rows must be the same. Returns the objects.
pub(crate) fn come_back(first: &Outcome, again: &mut Transform) -> Result<Vec<Rebuilt>, String> {
    let objects = rebuild(&first.files)?;
    let inputs = objects.iter().enumerate().map(|(number, object)| object.input(number));
    let second = transform(again, &inputs.collect::<Result<Vec<_>, _>>()?);
    for (tally, object) in second.tallies.iter().zip(&objects) {
        if (tally.rejects, &tally.damage, tally.rows) != (0, &None, object.records.len() as u64) {
            return Err(format!("{tally:?} of {} records of `{}`:\n{}", object.records.len(), object.key, object.text));
        }
    }
    let (before, after) = (rows(&first.files)?, rows(&second.files)?);
    for (before, after) in before.iter().zip(&after) {
        if before != after {
            return Err(different(before, after, &objects));
        }
    }
    if before.len() != after.len() {
        return Err(format!("{} rows, and again {}, of {objects:?}", before.len(), after.len()));
    }
    Ok(objects)
}

fn different(before: &(&str, ReadRow), after: &(&str, ReadRow), objects: &[Rebuilt]) -> String {
    let columns = trailhouse_schemas::table(before.0).map_or(&[][..], |table| table.columns);
    let pairs = before.1.values.iter().zip(&after.1.values).zip(columns);
    let different: Vec<_> =
        pairs.filter(|((one, other), _)| one != other).map(|(pair, column)| (column.name, pair)).collect();
    let places = (before.0, &before.1.partition, after.0, &after.1.partition);
    format!("a row of {places:?} is another one when it comes back: {different:?}\nby way of {objects:?}")
}
