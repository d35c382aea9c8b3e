//! Flow logs of VPCs and of transit gateways.
//!
//! As with CloudTrail everything is planned first and written object by object: `plan` -> `object` -> `draw` -> `text`.

mod corpus;
mod draw;
mod field;
mod hazard;
mod manifest;
mod object;
mod plan;
mod row;
mod text;

pub use corpus::{FlowCorpus, FlowOptions};
pub use field::flow_fields;
pub use hazard::{FLOW_HAZARDS, FLOW_SHAPES, FlowHazard, FlowShape};
pub use manifest::FlowCounts;
pub use plan::PlannedFlow;

/// What a flow log watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FlowKind {
    /// The interfaces of a VPC.
    Vpc,
    /// A transit gateway.
    Tgw,
}

/// Which fields a flow log has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowFields {
    /// What AWS takes when nothing is said: version 2 of a VPC, version 6 of a transit gateway.
    Usual,
    /// Those of every version up to this one.
    UpTo(u8),
    /// These, in this order.
    Named(Vec<String>),
}

/// The order of the fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum FlowOrder {
    /// As named, else AWS's own.
    Default,
    /// As AWS's console offers them.
    Alphabetical,
    /// Another one in each account and region.
    Shuffled,
}
