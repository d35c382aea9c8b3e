//! Finished files on their way to the store, while the worker goes on.

use std::sync::Arc;

use object_store::ObjectStoreExt;
use object_store::path::Path;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use trailhouse_core::PartFile;
use trailhouse_lake::{FileReceipt, GroupId, Lake, Put, names};
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
    task: JoinHandle<Result<Written, GroupError>>,
}

/// A file that is durable.
#[derive(Debug, Clone, Copy)]
struct Written {
    bytes: u64,
    is_new: bool,
}

impl Writer {
    pub(crate) fn new(lake: &Lake, runtime: &Handle, halt: &Halt) -> Self {
        let room = Arc::new(Semaphore::new(UNITS));
        Self { lake: lake.clone(), runtime: runtime.clone(), room, halt: halt.clone() }
    }

    /// Takes over a file as soon as there is room for it.
    pub(crate) fn put(&self, group: GroupId, file: PartFile) -> Result<Pending, GroupError> {
        let PartFile { table, partition, part, rows, bytes } = file;
        let path = names::table_file(group, part, table, &partition).map_err(|error| self.fail(error))?;
        let units = bytes.len().div_ceil(UNIT_BYTES).clamp(UNITS_MIN, UNITS);
        let units = u32::try_from(units).map_err(|_| GroupError::Halted)?;
        let acquire = Arc::clone(&self.room).acquire_many_owned(units);
        let room = self.runtime.block_on(acquire).map_err(|_| GroupError::Halted)?;
        if self.halt.is_failed() {
            return Err(GroupError::Halted);
        }
        let (writer, target) = (self.clone(), path.clone());
        let task = self.runtime.spawn(async move {
            let _room = room;
            writer.write(&target, rows, bytes).await
        });
        Ok(Pending { table, path, part, rows, task })
    }

    async fn write(&self, path: &Path, rows: u64, bytes: bytes::Bytes) -> Result<Written, GroupError> {
        let length = bytes.len() as u64;
        match self.lake.put_if_absent(path, bytes).await.map_err(|error| self.fail(error))? {
            Put::Created => Ok(Written { bytes: length, is_new: true }),
            Put::Exists => {
                let bytes = standing::expect_rows(self.lake.store().as_ref(), path, rows).await?;
                Ok(Written { bytes, is_new: false })
            }
        }
    }

    /// Waits until all of `files` are durable: what a receipt says of them.
    pub(crate) fn wait(&self, files: Vec<Pending>) -> Result<Vec<FileReceipt>, GroupError> {
        let mut receipts = Vec::with_capacity(files.len());
        let mut failed = None;
        // All are waited for, also behind an error: nothing is written after the run has ended.
        for file in files {
            match self.wait_for(file) {
                Ok((receipt, _)) => receipts.push(receipt),
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(receipts), Err)
    }

    /// Takes back files that hold bytes nobody planned: an object turned out to be another when they were made already.
    ///
    /// Only new ones: what stood before was made by a run that had read what was planned.
    pub(crate) fn take_back(&self, files: Vec<Pending>) {
        for file in files {
            let path = file.path.clone();
            if self.wait_for(file).is_ok_and(|(_, written)| written.is_new) {
                // If it stays, the next run meets it: with other rows, as an error.
                let _ = self.runtime.block_on(self.lake.store().delete(&path));
            }
        }
    }

    fn wait_for(&self, file: Pending) -> Result<(FileReceipt, Written), GroupError> {
        let written = self.runtime.block_on(file.task).map_err(|_| GroupError::Halted)??;
        let (table, path) = (file.table.name.to_owned(), file.path.to_string());
        Ok((FileReceipt { table, path, part: file.part, rows: file.rows, bytes: written.bytes }, written))
    }

    fn fail(&self, error: trailhouse_lake::LakeError) -> GroupError {
        self.halt.fail(error);
        GroupError::Halted
    }
}

/// Rows and rejects that files hold.
pub(crate) fn rows_held(files: &[FileReceipt]) -> (u64, u64) {
    let (rejects, rows): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.table == REJECTS.name);
    let sum = |files: Vec<&FileReceipt>| files.iter().map(|file| file.rows).sum();
    (sum(rows), sum(rejects))
}
