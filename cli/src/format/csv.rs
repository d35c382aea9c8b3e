//! CSV in which null and the empty text differ: nothing stands for null, `""` for a text without characters.

use std::io::{self, Write};

use arrow::datatypes::{DataType, SchemaRef};
use arrow::error::ArrowError;
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};

use super::names::unique;

/// Writes a header and a line a row.
pub(super) struct CsvWriter<W> {
    out: W,
    is_text: Vec<bool>,
}

impl<W: Write> CsvWriter<W> {
    pub(super) fn new(mut out: W, schema: &SchemaRef) -> io::Result<Self> {
        let names: Vec<String> = unique(schema).fields().iter().map(|field| quoted(field.name())).collect();
        writeln!(out, "{}", names.join(","))?;
        let is_text = |data_type: &DataType| data_type.is_string() || data_type.is_binary();
        Ok(Self { out, is_text: schema.fields().iter().map(|field| is_text(field.data_type())).collect() })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), ArrowError> {
        let options = FormatOptions::default();
        let columns = batch.columns().iter().map(|column| ArrayFormatter::try_new(column, &options));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let (mut line, mut value) = (String::new(), String::new());
        for row in 0..batch.num_rows() {
            line.clear();
            for (number, column) in columns.iter().enumerate() {
                if number > 0 {
                    line.push(',');
                }
                if batch.column(number).is_null(row) {
                    continue;
                }
                value.clear();
                column.value(row).write(&mut value)?;
                match value.is_empty() && self.is_text[number] {
                    true => line.push_str("\"\""),
                    false => push(&mut line, &value),
                }
            }
            line.push('\n');
            self.out.write_all(line.as_bytes()).map_err(|error| ArrowError::IoError(error.to_string(), error))?;
        }
        Ok(())
    }

    pub(super) fn into_inner(self) -> W {
        self.out
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len());
    push(&mut quoted, text);
    quoted
}

fn push(line: &mut String, text: &str) {
    match text.contains([',', '"', '\n', '\r']) {
        true => line.extend(["\"", &text.replace('"', "\"\""), "\""]),
        false => line.push_str(text),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow::array::{ArrayRef, Int64Array, StringArray};
    use arrow::datatypes::{Field, Schema};
    use arrow::record_batch::RecordBatchOptions;

    use super::*;

    fn csv(batch: &RecordBatch) -> String {
        let mut writer = CsvWriter::new(Vec::new(), &batch.schema()).unwrap();
        writer.write(batch).unwrap();
        String::from_utf8(writer.into_inner()).unwrap()
    }

    #[test]
    fn null_and_nothing_differ_and_names_are_numbered() {
        let texts: ArrayRef = Arc::new(StringArray::from(vec![Some(""), None, Some("a,\"b\"\n")]));
        let numbers: ArrayRef = Arc::new(Int64Array::from(vec![Some(1), None, Some(3)]));
        let schema = Schema::new(vec![
            Field::new("x", DataType::Utf8, true),
            Field::new("x", DataType::Int64, true),
            Field::new("y,z", DataType::Utf8, true),
        ]);
        let batch = RecordBatch::try_new(Arc::new(schema), vec![Arc::clone(&texts), numbers, texts]).unwrap();
        assert_eq!(csv(&batch), "x,x_2,\"y,z\"\n\"\",1,\"\"\n,,\n\"a,\"\"b\"\"\n\",3,\"a,\"\"b\"\"\n\"\n");
    }

    #[test]
    fn rows_without_columns_are_rows() {
        let options = RecordBatchOptions::new().with_row_count(Some(2));
        let batch = RecordBatch::try_new_with_options(Arc::new(Schema::empty()), Vec::new(), &options).unwrap();
        assert_eq!(csv(&batch), "\n\n\n");
    }
}
