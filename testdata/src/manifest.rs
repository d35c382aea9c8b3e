//! What a corpus holds, counted while it was written: the answer that readers are tested against.

use std::ops::AddAssign;

use crate::hazard::{HAZARDS, Hazard};
use crate::plan::Kind;

/// Counts of one object or of many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    /// Objects of every kind.
    pub objects: u64,
    /// Objects without a record.
    pub empty_objects: u64,
    /// Objects of network-activity events.
    pub network_activity_objects: u64,
    /// Objects of aggregated events.
    pub aggregated_objects: u64,
    /// Objects that repeat the one before.
    pub doubled_objects: u64,
    /// Records of every kind, doubled ones included.
    pub records: u64,
    /// Network-activity events.
    pub network_activity_records: u64,
    /// Aggregated events.
    pub aggregated_records: u64,
    /// Records that stand in another object as well, counted once for each repetition.
    pub doubled_records: u64,
    /// Records whose time is on another day than their object's key.
    pub records_on_another_day: u64,
    /// Records of the intrusion.
    pub story_records: u64,
    /// The longest record, in bytes.
    pub record_bytes_max: u64,
    /// Bytes of JSON.
    pub json_bytes: u64,
    /// Bytes of gzip; 0 where nothing was stored.
    pub stored_bytes: u64,
    /// Records of each hazard, in the order of [`HAZARDS`].
    pub hazards: [u64; HAZARDS.len()],
}

impl Counts {
    /// An object of `kind`, still without records.
    pub(crate) fn of_object(kind: Kind) -> Self {
        let is = |wanted| u64::from(kind == wanted);
        Self {
            objects: 1,
            empty_objects: is(Kind::Empty),
            network_activity_objects: is(Kind::NetworkActivity),
            aggregated_objects: is(Kind::Aggregated),
            doubled_objects: is(Kind::Again),
            ..Self::default()
        }
    }

    /// Counts a record of an object of `kind`.
    pub(crate) fn add_record(&mut self, kind: Kind, hazard: Option<Hazard>, bytes: usize, is_story: bool) {
        let is = |wanted| u64::from(kind == wanted);
        self.records += 1;
        self.network_activity_records += is(Kind::NetworkActivity);
        self.aggregated_records += is(Kind::Aggregated);
        self.doubled_records += is(Kind::Again);
        self.records_on_another_day += u64::from(hazard == Some(Hazard::Late));
        self.story_records += u64::from(is_story);
        self.record_bytes_max = self.record_bytes_max.max(bytes as u64);
        if let Some(place) = HAZARDS.iter().position(|(known, _)| Some(*known) == hazard) {
            self.hazards[place] += 1;
        }
    }

    /// Every count with its name.
    fn named(&self) -> [(&'static str, u64); 14] {
        [
            ("objects", self.objects),
            ("empty_objects", self.empty_objects),
            ("network_activity_objects", self.network_activity_objects),
            ("aggregated_objects", self.aggregated_objects),
            ("doubled_objects", self.doubled_objects),
            ("records", self.records),
            ("network_activity_records", self.network_activity_records),
            ("aggregated_records", self.aggregated_records),
            ("doubled_records", self.doubled_records),
            ("records_on_another_day", self.records_on_another_day),
            ("story_records", self.story_records),
            ("record_bytes_max", self.record_bytes_max),
            ("json_bytes", self.json_bytes),
            ("stored_bytes", self.stored_bytes),
        ]
    }

    /// The counts as one JSON object.
    pub fn to_json(&self) -> String {
        let hazards = HAZARDS.iter().zip(self.hazards).map(|((hazard, _), count)| (format!("{hazard:?}"), count));
        counts_json(&self.named(), &[("hazards", hazards.collect())])
    }
}

/// Counts, then groups of counts, as one JSON object.
pub(crate) fn counts_json(counts: &[(&str, u64)], groups: &[(&str, Vec<(String, u64)>)]) -> String {
    let counts: Vec<String> = counts.iter().map(|(name, value)| format!("  \"{name}\": {value}")).collect();
    let groups = groups.iter().map(|(name, members)| {
        let members: Vec<String> = members.iter().map(|(name, value)| format!("    \"{name}\": {value}")).collect();
        format!("  \"{name}\": {{\n{}\n  }}", members.join(",\n"))
    });
    let members: Vec<String> = counts.into_iter().chain(groups).collect();
    format!("{{\n{}\n}}\n", members.join(",\n"))
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.objects += other.objects;
        self.empty_objects += other.empty_objects;
        self.network_activity_objects += other.network_activity_objects;
        self.aggregated_objects += other.aggregated_objects;
        self.doubled_objects += other.doubled_objects;
        self.records += other.records;
        self.network_activity_records += other.network_activity_records;
        self.aggregated_records += other.aggregated_records;
        self.doubled_records += other.doubled_records;
        self.records_on_another_day += other.records_on_another_day;
        self.story_records += other.story_records;
        self.record_bytes_max = self.record_bytes_max.max(other.record_bytes_max);
        self.json_bytes += other.json_bytes;
        self.stored_bytes += other.stored_bytes;
        self.hazards.iter_mut().zip(other.hazards).for_each(|(sum, more)| *sum += more);
    }
}
