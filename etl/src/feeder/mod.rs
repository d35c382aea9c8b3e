//! The feeder of one worker: takes groups from the queue and reads their objects, in order and ahead.

mod ahead;

use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender};

use object_store::ObjectMeta;
use trailhouse_lake::{Content, ContentHash, Group, Loss, LostObject, PlannedObject, StoreFault};

use crate::budget::{Budget, Lease};
use crate::error::GroupError;
use crate::finish::Report;
use crate::limits::{CHUNK_BYTES, FEED_BYTES_LOW, FEED_BYTES_MAX, WHOLE_BYTES_MAX};
use crate::run::Job;
use crate::source::{Reader, Whole};
use ahead::{Ahead, Coming};

/// What a worker is told, group by group: `Group`, then for each object `Whole` or `Stream` with its chunks, then
/// `GroupEnd`.
pub(crate) enum Fed {
    /// The group with this place in the plan begins.
    Group(usize),
    /// The next object, whole and as planned, and the SHA-256 of its bytes.
    Whole(Load, ContentHash),
    /// The next object begins, in chunks.
    Stream,
    /// Its next bytes.
    Chunk(Load),
    /// Its end: the SHA-256 of its bytes, if they were what was planned. If not, the group's end says why.
    StreamEnd(Option<ContentHash>),
    /// The group's end: whether all its objects could be read.
    GroupEnd(Result<(), Unread>),
}

/// Why a group was not read to its end.
#[derive(Debug)]
pub(crate) enum Unread {
    /// Some of its objects are not there as they were planned: all of those.
    Lost(Vec<LostObject>),
    /// Something failed.
    Failed(GroupError),
}

impl From<GroupError> for Unread {
    fn from(error: GroupError) -> Self {
        Self::Failed(error)
    }
}

/// Why one object could not be fed.
enum Unfed {
    Lost(Loss),
    Failed(GroupError),
    /// The worker is gone; there is nobody to read for.
    Deaf,
}

/// Bytes that count as under way until they are dropped.
pub(crate) struct Load {
    pub(crate) bytes: Vec<u8>,
    _lease: Lease,
}

/// The groups of a plan that are to be done, handed out in order.
pub(crate) struct Queue {
    groups: Vec<usize>,
    next: AtomicUsize,
}

impl Queue {
    pub(crate) fn new(groups: Vec<usize>) -> Self {
        Self { groups, next: AtomicUsize::new(0) }
    }

    /// The next group's place in the plan.
    fn take(&self) -> Option<usize> {
        self.groups.get(self.next.fetch_add(1, Ordering::Relaxed)).copied()
    }

    /// Whether groups are left that nobody took.
    pub(crate) fn has_rest(&self) -> bool {
        self.next.load(Ordering::Relaxed) < self.groups.len()
    }
}

/// The reading half of a worker.
pub(crate) struct Feeder<'j> {
    job: &'j Job<'j>,
    queue: &'j Queue,
    feed: SyncSender<Fed>,
    reports: SyncSender<Report>,
    budget: Budget,
}

/// The worker is gone.
struct Deaf;

impl From<Deaf> for Unfed {
    fn from(_: Deaf) -> Self {
        Self::Deaf
    }
}

impl<'j> Feeder<'j> {
    pub(crate) fn new(job: &'j Job<'j>, queue: &'j Queue, feed: SyncSender<Fed>, reports: SyncSender<Report>) -> Self {
        Self { job, queue, feed, reports, budget: Budget::new(FEED_BYTES_MAX) }
    }

    /// Reads group after group, until none is left, the run is to stop, or the worker is gone.
    pub(crate) fn run(self) {
        while !self.job.halt.is_set()
            && let Some(index) = self.queue.take()
        {
            let group = &self.job.plan.groups[index];
            match self.job.receipt(group) {
                // Another run may be at work on the same plan.
                Ok(Some(receipt)) => {
                    if self.reports.send(Report::Ended { index, receipt }).is_err() {
                        return;
                    }
                }
                Ok(None) => {
                    if self.feed_group(index, group).is_err() {
                        return;
                    }
                    self.budget.wait_for_low(FEED_BYTES_LOW);
                }
                Err(_) => return,
            }
        }
    }

