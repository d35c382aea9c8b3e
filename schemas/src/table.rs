//! Tables and columns as values.

use crate::partitioning::{PartitionColumn, Partitioning};

/// One table of the lake.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name in every catalog and its folder in the lake.
    pub name: &'static str,
    /// What one row is, in a sentence or two.
    pub about: &'static str,
    /// The columns inside the files, in file order. Partition columns are the lake's, not the table's.
    pub columns: &'static [Column],
    /// The columns that rows are sorted by within a file, most significant first; all ascending, nulls first. Rows
    /// equal in these keep the order of their source.
    pub order: &'static [&'static str],
    /// Which columns say where a row belongs.
    pub routing: Routing,
}

/// The columns that decide a row's partition and its place in a file. What they do not say, the object's key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Routing {
    /// Its account: the first of these text columns that has a value.
    pub accounts: &'static [&'static str],
    /// Its region.
    pub region: Option<&'static str>,
    /// Its time: the first of these that has a value says its day. Rows are sorted by the first alone.
    pub times: &'static [&'static str],
}

impl Routing {
    /// Nothing but the object's key.
    pub const NONE: Self = Self { accounts: &[], region: None, times: &[] };

    /// The columns that say what a row has in the partition column `partition`, the most telling first.
    pub fn columns_for(&self, partition: PartitionColumn) -> &[&'static str] {
        match partition {
            PartitionColumn::Region => self.region.as_slice(),
            PartitionColumn::AccountId => self.accounts,
            PartitionColumn::EventDate => self.times,
        }
    }
}

impl Table {
    /// Its partition columns in lakes of one partitioning; a table without files has none.
    pub fn partitions(&self, partitioning: Partitioning) -> &'static [PartitionColumn] {
        if crate::folded(self.name).is_some() { &[] } else { partitioning.columns() }
    }

    /// The position of the column called `name`.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }
}

/// One column of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Lower snake case, after AWS's own name.
    pub name: &'static str,
    /// What its values are.
    pub kind: Kind,
    /// Where its values come from.
    pub origin: Origin,
    /// The first version of the source format that has it; empty where AWS names none.
    pub since: &'static str,
    /// What it means, for the manual and the Glue comment.
    pub about: &'static str,
    /// How it is best stored.
    pub storage: Storage,
}

/// What a column's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// The exact text of one JSON value, as the source wrote it.
    Json,
    /// True or false.
    Bool,
    /// A 64-bit signed integer.
    Int,
    /// A 32-bit signed integer.
    Int32,
    /// A 64-bit floating-point number.
    Double,
    /// Milliseconds since 1970-01-01 UTC.
    Instant,
    /// Bytes that need not be text.
    Bytes,
}

/// Where a column's values come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// A field of the source record, by AWS's names from the record's root, joined with dots.
    Field(&'static str),
    /// Such a field that counts seconds since 1970.
    Seconds(&'static str),
    /// Such a field that counts milliseconds since 1970.
    Millis(&'static str),
    /// Such a field whose text is percent-encoded: the text that it stands for.
    Percent(&'static str),
    /// A copy of the first value found at these paths, inside objects that another column holds whole. `*` is any
    /// member, `[]` behind a name any element of the array.
    First(&'static [&'static str]),
    /// Made by Trailhouse.
    Trailhouse,
}

impl Origin {
    /// The field whose own value the column holds, if it holds one.
    pub const fn field(self) -> Option<&'static str> {
        match self {
            Self::Field(path) | Self::Seconds(path) | Self::Millis(path) | Self::Percent(path) => Some(path),
            Self::First(_) | Self::Trailhouse => None,
        }
    }

    /// Every path that values are looked for at, the most telling first.
    pub(crate) fn paths(&self) -> &[&'static str] {
        match self {
            Self::Field(path) | Self::Seconds(path) | Self::Millis(path) | Self::Percent(path) => {
                std::slice::from_ref(path)
            }
            Self::First(paths) => paths,
            Self::Trailhouse => &[],
        }
    }
}

/// How a column is best stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// Few values: dictionary pages, statistics.
    Coded,
    /// Few values, but people search for single ones: dictionary pages, statistics and a bloom filter.
    CodedNeedle,
    /// Nearly every value is new and people search for single ones: plain pages, statistics and a bloom filter.
    Needle,
    /// Nearly every value is new and none is searched for whole: plain pages, no minimum or maximum.
    Bulk,
    /// Fixed width: a dictionary where values are few and close together, steps from one to the next where they are shorter,
    /// else plain pages; statistics.
    Fixed,
}

impl Storage {
    /// Whether a dictionary is tried.
    pub const fn is_coded(self) -> bool {
        matches!(self, Self::Coded | Self::CodedNeedle)
    }

    /// Whether files carry a bloom filter of the values.
    pub const fn has_bloom_filter(self) -> bool {
        matches!(self, Self::CodedNeedle | Self::Needle)
    }

