//! A corpus: everything that one set of arguments makes.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};
use rayon::prelude::*;

use crate::cast::{Cast, REGIONS};
use crate::catalog::Catalog;
use crate::civil::{DAY_SECONDS, Date, MINUTE_SECONDS, day_of};
use crate::manifest::Counts;
use crate::object::ObjectWriter;
use crate::plan::{Planned, plan};
use crate::random::Random;

/// The byte of a gzip header that says "unknown system", so that no system's name shows.
const GZIP_UNKNOWN_SYSTEM: u8 = 255;
/// zlib's own default.
const GZIP_LEVEL: u32 = 6;
/// The first day, when none is named: a Monday.
const START: &str = "2026-03-02";

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
        let start = START.parse().unwrap_or_else(|_| day_of(0));
        let (days, accounts, regions) = (1, 1, 1);
        Self { seed: 1, events: 1_000, objects: None, days, accounts, regions, start, hazards: true, level: GZIP_LEVEL }
    }
}

/// Why a corpus could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An option is out of its bounds.
    #[error("`{what}` is not between {least} and {most}")]
    OutOfBounds {
        /// The option.
        what: &'static str,
        /// Its least value.
        least: u64,
        /// Its greatest value.
        most: u64,
    },
    /// Days behind the last one that a key can name.
    #[error("the last day is after 9999-12-31")]
    TooLate,
    /// The folder is not empty, so that its objects would be taken for the corpus's.
    #[error("`{}` is not empty", .0.display())]
    NotEmpty(PathBuf),
    /// A file could not be written.
    #[error("cannot write `{}`", .0.display())]
    Write(PathBuf, #[source] io::Error),
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
        let mut stored = Counted { inner: out, bytes: 0 };
        let level = Compression::new(self.options.level);
        let mut gzip = GzBuilder::new().mtime(0).operating_system(GZIP_UNKNOWN_SYSTEM).write(&mut stored, level);
        let mut counts = self.write_json(planned, &mut gzip)?;
        gzip.finish()?;
        counts.stored_bytes = stored.bytes;
        Ok(counts)
    }

    /// Writes the whole corpus below `folder`, which is made or must be empty, on all of rayon's threads.
    ///
    /// # Errors
    /// Where the folder is not empty or a file cannot be written.
    pub fn write_to(&self, folder: &Path) -> Result<Counts, Error> {
        let fault = |error| Error::Write(folder.to_owned(), error);
        fs::create_dir_all(folder).map_err(fault)?;
        if fs::read_dir(folder).map_err(fault)?.next().is_some() {
            return Err(Error::NotEmpty(folder.to_owned()));
        }
        let written = self.objects.par_iter().map(|planned| self.write_file(planned, folder));
        written.try_reduce(Counts::default, |mut sum, more| {
            sum += more;
            Ok(sum)
        })
    }

    fn write_file(&self, planned: &Planned, folder: &Path) -> Result<Counts, Error> {
        let path = folder.join(self.key(planned));
        let write = || {
            fs::create_dir_all(path.parent().unwrap_or(folder))?;
            let mut file = BufWriter::new(File::create_new(&path)?);
            let counts = self.write_gzip(planned, &mut file)?;
            file.flush()?;
            Ok(counts)
        };
        write().map_err(|error| Error::Write(path.clone(), error))
    }
}

/// A writer that counts its bytes.
struct Counted<'a> {
    inner: &'a mut dyn Write,
    bytes: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