    fn feed_group(&self, index: usize, group: &Group) -> Result<(), Deaf> {
        self.send(Fed::Group(index))?;
        let mut lost = Vec::new();
        let mut ahead = Ahead::new(self.job.source, self.job.runtime, &self.budget, &group.objects);
        for object in &group.objects {
            if self.job.halt.is_set() || self.job.is_given_up(index) {
                return self.send(Fed::GroupEnd(Err(GroupError::Halted.into())));
            }
            // Behind one that is lost the others are only looked at, so that all of the lost are known at once.
            let coming = ahead.next();
            let fed = match coming {
                Some(coming) => self.feed_coming(object, coming, lost.is_empty()),
                None if lost.is_empty() => self.feed_object(object),
                None => self.check(object),
            };
            match fed {
                Ok(()) => {}
                Err(Unfed::Lost(loss)) => lost.push(LostObject { source_id: object.source_id, loss }),
                Err(Unfed::Failed(error)) => return self.send(Fed::GroupEnd(Err(error.into()))),
                Err(Unfed::Deaf) => return Err(Deaf),
            }
        }
        self.send(Fed::GroupEnd(if lost.is_empty() { Ok(()) } else { Err(Unread::Lost(lost)) }))
    }

    /// Waits for an object that was asked for, and feeds it if it is `wanted`.
    fn feed_coming(&self, object: &PlannedObject, coming: Coming, wanted: bool) -> Result<(), Unfed> {
        let Coming { task, lease } = coming;
        let came = self.job.source.reach().wait(task).map_err(|error| unreadable(object, io::Error::other(error)))?;
        let Whole { meta, bytes } = came.map_err(|error| unread(object, error))?;
        check_meta(object, &meta)?;
        let (bytes, hash) = self.verify(object, bytes.into())?;
        match wanted {
            true => Ok(self.send(Fed::Whole(Load { bytes, _lease: lease }, hash))?),
            false => Ok(()),
        }
    }

    fn feed_object(&self, object: &PlannedObject) -> Result<(), Unfed> {
        let mut reader = self.open(object)?;
        if object.stored_bytes <= WHOLE_BYTES_MAX {
            let (load, hash) = self.read_whole(object, reader)?;
            return Ok(self.send(Fed::Whole(load, hash))?);
        }
        self.send(Fed::Stream)?;
        let fed = self.read_chunks(object, &mut reader, |chunk| Ok(self.send(Fed::Chunk(chunk))?));
        if !matches!(fed, Err(Unfed::Deaf)) {
            self.send(Fed::StreamEnd(fed.as_ref().ok().copied()))?;
        }
        fed.map(|_| ())
    }

    /// Whether an object is there as it was planned.
    fn check(&self, object: &PlannedObject) -> Result<(), Unfed> {
        let mut reader = self.open(object)?;
        self.read_chunks(object, &mut reader, |_| Ok(())).map(|_| ())
    }

    fn open(&self, object: &PlannedObject) -> Result<Reader, Unfed> {
        let reader = self.job.source.read(&object.location).map_err(|error| unread(object, error))?;
        check_meta(object, reader.meta())?;
        Ok(reader)
    }

    fn read_whole(&self, object: &PlannedObject, reader: Reader) -> Result<(Load, ContentHash), Unfed> {
        // It fits: a whole object has been asked for.
        let most = usize::try_from(object.stored_bytes).unwrap_or(usize::MAX);
        let lease = self.budget.take(most);
        // One byte more tells that the object has grown.
        let bytes = reader.into_bytes(most + 1).map_err(|error| unreadable(object, error))?;
        let (bytes, hash) = self.verify(object, bytes)?;
        Ok((Load { bytes, _lease: lease }, hash))
    }

    fn verify(&self, object: &PlannedObject, bytes: Vec<u8>) -> Result<(Vec<u8>, ContentHash), Unfed> {
        let mut verifier = self.job.checksums.verifier(object);
        verifier.update(&bytes);
        let hash = verifier.finish().filter(|_| bytes.len() as u64 == object.stored_bytes);
        hash.map(|hash| (bytes, hash)).ok_or(Unfed::Lost(Loss::Changed))
    }

