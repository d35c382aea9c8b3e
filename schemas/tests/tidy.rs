//! House rules that no compiler checks, for every file of the repository.

#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// Lines of a Rust file past which it is two files.
const FILE_LINES_MAX: usize = 400;

/// Longer files, and why each reads better whole.
const LONG_FILES: &[(&str, &str)] = &[];

/// Where `unsafe` lives: instructions with a safe twin or without effect, and the only way to a C library.
const UNSAFE_HOMES: &[&str] = &[
    "etl/core/src/cpu.rs",
    "etl/core/src/index/avx2.rs",
    "etl/core/src/index/avx512.rs",
    "etl/core/src/inflate/libdeflate.rs",
    "etl/core/src/lines/avx2.rs",
    "etl/core/src/memory.rs",
    "etl/core/src/text.rs",
    "etl/core/tests/memory.rs",
];

/// Lines above an `unsafe` block in which its reason must begin.
const SAFETY_LINES: usize = 8;

/// Folders that hold no source of ours.
const SKIPPED_FOLDERS: [&str; 4] = [".git", "target", "node_modules", "results"];

/// The ends of names of files that are text.
const TEXT: [&str; 9] = ["rs", "toml", "md", "py", "sh", "sql", "yml", "yaml", "snap"];

/// Files that are text without such an end.
const TEXT_NAMES: [&str; 5] = ["Makefile", "run", ".gitignore", ".gitattributes", "LICENSE"];

/// One file of the repository.
struct SourceFile {
    /// Its path from the root, with slashes.
    path: String,
    text: String,
}

impl SourceFile {
    fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether the whole file is a test or a benchmark.
    fn is_test(&self) -> bool {
        let folders = self.path.split('/').any(|part| matches!(part, "tests" | "benches" | "examples"));
        folders || self.path.ends_with("/tests.rs")
    }

    /// The numbered lines before the file's tests.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_test = self.is_test();
        let lines = self.text.lines().take_while(move |line| !is_test && line.trim() != "#[cfg(test)]");
        lines.enumerate().map(|(index, line)| (index + 1, line))
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn files() -> Vec<SourceFile> {
    let mut found = Vec::new();
    collect(&root(), &root(), &mut found);
    assert!(found.iter().any(|file| file.path == "schemas/tests/tidy.rs"), "the walk missed this very file");
    found
}

fn collect(root: &Path, folder: &Path, found: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, name) = (entry.path(), entry.file_name());
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            if !SKIPPED_FOLDERS.iter().any(|skipped| name == *skipped) {
                collect(root, &path, found);
            }
        } else if kind.is_file() && is_text(&path) {
            let below = path.strip_prefix(root).unwrap().components();
            let parts: Vec<_> = below.map(|part| part.as_os_str().to_string_lossy()).collect();
            found.push(SourceFile { path: parts.join("/"), text: fs::read_to_string(&path).unwrap() });
        }
    }
}

fn is_text(path: &Path) -> bool {
    let has = |known: &[&str], part: Option<&OsStr>| part.is_some_and(|part| known.iter().any(|name| part == *name));
    has(&TEXT, path.extension()) || has(&TEXT_NAMES, path.file_name())
}

