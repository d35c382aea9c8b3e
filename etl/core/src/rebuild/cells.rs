//! Values of rows by the names of their columns.

use std::collections::HashMap;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Float64Type, Int32Type, Int64Type, TimestampMillisecondType};
use arrow_array::{
    Array, BooleanArray, Date32Array, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray, StringViewArray,
    TimestampMillisecondArray,
};

use trailhouse_schemas::Kind;

use super::RebuildError;

/// The values of one column.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cells<'b> {
    Text(&'b StringArray),
    View(&'b StringViewArray),
    Bool(&'b BooleanArray),
    Int(&'b Int64Array),
    Int32(&'b Int32Array),
    Double(&'b Float64Array),
    Instant(&'b TimestampMillisecondArray),
    Date(&'b Date32Array),
}

impl<'b> Cells<'b> {
    fn of(array: &'b dyn Array) -> Option<Self> {
        None.or_else(|| array.as_string_opt().map(Self::Text))
            .or_else(|| array.as_string_view_opt().map(Self::View))
            .or_else(|| array.as_boolean_opt().map(Self::Bool))
            .or_else(|| array.as_primitive_opt::<Int64Type>().map(Self::Int))
            .or_else(|| array.as_primitive_opt::<Int32Type>().map(Self::Int32))
            .or_else(|| array.as_primitive_opt::<Float64Type>().map(Self::Double))
            .or_else(|| array.as_primitive_opt::<TimestampMillisecondType>().map(Self::Instant))
            .or_else(|| array.as_primitive_opt::<Date32Type>().map(Self::Date))
    }

    /// Whether such values are of `kind`.
    fn is(self, kind: Kind) -> bool {
        match self {
            Self::Text(_) | Self::View(_) => matches!(kind, Kind::Text | Kind::Json),
            Self::Bool(_) => kind == Kind::Bool,
            Self::Int(_) => kind == Kind::Int,
            Self::Int32(_) => kind == Kind::Int32,
            Self::Double(_) => kind == Kind::Double,
            Self::Instant(_) => kind == Kind::Instant,
            // No table has such a column: the day of a partition.
            Self::Date(_) => false,
        }
    }

    /// The text in `row`; none where it is null, or no text.
    pub(super) fn text(self, row: usize) -> Option<&'b str> {
        match self {
            Self::Text(texts) => texts.is_valid(row).then(|| texts.value(row)),
            Self::View(texts) => texts.is_valid(row).then(|| texts.value(row)),
            _ => None,
        }
    }

    /// The integer in `row`: a number, milliseconds since 1970 or days since then.
    pub(super) fn int(self, row: usize) -> Option<i64> {
        match self {
            Self::Int(ints) => ints.is_valid(row).then(|| ints.value(row)),
            Self::Int32(ints) => ints.is_valid(row).then(|| ints.value(row).into()),
            Self::Instant(times) => times.is_valid(row).then(|| times.value(row)),
            Self::Date(days) => days.is_valid(row).then(|| days.value(row).into()),
            _ => None,
        }
    }

    pub(super) fn bool(self, row: usize) -> Option<bool> {
        match self {
            Self::Bool(bools) => bools.is_valid(row).then(|| bools.value(row)),
            _ => None,
        }
    }

    pub(super) fn double(self, row: usize) -> Option<f64> {
        match self {
            Self::Double(doubles) => doubles.is_valid(row).then(|| doubles.value(row)),
            _ => None,
        }
    }
}

/// Some rows.
pub(super) struct Batch<'b> {
    /// Where in `cells` a column is, by its name.
    names: HashMap<&'b str, usize>,
    cells: Vec<Cells<'b>>,
    rows: usize,
}

impl<'b> Batch<'b> {
    pub(super) fn new(batch: &'b RecordBatch) -> Self {
        let (mut names, mut cells) = (HashMap::new(), Vec::new());
        for (field, array) in batch.schema_ref().fields().iter().zip(batch.columns()) {
            if let Some(column) = Cells::of(array.as_ref()) {
                names.insert(field.name().as_str(), cells.len());
                cells.push(column);
            }
        }
        Self { names, cells, rows: batch.num_rows() }
    }

    /// Where the column called `name` is, which has values of `kind`.
    pub(super) fn position(&self, name: &'static str, kind: Kind) -> Result<usize, RebuildError> {
        let found = self.names.get(name).filter(|at| self.cells[**at].is(kind));
        found.copied().ok_or(RebuildError::Column(name))
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        (0..self.rows).map(|row| Row { batch: self, row })
    }
}

/// One of them.
#[derive(Clone, Copy)]
pub(super) struct Row<'b> {
    batch: &'b Batch<'b>,
    /// Its number in the batch.
    pub(super) row: usize,
}

impl<'b> Row<'b> {
    /// The values of the column at `position`.
    pub(super) fn cells(self, position: usize) -> Cells<'b> {
        self.batch.cells[position]
    }

    /// The text in the column called `name`, if there is such a column.
    pub(super) fn text(self, name: &str) -> Option<&'b str> {
        self.named(name)?.text(self.row)
    }

    /// The integer in the column called `name`, if there is such a column.
    pub(super) fn int(self, name: &str) -> Option<i64> {
        self.named(name)?.int(self.row)
    }

    fn named(self, name: &str) -> Option<Cells<'b>> {
        self.batch.names.get(name).map(|at| self.batch.cells[*at])
    }

    /// What to say of a row that `why` is wrong with.
    pub(super) fn error(self, why: &'static str) -> RebuildError {
        let object = self.text("source_object").unwrap_or_default().to_owned();
        RebuildError::Row { object, record: self.int("source_record").unwrap_or(-1), why }
    }
}
