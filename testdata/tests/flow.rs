//! What a corpus of flow logs promises: the same bytes whatever the threads, headers as asked, counts that a plain
//! reader confirms, and a committed sample that the generator still makes.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "shared/gzip.rs"]
mod gzip;
mod shared;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;

use gzip::members;
use shared::{files, inflate};
use trailhouse_testdata::{
    FLOW_HAZARDS, FLOW_SHAPES, FlowCorpus, FlowCounts, FlowFields, FlowKind, FlowOptions, FlowOrder, flow_fields,
};

/// The arguments that README.md names for the committed sample.
fn sample() -> FlowOptions {
    let fields = FlowFields::UpTo(5);
    FlowOptions { seed: 7, rows: 400, objects: Some(20), days: 2, accounts: 2, fields, ..FlowOptions::default() }
}

fn wide(version: u8) -> FlowOptions {
    FlowOptions {
        rows: 9_000,
        objects: Some(80),
        days: 2,
        accounts: 2,
        regions: 2,
        fields: FlowFields::UpTo(version),
        ..FlowOptions::default()
    }
}

fn transit() -> FlowOptions {
    FlowOptions { kind: FlowKind::Tgw, fields: FlowFields::Usual, ..wide(2) }
}

fn made_on(threads: usize, options: FlowOptions) -> (BTreeMap<String, Vec<u8>>, FlowCounts) {
    shared::made_on(threads, |folder| FlowCorpus::new(options).unwrap().write_to(folder).unwrap())
}

/// A line below a header, by the header's names; `None` where there are too few fields.
type Line = Option<BTreeMap<String, String>>;

/// What a plain reader finds in an object: its headers and its lines.
fn read(text: &str) -> (Vec<Vec<String>>, Vec<Line>) {
    let (mut headers, mut lines): (Vec<Vec<String>>, Vec<Line>) = (Vec::new(), Vec::new());
    for line in text.lines() {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        // No value is called like a field.
        if words.iter().any(|word| word == "dstport" || word == "protocol") {
            headers.push(words);
            continue;
        }
        let names = headers.last().unwrap();
        assert!(words.len() <= names.len(), "{line}");
        lines.push((words.len() == names.len()).then(|| names.iter().cloned().zip(words).collect()));
    }
    (headers, lines)
}

fn rows(objects: &BTreeMap<String, Vec<u8>>) -> Vec<(String, BTreeMap<String, String>)> {
    let lines = objects.iter().flat_map(|(key, stored)| {
        let (_, lines) = read(&String::from_utf8(inflate(stored)).unwrap());
        lines.into_iter().flatten().map(|row| (key.clone(), row)).collect::<Vec<_>>()
    });
    lines.collect()
}

/// The seconds of a time, whatever it is written in.
fn seconds(text: &str) -> i64 {
    let number: i64 = text.parse().unwrap();
    if number > 100_000_000_000 { number / 1_000 } else { number }
}

/// The first second of the day that a key names.
fn day_of(key: &str) -> i64 {
    let name = key.rsplit('/').next().unwrap();
    let day: String = name.split('_').nth(4).unwrap().chars().take(8).collect();
    // Days of March 2026 are all that is needed here.
    assert!(day.starts_with("202603"), "{key}");
    1_772_323_200 + (day[6..].parse::<i64>().unwrap() - 1) * 86_400
}

/// What a plain reader counts.
fn counted(objects: &BTreeMap<String, Vec<u8>>) -> FlowCounts {
    let mut found = FlowCounts::default();
    for (key, stored) in objects {
        let text = String::from_utf8(inflate(stored)).unwrap();
        let (headers, lines) = read(&text);
        found.objects += 1;
        found.empty_objects += u64::from(lines.is_empty());
        found.headers += headers.len() as u64;
        found.records += lines.len() as u64;
        found.text_bytes += text.len() as u64;
        found.stored_bytes += stored.len() as u64;
        found.members += members(stored);
        for row in &lines {
            let Some(row) = row else {
                found.rejects += 1;
                continue;
            };
            let is = |name: &str, value: &str| u64::from(row.get(name).is_some_and(|found| found == value));
            found.rows += 1;
            found.ok_rows += is("log-status", "OK");
            found.no_data_rows += is("log-status", "NODATA");
            found.skip_data_rows += is("log-status", "SKIPDATA");
            found.accepted_rows += is("action", "ACCEPT");
            found.rejected_rows += is("action", "REJECT");
            found.v6_rows += u64::from(row.get("srcaddr").is_some_and(|address| address.contains(':')));
            let time = row.get("end").or_else(|| row.get("start")).map(|time| seconds(time));
            let day = day_of(key);
            found.rows_on_another_day += u64::from(time.is_some_and(|time| !(day..day + 86_400).contains(&time)));
        }
    }
    found
}

