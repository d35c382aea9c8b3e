//! One schedule: who is at work, and who goes on next.

use std::cell::RefCell;
use std::collections::HashSet;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};

use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use futures::executor::block_on;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};
use trailhouse_etl::catalog::{Catalog, GlueCatalog};
use trailhouse_etl::feeds::{FeedOptions, feed};
use trailhouse_etl::stream::{Notice, StreamError, Streamer};
use trailhouse_lake::{Bucket, Content, Lake, Log, Place, Plan, PlanSettings, PlannedObject, PlannerId};

use crate::common::{gzip, key, records};
use crate::twins::MemoryGlue;
use crate::verdict::verdict;
use crate::world::{Gate, OneBucket, World};

const BUCKET: &str = "logs";
/// Steps after which a schedule is taken to go on for ever.
const STEPS_MAX: usize = 200_000;

type Actor = Pin<Box<dyn Future<Output = ()>>>;

/// How a schedule ended.
pub(crate) struct Ended {
    pub(crate) calls: usize,
    pub(crate) kills: usize,
    pub(crate) verdict: Result<(), String>,
}

/// A queue that gives a message again until it is done with.
#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Notice>,
    taken: Vec<(usize, Notice)>,
}

pub(crate) struct Play {
    world: Arc<World>,
    lake: Arc<InMemory>,
    logs: Arc<InMemory>,
    glue: Arc<MemoryGlue>,
    queue: Rc<RefCell<Queue>>,
    since: DateTime<Utc>,
    /// Object numbers that were there before the feed began.
    old: HashSet<usize>,
    objects: usize,
}

impl Play {
    pub(crate) fn new(seed: u64) -> Self {
        let world = World::new(seed, 0);
        let objects = 3 + world.dice.below(5);
        let faults = world.dice.below(12);
        let world = World::new(seed, faults);
        let since = Utc::now() - TimeDelta::days(1);
        let old = (0..objects).filter(|_| world.dice.one_in(2)).collect();
        let play = Self {
            world,
            lake: Arc::default(),
            logs: Arc::default(),
            glue: Arc::default(),
            queue: Rc::default(),
            since,
            old,
            objects,
        };
        block_on(play.set_the_stage());
        play
    }

    /// A lake with a feed, and objects, some of which were there before it.
    async fn set_the_stage(&self) {
        let lake = Lake::open_or_create_in(Arc::clone(&self.lake) as _, None).await.unwrap();
        let source = Bucket { name: BUCKET.to_owned(), prefix: String::new() };
        let options = FeedOptions::default();
        lake.add_feed(&feed(&lake, &source, &options, self.since)).await.unwrap();
        for number in 0..self.objects {
            let modified = if self.old.contains(&number) { TimeDelta::hours(-1) } else { TimeDelta::hours(1) };
            self.put(number, self.since + modified).await;
            if !self.old.contains(&number) {
                self.tell(number);
            }
        }
    }

    async fn put(&self, number: usize, modified: DateTime<Utc>) {
        let content = gzip(&records(number, 20));
        self.world.tell(&key(number), &content, modified);
        self.logs.put(&Path::from(key(number)), content.into()).await.unwrap();
    }

    /// S3 tells of an object at least once.
    fn tell(&self, number: usize) {
        for _ in 0..1 + usize::from(self.world.dice.one_in(3)) {
            let notice = Notice { bucket: BUCKET.to_owned(), key: key(number), version: None };
            self.queue.borrow_mut().waiting.push(notice);
        }
    }

    fn gate(&self, inner: &Arc<InMemory>, is_old: bool) -> Gate {
        Gate { inner: Arc::clone(inner), world: Arc::clone(&self.world), is_old }
    }

    fn streamer(&self, lake: Lake) -> Streamer {
        let place = Bucket { name: "lake".to_owned(), prefix: String::new() };
        let catalog = GlueCatalog::new(Arc::clone(&self.glue) as _, "d", &place, lake.partitioning());
        let (catalog, buckets) = (Arc::new(catalog) as Arc<dyn Catalog>, OneBucket(self.gate(&self.logs, false)));
        Streamer::new(lake, catalog, Arc::new(buckets))
    }

