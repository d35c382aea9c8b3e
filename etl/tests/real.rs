//! Real logs, found through `TRAILHOUSE_REALDATA`: counts that `jq` gives as well.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

mod common;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use common::{files_below, rows, run};
use trailhouse_etl::{IngestOptions, Outcome};

/// A folder of real logs: its objects, the rows of each table, what was left out, and what was rejected.
struct Folder {
    name: &'static str,
    objects: u64,
    rows: &'static [(&'static str, u64)],
    skipped: u64,
    rejects: &'static [Reject],
}

/// Why a record is no row: its object's name, its number there, and the reason.
struct Reject {
    object: &'static str,
    record: i64,
    reason: &'static str,
}

/// What a program that shares nothing with this one counts as well. A reject that is not listed here fails the test.
const FOLDERS: [Folder; 10] = [
    Folder { name: "suzaku-sans504", objects: 3872, rows: &[("cloudtrail", 30_477)], skipped: 0, rejects: &[] },
    Folder {
        name: "awsdocs-examples",
        objects: 167,
        rows: &[
            ("cloudtrail", 195),
            ("cloudtrail_insights", 5),
            ("cloudtrail_digests", 2),
            ("vpc_flow", 25),
            ("cloudwatch_logs", 22),
        ],
        skipped: 1,
        // The documentation goes on behind its example's last field.
        rejects: &[Reject {
            object: "123456789010_vpcflowlogs_us-east-1_fl-00000000000000000_20190827T1910Z_f12e4588.log.gz",
            record: 1,
            reason: "field_count",
        }],
    },
    Folder {
        name: "foxsec-pipeline",
        objects: 9,
        rows: &[("cloudtrail", 11), ("guardduty", 44)],
        skipped: 0,
        rejects: &[],
    },
    Folder {
        name: "opensearch-catalog",
        objects: 5,
        rows: &[("cloudtrail", 891), ("vpc_flow", 22)],
        skipped: 0,
        rejects: &[],
    },
    Folder { name: "stratus-red-team", objects: 37, rows: &[("cloudtrail", 310)], skipped: 0, rejects: &[] },
    Folder { name: "umccr", objects: 23, rows: &[("cloudtrail", 206)], skipped: 0, rejects: &[] },
    Folder { name: "vrl", objects: 7, rows: &[("vpc_flow", 30)], skipped: 0, rejects: &[] },
    Folder { name: "tenzir-library", objects: 2, rows: &[("vpc_flow", 8)], skipped: 0, rejects: &[] },
    Folder { name: "danieldevere-flowlogs", objects: 1, rows: &[("vpc_flow", 28)], skipped: 0, rejects: &[] },
    Folder { name: "datadog-forwarder", objects: 13, rows: &[("cloudwatch_logs", 184)], skipped: 1, rejects: &[] },
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
    for Folder { name, objects, rows: tables_rows, skipped, rejects } in FOLDERS {
        let folder = tempfile::tempdir().unwrap();
        let (source, lake) = (realdata.join(name), folder.path().join("lake"));
        let summary = run(&options(&source, &lake, 2)).unwrap();
        let outcome = if rejects.is_empty() { Outcome::Complete } else { Outcome::WithRejects };
        assert_eq!(summary.outcome(), outcome, "{name}");
        let all_rows: u64 = tables_rows.iter().map(|(_, rows)| rows).sum();
        let records = all_rows + rejects.len() as u64 + skipped;
        let counts = (summary.objects, summary.records, summary.rows, summary.skipped, summary.objects_skipped);
        assert_eq!(counts, (objects, records, all_rows, skipped, 0), "{name}");
        let files = tables(&lake);
        for (table, expected) in tables_rows {
            assert_eq!(rows(&files, table), *expected, "`{table}` of {name}");
        }
        let expected: Vec<_> =
            rejects.iter().map(|reject| (reject.object.to_owned(), reject.record, reject.reason.to_owned())).collect();
        assert_eq!(common::rejects(&files), expected, "{name}");

        let again = run(&options(&source, &lake, 2)).unwrap();
        assert_eq!((again.objects, again.objects_known, again.files), (0, objects, 0), "{name}");
        assert!(tables(&lake) == files, "{name}: the second run changed files");

        let alone = folder.path().join("alone");
        run(&options(&source, &alone, 1)).unwrap();
        assert!(tables(&alone) == files, "{name}: one thread makes other files than two");
    }
}
