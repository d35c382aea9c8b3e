//! A store that fails when it is told to.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::executor::block_on;
use futures::stream::BoxStream;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
};
use trailhouse_etl::{IngestError, Silent, StopFlag, Summary, ingest_into};
use trailhouse_lake::{FolderStore, Lake};

use super::Bench;

/// What happens to a put that is to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing is written.
    Before,
    /// The object is written, and the answer lost.
    After,
    /// The object is written by somebody else, in the same moment: the store answers that it exists.
    Beaten,
    /// So is a plan: by another planner.
    Overtaken,
}

/// Fails its puts from one on, as a store does that went away; or one of them, as one that is asked again.
#[derive(Debug)]
pub(crate) struct FaultStore {
    inner: Arc<dyn ObjectStore>,
    fault: Fault,
    first: u64,
    is_lasting: bool,
    puts: AtomicU64,
    on_plan: Option<OnPlan>,
}

/// What happens behind each plan that is put.
pub(crate) struct OnPlan(pub(crate) Box<dyn Fn() + Send + Sync>);

impl fmt::Debug for OnPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnPlan")
    }
}

impl FaultStore {
    /// `inner`, whose put number `first`, from 0, fails, and those behind it too if `is_lasting`.
    pub(crate) fn new(inner: Arc<dyn ObjectStore>, fault: Fault, first: u64, is_lasting: bool) -> Self {
        Self { inner, fault, first, is_lasting, puts: AtomicU64::new(0), on_plan: None }
    }

    /// `inner`, with something that happens behind each plan.
    pub(crate) fn on_plan(inner: Arc<dyn ObjectStore>, act: OnPlan) -> Self {
        Self { on_plan: Some(act), ..Self::new(inner, Fault::Before, u64::MAX, false) }
    }

    /// The puts so far.
    pub(crate) fn puts(&self) -> u64 {
        self.puts.load(Ordering::Relaxed)
    }
}

fn of_another_planner(plan: &PutPayload) -> PutPayload {
    let content: Vec<u8> = plan.iter().flat_map(|chunk| chunk.to_vec()).collect();
    let mut plan: trailhouse_lake::Plan = serde_json::from_slice(&content).unwrap();
    plan.planner = trailhouse_lake::PlannerId::random();
    serde_json::to_vec(&plan).unwrap().into()
}

impl fmt::Display for FaultStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failing {}", self.inner)
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl ObjectStore for FaultStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        let number = self.puts.fetch_add(1, Ordering::Relaxed);
        let is_hit = number == self.first || (self.is_lasting && number > self.first);
        if !is_hit {
            let put = self.inner.put_opts(location, payload, opts).await;
            if let Some(OnPlan(act)) = self.on_plan.as_ref().filter(|_| location.as_ref().contains("/plans/")) {
                act();
            }
            return put;
        }
        if self.fault != Fault::Before {
            let content = if self.fault == Fault::Overtaken { of_another_planner(&payload) } else { payload.clone() };
            self.inner.put_opts(location, content, opts.clone()).await?;
        }
        if matches!(self.fault, Fault::Beaten | Fault::Overtaken) {
            return self.inner.put_opts(location, payload, opts).await;
        }
        Err(Error::Generic { store: "FaultStore", source: format!("put {number} failed").into() })
    }

    async fn put_multipart_opts(&self, location: &Path, opts: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(location, opts).await
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
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

/// Runs with a store whose puts fail; the puts that were tried.
pub(crate) fn run_with_fault(
    bench: &Bench,
    lake: &str,
    fault: Fault,
    put: u64,
    is_lasting: bool,
) -> (Result<Summary, IngestError>, u64) {
    let folder = Arc::new(FolderStore::create(&bench.path(lake)).unwrap());
    let store = Arc::new(FaultStore::new(folder, fault, put, is_lasting));
    let opened = block_on(Lake::open_or_create_in(Arc::clone(&store) as Arc<_>, None));
    let result = opened
        .map_err(IngestError::from)
        .and_then(|lake_of_faults| ingest_into(&lake_of_faults, &bench.options(lake), &Silent, &StopFlag::new()))
        .and_then(|mut summary| summary.failure.take().map_or(Ok(summary), Err));
    (result, store.puts())
}

/// A plan that is claimed, and no group of it run.
pub(crate) fn plan_only(bench: &Bench, lake: &str) {
    // lake.json is put 0, the first plan put 1.
    let (result, _) = run_with_fault(bench, lake, Fault::Before, 2, true);
    result.unwrap_err();
    assert!(bench.tables(lake).is_empty() && bench.path(lake).join("_trailhouse/plans/00000000.json").exists());
}
