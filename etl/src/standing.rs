//! Files that stand already where one was to be put.

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use parquet::file::metadata::{FooterTail, ParquetMetaDataReader};
use trailhouse_lake::{Lake, Staged};

use crate::error::GroupError;
use crate::limits::FOOTER_BYTES_MAX;

/// Bytes behind the footer: its length and the magic.
const TAIL_BYTES: usize = 8;

/// The bytes of the file that stands at `path`, which must be what has been `made`.
///
/// Its name says that it was made of the same objects, and the same version makes the same bytes of them. Another one may
/// have written the same rows otherwise; with another number of rows, the group's other files could double records or
/// lose them.
pub(crate) async fn expect_made(lake: &Lake, path: &Path, made: &Staged, rows: u64) -> Result<u64, GroupError> {
    let no_footer = |why: String| GroupError::NoFooter { path: path.to_string(), why };
    match lake.is_same(made, path).await {
        Ok(true) => return Ok(made.length()),
        Ok(false) => {}
        Err(error) => return Err(no_footer(error.to_string())),
    }
    let standing = footer(lake.store().as_ref(), path).await.map_err(no_footer)?;
    if standing.rows != rows {
        return Err(GroupError::OtherFile { path: path.to_string(), standing: standing.rows, made: rows });
    }
    if standing.created_by.as_deref() == Some(trailhouse_core::CREATED_BY) {
        return Err(GroupError::OtherBytes { path: path.to_string() });
    }
    Ok(standing.bytes)
}

/// What a file says of itself.
struct Standing {
    bytes: u64,
    rows: u64,
    created_by: Option<String>,
}

async fn footer(store: &dyn ObjectStore, path: &Path) -> Result<Standing, String> {
    let said = |error: object_store::Error| error.to_string();
    let bytes = store.head(path).await.map_err(said)?.size;
    let footer_end = bytes.checked_sub(TAIL_BYTES as u64).ok_or("it is shorter than a footer")?;
    let tail = store.get_range(path, footer_end..bytes).await.map_err(said)?;
    let length = footer_bytes(&tail)?;
    let footer_start = footer_end.checked_sub(length).ok_or("its footer is longer than the file")?;
    let footer = store.get_range(path, footer_start..footer_end).await.map_err(said)?;
    let footer = ParquetMetaDataReader::decode_metadata(&footer).map_err(|error| error.to_string())?;
    let footer = footer.file_metadata();
    let rows = u64::try_from(footer.num_rows()).map_err(|_| "it has less than no rows")?;
    Ok(Standing { bytes, rows, created_by: footer.created_by().map(str::to_owned) })
}

fn footer_bytes(tail: &[u8]) -> Result<u64, String> {
    let tail = FooterTail::try_from(tail).map_err(|error| error.to_string())?;
    let length = tail.metadata_length() as u64;
    if length > FOOTER_BYTES_MAX {
        return Err(format!("it is of {length} bytes"));
    }
    Ok(length)
}
