//! Writes the JSON of one object.

use std::io::{self, Write};

use crate::cast::{Cast, REGIONS};
use crate::catalog::{Catalog, Prepared};
use crate::civil::{DAY_SECONDS, day_of};
use crate::draft::{Draft, Layout};
use crate::hazard::{HAZARDS, Hazard};
use crate::manifest::Counts;
use crate::plan::{Kind, Planned};
use crate::random::{Random, mix};
use crate::record::{Place, compose};
use crate::special::{aggregated, network_activity};
use crate::story::{self, Told};

/// Text that is gathered before it is handed on.
const FLUSH_BYTES: usize = 128 << 10;
/// Days by which a late record comes late at most: in real logs every one was of the day before its key.
const LATE_DAYS_MAX: i64 = 1;
/// Callers that are busy at one time.
const RUNS_AT_ONCE: usize = 16;
/// Records after which other callers are busy.
const RUN_RECORDS: u64 = 1_000;
/// Neighbours that are often of one caller and one event: calls come in bursts.
const BURST_RECORDS: u64 = 6;
/// Of a hundred records, so many are as their burst is.
const BURST_PERCENT: u32 = 65;

/// The writer of one object.
pub(crate) struct ObjectWriter<'a> {
    pub(crate) cast: &'a Cast,
    pub(crate) catalog: &'a Catalog,
    pub(crate) planned: &'a Planned,
    pub(crate) has_hazards: bool,
}

impl ObjectWriter<'_> {
    /// Writes the object and counts what it wrote.
    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<Counts> {
        let mut counts = Counts::of_object(self.planned.kind);
        let (open, close) = self.envelope();
        let mut text = open.as_bytes().to_vec();
        let (mut draft, mut record) = (Draft::default(), 0);
        let story = story::tell(self.planned.acts.clone(), self.planned.window, self.planned.content_seed);
        let story_starts = self.planned.records - story.len() as u64;
        while record < self.planned.records {
            if record > 0 {
                text.push(b',');
            }
            let told = record.checked_sub(story_starts).map(|number| story[number as usize]);
            let start = text.len();
            let hazard = self.record(record, told, &mut draft, &mut text);
            counts.add_record(self.planned.kind, hazard, text.len() - start, told.is_some());
            record += 1;
            if text.len() >= FLUSH_BYTES {
                counts.json_bytes += text.len() as u64;
                out.write_all(&text)?;
                text.clear();
            }
        }
        text.extend_from_slice(close.as_bytes());
        counts.json_bytes += text.len() as u64;
        out.write_all(&text)?;
        Ok(counts)
    }

    fn envelope(&self) -> (&'static str, &'static str) {
        let is_bare = self.planned.kind == Kind::Aggregated && self.planned.content_seed.is_multiple_of(2);
        if is_bare { ("[", "]") } else { (r#"{"Records":["#, "]}") }
    }

    /// Appends record number `number` and tells which hazard it has.
    fn record(&self, number: u64, told: Option<Told>, draft: &mut Draft, text: &mut Vec<u8>) -> Option<Hazard> {
        let mut random = Random::new(self.planned.content_seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let hazard = if told.is_some() { None } else { self.hazard(number, &mut random) };
        let second = told.map_or_else(|| self.second(hazard, &mut random), |told| told.second);
        let run = self.run(number, &mut random);
        let place = Place { cast: self.cast, region: REGIONS[usize::from(self.planned.region)], second, run };
        draft.clear();
        match self.planned.kind {
            Kind::NetworkActivity => network_activity(place, &mut random, draft),
            Kind::Aggregated => aggregated(place, &mut random, draft),
            Kind::Events | Kind::Again | Kind::Empty => {
                let of_story = told.and_then(|told| self.catalog.find(told.step.event));
                let prepared = of_story.unwrap_or_else(|| self.call(number, &mut random));
                compose(place, prepared, told, random.clone(), draft);
            }
        }
        let layout = hazard.map_or(Layout::Dense, |hazard| hazard.apply(draft, &mut random));
        draft.write(layout, text);
        hazard
    }

    /// The run that record `number` belongs to: one of the few that go on at a time.
    fn run(&self, number: u64, random: &mut Random) -> u64 {
        let mut burst = self.burst(number);
        let drawn = if random.percent(BURST_PERCENT) { &mut burst } else { random };
        mix(self.planned.content_seed ^ mix(number / RUN_RECORDS) ^ drawn.skewed(RUNS_AT_ONCE) as u64)
    }

    /// The event of record `number`, often that of its neighbours.
    fn call(&self, number: u64, random: &mut Random) -> &Prepared {
        let mut burst = self.burst(number);
        self.catalog.draw(if random.percent(BURST_PERCENT) { &mut burst } else { random })
    }

    fn burst(&self, number: u64) -> Random {
        Random::new(self.planned.content_seed.rotate_left(7) ^ mix(number / BURST_RECORDS))
    }

    fn hazard(&self, number: u64, random: &mut Random) -> Option<Hazard> {
        let is_plain = !self.has_hazards || matches!(self.planned.kind, Kind::NetworkActivity | Kind::Aggregated);
        let shown = HAZARDS.get(number as usize).filter(|_| self.planned.is_showcase);
        match shown {
            _ if is_plain => None,
            Some((hazard, _)) => Some(*hazard),
            None => Hazard::draw(random),
        }
    }

    /// When a record of no story happens: in any order, as in real objects.
    fn second(&self, hazard: Option<Hazard>, random: &mut Random) -> i64 {
        let (first, last) = self.planned.window;
        let usual = first + random.between(0, last - first - 1);
        let second = match hazard {
            Some(Hazard::Late) => day_of(first).start() - 1 - random.between(0, LATE_DAYS_MAX * DAY_SECONDS - 1),
            _ => usual,
        };
        let silence = &self.planned.silence;
        match silence.contains(&second) {
            // Nothing is logged while the trail is stopped; what would have been was as long before.
            true => (2 * silence.start - 1 - second).max(day_of(second).start()),
            false => second,
        }
    }
}
