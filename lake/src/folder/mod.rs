//! A folder of this machine as an object store whose objects are whole, durable and never overwritten by accident.
//!
//! `LocalFileSystem` writes beside the final name and does not wait for the disk. Here a file is staged under
//! `_trailhouse/staging/`, made durable, and linked into place only if nothing stands there: a reader of a table's
//! folder meets finished files alone, whatever happens to the writer.

mod durable;
mod staging;

use std::fmt;
use std::ops::Range;
use std::path::{Path as FolderPath, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, PutMode,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions, Result,
};
use tokio::runtime::Handle;

use crate::error::LakeError;
use crate::names;
use durable::DurableFolders;
pub(crate) use staging::Staged;
use staging::Staging;

/// A folder as a store.
#[derive(Debug, Clone)]
pub struct FolderStore {
    inner: LocalFileSystem,
    writer: Arc<Writer>,
}

/// What a put needs, apart from the store so that it can move to another thread.
#[derive(Debug)]
struct Writer {
    root: PathBuf,
    staging: Staging,
    folders: DurableFolders,
}

impl FolderStore {
    /// The store over a folder that exists.
    pub fn open(folder: &FolderPath) -> Result<Self, LakeError> {
        let failed = |source| LakeError::Folder { action: "opening", folder: folder.to_owned(), source };
        let root = std::fs::canonicalize(folder).map_err(failed)?;
        let inner = LocalFileSystem::new_with_prefix(&root).map_err(LakeError::store("opening", &folder.display()))?;
        let (staging, folders) = (Staging::in_lake(&root), DurableFolders::new(root.clone()));
        Ok(Self { inner, writer: Arc::new(Writer { root, staging, folders }) })
    }

    /// The same, for a writer: the folder is made if it is missing, and what dead writers left in it unfinished is
    /// removed.
    pub fn create(folder: &FolderPath) -> Result<Self, LakeError> {
        let failed = |source| LakeError::Folder { action: "making", folder: folder.to_owned(), source };
        durable::create_folder(folder).map_err(failed)?;
        let store = Self::open(folder)?;
        store.writer.staging.remove_leftovers();
        Ok(store)
    }

    /// The folder, canonical.
    pub fn root(&self) -> &FolderPath {
        &self.writer.root
    }

    /// Makes `content` durable, and gives it no name yet.
    pub(crate) async fn stage(&self, content: Bytes) -> Result<Staged> {
        let store = self.clone();
        blocking(move || store.stage_here(content)).await?
    }

    /// The same, by the thread that asks.
    pub(crate) fn stage_here(&self, content: Bytes) -> Result<Staged> {
        let staged = self.writer.staging.write(&self.writer.folders, &content.into());
        staged.map_err(|source| put_error(&Path::from(names::STAGING), source))
    }

    /// Gives a staged file its name unless something has it.
    pub(crate) async fn publish(&self, staged: Arc<Staged>, location: &Path) -> Result<()> {
        let (writer, target) = (Arc::clone(&self.writer), self.inner.path_to_filesystem(location)?);
        let published = blocking(move || writer.publish(&staged, &target)).await?;
        published.map_err(|source| put_error(location, source))
    }

    /// The bytes of a staged file.
    pub(crate) async fn read_staged(&self, staged: Arc<Staged>) -> Result<Bytes> {
        let read = blocking(move || staged.read()).await?;
        read.map(Bytes::from).map_err(|source| put_error(&Path::from(names::STAGING), source))
    }

    fn not_implemented(&self, operation: &str) -> Error {
        Error::NotImplemented { operation: operation.to_owned(), implementer: self.to_string() }
    }
}

impl Writer {
    /// Makes `payload` durable, then visible as `target`.
    fn put(&self, target: &FolderPath, payload: &PutPayload, mode: &PutMode) -> std::io::Result<()> {
        let folder = target.parent().ok_or_else(|| std::io::Error::other("an object needs a folder"))?;
        self.folders.make(folder)?;
        if matches!(mode, PutMode::Create) && target.symlink_metadata().is_ok() {
            return self.already_exists(folder);
        }
        let staged = self.staging.write(&self.folders, payload)?;
        if matches!(mode, PutMode::Overwrite) {
            staged.replace(target)?;
            return durable::sync_folder(folder);
        }
        self.publish(&staged, target)
    }

    fn publish(&self, staged: &Staged, target: &FolderPath) -> std::io::Result<()> {
        let folder = target.parent().ok_or_else(|| std::io::Error::other("an object needs a folder"))?;
        self.folders.make(folder)?;
        match staged.link(target) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return self.already_exists(folder),
            linked => linked?,
        }
        durable::sync_folder(folder)
    }

    /// Who put the file that stands may have died before its name was durable; the caller will build on it.
    fn already_exists(&self, folder: &FolderPath) -> std::io::Result<()> {
        durable::sync_folder(folder)?;
        Err(std::io::ErrorKind::AlreadyExists.into())
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl ObjectStore for FolderStore {
    async fn put_opts(&self, location: &Path, payload: PutPayload, opts: PutOptions) -> Result<PutResult> {
        if matches!(opts.mode, PutMode::Update(_)) {
            return Err(self.not_implemented("`put_opts` with mode `PutMode::Update`"));
        }
        if !opts.attributes.is_empty() {
            return Err(self.not_implemented("`put_opts` with attributes"));
        }
        let target = self.inner.path_to_filesystem(location)?;
        let writer = Arc::clone(&self.writer);
        match blocking(move || writer.put(&target, &payload, &opts.mode)).await? {
            Ok(()) => Ok(PutResult { e_tag: None, version: None }),
            Err(source) => Err(put_error(location, source)),
        }
    }

    async fn put_multipart_opts(
        &self,
        _location: &Path,
        _opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        // It would grow beside its final name.
        Err(self.not_implemented("`put_multipart_opts`"))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(&self, locations: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_offset(&self, prefix: Option<&Path>, offset: &Path) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, _from: &Path, _to: &Path, _options: CopyOptions) -> Result<()> {
        // It would neither be staged nor durable.
        Err(self.not_implemented("`copy_opts`"))
    }

    async fn rename_opts(&self, _from: &Path, _to: &Path, _options: RenameOptions) -> Result<()> {
        Err(self.not_implemented("`rename_opts`"))
    }
}

/// Runs `work` where it may block: beside the runtime, if there is one.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    match Handle::try_current() {
        Ok(runtime) => Ok(runtime.spawn_blocking(work).await?),
        Err(_) => Ok(work()),
    }
}

fn put_error(location: &Path, source: std::io::Error) -> Error {
    if source.kind() == std::io::ErrorKind::AlreadyExists {
        return Error::AlreadyExists { path: location.to_string(), source: source.into() };
    }
    Error::Generic { store: "FolderStore", source: source.into() }
}

impl fmt::Display for FolderStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.writer.root.display())
    }
}
