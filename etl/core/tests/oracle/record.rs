//! One record to one row, or the reasons why not. What a record says is read for any table of JSON records.

use std::collections::HashMap;

use trailhouse_core::limits::{BRACKETS_MAX, DEPTH_MAX, RECORD_BYTES_MAX};
use trailhouse_core::{Object, Reason};
use trailhouse_schemas::{CLOUDTRAIL, Column, Kind, Origin, Table};

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
    let record = Record::new(&CLOUDTRAIL, Case::Camel, str::from_utf8(bytes).unwrap());
    let unfit = CLOUDTRAIL.columns.iter().filter(|column| record.is_unfit(column)).map(|column| column.name).collect();
    let value = |column: &Column| record.value(column).or_else(|| place(column, object, number));
    Judgement::Row(CLOUDTRAIL.columns.iter().map(value).collect(), unfit)
}

/// Everything that is wrong with an element.
pub(crate) fn faults(bytes: &[u8]) -> Vec<Reason> {
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

/// What no record says itself. (No record of an array stands in a document of its own, so that it has no envelope.)
pub(crate) fn place(column: &Column, object: &Object, number: u64) -> Option<Value> {
    match column.name {
        "source_object" => Some(Value::Text(object.address.clone())),
        "source_id" => Some(Value::Text(object.source_id.clone())),
        "source_record" => Some(Value::Int(i64::try_from(number).unwrap())),
        _ => None,
    }
}

/// How a record writes its keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Case {
    /// As tables name them.
    Camel,
    /// With a capital.
    Pascal,
}

impl Case {
    /// A key of a table as the record writes it.
    fn write(self, key: &str) -> String {
        match self {
            Self::Camel => key.to_owned(),
            Self::Pascal => key[..1].to_uppercase() + &key[1..],
        }
    }
}

/// A record's objects, each by the path that leads to it.
pub(crate) struct Record {
    table: &'static Table,
    case: Case,
    objects: HashMap<String, Vec<Member>>,
}

impl Record {
    pub(crate) fn new(table: &'static Table, case: Case, text: &str) -> Self {
        let mut objects = HashMap::from([(String::new(), members(text).unwrap())]);
        for path in table.columns.iter().filter_map(path) {
            let (mut folder, mut rest) = (String::new(), path);
            while let Some((key, behind)) = rest.split_once('.') {
                let inner = if folder.is_empty() { key.to_owned() } else { format!("{folder}.{key}") };
                if !objects.contains_key(&inner) {
                    let value = first(&objects[&folder], &case.write(key));
                    objects.insert(inner.clone(), value.and_then(members).unwrap_or_default());
                }
                (folder, rest) = (inner, behind);
            }
        }
        Self { table, case, objects }
    }

    /// What the record has for a column.
    fn field(&self, column: &Column) -> Option<&str> {
        let path = path(column)?;
        let (folder, key) = path.rsplit_once('.').unwrap_or(("", path));
        first(&self.objects[folder], &self.case.write(key))
    }

    fn is_unfit(&self, column: &Column) -> bool {
        self.field(column).is_some_and(|value| value != "null" && take(column, value).is_none())
    }

    /// What the record's own members say of a column.
    pub(crate) fn value(&self, column: &Column) -> Option<Value> {
        match column.name {
            "extra" => self.extra().map(Value::Text),
            "null_keys" => self.null_keys().map(Value::Text),
            _ => take(column, self.field(column)?),
        }
    }

    fn null_keys(&self) -> Option<String> {
        let mut keys: Vec<String> = Vec::new();
        for path in self.table.columns.iter().filter_map(path) {
            let key = self.case.write(path.split('.').next().unwrap());
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let nulls: Vec<String> = keys.into_iter().filter(|key| first(&self.objects[""], key) == Some("null")).collect();
        (!nulls.is_empty()).then(|| nulls.join(","))
    }

    fn extra(&self) -> Option<String> {
        let record = &self.objects[""];
        let mut kept = Vec::new();
        for (index, member) in record.iter().enumerate() {
            let is_repeated = record[..index].iter().any(|earlier| earlier.key.is_some() && earlier.key == member.key);
            let comes_again = record[index + 1..].iter().any(|later| later.key.is_some() && later.key == member.key);
            let is_ambiguous = comes_again && member.value != "null" && self.has_many_spellings(member);
            if is_repeated || is_ambiguous || !self.has_exact_home(member) {
                kept.push(member.text.as_str());
            }
        }
        (!kept.is_empty()).then(|| format!("{{{}}}", kept.join(",")))
    }

    /// Whether a member fills a column whose values can be written in more than one way.
    fn has_many_spellings(&self, member: &Member) -> bool {
        let is_loose = |column: &&Column| match column.kind {
            Kind::Instant => !matches!(column.origin, Origin::Millis(_)),
            kind => kind == Kind::Double,
        };
        let mut paths = self.table.columns.iter().filter(is_loose).filter_map(path).filter(|path| !path.contains('.'));
        paths.any(|path| member.key.as_deref() == Some(&self.case.write(path)))
    }

    /// Whether the columns give back the value of a record's own member, were it the first of its key.
    fn has_exact_home(&self, member: &Member) -> bool {
        // A key that looks like a path is no path.
        let Some(key) = member.key.as_deref().filter(|key| !key.contains('.')) else { return false };
        let is_own = |column: &&Column| path(column).is_some_and(|path| self.case.write(path) == key);
        let Some(column) = self.table.columns.iter().find(is_own) else {
            // An object that a path leads through has no home without a column of its own, but a null has.
            let is_known = |path: &str| path.split_once('.').is_some_and(|(first, _)| self.case.write(first) == key);
            return member.value == "null" && self.table.columns.iter().filter_map(path).any(is_known);
        };
        if member.value == "null" {
            // `null_keys` is its home.
            return true;
        }
        match (column.kind, take(column, &member.value)) {
            (_, None) => false,
            (Kind::Instant, Some(Value::Int(_))) if matches!(column.origin, Origin::Millis(_)) => true,
            (Kind::Instant, Some(Value::Int(millis))) => decode(&member.value) == Some(calendar::text(millis)),
            (Kind::Double, Some(Value::Text(number))) => number == member.value,
            (_, Some(_)) => true,
        }
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

/// What a column takes of a value. A double is shown as it would be written again.
fn take(column: &Column, value: &str) -> Option<Value> {
    match column.kind {
        Kind::Text => decode(value).map(Value::Text),
        Kind::Json => (value != "null").then(|| Value::Text(value.to_owned())),
        Kind::Bool => match value {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        Kind::Instant if matches!(column.origin, Origin::Millis(_)) => {
            integer(value).filter(|millis| calendar::is_instant(*millis)).map(Value::Int)
        }
        Kind::Instant => calendar::millis(&decode(value)?).map(Value::Int),
        Kind::Int => integer(value).filter(|number| *number != i64::MIN).map(Value::Int),
        Kind::Double => {
            let is_number = value.starts_with(|first: char| first == '-' || first.is_ascii_digit());
            let number: f64 = value.parse().ok().filter(|_| is_number)?;
            number.is_finite().then(|| Value::Text(number.to_string()))
        }
        Kind::Int32 | Kind::Bytes => panic!("no field of a record is of this kind"),
    }
}

/// The integer that is written in its one usual form.
fn integer(value: &str) -> Option<i64> {
    value.parse::<i64>().ok().filter(|number| number.to_string() == value)
}
