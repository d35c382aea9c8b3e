use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use object_store::path::Path;
use tokio::runtime::{Builder, Runtime};

use super::*;

/// A bucket of sorted keys whose pages are short.
struct Keys {
    keys: Vec<String>,
    page: usize,
    /// A prefix that may not be listed.
    denied: &'static str,
    listed: AtomicUsize,
}

impl Keys {
    fn new(mut keys: Vec<String>, page: usize) -> Self {
        keys.sort_unstable();
        Self { keys, page, denied: "none", listed: AtomicUsize::new(0) }
    }
}

fn meta(key: &str) -> ObjectMeta {
    let (location, last_modified) = (Path::parse(key).unwrap(), std::time::SystemTime::UNIX_EPOCH.into());
    let size = if key.ends_with("empty") { 0 } else { 7 };
    ObjectMeta { location, last_modified, size, e_tag: Some("\"tag\"".to_owned()), version: None }
}

#[async_trait]
impl Pages for Keys {
    async fn page(&self, prefix: &str, by_folder: bool, token: Option<String>) -> object_store::Result<Page> {
        if prefix.starts_with(self.denied) {
            return Err(object_store::Error::NotImplemented { operation: String::new(), implementer: String::new() });
        }
        let begin: usize = token.map_or(0, |token| token.parse().unwrap());
        let mut entries: Vec<String> = self.keys.iter().filter(|key| key.starts_with(prefix)).cloned().collect();
        if by_folder {
            let cut = |key: &String| match key[prefix.len()..].split_once('/') {
                Some((folder, _)) => format!("{prefix}{folder}/"),
                None => key.clone(),
            };
            entries = entries.iter().map(cut).collect();
            entries.dedup();
        }
        let end = (begin + self.page).min(entries.len());
        let next = (end < entries.len()).then(|| end.to_string());
        let (folders, objects): (Vec<_>, Vec<_>) =
            entries[begin..end].iter().cloned().partition(|entry| entry.ends_with('/'));
        self.listed.fetch_add(objects.len(), Ordering::Relaxed);
        Ok(Page { objects: objects.iter().map(|key| meta(key)).collect(), folders, next })
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).build().unwrap()
}

fn part(prefix: &str) -> Bucket {
    Bucket { name: "logs".to_owned(), prefix: prefix.to_owned() }
}

/// What is found, as text.
fn found(keys: Keys, parts: &[&str]) -> Vec<String> {
    let runtime = runtime();
    let parts = parts.iter().map(|prefix| part(prefix)).collect();
    let tell = |found| match found {
        Found::Object(object) => object.location,
        Found::Skipped(address, reason) => format!("{reason:?} {address}"),
        Found::Unlisted(address, _) => format!("denied {address}"),
    };
    list(Arc::new(keys), parts, runtime.handle()).map(tell).collect()
}

fn key(account: u64, region: &str, day: u32, name: &str) -> String {
    format!("AWSLogs/{account}/CloudTrail/{region}/2026/01/{day:02}/{name}.json.gz")
}

#[test]
fn regions_of_an_account_are_merged_by_day() {
    let mut expected = Vec::new();
    for account in [111_122_223_333, 444_455_556_666] {
        for day in 1..=9 {
            for region in ["eu-west-1", "us-east-1", "us-west-2"] {
                expected.extend(["a", "b"].map(|name| key(account, region, day, name)));
            }
        }
    }
    for page in [1, 2, 5, 1000] {
        let listed = found(Keys::new(expected.clone(), page), &[""]);
        let expected: Vec<String> = expected.iter().map(|key| format!("s3://logs/{key}")).collect();
        assert_eq!(listed, expected, "pages of {page}");
    }
}

#[test]
fn parts_are_listed_and_nothing_beside_them() {
    let mine = [key(111_122_223_333, "eu-west-1", 1, "a"), "AWSLogs/stray.gz".to_owned(), "one/file.gz".to_owned()];
    let others = ["AWSLogs2/x.gz", "one/file.gz.other", "AWSLogs/folder/empty", "zero"].map(str::to_owned);
    let keys = mine.iter().chain(&others).cloned().collect();
    let mut listed = found(Keys::new(keys, 2), &["AWSLogs", "one/file.gz"]);
    let mut expected: Vec<String> = mine.iter().map(|key| format!("s3://logs/{key}")).collect();
    expected.push("Empty s3://logs/AWSLogs/folder/empty".to_owned());
    listed.sort_unstable();
    expected.sort_unstable();
    assert_eq!(listed, expected);
}

#[test]
fn what_may_not_be_listed_is_told_and_the_rest_is_listed() {
    let (here, there) = (key(111_122_223_333, "eu-west-1", 1, "a"), key(444_455_556_666, "eu-west-1", 1, "a"));
    let keys = Keys { denied: "AWSLogs/4444", ..Keys::new(vec![here.clone(), there], 10) };
    let listed = found(keys, &["AWSLogs"]);
    assert_eq!(listed, ["denied s3://logs/AWSLogs/444455556666/".to_owned(), format!("s3://logs/{here}")]);
}

#[test]
fn no_more_is_listed_than_somebody_takes() {
    let names = (0..40_000).map(|number| format!("flat/{number:06}.gz")).collect();
    let keys = Arc::new(Keys::new(names, 1000));
    let runtime = runtime();
    let mut objects = list(Arc::clone(&keys) as _, vec![part("flat")], runtime.handle());
    assert!(objects.next().is_some());
    std::thread::sleep(Duration::from_millis(500));
    let listed = keys.listed.load(Ordering::Relaxed);
    // What waits to be taken, one page more that is on its way, and the looks at the prefix itself.
    assert!(listed <= AHEAD + 5_000, "{listed}");
    assert_eq!(objects.count(), 39_999);
}
