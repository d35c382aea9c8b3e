//! Writes the text of one object.

use std::io::{self, Write};

use crate::cast::{Cast, REGIONS};
use crate::civil::day_of;
use crate::flow::field::{Column, Field};
use crate::flow::hazard::{FLOW_HAZARDS, FlowHazard, FlowShape};
use crate::flow::manifest::{FlowCounts, Seen};
use crate::flow::plan::{PlannedFlow, SLOT_SECONDS};
use crate::flow::row::{Row, Status};
use crate::flow::text::Lines;
use crate::random::Random;

/// Text that is gathered before it is handed on.
const FLUSH_BYTES: usize = 128 << 10;

/// The writer of one object.
pub(crate) struct FlowWriter<'a> {
    planned: &'a PlannedFlow,
    lines: Lines<'a>,
    /// The columns below the first header, and below the second one.
    columns: Vec<Column>,
    below: Option<Vec<Column>>,
    /// The highest version among the columns.
    version: u8,
    has_hazards: bool,
}

impl<'a> FlowWriter<'a> {
    pub(crate) fn new(
        cast: &'a Cast,
        planned: &'a PlannedFlow,
        columns: Vec<Column>,
        below: Option<Vec<Column>>,
        has_hazards: bool,
    ) -> Self {
        let lines = Lines::new(cast, planned.site, REGIONS[usize::from(planned.site.region)]);
        let version = columns.iter().map(|column| column.version).max().unwrap_or_default();
        Self { planned, lines, columns, below, version, has_hazards }
    }

    /// Writes the object and counts what it wrote.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<FlowCounts> {
        let mut counts = FlowCounts::of_object(self.planned);
        let mut text = Vec::new();
        let mut columns = &self.columns;
        self.header(columns, &mut text, &mut counts);
        for record in 0..self.planned.records {
            if let Some(below) = self.below.as_ref().filter(|_| record == self.planned.records / 2) {
                columns = below;
                self.header(columns, &mut text, &mut counts);
            }
            // Before the line, so that the last one is still here when its end is taken away.
            if text.len() >= FLUSH_BYTES {
                counts.text_bytes += text.len() as u64;
                out.write_all(&text)?;
                text.clear();
            }
            self.line(record, columns, &mut text, &mut counts);
        }
        if self.planned.shape == FlowShape::OpenEnd {
            text.pop();
        }
        counts.text_bytes += text.len() as u64;
        out.write_all(&text)?;
        Ok(counts)
    }

    fn header(&self, columns: &[Column], text: &mut Vec<u8>, counts: &mut FlowCounts) {
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                text.push(b' ');
            }
            text.extend_from_slice(column.name.as_bytes());
        }
        self.end_line(text);
        counts.headers += 1;
    }

    fn end_line(&self, text: &mut Vec<u8>) {
        text.extend_from_slice(if self.planned.shape == FlowShape::CrLf { b"\r\n" } else { b"\n" });
    }

    /// Appends line number `number` below the headers.
    fn line(&self, number: u64, columns: &[Column], text: &mut Vec<u8>, counts: &mut FlowCounts) {
        let mut random = Random::new(self.planned.seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let hazard = self.hazard(number, columns, &mut random);
        let end = self.planned.slot + random.between(0, SLOT_SECONDS - 1);
        let mut row = self.planned.site.draw(end, random.clone());
        if let Some(hazard) = hazard {
            let day_start = day_of(self.planned.slot).start();
            hazard.apply(&mut row, self.planned.site.network(), day_start, &mut random);
        }
        let start = text.len();
        self.lines.write(columns, self.version, &row, text);
        if hazard == Some(FlowHazard::Broken) {
            cut(start, columns.len(), text, &mut random);
        }
        let seen = self.seen(&row, columns);
        counts.add_line(hazard, text.len() - start, seen);
        self.end_line(text);
    }

    fn hazard(&self, number: u64, columns: &[Column], random: &mut Random) -> Option<FlowHazard> {
        if !self.has_hazards {
            return None;
        }
        let shown = FLOW_HAZARDS.get(number as usize).filter(|_| self.planned.is_showcase);
        let hazard = shown.map(|(hazard, _)| *hazard).or_else(|| FlowHazard::draw(random));
        hazard.filter(|hazard| hazard.fits(columns))
    }

    /// What a reader of these columns can see of the row.
    fn seen(&self, row: &Row, columns: &[Column]) -> Seen {
        let has = |field: Field| columns.iter().any(|column| column.field == field);
        let is_ok = row.status == Status::Ok;
        let time = if has(Field::End) { row.end } else { row.start };
        Seen {
            status: has(Field::LogStatus).then_some(row.status),
            is_accepted: (is_ok && has(Field::Action)).then_some(row.is_accepted),
            is_v6: is_ok && has(Field::SourceAddress) && row.source.address.is_ipv6(),
            is_on_another_day: (has(Field::End) || has(Field::Start)) && day_of(time) != day_of(self.planned.slot),
        }
    }
}

/// Leaves some of the line's `fields` fields, never all.
fn cut(start: usize, fields: usize, text: &mut Vec<u8>, random: &mut Random) {
    let kept = 1 + random.below(fields as u32 - 1) as usize;
    let blanks = text[start..].iter().enumerate().filter(|(_, byte)| **byte == b' ');
    if let Some((end, _)) = blanks.map(|(at, byte)| (start + at, byte)).nth(kept - 1) {
        text.truncate(end);
    }
}
