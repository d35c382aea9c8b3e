//! Why something could not be read.

use std::fmt;

/// Why a record, or the rest of an object, was rejected. The codes are part of the lake's contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The record breaks JSON's grammar.
    Syntax,
    /// The record is not UTF-8.
    Utf8,
    /// The record nests deeper than [`crate::limits::DEPTH_MAX`].
    Depth,
    /// The element of `Records` is no object.
    NotObject,
    /// The record is longer than [`crate::limits::RECORD_BYTES_MAX`].
    TooLong,
    /// The record has more brackets than [`crate::limits::BRACKETS_MAX`].
    TooComplex,
    /// A member of the envelope that is no array called `Records`.
    Envelope,
    /// The object ends before its JSON, or its gzip stream, does.
    Truncated,
    /// The gzip stream is damaged.
    Gzip,
    /// Something that is neither gzip nor padding stands behind the gzip stream, which is whole.
    Trailing,
    /// From somewhere on, the object is no JSON.
    NotJson,
    /// The object has no `Records` array.
    NoRecords,
    /// The object inflates to more than its limit.
    TooLarge,
    /// The object has more rejects than [`crate::limits::OBJECT_REJECTS_MAX`].
    TooManyRejects,
    /// The object is empty.
    Empty,
    /// The line has more fields than the header, or fewer.
    FieldCount,
    /// The flow log begins with no header, and none was declared.
    NoHeader,
    /// The document is of no kind that is known.
    UnknownDocument,
    /// The text does not begin with a time, as every event of an export does.
    NoTime,
    /// The object breaks the rules of Parquet's format.
    Parquet,
    /// The Parquet object is written in a way that is not read.
    ParquetKind,
    /// Reading the Parquet object takes more memory than [`crate::limits::PARQUET_BYTES_MAX`], or another limit on such.
    ParquetSize,
    /// The columns of the Parquet object are no fields of a flow log.
    NoFields,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 23] = [
        Self::Syntax,
        Self::Utf8,
        Self::Depth,
        Self::NotObject,
        Self::TooLong,
        Self::TooComplex,
        Self::Envelope,
        Self::Truncated,
        Self::Gzip,
        Self::Trailing,
        Self::NotJson,
        Self::NoRecords,
        Self::TooLarge,
        Self::TooManyRejects,
        Self::Empty,
        Self::FieldCount,
        Self::NoHeader,
        Self::UnknownDocument,
        Self::NoTime,
        Self::Parquet,
        Self::ParquetKind,
        Self::ParquetSize,
        Self::NoFields,
    ];

    /// The code in the column `reason`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Utf8 => "utf8",
            Self::Depth => "depth",
            Self::NotObject => "not_object",
            Self::TooLong => "too_long",
            Self::TooComplex => "too_complex",
            Self::Envelope => "envelope",
            Self::Truncated => "truncated",
            Self::Gzip => "gzip",
            Self::Trailing => "trailing",
            Self::NotJson => "not_json",
            Self::NoRecords => "no_records",
            Self::TooLarge => "too_large",
            Self::TooManyRejects => "too_many_rejects",
            Self::Empty => "empty",
            Self::FieldCount => "field_count",
            Self::NoHeader => "no_header",
            Self::UnknownDocument => "unknown_document",
            Self::NoTime => "no_time",
            Self::Parquet => "parquet",
            Self::ParquetKind => "parquet_kind",
            Self::ParquetSize => "parquet_size",
            Self::NoFields => "no_fields",
        }
    }

    /// The reason in words.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Syntax => "the record is not valid JSON",
            Self::Utf8 => "the record is not UTF-8",
            Self::Depth => "the record nests deeper than 128 levels",
            Self::NotObject => "the record is not a JSON object",
            Self::TooLong => "the record is longer than 16 MiB",
            Self::TooComplex => "the record has more than 2,097,152 brackets",
            Self::Envelope => "a member of the envelope is no `Records` array",
            Self::Truncated => "the object ends before its JSON or its gzip stream does",
            Self::Gzip => "the gzip stream is damaged",
            Self::Trailing => "what stands behind the gzip stream is no gzip",
            Self::NotJson => "the object is not JSON from here on",
            Self::NoRecords => "the object has no `Records` array",
            Self::TooLarge => "the object inflates to more than the limit",
            Self::TooManyRejects => "the object has more than 100,000 rejects",
            Self::Empty => "the object is empty",
            Self::FieldCount => "the line has not as many fields as the header",
            Self::NoHeader => "the flow log has no header, and none was declared",
            Self::UnknownDocument => "the document is of no kind that is known",
            Self::NoTime => "the text does not begin with a time, as an exported log event does",
            Self::Parquet => "the Parquet file is damaged",
            Self::ParquetKind => "the Parquet file is of a kind that is not read",
            Self::ParquetSize => "the Parquet file takes more memory than one may",
            Self::NoFields => "the columns of the Parquet file are not the fields of a flow log",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.about())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{BRACKETS_MAX, DEPTH_MAX, OBJECT_REJECTS_MAX, RECORD_BYTES_MAX};

    #[test]
    fn words_name_the_limits_that_hold() {
        assert!(Reason::Depth.about().contains(&DEPTH_MAX.to_string()));
        assert!(Reason::TooLong.about().contains(&format!("{} MiB", RECORD_BYTES_MAX >> 20)));
        let digits = |reason: Reason| reason.about().chars().filter(char::is_ascii_digit).collect::<String>();
        assert_eq!(digits(Reason::TooComplex), BRACKETS_MAX.to_string());
        assert_eq!(digits(Reason::TooManyRejects), OBJECT_REJECTS_MAX.to_string());
    }
}
