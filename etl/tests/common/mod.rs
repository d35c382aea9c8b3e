//! A small corpus, written by the tests themselves, and lakes to bring it into.

#![allow(dead_code, reason = "each test binary uses some of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

pub(crate) mod faults;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use tempfile::TempDir;
use trailhouse_etl::{IngestError, IngestOptions, Limits, Silent, StopFlag, Summary, ingest};
use trailhouse_lake::plan::GroupLimits;

/// A folder with a source and a lake side by side.
pub(crate) struct Bench {
    folder: TempDir,
}

/// The content of every file below a folder.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

impl Bench {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("source")).unwrap();
        Self { folder }
    }

    /// A source of `objects` objects of some dozen records each: 2 accounts, 2 regions, some days.
    pub(crate) fn with_corpus(objects: usize) -> Self {
        let bench = Self::new();
        for number in 0..objects {
            bench.write(&key(number), &gzip(&records(number, 20 + number % 30)));
        }
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a source object.
    pub(crate) fn write(&self, key: &str, content: &[u8]) {
        let path = self.path("source").join(key);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// An ingest of the source into the lake called `lake`, cut into many small groups and parts.
    pub(crate) fn options(&self, lake: &str) -> IngestOptions {
        let text = |name: &str| self.path(name).to_str().unwrap().to_owned();
        let mut options = IngestOptions::new(vec![text("source")], text(lake));
        options.limits = small_limits();
        options.threads = NonZeroUsize::new(2);
        options
    }

    pub(crate) fn ingest(&self, lake: &str) -> Summary {
        run(&self.options(lake)).unwrap()
    }

    /// The finished files of a lake's tables.
    pub(crate) fn tables(&self, lake: &str) -> Files {
        let mut files = files_below(&self.path(lake));
        files.retain(|name, _| !name.starts_with("_trailhouse/"));
        files
    }

    /// The control objects of a lake, but for what is staged and who planned.
    pub(crate) fn receipts(&self, lake: &str) -> Files {
        files_below(&self.path(lake).join("_trailhouse/receipts"))
    }

    /// What is left in the lake's staging folder.
    pub(crate) fn staged(&self, lake: &str) -> usize {
        files_below(&self.path(lake).join("_trailhouse/staging")).len()
    }
}

pub(crate) fn run(options: &IngestOptions) -> Result<Summary, IngestError> {
    ingest(options, &Silent, &StopFlag::new())
}

/// Limits that give a few dozen objects several plans, groups and parts.
pub(crate) fn small_limits() -> Limits {
    let group = GroupLimits { bytes_soft: 2 << 10, bytes_max: 8 << 10, objects_soft: 3, objects_max: 6 };
    Limits { part_bytes: 64 << 10, part_records: 100, group, plan_objects: 25, ..Limits::default() }
}

pub(crate) fn files_below(folder: &Path) -> Files {
    let mut files = Files::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&next) else { continue };
        for entry in entries.flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                let name = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                // It may be a staged file of this moment.
                if let Ok(content) = std::fs::read(entry.path()) {
                    files.insert(name, content);
                }
            }
        }
    }
    files
}

/// The rows of all files of a table.
pub(crate) fn rows(files: &Files, table: &str) -> u64 {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let of_table = files.iter().filter(|(name, _)| name.starts_with(&format!("{table}/")));
    let rows = of_table.map(|(name, content)| {
        let reader = SerializedFileReader::new(bytes::Bytes::from(content.clone()));
        let reader = reader.unwrap_or_else(|error| panic!("`{name}` is not finished: {error}"));
        u64::try_from(reader.metadata().file_metadata().num_rows()).unwrap()
    });
    rows.sum()
}

