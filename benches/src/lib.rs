//! What the benchmarks share: a corpus in memory, and the engine run over it as far as a stage.

use std::io;

use trailhouse_core::{Body, Day, Format, KeyFacts, Object, PartFile, Settings, Transform};
use trailhouse_schemas::Partitioning;
use trailhouse_testdata::{Corpus, Options};

/// Why a benchmark could not be run.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The corpus could not be made.
    #[error("cannot make the corpus")]
    Corpus(#[from] trailhouse_testdata::Error),
    /// An object could not be written to memory.
    #[error("cannot write an object")]
    Write(#[from] io::Error),
    /// The engine stopped.
    #[error("the engine stopped")]
    Engine(#[from] trailhouse_core::Error),
    /// The engine lost or refused records, so that its speed means nothing.
    #[error("{rows} rows of {records} records")]
    Rows {
        /// What it wrote.
        rows: u64,
        /// What there was.
        records: u64,
    },
}

/// How an object's bytes are given to the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As S3 stores them.
    Gzip,
    /// Inflated already.
    Json,
}

/// A corpus in memory.
pub struct Sample {
    objects: Vec<(Object, Vec<u8>, Vec<u8>)>,
    /// Records of all objects.
    pub records: u64,
    /// Bytes of all objects' JSON.
    pub json_bytes: u64,
}

impl Sample {
    /// A corpus of `events` records in `objects` objects, with all hazards: four days of three accounts.
    ///
    /// # Errors
    ///
    /// When the generator refuses.
    pub fn new(events: u64, objects: u64) -> Result<Self, Error> {
        let objects = Some(objects);
        let options = Options { seed: 5, events, objects, days: 4, accounts: 3, regions: 2, ..Options::default() };
        let corpus = Corpus::new(options)?;
        let mut sample = Self { objects: Vec::new(), records: 0, json_bytes: 0 };
        for planned in corpus.objects() {
            let (mut gzip, mut json) = (Vec::new(), Vec::new());
            let counts = corpus.write_json(planned, &mut json)?;
            corpus.write_gzip(planned, &mut gzip)?;
            sample.records += counts.records;
            sample.json_bytes += counts.json_bytes;
            sample.objects.push((object(&corpus.key(planned)), gzip, json));
        }
        Ok(sample)
    }

    /// Reads every object into the open group of `transform`, and checks that every record became a row.
    ///
    /// # Errors
    ///
    /// When the engine stops, or a record is no row.
    pub fn read(&self, transform: &mut Transform, form: Form) -> Result<(), Error> {
        let mut rows = 0;
        for (object, gzip, json) in &self.objects {
            let bytes = if form == Form::Gzip { gzip } else { json };
            rows += transform.read(object, Body::Whole(bytes), &mut discard)?.rows;
        }
        let records = self.records;
        if rows == records { Ok(()) } else { Err(Error::Rows { rows, records }) }
    }
}

/// The engine; with `is_whole`, no part is closed before the group ends, however long it is.
pub fn engine(is_whole: bool) -> Transform {
    let mut settings = Settings::new(Partitioning::AccountDate);
    if is_whole {
        settings.part_bytes *= WHOLE_PARTS;
        settings.part_records *= WHOLE_PARTS;
    }
    Transform::new(settings)
}

/// Parts that a benchmark of one stage holds in memory at most.
const WHOLE_PARTS: usize = 4;

/// Takes a file and drops it.
///
/// # Errors
///
/// None.
pub fn discard(_: PartFile) -> io::Result<()> {
    Ok(())
}

fn object(key: &str) -> Object {
    let facts = KeyFacts::of(key);
    let modified = facts.day.unwrap_or(Day(0));
    let source_id = "0123456789abcdef0123456789abcdef".to_owned();
    Object { address: key.to_owned(), source_id, format: Format::CloudTrail, key: facts, modified }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_gives_every_row() {
        let sample = Sample::new(2_000, 24).unwrap();
        for form in [Form::Gzip, Form::Json] {
            let (mut transform, mut rows) = (engine(true), 0);
            sample.read(&mut transform, form).unwrap();
            let mut count = |file: PartFile| {
                rows += file.rows;
                Ok(())
            };
            transform.finish(&mut count).unwrap();
            assert_eq!(rows, sample.records, "{form:?}");
        }
    }
}