#[test]
fn threads_do_not_show() {
    for options in [wide(11), transit(), FlowOptions { order: FlowOrder::Shuffled, ..wide(5) }] {
        let (one, counts) = made_on(1, options.clone());
        let (many, same_counts) = made_on(3, options.clone());
        assert_eq!(counts, same_counts);
        assert!(one == many, "the bytes differ");
        let (other, _) = made_on(1, FlowOptions { seed: 4, ..options });
        assert!(one != other, "the seed does not show");
    }
}

#[test]
fn a_plain_reader_counts_what_the_manifest_says() {
    let names = |names: &str| FlowFields::Named(names.split(' ').map(str::to_owned).collect());
    let some = [
        wide(2),
        wide(5),
        wide(11),
        transit(),
        FlowOptions { order: FlowOrder::Alphabetical, ..wide(7) },
        FlowOptions { fields: names("start protocol action srcaddr"), ..wide(2) },
        FlowOptions { fields: names("protocol"), ..wide(2) },
        FlowOptions { hazards: false, ..wide(3) },
    ];
    for options in some {
        let rows = options.rows;
        let (objects, counts) = made_on(2, options);
        let found = counted(&objects);
        let expected = FlowCounts {
            record_bytes_max: found.record_bytes_max,
            hazards: found.hazards,
            shapes: found.shapes,
            ..counts.clone()
        };
        assert_eq!(found, expected);
        assert_eq!((counts.records, counts.rows + counts.rejects), (rows, rows));
    }
}

#[test]
fn headers_are_as_asked() {
    let header = |options: FlowOptions| {
        let corpus = FlowCorpus::new(FlowOptions { objects: Some(1), ..options }).unwrap();
        let mut text = Vec::new();
        corpus.write_text(&corpus.objects()[0], &mut text).unwrap();
        let header = String::from_utf8(text).unwrap().lines().next().unwrap().to_owned();
        assert_eq!(header, corpus.header(&corpus.objects()[0]).join(" "));
        header
    };
    for version in 2..=11 {
        let known: Vec<&str> =
            flow_fields(FlowKind::Vpc).filter(|(_, since)| *since <= version).map(|(name, _)| name).collect();
        assert_eq!(header(wide(version)), known.join(" "));
        let mut sorted = known.clone();
        sorted.sort_unstable();
        assert_eq!(header(FlowOptions { order: FlowOrder::Alphabetical, ..wide(version) }), sorted.join(" "));
        let shuffled = header(FlowOptions { order: FlowOrder::Shuffled, ..wide(version) });
        assert_ne!(shuffled, known.join(" "));
        let words: BTreeSet<&str> = shuffled.split(' ').collect();
        assert_eq!(words, known.into_iter().collect());
    }
    let usual: Vec<&str> = flow_fields(FlowKind::Tgw).map(|(name, _)| name).collect();
    assert_eq!(header(transit()), usual.join(" "));
    let names = "end start bytes tcp-flags";
    let fields = FlowFields::Named(names.split(' ').map(str::to_owned).collect());
    assert_eq!(header(FlowOptions { fields, ..wide(2) }), names);
}

#[test]
fn the_version_is_the_highest_of_the_fields() {
    for (options, highest) in [(wide(2), "2"), (wide(6), "5"), (wide(9), "9"), (wide(11), "11"), (transit(), "6")] {
        let (objects, _) = made_on(2, options);
        let versions: BTreeSet<String> =
            rows(&objects).into_iter().filter_map(|(_, row)| row.get("version").cloned()).collect();
        assert_eq!(versions, BTreeSet::from([highest.to_owned()]));
    }
}

