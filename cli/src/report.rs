//! What an ingest says at its end.

use std::time::Duration;

use serde_json::json;
use trailhouse_etl::Summary;

use crate::human::{bytes, count, counted, duration};

/// The summary for people, a line each.
pub(crate) fn lines(summary: &Summary, is_dry_run: bool) -> Vec<String> {
    if is_dry_run {
        return dry_lines(summary);
    }
    let mut lines = vec![
        headline(summary),
        format!(
            "  records  {} = {} + {} + {} skipped",
            count(summary.records),
            counted(summary.rows, "row"),
            counted(summary.rejects, "reject"),
            count(summary.skipped)
        ),
    ];
    if summary.objects > 0 {
        lines.push(format!(
            "  bytes    {} stored, {} inflated, {} in {}{}",
            bytes(summary.bytes_in),
            bytes(summary.bytes_inflated),
            bytes(summary.bytes_out),
            counted(summary.files, "file"),
            shrunk(summary)
        ));
    }
    lines.extend(remarks(summary));
    lines
}

fn headline(summary: &Summary) -> String {
    let rate = summary.bytes_inflated as f64 / summary.seconds.max(1e-3);
    let rate = match summary.bytes_inflated {
        0 => String::new(),
        _ => format!(", {} of logs a second", bytes(rate as u64)),
    };
    format!("read {} in {}{rate}", counted(summary.objects, "object"), time(summary))
}

fn time(summary: &Summary) -> String {
    duration(Duration::from_secs_f64(summary.seconds.max(0.0)))
}

/// How much smaller the files are than what they were made of; of a handful of records they are not.
fn shrunk(summary: &Summary) -> String {
    let times = summary.bytes_inflated as f64 / summary.bytes_out.max(1) as f64;
    if summary.bytes_out == 0 || times < 1.1 { String::new() } else { format!(" ({times:.1} times smaller)") }
}

fn remarks(summary: &Summary) -> Vec<String> {
    let remark = |number: u64, label: &str, text: &str| {
        (number > 0).then(|| format!("  {label:<8} {} {text}", counted(number, "object")))
    };
    let fallbacks = summary.account_fallbacks + summary.date_fallbacks;
    let mut remarks: Vec<String> = [
        remark(summary.objects_known, "known", "in the lake already"),
        remark(summary.objects_skipped, "skipped", "not read: see above"),
        remark(summary.objects_damaged, "damaged", "not read to the end: see the table `rejects`"),
        remark(summary.objects_stopped, "stopped", "not in the lake: see above, and run again"),
    ]
    .into_iter()
    .flatten()
    .collect();
    if summary.unwrapped > 0 {
        let messages = counted(summary.unwrapped, "message");
        remarks.push(format!("  unwrapped {messages} that are also rows of the table of what they hold"));
    }
    if fallbacks > 0 {
        remarks.push(format!("  placed   {} by the object's key, not by account or day", counted(fallbacks, "row")));
    }
    remarks
}

fn dry_lines(summary: &Summary) -> Vec<String> {
    let mut lines = vec![format!(
        "would read {}, {} stored; nothing was written",
        counted(summary.objects, "object"),
        bytes(summary.bytes_in)
    )];
    lines.extend(remarks(summary));
    lines
}

/// The summary for programs: one JSON object.
pub(crate) fn json(summary: &Summary) -> String {
    let mut value = serde_json::to_value(summary).unwrap_or_else(|_| json!({}));
    if let Some(seconds) = value.get_mut("seconds") {
        *seconds = json!((summary.seconds * 1000.0).round() / 1000.0);
    }
    value.to_string()
}
