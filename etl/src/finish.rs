//! The end of a group: its files get their names, their partitions are registered, then its receipt is put, and only then
//! does it count.

use std::collections::{HashMap, HashSet};

use trailhouse_core::Tally;
use trailhouse_lake::{
    ContentHash, FileReceipt, Group, Loss, LostObject, ObjectReceipt, PlannedObject, Put, Receipt, SourceId, receipt,
};

use crate::catalog::spots;
use crate::error::GroupError;
use crate::feeder::Unread;
use crate::run::Job;
use crate::summary::Summary;
use crate::write::{Pending, rows_held};

/// What came of a group that was taken from the queue.
pub(crate) enum Report {
    /// Another run had ended it, with this receipt.
    Ended {
        /// Its place in the plan.
        index: usize,
        /// How it ended.
        receipt: Receipt,
    },
    /// Its objects were read, or as many as could be.
    Read {
        /// Its place in the plan.
        index: usize,
        /// What its objects gave, each with the SHA-256 of its bytes.
        tallies: Vec<(Tally, ContentHash)>,
        /// Its files, maybe still on their way.
        files: Vec<Pending>,
        /// Whether all of it was read.
        end: Result<(), Unread>,
    },
}

/// A group that was abandoned.
#[derive(Debug)]
pub(crate) struct Abandoned {
    /// Its place in the plan.
    pub(crate) index: usize,
    /// Its objects that are not said to be lost.
    pub(crate) others: Vec<PlannedObject>,
}

/// How a group ended.
enum End {
    /// With this run's receipt.
    Own(Receipt),
    /// With a receipt that stood already.
    Others(Receipt),
}

/// Finishes what `report` tells of.
pub(crate) fn finish(job: &Job<'_>, report: Report, summary: &mut Summary) {
    let (index, end) = match report {
        Report::Ended { index, receipt } => {
            let group = &job.plan.groups[index];
            job.progress.done(group.objects.len() as u64, group.stored_bytes());
            (index, Ok(End::Others(receipt)))
        }
        Report::Read { index, tallies, files, end: Ok(()) } => (index, end_group(job, index, &tallies, files)),
        Report::Read { index, files, end: Err(unread), .. } => {
            job.writer.forget(files);
            let end = match unread {
                Unread::Lost(lost) => abandon(job, index, lost).map(End::Others),
                Unread::Failed(error) => Err(error),
            };
            (index, end)
        }
    };
    let group = &job.plan.groups[index];
    match end {
        Ok(End::Own(receipt)) => {
            tell_damage(job, group, &receipt);
            summary.add(&receipt);
        }
        Ok(End::Others(receipt)) if receipt.is_abandoned() => note_abandoned(job, index, &receipt.lost, summary),
        Ok(End::Others(_)) => summary.add_known(group),
        Err(GroupError::Halted) => summary.is_interrupted = true,
        Err(error) => summary.stop(group.objects.len(), error),
    }
}

/// Ends a group without some of its objects, so that the others need not wait for them.
fn abandon(job: &Job<'_>, index: usize, lost: Vec<LostObject>) -> Result<Receipt, GroupError> {
    let group = &job.plan.groups[index];
    if !job.may_abandon {
        let object = group.objects.iter().find(|object| lost.iter().any(|lost| lost.source_id == object.source_id));
        let address = object.map_or_else(String::new, |object| object.address().to_owned());
        return Err(GroupError::NotOurs { address, plan: job.number });
    }
    let receipt = job.runtime.block_on(job.lake.abandon(job.number, group.id, lost));
    receipt.map_err(|error| job.halt.fail(error))
}

/// Tells of the objects that are lost, whoever found them so; the others of the group are to be planned again.
fn note_abandoned(job: &Job<'_>, index: usize, lost: &[LostObject], summary: &mut Summary) {
    let lost: HashMap<SourceId, Loss> = lost.iter().map(|lost| (lost.source_id, lost.loss)).collect();
    let mut others = Vec::new();
    for object in &job.plan.groups[index].objects {
        let address = || object.address().to_owned();
        match lost.get(&object.source_id) {
            Some(Loss::Gone) => summary.stop(1, GroupError::Vanished { address: address() }),
            Some(Loss::Changed) => summary.stop(1, GroupError::Changed { address: address() }),
            Some(Loss::Archived) => summary.stop(1, GroupError::Archived { address: address() }),
            None => others.push(object.clone()),
        }
    }
    job.note_abandoned(Abandoned { index, others });
}

