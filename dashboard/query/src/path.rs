//! JSON paths as Athena takes them: `$.a.b[0]["c d"]`.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::value::RawValue;

/// One step down.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(String),
    Element(usize),
}

/// A path into a JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonPath(Vec<Step>);

impl JsonPath {
    /// Reads a path; `None` when it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rest = text.strip_prefix('$')?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            let (step, behind) = member(rest).or_else(|| quoted(rest)).or_else(|| element(rest))?;
            steps.push(step);
            rest = behind;
        }
        Some(Self(steps))
    }

    /// The exact text of the value at this path in `json`; `None` where there is none, or no JSON.
    pub(crate) fn find<'j>(&self, json: &'j str) -> Option<&'j str> {
        let mut value: &RawValue = serde_json::from_str(json).ok()?;
        for step in &self.0 {
            value = match step {
                Step::Member(name) => {
                    let members: HashMap<Cow<'_, str>, &RawValue> = serde_json::from_str(value.get()).ok()?;
                    members.get(name.as_str()).copied()?
                }
                Step::Element(number) => {
                    let elements: Vec<&RawValue> = serde_json::from_str(value.get()).ok()?;
                    elements.get(*number).copied()?
                }
            };
        }
        Some(value.get())
    }
}

/// `.name`
fn member(text: &str) -> Option<(Step, &str)> {
    let rest = text.strip_prefix('.')?;
    let end = rest.find(['.', '[']).unwrap_or(rest.len());
    (end > 0).then(|| (Step::Member(rest[..end].to_owned()), &rest[end..]))
}

/// `["name"]` or `['name']`
fn quoted(text: &str) -> Option<(Step, &str)> {
    let rest = text.strip_prefix('[')?;
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (name, behind) = rest[1..].split_once(quote)?;
    Some((Step::Member(name.to_owned()), behind.strip_prefix(']')?))
}

/// `[0]`
fn element(text: &str) -> Option<(Step, &str)> {
    let (number, behind) = text.strip_prefix('[')?.split_once(']')?;
    Some((Step::Element(number.parse().ok()?), behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_the_exact_text() {
        let json = r#"{"a":{"b":[1.50, {"c d":"x\n"}]},"e":null,"a.b":7}"#;
        let find = |path: &str| JsonPath::parse(path).unwrap().find(json);
        assert_eq!(find("$.a.b[0]"), Some("1.50"));
        assert_eq!(find(r#"$.a.b[1]["c d"]"#), Some(r#""x\n""#));
        assert_eq!(find("$['a.b']"), Some("7"));
        assert_eq!(find("$.e"), Some("null"));
        assert_eq!((find("$.a.b[2]"), find("$.x"), find("$.a.b.c")), (None, None, None));
        assert_eq!(find("$"), Some(json));
        assert_eq!(JsonPath::parse("$.a").unwrap().find("not json"), None);
        for bad in ["", "a", "$a", "$.", "$[x]", "$[\"a\"", "$[-1]"] {
            assert_eq!(JsonPath::parse(bad), None, "{bad}");
        }
    }
}
