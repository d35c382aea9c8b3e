//! A corpus: everything that one set of arguments makes.

use std::io::{self, Write};
use std::path::Path;

use crate::cast::{Cast, REGIONS};
use crate::catalog::Catalog;
use crate::civil::{DAY_SECONDS, Date, MINUTE_SECONDS, day_of};
use crate::error::Error;
use crate::grid::{Grid, usual_start};
use crate::manifest::Counts;
use crate::object::ObjectWriter;
use crate::plan::{Planned, plan};
use crate::random::Random;
use crate::store::{GZIP_LEVEL, Gzip, fill};

/// What a corpus is made of. Equal options give equal bytes, whatever the threads.
#[derive(Debug, Clone)]
pub struct Options {
    /// What everything is drawn from.
    pub seed: u64,
    /// Records in all, doubled ones included.
    pub events: u64,
    /// Objects in all; about one for 400 records when not said.
    pub objects: Option<u64>,
    /// Days, one after the other.
    pub days: u32,
    /// Accounts.
    pub accounts: u32,
    /// Regions of each account.
    pub regions: u32,
    /// The first day.
    pub start: Date,
    /// Whether the corpus carries the hazards of real logs.
    pub hazards: bool,
    /// The gzip level, from 0 to 9.
    pub level: u32,
}

impl Default for Options {
    fn default() -> Self {
        let start = usual_start();
        let (days, accounts, regions) = (1, 1, 1);
        Self { seed: 1, events: 1_000, objects: None, days, accounts, regions, start, hazards: true, level: GZIP_LEVEL }
    }
}

impl Options {
    pub(crate) fn grid(&self) -> Grid {
        let &Self { start, days, accounts, regions, .. } = self;
        Grid { start, days, accounts, regions }
    }
}

/// A planned corpus, ready to be written object by object or whole.
#[derive(Debug)]
pub struct Corpus {
    options: Options,
    objects: Vec<Planned>,
    casts: Vec<Cast>,
    catalog: Catalog,
}

impl Corpus {
    /// Plans the corpus.
    ///
    /// # Errors
    /// Where an option is out of bounds.
    pub fn new(options: Options) -> Result<Self, Error> {
        let objects = plan(&options)?;
        let casts = (0..options.accounts).map(Cast::new).collect();
        Ok(Self { options, objects, casts, catalog: Catalog::new() })
    }

    /// The objects, in the order of their delivery.
    pub fn objects(&self) -> &[Planned] {
        &self.objects
    }

    /// The key of an object, from `AWSLogs/` on.
    pub fn key(&self, planned: &Planned) -> String {
        let account = &self.casts[planned.account as usize].account;
        let (region, folder) = (REGIONS[usize::from(planned.region)], planned.kind.folder());
        let (year, month, day) = day_of(planned.window.0).civil();
        let minute = planned.window.1.rem_euclid(DAY_SECONDS) / MINUTE_SECONDS;
        let (hour, minute) = (minute / 60, minute % 60);
        let mut suffix = Vec::new();
        Random::new(planned.name_seed).letters(16, &mut suffix);
        let suffix = String::from_utf8_lossy(&suffix);
        format!(
            "AWSLogs/{account}/{folder}/{region}/{year}/{month:02}/{day:02}/{account}_{folder}_{region}_\
             {year}{month:02}{day:02}T{hour:02}{minute:02}Z_{suffix}.json.gz"
        )
    }

    /// Writes the JSON of one object and counts it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_json(&self, planned: &Planned, out: &mut dyn Write) -> io::Result<Counts> {
        let cast = &self.casts[planned.account as usize];
        let has_hazards = self.options.hazards;
        ObjectWriter { cast, catalog: &self.catalog, planned, has_hazards }.write(out)
    }

    /// Writes the gzipped bytes of one object and counts it.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_gzip(&self, planned: &Planned, out: &mut dyn Write) -> io::Result<Counts> {
        let mut gzip = Gzip::new(out, self.options.level, None);
        let mut counts = self.write_json(planned, &mut gzip)?;
        counts.stored_bytes = gzip.finish()?.bytes;
        Ok(counts)
    }

    /// Writes the whole corpus below `folder`, which is made or must be empty, on all of rayon's threads.
    ///
    /// # Errors
    /// Where the folder is not empty or a file cannot be written.
    pub fn write_to(&self, folder: &Path) -> Result<Counts, Error> {
        fill(folder, &self.objects, |planned| self.key(planned), |planned, out| self.write_gzip(planned, out))
    }
}
