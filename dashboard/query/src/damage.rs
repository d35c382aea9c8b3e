//! The lake's store, for reading alone, which tells when a listed file cannot be a table's.
//!
//! The engine passes over empty files and takes a folder's name for a value of the statement. Rows would be missing, or
//! the statement would be blamed, where the lake is at fault.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use datafusion::scalar::ScalarValue;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use trailhouse_lake::names::{FILE_EXTENSION, decode_value};
use trailhouse_schemas::{PartitionColumn, Partitioning, TABLES};

use crate::error::QueryError;

/// The size that an empty file shows, so that it stays in the list until its turn comes, and is found damaged then.
const SIZE_SHOWN_MIN: u64 = 1;
/// The least that a Parquet file has, in bytes: its name twice and a length.
pub(crate) const PARQUET_BYTES_MIN: u64 = 12;

/// A lake's store.
#[derive(Debug)]
pub(crate) struct LakeFiles {
    inner: Arc<dyn ObjectStore>,
    partitioning: Partitioning,
}

impl LakeFiles {
    pub(crate) fn new(inner: Arc<dyn ObjectStore>, partitioning: Partitioning) -> Self {
        Self { inner, partitioning }
    }

    fn only_read(&self, operation: &str) -> Error {
        Error::NotImplemented { operation: operation.to_owned(), implementer: self.to_string() }
    }
}

impl fmt::Display for LakeFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, for reading", self.inner)
    }
}

/// Whether a path is where a table's file stands; whatever else lies in a lake's folders is none of ours.
pub(crate) fn is_table_file(path: &Path, partitioning: Partitioning) -> bool {
    values(path, partitioning).is_some()
}

/// The partition values of a table's file, as they stand in its path.
fn values(path: &Path, partitioning: Partitioning) -> Option<Vec<&str>> {
    let mut parts = path.as_ref().split('/');
    let table = parts.next()?;
    TABLES.iter().find(|known| known.name == table)?;
    let value = |column: &PartitionColumn| {
        parts.next()?.split_once('=').filter(|(name, _)| *name == column.name()).map(|(_, value)| value)
    };
    let values = partitioning.columns().iter().map(value).collect::<Option<Vec<_>>>()?;
    let is_parquet = |name: &str| name.rsplit_once('.').is_some_and(|(_, extension)| extension == FILE_EXTENSION);
    is_parquet(parts.next_back()?).then_some(values)
}

/// What is wrong with a file, as far as its name tells.
fn damage(file: &Path, partitioning: Partitioning) -> Option<String> {
    let values = values(file, partitioning)?;
    let is_value = |text: &str, column: PartitionColumn| {
        decode_value(text).is_some_and(|text| ScalarValue::try_from_string(text, &column.arrow_type()).is_ok())
    };
    let mut pairs = partitioning.columns().iter().zip(values);
    let (column, value) = pairs.find(|(column, value)| !is_value(value, **column))?;
    Some(format!("the folder's name says `{value}` for `{}`, which is no such value", column.name()))
}

#[async_trait]
impl ObjectStore for LakeFiles {
    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let partitioning = self.partitioning;
        let check = move |file: ObjectMeta| match damage(&file.location, partitioning) {
            None => Ok(ObjectMeta { size: file.size.max(SIZE_SHOWN_MIN), ..file }),
            Some(why) => {
                let error = QueryError::Damaged { file: file.location.to_string(), why };
                Err(Error::Generic { store: "lake", source: error.into() })
            }
        };
        self.inner.list(prefix).and_then(move |file| std::future::ready(check(file))).boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn put_opts(&self, _: &Path, _: PutPayload, _: PutOptions) -> Result<PutResult> {
        Err(self.only_read("`put_opts`"))
    }

    async fn put_multipart_opts(&self, _: &Path, _: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        Err(self.only_read("`put_multipart_opts`"))
    }

    fn delete_stream(&self, _: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        futures::stream::once(std::future::ready(Err(self.only_read("`delete_stream`")))).boxed()
    }

    async fn copy_opts(&self, _: &Path, _: &Path, _: CopyOptions) -> Result<()> {
        Err(self.only_read("`copy_opts`"))
    }
}