    /// Someone of whatever version opens the lake.
    fn open(&self, is_old: bool) -> impl Future<Output = Option<Lake>> + use<> {
        let gate = self.gate(&self.lake, is_old);
        async move { Lake::open_in(Arc::new(gate)).await.ok() }
    }

    /// A function: takes a few messages, and is done with each that it has read.
    fn function(&self, number: usize) -> Actor {
        let is_old = self.world.dice.one_in(3);
        let (opening, queue, me) = (self.open(is_old), Rc::clone(&self.queue), self.again());
        let batch = 1 + self.world.dice.below(3);
        Box::pin(async move {
            let Some(lake) = opening.await else { return };
            let streamer = me.streamer(lake);
            for _ in 0..batch {
                let Some(notice) = take(&queue, number, &me.world) else { return };
                let read = streamer.read(&notice, None).await;
                if let Err(error) = &read
                    && std::env::var_os("TRAILHOUSE_SCHEDULE").is_some()
                {
                    eprintln!("{}: {}", notice.key, trailhouse_etl::chain(error));
                }
                if read.is_ok() {
                    queue.borrow_mut().taken.retain(|taken| *taken != (number, notice.clone()));
                }
            }
        })
    }

    /// A batch over the whole bucket.
    fn batch(&self) -> Actor {
        let (opening, me) = (self.open(self.world.dice.one_in(3)), self.again());
        Box::pin(async move {
            let Some(lake) = opening.await else { return };
            let streamer = me.streamer(lake);
            // What fails is left to the next batch.
            let _ = me.run_batch(&streamer).await;
        })
    }

    async fn run_batch(&self, streamer: &Streamer) -> Result<(), StreamError> {
        let lake = streamer.lake();
        let mut log = lake.log().await?;
        finish_plans(streamer, &mut log).await?;
        let gate = self.gate(&self.logs, false);
        let listed: Vec<ObjectMeta> = gate
            .list(None)
            .try_collect()
            .await
            .map_err(|error| trailhouse_lake::LakeError::store("listing", &BUCKET)(error))?;
        let feeds = lake.feeds().await?;
        let mut objects = Vec::new();
        for meta in listed {
            let object = planned(&meta);
            if feeds.of(BUCKET, meta.location.as_ref(), meta.last_modified).is_none() {
                objects.push((Place::default(), object));
            } else if !log.is_planned(object.source_id) {
                let notice = Notice { bucket: BUCKET.to_owned(), key: meta.location.to_string(), version: None };
                streamer.read(&notice, None).await?;
            }
        }
        let settings = settings(lake);
        let claimed = lake.claim(&mut log, PlannerId::random(), settings, "s3://logs", objects).await?;
        if let Some(claimed) = claimed {
            run_plan(streamer, claimed.number, &claimed.plan).await?;
        }
        lake.catch_up(&mut log).await?;
        finish_plans(streamer, &mut log).await
    }

    /// An old object is put again, with the same content.
    fn copy(&self, number: usize) -> Actor {
        let me = self.again();
        Box::pin(async move {
            me.world.call().await;
            me.put(number, me.since + TimeDelta::hours(2)).await;
            me.tell(number);
        })
    }

    fn again(&self) -> Self {
        Self {
            world: Arc::clone(&self.world),
            lake: Arc::clone(&self.lake),
            logs: Arc::clone(&self.logs),
            glue: Arc::clone(&self.glue),
            queue: Rc::clone(&self.queue),
            since: self.since,
            old: self.old.clone(),
            objects: self.objects,
        }
    }

