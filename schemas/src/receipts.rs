//! The `receipts` table: what became of every source object.
//!
//! It has no files: its rows are folded from the lake's receipts and plans when somebody asks.

use crate::table::{Column, Kind, Routing, SOURCE_ID, SOURCE_OBJECT, Storage, Table};

/// Source objects that were read.
pub const RECEIPTS: Table = Table {
    name: "receipts",
    about: "One row per source object that was read, from the receipts in the lake: how much it held, and what became of \
            it. Its records are its rows, its rejects and those that were skipped.",
    columns: &[
        Column::made(
            "plan",
            Kind::Int,
            Storage::Fixed,
            "Number of the plan that the object stands in. Null where it was read as it came.",
        ),
        text("group_id", "The group of the plan that it was read with."),
        SOURCE_OBJECT,
        SOURCE_ID,
        text("sha256", "SHA-256 of the bytes that were read, in hexadecimal."),
        text("format", "How its content is written, such as `cloudtrail` or `vpc-flow`."),
        count("stored_bytes", "How many bytes were read."),
        count("inflated_bytes", "How many they were when inflated."),
        count("records", "Records that were met. The rest of a damaged object counts as one."),
        count("rows_written", "Records that became rows of their table."),
        count("rejects", "Records that became rows of `rejects`."),
        count("skipped", "Records that were left out on purpose."),
        count("unwrapped", "Log messages that also became rows of another table, beside their own."),
        count("account_fallbacks", "Rows whose account is not 12 digits and gave way to the one in the object's key."),
        count("date_fallbacks", "Rows whose time cannot be and gave way to the day of the object."),
        Column::made("is_damaged", Kind::Bool, Storage::Fixed, "Whether it could not be read to its end."),
        Column::made("damage", Kind::Text, Storage::Bulk, "Why it could not."),
    ],
    order: &[],
    routing: Routing::NONE,
};

const fn text(name: &'static str, about: &'static str) -> Column {
    Column::made(name, Kind::Text, Storage::Coded, about)
}

const fn count(name: &'static str, about: &'static str) -> Column {
    Column::made(name, Kind::Int, Storage::Fixed, about)
}