/// Ends a group of which all was read.
fn end_group(
    job: &Job<'_>,
    index: usize,
    tallies: &[(Tally, ContentHash)],
    files: Vec<Pending>,
) -> Result<End, GroupError> {
    let group = &job.plan.groups[index];
    let counts: Vec<Tally> = tallies.iter().map(|(tally, _)| tally.clone()).collect();
    if let Err(error) = check_balance(&group.objects, &counts, rows_held(&files)) {
        job.writer.forget(files);
        return Err(error);
    }
    // It may have taken long; what another run has ended meanwhile needs no files.
    if let Some(receipt) = job.receipt(group)? {
        job.writer.forget(files);
        return Ok(End::Others(receipt));
    }
    let published = job.writer.publish(files).and_then(|files| {
        let registered = job.runtime.block_on(job.catalog.register(&spots(&files)));
        registered.map_err(|error| job.halt.fail(error))?;
        put_receipt(job, group, tallies, files)
    });
    // Whoever ended the group first was right, also where his files and these got in each other's way.
    let end = match published {
        Ok(Some(receipt)) => return Ok(End::Own(receipt)),
        Ok(None) => Err(GroupError::Halted),
        Err(error) => Err(error),
    };
    let Some(receipt) = job.receipt(group)? else { return end };
    if receipt.is_abandoned() {
        let removed = job.runtime.block_on(job.lake.remove_files_of(&HashSet::from([group.id])));
        removed.map_err(|error| job.halt.fail(error))?;
    }
    Ok(End::Others(receipt))
}

/// Puts the receipt of a group whose files stand; `None` when one stands already.
fn put_receipt(
    job: &Job<'_>,
    group: &Group,
    tallies: &[(Tally, ContentHash)],
    files: Vec<FileReceipt>,
) -> Result<Option<Receipt>, GroupError> {
    let objects = group.objects.iter().zip(tallies).map(|(object, tally)| object_receipt(object, tally)).collect();
    let (lost, plan) = (Vec::new(), job.number);
    let receipt = Receipt { version: receipt::VERSION, plan, group: group.id, objects, files, lost };
    let put = job.runtime.block_on(job.lake.put_receipt(&receipt)).map_err(|error| job.halt.fail(error))?;
    Ok((put == Put::Created).then_some(receipt))
}

/// Nothing lost, nothing doubled: each record is a row, a reject or skipped, and the files hold exactly these.
pub(crate) fn check_balance(objects: &[PlannedObject], tallies: &[Tally], held: (u64, u64)) -> Result<(), GroupError> {
    for (object, tally) in objects.iter().zip(tallies) {
        let Tally { records, rows, rejects, skipped, .. } = *tally;
        if records != rows + rejects + skipped {
            let address = object.address().to_owned();
            return Err(GroupError::Unbalanced { address, records, rows, rejects, skipped });
        }
    }
    let (rows_held, rejects_held) = held;
    let counted = |count: fn(&Tally) -> u64| tallies.iter().map(count).sum::<u64>();
    for (what, counted, held) in [
        ("rows", counted(|tally| tally.rows + tally.unwrapped), rows_held),
        ("rejects", counted(|tally| tally.rejects), rejects_held),
    ] {
        if counted != held || tallies.len() != objects.len() {
            let address = objects.first().map_or_else(String::new, |object| object.address().to_owned());
            return Err(GroupError::Miscounted { address, objects: objects.len(), what, counted, held });
        }
    }
    Ok(())
}

pub(crate) fn object_receipt(object: &PlannedObject, (tally, sha256): &(Tally, ContentHash)) -> ObjectReceipt {
    ObjectReceipt {
        source_id: object.source_id,
        sha256: *sha256,
        stored_bytes: object.stored_bytes,
        inflated_bytes: tally.inflated_bytes,
        records: tally.records,
        rows: tally.rows,
        rejects: tally.rejects,
        skipped: tally.skipped,
        unwrapped: tally.unwrapped,
        account_fallbacks: tally.account_fallbacks,
        date_fallbacks: tally.date_fallbacks,
        damage: tally.damage.clone(),
    }
}

fn tell_damage(job: &Job<'_>, group: &Group, receipt: &Receipt) {
    for (object, received) in group.objects.iter().zip(&receipt.objects) {
        if let Some(damage) = &received.damage {
            job.progress.damaged(&object.location, damage);
        }
    }
}