#[test]
fn every_hazard_is_in_every_corpus_that_has_room() {
    for options in [sample(), wide(2), wide(11)] {
        let (_, counts) = made_on(2, options);
        assert!(counts.hazards.iter().all(|count| *count > 0), "{:?}", FLOW_HAZARDS.iter().zip(counts.hazards));
        assert!(counts.shapes.iter().all(|count| *count > 0), "{:?}", FLOW_SHAPES.iter().zip(counts.shapes));
        assert!(counts.v6_rows > 0 && counts.no_data_rows > 0 && counts.rejected_rows > 0);
    }
}

#[test]
fn hazards_are_what_they_are_called() {
    let (objects, counts) = made_on(2, wide(11));
    let [late, milliseconds, unknown, regional, large, unfit, broken] = counts.hazards;
    let all = rows(&objects);
    let count =
        |test: &dyn Fn(&BTreeMap<String, String>) -> bool| all.iter().filter(|(_, row)| test(row)).count() as u64;
    assert_eq!((late, broken), (counts.rows_on_another_day, counts.rejects));
    assert_eq!(count(&|row| row["end"].len() == 13 && row["start"].len() == 13), milliseconds);
    assert_eq!(count(&|row| row["account-id"] == "unknown"), unknown);
    assert_eq!(count(&|row| row["interface-id"] == "-" && row["resource-id"].starts_with("nat-")), regional);
    assert_eq!(count(&|row| row["bytes"].len() == 19), large);
    assert_eq!(count(&|row| row["protocol"] == "tcp" && row["srcport"].parse::<u32>().is_err()), unfit);
    let texts = || objects.values().map(|stored| String::from_utf8(inflate(stored)).unwrap());
    let shaped = |test: &dyn Fn(&str) -> bool| texts().filter(|text| test(text)).count() as u64;
    assert_eq!(shaped(&|text| text.lines().next().unwrap().contains("path-latency")), counts.shapes[0]);
    assert_eq!(shaped(&|text| text.starts_with("account-id action ")), counts.shapes[1]);
    assert_eq!(shaped(&|text| read(text).0.len() == 2), counts.shapes[2]);
    assert_eq!(shaped(&|text| text.lines().count() == 1), counts.shapes[3]);
    assert_eq!(objects.values().filter(|stored| members(stored) > 1).count() as u64, counts.shapes[4]);
    assert_eq!(shaped(&|text| !text.ends_with('\n')), counts.shapes[5]);
    assert_eq!(shaped(&|text| text.contains("\r\n")), counts.shapes[6]);
    let turned = |text: &str| matches!(read(text).0.as_slice(), [one, other] if one != other);
    assert!(shaped(&|text| turned(text)) > 0 && shaped(&|text| turned(text)) < counts.shapes[2]);
}

#[test]
fn without_hazards_every_object_is_plain() {
    let (objects, counts) = made_on(2, FlowOptions { hazards: false, ..wide(5) });
    assert_eq!((counts.hazards, counts.shapes), ([0; FLOW_HAZARDS.len()], [0; FLOW_SHAPES.len()]));
    assert_eq!((counts.rejects, counts.rows_on_another_day, counts.empty_objects), (0, 0, 0));
    assert_eq!((counts.headers, counts.members), (counts.objects, counts.objects));
    let headers: HashSet<Vec<String>> =
        objects.values().flat_map(|stored| read(&String::from_utf8(inflate(stored)).unwrap()).0).collect();
    assert_eq!(headers.len(), 1);
}