    /// Lets everybody work until all is done, then lets one more batch find what is left.
    pub(crate) fn run(self) -> Ended {
        let dice = &self.world.dice;
        let mut kills_left = dice.below(5);
        let (mut kills, mut numbers, mut steps) = (0, 0, 0);
        let mut actors: Vec<(usize, Actor)> = Vec::new();
        let mut batches = dice.below(3);
        let mut copies: Vec<usize> = (0..self.objects).filter(|number| self.old.contains(number)).collect();
        copies.retain(|_| dice.one_in(2));
        loop {
            while batches > 0 && dice.one_in(2) {
                batches -= 1;
                actors.push((usize::MAX, self.batch()));
            }
            // Early or late: while its first content is planned, read, or long in the lake.
            if dice.one_in(60) {
                actors.extend(copies.pop().map(|number| (usize::MAX, self.copy(number))));
            }
            let is_waiting = !self.queue.borrow().waiting.is_empty();
            if is_waiting && actors.len() < 4 && (actors.is_empty() || dice.one_in(4)) {
                numbers += 1;
                actors.push((numbers, self.function(numbers)));
            }
            if actors.is_empty() {
                if batches == 0 && copies.is_empty() && self.queue.borrow().waiting.is_empty() {
                    break;
                }
                continue;
            }
            let chosen = dice.below(actors.len());
            if kills_left > 0 && dice.one_in(40) {
                (kills_left, kills) = (kills_left - 1, kills + 1);
                self.end(actors.swap_remove(chosen).0);
                continue;
            }
            let (number, actor) = &mut actors[chosen];
            let number = *number;
            if actor.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                drop(actors.swap_remove(chosen));
                self.end(number);
            }
            steps += 1;
            if steps > STEPS_MAX {
                return self.ended(kills, Err("it goes on for ever".to_owned()));
            }
        }
        self.heal();
        let verdict = verdict(&self.lake, &self.glue, self.objects);
        self.ended(kills, verdict)
    }

    /// Whoever was at work has ended: the messages that he was not done with come again.
    fn end(&self, number: usize) {
        let mut queue = self.queue.borrow_mut();
        let taken = std::mem::take(&mut queue.taken);
        let (mine, others): (Vec<_>, Vec<_>) = taken.into_iter().partition(|(taker, _)| *taker == number);
        queue.taken = others;
        queue.waiting.extend(mine.into_iter().map(|(_, notice)| notice));
    }

    /// One undisturbed batch, and another one for what that had to give up.
    fn heal(&self) {
        self.world.calm();
        for _ in 0..2 {
            block_on(async {
                let streamer = self.streamer(self.open(false).await.unwrap());
                self.run_batch(&streamer).await.unwrap();
            });
        }
    }

    fn ended(self, kills: usize, verdict: Result<(), String>) -> Ended {
        let calls = *self.world.calls.lock().unwrap();
        Ended { calls, kills, verdict }
    }
}

fn take(queue: &RefCell<Queue>, number: usize, world: &World) -> Option<Notice> {
    let mut queue = queue.borrow_mut();
    let waiting = queue.waiting.len();
    if waiting == 0 {
        return None;
    }
    let notice = queue.waiting.swap_remove(world.dice.below(waiting));
    queue.taken.push((number, notice.clone()));
    Some(notice)
}

async fn finish_plans(streamer: &Streamer, log: &mut Log) -> Result<(), StreamError> {
    for number in log.take_unfinished() {
        let plan = streamer.lake().plan(number).await?;
        run_plan(streamer, number, &plan).await?;
    }
    Ok(())
}

async fn run_plan(streamer: &Streamer, number: u32, plan: &Plan) -> Result<(), StreamError> {
    for group in &plan.groups {
        streamer.run_group((number, plan), group, None).await?;
    }
    Ok(())
}

fn planned(meta: &ObjectMeta) -> PlannedObject {
    let location = format!("s3://{BUCKET}/{}", meta.location);
    let etag = meta.e_tag.clone().unwrap().trim_matches('"').to_owned();
    let content = Content::ETag { etag, modified: meta.last_modified.timestamp() };
    PlannedObject {
        source_id: content.source_id(&location),
        location,
        address: None,
        content,
        stored_bytes: meta.size,
        modified_day: 20_500,
        format: None,
    }
}

fn settings(lake: &Lake) -> PlanSettings {
    let mut settings = PlanSettings::of_payloads(lake.partitioning(), false);
    // Groups of two: some objects are lost with others.
    (settings.group.objects_soft, settings.group.objects_max) = (2, 2);
    settings.group.bytes_max = u64::MAX;
    settings
}
