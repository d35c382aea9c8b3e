//! Columns that are copies of values deep inside a finding: the first value found at any of some paths.

use simd_json::{Buffers, Node, StaticNode, to_tape_with_buffers};
use trailhouse_schemas::{Kind, Origin, Table};

use crate::columns::Slot;
use crate::sheet::Sheet;
use crate::text::Side;

/// Where the API has the JSON text of what exports have as it is.
const QUOTED: [&str; 3] = ["service", "additionalInfo", "value"];

/// Fills the copies of one table.
pub(super) struct Copies {
    columns: Vec<Copied>,
    buffers: Buffers,
    text: Vec<u8>,
}

/// A column, and where its values may stand.
struct Copied {
    slot: Slot,
    paths: Vec<Vec<Step>>,
}

/// One step down a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The member of this name, whatever the case of its first letter.
    Member(&'static str),
    /// Any member.
    AnyMember,
    /// Any element.
    AnyElement,
}

impl Copies {
    /// The copies of `table`, whose columns are at `slots`.
    pub(super) fn new(table: &Table, slots: &[Slot]) -> Self {
        let copy = |(column, slot): (&trailhouse_schemas::Column, &Slot)| match column.origin {
            Origin::First(paths) if matches!(column.kind, Kind::Text | Kind::Bool) => {
                Some(Copied { slot: *slot, paths: paths.iter().map(|path| steps(path)).collect() })
            }
            _ => None,
        };
        let columns = table.columns.iter().zip(slots).filter_map(copy).collect();
        Self { columns, buffers: Buffers::default(), text: Vec::new() }
    }

    /// Fills the copies of `row` from the finding `record`. One that simd-json does not take has none.
    pub(super) fn fill(&mut self, record: &[u8], row: usize, sheet: &mut Sheet, arena: &[u8], side: &mut Side) {
        self.text.clear();
        self.text.extend_from_slice(record);
        let Ok(tape) = to_tape_with_buffers(&mut self.text, &mut self.buffers) else { return };
        let mut quoted = match find(&tape.0, 0, &QUOTED.map(Step::Member)) {
            Some(Node::String(text)) => text.as_bytes().to_vec(),
            _ => Vec::new(),
        };
        let inner = simd_json::to_tape(&mut quoted).ok();
        for Copied { slot, paths } in &self.columns {
            let found = paths.iter().find_map(|path| {
                let in_quoted = || find(&inner.as_ref()?.0, 0, path.strip_prefix(&QUOTED.map(Step::Member)[..2])?);
                find(&tape.0, 0, path).or_else(in_quoted)
            });
            if let Some(node) = found {
                put(node, *slot, row, sheet, arena, side);
            }
        }
    }
}

fn steps(path: &'static str) -> Vec<Step> {
    let step = |name: &'static str| match name.strip_suffix("[]") {
        Some(array) => vec![Step::Member(array), Step::AnyElement],
        None if name == "*" => vec![Step::AnyMember],
        None => vec![Step::Member(name)],
    };
    path.split('.').flat_map(step).collect()
}

/// The first text, number or truth value at `steps` below the node at `at`.
fn find<'t, 'i>(nodes: &'t [Node<'i>], at: usize, steps: &[Step]) -> Option<&'t Node<'i>> {
    let Some((step, rest)) = steps.split_first() else {
        let node = nodes.get(at)?;
        return matches!(node, Node::String(_) | Node::Static(_)).then_some(node).filter(|node| !is_null(node));
    };
    match (nodes.get(at)?, step) {
        (Node::Object { len, .. }, Step::Member(_) | Step::AnyMember) => {
            let mut key = at + 1;
            for _ in 0..*len {
                let is_wanted = match (step, nodes.get(key)?) {
                    (Step::Member(name), Node::String(key)) => is_same(key, name),
                    _ => true,
                };
                if is_wanted && let Some(found) = find(nodes, key + 1, rest) {
                    return Some(found);
                }
                // A name that stands twice counts once.
                if is_wanted && *step != Step::AnyMember {
                    return None;
                }
                key = behind(nodes, key + 1)?;
            }
            None
        }
        (Node::Array { len, .. }, Step::AnyElement) => {
            let mut element = at + 1;
            for _ in 0..*len {
                if let Some(found) = find(nodes, element, rest) {
                    return Some(found);
                }
                element = behind(nodes, element)?;
            }
            None
        }
        _ => None,
    }
}

fn behind(nodes: &[Node<'_>], at: usize) -> Option<usize> {
    match nodes.get(at)? {
        Node::Object { count, .. } | Node::Array { count, .. } => Some(at + 1 + count),
        _ => Some(at + 1),
    }
}

fn is_null(node: &Node<'_>) -> bool {
    matches!(node, Node::Static(StaticNode::Null))
}

/// Whether two names are one but for the case of their first letter.
fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    match (one, other) {
        ([first, rest @ ..], [other_first, other_rest @ ..]) => {
            first.eq_ignore_ascii_case(other_first) && rest == other_rest
        }
        _ => one == other,
    }
}

fn put(node: &Node<'_>, slot: Slot, row: usize, sheet: &mut Sheet, arena: &[u8], side: &mut Side) {
    let number;
    let text = match node {
        Node::String(text) => *text,
        Node::Static(value) => {
            number = value.to_string();
            &number
        }
        _ => return,
    };
    match slot {
        Slot::Coded(at) => sheet.columns.coded[at].fill(text, arena, side, row..row + 1),
        Slot::Text(at) => sheet.columns.spans[at][row] = side.push(text.as_bytes()),
        Slot::Bool(at) => {
            if let Ok(value) = text.parse::<bool>() {
                sheet.columns.bools[at][row] = u8::from(value);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(json: &str, path: &'static str) -> Option<String> {
        let mut text = json.as_bytes().to_vec();
        let tape = simd_json::to_tape(&mut text).unwrap();
        match find(&tape.0, 0, &steps(path))? {
            Node::String(text) => Some((*text).to_owned()),
            Node::Static(value) => Some(value.to_string()),
            _ => None,
        }
    }

    #[test]
    fn paths_find_the_first_value() {
        let json = r#"{"a":{"x":{"ip":null},"y":{"ip":"1.2.3.4"}},"B":[{"c":{}},{"c":7},{"c":8}],"t":true,
                      "d":1,"d":2,"f":0.5,"big":123456789012345678901234567890}"#;
        assert_eq!(found(json, "a.*.ip").as_deref(), Some("1.2.3.4"));
        assert_eq!(found(json, "b[].c").as_deref(), Some("7"));
        assert_eq!(found(json, "t").as_deref(), Some("true"));
        assert_eq!(found(json, "d").as_deref(), Some("1"), "the first of a repeated key");
        assert_eq!(found(json, "f").as_deref(), Some("0.5"));
        for none in ["a", "a.x.ip", "a.ip", "b.c", "b[]", "nothing", "t.u"] {
            assert_eq!(found(json, none), None, "{none}");
        }
    }
}
