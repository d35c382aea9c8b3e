//! Getting an object: what it is first, and its bytes when they are wanted.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{GetOptions, GetResult, ObjectMeta, ObjectStore};
use sha2::{Digest, Sha256};
use trailhouse_lake::{Content, ContentHash, StoreFault};

use super::StreamError;
use super::notice::Notice;
use crate::error::GroupError;
use crate::limits::{HASH_BYTES, STREAMED_WHOLE_MAX};
use crate::spool::Spool;

/// An object whose bytes are on their way.
pub(super) struct Fetched {
    pub(super) meta: ObjectMeta,
    found: GetResult,
}

/// All stored bytes of an object.
pub(super) enum Body {
    /// In memory.
    Whole(Bytes, ContentHash),
    /// In a temporary file, and the first of them.
    Spooled(Spool, Vec<u8>, ContentHash),
}

/// Begins to get the object that `notice` tells of; `None` when it is not there.
pub(super) async fn open(
    store: &dyn ObjectStore,
    notice: &Notice,
    address: &str,
) -> Result<Option<Fetched>, StreamError> {
    let failed = |fault: StoreFault| StreamError::Object { address: address.to_owned(), source: fault };
    let path = Path::parse(&notice.key).map_err(|error| failed(object_store::Error::from(error).into()))?;
    let options = GetOptions { version: notice.version.clone(), ..GetOptions::default() };
    match store.get_opts(&path, options).await {
        Ok(found) => Ok(Some(Fetched { meta: found.meta.clone(), found })),
        Err(error) => {
            let is_missing = matches!(error, object_store::Error::NotFound { .. });
            let fault = StoreFault::from(error);
            match is_missing && fault.code() != Some("NoSuchBucket") {
                true => Ok(None),
                false => Err(failed(fault)),
            }
        }
    }
}

impl Fetched {
    /// What tells the object's content.
    pub(super) fn content(&self, address: &str) -> Result<Content, StreamError> {
        let etag = self.meta.e_tag.as_deref().map(|tag| tag.trim_matches('"').to_owned());
        let etag = etag.ok_or_else(|| StreamError::NoETag { address: address.to_owned() })?;
        Ok(Content::ETag { etag, modified: self.meta.last_modified.timestamp() })
    }

    /// Gets all of it; a long object is kept in a temporary file.
    pub(super) async fn body(self, address: &str) -> Result<Body, StreamError> {
        let failed = |error: object_store::Error| StreamError::Object {
            address: address.to_owned(),
            source: StoreFault::from(error),
        };
        if self.meta.size <= STREAMED_WHOLE_MAX {
            let bytes = self.found.bytes().await.map_err(failed)?;
            let hash = ContentHash::of(&bytes);
            return Ok(Body::Whole(bytes, hash));
        }
        let unkept = |source| GroupError::Unkept { address: address.to_owned(), source };
        let (mut hasher, mut head) = (Sha256::new(), Vec::new());
        let mut file = tempfile::tempfile().map_err(unkept)?;
        let mut chunks = self.found.into_stream();
        while let Some(chunk) = chunks.try_next().await.map_err(failed)? {
            hasher.update(&chunk);
            let wanted = HASH_BYTES.saturating_sub(head.len()).min(chunk.len());
            head.extend_from_slice(&chunk[..wanted]);
            file.write_all(&chunk).map_err(unkept)?;
        }
        let spool = Spool::of(rewound(file).map_err(unkept)?).map_err(unkept)?;
        Ok(Body::Spooled(spool, head, ContentHash(hasher.finalize().into())))
    }
}

fn rewound(mut file: File) -> std::io::Result<File> {
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

impl Body {
    /// A payload that is no object.
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        let hash = ContentHash::of(&bytes);
        Self::Whole(bytes.into(), hash)
    }

    /// The first bytes, by which can be told what the object is.
    pub(super) fn head(&self) -> &[u8] {
        match self {
            Self::Whole(bytes, _) => &bytes[..bytes.len().min(HASH_BYTES)],
            Self::Spooled(_, head, _) => head,
        }
    }

    /// The SHA-256 of all bytes.
    pub(super) fn hash(&self) -> ContentHash {
        match self {
            Self::Whole(_, hash) | Self::Spooled(_, _, hash) => *hash,
        }
    }
}
