//! What a corpus of findings holds, counted while it was written: the answer that readers are tested against.

use std::ops::AddAssign;

use crate::guardduty::Carrier;
use crate::guardduty::hazard::{FINDING_HAZARDS, FINDING_SHAPES, FindingHazard};
use crate::guardduty::plan::PlannedFindings;
use crate::guardduty::types::FINDING_TYPES;
use crate::manifest::counts_json;

/// The values of `resource.resourceType`.
const RESOURCE_TYPES: [&str; 15] = [
    "AccessKey",
    "AttackSequence",
    "Container",
    "EBSRecoveryPoint",
    "EBSSnapshot",
    "EC2Image",
    "ECSCluster",
    "EKSCluster",
    "Instance",
    "Lambda",
    "RDSDBInstance",
    "RDSLimitlessDB",
    "S3Bucket",
    "S3Object",
    "S3RecoveryPoint",
];
/// Words of 64 bits that have one for each type.
const TYPE_WORDS: usize = FINDING_TYPES.len().div_ceil(64);

/// Counts of one object or of many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FindingCounts {
    /// Objects of every shape.
    pub objects: u64,
    /// Objects without a finding.
    pub empty_objects: u64,
    /// Findings of every kind: rows and rejects.
    pub records: u64,
    /// Findings that must become rows, every revision one.
    pub rows: u64,
    /// Findings that end in the middle of a line.
    pub rejects: u64,
    /// Rows that are the first revision of their finding, which is as many as there are ids.
    pub findings: u64,
    /// Rows that are a later revision.
    pub revisions: u64,
    /// Rows that are of a sample finding.
    pub sample_rows: u64,
    /// Rows whose `updatedAt` is on another day than their object's key.
    pub rows_on_another_day: u64,
    /// Rows that are of another account than their object's.
    pub rows_of_another_account: u64,
    /// Rows by carrier, in the order of [`Carrier::ALL`].
    pub carriers: [u64; Carrier::ALL.len()],
    /// The longest finding, in bytes, with its envelope and without what is between two.
    pub record_bytes_max: u64,
    /// Bytes of JSON.
    pub json_bytes: u64,
    /// Bytes of gzip; 0 where nothing was stored.
    pub stored_bytes: u64,
    /// Members of gzip; 0 where nothing was stored.
    pub members: u64,
    /// Findings of each hazard, in the order of [`FINDING_HAZARDS`].
    pub hazards: [u64; FINDING_HAZARDS.len()],
    /// Objects of each shape, in the order of [`FINDING_SHAPES`].
    pub shapes: [u64; FINDING_SHAPES.len()],
    /// Rows of each type of resource.
    resources: [u64; RESOURCE_TYPES.len()],
    /// A bit for each type of which there is a row.
    seen_types: [u64; TYPE_WORDS],
}

/// What a finding is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    /// The place of its type in the table.
    pub(crate) kind: usize,
    pub(crate) resource_type: &'static str,
    pub(crate) is_revision: bool,
    pub(crate) is_sample: bool,
}

impl FindingCounts {
    /// A planned object, still without findings.
    pub(crate) fn of_object(planned: &PlannedFindings) -> Self {
        let shapes = FINDING_SHAPES.map(|shape| u64::from(shape == planned.shape));
        Self { objects: 1, empty_objects: u64::from(planned.records == 0), shapes, ..Self::default() }
    }

    /// Counts a finding of an object of `carrier`.
    pub(crate) fn add(&mut self, carrier: Carrier, hazard: Option<FindingHazard>, bytes: usize, seen: Seen) {
        self.records += 1;
        self.record_bytes_max = self.record_bytes_max.max(bytes as u64);
        if let Some(place) = FINDING_HAZARDS.iter().position(|(known, _)| Some(*known) == hazard) {
            self.hazards[place] += 1;
        }
        if hazard == Some(FindingHazard::Broken) {
            self.rejects += 1;
            return;
        }
        self.rows += 1;
        self.findings += u64::from(!seen.is_revision);
        self.revisions += u64::from(seen.is_revision);
        self.sample_rows += u64::from(seen.is_sample);
        self.rows_on_another_day += u64::from(hazard == Some(FindingHazard::Late));
        self.rows_of_another_account += u64::from(hazard == Some(FindingHazard::OtherAccount));
        self.seen_types[seen.kind / 64] |= 1 << (seen.kind % 64);
        if let Some(place) = Carrier::ALL.iter().position(|known| *known == carrier) {
            self.carriers[place] += 1;
        }
        if let Some(place) = RESOURCE_TYPES.iter().position(|known| *known == seen.resource_type) {
            self.resources[place] += 1;
        }
    }

    /// Types of which there is a row, the signals of custom detection rules each for itself.
    pub fn types(&self) -> u64 {
        self.seen_types.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Rows by their `resource.resourceType`.
    pub fn resources(&self) -> impl Iterator<Item = (&'static str, u64)> {
        RESOURCE_TYPES.into_iter().zip(self.resources)
    }

    /// Every count with its name.
    fn named(&self) -> [(&'static str, u64); 15] {
        [
            ("objects", self.objects),
            ("empty_objects", self.empty_objects),
            ("records", self.records),
            ("rows", self.rows),
            ("rejects", self.rejects),
            ("findings", self.findings),
            ("revisions", self.revisions),
            ("sample_rows", self.sample_rows),
            ("rows_on_another_day", self.rows_on_another_day),
            ("rows_of_another_account", self.rows_of_another_account),
            ("types", self.types()),
            ("record_bytes_max", self.record_bytes_max),
            ("json_bytes", self.json_bytes),
            ("stored_bytes", self.stored_bytes),
            ("members", self.members),
        ]
    }

    /// The counts as one JSON object.
    pub fn to_json(&self) -> String {
        let carriers = Carrier::ALL.iter().zip(self.carriers).map(|(carrier, count)| (format!("{carrier:?}"), count));
        let resources = self.resources().map(|(name, count)| (name.to_owned(), count));
        let hazards =
            FINDING_HAZARDS.iter().zip(self.hazards).map(|((hazard, _), count)| (format!("{hazard:?}"), count));
        let shapes = FINDING_SHAPES.iter().zip(self.shapes).map(|(shape, count)| (format!("{shape:?}"), count));
        let groups = [
            ("carriers", carriers.collect()),
            ("resources", resources.collect()),
            ("hazards", hazards.collect()),
            ("shapes", shapes.collect()),
        ];
        counts_json(&self.named(), &groups)
    }
}

impl AddAssign for FindingCounts {
    fn add_assign(&mut self, other: Self) {
        self.objects += other.objects;
        self.empty_objects += other.empty_objects;
        self.records += other.records;
        self.rows += other.rows;
        self.rejects += other.rejects;
        self.findings += other.findings;
        self.revisions += other.revisions;
        self.sample_rows += other.sample_rows;
        self.rows_on_another_day += other.rows_on_another_day;
        self.rows_of_another_account += other.rows_of_another_account;
        self.record_bytes_max = self.record_bytes_max.max(other.record_bytes_max);
        self.json_bytes += other.json_bytes;
        self.stored_bytes += other.stored_bytes;
        self.members += other.members;
        add(&mut self.carriers, other.carriers);
        add(&mut self.hazards, other.hazards);
        add(&mut self.shapes, other.shapes);
        add(&mut self.resources, other.resources);
        self.seen_types.iter_mut().zip(other.seen_types).for_each(|(seen, more)| *seen |= more);
    }
}

fn add<const N: usize>(sums: &mut [u64; N], more: [u64; N]) {
    sums.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
}
