use std::sync::Arc;

use arrow::array::{ArrayRef, Int64Array, StringArray, TimestampMillisecondArray};

use super::*;

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    RecordBatch::try_from_iter(columns).unwrap()
}

fn printed(batches: &[RecordBatch], terminal: Option<usize>) -> (String, u64, bool) {
    let mut writer = TableWriter::new(Vec::new(), &batches[0].schema(), terminal);
    batches.iter().for_each(|batch| writer.write(batch).unwrap());
    let (out, shown, is_cut) = writer.finish().unwrap();
    (String::from_utf8(out).unwrap(), shown, is_cut)
}

fn texts<const N: usize>(values: [&str; N]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// Five columns as an incident's questions have them, of 15 to 60 columns of text.
fn incident() -> RecordBatch {
    batch(vec![
        ("source_ip_address", texts(["198.51.100.23"])),
        ("calls", Arc::new(Int64Array::from(vec![1_234_567_890_123_456])) as ArrayRef),
        (
            "first_seen",
            Arc::new(TimestampMillisecondArray::from(vec![1_767_225_600_000]).with_timezone("UTC")) as ArrayRef,
        ),
        ("event_source", texts(["cloudtrail.amazonaws.com.and.more"])),
        ("arn", texts(["arn:aws:iam::111122223333:user/a-user-of-some-length"])),
    ])
}

#[test]
fn numbers_and_times_are_whole_at_any_width() {
    for width in [20, 40, 80, 100, 120, 200] {
        let (text, _, is_cut) = printed(&[incident()], Some(width));
        assert!(text.contains("1234567890123456") && text.contains("2026-01-01T00:00:00Z"), "{width}:\n{text}");
        assert_eq!(is_cut, text.contains('…'), "{width}:\n{text}");
        if width >= 80 {
            assert!(text.lines().all(|line| line.width() <= width), "{width}:\n{text}");
            assert!(text.contains("198.51.100.23") && text.contains("arn:aws:iam::11"), "{width}:\n{text}");
        }
    }
    assert!(printed(&[incident()], Some(80)).0.starts_with("── row 1"), "fifteen columns of text do not fit");
    assert!(printed(&[incident()], Some(100)).0.starts_with("source_ip_address"));
}

#[test]
fn what_is_no_terminal_gets_all_rows_whole_and_soon() {
    let short = batch(vec![("text", texts(["a"; ROWS_MAX])), ("n", Arc::new(Int64Array::from(vec![7; ROWS_MAX])))]);
    let long =
        batch(vec![("text", texts(["a value wider than the first ones"])), ("n", Arc::new(Int64Array::from(vec![8])))]);
    let mut writer = TableWriter::new(Vec::new(), &short.schema(), None);
    writer.write(&short).unwrap();
    assert_eq!(writer.out.iter().filter(|byte| **byte == b'\n').count(), ROWS_MAX + 2, "nothing is held back");
    writer.write(&long).unwrap();
    let (out, shown, is_cut) = writer.finish().unwrap();
    assert_eq!((shown, is_cut), (ROWS_MAX as u64 + 1, false));
    let text = String::from_utf8(out).unwrap();
    assert!(text.starts_with("text  n\n────  ─\na     7\n"), "{text}");
    assert_eq!(text.lines().last(), Some("a value wider than the first ones  8"));
    let (text, shown, _) = printed(&[short, long], Some(80));
    assert_eq!((shown, text.lines().count()), (ROWS_MAX as u64, ROWS_MAX + 2), "a terminal gets what can be read");
}

#[test]
fn lines_stay_lines() {
    let plan = batch(vec![("kind", texts(["plan", "x"])), ("text", texts(["Filter\n  Scan\u{1b}\n", "y"]))]);
    let expected = "kind  text\n────  ────────────\nplan  Filter\n        Scan\\u{1b}\nx     y\n";
    assert_eq!(printed(std::slice::from_ref(&plan), None).0, expected);
    assert_eq!(printed(&[plan], Some(80)).0, expected);
}

#[test]
fn a_table_without_rows_has_a_head() {
    let none = RecordBatch::new_empty(incident().schema());
    assert_eq!(printed(&[none], None).0.lines().count(), 2);
}

#[test]
fn the_widest_gives_way() {
    assert_eq!(fitted(&[3, 100, 40], &[3, 16, 16], 80), Some(vec![3, 36, 36]));
    assert_eq!(fitted(&[3, 100, 40], &[3, 16, 40], 80), Some(vec![3, 33, 40]), "what is whole does not");
    assert_eq!(fitted(&[3, 10], &[3, 10], 80), Some(vec![3, 10]));
    assert_eq!(fitted(&[100; 20], &[16; 20], 80), None);
    assert_eq!(fitted(&[], &[], 80), Some(Vec::new()));
}

#[test]
fn cut_text_fits() {
    assert_eq!(cut("abcdef", 6), "abcdef");
    assert_eq!(cut("abcdefg", 6), "abcde…");
    assert_eq!(cut("日本語日本語", 6), "日本…");
}
