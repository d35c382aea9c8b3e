//! The columns of one part, under construction.

use std::ops::Range;

use trailhouse_schemas::{Kind, Origin, Storage, Table};

use crate::interner::Interner;
use crate::memory::Extent;
use crate::text::{Side, Span, Texts};

/// Where a column's values are: its number among the columns of one shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Slot {
    /// In [`Columns::coded`].
    Coded(usize),
    /// In [`Columns::spans`], decoded text.
    Text(usize),
    /// In [`Columns::spans`], exact text of any value.
    Json(usize),
    /// In [`Columns::bools`].
    Bool(usize),
    /// In [`Columns::numbers`], milliseconds, written as text.
    Instant(usize),
    /// In [`Columns::numbers`], milliseconds, written as their number.
    Millis(usize),
    /// In [`Columns::numbers`].
    Int(usize),
    /// In [`Columns::small`].
    Int32(usize),
    /// In [`Columns::doubles`].
    Double(usize),
}

/// Where the values of each of the table's columns go.
pub(crate) fn slots_of(table: &Table) -> Vec<Slot> {
    let (mut coded, mut spans, mut bools, mut numbers) = (0.., 0.., 0.., 0..);
    let (mut small, mut doubles) = (0.., 0..);
    let take = |counter: &mut std::ops::RangeFrom<usize>| counter.next().unwrap_or_default();
    let slot = |column: &trailhouse_schemas::Column| match (column.kind, column.storage) {
        (Kind::Text | Kind::Json, Storage::Coded | Storage::CodedNeedle) => Slot::Coded(take(&mut coded)),
        (Kind::Text | Kind::Bytes, _) => Slot::Text(take(&mut spans)),
        (Kind::Json, _) => Slot::Json(take(&mut spans)),
        (Kind::Bool, _) => Slot::Bool(take(&mut bools)),
        (Kind::Instant, _) if matches!(column.origin, Origin::Millis(_)) => Slot::Millis(take(&mut numbers)),
        (Kind::Instant, _) => Slot::Instant(take(&mut numbers)),
        (Kind::Int, _) => Slot::Int(take(&mut numbers)),
        (Kind::Int32, _) => Slot::Int32(take(&mut small)),
        (Kind::Double, _) => Slot::Double(take(&mut doubles)),
    };
    table.columns.iter().map(slot).collect()
}

/// A boolean that may be null.
pub(crate) const BOOL_NULL: u8 = 2;
/// A number that is null.
pub(crate) const NUMBER_NULL: i64 = i64::MIN;
/// A small number that is null.
pub(crate) const SMALL_NULL: i32 = i32::MIN;
/// Text has no way to write it.
pub(crate) const DOUBLE_NULL: f64 = f64::NAN;

/// A text column of few values.
#[derive(Debug, Default)]
pub(crate) struct Coded {
    /// One code of `interner` for each row; 0 is null.
    pub(crate) codes: Vec<u32>,
    /// The values.
    pub(crate) interner: Interner,
}

impl Coded {
    /// Puts one text into all of `rows`.
    pub(crate) fn fill(&mut self, text: &str, arena: &[u8], side: &mut Side, rows: Range<usize>) {
        let last = self.interner.values().last().copied().filter(|span| !span.is_null());
        let texts = Texts { arena, side: side.bytes() };
        // Batches of one object fill in the same text again and again.
        let span = match last.filter(|span| texts.get(*span) == text.as_bytes()) {
            Some(span) => span,
            None => side.push(text.as_bytes()),
        };
        let code = self.interner.intern(Texts { arena, side: side.bytes() }, span);
        self.codes[rows].fill(code);
    }
}

/// The columns of one part. Rows are appended as nulls, then filled.
///
/// A column may be shorter than the others: what is missing of it is null.
#[derive(Debug)]
pub(crate) struct Columns {
    slots: Vec<Slot>,
    pub(crate) coded: Vec<Coded>,
    pub(crate) spans: Vec<Vec<Span>>,
    /// 0, 1 or [`BOOL_NULL`].
    pub(crate) bools: Vec<Vec<u8>>,
    pub(crate) numbers: Vec<Vec<i64>>,
    pub(crate) small: Vec<Vec<i32>>,
    pub(crate) doubles: Vec<Vec<f64>>,
    rows: usize,
}

impl Columns {
    /// No rows yet.
    pub(crate) fn new(table: &Table) -> Self {
        let slots = slots_of(table);
        let count = |wanted: fn(&Slot) -> bool| slots.iter().filter(|slot| wanted(slot)).count();
        let coded = count(|slot| matches!(slot, Slot::Coded(_)));
        let spans = count(|slot| matches!(slot, Slot::Text(_) | Slot::Json(_)));
        let bools = count(|slot| matches!(slot, Slot::Bool(_)));
        let numbers = count(|slot| matches!(slot, Slot::Instant(_) | Slot::Millis(_) | Slot::Int(_)));
        let small = count(|slot| matches!(slot, Slot::Int32(_)));
        let doubles = count(|slot| matches!(slot, Slot::Double(_)));
        Self {
            coded: std::iter::repeat_with(Coded::default).take(coded).collect(),
            spans: vec![Vec::new(); spans],
            bools: vec![Vec::new(); bools],
            numbers: vec![Vec::new(); numbers],
            small: vec![Vec::new(); small],
            doubles: vec![Vec::new(); doubles],
            slots,
            rows: 0,
        }
    }

