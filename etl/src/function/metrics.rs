//! Metrics for CloudWatch, in the embedded format: a line of the log that CloudWatch counts by.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value, json};

use super::Counts;

/// The namespace of all metrics.
pub(super) const NAMESPACE: &str = "Trailhouse";

/// The line that tells what an invocation of `function` did and how long it took.
pub fn metrics(function: &str, counts: &Counts, took: Duration) -> String {
    let fields = counts.fields();
    let told = || fields.iter().filter(|(_, _, value)| *value > 0);
    let mut names: Vec<Value> = told().map(|(name, unit, _)| json!({"Name": name, "Unit": unit})).collect();
    names.push(json!({"Name": "Milliseconds", "Unit": "Milliseconds"}));
    let now = SystemTime::UNIX_EPOCH.elapsed().map_or(0, |elapsed| elapsed.as_millis());
    let mut line = Map::new();
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": u64::try_from(now).unwrap_or_default(),
            "CloudWatchMetrics": [{"Namespace": NAMESPACE, "Dimensions": [["Function"]], "Metrics": names}],
        }),
    );
    line.insert("Function".to_owned(), json!(function));
    line.extend(told().map(|(name, _, value)| ((*name).to_owned(), json!(value))));
    line.insert("Milliseconds".to_owned(), json!(u64::try_from(took.as_millis()).unwrap_or_default()));
    Value::Object(line).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_told_as_cloudwatch_reads_it() {
        let counts = Counts { objects: 2, rows: 7, ..Counts::default() };
        let line: Value = serde_json::from_str(&metrics("etl", &counts, Duration::from_millis(12))).unwrap();
        let names: Vec<&str> = line["_aws"]["CloudWatchMetrics"][0]["Metrics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|metric| metric["Name"].as_str().unwrap())
            .collect();
        assert_eq!(names, ["Objects", "Rows", "Milliseconds"]);
        for name in names {
            assert!(line[name].is_u64(), "{name}");
        }
        assert_eq!((&line["Function"], &line["Rows"]), (&json!("etl"), &json!(7)));
    }

    #[test]
    fn no_number_is_forgotten() {
        let counts = serde_json::to_value(Counts::default()).unwrap();
        assert_eq!(counts.as_object().unwrap().len(), Counts::default().fields().len());
        let mut sum = Counts::default();
        let ones: Counts = serde_json::from_value(Value::Object(
            counts.as_object().unwrap().keys().map(|name| (name.clone(), json!(1))).collect(),
        ))
        .unwrap();
        sum.add(&ones);
        assert_eq!(sum, ones);
    }
}
