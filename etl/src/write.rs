//! Finished files: staged while the worker goes on, and given their names when all of their group was read.

use std::sync::Arc;

use futures::{StreamExt, stream};
use object_store::path::Path;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use trailhouse_core::PartFile;
use trailhouse_lake::{FileReceipt, GroupId, Lake, LakeError, Put, Staged, names};
use trailhouse_schemas::{REJECTS, Table};

use crate::error::GroupError;
use crate::halt::Halt;
use crate::limits::{WRITE_BYTES_MAX, WRITES_MAX};
use crate::standing;

/// Bytes that are counted together. A file counts for as much as its share of the number of files at least.
const UNIT_BYTES: usize = 4096;
const UNITS: usize = WRITE_BYTES_MAX / UNIT_BYTES;
const UNITS_MIN: usize = UNITS / WRITES_MAX;

/// Puts files under the names that their content decides.
#[derive(Debug, Clone)]
pub(crate) struct Writer {
    lake: Lake,
    runtime: Handle,
    room: Arc<Semaphore>,
    halt: Halt,
}

/// A file that is on its way.
#[derive(Debug)]
pub(crate) struct Pending {
    table: &'static Table,
    path: Path,
    part: u32,
    rows: u64,
    task: JoinHandle<Result<Staged, GroupError>>,
}

impl Writer {
    pub(crate) fn new(lake: &Lake, runtime: &Handle, halt: &Halt) -> Self {
        let room = Arc::new(Semaphore::new(UNITS));
        Self { lake: lake.clone(), runtime: runtime.clone(), room, halt: halt.clone() }
    }

    /// Takes over a file as soon as there is room for it.
    pub(crate) fn put(&self, group: GroupId, file: PartFile) -> Result<Pending, GroupError> {
        let PartFile { table, partition, part, rows, bytes } = file;
        let path = names::table_file(group, part, table, &partition).map_err(|error| self.halt.fail(error))?;
        let units = bytes.len().div_ceil(UNIT_BYTES).clamp(UNITS_MIN, UNITS);
        let units = u32::try_from(units).map_err(|_| GroupError::Halted)?;
        let acquire = Arc::clone(&self.room).acquire_many_owned(units);
        let room = self.runtime.block_on(acquire).map_err(|_| GroupError::Halted)?;
        if self.halt.is_failed() {
            return Err(GroupError::Halted);
        }
        let writer = self.clone();
        let task = self.runtime.spawn(async move {
            let _room = room;
            writer.lake.stage(bytes).await.map_err(|error| writer.halt.fail(error))
        });
        Ok(Pending { table, path, part, rows, task })
    }

    /// Gives the files of a group their names, now that all of it was read: what a receipt says of them.
    pub(crate) fn publish(&self, files: Vec<Pending>) -> Result<Vec<FileReceipt>, GroupError> {
        let staged = self.wait(files)?;
        let publish = |(receipt, file)| self.publish_one(receipt, file);
        let published = stream::iter(staged).map(publish).buffered(WRITES_MAX);
        // All are waited for, also behind an error: nothing is written after the run has ended.
        let published: Vec<_> = self.runtime.block_on(published.collect());
        published.into_iter().collect()
    }

    async fn publish_one(&self, receipt: FileReceipt, file: Staged) -> Result<FileReceipt, GroupError> {
        publish_one(&self.lake, receipt, file).await.unwrap_or_else(|error| Err(self.halt.fail(error)))
    }

    /// Forgets the files of a group that could not be read.
    pub(crate) fn forget(&self, files: Vec<Pending>) {
        // What failed with them is of no more interest; they are waited for so that nothing is written after the end.
        let _ = self.wait(files);
    }

    /// Waits until all of `files` are staged, also behind an error.
    fn wait(&self, files: Vec<Pending>) -> Result<Vec<(FileReceipt, Staged)>, GroupError> {
        let waited: Vec<_> = files.into_iter().map(|file| self.wait_for(file)).collect();
        waited.into_iter().collect()
    }

    fn wait_for(&self, file: Pending) -> Result<(FileReceipt, Staged), GroupError> {
        let staged = self.runtime.block_on(file.task).map_err(|_| GroupError::Halted)??;
        let (table, path) = (file.table.name.to_owned(), file.path.to_string());
        Ok((FileReceipt { table, path, part: file.part, rows: file.rows, bytes: staged.length() }, staged))
    }
}

/// Gives a file its name: what a receipt says of the one that stands there then. Whether the lake fails, or another file
/// stands there, is told apart.
pub(crate) async fn publish_one(
    lake: &Lake,
    receipt: FileReceipt,
    file: Staged,
) -> Result<Result<FileReceipt, GroupError>, LakeError> {
    let path = Path::parse(&receipt.path).map_err(|source| LakeError::Name { name: receipt.path.clone(), source })?;
    Ok(match lake.publish(&file, &path).await? {
        Put::Created => Ok(receipt),
        Put::Exists => {
            let bytes = standing::expect_made(lake, &path, &file, receipt.rows).await;
            bytes.map(|bytes| FileReceipt { bytes, ..receipt })
        }
    })
}

/// Rows and rejects that files hold.
pub(crate) fn rows_held(files: &[Pending]) -> (u64, u64) {
    let (rejects, rows): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.table.name == REJECTS.name);
    let sum = |files: Vec<&Pending>| files.iter().map(|file| file.rows).sum();
    (sum(rows), sum(rejects))
}
