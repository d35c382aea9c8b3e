//! Answers made fit for formats that take less than SQL gives.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};

/// The same columns, the later ones of a repeated name numbered: an object has each key once, and a file each column.
pub(super) fn unique(schema: &SchemaRef) -> SchemaRef {
    let mut taken: HashSet<String> = HashSet::new();
    let fields = schema.fields().iter().map(|field| {
        let numbered = (2..).map(|number| format!("{}_{number}", field.name()));
        let name = std::iter::once(field.name().clone()).chain(numbered).find(|name| !taken.contains(name));
        let name = name.unwrap_or_default();
        taken.insert(name.clone());
        Arc::new(field.as_ref().clone().with_name(name))
    });
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// A batch under other names.
pub(super) fn renamed(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
    RecordBatch::try_new_with_options(
        SchemaRef::clone(schema),
        batch.columns().to_vec(),
        &arrow::record_batch::RecordBatchOptions::new().with_row_count(Some(batch.num_rows())),
    )
}

/// Rows whose lists and structures are text: CSV has none.
pub(super) struct Flat {
    schema: SchemaRef,
}

impl Flat {
    pub(super) fn new(schema: &SchemaRef) -> Self {
        let flat = |field: &Arc<Field>| match field.data_type().is_nested() {
            true => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8)),
            false => Arc::clone(field),
        };
        Self { schema: Arc::new(Schema::new(schema.fields().iter().map(flat).collect::<Vec<_>>())) }
    }

    pub(super) fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }

    pub(super) fn of(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let flat = |column: &ArrayRef| match column.data_type().is_nested() {
            true => text(column),
            false => Ok(ArrayRef::clone(column)),
        };
        RecordBatch::try_new(self.schema(), batch.columns().iter().map(flat).collect::<Result<_, _>>()?)
    }
}

fn text(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let options = FormatOptions::default();
    let values = ArrayFormatter::try_new(column, &options)?;
    let text = |row: usize| (!column.is_null(row)).then(|| values.value(row).try_to_string()).transpose();
    Ok(Arc::new((0..column.len()).map(text).collect::<Result<StringArray, _>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_names_are_numbered() {
        let fields: Vec<Field> =
            ["a", "b", "a", "a_2", "a"].map(|name| Field::new(name, DataType::Int64, true)).to_vec();
        let names: Vec<String> =
            unique(&Arc::new(Schema::new(fields))).fields().iter().map(|field| field.name().clone()).collect();
        assert_eq!(names, ["a", "b", "a_2", "a_2_2", "a_3"]);
    }
}
