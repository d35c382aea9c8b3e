//! What one account's region exports over time: which finding stands where, as which revision, and when.

use crate::random::mix;

/// What one account's region exports, in order. The first sightings come first, then half of them once more, and again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lane {
    /// Where each of its objects begins, in the order of time.
    spans: Vec<Span>,
    records: u64,
    /// Findings: records that are first sightings.
    findings: u64,
    /// Findings of the lanes before, so that types go on where those end.
    before: u64,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    first: u64,
    records: u64,
    window: (i64, i64),
}

/// One record of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sighting {
    /// The finding's number in its lane.
    pub(crate) finding: u64,
    /// How many revisions of it came before.
    pub(crate) revision: u32,
    /// Whether no other revision of it comes.
    pub(crate) is_alone: bool,
}

impl Lane {
    /// Adds an object behind the others, and tells where its first record is.
    pub(crate) fn add(&mut self, window: (i64, i64), records: u64) -> u64 {
        let first = self.records;
        self.spans.push(Span { first, records, window });
        self.records += records;
        first
    }

    /// Decides how many findings there are: five of eight records, but as many as there are types to show where the
    /// records of all lanes are enough for that.
    pub(crate) fn settle(&mut self, types: u64, records_in_all: u64, before: u64) -> u64 {
        let types = if records_in_all < types { 0 } else { types };
        let share = (types * self.records).div_ceil(records_in_all.max(1));
        self.findings = (self.records * 5).div_ceil(8).max(share.min(self.records));
        self.before = before;
        self.findings
    }

    /// The number of a finding among those of all lanes.
    pub(crate) fn number(&self, sighting: Sighting) -> u64 {
        self.before + sighting.finding
    }

    /// How many of the `records` from record `first` on are of findings that do not come again.
    pub(crate) fn alone(&self, first: u64, records: u64) -> u64 {
        (first + records).min(self.findings).saturating_sub(first.max(self.revised().min(self.records - self.findings)))
    }

    /// Findings that come again, if there are records enough.
    fn revised(&self) -> u64 {
        self.findings.div_ceil(2).max(1)
    }

    /// What record `position` is.
    pub(crate) fn sighting(&self, position: u64) -> Sighting {
        let revised = self.revised();
        let later = self.records - self.findings;
        match position.checked_sub(self.findings) {
            None => {
                let is_alone = position >= revised.min(later);
                Sighting { finding: position, revision: 0, is_alone }
            }
            Some(behind) => {
                Sighting { finding: behind % revised, revision: 1 + (behind / revised) as u32, is_alone: false }
            }
        }
    }

    /// When record `position` was made, in milliseconds: later than the one before.
    pub(crate) fn moment(&self, position: u64) -> i64 {
        let at = self.spans.partition_point(|span| span.first <= position).saturating_sub(1);
        let Some(span) = self.spans.get(at) else { return 0 };
        let (start, length) = (span.window.0 * 1_000, (span.window.1 - span.window.0) * 1_000);
        let step = (length / (span.records as i64).max(1)).max(1);
        let place = (position - span.first) as i64 * length / (span.records as i64).max(1);
        start + place + (mix(position) % step as u64) as i64
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn revisions_come_in_order_and_later() {
        for records in [1, 2, 7, 100, 1_001] {
            let mut lane = Lane::default();
            for day in 0..4 {
                lane.add((day * 86_400, day * 86_400 + 3_600), records);
            }
            let findings = lane.settle(0, records * 4, 0);
            let mut seen: HashMap<u64, (u32, i64, bool)> = HashMap::new();
            for position in 0..records * 4 {
                let (sighting, moment) = (lane.sighting(position), lane.moment(position));
                if let Some((revision, before, was_alone)) = seen.get(&sighting.finding).copied() {
                    assert!(sighting.revision == revision + 1 && moment > before && !was_alone && !sighting.is_alone);
                } else {
                    assert_eq!(sighting.revision, 0);
                }
                seen.insert(sighting.finding, (sighting.revision, moment, sighting.is_alone));
            }
            assert_eq!(seen.len() as u64, findings);
            assert_eq!(lane.alone(0, records * 4), seen.values().filter(|(_, _, is_alone)| *is_alone).count() as u64);
            assert!(seen.values().all(|(revision, _, is_alone)| *is_alone == (*revision == 0)));
        }
    }

    #[test]
    fn types_are_shown_before_anything_comes_again() {
        let mut lane = Lane::default();
        lane.add((0, 60), 300);
        assert_eq!(lane.settle(239, 300, 0), 239);
        assert_eq!(lane.settle(239, 3_000, 0), 188);
        assert_eq!(lane.settle(400, 300, 0), 188);
        assert_eq!(lane.settle(900, 300, 0), 188);
    }
}
