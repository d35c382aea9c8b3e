//! What a bucket holds, in plan order: account by account, the regions of an account merged by day.
//!
//! A bucket can have more keys than fit in memory, so nothing but a page of each strand is held, and nobody waits for all of
//! them: objects are handed on while more are listed.

mod pages;
mod strands;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::io;
use std::sync::Arc;

use object_store::ObjectMeta;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinHandle;
use trailhouse_lake::{Bucket, Place, StoreFault};

pub(crate) use pages::{Page, Pages};
use strands::{Strand, strands};

use super::{Found, Listed, SkipReason, place_of};

/// Objects that are listed ahead of who takes them.
const AHEAD: usize = 8 << 10;
/// Strands of one account that are listed at once; more are listed behind them.
const STRANDS_AT_ONCE: usize = 256;

/// Lists some parts of one bucket on a runtime. Each may also be a single object.
pub(crate) fn list(pages: Arc<dyn Pages>, parts: Vec<Bucket>, runtime: &Handle) -> impl Iterator<Item = Found> + use<> {
    let (found, mut receiver): (_, Receiver<Found>) = channel(AHEAD);
    runtime.spawn(Lister { pages, found }.run(parts));
    std::iter::from_fn(move || receiver.blocking_recv())
}

/// Nobody listens any more.
struct Deaf;

struct Lister {
    pages: Arc<dyn Pages>,
    found: Sender<Found>,
}

impl Lister {
    async fn run(self, parts: Vec<Bucket>) {
        // Whoever stops listening knows why.
        let _ = self.list(&parts).await;
    }

    async fn list(&self, parts: &[Bucket]) -> Result<(), Deaf> {
        let Some(first) = parts.first() else { return Ok(()) };
        let folders = parts.iter().map(|part| if part.prefix.is_empty() { String::new() } else { part.key("") });
        let (accounts, unseen) = strands(self.pages.as_ref(), folders.collect()).await;
        let strand = |strand: Strand| self.cursor(first, strand);
        for (prefix, error) in unseen {
            self.unlisted(&first.address(&prefix), error).await?;
        }
        for part in parts.iter().filter(|part| !part.prefix.is_empty()) {
            self.tell_single(part).await?;
        }
        for (_, mut strands) in accounts {
            while !strands.is_empty() {
                let rest = strands.split_off(strands.len().min(STRANDS_AT_ONCE));
                let cursors = std::mem::replace(&mut strands, rest).into_iter().map(strand).collect();
                self.merge(cursors).await?;
            }
        }
        Ok(())
    }

    /// Tells of the object whose key is all of `part`, if there is one.
    async fn tell_single(&self, part: &Bucket) -> Result<(), Deaf> {
        match self.pages.page(&part.prefix, true, None).await {
            Ok(page) => {
                let own = page.objects.into_iter().find(|meta| meta.location.as_ref() == part.prefix);
                match own {
                    Some(meta) => self.tell(listed(part, meta)).await,
                    None => Ok(()),
                }
            }
            // The folder of the same name could not be listed either, which was told.
            Err(_) => Ok(()),
        }
    }

    /// Hands on the objects of some strands in the order of places and addresses, as far as each is in that order.
    async fn merge(&self, mut cursors: Vec<Cursor>) -> Result<(), Deaf> {
        let mut heads = BinaryHeap::new();
        for (number, cursor) in cursors.iter_mut().enumerate() {
            heads.extend(self.head(cursor, number).await?);
        }
        while let Some(Reverse((_, number))) = heads.pop() {
            let cursor = &mut cursors[number];
            if let Some(object) = cursor.ready.pop_front() {
                self.tell(Found::Object(object)).await?;
            }
            heads.extend(self.head(cursor, number).await?);
        }
        Ok(())
    }

    /// Where the next object of a cursor stands in the order, and the cursor's number.
    async fn head(&self, cursor: &mut Cursor, number: usize) -> Result<Option<Reverse<(Head, usize)>>, Deaf> {
        while cursor.ready.is_empty() {
            let Some(task) = cursor.coming.take() else { return Ok(None) };
            match task.await {
                Ok(Ok(page)) => {
                    cursor.coming = page.next.map(|token| self.ask(cursor.prefix.clone(), Some(token)));
                    self.take(cursor, page.objects).await?;
                }
                Ok(Err(error)) => self.unlisted(&cursor.bucket.address(&cursor.prefix), error).await?,
                Err(error) => self.tell(Found::Unlisted(cursor.prefix.clone(), io::Error::other(error))).await?,
            }
        }
        Ok(cursor.ready.front().map(|object| Reverse(((object.place, object.location.clone()), number))))
    }

    fn cursor(&self, bucket: &Bucket, strand: Strand) -> Cursor {
        let (prefix, coming) = match strand {
            Strand::Below(prefix) => (prefix.clone(), self.ask(prefix, None)),
            Strand::Few(objects) => (String::new(), tokio::spawn(async { Ok(Page { objects, ..Page::default() }) })),
        };
        Cursor { bucket: bucket.clone(), prefix, ready: VecDeque::new(), coming: Some(coming) }
    }

    /// Asks for a page: it comes while others are told.
    fn ask(&self, prefix: String, token: Option<String>) -> JoinHandle<object_store::Result<Page>> {
        let pages = Arc::clone(&self.pages);
        tokio::spawn(async move { pages.page(&prefix, false, token).await })
    }

    async fn take(&self, cursor: &mut Cursor, objects: Vec<ObjectMeta>) -> Result<(), Deaf> {
        for meta in objects {
            match listed(&cursor.bucket, meta) {
                Found::Object(object) => cursor.ready.push_back(object),
                other => self.tell(other).await?,
            }
        }
        Ok(())
    }

    async fn unlisted(&self, address: &str, error: object_store::Error) -> Result<(), Deaf> {
        self.tell(Found::Unlisted(address.to_owned(), io::Error::other(StoreFault::from(error)))).await
    }

    async fn tell(&self, found: Found) -> Result<(), Deaf> {
        self.found.send(found).await.map_err(|_| Deaf)
    }
}

fn listed(bucket: &Bucket, meta: ObjectMeta) -> Found {
    let address = bucket.address(meta.location.as_ref());
    if meta.size == 0 {
        return Found::Skipped(address, SkipReason::Empty);
    }
    let e_tag = meta.e_tag.map(|tag| tag.trim_matches('"').to_owned());
    let (place, location) = (place_of(&address), address);
    Found::Object(Listed { location, address: None, place, bytes: meta.size, modified: meta.last_modified, e_tag })
}

/// What an object is ordered by.
type Head = (Place, String);

/// A strand that is being listed.
struct Cursor {
    bucket: Bucket,
    prefix: String,
    /// Objects that are listed and not told.
    ready: VecDeque<Listed>,
    /// The next page, on its way.
    coming: Option<JoinHandle<object_store::Result<Page>>>,
}

#[cfg(test)]
mod tests;
