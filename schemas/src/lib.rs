//! What a table of a Trailhouse lake is.
//!
//! A [`Table`] is one const value: its columns, where each comes from and how it is best stored. The Arrow schema
//! ([`arrow`]), the Glue table ([`glue`]), the Athena DDL ([`ddl`]), the manual ([`markdown`]) and the JSON for programs
//! ([`json`]) are renderings of that value and the lake's [`Partitioning`]; nothing else in the workspace spells a
//! column's name or type.

pub mod arrow;
pub mod cloudtrail;
pub mod ddl;
pub mod glue;
pub mod json;
pub mod markdown;
pub mod partitioning;
pub mod rejects;
pub mod table;

pub use cloudtrail::CLOUDTRAIL;
pub use partitioning::{Partition, PartitionColumn, PartitionKind, Partitioning};
pub use rejects::REJECTS;
pub use table::{Column, Kind, Origin, Storage, Table};

/// Every table, in the order the manual lists them.
pub const TABLES: &[&Table] = &[&CLOUDTRAIL, &REJECTS];

/// The table called `name`, or `None`.
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().copied().find(|table| table.name == name)
}
