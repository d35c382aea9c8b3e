//! The ingest job, from the command's words to its summary.

mod fed;
mod unfinished;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Instant;

use futures::{StreamExt, stream};
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use rayon::{ThreadPool, ThreadPoolBuilder};
use tokio::runtime::{Handle, Runtime};
use trailhouse_lake::{Lake, LakeError, Location, Log, Place, Plan, PlanSettings, PlannedObject, PlannerId, SourceId};

use crate::catalog::Catalog;
use crate::checksum::Checksums;
use crate::error::{GroupError, IngestError};
use crate::halt::Halt;
use crate::inspect::{Look, Verdict};
use crate::limits::{HASH_OBJECTS, LOOKS_AT_ONCE, PLAN_BYTES_MAX};
use crate::options::IngestOptions;
use crate::places::{FoundObjects, Places};
use crate::progress::{Progress, StopFlag};
use crate::run::Job;
use crate::source::{Found, Listed, Roots, SkipReason, Source};
use crate::stream::Streamer;
use crate::summary::Summary;
use crate::work::settings;

/// Brings the objects of the sources into the lake, or as many as can be before `stop` is set.
///
/// Safe to run again, at the same time as others, and after any crash: see [`trailhouse_lake`]. Blocks, and must not be
/// called from within a runtime.
///
/// # Errors
///
/// When the sources or the lake cannot be used at all. What befalls single objects and groups is in the [`Summary`].
pub fn ingest(options: &IngestOptions, progress: &dyn Progress, stop: &StopFlag) -> Result<Summary, IngestError> {
    let started = Instant::now();
    let runtime = runtime()?;
    let roots = Roots::resolve(&options.sources, &options.lake)?;
    let places = Places::new(runtime.handle());
    let lake = runtime.block_on(open(options, &places))?;
    bring_in(lake.as_ref(), &roots, options, (progress, stop), &places, started)
}

/// The same, with a lake that is open; `options.lake` only says where it must not be read from.
///
/// # Errors
///
/// As [`ingest`].
pub fn ingest_into(
    lake: &Lake,
    options: &IngestOptions,
    progress: &dyn Progress,
    stop: &StopFlag,
) -> Result<Summary, IngestError> {
    let started = Instant::now();
    let runtime = runtime()?;
    let roots = Roots::resolve(&options.sources, &options.lake)?;
    bring_in(Some(lake), &roots, options, (progress, stop), &Places::new(runtime.handle()), started)
}

fn runtime() -> Result<Runtime, IngestError> {
    // It waits for the store and no more.
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(IngestError::Workers)
}

/// The lake; none where a dry run would make one.
async fn open(options: &IngestOptions, places: &Places) -> Result<Option<Lake>, LakeError> {
    let location = Location::parse(&options.lake)?;
    if !options.dry_run {
        return places.open_or_create_lake(&location, options.partitioning).await.map(Some);
    }
    let lake = match places.open_lake(&location).await {
        Ok(lake) => lake,
        Err(LakeError::NotALake { .. }) => return places.check_lake(&location).map(|()| None),
        Err(error) => return Err(error),
    };
    lake.expect_partitioning(options.partitioning)?;
    Ok(Some(lake))
}

/// List; finish what earlier runs left; plan and run what is new.
fn bring_in(
    lake: Option<&Lake>,
    roots: &Roots,
    options: &IngestOptions,
    (progress, stop): (&dyn Progress, &StopFlag),
    places: &Places,
    started: Instant,
) -> Result<Summary, IngestError> {
    let runtime = places.runtime();
    let log = lake.map_or_else(|| Ok(Log::default()), |lake| runtime.block_on(lake.log()))?;
    let (found, total) = places.list(roots, stop)?;
    let root = roots.common();
    let source = places.source(&root)?;
    let mut ingest = Ingest {
        lake,
        catalog: runtime.block_on(places.catalog(lake))?,
        places,
        runtime,
        options,
        progress,
        halt: Halt::new(stop),
        planner: PlannerId::random(),
        checksums: Checksums::new(),
        log,
        resumed: HashSet::new(),
        known: HashSet::new(),
        root: &root,
        summary: Summary::default(),
        total,
        streamer: None,
    };
    ingest.progress.total(ingest.total.0, ingest.total.1);
    let end = ingest.run_all(found, &source);
    ingest.count_known();
    let mut summary = ingest.summary;
    summary.seconds = started.elapsed().as_secs_f64();
    // What was done before the lake failed is told as well: it has its receipts.
    summary.failure = end.err();
    Ok(summary)
}

