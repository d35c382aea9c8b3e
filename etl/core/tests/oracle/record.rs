//! One record to one row, or the reasons why not.

use std::collections::HashMap;

use trailhouse_core::limits::{BRACKETS_MAX, DEPTH_MAX, RECORD_BYTES_MAX};
use trailhouse_core::{Object, Reason};
use trailhouse_schemas::{CLOUDTRAIL, Column, Kind};

use super::json::{Member, decode, is_json, members};
use super::{Value, Values, calendar, elements};

/// What becomes of a record.
pub(crate) enum Judgement {
    /// The values, and the columns that the record has something for that they do not take.
    Row(Values, Vec<&'static str>),
    Rejected(Vec<Reason>),
}

/// Judges the element `bytes`, record number `number` of `object`.
pub(crate) fn judge(bytes: &[u8], object: &Object, number: u64) -> Judgement {
    let reasons = faults(bytes);
    if !reasons.is_empty() {
        return Judgement::Rejected(reasons);
    }
    let record = Record::new(str::from_utf8(bytes).unwrap());
    let unfit = CLOUDTRAIL.columns.iter().filter(|column| record.is_unfit(column)).map(|column| column.name).collect();
    Judgement::Row(CLOUDTRAIL.columns.iter().map(|column| record.value(column, object, number)).collect(), unfit)
}

/// Everything that is wrong with an element.
fn faults(bytes: &[u8]) -> Vec<Reason> {
    // Within a string, bytes that are not UTF-8 break no grammar.
    let is_grammatical = is_json(&String::from_utf8_lossy(bytes));
    let faults = [
        (bytes.len() > RECORD_BYTES_MAX, Reason::TooLong),
        (elements::brackets(bytes) > BRACKETS_MAX, Reason::TooComplex),
        (str::from_utf8(bytes).is_err(), Reason::Utf8),
        (!is_grammatical, Reason::Syntax),
        (elements::depth(bytes) > DEPTH_MAX, Reason::Depth),
        (!bytes.starts_with(b"{"), Reason::NotObject),
    ];
    faults.into_iter().filter(|(is_true, _)| *is_true).map(|(_, reason)| reason).collect()
}

/// A record's objects, each by the path that leads to it.
struct Record {
    objects: HashMap<String, Vec<Member>>,
}

impl Record {
    fn new(text: &str) -> Self {
        let mut objects = HashMap::from([(String::new(), members(text).unwrap())]);
        for path in CLOUDTRAIL.columns.iter().filter_map(path) {
            let (mut folder, mut rest) = (String::new(), path);
            while let Some((key, behind)) = rest.split_once('.') {
                let inner = if folder.is_empty() { key.to_owned() } else { format!("{folder}.{key}") };
                if !objects.contains_key(&inner) {
                    let value = first(&objects[&folder], key);
                    objects.insert(inner.clone(), value.and_then(members).unwrap_or_default());
                }
                (folder, rest) = (inner, behind);
            }
        }
        Self { objects }
    }

    /// What the record has for a column.
    fn field(&self, column: &Column) -> Option<&str> {
        let path = path(column)?;
        let (folder, key) = path.rsplit_once('.').unwrap_or(("", path));
        first(&self.objects[folder], key)
    }

    fn is_unfit(&self, column: &Column) -> bool {
        self.field(column).is_some_and(|value| value != "null" && take(column.kind, value).is_none())
    }

    fn value(&self, column: &Column, object: &Object, number: u64) -> Option<Value> {
        if path(column).is_some() {
            return take(column.kind, self.field(column)?);
        }
        match column.name {
            "extra" => self.extra().map(Value::Text),
            "null_keys" => self.null_keys().map(Value::Text),
            // No record of an array stands in a document of its own.
            "envelope" => None,
            "source_object" => Some(Value::Text(object.address.clone())),
            "source_id" => Some(Value::Text(object.source_id.clone())),
            "source_record" => Some(Value::Int(i64::try_from(number).unwrap())),
            other => panic!("nobody told the oracle of the column `{other}`"),
        }
    }

    fn null_keys(&self) -> Option<String> {
        let keys = CLOUDTRAIL.columns.iter().filter_map(path).filter(|path| !path.contains('.'));
        let nulls: Vec<&str> = keys.filter(|key| first(&self.objects[""], key) == Some("null")).collect();
        (!nulls.is_empty()).then(|| nulls.join(","))
    }

    fn extra(&self) -> Option<String> {
        let record = &self.objects[""];
        let mut kept = Vec::new();
        for (index, member) in record.iter().enumerate() {
            let is_repeated = record[..index].iter().any(|earlier| earlier.key.is_some() && earlier.key == member.key);
            let comes_again = record[index + 1..].iter().any(|later| later.key.is_some() && later.key == member.key);
            let is_ambiguous = comes_again && member.value != "null" && is_time(member);
            if is_repeated || is_ambiguous || !has_exact_home(member) {
                kept.push(member.text.as_str());
            }
        }
        (!kept.is_empty()).then(|| format!("{{{}}}", kept.join(",")))
    }
}

/// The path of a column that the record itself fills.
fn path(column: &Column) -> Option<&'static str> {
    column.origin.field()
}

/// The value of the first member called `key`.
fn first<'a>(members: &'a [Member], key: &str) -> Option<&'a str> {
    members.iter().find(|member| member.key.as_deref() == Some(key)).map(|member| member.value.as_str())
}

/// What a column takes of a value.
fn take(kind: Kind, value: &str) -> Option<Value> {
    match kind {
        Kind::Text => decode(value).map(Value::Text),
        Kind::Json => (value != "null").then(|| Value::Text(value.to_owned())),
        Kind::Bool => match value {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        Kind::Instant => calendar::millis(&decode(value)?).map(Value::Int),
        Kind::Int | Kind::Int32 | Kind::Double | Kind::Bytes => panic!("no field of a record is of this kind"),
    }
}

/// Whether a member fills a column whose value can be written in more than one way.
fn is_time(member: &Member) -> bool {
    let times = CLOUDTRAIL.columns.iter().filter(|column| column.kind == Kind::Instant).filter_map(path);
    { times }.any(|path| !path.contains('.') && member.key.as_deref() == Some(path))
}

/// Whether the columns give back the value of a record's own member, were it the first of its key.
fn has_exact_home(member: &Member) -> bool {
    let column =
        CLOUDTRAIL.columns.iter().find(|column| member.key.as_deref().is_some_and(|key| path(column) == Some(key)));
    // A key that looks like a path is no path.
    let Some(column) = column.filter(|_| !member.key.as_deref().is_some_and(|key| key.contains('.'))) else {
        return false;
    };
    if member.value == "null" {
        // `null_keys` is its home.
        return true;
    }
    match (column.kind, take(column.kind, &member.value)) {
        (_, None) => false,
        (Kind::Instant, Some(Value::Int(millis))) => decode(&member.value) == Some(calendar::text(millis)),
        (_, Some(_)) => true,
    }
}
