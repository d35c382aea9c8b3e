//! A lake: a store, and what the lake is.

use std::io::ErrorKind;
use std::path::{Path as FolderPath, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt, PutMode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use trailhouse_schemas::Partitioning;

use crate::config::{self, Config};
use crate::error::LakeError;
use crate::folder::FolderStore;
use crate::location::{Bucket, Location};
use crate::names;
use crate::stage::Held;

/// A lake that is open.
#[derive(Debug, Clone)]
pub struct Lake {
    store: Arc<dyn ObjectStore>,
    config: Config,
    folder: Option<FolderStore>,
    bucket: Option<Bucket>,
    /// What of staged files is in memory.
    pub(crate) held: Held,
}

/// What became of a conditional put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// The object is new.
    Created,
    /// One of the same name stands.
    Exists,
}

/// The head of a control object, which later versions keep even where they change the rest.
#[derive(serde::Deserialize)]
struct Versioned {
    version: u32,
}

impl Lake {
    /// Opens a lake that exists in a folder.
    pub async fn open(location: &str) -> Result<Self, LakeError> {
        let folder = folder_of(location)?;
        if !folder.join(names::CONFIG).is_file() {
            return Err(LakeError::NotALake { location: location.to_owned() });
        }
        let store = FolderStore::open(&folder)?;
        Ok(Self { folder: Some(store.clone()), ..Self::open_in(Arc::new(store)).await? })
    }

    /// Opens a lake, or makes one of an empty or missing folder. `asked` is the partitioning that it must have; without
    /// it, an old lake keeps its own and a new one has the default.
    pub async fn open_or_create(location: &str, asked: Option<Partitioning>) -> Result<Self, LakeError> {
        let folder = folder_of(location)?;
        check_folder(&folder)?;
        let store = FolderStore::create(&folder)?;
        Ok(Self { folder: Some(store.clone()), ..Self::open_or_create_in(Arc::new(store), asked).await? })
    }

    /// Whether [`Lake::open_or_create`] would find a lake there, or a place to make one.
    ///
    /// # Errors
    ///
    /// What it would fail with, before it made anything.
    pub fn check_place(location: &str) -> Result<(), LakeError> {
        check_folder(&folder_of(location)?)
    }

    /// Opens the lake that fills a store.
    pub async fn open_in(store: Arc<dyn ObjectStore>) -> Result<Self, LakeError> {
        let config = read_config(store.as_ref()).await?;
        let config = config.ok_or_else(|| LakeError::NotALake { location: store.to_string() })?;
        Ok(Self::new(store, config))
    }

    /// Opens the lake that fills a store, or makes one there.
    pub async fn open_or_create_in(
        store: Arc<dyn ObjectStore>,
        asked: Option<Partitioning>,
    ) -> Result<Self, LakeError> {
        let config = match read_config(store.as_ref()).await? {
            Some(config) => config,
            None => create_config(store.as_ref(), asked.unwrap_or_default()).await?,
        };
        let lake = Self::new(store, config);
        lake.expect_partitioning(asked)?;
        Ok(lake)
    }

    fn new(store: Arc<dyn ObjectStore>, config: Config) -> Self {
        Self { store, config, folder: None, bucket: None, held: Held::default() }
    }

    /// The same, known to stand in S3: the store's objects are those of `bucket`.
    #[must_use]
    pub fn in_bucket(self, bucket: Bucket) -> Self {
        Self { bucket: Some(bucket), ..self }
    }

    /// Refuses another partitioning than the lake's.
    pub fn expect_partitioning(&self, asked: Option<Partitioning>) -> Result<(), LakeError> {
        let lake = self.partitioning();
        match asked {
            Some(asked) if asked != lake => Err(LakeError::OtherPartitioning { lake, asked }),
            _ => Ok(()),
        }
    }

    /// Where its objects are.
    pub fn store(&self) -> &Arc<dyn ObjectStore> {
        &self.store
    }

    /// Its folder, canonical, when it is one of this machine.
    pub fn folder(&self) -> Option<&FolderPath> {
        self.folder.as_ref().map(FolderStore::root)
    }

    /// Where in S3 it stands, if it does.
    pub fn bucket(&self) -> Option<&Bucket> {
        self.bucket.as_ref()
    }

    pub(crate) fn folder_store(&self) -> Option<&FolderStore> {
        self.folder.as_ref()
    }

    /// What it is.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The partition columns of its tables.
    pub fn partitioning(&self) -> Partitioning {
        self.config.partitioning
    }

    /// Puts an object unless one of its name stands. That one stands is believed only when it can be found: stores say
    /// so as well when two puts meet and neither may have won.
    pub async fn put_if_absent(&self, path: &Path, content: Bytes) -> Result<Put, LakeError> {
        put_if_absent(self.store.as_ref(), path, content).await
    }

    /// The bytes of an object, or `None` when there is none of this name.
    pub async fn size(&self, path: &Path) -> Result<Option<u64>, LakeError> {
        size(self.store.as_ref(), path).await
    }

    pub(crate) async fn put_json(&self, path: &Path, content: &impl Serialize) -> Result<Put, LakeError> {
        self.put_if_absent(path, json(path, content)?).await
    }

    pub(crate) async fn get_json<T: DeserializeOwned>(&self, path: &Path, version: u32) -> Result<T, LakeError> {
        let bytes = get(self.store.as_ref(), path).await.map_err(LakeError::store("reading", path))?;
        parse_versioned(path, &bytes, version)
    }