    /// Whether files carry the least and greatest value.
    pub const fn has_bounds(self) -> bool {
        !matches!(self, Self::Bulk)
    }
}

impl Column {
    const fn new(name: &'static str, kind: Kind, origin: Origin, storage: Storage, about: &'static str) -> Self {
        Self { name, kind, origin, since: "", about, storage }
    }

    /// Text of few values, from `field`.
    pub(crate) const fn text(name: &'static str, field: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Text, Origin::Field(field), Storage::Coded, about)
    }

    /// Text that is different in nearly every record, from `field`.
    pub(crate) const fn id(name: &'static str, field: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Text, Origin::Field(field), Storage::Needle, about)
    }

    /// The exact text of the JSON value at `field`.
    pub(crate) const fn json(name: &'static str, field: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Json, Origin::Field(field), Storage::Bulk, about)
    }

    /// Text of few values, the first found at `paths`.
    pub(crate) const fn first(name: &'static str, paths: &'static [&'static str], about: &'static str) -> Self {
        Self::new(name, Kind::Text, Origin::First(paths), Storage::Coded, about)
    }

    /// Text of few values, from `field`, where it is percent-encoded.
    pub(crate) const fn percent(name: &'static str, field: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Text, Origin::Percent(field), Storage::Coded, about)
    }

    /// The 64-bit integer at `field`.
    pub(crate) const fn int(name: &'static str, field: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Int, Origin::Field(field), Storage::Fixed, about)
    }

    /// The 32-bit integer at `field`.
    pub(crate) const fn int32(name: &'static str, field: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Int32, Origin::Field(field), Storage::Fixed, about)
    }

    /// The number at `field`.
    pub(crate) const fn double(name: &'static str, field: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Double, Origin::Field(field), Storage::Fixed, about)
    }

    /// The time at `field`, in seconds since 1970.
    pub(crate) const fn seconds(name: &'static str, field: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Instant, Origin::Seconds(field), Storage::Fixed, about)
    }

    /// The time at `field`, in milliseconds since 1970.
    pub(crate) const fn millis(name: &'static str, field: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Instant, Origin::Millis(field), Storage::Fixed, about)
    }

    /// The boolean at `field`.
    pub(crate) const fn bool(name: &'static str, field: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Bool, Origin::Field(field), Storage::Fixed, about)
    }

    /// The time at `field`.
    pub(crate) const fn instant(name: &'static str, field: &'static str, about: &'static str) -> Self {
        Self::new(name, Kind::Instant, Origin::Field(field), Storage::Fixed, about)
    }

    /// A column that Trailhouse adds.
    pub(crate) const fn made(name: &'static str, kind: Kind, storage: Storage, about: &'static str) -> Self {
        Self::new(name, kind, Origin::Trailhouse, storage, about)
    }

    /// The same column, in the source format since `version`.
    pub(crate) const fn since(mut self, version: &'static str) -> Self {
        self.since = version;
        self
    }

    /// The same column, of another kind of values.
    pub(crate) const fn of(mut self, kind: Kind, storage: Storage) -> Self {
        self.kind = kind;
        self.storage = storage;
        self
    }

    /// The same column, with a bloom filter beside its dictionary.
    pub(crate) const fn needle(mut self) -> Self {
        self.storage = Storage::CodedNeedle;
        self
    }
}

/// What of a record no column holds: the same two columns in every table of JSON records.
pub(crate) const EXTRA: Column = Column::made(
    "extra",
    Kind::Json,
    Storage::Bulk,
    "Members of the record that fit no column: unknown keys, values of another type or form, and the later ones of a \
     repeated key, as they were written.",
);
pub(crate) const NULL_KEYS: Column = Column::made(
    "null_keys",
    Kind::Text,
    Storage::Coded,
    "Known keys whose value was null, in table order, joined by commas.",
);
/// What stood around a record that is not alone in its document.
pub(crate) const ENVELOPE: Column = Column::made(
    "envelope",
    Kind::Json,
    Storage::Coded,
    "The document that the record was delivered in, as it was written, with `null` in the place of its records.",
);

/// Which object and record a row came from: the same three columns in every table.
pub(crate) const SOURCE_OBJECT: Column = Column::made(
    "source_object",
    Kind::Text,
    Storage::Coded,
    "The object that the row was read from: its key in S3, or its path from `AWSLogs/` on.",
);
pub(crate) const SOURCE_ID: Column = Column::made(
    "source_id",
    Kind::Text,
    Storage::Coded,
    "The object's identity: 32 hexadecimal digits of the hash of its address and its content.",
);
pub(crate) const SOURCE_RECORD: Column = Column::made(
    "source_record",
    Kind::Int,
    Storage::Fixed,
    "The record's number within its object, from 0. Rows equal in `source_id` and this are one row.",
);