    /// Hands on an object in chunks. What is made of them counts only when they turn out to be what was planned.
    fn read_chunks(
        &self,
        object: &PlannedObject,
        reader: &mut Reader,
        mut hand_on: impl FnMut(Load) -> Result<(), Unfed>,
    ) -> Result<ContentHash, Unfed> {
        let (mut verifier, mut left) = (self.job.checksums.verifier(object), object.stored_bytes);
        loop {
            if self.job.halt.is_set() {
                return Err(Unfed::Failed(GroupError::Halted));
            }
            let lease = self.budget.take(CHUNK_BYTES);
            let mut bytes = vec![0; CHUNK_BYTES];
            let filled = reader.fill(&mut bytes).map_err(|error| unreadable(object, error))?;
            if filled as u64 > left {
                return Err(Unfed::Lost(Loss::Changed));
            }
            left -= filled as u64;
            bytes.truncate(filled);
            verifier.update(&bytes);
            hand_on(Load { bytes, _lease: lease })?;
            if filled < CHUNK_BYTES {
                return verifier.finish().filter(|_| left == 0).ok_or(Unfed::Lost(Loss::Changed));
            }
        }
    }

    fn send(&self, message: Fed) -> Result<(), Deaf> {
        self.feed.send(message).map_err(|_| Deaf)
    }
}

/// The chunks of one object as a reader; what the transform leaves is drained by [`Chunks::end`].
pub(crate) struct Chunks<'f> {
    feed: &'f Receiver<Fed>,
    chunk: Option<Load>,
    read: usize,
    /// Behind its end: the SHA-256 of the object, if it was what was planned.
    end: Option<Option<ContentHash>>,
}

impl<'f> Chunks<'f> {
    pub(crate) fn new(feed: &'f Receiver<Fed>) -> Self {
        Self { feed, chunk: None, read: 0, end: None }
    }

    /// The SHA-256 of the object, if it was what was planned.
    pub(crate) fn end(mut self) -> Option<ContentHash> {
        while self.next_chunk() {}
        self.end.flatten()
    }

    /// Receives one more chunk; `false` at the object's end.
    fn next_chunk(&mut self) -> bool {
        // Its bytes are no longer under way before more are asked for.
        self.chunk = None;
        if self.end.is_some() {
            return false;
        }
        match self.feed.recv() {
            Ok(Fed::Chunk(load)) => {
                (self.chunk, self.read) = (Some(load), 0);
                true
            }
            Ok(Fed::StreamEnd(end)) => {
                self.end = Some(end);
                false
            }
            _ => {
                self.end = Some(None);
                false
            }
        }
    }
}

impl Read for Chunks<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let rest = self.chunk.as_ref().map_or(&[][..], |load| &load.bytes[self.read..]);
            if !rest.is_empty() {
                let count = rest.len().min(buffer.len());
                buffer[..count].copy_from_slice(&rest[..count]);
                self.read += count;
                return Ok(count);
            }
            if !self.next_chunk() {
                // An object that broke off must not pass for one that is truncated.
                return if self.end.flatten().is_some() {
                    Ok(0)
                } else {
                    Err(io::Error::other("the object was not what was planned"))
                };
            }
        }
    }
}

/// Whether the store says that an object is another than was planned.
fn check_meta(object: &PlannedObject, meta: &ObjectMeta) -> Result<(), Unfed> {
    let is_same = match &object.content {
        Content::Sha256 { .. } => true,
        Content::ETag { etag, modified } => {
            let standing = meta.e_tag.as_deref().map(|tag| tag.trim_matches('"'));
            standing == Some(etag) && meta.last_modified.timestamp() == *modified
        }
    };
    if is_same && meta.size == object.stored_bytes { Ok(()) } else { Err(Unfed::Lost(Loss::Changed)) }
}

/// Why an object could not be opened.
fn unread(object: &PlannedObject, error: object_store::Error) -> Unfed {
    let is_gone = matches!(error, object_store::Error::NotFound { .. }) || is_not_a_folder(&error);
    let fault = StoreFault::from(error);
    match fault.code() {
        // A bucket that is not there, for whoever asks, tells nothing of its objects.
        Some("NoSuchBucket") => unreadable(object, io::Error::other(fault)),
        Some("InvalidObjectState") => Unfed::Lost(Loss::Archived),
        // A file may stand where a folder of its path was.
        _ if is_gone => Unfed::Lost(Loss::Gone),
        _ => unreadable(object, io::Error::other(fault)),
    }
}

fn is_not_a_folder(error: &object_store::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::NotADirectory) {
            return true;
        }
        source = error.source();
    }
    false
}

fn unreadable(object: &PlannedObject, source: io::Error) -> Unfed {
    Unfed::Failed(GroupError::Unreadable { address: object.address().to_owned(), source })
}
