//! The end of a group: its files get their names, then its receipt is put, and only then does it count.

use std::collections::{HashMap, HashSet};

use trailhouse_core::Tally;
use trailhouse_lake::{
    Ended, FileReceipt, Group, Lake, LakeError, Loss, LostObject, ObjectReceipt, PlannedObject, Put, Receipt, SourceId,
    receipt,
};

use crate::error::GroupError;
use crate::feed::Unread;
use crate::run::Job;
use crate::summary::Summary;
use crate::write::{Pending, rows_held};

/// What came of a group that was taken from the queue.
pub(crate) enum Report {
    /// Another run had finished it.
    Known(usize),
    /// Its objects were read, or as many as could be.
    Read {
        /// Its place in the plan.
        index: usize,
        /// What its objects gave.
        tallies: Vec<Tally>,
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
    /// Its objects that are there as they were planned.
    pub(crate) others: Vec<PlannedObject>,
}

/// Finishes what `report` tells of.
pub(crate) fn finish(job: &Job<'_>, report: Report, summary: &mut Summary) {
    let (index, ended) = match report {
        Report::Known(index) => {
            let group = &job.plan.groups[index];
            job.progress.done(group.objects.len() as u64, group.stored_bytes());
            return summary.add_known(group);
        }
        Report::Read { index, tallies, files, end: Ok(()) } => {
            (index, job.writer.publish(files).and_then(|files| end_group(job, index, &tallies, files)))
        }
        Report::Read { index, files, end: Err(unread), .. } => {
            job.writer.forget(files);
            match unread {
                Unread::Lost(lost) => return abandon(job, index, lost, summary),
                Unread::Failed(error) => (index, Err(error)),
            }
        }
    };
    let group = &job.plan.groups[index];
    match ended {
        Ok(Some(receipt)) => {
            tell_damage(job, group, &receipt);
            summary.add(&receipt);
        }
        Ok(None) => summary.add_known(group),
        Err(GroupError::Halted) => summary.is_interrupted = true,
        Err(error) => summary.stop(group.objects.len(), error),
    }
}

/// Ends a group without some of its objects, so that the others need not wait for them.
fn abandon(job: &Job<'_>, index: usize, lost: Vec<LostObject>, summary: &mut Summary) {
    let group = &job.plan.groups[index];
    match job.runtime.block_on(job.lake.abandon(job.number, group.id, lost.clone())) {
        Err(error) => {
            job.halt.fail(error);
            summary.is_interrupted = true;
        }
        // Another run read it while all its objects were there.
        Ok(Ended::Read) => summary.add_known(group),
        Ok(Ended::Abandoned) => {
            let lost: HashMap<SourceId, Loss> = lost.iter().map(|lost| (lost.source_id, lost.loss)).collect();
            let mut others = Vec::new();
            for object in &group.objects {
                let address = || object.address().to_owned();
                match lost.get(&object.source_id) {
                    Some(Loss::Gone) => summary.stop(1, GroupError::Vanished { address: address() }),
                    Some(Loss::Changed) => summary.stop(1, GroupError::Changed { address: address() }),
                    None => others.push(object.clone()),
                }
            }
            job.note_abandoned(Abandoned { index, others });
        }
    }
}

fn end_group(
    job: &Job<'_>,
    index: usize,
    tallies: &[Tally],
    files: Vec<FileReceipt>,
) -> Result<Option<Receipt>, GroupError> {
    let group = &job.plan.groups[index];
    check_balance(group, tallies, &files)?;
    let objects = group.objects.iter().zip(tallies).map(|(object, tally)| object_receipt(object, tally)).collect();
    let (lost, plan) = (Vec::new(), job.number);
    let receipt = Receipt { version: receipt::VERSION, plan, group: group.id, objects, files, lost };
    let put = job.runtime.block_on(put_receipt(job.lake, &receipt));
    put.map(|put| (put == Put::Created).then_some(receipt)).map_err(|error| {
        job.halt.fail(error);
        GroupError::Halted
    })
}

/// Puts the receipt of a group whose files stand.
async fn put_receipt(lake: &Lake, receipt: &Receipt) -> Result<Put, LakeError> {
    let put = lake.put_receipt(receipt).await?;
    if put == Put::Exists && lake.receipt(receipt.plan, receipt.group).await?.is_abandoned() {
        // Another run has found objects lost that this one had still read. Its word counts; it has planned the others
        // again.
        lake.remove_files_of(&HashSet::from([receipt.group])).await?;
    }
    Ok(put)
}

/// Nothing lost, nothing doubled: each record is a row, a reject or skipped, and the files hold exactly these.
fn check_balance(group: &Group, tallies: &[Tally], files: &[FileReceipt]) -> Result<(), GroupError> {
    for (object, tally) in group.objects.iter().zip(tallies) {
        let Tally { records, rows, rejects, skipped, .. } = *tally;
        if records != rows + rejects + skipped {
            let address = object.address().to_owned();
            return Err(GroupError::Unbalanced { address, records, rows, rejects, skipped });
        }
    }
    let (rows_held, rejects_held) = rows_held(files);
    let counted = |count: fn(&Tally) -> u64| tallies.iter().map(count).sum::<u64>();
    for (what, counted, held) in
        [("rows", counted(|tally| tally.rows), rows_held), ("rejects", counted(|tally| tally.rejects), rejects_held)]
    {
        if counted != held || tallies.len() != group.objects.len() {
            let address = group.objects.first().map_or_else(String::new, |object| object.address().to_owned());
            return Err(GroupError::Miscounted { address, objects: group.objects.len(), what, counted, held });
        }
    }
    Ok(())
}

fn object_receipt(object: &PlannedObject, tally: &Tally) -> ObjectReceipt {
    ObjectReceipt {
        source_id: object.source_id,
        sha256: object.sha256,
        stored_bytes: object.stored_bytes,
        inflated_bytes: tally.inflated_bytes,
        records: tally.records,
        rows: tally.rows,
        rejects: tally.rejects,
        skipped: tally.skipped,
        account_fallbacks: tally.account_fallbacks,
        date_fallbacks: tally.date_fallbacks,
        damage: tally.damage.clone(),
    }
}

fn tell_damage(job: &Job<'_>, group: &Group, receipt: &Receipt) {
    for (object, received) in group.objects.iter().zip(&receipt.objects) {
        if let Some(damage) = &received.damage {
            job.progress.damaged(object.address(), damage);
        }
    }
}