/// One run.
struct Ingest<'r> {
    lake: Option<&'r Lake>,
    /// What knows the lake's partitions.
    catalog: Arc<dyn Catalog>,
    places: &'r Places,
    runtime: &'r Handle,
    options: &'r IngestOptions,
    progress: &'r dyn Progress,
    halt: Halt,
    planner: PlannerId,
    /// Of the objects that this run hashed for the plan that it makes or has made last.
    checksums: Checksums,
    log: Log,
    /// Objects of earlier plans that this run takes up: they are not known before it.
    resumed: HashSet<SourceId>,
    /// Objects of the sources that are in plans, and that this run does not read.
    known: HashSet<SourceId>,
    /// The place that holds all sources.
    root: &'r str,
    summary: Summary,
    total: (u64, u64),
    /// Reads objects that are a feed's, once there is one.
    streamer: Option<Arc<Streamer>>,
}

/// New objects that are not in a plan yet.
#[derive(Default)]
struct Candidates {
    objects: Vec<(Place, PlannedObject)>,
    ids: HashSet<SourceId>,
    bytes: u64,
}

impl Ingest<'_> {
    /// Everything, in order. Behind it, all objects of the sources are in the lake, whoever planned them, or told of.
    fn run_all(&mut self, found: FoundObjects<'_>, source: &Source) -> Result<(), IngestError> {
        self.remove_late_files()?;
        self.finish_plans()?;
        self.bring_in_new(found, source)?;
        self.finish_plans_of_others()
    }

    /// Whether to go no further, which the summary then says.
    fn is_interrupted(&mut self) -> bool {
        self.summary.is_interrupted |= self.halt.is_set();
        self.halt.is_set()
    }

    fn bring_in_new(&mut self, mut found: FoundObjects<'_>, source: &Source) -> Result<(), IngestError> {
        let pool = ThreadPoolBuilder::new().num_threads(self.options.workers().get()).build();
        let pool = pool.map_err(|error| IngestError::Workers(std::io::Error::other(error)))?;
        let mut candidates = Candidates::default();
        loop {
            let batch = self.take_batch(&mut found, source.is_far());
            if batch.is_empty() {
                return self.plan_and_run(candidates, source);
            }
            let fed = self.fed(source)?;
            let mut streamed = Vec::new();
            let look = Look { source, format: self.options.format, key: self.checksums.key(), halt: &self.halt };
            for (place, bytes, verdict) in inspect_all(&pool, &look, batch) {
                if matches!(verdict, Verdict::Halted) {
                    self.summary.is_interrupted = true;
                    return Ok(());
                }
                if let Some(object) = self.judge(verdict, bytes, &candidates) {
                    match fed.as_ref().and_then(|fed| fed.notice(&object)) {
                        Some(notice) => streamed.push((notice, bytes)),
                        None => candidates.add(place, object),
                    }
                }
                if candidates.is_plan(self.options.limits.plan_objects) {
                    self.plan_and_run(std::mem::take(&mut candidates), source)?;
                    self.checksums.clear();
                }
            }
            if let Some(fed) = fed {
                self.stream(&fed, streamed)?;
            }
        }
    }

    /// The next objects, fewer than asked for only at the end; tells of all else that is found before them.
    fn take_batch(&mut self, found: &mut FoundObjects<'_>, is_new: bool) -> Vec<Listed> {
        let mut batch = Vec::new();
        while batch.len() < HASH_OBJECTS && !self.halt.is_set() {
            match found.next() {
                Some(Found::Object(object)) => batch.push(object),
                Some(Found::Skipped(path, reason)) => self.skip(&path, &reason),
                Some(Found::Unlisted(folder, source)) => self.summary.stop(0, GroupError::Unlisted { folder, source }),
                None => break,
            }
        }
        if is_new && !batch.is_empty() {
            // A bucket's objects are not known before they are listed.
            self.total.0 += batch.len() as u64;
            self.total.1 += batch.iter().map(|object| object.bytes).sum::<u64>();
            self.progress.total(self.total.0, self.total.1);
        }
        self.summary.is_interrupted |= self.halt.is_set();
        batch
    }

    /// The object, when it is a log that is in no plan.
    fn judge(&mut self, verdict: Verdict, bytes: u64, candidates: &Candidates) -> Option<PlannedObject> {
        match verdict {
            Verdict::Log(object, checksum) => {
                let id = object.source_id;
                if candidates.ids.contains(&id) {
                    self.summary.objects_known += 1;
                } else if !self.log.is_planned(id) {
                    checksum.into_iter().for_each(|checksum| self.checksums.note(id, checksum));
                    return Some(object);
                } else if !self.resumed.contains(&id) {
                    self.known.insert(id);
                }
            }
            Verdict::Skip(listed, reason) => self.skip(&listed.location, &reason),
            Verdict::Unreadable(listed, source) => {
                let address = listed.address().to_owned();
                self.summary.stop(1, GroupError::Unreadable { address, source });
            }
            Verdict::Halted => {}
        }
        self.progress.done(1, bytes);
        None
    }

    fn skip(&mut self, location: &str, reason: &SkipReason) {
        self.summary.objects_skipped += 1;
        self.progress.skipped(location, reason);
    }

    fn plan_and_run(&mut self, candidates: Candidates, source: &Source) -> Result<(), IngestError> {
        let Some(lake) = self.lake.filter(|_| !self.options.dry_run) else {
            self.summary.objects += candidates.objects.len() as u64;
            self.summary.bytes_in += candidates.bytes;
            return Ok(());
        };
        if self.is_interrupted() {
            return Ok(());
        }
        let settings = self.options.settings(lake.partitioning());
        let root = self.root;
        self.claim_and_run(lake, (source, root), settings, candidates.objects)
    }

    fn claim_and_run(
        &mut self,
        lake: &Lake,
        (source, root): (&Source, &str),
        settings: PlanSettings,
        objects: Vec<(Place, PlannedObject)>,
    ) -> Result<(), IngestError> {
        let mut others: HashSet<SourceId> = objects.iter().map(|(_, object)| object.source_id).collect();
        let claimed = self.runtime.block_on(lake.claim(&mut self.log, self.planner, settings, root, objects))?;
        for object in claimed.iter().flat_map(|claimed| &claimed.plan.groups).flat_map(|group| &group.objects) {
            others.remove(&object.source_id);
        }
        // What is left was planned by another run meanwhile.
        self.known.extend(others);
        let Some(claimed) = claimed else { return Ok(()) };
        let groups = (0..claimed.plan.groups.len()).collect();
        self.run(source, (claimed.number, &claimed.plan), groups)
    }

    fn run(&mut self, source: &Source, (number, plan): (u32, &Plan), groups: Vec<usize>) -> Result<(), IngestError> {
        let settings = match settings(&plan.settings) {
            Ok(settings) => settings,
            Err(source) => {
                let objects = groups.iter().map(|index| plan.groups[*index].objects.len()).sum();
                self.summary.stop(objects, GroupError::Header { plan: number, source });
                return Ok(());
            }
        };
        let Some(lake) = self.lake.filter(|_| !self.options.dry_run) else {
            for group in groups.iter().map(|index| &plan.groups[*index]) {
                self.summary.objects += group.objects.len() as u64;
                self.summary.bytes_in += group.stored_bytes();
            }
            return Ok(());
        };
        let may_abandon = self.may_abandon(lake, number, plan)?;
        let job = Job::new(
            (lake, self.catalog.as_ref(), self.runtime),
            source,
            (number, plan, &self.checksums),
            settings,
            may_abandon,
            self.progress,
            &self.halt,
        );
        job.run(groups, self.options.workers(), &mut self.summary)?;
        let abandoned = job.into_abandoned();
        self.plan_again(lake, source, (number, plan), abandoned)
    }
}

impl Candidates {
    fn add(&mut self, place: Place, object: PlannedObject) {
        self.ids.insert(object.source_id);
        self.bytes += object.stored_bytes;
        self.objects.push((place, object));
    }

    fn is_plan(&self, plan_objects: usize) -> bool {
        self.objects.len() >= plan_objects.max(1) || self.bytes >= PLAN_BYTES_MAX
    }
}

/// What the objects of a batch are, in order, with their places and bytes.
fn inspect_all(pool: &ThreadPool, look: &Look<'_>, batch: Vec<Listed>) -> Vec<(Place, u64, Verdict)> {
    if look.source.is_far() {
        let looked = stream::iter(batch).map(async |listed| {
            let (place, bytes) = (listed.place, listed.bytes);
            (place, bytes, look.inspect_far(listed).await)
        });
        return look.source.reach().wait(looked.buffered(LOOKS_AT_ONCE).collect());
    }
    pool.install(|| {
        let looked = batch.into_par_iter().map_init(Vec::new, |buffer, listed| {
            let (place, bytes) = (listed.place, listed.bytes);
            (place, bytes, look.inspect(listed, buffer))
        });
        looked.collect()
    })
}
