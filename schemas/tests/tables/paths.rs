//! Where columns come from: paths that lead to one value each, through objects that are kept whole.

use std::collections::{BTreeMap, BTreeSet};

use trailhouse_schemas::{Kind, Origin, TABLES, Table};

use crate::{of_path, path};

/// What the engine can tell apart in one object: this many keys, of this many bytes.
const OBJECT_KEYS_MAX: usize = 64;
const KEY_BYTES_MAX: usize = 32;

fn root(path: &str) -> &str {
    path.split_once('.').map_or(path, |(root, _)| root)
}

fn is_kept_whole(table: &Table, root: &str) -> bool {
    of_path(table, root).is_some_and(|column| column.kind == Kind::Json)
}

#[test]
fn a_source_field_has_one_column() {
    for table in TABLES {
        let mut paths = BTreeSet::new();
        for path in table.columns.iter().filter_map(path) {
            assert!(paths.insert(path), "`{path}` fills two columns of `{}`", table.name);
        }
    }
}

/// Values inside an object need no `extra` of their own, because the text of the object around them is kept.
#[test]
fn every_object_that_a_path_leads_through_is_kept_whole() {
    for table in TABLES {
        for path in table.columns.iter().filter_map(path).filter(|path| path.contains('.')) {
            assert!(is_kept_whole(table, root(path)), "`{path}` of `{}` needs a JSON column of its root", table.name);
        }
    }
}

#[test]
fn every_object_has_few_and_short_keys() {
    for table in TABLES {
        let mut objects: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for path in table.columns.iter().filter_map(path) {
            let mut object = "";
            for key in path.split('.') {
                assert!((1..=KEY_BYTES_MAX).contains(&key.len()), "`{key}` in `{path}` of `{}`", table.name);
                objects.entry(object).or_default().insert(key);
                object = &path[..object.len() + usize::from(!object.is_empty()) + key.len()];
            }
        }
        for (object, keys) in objects {
            assert!(keys.len() <= OBJECT_KEYS_MAX, "`{object}` of `{}` has {} keys", table.name, keys.len());
        }
    }
}

/// A copy can be made again from what is kept, so it takes nothing away when it is wrong or missing.
#[test]
fn copies_are_of_what_another_column_holds_whole() {
    for table in TABLES {
        for column in table.columns {
            let Origin::First(paths) = column.origin else { continue };
            let name = format!("`{}` of `{}`", column.name, table.name);
            assert!(!paths.is_empty(), "{name} is copied from nowhere");
            assert!(matches!(column.kind, Kind::Text | Kind::Bool), "{name} is a copy of a kind that none makes");
            assert_eq!(paths.iter().collect::<BTreeSet<_>>().len(), paths.len(), "{name} looks twice at one place");
            for path in paths {
                assert!(path.contains('.') && is_kept_whole(table, root(path)), "{name}: no column holds {path}");
                assert!(path.split('.').skip(1).all(is_step), "{name}: `{path}` is no path");
            }
        }
    }
}

/// Whether it is `*`, or a member's name with or without `[]` behind it.
fn is_step(step: &str) -> bool {
    let name = step.strip_suffix("[]").unwrap_or(step);
    step == "*" || !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[test]
fn steps_are_told_from_slips() {
    assert!(["*", "name", "names[]"].into_iter().all(is_step));
    assert!(!["", "[]", "*[]", "a*", "names[]x", "names[0]"].into_iter().any(is_step));
}
