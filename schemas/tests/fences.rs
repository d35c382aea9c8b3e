//! Which crate may name which, and what must never be linked. The test stands in the lowest crate because it needs none.
//!
//! Only normal dependencies count: what tests and build scripts use ships nowhere.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A member of the workspace and the other members that it may name.
struct Arrows {
    package: &'static str,
    names: &'static [&'static str],
}

/// Every member of the workspace; an arrow points at what a crate may name, and nothing points back.
const ARROWS: &[Arrows] = &[
    Arrows { package: "trailhouse-schemas", names: &[] },
    Arrows { package: "trailhouse-lake", names: &["trailhouse-schemas"] },
    Arrows { package: "trailhouse-core", names: &["trailhouse-schemas"] },
    Arrows { package: "trailhouse-fuzz", names: &["trailhouse-schemas", "trailhouse-core"] },
    Arrows { package: "trailhouse-etl", names: &["trailhouse-schemas", "trailhouse-core", "trailhouse-lake"] },
    Arrows { package: "trailhouse-query", names: &["trailhouse-schemas", "trailhouse-lake"] },
    Arrows {
        package: "trailhouse",
        names: &["trailhouse-schemas", "trailhouse-lake", "trailhouse-etl", "trailhouse-query"],
    },
    Arrows { package: "trailhouse-testdata", names: &[] },
    Arrows { package: "trailhouse-stand-in", names: &[] },
    Arrows { package: "trailhouse-hello-lambda", names: &[] },
    Arrows { package: "trailhouse-benches", names: &["trailhouse-core", "trailhouse-schemas", "trailhouse-testdata"] },
];

/// A package and the beginnings of names that must stand nowhere below it.
struct Fence {
    package: &'static str,
    forbids: &'static [&'static str],
    why: &'static str,
}

const FENCES: &[Fence] = &[
    Fence {
        package: "trailhouse-schemas",
        forbids: &["tokio", "parquet", "object_store", "aws-", "datafusion", "serde_json"],
        why: "what a table is needs no engine",
    },
    Fence {
        package: "trailhouse-core",
        forbids: &["tokio", "async-", "object_store", "aws-", "datafusion", "serde_json", "rayon"],
        why: "bytes in, bytes out: no I/O, no threads, no AWS",
    },
    Fence {
        package: "trailhouse-lake",
        forbids: &["aws-", "parquet", "datafusion"],
        why: "a lake is names and small JSON objects over any store",
    },
    Fence { package: "trailhouse-etl", forbids: &["datafusion"], why: "a Lambda that ingests links no query engine" },
    Fence {
        package: "trailhouse-hello-lambda",
        forbids: &["aws-", "datafusion", "arrow"],
        why: "it shows how small a Lambda is",
    },
    Fence { package: "trailhouse-testdata", forbids: &["tokio", "aws-", "datafusion", "arrow"], why: "it makes bytes" },
];

/// The packages under which DataFusion may stand: the one that names it, and the binary that links that one.
const WITH_DATAFUSION: [&str; 2] = ["trailhouse-query", "trailhouse"];

/// What moves only together with DataFusion: two versions side by side would not understand each other's types.
const ONE_VERSION: [&str; 7] =
    ["arrow", "arrow-array", "arrow-schema", "datafusion", "datafusion-common", "object_store", "parquet"];

/// TLS is rustls with ring; these are other providers, or need a system library. (`openssl-probe` only looks for certificates.)
const NEVER: [&str; 4] = ["aws-lc", "native-tls", "openssl-sys", "schannel"];

/// The packages below (and with) `arguments`' package: name and version.
fn tree(arguments: &[&str]) -> BTreeSet<(String, String)> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .args(arguments)
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    assert!(output.status.success(), "cargo tree {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter(|line| !line.is_empty()).map(package).collect()
}

/// Reads `name v1.2.3 (place)`.
fn package(line: &str) -> (String, String) {
    let mut words = line.split_whitespace();
    let (name, version) = (words.next().unwrap(), words.next().unwrap());
    (name.to_owned(), version.to_owned())
}

fn breaches(tree: &BTreeSet<(String, String)>, forbidden: &[&str]) -> Vec<String> {
    let is_forbidden = |name: &str| forbidden.iter().any(|stem| name.starts_with(stem));
    tree.iter().filter(|(name, _)| is_forbidden(name)).map(|(name, version)| format!("{name} {version}")).collect()
}

#[test]
fn every_member_has_its_arrows() {
    let members: BTreeSet<String> = tree(&["--workspace", "--depth", "0"]).into_iter().map(|(name, _)| name).collect();
    let drawn: BTreeSet<String> = ARROWS.iter().map(|arrows| arrows.package.to_owned()).collect();
    assert_eq!(members, drawn, "members of the workspace and the list in this test");
}

