//! Answers made fit for formats that take less than SQL gives.

use std::collections::HashSet;
use std::sync::Arc;

use arrow::datatypes::{Schema, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;

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

#[cfg(test)]
mod tests {
    use arrow::datatypes::{DataType, Field};

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
