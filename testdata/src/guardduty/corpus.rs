//! A corpus of findings: everything that one set of arguments makes.

use std::io::{self, Write};
use std::path::Path;

use crate::cast::{Cast, REGIONS, text};
use crate::civil::{DAY_SECONDS, Date, day_of};
use crate::error::Error;
use crate::grid::{Grid, usual_start};
use crate::guardduty::lane::Lane;
use crate::guardduty::object::FindingWriter;
use crate::guardduty::plan::{PlannedFindings, plan};
use crate::guardduty::{Carrier, FindingCounts, FindingShape};
use crate::random::Random;
use crate::store::{GZIP_LEVEL, Gzip, fill};

/// What a corpus of findings is made of. Equal options give equal bytes, whatever the threads.
#[derive(Debug, Clone)]
pub struct FindingOptions {
    /// What everything is drawn from.
    pub seed: u64,
    /// Findings in all: every revision of one counts, and broken ones do.
    pub findings: u64,
    /// Objects in all; about one for 100 findings when not said.
    pub objects: Option<u64>,
    /// Days, one after the other.
    pub days: u32,
    /// Accounts.
    pub accounts: u32,
    /// Regions of each account.
    pub regions: u32,
    /// The first day.
    pub start: Date,
    /// How they are wrapped; in every way in turn when not said.
    pub carrier: Option<Carrier>,
    /// Whether the corpus carries the hazards of real findings.
    pub hazards: bool,
    /// The gzip level, from 0 to 9.
    pub level: u32,
}

impl Default for FindingOptions {
    fn default() -> Self {
        Self {
            seed: 1,
            findings: 1_000,
            objects: None,
            days: 1,
            accounts: 1,
            regions: 1,
            start: usual_start(),
            carrier: Some(Carrier::Export),
            hazards: true,
            level: GZIP_LEVEL,
        }
    }
}

impl FindingOptions {
    pub(crate) fn grid(&self) -> Grid {
        let &Self { start, days, accounts, regions, .. } = self;
        Grid { start, days, accounts, regions }
    }
}

/// A planned corpus of findings, ready to be written object by object or whole.
#[derive(Debug)]
pub struct FindingCorpus {
    options: FindingOptions,
    objects: Vec<PlannedFindings>,
    lanes: Vec<Lane>,
    casts: Vec<Cast>,
}

impl FindingCorpus {
    /// Plans the corpus.
    ///
    /// # Errors
    /// Where an option is out of bounds.
    pub fn new(options: FindingOptions) -> Result<Self, Error> {
        let (objects, lanes) = plan(&options)?;
        let casts = (0..options.accounts).map(Cast::new).collect();
        Ok(Self { options, objects, lanes, casts })
    }

    /// The objects, in the order of their delivery.
    pub fn objects(&self) -> &[PlannedFindings] {
        &self.objects
    }

    /// The key of an object. Exports have AWS's own, streams have Firehose's, and answers lie where somebody put them:
    /// among the exports.
    pub fn key(&self, planned: &PlannedFindings) -> String {
        let (account, region) = (&self.casts[planned.account as usize].account, REGIONS[usize::from(planned.region)]);
        let (year, month, day) = day_of(planned.window.0).civil();
        let name = text(&mut Random::new(planned.name_seed), Random::uuid);
        let folder = format!("AWSLogs/{account}/GuardDuty/{region}/{year}/{month:02}/{day:02}");
        match planned.carrier {
            Carrier::Export => format!("{folder}/{name}.jsonl.gz"),
            Carrier::GetFindings => format!("{folder}/get-findings-{name}.json.gz"),
            Carrier::Cli => format!("{folder}/aws-cli-{name}.json.gz"),
            Carrier::EventBridge => {
                let second = planned.window.1.rem_euclid(DAY_SECONDS);
                let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
                format!(
                    "firehose-guardduty/{year}/{month:02}/{day:02}/{hour:02}/guardduty-findings-1-\
                     {year}-{month:02}-{day:02}-{hour:02}-{minute:02}-{second:02}-{name}.gz"
                )
            }
        }
    }

    /// Writes the JSON of one object and counts it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_json(&self, planned: &PlannedFindings, out: &mut dyn Write) -> io::Result<FindingCounts> {
        let &FindingOptions { seed, hazards, .. } = &self.options;
        let (cast, lane) = (&self.casts[planned.account as usize], &self.lanes[planned.lane]);
        FindingWriter { cast, lane, planned, seed, has_hazards: hazards }.write(out)
    }

    /// Writes the gzipped bytes of one object and counts it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_gzip(&self, planned: &PlannedFindings, out: &mut dyn Write) -> io::Result<FindingCounts> {
        // About four members, which end anywhere.
        let member_bytes = (planned.shape == FindingShape::Members).then(|| 500 + planned.records * 700);
        let mut gzip = Gzip::new(out, self.options.level, member_bytes);
        let mut counts = self.write_json(planned, &mut gzip)?;
        let stored = gzip.finish()?;
        (counts.stored_bytes, counts.members) = (stored.bytes, stored.members);
        Ok(counts)
    }

    /// Writes the whole corpus below `folder`, which is made or must be empty, on all of rayon's threads.
    ///
    /// # Errors
    /// Where the folder is not empty or a file cannot be written.
    pub fn write_to(&self, folder: &Path) -> Result<FindingCounts, Error> {
        fill(folder, &self.objects, |planned| self.key(planned), |planned, out| self.write_gzip(planned, out))
    }
}
