//! Files that stand already where one was to be put.

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::file::metadata::{FooterTail, ParquetMetaDataReader};

use crate::error::GroupError;
use crate::limits::FOOTER_BYTES_MAX;

/// Bytes behind the footer: its length and the magic.
const TAIL_BYTES: usize = 8;

/// The bytes of the file that stands at `path`, which must have `made` rows.
///
/// The name says that it was made of the same objects. With another number of rows it was made by another version, or
/// not by Trailhouse; beside it, the group's other files could double records or lose them.
pub(crate) async fn expect_rows(store: &dyn ObjectStore, path: &Path, made: u64) -> Result<u64, GroupError> {
    let no_footer = |why: String| GroupError::NoFooter { path: path.to_string(), why };
    let (bytes, standing) = rows(store, path).await.map_err(no_footer)?;
    if standing != made {
        return Err(GroupError::OtherFile { path: path.to_string(), standing, made });
    }
    Ok(bytes)
}

/// A file's bytes and rows.
async fn rows(store: &dyn ObjectStore, path: &Path) -> Result<(u64, u64), String> {
    let said = |error: object_store::Error| error.to_string();
    let bytes = store.head(path).await.map_err(said)?.size;
    let footer_end = bytes.checked_sub(TAIL_BYTES as u64).ok_or("it is shorter than a footer")?;
    let tail = store.get_range(path, footer_end..bytes).await.map_err(said)?;
    let length = footer_bytes(&tail)?;
    let footer_start = footer_end.checked_sub(length).ok_or("its footer is longer than the file")?;
    let footer = store.get_range(path, footer_start..footer_end).await.map_err(said)?;
    let footer = ParquetMetaDataReader::decode_metadata(&footer).map_err(|error| error.to_string())?;
    let rows = u64::try_from(footer.file_metadata().num_rows()).map_err(|_| "it has less than no rows")?;
    Ok((bytes, rows))
}

fn footer_bytes(tail: &[u8]) -> Result<u64, String> {
    let tail = FooterTail::try_from(tail).map_err(|error| error.to_string())?;
    let length = tail.metadata_length() as u64;
    if length > FOOTER_BYTES_MAX {
        return Err(format!("it is of {length} bytes"));
    }
    Ok(length)
}
