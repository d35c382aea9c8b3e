//! The `rejects` table: what could not be read, and why.

use crate::table::{Column, Kind, Routing, SOURCE_ID, SOURCE_OBJECT, SOURCE_RECORD, Storage, Table};

/// Records, and rests of damaged objects, that no other table could take.
pub const REJECTS: Table = Table {
    name: "rejects",
    about: "One row per record, or rest of a damaged object, that could not be read into its table.",
    columns: &[
        Column::made("target_table", Kind::Text, Storage::Coded, "The table that it was read for."),
        Column::made("reason", Kind::Text, Storage::Coded, "Why, as a short code such as `syntax` or `truncated`."),
        Column::made("message", Kind::Text, Storage::Bulk, "Why, for people."),
        Column::made(
            "byte_offset",
            Kind::Int,
            Storage::Fixed,
            "Where it begins in the inflated object, in bytes from 0.",
        ),
        Column::made(
            "fault_offset",
            Kind::Int,
            Storage::Fixed,
            "Where it went wrong in the inflated object, in bytes from 0.",
        ),
        Column::made("bytes", Kind::Bytes, Storage::Bulk, "The bytes themselves, at most 64 KiB of them."),
        Column::made("bytes_length", Kind::Int, Storage::Fixed, "How many bytes there were."),
        Column::made("bytes_sha256", Kind::Text, Storage::Bulk, "SHA-256 of all of them, in hexadecimal."),
        SOURCE_OBJECT,
        SOURCE_ID,
        SOURCE_RECORD,
    ],
    order: &[],
    routing: Routing::NONE,
};
