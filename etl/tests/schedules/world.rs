//! A world of one bucket of logs, one lake and one catalog, in which every call is a moment at which anything may happen.

use std::collections::HashMap;
use std::fmt;
use std::ops::Range;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
};
use trailhouse_etl::stream::Buckets;
use trailhouse_lake::LakeError;

/// Seeded chance: splitmix64.
#[derive(Debug)]
pub(crate) struct Dice(Mutex<u64>);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }

    fn next(&self) -> u64 {
        let mut state = self.0.lock().unwrap();
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let value = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ (value >> 31)
    }

    pub(crate) fn below(&self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).unwrap()
    }

    /// Whether one in `times` happens.
    pub(crate) fn one_in(&self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// What all stores and catalogs of a world share.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) dice: Dice,
    /// How many calls may still fail.
    faults: Mutex<usize>,
    /// The log objects' ETags and times, as S3 would tell them.
    told: Mutex<HashMap<String, (String, DateTime<Utc>)>>,
    pub(crate) calls: Mutex<usize>,
}

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It is not made.
    Before,
    /// It is made, and its answer lost.
    After,
    /// Another one was under way: S3's 409.
    Conflict,
}

impl World {
    pub(crate) fn new(seed: u64, faults: usize) -> Arc<Self> {
        let (faults, told, calls) = (Mutex::new(faults), Mutex::default(), Mutex::default());
        Arc::new(Self { dice: Dice::new(seed), faults, told, calls })
    }

    /// Lets others go on, and then says what goes wrong.
    pub(crate) async fn call(&self) -> Option<Fault> {
        Turn(false).await;
        *self.calls.lock().unwrap() += 1;
        let mut faults = self.faults.lock().unwrap();
        if *faults == 0 || !self.dice.one_in(9) {
            return None;
        }
        *faults -= 1;
        Some([Fault::Before, Fault::After, Fault::Conflict][self.dice.below(3)])
    }

    /// From now on nothing goes wrong.
    pub(crate) fn calm(&self) {
        *self.faults.lock().unwrap() = 0;
    }

    /// What S3 will tell of a log object.
    pub(crate) fn tell(&self, key: &str, content: &[u8], modified: DateTime<Utc>) {
        let etag = format!("\"{}\"", trailhouse_lake::ContentHash::of(content));
        self.told.lock().unwrap().insert(key.to_owned(), (etag, modified));
    }

    fn retell(&self, meta: &mut ObjectMeta) {
        if let Some((etag, modified)) = self.told.lock().unwrap().get(meta.location.as_ref()) {
            (meta.e_tag, meta.last_modified) = (Some(etag.clone()), *modified);
        }
    }
}

/// Comes back at once, but not before others could have had their turn.
struct Turn(bool);

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        // Whoever waits for several calls at once asks again only those that are awake.
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

/// A store of a world, as one program sees it.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    pub(crate) inner: Arc<InMemory>,
    pub(crate) world: Arc<World>,
    /// Whether whoever puts through it is of an earlier version.
    pub(crate) is_old: bool,
}

impl fmt::Display for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a store of the world")
    }
}

fn failed(why: &str) -> Error {
    Error::Generic { store: "world", source: why.to_owned().into() }
}

/// The same file as an earlier version would have written it: with other bytes, of the same rows.
fn aged(payload: PutPayload) -> PutPayload {
    let mut bytes: Vec<u8> = payload.iter().flat_map(|chunk| chunk.to_vec()).collect();
    let mine = trailhouse_etl::CREATED_BY.as_bytes();
    let at = bytes.windows(mine.len()).rposition(|window| window == mine).unwrap();
    bytes[at + mine.len() - 1] = b'~';
    bytes.into()
}

#[async_trait]
impl ObjectStore for Gate {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let fault = self.world.call().await;
        let payload = match self.is_old && location.as_ref().ends_with(".parquet") {
            true => aged(payload),
            false => payload,
        };
        match fault {
            Some(Fault::Before) => return Err(failed("it was not put")),
            Some(Fault::Conflict) if matches!(opts.mode, PutMode::Create) => {
                let (path, source) = (location.to_string(), "another put was under way".into());
                return Err(Error::AlreadyExists { path, source });
            }
            _ => {}
        }
        let answer = self.inner.put_opts(location, payload, opts).await;
        if fault == Some(Fault::After) { Err(failed("the answer was lost")) } else { answer }
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        if self.world.call().await.is_some() {
            return Err(failed("it was not read"));
        }
        let mut found = self.inner.get_opts(location, options).await?;
        self.world.retell(&mut found.meta);
        Ok(found)
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        let (world, inner) = (Arc::clone(&self.world), Arc::clone(&self.inner));
        let locations = locations.then(move |location| {
            let world = Arc::clone(&world);
            async move {
                world.call().await;
                location
            }
        });
        inner.delete_stream(locations.boxed())
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (gate, prefix) = (self.clone(), prefix.cloned());
        let listed = async move {
            if gate.world.call().await.is_some() {
                return futures::stream::iter([Err(failed("it was not listed"))]).boxed();
            }
            let world = Arc::clone(&gate.world);
            let told = move |meta: Result<ObjectMeta>| {
                meta.map(|mut meta| {
                    world.retell(&mut meta);
                    meta
                })
            };
            gate.inner.list(prefix.as_ref()).map(told).boxed()
        };
        futures::stream::once(listed).flatten().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.inner.rename_opts(from, to, options).await
    }
}

/// The one bucket of the world.
#[derive(Debug)]
pub(crate) struct OneBucket(pub(crate) Gate);

#[async_trait]
impl Buckets for OneBucket {
    async fn open(&self, _: &str) -> std::result::Result<Arc<dyn ObjectStore>, LakeError> {
        Ok(Arc::new(self.0.clone()))
    }
}
