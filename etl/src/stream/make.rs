//! Making the files of a group's objects, and putting them.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use futures::{StreamExt, stream};
use trailhouse_core::{Body as Read, Format, PartFile, Tally, Transform};
use trailhouse_lake::{FileReceipt, Group, Lake, PlanSettings, PlannedObject, Staged, names};
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

/// What the objects of a group gave.
pub(super) struct Made {
    pub(super) tallies: Vec<Tally>,
    pub(super) files: Vec<(FileReceipt, Staged)>,
}

/// A group whose objects are being read.
pub(super) struct Making<'m> {
    maker: &'m Maker,
    settings: &'m PlanSettings,
    group: &'m Group,
    transform: Transform,
    files: Files<'m>,
    tallies: Vec<Tally>,
}

impl Maker {
    /// Begins to make the files of `group`. Until `deadline`.
    pub(super) fn begin<'m>(
        &'m self,
        lake: &'m Lake,
        settings: &'m PlanSettings,
        group: &'m Group,
        deadline: Option<Instant>,
    ) -> Result<Making<'m>, GroupError> {
        let mut transform = self.take(settings)?;
        transform.halt_when(move || deadline.is_some_and(|deadline| Instant::now() >= deadline));
        let files = Files { lake, group, staged: Vec::new(), error: None };
        Ok(Making { maker: self, settings, group, transform, files, tallies: Vec::new() })
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

impl Making<'_> {
    /// Reads the next object; its files are staged, and nobody sees them yet.
    pub(super) fn read(&mut self, planned: &PlannedObject, body: Body) -> Result<(), StreamError> {
        let object = object(planned)?;
        let is_columnar = object.format == Format::FlowParquet;
        let mut emit = |file| self.files.stage(file);
        let tally = match body {
            Body::Whole(bytes, _) => self.transform.read(&object, Read::Whole(&bytes), &mut emit),
            Body::Spooled(spool, ..) if is_columnar => self.transform.read(&object, Read::At(&spool), &mut emit),
            Body::Spooled(spool, ..) => self.transform.read(&object, Read::Stream(&mut spool.reader()), &mut emit),
        };
        let tally = tally.map_err(|source| self.files.failed(planned, source))?;
        self.tallies.push(tally);
        Ok(())
    }

    /// Ends the group, and checks that its files hold what its objects gave.
    pub(super) fn finish(mut self) -> Result<Made, StreamError> {
        let finished = self.transform.finish(&mut |file| self.files.stage(file));
        if let (Err(source), Some(last)) = (finished, self.group.objects.last()) {
            return Err(self.files.failed(last, source));
        }
        self.maker.keep(self.settings, self.transform);
        check_balance(&self.group.objects, &self.tallies, rows_held(&self.files.staged))?;
        Ok(Made { tallies: self.tallies, files: self.files.staged })
    }
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
        let staged = self.lake.stage_here(bytes)?;
        Ok((FileReceipt { table: table.name.to_owned(), path, part, rows, bytes: staged.length() }, staged))
    }

    fn failed(&mut self, object: &PlannedObject, source: trailhouse_core::Error) -> StreamError {
        let address = object.address().to_owned();
        match (self.error.take(), source) {
            (Some(error), _) => error,
            (None, trailhouse_core::Error::Halted) => StreamError::Deadline { address },
            (None, source) => GroupError::Transform { address, source }.into(),
        }
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