#[test]
fn traffic_is_like_traffic() {
    let (objects, _) = made_on(2, FlowOptions { rows: 30_000, hazards: false, ..wide(11) });
    let all = rows(&objects);
    let values = |name: &str| -> HashSet<String> { all.iter().map(|(_, row)| row[name].clone()).collect() };
    assert!(values("interface-id").len() > 600, "{}", values("interface-id").len());
    let addresses: HashSet<String> = values("srcaddr").union(&values("dstaddr")).cloned().collect();
    let is_inside = |address: &&String| address.starts_with("10.");
    assert!(addresses.iter().filter(is_inside).count() > 2_000 && addresses.len() > 8_000, "{}", addresses.len());
    for address in addresses.iter().filter(|address| *address != "-") {
        assert!(address.parse::<IpAddr>().is_ok(), "{address}");
        let kept = ["10.", "192.0.2.", "198.18.", "198.19.", "203.0.113.", "2001:db8:"];
        assert!(kept.iter().any(|range| address.starts_with(range)), "{address}");
    }
    for (key, row) in &all {
        let span = seconds(&row["end"]) - seconds(&row["start"]);
        assert!((0..=600).contains(&span), "{row:?}");
        assert_eq!(row["account-id"], key.split('/').nth(1).unwrap());
        let is_silent = row["log-status"] != "OK";
        for name in ["srcaddr", "dstport", "packets", "bytes", "action", "protocol", "tcp-flags", "type"] {
            let is_uncounted = name == "bytes" && row["reject-reason"] == "BPA" || name == "tcp-flags";
            assert!(is_uncounted || (row[name] == "-") == is_silent, "{name} of {row:?}");
        }
    }
    for (name, least) in [("protocol", 4), ("reject-reason", 3), ("encryption-status", 5), ("instance-tag", 8)] {
        assert!(values(name).len() >= least, "{name}");
    }
    assert!(all.iter().any(|(_, row)| row["interface-tag"].contains("%C3%BC")));
    assert!(all.iter().any(|(_, row)| row["ecs-task-arn"] != "-" && row["ecs-container-instance-id"] == "-"));
}

#[test]
fn transit_gateways_connect_two_accounts() {
    let (objects, _) = made_on(2, FlowOptions { hazards: false, ..transit() });
    for (key, row) in rows(&objects).iter().filter(|(_, row)| row["log-status"] == "OK") {
        let account = key.split('/').nth(1).unwrap();
        assert_eq!(row["resource-type"], "TransitGateway");
        let [source, target] = ["tgw-src-vpc-account-id", "tgw-dst-vpc-account-id"].map(|name| row[name].as_str());
        let here = if row["flow-direction"] == "ingress" { target } else { source };
        assert!(here == account && source != target, "{row:?}");
        assert!(row["packets-lost-blackhole"].parse::<u64>().is_ok());
    }
}

#[test]
fn the_committed_sample_is_what_the_generator_makes() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let committed = files(&folder.join("vpc_flow"));
    let corpus = FlowCorpus::new(sample()).unwrap();
    assert_eq!(committed.len(), corpus.objects().len());
    let mut counts = FlowCounts::default();
    for planned in corpus.objects() {
        let key = corpus.key(planned);
        let mut text = Vec::new();
        counts += corpus.write_text(planned, &mut text).unwrap();
        // Gzip bytes may differ between versions of the library; what they hold must not.
        assert!(inflate(&committed[&key]) == text, "`{key}` differs");
    }
    counts.stored_bytes = committed.values().map(|stored| stored.len() as u64).sum();
    counts.members = committed.values().map(|stored| members(stored)).sum();
    assert!(counts.stored_bytes < 60_000, "{}", counts.stored_bytes);
    let manifest = fs::read_to_string(folder.join("vpc_flow.manifest.json")).unwrap();
    assert_eq!(manifest, counts.to_json());
}

#[test]
fn wrong_arguments_are_refused() {
    let fault = |options| FlowCorpus::new(options).unwrap_err().to_string();
    assert_eq!(fault(wide(12)), "`--version` is not between 2 and 11");
    assert_eq!(fault(FlowOptions { kind: FlowKind::Tgw, ..wide(7) }), "`--version` is not between 2 and 6");
    assert_eq!(fault(FlowOptions { accounts: 0, ..wide(2) }), "`--accounts` is not between 1 and 900");
    let fields = FlowFields::Named(vec!["tgw-id".to_owned()]);
    assert_eq!(fault(FlowOptions { fields, ..wide(2) }), "`tgw-id` is no field of such a flow log");
}
