//! A seeded generator of AWS logs of any size: real in shape, invented in content, the same bytes for the same
//! arguments.
//!
//! A [`Corpus`] is planned first (which objects, how many records in each) and then written object by object, each
//! from its own seed, so that threads never show. Records are filled templates, so that ten gigabytes take minutes.
//! Everything goes one way: `plan` -> `object` -> `record` -> `draft`; a [`Hazard`] then makes it hard to read.
//!
//! A [`FlowCorpus`] and a [`FindingCorpus`] are the same for flow logs and for findings. All three tell of the same
//! accounts, users, buckets and machines.

mod agent;
mod cast;
mod catalog;
mod civil;
mod corpus;
mod draft;
mod error;
mod flow;
mod grid;
mod guardduty;
mod hazard;
mod identity;
mod manifest;
mod network;
mod object;
mod plan;
mod random;
mod record;
mod special;
mod store;
mod story;
mod template;

pub use civil::Date;
pub use corpus::{Corpus, Options};
pub use error::Error;
pub use flow::{
    FLOW_HAZARDS, FLOW_SHAPES, FlowCorpus, FlowCounts, FlowFields, FlowHazard, FlowKind, FlowOptions, FlowOrder,
    FlowShape, PlannedFlow, flow_fields,
};
pub use guardduty::{
    Carrier, FINDING_HAZARDS, FINDING_SHAPES, FINDING_TYPES, FindingCorpus, FindingCounts, FindingHazard,
    FindingOptions, FindingShape, FindingType, PlannedFindings,
};
pub use hazard::{HAZARDS, Hazard, SINCE};
pub use manifest::Counts;
pub use plan::{Kind, Planned};
