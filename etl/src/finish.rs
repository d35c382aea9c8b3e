//! The end of a group: all its files are durable, so its receipt is put, and only then does it count.

use trailhouse_core::Tally;
use trailhouse_lake::{FileReceipt, Group, ObjectReceipt, PlannedObject, Put, Receipt, receipt};

use crate::error::GroupError;
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
        end: Result<(), GroupError>,
    },
}

/// Finishes what `report` tells of.
pub(crate) fn finish(job: &Job<'_>, report: Report, summary: &mut Summary) {
    let (index, ended) = match report {
        Report::Known(index) => {
            let group = &job.plan.groups[index];
            job.progress.done(group.objects.len() as u64, group.stored_bytes());
            return summary.add_known(group);
        }
        Report::Read { index, tallies, files, end } => {
            let files = job.writer.wait(files);
            (index, end.and(files).and_then(|files| end_group(job, index, &tallies, files)))
        }
    };
    let group = &job.plan.groups[index];
    match ended {
        Ok((receipt, Put::Created)) => {
            tell_damage(job, group, &receipt);
            summary.add(&receipt);
        }
        Ok((_, Put::Exists)) => summary.add_known(group),
        Err(GroupError::Halted) => summary.is_interrupted = true,
        Err(error) => summary.stop(group.objects.len(), error),
    }
}

fn end_group(
    job: &Job<'_>,
    index: usize,
    tallies: &[Tally],
    files: Vec<FileReceipt>,
) -> Result<(Receipt, Put), GroupError> {
    let group = &job.plan.groups[index];
    check_balance(group, tallies, &files)?;
    let objects = group.objects.iter().zip(tallies).map(|(object, tally)| object_receipt(object, tally)).collect();
    let receipt = Receipt { version: receipt::VERSION, plan: job.number, group: group.id, objects, files };
    let put = job.runtime.block_on(job.lake.put_receipt(&receipt)).map_err(|error| {
        job.halt.fail(error);
        GroupError::Halted
    })?;
    Ok((receipt, put))
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
