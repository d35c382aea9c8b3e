//! Tables and columns as values.

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
}

impl Table {
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
    /// Made by Trailhouse.
    Trailhouse,
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
    /// Fixed width: plain pages and statistics.
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

    /// The same column, with a bloom filter beside its dictionary.
    pub(crate) const fn needle(mut self) -> Self {
        self.storage = Storage::CodedNeedle;
        self
    }
}

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
