//! Every target over its corpus, and over what a mutator makes of it: the same bytes in every run.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it fails")]

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use trailhouse_fuzz::{TARGETS, Target};

/// Mutants of each target; `FUZZ_CASES` asks for more.
const CASES: u64 = 400;
/// Bytes of the longest mutant.
const MUTANT_BYTES_MAX: usize = 4096;
/// What an input may take at most. It is short: what takes longer grows faster than it does.
const SLOWEST: Duration = Duration::from_secs(5);

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The corpus of a target, in the order of its names.
fn corpus(target: &Target) -> Vec<Vec<u8>> {
    let files = fs::read_dir(folder().join("corpus").join(target.name)).unwrap();
    let mut paths: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Text that means something to readers.
fn tokens() -> Vec<Vec<u8>> {
    let text = fs::read_to_string(folder().join("tokens.txt")).unwrap();
    text.lines().map(|line| line.as_bytes().to_vec()).collect()
}

/// Numbers that look random and are the same in every run (SplitMix64).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound.max(1) as u64) as usize
    }

    fn of<'a>(&mut self, texts: &'a [Vec<u8>]) -> &'a [u8] {
        &texts[self.below(texts.len())]
    }
}

/// `bytes` with some changes that damage does, or somebody with a will.
fn mutate(random: &mut Random, mut bytes: Vec<u8>, corpus: &[Vec<u8>], tokens: &[Vec<u8>]) -> Vec<u8> {
    const BYTES: &[u8] = b"\"\\{}[],: \n\r\t0-.eEut/\x00\x0c\x1f\x7f\x80\xc3\xed\xff";
    for _ in 0..=random.below(4) {
        let at = random.below(bytes.len() + 1);
        let to = (at + random.below(20)).min(bytes.len());
        match random.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
            1 if at < bytes.len() => bytes[at] = BYTES[random.below(BYTES.len())],
            2 => bytes.insert(at, BYTES[random.below(BYTES.len())]),
            3 => drop(bytes.drain(at..to)),
            4 => drop(bytes.splice(at..at, random.of(tokens).to_vec())),
            5 => {
                let copied = bytes[at..to].to_vec();
                let place = random.below(bytes.len() + 1);
                drop(bytes.splice(place..place, copied));
            }
            6 => {
                let other = random.of(corpus);
                let from = random.below(other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ => bytes.truncate(bytes.len() - random.below(bytes.len() / 4)),
        }
    }
    bytes.truncate(MUTANT_BYTES_MAX);
    bytes
}

fn judge(target: &Target, bytes: &[u8]) {
    let begun = Instant::now();
    let judged = catch_unwind(|| (target.judge)(bytes)).unwrap_or_else(|_| Err("it panics".to_owned()));
    if let Err(complaint) = judged {
        panic!("{}: {complaint}\nof {:?}\nwhich is {bytes:?}", target.name, String::from_utf8_lossy(bytes));
    }
    assert!(begun.elapsed() < SLOWEST, "{}: {:?} for {bytes:?}", target.name, begun.elapsed());
}

fn run(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let (corpus, tokens) = (corpus(target), tokens());
    assert!(corpus.len() > 2, "{name} has a corpus");
    for bytes in &corpus {
        for cut in [bytes.len(), bytes.len() / 2, bytes.len().saturating_sub(1)] {
            judge(target, &bytes[..cut]);
        }
    }
    let cases = std::env::var("FUZZ_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(CASES);
    for seed in 0..cases {
        let mut random = Random(seed);
        let seed = random.of(&corpus).to_vec();
        let mutant = mutate(&mut random, seed, &corpus, &tokens);
        judge(target, &mutant);
    }
}

#[test]
fn records() {
    run("records");
}

#[test]
fn flow() {
    run("flow");
}

#[test]
fn documents() {
    run("documents");
}

#[test]
fn export() {
    run("export");
}

#[test]
fn unwrap() {
    run("unwrap");
}

#[test]
fn classify() {
    run("classify");
}

#[test]
fn transform() {
    run("transform");
}

#[test]
fn parquet() {
    run("parquet");
}

#[test]
fn rebuild() {
    run("rebuild");
}

#[test]
fn every_target_has_its_test_and_its_corpus() {
    let source = fs::read_to_string(folder().join("tests/corpus.rs")).unwrap();
    for target in TARGETS {
        assert!(source.contains(&format!("    run(\"{}\");", target.name)), "{} is run by no test", target.name);
    }
    let script = fs::read_to_string(folder().join("run")).unwrap();
    let names = TARGETS.map(|target| target.name).join(" ");
    assert!(script.contains(&format!("set -- {names}\n")), "`run` names other targets than {names}");
    let makefile = fs::read_to_string(folder().join("../../../Makefile")).unwrap();
    let minutes = format!("ten minutes a target (FUZZ_SECONDS), {} in all\n", TARGETS.len() * 10);
    assert!(makefile.contains(&minutes), "`make` says that fuzzing takes another time than {minutes}");
    let folders = fs::read_dir(folder().join("corpus")).unwrap().count();
    assert_eq!(folders, TARGETS.len(), "a corpus without a target");
}
