//! The stand-in as tests in Rust see it.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use trailhouse_stand_in::{Error, StandIn};

/// The signature of nobody: the stand-in reads no more of it than which service is meant.
const OF_S3: (&str, &str) = ("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request");

#[test]
fn it_starts_fails_as_told_is_reset_and_ends() {
    let aws = StandIn::start().unwrap();
    let pid = aws.control("GET", "/_stand-in", None).unwrap()["pid"].as_u64().unwrap();
    assert!(Path::new(&format!("/proc/{pid}")).exists());

    let put = |path: &str| aws.ask("PUT", path, &[OF_S3], None).unwrap().status;
    assert_eq!(put("/bucket"), 200);
    aws.fault(&json!({"operation": "s3:PutObject", "resource": "bucket/*", "nth": 2, "fault": "slow_down"})).unwrap();
    assert_eq!([put("/bucket/a"), put("/bucket/b"), put("/bucket/c")], [200, 503, 200]);
    let calls = aws.control("GET", "/_stand-in/calls", None).unwrap();
    let statuses: Vec<&Value> = calls.as_array().unwrap().iter().map(|call| &call["status"]).collect();
    assert_eq!(statuses, [200, 200, 503, 200]);

    aws.reset().unwrap();
    assert_eq!(put("/bucket/a"), 404, "the bucket is gone");

    drop(aws);
    assert!(!Path::new(&format!("/proc/{pid}")).exists());
}

#[test]
fn its_clock_moves_and_wrong_orders_are_refused() {
    let aws = StandIn::start().unwrap();
    let now = || aws.control("GET", "/_stand-in/clock", None).unwrap()["now"].as_str().unwrap().to_owned();
    let before = now();
    aws.advance(Duration::from_secs(400 * 24 * 60 * 60)).unwrap();
    assert!(now()[..4] > before[..4], "{before} and then {}", now());

    let refused = aws.fault(&json!({"operation": "s3:*", "fault": "no such fault"}));
    let Err(Error::Refused { status: 400, message, .. }) = &refused else { panic!("{refused:?}") };
    assert!(message.contains("no such fault"), "{message}");
}
