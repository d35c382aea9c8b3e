//! How a bucket is taken apart into strands: prefixes whose keys come in the order of days.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use object_store::ObjectMeta;
use trailhouse_core::KeyFacts;

use super::pages::Pages;

/// Prefixes that are looked at at once.
const LOOKS_AT_ONCE: usize = 32;
/// Folders inside one another that are looked into; what is deeper is listed as it comes.
const DEPTH_MAX: usize = 12;
/// Folders of one prefix that are told apart; where there are more, its keys are listed as they come.
const FOLDERS_MAX: usize = 100_000;

/// Keys that are listed one behind the other.
#[derive(Debug)]
pub(super) enum Strand {
    /// Everything that begins with a prefix.
    Below(String),
    /// A few objects that were met on the way.
    Few(Vec<ObjectMeta>),
}

/// A prefix that could not be looked at.
pub(super) type Unseen = (String, object_store::Error);

/// The strands of each account, of all of a bucket that begins with one of `prefixes`.
///
/// An account's regions are strands of their own: so the objects of one day can be had together, in no more memory than a
/// page of each region takes.
pub(super) async fn strands(
    pages: &dyn Pages,
    prefixes: Vec<String>,
) -> (BTreeMap<Option<String>, Vec<Strand>>, Vec<Unseen>) {
    let (mut accounts, mut unseen) = (BTreeMap::<Option<String>, Vec<Strand>>::new(), Vec::new());
    let mut level = prefixes;
    for depth in 0..=DEPTH_MAX {
        let look = |prefix: String| async move { (look(pages, &prefix, depth).await, prefix) };
        let looks: Vec<_> = stream::iter(std::mem::take(&mut level)).map(look).buffered(LOOKS_AT_ONCE).collect().await;
        for (looked, prefix) in looks {
            match looked {
                Ok(Look { strand, folders }) => {
                    level.extend(folders);
                    let account = KeyFacts::of(&format!("{prefix}x")).account;
                    accounts.entry(account).or_default().extend(strand);
                }
                Err(error) => unseen.push((prefix, error)),
            }
        }
    }
    accounts.retain(|_, strands| !strands.is_empty());
    (accounts, unseen)
}

/// What a look at a prefix gives: something to list, and folders to look into.
struct Look {
    strand: Option<Strand>,
    folders: Vec<String>,
}

async fn look(pages: &dyn Pages, prefix: &str, depth: usize) -> object_store::Result<Look> {
    let below = || Look { strand: Some(Strand::Below(prefix.to_owned())), folders: Vec::new() };
    if depth == DEPTH_MAX {
        return Ok(below());
    }
    let (mut folders, mut few, mut token) = (Vec::new(), Vec::new(), None);
    loop {
        let page = pages.page(prefix, true, token).await?;
        folders.extend(page.folders);
        few.extend(page.objects);
        let has_days = folders.iter().any(|folder| is_time(folder));
        let is_last = page.next.is_none();
        if has_days || folders.is_empty() || folders.len() > FOLDERS_MAX || (!few.is_empty() && !is_last) {
            return Ok(below());
        }
        if is_last {
            let strand = (!few.is_empty()).then_some(Strand::Few(few));
            return Ok(Look { strand, folders });
        }
        token = page.next;
    }
}

/// Whether a folder is that of a year, as in `2026/` and `year=2026/`, or of a day, as in `date=2026-01-31/`: below its like,
/// keys come in the order of days.
fn is_time(folder: &str) -> bool {
    let name = folder.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let value = name.split_once('=').map_or(name, |(_, value)| value);
    let is_year = |text: &str| text.len() == 4 && (text.starts_with("19") || text.starts_with("20"));
    value.get(..4).is_some_and(is_year)
        && value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
        && matches!(value.len(), 4 | 7 | 8 | 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_and_days_are_told_from_other_numbers() {
        for folder in ["a/2026/", "year=2026/", "event_date=2026-01-31/", "x/20260131/", "2026-01/"] {
            assert!(is_time(folder), "{folder}");
        }
        for folder in ["AWSLogs/", "111122223333/", "201122223333/", "o-20/", "20/", "vpcflowlogs/", "2026-x/"] {
            assert!(!is_time(folder), "{folder}");
        }
    }
}
