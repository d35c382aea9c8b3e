//! GuardDuty findings of every type, in each of the ways in which they reach a lake.
//!
//! As with CloudTrail everything is planned first and written object by object: `plan` -> `object` -> `finding` ->
//! `json`. A `lane` decides which finding stands where, so that revisions of one are in several objects.

mod action;
mod case;
mod cluster;
mod corpus;
mod finding;
mod hazard;
mod json;
mod lane;
mod malware;
mod manifest;
mod object;
mod plan;
mod resource;
mod runtime;
mod sequence;
mod types;

pub use corpus::{FindingCorpus, FindingOptions};
pub use hazard::{FINDING_HAZARDS, FINDING_SHAPES, FindingHazard, FindingShape};
pub use manifest::FindingCounts;
pub use plan::PlannedFindings;
pub use types::{FINDING_TYPES, FindingType};

/// How findings reach a lake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Carrier {
    /// GuardDuty's own export to S3: a finding a line.
    Export,
    /// Events that Firehose puts one behind the other, with line breaks between them in every other object.
    #[value(name = "eventbridge")]
    EventBridge,
    /// An answer of `GetFindings`.
    GetFindings,
    /// The same as the command line of AWS prints it.
    Cli,
}

impl Carrier {
    /// Every carrier.
    pub const ALL: [Self; 4] = [Self::Export, Self::EventBridge, Self::GetFindings, Self::Cli];
}
