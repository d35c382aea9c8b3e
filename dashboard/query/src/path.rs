//! JSON paths as Athena takes them: `$.a.b[0]["c d"]`.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Characters that a name can have without quotes, beside letters and digits.
const UNQUOTED: [char; 8] = ['_', '-', ':', '$', '/', '@', '|', '#'];

/// One step down: a member's name, which in an array is an element's number.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    name: String,
    number: Option<usize>,
}

/// A path into a JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonPath(Vec<Step>);

impl JsonPath {
    /// Reads a path; `None` when it is none. Patterns that match several values are none: Athena has none either.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (name, behind) = dotted(rest).or_else(|| quoted(rest)).or_else(|| subscript(rest))?;
            steps.push(Step { number: name.parse().ok(), name });
            rest = behind;
        }
        Some(Self(steps))
    }

    /// The exact text of the value at this path in `json`; `None` where there is none, or where it is no JSON.
    ///
    /// The first of a repeated key is the one that is meant, as in the table's columns.
    pub(crate) fn find<'j>(&self, json: &'j str) -> Option<&'j str> {
        let mut reader = serde_json::Deserializer::from_str(json);
        let found = Seek(&self.0).deserialize(&mut reader).ok()?;
        reader.end().ok()?;
        found
    }
}

/// `.name`
fn dotted(text: &str) -> Option<(String, &str)> {
    unquoted(text.strip_prefix('.')?)
}

/// `[0]` or `[name]`
fn subscript(text: &str) -> Option<(String, &str)> {
    let (name, behind) = unquoted(text.strip_prefix('[')?)?;
    Some((name, behind.strip_prefix(']')?))
}

fn unquoted(text: &str) -> Option<(String, &str)> {
    let is_part = |character: char| character.is_alphanumeric() || UNQUOTED.contains(&character);
    let end = text.find(|character| !is_part(character)).unwrap_or(text.len());
    let (name, behind) = text.split_at(end);
    (!name.is_empty()).then(|| (name.to_owned(), behind))
}

/// `["name"]` or `['name']`, in which a backslash takes the next character as it is.
fn quoted(text: &str) -> Option<(String, &str)> {
    let rest = text.strip_prefix('[')?;
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let mut name = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((place, character)) = characters.next() {
        match character {
            '\\' => name.push(characters.next()?.1),
            _ if character == quote => return Some((name, rest[place + 1..].strip_prefix(']')?)),
            _ => name.push(character),
        }
    }
    None
}

/// Walks down a value while it is parsed: what is not on the way is checked and passed over, and nothing is kept.
struct Seek<'p>(&'p [Step]);

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = Option<&'de str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        match self.0 {
            [] => <&RawValue as serde::Deserialize>::deserialize(deserializer).map(|value| Some(value.get())),
            _ => deserializer.deserialize_any(self),
        }
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = Option<&'de str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Some((step, below)) = self.0.split_first() else { return Ok(None) };
        let (mut found, mut is_met) = (None, false);
        while let Some(is_name) = map.next_key_seed(Is(&step.name))? {
            if is_name && !is_met {
                is_met = true;
                found = map.next_value_seed(Seek(below))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let Some((step, below)) = self.0.split_first() else { return Ok(None) };
        for _ in 0..step.number.unwrap_or(usize::MAX) {
            if elements.next_element::<IgnoredAny>()?.is_none() {
                return Ok(None);
            }
        }
        let found = elements.next_element_seed(Seek(below))?;
        while elements.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found.flatten())
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

/// Whether a key, decoded, is this one. Half a surrogate pair in some other key is no reason to find nothing.
struct Is<'p>(&'p str);

impl<'de> DeserializeSeed<'de> for Is<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_bytes(self)
    }
}

impl Visitor<'_> for Is<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_bytes<E>(self, key: &[u8]) -> Result<bool, E> {
        Ok(key == self.0.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_the_exact_text() {
        let json = r#"{"a":{"b":[1.50, {"c d":"x\n"}]},"e":null,"a.b":7,"\u0065f":[[0]],"q\"":1,"7":2}"#;
        let find = |path: &str| JsonPath::parse(path).unwrap().find(json);
        assert_eq!(find("$.a.b[0]"), Some("1.50"));
        assert_eq!(find("$.a.b.0"), Some("1.50"), "as in Athena");
        assert_eq!(find(r#"$.a.b[1]["c d"]"#), Some(r#""x\n""#));
        assert_eq!(find("$['a.b']"), Some("7"));
        assert_eq!(find(r#"$["q\""]"#), Some("1"));
        assert_eq!((find("$.e"), find("$[a][b][1]")), (Some("null"), Some(r#"{"c d":"x\n"}"#)));
        assert_eq!((find("$.ef[0][0]"), find("$[7]")), (Some("0"), Some("2")), "keys are decoded");
        assert_eq!(
            (find("$.a.b[2]"), find("$.x"), find("$.a.b.c"), find("$.e.f"), find("$.a.b[0].x")),
            Default::default()
        );
        assert_eq!(find("$"), Some(json));
    }

    #[test]
    fn what_is_no_path_is_none() {
        for bad in ["", "a", "$a", "$.", "$[", "$[]", "$[\"a\"", "$[\"a", "$[-1", "$..a", "$.*", "$[*]", "$.a b", "$ "]
        {
            assert_eq!(JsonPath::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_no_json_has_no_values() {
        let path = JsonPath::parse("$.a").unwrap();
        for bad in ["", "not json", r#"{"a":1"#, r#"{"a":1}x"#, r#"{"a":1,"b":tru}"#, "1", "\"a\"", "true", "null"] {
            assert_eq!(path.find(bad), None, "{bad}");
        }
        assert_eq!(path.find(r#"{"a":1,"a":2}"#), Some("1"), "the first one stands");
        assert_eq!(path.find(r#"{"\ud800":1,"a":2}"#), Some("2"), "half a character elsewhere is no matter");
        let deep = format!("{{\"b\":{}{},\"a\":1}}", "[".repeat(10_000), "]".repeat(10_000));
        assert_eq!(path.find(&deep), Some("1"), "depth is no matter where nothing is sought");
    }
}