    pub(crate) async fn get_json_if_any<T: DeserializeOwned>(
        &self,
        path: &Path,
        version: u32,
    ) -> Result<Option<T>, LakeError> {
        read_if_any(self.store.as_ref(), path, version).await
    }
}

/// How often a put is tried whose answer was lost, or that met another one.
const PUT_TRIES: u32 = 4;

async fn put_if_absent(store: &dyn ObjectStore, path: &Path, content: Bytes) -> Result<Put, LakeError> {
    let mut tries = 1;
    loop {
        let answer = store.put_opts(path, content.clone().into(), PutMode::Create.into()).await;
        let refused = match answer {
            Ok(_) => return Ok(Put::Created),
            Err(source) if is_refusal(&source) => LakeError::Contradiction { path: path.to_string() },
            Err(source) if is_final(&source) => return Err(LakeError::store("writing", path)(source)),
            Err(source) => LakeError::store("writing", path)(source),
        };
        // Also behind an answer that was lost: the object may have been put.
        if size(store, path).await.is_ok_and(|size| size.is_some()) {
            return Ok(Put::Exists);
        }
        if tries == PUT_TRIES {
            return Err(refused);
        }
        tries += 1;
    }
}

/// Whether the store says that something stands there: S3's 412; or, with its 409, that another put was under way.
fn is_refusal(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::AlreadyExists { .. } | object_store::Error::Precondition { .. })
}

/// Whether the same put would fail again.
fn is_final(error: &object_store::Error) -> bool {
    use object_store::Error;
    matches!(
        error,
        Error::PermissionDenied { .. }
            | Error::Unauthenticated { .. }
            | Error::NotFound { .. }
            | Error::InvalidPath { .. }
            | Error::NotImplemented { .. }
            | Error::NotSupported { .. }
            | Error::UnknownConfigurationKey { .. }
    ) || is_of_disk(error)
}

/// Whether it was the disk that failed: it says so at once, and will again.
fn is_of_disk(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::Generic { source, .. } if source.is::<std::io::Error>())
}

fn folder_of(location: &str) -> Result<PathBuf, LakeError> {
    match Location::parse(location)? {
        Location::Folder(folder) => Ok(folder),
        Location::Bucket(_) => Err(LakeError::Remote { location: location.to_owned() }),
    }
}

async fn size(store: &dyn ObjectStore, path: &Path) -> Result<Option<u64>, LakeError> {
    match store.head(path).await {
        Ok(meta) => Ok(Some(meta.size)),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(source) => Err(LakeError::store("looking for", path)(source)),
    }
}

async fn get(store: &dyn ObjectStore, path: &Path) -> object_store::Result<Bytes> {
    store.get(path).await?.bytes().await
}

async fn read_config(store: &dyn ObjectStore) -> Result<Option<Config>, LakeError> {
    read_if_any(store, &names::path(names::CONFIG)?, config::VERSION).await
}

async fn read_if_any<T: DeserializeOwned>(
    store: &dyn ObjectStore,
    path: &Path,
    version: u32,
) -> Result<Option<T>, LakeError> {
    match get(store, path).await {
        Ok(bytes) => parse_versioned(path, &bytes, version).map(Some),
        Err(object_store::Error::NotFound { .. }) => Ok(None),
        Err(source) => Err(LakeError::store("reading", path)(source)),
    }
}

/// The version first: a later one may have what this program cannot parse.
fn parse_versioned<T: DeserializeOwned>(path: &Path, bytes: &[u8], known: u32) -> Result<T, LakeError> {
    let Versioned { version } = parse(path, bytes)?;
    if version > known {
        return Err(LakeError::Version { path: path.to_string(), found: version, known });
    }
    parse(path, bytes)
}

/// Makes the lake; when another does so at the same time, what that one wrote counts.
async fn create_config(store: &dyn ObjectStore, partitioning: Partitioning) -> Result<Config, LakeError> {
    let path = names::path(names::CONFIG)?;
    put_if_absent(store, &path, json(&path, &Config::new(partitioning))?).await?;
    read_config(store).await?.ok_or_else(|| LakeError::Contradiction { path: path.to_string() })
}

fn json(path: &Path, content: &impl Serialize) -> Result<Bytes, LakeError> {
    let mut text =
        serde_json::to_vec(content).map_err(|source| LakeError::Unwritable { path: path.to_string(), source })?;
    text.push(b'\n');
    Ok(text.into())
}

fn parse<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, LakeError> {
    serde_json::from_slice(bytes).map_err(|source| LakeError::Malformed { path: path.to_string(), source })
}

/// A folder that holds anything but a lake's beginning, or what systems leave everywhere, was meant for something else:
/// most likely a source, and the lake's own argument forgotten.
fn check_folder(folder: &FolderPath) -> Result<(), LakeError> {
    let is_lake = || folder.join(names::CONFIG).exists();
    if is_lake() {
        return Ok(());
    }
    let failed = |source| LakeError::Folder { action: "looking into", folder: folder.to_owned(), source };
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            return Err(LakeError::NotAFolder { location: folder.to_owned() });
        }
        Err(error) => return Err(failed(error)),
    };
    for entry in entries {
        let name = entry.map_err(failed)?.file_name();
        let is_harmless = name == names::CONTROL || name == "lost+found" || name.as_encoded_bytes().starts_with(b".");
        // Another run may have made the lake, and gone on, since it was looked for.
        if !is_harmless && !is_lake() {
            let found = name.to_string_lossy().into_owned();
            return Err(LakeError::NotEmpty { folder: folder.to_owned(), found });
        }
    }
    Ok(())
}
