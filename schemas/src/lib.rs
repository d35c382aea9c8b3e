//! What a table of a Trailhouse lake is.
//!
//! A [`Table`] is one const value: its columns, where each comes from and how it is best stored. The Arrow schema
//! ([`arrow`]), the Glue table ([`glue`]), the Athena DDL ([`ddl`]), the manual ([`markdown`]) and the JSON for programs
//! ([`json`]) are renderings of that value and the lake's [`Partitioning`]; nothing else in the workspace spells a
//! column's name or type.

pub mod arrow;
pub mod cloudtrail;
pub mod cloudtrail_digests;
pub mod cloudtrail_insights;
pub mod cloudwatch_logs;
pub mod ddl;
pub mod glue;
pub mod guardduty;
pub mod incidents;
pub mod json;
pub mod markdown;
pub mod partitioning;
pub mod receipts;
pub mod rejects;
pub mod table;
pub mod tgw_flow;
pub mod vpc_flow;

pub use cloudtrail::CLOUDTRAIL;
pub use cloudtrail_digests::CLOUDTRAIL_DIGESTS;
pub use cloudtrail_insights::CLOUDTRAIL_INSIGHTS;
pub use cloudwatch_logs::CLOUDWATCH_LOGS;
pub use guardduty::GUARDDUTY;
pub use incidents::INCIDENTS;
pub use partitioning::{Partition, PartitionColumn, PartitionKind, Partitioning};
pub use receipts::RECEIPTS;
pub use rejects::REJECTS;
pub use table::{Column, Kind, Origin, Routing, Storage, Table};
pub use tgw_flow::TGW_FLOW;
pub use vpc_flow::VPC_FLOW;

/// Every table that has files, in the order the manual lists them.
pub const TABLES: &[&Table] = &[
    &CLOUDTRAIL,
    &CLOUDTRAIL_INSIGHTS,
    &CLOUDTRAIL_DIGESTS,
    &VPC_FLOW,
    &TGW_FLOW,
    &GUARDDUTY,
    &CLOUDWATCH_LOGS,
    &INCIDENTS,
    &REJECTS,
];

/// Tables without files of their own: their rows are folded from the lake's control objects when somebody asks.
pub const FOLDED: &[&Table] = &[&RECEIPTS];

/// The table with files that is called `name`, or `None`.
pub fn table(name: &str) -> Option<&'static Table> {
    named(TABLES, name)
}

/// The table without files that is called `name`, or `None`.
pub fn folded(name: &str) -> Option<&'static Table> {
    named(FOLDED, name)
}

fn named(tables: &'static [&Table], name: &str) -> Option<&'static Table> {
    tables.iter().copied().find(|table| table.name == name)
}
