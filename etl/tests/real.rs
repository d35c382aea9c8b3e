//! Real logs, found through `TRAILHOUSE_REALDATA`: counts that `jq` gives as well.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use common::{files_below, rows, run};
use trailhouse_etl::{IngestOptions, Outcome};

/// A folder of real logs: its CloudTrail objects and their records, and the objects that are none.
struct Folder {
    name: &'static str,
    objects: u64,
    records: u64,
    objects_skipped: u64,
}

const FOLDERS: [Folder; 6] = [
    Folder { name: "suzaku-sans504", objects: 3872, records: 30_477, objects_skipped: 0 },
    Folder { name: "awsdocs-examples", objects: 138, records: 195, objects_skipped: 29 },
    Folder { name: "foxsec-pipeline", objects: 7, records: 11, objects_skipped: 2 },
    Folder { name: "opensearch-catalog", objects: 4, records: 891, objects_skipped: 1 },
    Folder { name: "stratus-red-team", objects: 37, records: 310, objects_skipped: 0 },
    Folder { name: "umccr", objects: 23, records: 206, objects_skipped: 0 },
];

fn options(source: &Path, lake: &Path, threads: usize) -> IngestOptions {
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let mut options = IngestOptions::new(vec![text(source)], text(lake));
    options.threads = NonZeroUsize::new(threads);
    options
}

fn tables(lake: &Path) -> common::Files {
    let mut files = files_below(lake);
    files.retain(|name, _| !name.starts_with("_trailhouse/"));
    files
}

#[test]
fn every_real_record_is_a_row_once() {
    let Some(realdata) = std::env::var_os("TRAILHOUSE_REALDATA").map(PathBuf::from) else {
        println!("skipped: {} folders of real logs, for want of TRAILHOUSE_REALDATA", FOLDERS.len());
        return;
    };
    for Folder { name, objects, records, objects_skipped } in FOLDERS {
        let folder = tempfile::tempdir().unwrap();
        let (source, lake) = (realdata.join(name), folder.path().join("lake"));
        let summary = run(&options(&source, &lake, 2)).unwrap();
        assert_eq!(summary.outcome(), Outcome::Complete, "{name}");
        let counts = (summary.objects, summary.records, summary.rows, summary.rejects, summary.objects_skipped);
        assert_eq!(counts, (objects, records, records, 0, objects_skipped), "{name}");
        let files = tables(&lake);
        assert_eq!(rows(&files, "cloudtrail"), records, "{name}");

        let again = run(&options(&source, &lake, 2)).unwrap();
        assert_eq!((again.objects, again.objects_known, again.files), (0, objects, 0), "{name}");
        assert!(tables(&lake) == files, "{name}: the second run changed files");

        let alone = folder.path().join("alone");
        run(&options(&source, &alone, 1)).unwrap();
        assert!(tables(&alone) == files, "{name}: one thread makes other files than two");
    }
}
