//! Writes the JSON of one object.

use std::io::{self, Write};

use crate::cast::{Cast, REGIONS, text};
use crate::civil::{DAY_SECONDS, day_of};
use crate::guardduty::Carrier;
use crate::guardduty::case::{Case, whole_instant};
use crate::guardduty::finding::{finding, of_api};
use crate::guardduty::hazard::{FINDING_HAZARDS, FindingHazard, FindingShape};
use crate::guardduty::json::{Json, list, object, push_blanks};
use crate::guardduty::lane::{Lane, Sighting};
use crate::guardduty::manifest::{FindingCounts, Seen};
use crate::guardduty::plan::PlannedFindings;
use crate::guardduty::types::FINDING_TYPES;
use crate::network::Network;
use crate::random::{Random, mix};

/// Text that is gathered before it is handed on.
const FLUSH_BYTES: usize = 128 << 10;
/// How long before its key's day a late finding was updated at most, in milliseconds.
const LATE: i64 = 3_600_000;
/// The depth at which the command line prints a finding.
const PRINTED_DEPTH: usize = 2;

/// The writer of one object.
pub(crate) struct FindingWriter<'a> {
    pub(crate) cast: &'a Cast,
    pub(crate) lane: &'a Lane,
    pub(crate) planned: &'a PlannedFindings,
    pub(crate) seed: u64,
    pub(crate) has_hazards: bool,
}

/// A finding that is ready to be written.
struct Made {
    finding: Json,
    hazard: Option<FindingHazard>,
    seen: Seen,
    updated: i64,
}