/// What `rejects` holds: the object's name, the record's number and the reason, in order.
pub(crate) fn rejects(files: &Files) -> Vec<(String, i64, String)> {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::RowAccessor;
    let mut found = Vec::new();
    for (_, content) in files.iter().filter(|(name, _)| name.starts_with("rejects/")) {
        let reader = SerializedFileReader::new(bytes::Bytes::from(content.clone())).unwrap();
        let schema = reader.metadata().file_metadata().schema_descr_ptr();
        let place = |name: &str| schema.columns().iter().position(|column| column.name() == name).unwrap();
        for row in reader.get_row_iter(None).unwrap() {
            let row = row.unwrap();
            let object = row.get_string(place("source_object")).unwrap();
            let object = object.rsplit('/').next().unwrap_or_default().to_owned();
            let reason = row.get_string(place("reason")).unwrap().clone();
            found.push((object, row.get_long(place("source_record")).unwrap(), reason));
        }
    }
    found.sort();
    found
}

const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];
const REGIONS: [&str; 2] = ["us-east-1", "eu-west-1"];

pub(crate) fn key(number: usize) -> String {
    let (account, region, day) = (ACCOUNTS[number % 2], REGIONS[number / 2 % 2], 1 + number / 8);
    format!(
        "AWSLogs/{account}/CloudTrail/{region}/2026/01/{day:02}/\
         {account}_CloudTrail_{region}_202601{day:02}T0000Z_{number:016}.json.gz"
    )
}

/// `count` records of object `number`, a few of them of the next day or of an account that is none.
pub(crate) fn records(number: usize, count: usize) -> String {
    let mut json = String::from("{\"Records\":[");
    for record in 0..count {
        let (account, region) = (ACCOUNTS[number % 2], REGIONS[number / 2 % 2]);
        let account = if record == 7 { "../../etc" } else { account };
        let day = 1 + number / 8 + usize::from(record == 3);
        let comma = if record == 0 { "" } else { "," };
        write!(
            json,
            "{comma}{{\"eventVersion\":\"1.08\",\"eventTime\":\"2026-01-{day:02}T{:02}:{:02}:00Z\",\
             \"eventSource\":\"s3.amazonaws.com\",\"eventName\":\"GetObject\",\"awsRegion\":\"{region}\",\
             \"sourceIPAddress\":\"192.0.2.{}\",\"eventID\":\"{number:08x}-{record:04x}\",\
             \"requestParameters\":{{\"bucketName\":\"b\",\"key\":\"{}\"}},\"recipientAccountId\":\"{account}\"}}",
            record % 24,
            number % 60,
            record % 256,
            "k".repeat(record * 7 % 300),
        )
        .unwrap();
    }
    json.push_str("]}");
    json
}

/// The records of the corpus of [`Bench::with_corpus`].
pub(crate) fn records_of_corpus(objects: usize) -> u64 {
    (0..objects).map(records_of).sum()
}

/// The records of its object `number`.
pub(crate) fn records_of(number: usize) -> u64 {
    20 + number as u64 % 30
}

pub(crate) fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// A gzipped object of so many records of 64 KiB that gzip cannot shrink much: what repeats is out of its sight.
pub(crate) fn large_object(records: usize) -> Vec<u8> {
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(b'0' + u8::try_from(state >> 33 & 63).unwrap()).to_ascii_lowercase()
    };
    let texts: [String; 4] =
        std::array::from_fn(|_| (0..64 << 10).map(|_| noise()).filter(|letter| *letter != '\\').collect());
    let mut json = String::from("{\"Records\":[");
    for (number, text) in texts.iter().cycle().take(records).enumerate() {
        let comma = if number == 0 { "" } else { "," };
        write!(json, "{comma}{{\"eventTime\":\"2026-01-01T00:00:00Z\",\"requestParameters\":{{\"x\":\"{text}\"}}}}")
            .unwrap();
    }
    json.push_str("]}");
    gzip(&json)
}

/// What an undisturbed run makes: tables and receipts.
pub(crate) fn undisturbed(bench: &Bench) -> (Files, Files) {
    bench.ingest("undisturbed");
    (bench.tables("undisturbed"), bench.receipts("undisturbed"))
}

pub(crate) fn parse(receipt: &[u8]) -> trailhouse_lake::Receipt {
    serde_json::from_slice(receipt).unwrap()
}

pub(crate) fn write(path: &Path, content: &[u8]) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}
