//! What a flow corpus holds, counted while it was written: the answer that readers are tested against.

use std::ops::AddAssign;

use crate::flow::hazard::{FLOW_HAZARDS, FLOW_SHAPES, FlowHazard};
use crate::flow::plan::PlannedFlow;
use crate::flow::row::Status;
use crate::manifest::counts_json;

/// Counts of one object or of many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FlowCounts {
    /// Objects of every shape.
    pub objects: u64,
    /// Objects without a record.
    pub empty_objects: u64,
    /// Headers, those in the middle of objects included.
    pub headers: u64,
    /// Lines below headers: rows and rejects.
    pub records: u64,
    /// Lines that must become rows.
    pub rows: u64,
    /// Lines with too few fields.
    pub rejects: u64,
    /// Rows whose `log-status` is `OK`.
    pub ok_rows: u64,
    /// Rows whose `log-status` is `NODATA`.
    pub no_data_rows: u64,
    /// Rows whose `log-status` is `SKIPDATA`.
    pub skip_data_rows: u64,
    /// Rows whose `action` is `ACCEPT`.
    pub accepted_rows: u64,
    /// Rows whose `action` is `REJECT`.
    pub rejected_rows: u64,
    /// Rows whose `srcaddr` is an address of the sixth version.
    pub v6_rows: u64,
    /// Rows whose `end`, else `start`, is on another day than their object's key.
    pub rows_on_another_day: u64,
    /// The longest line below a header, in bytes, without its end.
    pub record_bytes_max: u64,
    /// Bytes of text.
    pub text_bytes: u64,
    /// Bytes of gzip; 0 where nothing was stored.
    pub stored_bytes: u64,
    /// Members of gzip; 0 where nothing was stored.
    pub members: u64,
    /// Lines of each hazard, in the order of [`FLOW_HAZARDS`].
    pub hazards: [u64; FLOW_HAZARDS.len()],
    /// Objects of each shape, in the order of [`FLOW_SHAPES`].
    pub shapes: [u64; FLOW_SHAPES.len()],
}

/// What a line's columns show.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen {
    pub(crate) status: Option<Status>,
    pub(crate) is_accepted: Option<bool>,
    pub(crate) is_v6: bool,
    pub(crate) is_on_another_day: bool,
}

impl FlowCounts {
    /// A planned object, still without lines.
    pub(crate) fn of_object(planned: &PlannedFlow) -> Self {
        let shapes = FLOW_SHAPES.map(|(shape, _)| u64::from(shape == planned.shape));
        Self { objects: 1, empty_objects: u64::from(planned.records == 0), shapes, ..Self::default() }
    }

    /// Counts a line below a header.
    pub(crate) fn add_line(&mut self, hazard: Option<FlowHazard>, bytes: usize, seen: Seen) {
        self.records += 1;
        self.record_bytes_max = self.record_bytes_max.max(bytes as u64);
        if let Some(place) = FLOW_HAZARDS.iter().position(|(known, _)| Some(*known) == hazard) {
            self.hazards[place] += 1;
        }
        if hazard == Some(FlowHazard::Broken) {
            self.rejects += 1;
            return;
        }
        self.rows += 1;
        self.ok_rows += u64::from(seen.status == Some(Status::Ok));
        self.no_data_rows += u64::from(seen.status == Some(Status::NoData));
        self.skip_data_rows += u64::from(seen.status == Some(Status::SkipData));
        self.accepted_rows += u64::from(seen.is_accepted == Some(true));
        self.rejected_rows += u64::from(seen.is_accepted == Some(false));
        self.v6_rows += u64::from(seen.is_v6);
        self.rows_on_another_day += u64::from(seen.is_on_another_day);
    }

    /// Every count with its name.
    fn named(&self) -> [(&'static str, u64); 17] {
        [
            ("objects", self.objects),
            ("empty_objects", self.empty_objects),
            ("headers", self.headers),
            ("records", self.records),
            ("rows", self.rows),
            ("rejects", self.rejects),
            ("ok_rows", self.ok_rows),
            ("no_data_rows", self.no_data_rows),
            ("skip_data_rows", self.skip_data_rows),
            ("accepted_rows", self.accepted_rows),
            ("rejected_rows", self.rejected_rows),
            ("v6_rows", self.v6_rows),
            ("rows_on_another_day", self.rows_on_another_day),
            ("record_bytes_max", self.record_bytes_max),
            ("text_bytes", self.text_bytes),
            ("stored_bytes", self.stored_bytes),
            ("members", self.members),
        ]
    }

    /// The counts as one JSON object.
    pub fn to_json(&self) -> String {
        let hazards = FLOW_HAZARDS.iter().zip(self.hazards).map(|((hazard, _), count)| (format!("{hazard:?}"), count));
        let shapes = FLOW_SHAPES.iter().zip(self.shapes).map(|((shape, _), count)| (format!("{shape:?}"), count));
        counts_json(&self.named(), &[("hazards", hazards.collect()), ("shapes", shapes.collect())])
    }
}

impl AddAssign for FlowCounts {
    fn add_assign(&mut self, other: Self) {
        self.objects += other.objects;
        self.empty_objects += other.empty_objects;
        self.headers += other.headers;
        self.records += other.records;
        self.rows += other.rows;
        self.rejects += other.rejects;
        self.ok_rows += other.ok_rows;
        self.no_data_rows += other.no_data_rows;
        self.skip_data_rows += other.skip_data_rows;
        self.accepted_rows += other.accepted_rows;
        self.rejected_rows += other.rejected_rows;
        self.v6_rows += other.v6_rows;
        self.rows_on_another_day += other.rows_on_another_day;
        self.record_bytes_max = self.record_bytes_max.max(other.record_bytes_max);
        self.text_bytes += other.text_bytes;
        self.stored_bytes += other.stored_bytes;
        self.members += other.members;
        self.hazards.iter_mut().zip(other.hazards).for_each(|(sum, more)| *sum += more);
        self.shapes.iter_mut().zip(other.shapes).for_each(|(sum, more)| *sum += more);
    }
}
