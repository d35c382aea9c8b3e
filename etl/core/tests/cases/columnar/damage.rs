//! Files that are cut or garbled anywhere: no panic, no record lost, and what stood before is what it was.

use parquet::basic::Compression;
use parquet::file::properties::WriterVersion;
use trailhouse_core::{Reason, Transform};
use trailhouse_schemas::REJECTS;

use super::super::harness::{small_parts, transform};
use super::super::readback;
use super::files::{DEFAULT, Draw, Form, Log, file, object};
use crate::oracle::Value;
use trailhouse_core::transcribe::text_of;

/// A few forms whose files are small.
fn samples() -> Vec<(Log, Vec<u8>)> {
    let mut samples = Vec::new();
    for (seed, codec) in [(1, Compression::UNCOMPRESSED), (2, Compression::SNAPPY)] {
        for version in [WriterVersion::PARQUET_1_0, WriterVersion::PARQUET_2_0] {
            for (has_dictionary, is_delta) in [(true, false), (false, false), (false, true)] {
                let log = Log::drawn(DEFAULT, 60, seed);
                let form = Form { version, codec, has_dictionary, is_delta, group_rows: 25, page_rows: 10 };
                let stored = file(&log.batch(), form);
                samples.push((log, stored));
            }
        }
    }
    samples
}

#[test]
fn a_file_that_is_cut_has_no_footer_and_no_rows() {
    for (_, stored) in samples() {
        for cut in (0..stored.len()).step_by(7).chain(stored.len() - 12..stored.len()) {
            let (text, damage) = text_of(&stored[..cut], u64::MAX);
            assert_eq!((text.len(), damage.is_some()), (0, cut > 0), "cut at {cut}");
        }
    }
}

#[test]
fn garbled_files_stay_within_their_counts() {
    let mut draw = Draw(0xbad);
    let mut transform_of = Transform::new(small_parts());
    let (mut damaged, mut other) = (0, 0);
    for (log, stored) in samples() {
        for _ in 0..400 {
            let mut garbled = stored.clone();
            for _ in 0..1 + draw.below(3) {
                let at = draw.below(garbled.len());
                garbled[at] = [garbled[at] ^ 1 << draw.below(8), 0, 0xff, draw.below(256) as u8][draw.below(4)];
            }
            let (text, damage) = text_of(&garbled, 1 << 20);
            let outcome = transform(&mut transform_of, &[object(0, garbled)]);
            let tally = &outcome.tallies[0];
            assert_eq!(tally.records, tally.rows + tally.rejects, "{tally:?}");
            assert_eq!(tally.damage.is_some(), damage.is_some(), "{tally:?}, {damage:?}");
            damaged += u32::from(damage.is_some());
            other += u32::from(text != log.text().as_bytes() && damage.is_none());
        }
    }
    assert!(damaged > 1000 && other > 100, "{damaged} are damaged, {other} hold something else");
}

#[test]
fn the_row_groups_before_a_damage_are_kept() {
    let log = Log::drawn(DEFAULT, 900, 3);
    let form = Form { codec: Compression::SNAPPY, group_rows: 300, page_rows: 100, ..Form::default() };
    let mut stored = file(&log.batch(), form);
    // The pages of the last column of the second row group stand before the third's first.
    let at = stored.len() / 2;
    stored[at..at + 200].fill(0);
    let outcome = transform(&mut Transform::new(small_parts()), &[object(0, stored.clone())]);
    let tally = &outcome.tallies[0];
    assert!((300..600).contains(&tally.rows) && tally.rejects == 1, "{tally:?}");
    let (text, _) = text_of(&stored, u64::MAX);
    assert!(log.text().as_bytes().starts_with(&text) && text.ends_with(b"\n"), "what was read is what stood there");
    let rejects = outcome.files.iter().find(|file| *file.table == REJECTS).unwrap();
    let row = &readback::rows(rejects).unwrap()[0];
    let Some(Value::Text(message)) = row.value(&REJECTS, "message") else { panic!("no message") };
    assert!(message.starts_with(Reason::Parquet.about()), "{message}");
    assert!(message.contains("in the column `") && message.contains("in row group 1, from byte "), "{message}");
    assert_eq!(tally.damage.as_ref(), Some(message));
    let end = Some(Value::Int(text.len() as i64));
    let value = |name: &str| row.value(&REJECTS, name).cloned();
    assert_eq!((value("byte_offset"), value("bytes_length")), (end, Some(Value::Int(0))), "in the text");
    assert_eq!(value("source_record"), Some(Value::Int(tally.rows as i64)));
}
