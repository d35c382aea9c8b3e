//! A GuardDuty finding to one row: its own members, copies from deep inside, and the parts of its type.

use trailhouse_schemas::{Column, GUARDDUTY, Kind, Origin};

use super::Value;
use super::json::{decode, elements, members};
use super::record::{Case, Record};

/// What one column should hold.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Wanted {
    /// This, or null.
    Value(Option<Value>),
    /// A number, however it is written.
    Number(f64),
    /// Null, since the finding is one that simd-json need not take; or what it would be otherwise.
    Perhaps(Box<Wanted>),
}

impl Wanted {
    /// Whether `found` is that.
    pub(crate) fn is(&self, found: Option<&Value>) -> bool {
        match (self, found) {
            (Self::Value(wanted), found) => wanted.as_ref() == found,
            (Self::Number(wanted), Some(Value::Text(found))) => found.parse() == Ok(*wanted),
            (Self::Number(_), _) => false,
            (Self::Perhaps(_), None) => true,
            (Self::Perhaps(wanted), found) => wanted.is(found),
        }
    }
}

/// What the finding `text` should be in each column that says something of it: not its envelope, nor its source.
pub(crate) fn columns(text: &str, case: Case) -> Vec<(&'static Column, Wanted)> {
    let record = Record::new(&GUARDDUTY, case, text);
    let is_plain = serde_json::from_str::<serde_json::Value>(text).is_ok();
    let kind = GUARDDUTY.columns.iter().find(|column| column.name == "type").and_then(|column| record.value(column));
    let wanted = |column: &'static Column| match (column.origin, column.name) {
        (Origin::First(paths), _) => {
            let wanted = copy(text, paths, column.kind);
            if is_plain { wanted } else { Wanted::Perhaps(Box::new(wanted)) }
        }
        (_, "key_case") => {
            let name = if case == Case::Pascal { "pascal" } else { "camel" };
            Wanted::Value(Some(Value::Text(name.to_owned())))
        }
        (_, "type_purpose" | "type_resource" | "type_family" | "type_detail") => {
            Wanted::Value(part(kind.as_ref(), column.name).map(Value::Text))
        }
        _ => Wanted::Value(record.value(column)),
    };
    let of_source = ["envelope", "source_object", "source_id", "source_record"];
    let own = GUARDDUTY.columns.iter().filter(|column| !of_source.contains(&column.name));
    own.map(|column| (column, wanted(column))).collect()
}

/// The case of a finding that stands in no list which tells it: that of its first key, as it is written.
pub(crate) fn case(text: &str) -> Case {
    let first = members(text).unwrap().first().and_then(|member| member.text.chars().nth(1));
    if first.is_some_and(|first| first.is_ascii_uppercase()) { Case::Pascal } else { Case::Camel }
}

/// The value at the first of `paths` that leads to one. What GuardDuty adds is text where the API gives it.
fn copy(text: &str, paths: &[&str], kind: Kind) -> Wanted {
    let added = find(text, &["service", "additionalInfo", "value"]).and_then(|value| decode(&value));
    let found = paths.iter().find_map(|path| {
        let steps: Vec<&str> = path.split('.').collect();
        let in_added = || match (added.as_deref(), steps.as_slice()) {
            (Some(added), ["service", "additionalInfo", rest @ ..]) => find(added, rest),
            _ => None,
        };
        find(text, &steps).or_else(in_added)
    });
    let Some(found) = found else { return Wanted::Value(None) };
    let shown = decode(&found).unwrap_or_else(|| found.clone());
    match kind {
        Kind::Bool => Wanted::Value(shown.parse().ok().map(Value::Bool)),
        _ if found.starts_with('"') || found.parse::<f64>().is_err() => Wanted::Value(Some(Value::Text(shown))),
        _ => Wanted::Number(found.parse().unwrap()),
    }
}

/// The first text, number or truth value at `steps` below the value `text`, as it was written. Of a repeated name the
/// first counts, and the case of a name's first letter does not.
fn find(text: &str, steps: &[&str]) -> Option<String> {
    let Some((step, rest)) = steps.split_first() else {
        let is_one = !text.starts_with(['{', '[']) && text != "null";
        return is_one.then(|| text.to_owned());
    };
    let inside = members(text)?;
    if *step == "*" {
        return inside.iter().find_map(|member| find(&member.value, rest));
    }
    let name = step.strip_suffix("[]").unwrap_or(step);
    let is_named = |key: &str| {
        let (own, other) = (name.as_bytes(), key.as_bytes());
        own.len() == other.len() && own[0].eq_ignore_ascii_case(&other[0]) && own[1..] == other[1..]
    };
    let value = inside.iter().find(|member| member.key.as_deref().is_some_and(is_named))?.value.as_str();
    match step.ends_with("[]") {
        true => elements(value)?.into_iter().find_map(|element| find(element, rest)),
        false => find(value, rest),
    }
}

/// `ThreatPurpose:ResourceTypeAffected/ThreatFamilyName.DetectionMechanism!Artifact`, as far as it goes.
fn part(kind: Option<&Value>, name: &str) -> Option<String> {
    let Some(Value::Text(kind)) = kind else { return None };
    let (purpose, behind) = kind.split_once(':')?;
    let resource = behind.split_once('/');
    let part = match name {
        "type_purpose" => purpose,
        "type_resource" => resource?.0,
        "type_family" => resource?.1.split('.').next()?,
        _ => resource?.1.split_once('.')?.1,
    };
    Some(part.to_owned())
}
