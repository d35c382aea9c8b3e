//! What an ingest is asked to do.

use std::num::NonZeroUsize;

use trailhouse_core::limits::{INFLATED_BYTES_MAX, PART_BYTES, PART_RECORDS};
use trailhouse_core::{Format, Header};
use trailhouse_lake::PlanSettings;
use trailhouse_lake::plan::{GroupLimits, PLAN_OBJECTS_MAX};
use trailhouse_schemas::Partitioning;

use crate::limits::WORKERS_MAX;

/// One ingest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IngestOptions {
    /// Files and folders to read, or parts of one bucket.
    pub sources: Vec<String>,
    /// The lake: a folder or a place in S3; one that is empty or missing becomes a lake.
    pub lake: String,
    /// The partitioning that the lake must have; `None` takes what it has, or the default for a new one.
    pub partitioning: Option<Partitioning>,
    /// Workers; `None` is one for each core.
    pub threads: Option<NonZeroUsize>,
    /// Say what would be done, and write nothing.
    pub dry_run: bool,
    /// The format of all objects, whatever their keys and first bytes say; `None` is what those say.
    pub format: Option<Format>,
    /// Whether log messages that are CloudTrail events or flow log lines are also read into the tables of those.
    pub unwrap: bool,
    /// The header of flow log lines that have none.
    pub flow_header: Option<Header>,
    /// Bounds that a plan records.
    pub limits: Limits,
}

/// Bounds that decide where rows go. An unfinished plan keeps its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes that one object may inflate to.
    pub inflated_bytes_max: u64,
    /// The inflated bytes that a part holds at most.
    pub part_bytes: usize,
    /// The records that a part holds at most.
    pub part_records: usize,
    /// Where groups end.
    pub group: GroupLimits,
    /// The objects of one plan at most.
    pub plan_objects: usize,
}

impl IngestOptions {
    /// An ingest of `sources` into `lake`, with the defaults for all else.
    pub fn new(sources: Vec<String>, lake: String) -> Self {
        Self {
            sources,
            lake,
            partitioning: None,
            threads: None,
            dry_run: false,
            format: None,
            unwrap: false,
            flow_header: None,
            limits: Limits::default(),
        }
    }

    /// What a plan for a lake of this partitioning records.
    pub(crate) fn settings(&self, partitioning: Partitioning) -> PlanSettings {
        self.limits.settings(partitioning, self.unwrap, self.flow_header.as_ref())
    }

    /// How many workers there are: as many as asked for, else as there are processors; [`WORKERS_MAX`] at most.
    pub fn workers(&self) -> NonZeroUsize {
        let wanted = self.threads.or_else(|| std::thread::available_parallelism().ok());
        wanted.and_then(|wanted| NonZeroUsize::new(wanted.get().min(WORKERS_MAX))).unwrap_or(NonZeroUsize::MIN)
    }
}

impl Limits {
    /// What a plan records that is made under these bounds.
    pub(crate) fn settings(
        self,
        partitioning: Partitioning,
        unwrap: bool,
        flow_header: Option<&Header>,
    ) -> PlanSettings {
        PlanSettings {
            partitioning,
            inflated_bytes_max: self.inflated_bytes_max,
            part_bytes: self.part_bytes as u64,
            part_records: self.part_records as u64,
            unwrap,
            flow_header: flow_header.map(Header::to_string),
            group: self.group,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            inflated_bytes_max: INFLATED_BYTES_MAX,
            part_bytes: PART_BYTES,
            part_records: PART_RECORDS,
            group: GroupLimits::default(),
            plan_objects: PLAN_OBJECTS_MAX,
        }
    }
}