    /// Where each of the table's columns is, in table order.
    pub(crate) fn slots(&self) -> &[Slot] {
        &self.slots
    }

    /// How many rows there are.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Appends `rows` rows of nulls.
    pub(crate) fn grow(&mut self, rows: usize) {
        self.rows += rows;
        self.coded.iter_mut().for_each(|column| column.codes.resize(self.rows, 0));
        self.spans.iter_mut().for_each(|column| column.resize(self.rows, Span::NULL));
        self.bools.iter_mut().for_each(|column| column.resize(self.rows, BOOL_NULL));
        self.numbers.iter_mut().for_each(|column| column.resize(self.rows, NUMBER_NULL));
        self.small.iter_mut().for_each(|column| column.resize(self.rows, SMALL_NULL));
        self.doubles.iter_mut().for_each(|column| column.resize(self.rows, DOUBLE_NULL));
    }

    /// Appends `rows` rows of nulls to the columns at `slots`, and leaves the others short.
    pub(crate) fn grow_only(&mut self, rows: usize, slots: &[Slot]) {
        self.rows += rows;
        let rows = self.rows;
        for slot in slots {
            match *slot {
                Slot::Coded(at) => self.coded[at].codes.resize(rows, 0),
                Slot::Text(at) | Slot::Json(at) => self.spans[at].resize(rows, Span::NULL),
                Slot::Bool(at) => self.bools[at].resize(rows, BOOL_NULL),
                Slot::Instant(at) | Slot::Millis(at) | Slot::Int(at) => self.numbers[at].resize(rows, NUMBER_NULL),
                Slot::Int32(at) => self.small[at].resize(rows, SMALL_NULL),
                Slot::Double(at) => self.doubles[at].resize(rows, DOUBLE_NULL),
            }
        }
    }

    /// Makes every column that has any value as long as there are rows.
    pub(crate) fn level(&mut self) {
        let rows = self.rows;
        let coded = self.coded.iter_mut().map(|column| &mut column.codes);
        coded.for_each(|column| level(column, rows, 0));
        self.spans.iter_mut().for_each(|column| level(column, rows, Span::NULL));
        self.bools.iter_mut().for_each(|column| level(column, rows, BOOL_NULL));
        self.numbers.iter_mut().for_each(|column| level(column, rows, NUMBER_NULL));
        self.small.iter_mut().for_each(|column| level(column, rows, SMALL_NULL));
        self.doubles.iter_mut().for_each(|column| level(column, rows, DOUBLE_NULL));
    }

    /// Takes back the rows behind the first `rows`, which were not filled.
    pub(crate) fn truncate(&mut self, rows: usize) {
        self.rows = rows;
        self.coded.iter_mut().for_each(|column| column.codes.truncate(rows));
        self.spans.iter_mut().for_each(|column| column.truncate(rows));
        self.bools.iter_mut().for_each(|column| column.truncate(rows));
        self.numbers.iter_mut().for_each(|column| column.truncate(rows));
        self.small.iter_mut().for_each(|column| column.truncate(rows));
        self.doubles.iter_mut().for_each(|column| column.truncate(rows));
    }

    /// The memory of all columns.
    pub(crate) fn extent(&self) -> Extent {
        let coded = self.coded.iter().flat_map(|column| [Extent::of(&column.codes), column.interner.extent()]);
        coded
            .chain(self.spans.iter().map(Extent::of))
            .chain(self.bools.iter().map(Extent::of))
            .chain(self.numbers.iter().map(Extent::of))
            .chain(self.small.iter().map(Extent::of))
            .chain(self.doubles.iter().map(Extent::of))
            .sum()
    }

    /// Forgets all rows.
    pub(crate) fn clear(&mut self) {
        self.rows = 0;
        for column in &mut self.coded {
            column.codes.clear();
            column.interner.clear();
        }
        self.spans.iter_mut().for_each(Vec::clear);
        self.bools.iter_mut().for_each(Vec::clear);
        self.numbers.iter_mut().for_each(Vec::clear);
        self.small.iter_mut().for_each(Vec::clear);
        self.doubles.iter_mut().for_each(Vec::clear);
    }

    /// The text of coded column `column` in `row`.
    pub(crate) fn coded_text<'a>(&self, texts: Texts<'a>, column: usize, row: usize) -> Option<&'a [u8]> {
        let Coded { codes, interner } = &self.coded[column];
        let span = interner.values()[codes[row] as usize];
        (!span.is_null()).then(|| texts.get(span))
    }
}

fn level<T: Clone>(column: &mut Vec<T>, rows: usize, null: T) {
    if !column.is_empty() {
        column.resize(rows, null);
    }
}
