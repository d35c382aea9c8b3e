//! JSON with repeated keys, order and the source's own text kept.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

/// One member of an object.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// Key and value as they were written.
    pub(crate) text: String,
    /// The key that it decodes to; none where that is no text.
    pub(crate) key: Option<String>,
    /// The value as it was written.
    pub(crate) value: String,
}

/// Whether `text` is one JSON value.
pub(crate) fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// The members of the object `text`, or none where it is no object.
pub(crate) fn members(text: &str) -> Option<Vec<Member>> {
    if !text.starts_with('{') {
        return None;
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let members = json.deserialize_map(Members).unwrap();
    let place = |part: &str| part.as_ptr() as usize - text.as_ptr() as usize;
    let member = |(key, value): &(&RawValue, &RawValue)| Member {
        text: text[place(key.get())..place(value.get()) + value.get().len()].to_owned(),
        key: decode(key.get()),
        value: value.get().to_owned(),
    };
    Some(members.iter().map(member).collect())
}

/// The elements of the array `text` as they were written, or none where it is no array.
pub(crate) fn elements(text: &str) -> Option<Vec<&str>> {
    let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    Some(elements.into_iter().map(RawValue::get).collect())
}

/// The text that the JSON string `text` decodes to; none where it is no string or has no UTF-8.
pub(crate) fn decode(text: &str) -> Option<String> {
    serde_json::from_str(text).ok()
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(&'de RawValue, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}
