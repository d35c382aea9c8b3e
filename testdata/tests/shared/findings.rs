//! Reads findings plainly, whatever they are wrapped in.

use std::collections::BTreeMap;

use serde_json::{Deserializer, Value};
use trailhouse_testdata::{Carrier, FindingCorpus, FindingCounts, FindingOptions};

use crate::shared::{self, inflate};

/// Room for everything.
pub(crate) fn wide(carrier: Option<Carrier>) -> FindingOptions {
    FindingOptions {
        findings: 1_500,
        objects: Some(48),
        days: 3,
        accounts: 2,
        regions: 2,
        carrier,
        ..FindingOptions::default()
    }
}

/// What so many threads make.
pub(crate) fn made_on(threads: usize, options: FindingOptions) -> (BTreeMap<String, Vec<u8>>, FindingCounts) {
    shared::made_on(threads, |folder| FindingCorpus::new(options).unwrap().write_to(folder).unwrap())
}

/// The carrier that a key is of.
pub(crate) fn carrier_of(key: &str) -> Carrier {
    let name = key.rsplit('/').next().unwrap();
    match () {
        () if name.starts_with("guardduty-findings-") => Carrier::EventBridge,
        () if name.starts_with("get-findings-") => Carrier::GetFindings,
        () if name.starts_with("aws-cli-") => Carrier::Cli,
        () => Carrier::Export,
    }
}

/// The findings of one object, read by serde_json; `None` for a line that ends too early.
pub(crate) fn findings(key: &str, stored: &[u8]) -> Vec<Option<Value>> {
    let text = String::from_utf8(inflate(stored)).unwrap();
    let list = |name: &str| match serde_json::from_str::<Value>(&text).unwrap()[name].take() {
        Value::Array(list) => list.into_iter().map(Some).collect(),
        other => panic!("`{name}` is {other}"),
    };
    match carrier_of(key) {
        Carrier::Export => text.lines().map(|line| serde_json::from_str(line).ok()).collect(),
        Carrier::GetFindings => list("findings"),
        Carrier::Cli => list("Findings"),
        Carrier::EventBridge => {
            let events = Deserializer::from_str(&text).into_iter::<Value>();
            events.map(|event| Some(event.unwrap()["detail"].take())).collect()
        }
    }
}

/// The member called `name` on the wire, in whichever case.
pub(crate) fn get<'a>(finding: &'a Value, name: &str) -> &'a Value {
    let capital = name[..1].to_ascii_uppercase() + &name[1..];
    finding.get(name).unwrap_or(&finding[&capital])
}

/// The same as text.
pub(crate) fn text<'a>(finding: &'a Value, name: &str) -> &'a str {
    get(finding, name).as_str().unwrap_or_default()
}

/// What GuardDuty adds, which the API gives as text.
pub(crate) fn info(finding: &Value) -> Value {
    let info = get(get(finding, "service"), "additionalInfo");
    match get(info, "value").as_str() {
        Some(text) => serde_json::from_str(text).unwrap(),
        None => info.clone(),
    }
}

/// Every finding that can be read, with the key of its object.
pub(crate) fn rows(objects: &BTreeMap<String, Vec<u8>>) -> Vec<(String, Value)> {
    let all = objects.iter().flat_map(|(key, stored)| {
        findings(key, stored).into_iter().flatten().map(|finding| (key.clone(), finding)).collect::<Vec<_>>()
    });
    all.collect()
}