#[test]
fn arrows_point_one_way() {
    let members: BTreeSet<&str> = ARROWS.iter().map(|arrows| arrows.package).collect();
    for Arrows { package, names } in ARROWS {
        for (name, _) in tree(&["--package", package, "--depth", "1"]) {
            let is_allowed = name == *package || !members.contains(name.as_str()) || names.contains(&name.as_str());
            assert!(is_allowed, "`{package}` names `{name}`");
        }
    }
}

#[test]
fn fences_hold() {
    for Fence { package, forbids, why } in FENCES {
        let found = breaches(&tree(&["--package", package]), forbids);
        assert!(found.is_empty(), "`{package}` links {found:?}, but {why}");
    }
}

#[test]
fn one_crate_names_datafusion() {
    for Arrows { package, .. } in ARROWS {
        let named = breaches(&tree(&["--package", package, "--depth", "1"]), &["datafusion"]);
        assert_eq!(!named.is_empty(), *package == "trailhouse-query", "`{package}` names {named:?}");
        if !WITH_DATAFUSION.contains(package) {
            let linked = breaches(&tree(&["--package", package]), &["datafusion"]);
            assert!(linked.is_empty(), "`{package}` links {linked:?}");
        }
    }
}

#[test]
fn versions_do_not_stand_side_by_side() {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, version) in tree(&["--workspace"]) {
        versions.entry(name).or_default().push(version);
    }
    for name in ONE_VERSION {
        let found = versions.get(name).map_or(&[][..], Vec::as_slice);
        assert_eq!(found.len(), 1, "`{name}` stands in versions {found:?}");
    }
}

#[test]
fn no_other_tls_is_linked() {
    let found = breaches(&tree(&["--workspace"]), &NEVER);
    assert!(found.is_empty(), "{found:?}");
}

/// The modules of etl/core, lowest first: a module names only those before it.
const CORE_MODULES: [&str; 38] = [
    "cpu",
    "memory",
    "limits",
    "text",
    "unescape",
    "numbers",
    "time",
    "format",
    "key",
    "header",
    "object",
    "reason",
    "error",
    "halt",
    "inflate",
    "transcribe",
    "classify",
    "index",
    "window",
    "lines",
    "stages",
    "split",
    "rejects",
    "interner",
    "columns",
    "keys",
    "decode",
    "rebuild",
    "places",
    "order",
    "route",
    "encode",
    "sheet",
    "reading",
    "part",
    "desk",
    "read",
    "transform",
];

/// Names upwards all the same: module, what it names, and why that is no knot.
const UPWARDS: [(&str, &str, &str); 0] = [];

/// The modules of a crate that its code names: what follows `crate::` before the file's tests.
fn named_modules(text: &str) -> BTreeSet<&str> {
    let lines = text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
    let code = lines.filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1)).map(first_word).collect()
}

fn first_word(text: &str) -> &str {
    text.split(|character: char| !character.is_ascii_alphanumeric() && character != '_').next().unwrap_or_default()
}

/// The Rust files of one module: its file, and those in its folder.
fn files_of(source: &Path, module: &str) -> Vec<PathBuf> {
    let folder = fs::read_dir(source.join(module)).into_iter().flatten().map(|entry| entry.unwrap().path());
    let file = Some(source.join(format!("{module}.rs"))).filter(|path| path.is_file());
    folder.filter(|path| path.extension().is_some_and(|end| end == "rs")).chain(file).collect()
}

#[test]
fn core_modules_name_only_lower_ones() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../etl/core/src");
    let declared = fs::read_to_string(source.join("lib.rs")).unwrap();
    let declared: BTreeSet<&str> = declared
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod "))
        .map(first_word)
        .collect();
    assert_eq!(declared, BTreeSet::from(CORE_MODULES), "the modules of etl/core and the list in this test");
    for (place, module) in CORE_MODULES.iter().enumerate() {
        for path in files_of(&source, module) {
            let text = fs::read_to_string(&path).unwrap();
            let higher = &CORE_MODULES[place + 1..];
            let is_listed = |name: &str| UPWARDS.iter().any(|(from, to, _)| from == module && *to == name);
            let names = named_modules(&text).into_iter();
            let found: Vec<&str> = names.filter(|name| higher.contains(name) && !is_listed(name)).collect();
            assert!(found.is_empty(), "{} names {found:?}, which stand higher", path.display());
        }
    }
}

#[test]
fn modules_are_read_off_the_code() {
    let text = "use crate::a::B;\n// crate::no\nlet x = crate::c_d::E + crate::f();\n#[cfg(test)]\nuse crate::test;\n";
    assert_eq!(named_modules(text), BTreeSet::from(["a", "c_d", "f"]));
}

#[test]
fn a_breach_is_seen() {
    let line = "tokio v1.2.3 (*)";
    let tree = BTreeSet::from([package(line), package("tower v0.1.0")]);
    assert_eq!(breaches(&tree, &["tokio", "aws-"]), ["tokio v1.2.3"]);
    assert!(breaches(&tree, &["aws-"]).is_empty());
}