impl FindingWriter<'_> {
    /// Writes the object and counts what it wrote.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<FindingCounts> {
        let mut counts = FindingCounts::of_object(self.planned);
        let (open, between, close) = self.wrapping();
        let mut text = open.as_bytes().to_vec();
        let mut pending: Vec<FindingHazard> = match self.planned.is_showcase {
            true => FINDING_HAZARDS.map(|(hazard, _)| hazard).to_vec(),
            false => Vec::new(),
        };
        for record in 0..self.planned.records {
            if text.len() >= FLUSH_BYTES {
                counts.json_bytes += text.len() as u64;
                out.write_all(&text)?;
                text.clear();
            }
            if record > 0 {
                text.extend_from_slice(between.as_bytes());
            }
            let mut random = Random::new(self.planned.seed ^ record.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let made = self.make(self.planned.first + record, &pending, &mut random);
            pending.retain(|hazard| Some(*hazard) != made.hazard);
            let start = text.len();
            self.push(&made, &mut random, &mut text);
            if made.hazard == Some(FindingHazard::Broken) {
                cut(start, &mut text, &mut random);
            }
            counts.add(self.planned.carrier, made.hazard, text.len() - start, made.seen);
        }
        text.extend_from_slice(close.as_bytes());
        counts.json_bytes += text.len() as u64;
        out.write_all(&text)?;
        Ok(counts)
    }

    /// What stands before the findings, between two of them, and behind them.
    fn wrapping(&self) -> (&'static str, &'static str, &'static str) {
        let is_empty = self.planned.records == 0;
        match self.planned.carrier {
            Carrier::Export if is_empty || self.planned.shape == FindingShape::OpenEnd => ("", "\n", ""),
            Carrier::Export => ("", "\n", "\n"),
            Carrier::EventBridge if is_empty || self.planned.seed.is_multiple_of(2) => ("", "", ""),
            Carrier::EventBridge => ("", "\n", "\n"),
            Carrier::GetFindings => (r#"{"findings":["#, ",", "]}"),
            Carrier::Cli if is_empty => ("{\n    \"Findings\": []\n}\n", "", ""),
            Carrier::Cli => ("{\n    \"Findings\": [\n", ",\n", "\n    ]\n}\n"),
        }
    }

    /// Makes the lane's record `position`, with the first of the hazards that it can have.
    fn make(&self, position: u64, pending: &[FindingHazard], random: &mut Random) -> Made {
        let sighting = self.lane.sighting(position);
        let drawn = FindingHazard::draw(random).filter(|_| self.has_hazards);
        let mut hazards: Vec<FindingHazard> =
            if pending.is_empty() { drawn.into_iter().collect() } else { pending.to_vec() };
        hazards.retain(|hazard| hazard.fits(sighting, self.planned.carrier));
        let is_late = hazards.first() == Some(&FindingHazard::Late);
        let mut case = self.case(position, sighting, is_late.then(|| random.between(1, LATE)));
        let mut finding = finding(&mut case);
        let hazard = match is_late {
            true => Some(FindingHazard::Late),
            false => hazards
                .into_iter()
                .filter(|hazard| *hazard != FindingHazard::Late)
                .find(|hazard| hazard.apply(&mut finding, random)),
        };
        let seen = Seen {
            kind: self.type_of(sighting),
            resource_type: case.resource_type(),
            is_revision: sighting.revision > 0,
            is_sample: case.is_sample,
        };
        Made { finding, hazard, seen, updated: case.updated }
    }

    /// The place of a finding's type in the table.
    fn type_of(&self, sighting: Sighting) -> usize {
        let types = FINDING_TYPES.len() as u64;
        // A prime number of types: every step but the whole goes through all of them.
        ((mix(self.seed) % types + self.lane.number(sighting) * 89) % types) as usize
    }

    fn case(&self, position: u64, sighting: Sighting, late: Option<i64>) -> Case<'_> {
        let region = REGIONS[usize::from(self.planned.region)];
        let network = Network::new(self.planned.account, self.planned.region);
        let seed = mix(self.seed ^ mix(self.lane.number(sighting)) ^ 0xf1d);
        let kind = &FINDING_TYPES[self.type_of(sighting)];
        let mut case = Case::new(kind, (self.cast, network, region), seed);
        case.first = self.lane.moment(sighting.finding);
        case.updated = self.lane.moment(position);
        case.count = 1 + sighting.revision * (2 + (seed % 9) as u32);
        if let Some(before) = late {
            case.first = day_of(self.planned.window.0).start() * 1_000 - before;
            case.updated = case.first;
        }
        case
    }

    /// Appends the finding as its carrier wraps it.
    fn push(&self, made: &Made, random: &mut Random, out: &mut Vec<u8>) {
        match self.planned.carrier {
            Carrier::Export => made.finding.write_wire(out),
            Carrier::EventBridge => self.event(made, random).write_wire(out),
            Carrier::GetFindings => of_api(made.finding.clone()).write_wire(out),
            Carrier::Cli => {
                push_blanks(PRINTED_DEPTH, out);
                of_api(made.finding.clone()).write_printed(PRINTED_DEPTH, out);
            }
        }
    }

    /// An event around the finding.
    fn event(&self, made: &Made, random: &mut Random) -> Json {
        let day_end = (day_of(self.planned.window.0).start() + DAY_SECONDS - 1) * 1_000;
        object! {
            "version": "0",
            "id": text(random, Random::uuid),
            "detail-type": "GuardDuty Finding",
            "source": "aws.guardduty",
            "account": self.cast.account.clone(),
            "time": whole_instant((made.updated + 120_000).min(day_end)),
            "region": REGIONS[usize::from(self.planned.region)],
            "resources": list![],
            "detail": made.finding.clone(),
        }
    }
}

/// Leaves some of the finding that begins at `start`, never all.
fn cut(start: usize, text: &mut Vec<u8>, random: &mut Random) {
    let length = (text.len() - start) as u32;
    text.truncate(start + 1 + random.below(length - 1) as usize);
    // Behind these the next line's finding would be this one's value, as far as readers can tell.
    while matches!(text.last(), Some(b':' | b',' | b'[')) && text.len() > start + 1 {
        text.pop();
    }
}
