//! The document that a record was delivered in, with its records back in their place.

use super::object::{Member, Objects};
use crate::keys::KeyCase;

/// Writes `envelope` with `record` where its records stood.
pub(super) fn fill(envelope: &str, case: &str, record: &str, out: &mut String) -> Result<(), &'static str> {
    let members = Objects::default().members(envelope).ok_or("its `envelope` is no JSON object")?;
    let first = |key: &str| {
        let member = members.iter().find(|member| member.key == key.as_bytes())?;
        (&envelope[member.value.clone()] == "null").then_some(member)
    };
    let list = |key: &str| first(key).map(|hole| (hole, "[", "]"));
    let is_event = members.iter().any(|member| member.key == b"detail-type");
    // As documents are told by those who read them.
    let found = first("detail").filter(|_| is_event).map(|hole| (hole, "", ""));
    let found = found.or_else(|| list("logEvents")).or_else(|| match case {
        case if case == KeyCase::Pascal.name() => list("Findings"),
        case if case == KeyCase::Camel.name() => list("findings"),
        _ => list("Records"),
    });
    let (Member { value: hole, .. }, open, close) = found.ok_or("its `envelope` has no place for it")?;
    for part in [&envelope[..hole.start], open, record, close, &envelope[hole.end..]] {
        out.push_str(part);
    }
    Ok(())
}
