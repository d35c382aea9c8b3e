//! Making the files of one group's object, and putting them.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use futures::executor::block_on;
use futures::{StreamExt, stream};
use trailhouse_core::{Body as Read, Format, PartFile, Tally, Transform};
use trailhouse_lake::{FileReceipt, Group, Lake, PlanSettings, Staged, names};
use trailhouse_schemas::REJECTS;

use super::StreamError;
use super::fetch::Body;
use crate::error::GroupError;
use crate::finish::check_balance;
use crate::limits::WRITES_MAX;
use crate::work::{object, settings};
use crate::write::publish_one;

/// Transforms that are kept for the next object, with the settings that they have.
const KEPT_MAX: usize = 4;

/// Turns objects into files.
#[derive(Default)]
pub(super) struct Maker {
    kept: Mutex<Vec<(PlanSettings, Transform)>>,
}

impl std::fmt::Debug for Maker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Maker")
    }
}

/// What an object gave.
pub(super) struct Made {
    pub(super) tally: Tally,
    pub(super) files: Vec<(FileReceipt, Staged)>,
}

impl Maker {
    /// Makes the files of the only object of `group`, and stages them: nobody sees them yet.
    pub(super) async fn make(
        &self,
        lake: &Lake,
        settings: &PlanSettings,
        group: &Group,
        body: Body,
        deadline: Option<Instant>,
    ) -> Result<Made, StreamError> {
        let address = group.objects[0].address().to_owned();
        let mut transform = self.take(settings)?;
        transform.halt_when(move || deadline.is_some_and(|deadline| Instant::now() >= deadline));
        let mut files = Files { lake, group, staged: Vec::new(), error: None };
        let made = read(&mut transform, group, body, &mut files);
        match (made, files.error.take()) {
            (Ok(tally), _) => {
                self.keep(settings, transform);
                check_balance(&group.objects, std::slice::from_ref(&tally), rows_held(&files.staged))?;
                Ok(Made { tally, files: files.staged })
            }
            (Err(_), Some(error)) => Err(error),
            (Err(GroupError::Halted), None) => Err(StreamError::Deadline { address }),
            (Err(error), None) => Err(error.into()),
        }
    }

    fn take(&self, settings: &PlanSettings) -> Result<Transform, GroupError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(place) = kept.iter().position(|(others, _)| others == settings) {
            return Ok(kept.swap_remove(place).1);
        }
        let settings = self::settings(settings).map_err(|source| GroupError::Header { plan: 0, source })?;
        Ok(Transform::new(settings))
    }

    /// Keeps a transform that has ended as it should.
    fn keep(&self, settings: &PlanSettings, transform: Transform) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT_MAX {
            kept.push((settings.clone(), transform));
        }
    }
}

/// Reads the object; its files go to `files`.
fn read(transform: &mut Transform, group: &Group, body: Body, files: &mut Files<'_>) -> Result<Tally, GroupError> {
    let planned = &group.objects[0];
    let object = object(planned)?;
    let failed = |source| match source {
        trailhouse_core::Error::Halted => GroupError::Halted,
        source => GroupError::Transform { address: planned.address().to_owned(), source },
    };
    let is_columnar = object.format == Format::FlowParquet;
    let mut emit = |file| files.stage(file);
    let tally = match body {
        Body::Whole(bytes, _) => transform.read(&object, Read::Whole(&bytes), &mut emit),
        Body::Spooled(spool, ..) if is_columnar => transform.read(&object, Read::At(&spool), &mut emit),
        Body::Spooled(spool, ..) => transform.read(&object, Read::Stream(&mut spool.reader()), &mut emit),
    };
    let tally = tally.map_err(failed)?;
    transform.finish(&mut emit).map_err(failed)?;
    Ok(tally)
}

/// The files of a group, staged one by one.
struct Files<'f> {
    lake: &'f Lake,
    group: &'f Group,
    staged: Vec<(FileReceipt, Staged)>,
    /// Why one could not be: more than the transform is told.
    error: Option<StreamError>,
}

impl Files<'_> {
    fn stage(&mut self, file: PartFile) -> std::io::Result<()> {
        let staged = self.stage_one(file).map_err(|error| {
            self.error = Some(error);
            std::io::ErrorKind::Other
        })?;
        self.staged.push(staged);
        Ok(())
    }

    fn stage_one(&self, file: PartFile) -> Result<(FileReceipt, Staged), StreamError> {
        let PartFile { table, partition, part, rows, bytes } = file;
        let path = names::table_file(self.group.id, part, table, &partition)?.to_string();
        // Nothing is waited for: in a store, a file is staged in memory or in a temporary file.
        let staged = block_on(self.lake.stage(bytes))?;
        Ok((FileReceipt { table: table.name.to_owned(), path, part, rows, bytes: staged.length() }, staged))
    }
}

/// Rows and rejects that files hold.
fn rows_held(files: &[(FileReceipt, Staged)]) -> (u64, u64) {
    let sum = |is_rejects: bool| {
        let of_kind = files.iter().filter(|(file, _)| (file.table == REJECTS.name) == is_rejects);
        of_kind.map(|(file, _)| file.rows).sum()
    };
    (sum(false), sum(true))
}

/// Puts staged files under their names: what the receipt says of them.
pub(super) async fn publish(lake: &Lake, files: Vec<(FileReceipt, Staged)>) -> Result<Vec<FileReceipt>, StreamError> {
    let put = stream::iter(files).map(|(receipt, file)| publish_one(lake, receipt, file)).buffered(WRITES_MAX);
    // All are waited for, also behind an error: nothing is written after that was told.
    let published: Vec<_> = put.collect().await;
    published.into_iter().map(|put| Ok(put??)).collect()
}