fn assert_none(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn files_are_short() {
    let mut complaints = Vec::new();
    for file in files().iter().filter(|file| file.is_rust()) {
        let is_long = file.text.lines().count() > FILE_LINES_MAX;
        let is_listed = LONG_FILES.iter().any(|(path, _)| *path == file.path);
        if is_long && !is_listed {
            complaints.push(format!("{}: over {FILE_LINES_MAX} lines; split it, or list it with a reason", file.path));
        } else if is_listed && !is_long {
            complaints.push(format!("{}: is short again; take it off the list", file.path));
        }
    }
    assert_none(&complaints);
}

/// What ends a program, or stands for work not done, by its text; put together here so that this file has none of it.
fn shortcuts() -> [String; 6] {
    let texts = [".unwrap|()", ".expect|(", "todo|!(", "unimplemented|!(", "dbg|!(", "unreachable|!()"];
    texts.map(|text| text.replace('|', ""))
}

#[test]
fn code_takes_no_shortcuts() {
    let shortcuts = shortcuts();
    let mut complaints = Vec::new();
    for file in files().iter().filter(|file| file.is_rust()) {
        for (number, line) in file.code().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for shortcut in shortcuts.iter().filter(|shortcut| line.contains(shortcut.as_str())) {
                complaints.push(format!("{}:{number}: `{shortcut}` outside a test", file.path));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn silenced_lints_say_why() {
    let mut complaints = Vec::new();
    for file in files().iter().filter(|file| file.is_rust()) {
        for (at, _) in ["[allow(", "[expect("].iter().flat_map(|opening| file.text.match_indices(opening)) {
            let is_attribute = file.text[..at].ends_with('#') || file.text[..at].ends_with("#!");
            let attribute = file.text[at..].split(")]").next().unwrap_or_default();
            if is_attribute && !attribute.contains("reason = ") {
                let number = file.text[..at].lines().count();
                complaints.push(format!("{}:{number}: a lint is silenced without a reason", file.path));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn every_unsafe_has_a_home_and_a_reason() {
    let mut complaints = Vec::new();
    for file in files().iter().filter(|file| file.is_rust() && !file.path.ends_with("schemas/tests/tidy.rs")) {
        let lines: Vec<&str> = file.text.lines().collect();
        for (index, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if !["unsafe {", "unsafe impl", "unsafe fn", "unsafe extern"].iter().any(|form| code.contains(form)) {
                continue;
            }
            let place = format!("{}:{}", file.path, index + 1);
            if !UNSAFE_HOMES.contains(&file.path.as_str()) {
                complaints.push(format!("{place}: `unsafe` lives in {UNSAFE_HOMES:?} only"));
            }
            let above = &lines[index.saturating_sub(SAFETY_LINES)..=index];
            if !above.iter().any(|line| line.contains("SAFETY:") || line.contains("# Safety")) {
                complaints.push(format!("{place}: says not why it is safe"));
            }
        }
    }
    assert_none(&complaints);
}

#[test]
fn the_homes_of_unsafe_stand() {
    for home in UNSAFE_HOMES {
        let text = fs::read_to_string(root().join(home)).unwrap_or_default();
        assert!(text.contains("unsafe"), "{home} has no `unsafe`: take it off the list");
    }
}

/// Folders of somebody's machine.
fn is_machine_path(line: &str) -> bool {
    ["work", "farm", "root", "Users"].iter().any(|folder| {
        let path = format!("/{folder}/");
        line.match_indices(&path).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            !before.is_some_and(|before| before.is_ascii_alphanumeric() || "._-".contains(before))
        })
    })
}

#[test]
fn no_machine_shows() {
    let mut complaints = Vec::new();
    for file in files() {
        for (index, line) in file.text.lines().enumerate() {
            if is_machine_path(line) && !is_log_text(line) {
                complaints.push(format!("{}:{}: a path of one machine", file.path, index + 1));
            }
        }
    }
    assert_none(&complaints);
}

/// Names of AWS resources may hold such words: `arn:aws:iam::111122223333:role/work/x`.
fn is_log_text(line: &str) -> bool {
    line.contains("arn:aws")
}

#[test]
fn machine_paths_are_told_from_names() {
    assert!(is_machine_path(&format!("see /{}/x", "work")));
    assert!(is_machine_path(&format!("\"/{}/.cargo\"", "root")));
    assert!(!is_machine_path(&format!("frame/{}/x", "work")));
    assert!(!is_machine_path("/workspace/x"));
}

#[test]
fn text_has_no_loose_ends() {
    let mut complaints = Vec::new();
    for file in files().iter().filter(|file| !file.path.ends_with(".snap") && !file.path.ends_with("LICENSE")) {
        if !file.text.is_empty() && !file.text.ends_with('\n') {
            complaints.push(format!("{}: has no line break at its end", file.path));
        }
        for (index, line) in file.text.lines().enumerate() {
            if line.ends_with(' ') || line.ends_with('\t') {
                complaints.push(format!("{}:{}: ends in blanks", file.path, index + 1));
            }
        }
    }
    assert_none(&complaints);
}
