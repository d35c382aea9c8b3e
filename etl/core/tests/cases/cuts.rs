//! Objects that end too early.

use super::generator::{Random, inputs};
use super::harness::{Input, assert_agrees, gzip, small_parts};

/// Every token of JSON, and a character of each length in UTF-8.
pub(crate) const SMALL: &str = "{ \"Records\" : [ {\"eventTime\":\"2026-03-04T05:06:07Z\",\"eventID\":\"a\\\"\\u00e9\\ud83d\\ude00é€😀\",\
     \"readOnly\":true,\"userIdentity\":{\"type\":\"x\",\"sessionContext\":{\"attributes\":{\"creationDate\":\"d\"}}},\
     \"requestParameters\":{\"a\":[-1.50e+7,0,null,false,[],{}]},\"new\":\"v\",\"eventID\":\"b\"} ,\n\
     {\"eventName\":null,\"resources\":[{\"ARN\":\"arn\"}]},{}],\"Other\":[{\"a\":1}]}\n";

/// Cuts of each larger object.
const LARGE_CUTS: usize = 40;

/// The pieces of `bytes` that begin where it begins.
fn beginnings(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    (0..bytes.len()).map(|length| &bytes[..length])
}

#[test]
fn json_cut_at_every_byte() {
    let inputs: Vec<Input> =
        beginnings(SMALL.as_bytes()).enumerate().map(|(number, json)| Input::of_json(number, json)).collect();
    assert_agrees(&inputs, small_parts());
}

#[test]
fn plain_json_cut_at_every_byte() {
    let inputs: Vec<Input> =
        beginnings(SMALL.as_bytes()).enumerate().map(|(number, json)| Input::new(number, json.to_vec())).collect();
    assert_agrees(&inputs, small_parts());
}

#[test]
fn gzip_cut_at_every_byte() {
    for stored in [gzip(SMALL.as_bytes()), [gzip(SMALL.as_bytes()), gzip(b"[{},{}]")].concat()] {
        let inputs: Vec<Input> =
            beginnings(&stored).enumerate().map(|(number, stored)| Input::new(number, stored.to_vec())).collect();
        let outcome = assert_agrees(&inputs, small_parts());
        // One cut is none: between two whole members.
        let whole = outcome.tallies.iter().filter(|tally| tally.damage.is_none()).count();
        assert_eq!(whole, usize::from(stored.len() > gzip(SMALL.as_bytes()).len()));
    }
}

#[test]
fn larger_objects_cut_at_seeded_places() {
    let mut random = Random::new(0xc077);
    let mut json = b"{\"Records\":[".to_vec();
    for number in 0..3000 {
        json.extend(
            format!("{{\"eventID\":\"{number}\",\"requestParameters\":{{\"a\":\"{}\"}}}},", "é".repeat(number % 97))
                .bytes(),
        );
    }
    json.extend(b"{}]}");
    let stored = gzip(&json);
    for number in 0..LARGE_CUTS {
        let cut_json = Input::of_json(2 * number, &json[..random.within(0..json.len())]);
        let cut_gzip = Input::new(2 * number + 1, stored[..random.within(0..stored.len())].to_vec());
        assert_agrees(&[cut_json, cut_gzip], small_parts());
    }
}

#[test]
fn generated_objects_cut_at_seeded_places() {
    let mut random = Random::new(0xc078);
    for mut inputs in (0..10).map(|group| inputs(0xc079 + group, 100)) {
        for input in inputs.iter_mut().filter(|input| !input.stored.is_empty()) {
            input.stored.truncate(random.within(0..input.stored.len()));
        }
        assert_agrees(&inputs, small_parts());
    }
}
