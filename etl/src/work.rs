//! The transforming half of a worker: makes files of what its feeder reads.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender};

use trailhouse_core::header::NoHeader;
use trailhouse_core::{Body, Day, Format, KeyFacts, Object, PartFile, Settings, Tally, Transform};
use trailhouse_lake::{ContentHash, Group, GroupId, PlanSettings, PlannedObject};

use crate::error::GroupError;
use crate::feeder::{Chunks, Fed, Unread};
use crate::finish::Report;
use crate::run::Job;
use crate::spool::Spool;
use crate::write::{Pending, Writer};

/// Works on group after group until the feeder has no more.
pub(crate) fn work(job: &Job<'_>, feed: &Receiver<Fed>, reports: &SyncSender<Report>) {
    let mut transform = transform(job);
    while let Ok(message) = feed.recv() {
        // What is left of a group that was given up comes before the next one.
        let Fed::Group(index) = message else { continue };
        let group = &job.plan.groups[index];
        let files = Files { writer: &job.writer, group: group.id, pending: Vec::new(), error: None };
        let mut at_work = AtWork { job, transform: &mut transform, files, tallies: Vec::new() };
        let read = catch_unwind(AssertUnwindSafe(|| at_work.read_group(feed, group)));
        let AtWork { files: Files { pending: files, .. }, tallies, .. } = at_work;
        let is_sound = read.is_ok();
        let end = read.unwrap_or_else(|_| Err(defect(group, tallies.len()).into()));
        if end.is_err() {
            job.give_up(index);
            match is_sound {
                true => transform.abandon(),
                // Whatever state a defect has left it in.
                false => transform = self::transform(job),
            }
        }
        if reports.send(Report::Read { index, tallies, files, end }).is_err() {
            return;
        }
    }
}

fn transform(job: &Job<'_>) -> Transform {
    let mut transform = Transform::new(job.settings.clone());
    let halt = job.halt.clone();
    transform.halt_when(move || halt.is_set());
    transform
}

/// The program failed over the object behind the first `read` of a group.
fn defect(group: &Group, read: usize) -> GroupError {
    let object = group.objects.get(read).or(group.objects.last());
    GroupError::Defect { address: object.map_or_else(String::new, |object| object.address().to_owned()) }
}

/// A group that is being read.
struct AtWork<'w> {
    job: &'w Job<'w>,
    transform: &'w mut Transform,
    files: Files<'w>,
    tallies: Vec<(Tally, ContentHash)>,
}

/// What came of an object in chunks.
enum Kept {
    /// It was read as it came.
    Read(Tally),
    /// It waits to be read.
    Spooled(Spool),
}

/// Why a group was not read, which the feeder says last.
fn group_end(feed: &Receiver<Fed>) -> Result<(), Unread> {
    while let Ok(message) = feed.recv() {
        if let Fed::GroupEnd(end) = message {
            return end.and(Err(GroupError::Halted.into()));
        }
    }
    Err(GroupError::Halted.into())
}

/// The files of a group so far.
struct Files<'w> {
    writer: &'w Writer,
    group: GroupId,
    pending: Vec<Pending>,
    /// Why one could not be handed over: more than the transform is told.
    error: Option<GroupError>,
}

impl AtWork<'_> {
    fn read_group(&mut self, feed: &Receiver<Fed>, group: &Group) -> Result<(), Unread> {
        let mut objects = group.objects.iter();
        loop {
            match feed.recv() {
                Ok(Fed::Whole(load, hash)) => {
                    let object = objects.next().ok_or(GroupError::Halted)?;
                    let tally = self.read(object, Body::Whole(&load.bytes))?;
                    self.tallies.push((tally, hash));
                }
                Ok(Fed::Stream) => {
                    let object = objects.next().ok_or(GroupError::Halted)?;
                    let mut chunks = Chunks::new(feed);
                    let read = self.read_chunks(object, &mut chunks);
                    // Of an object that was not what was planned, it does not matter how it reads.
                    let Some(hash) = chunks.end() else { return group_end(feed) };
                    let tally = match read? {
                        Kept::Read(tally) => tally,
                        Kept::Spooled(spool) => self.read(object, Body::At(&spool))?,
                    };
                    self.tallies.push((tally, hash));
                }
                Ok(Fed::GroupEnd(end)) => {
                    end?;
                    return Ok(self.finish(group)?);
                }
                _ => return Err(GroupError::Halted.into()),
            }
        }
    }

    /// Reads an object as it comes; or keeps it, where it cannot be read so.
    fn read_chunks(&mut self, object: &PlannedObject, chunks: &mut Chunks<'_>) -> Result<Kept, GroupError> {
        if object.format() != Format::FlowParquet.name() {
            return self.read(object, Body::Stream(chunks)).map(Kept::Read);
        }
        let unkept = |source| GroupError::Unkept { address: object.address().to_owned(), source };
        Spool::keep(chunks).map(Kept::Spooled).map_err(unkept)
    }

    fn read(&mut self, planned: &PlannedObject, body: Body<'_>) -> Result<Tally, GroupError> {
        let object = object(planned)?;
        let read = self.transform.read(&object, body, &mut |file| self.files.put(file));
        let tally = read.map_err(|source| self.files.failed(planned, source))?;
        self.job.progress.done(1, planned.stored_bytes);
        Ok(tally)
    }

    fn finish(&mut self, group: &Group) -> Result<(), GroupError> {
        let finished = self.transform.finish(&mut |file| self.files.put(file));
        match (finished, group.objects.last()) {
            (Err(source), Some(last)) => Err(self.files.failed(last, source)),
            (Err(_), None) => Err(GroupError::Halted),
            (Ok(()), _) => Ok(()),
        }
    }
}

impl Files<'_> {
    fn put(&mut self, file: PartFile) -> io::Result<()> {
        let pending = self.writer.put(self.group, file).map_err(|error| {
            self.error = Some(error);
            io::ErrorKind::Other
        })?;
        self.pending.push(pending);
        Ok(())
    }

    fn failed(&mut self, object: &PlannedObject, source: trailhouse_core::Error) -> GroupError {
        match (self.error.take(), source) {
            (Some(error), _) => error,
            (None, trailhouse_core::Error::Halted) => GroupError::Halted,
            (None, source) => GroupError::Transform { address: object.address().to_owned(), source },
        }
    }
}

/// What the transform is told of a planned object.
pub(crate) fn object(planned: &PlannedObject) -> Result<Object, GroupError> {
    let address = planned.address().to_owned();
    let format = planned.format().parse().map_err(|source| GroupError::Format { address: address.clone(), source })?;
    let (source_id, key) = (planned.source_id.to_string(), KeyFacts::of(&address));
    Ok(Object { address, source_id, format, key, modified: Day(planned.modified_day) })
}

/// The plan's settings, whatever this run was asked for.
pub(crate) fn settings(plan: &PlanSettings) -> Result<Settings, NoHeader> {
    Ok(Settings {
        partitioning: plan.partitioning,
        inflated_bytes_max: plan.inflated_bytes_max,
        part_bytes: usize::try_from(plan.part_bytes).unwrap_or(usize::MAX),
        part_records: usize::try_from(plan.part_records).unwrap_or(usize::MAX),
        unwrap: plan.unwrap,
        // Who wrote the plan had parsed it, and may have known other fields: without it, lines would be rejected for good.
        flow_header: plan.flow_header.as_ref().map(|header| header.parse()).transpose()?,
    })
}
