//! The account: what AWS's clients are made of, and the buckets of S3.
//!
//! Credentials, region and endpoint are looked for where the AWS CLI looks: the environment, profiles, SSO, containers,
//! instances. S3 itself is spoken to by `object_store`, all else by AWS's own clients.

mod credentials;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use object_store::aws::{AmazonS3, AmazonS3Builder, resolve_bucket_region};
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};
use trailhouse_lake::{Bucket, Lake, LakeError, Location};
use trailhouse_schemas::Partitioning;

use crate::catalog::{Catalog, GlueCatalog, NoCatalog, SdkGlue};
use credentials::Chain;

/// The region where none is set; S3 then tells each bucket's own.
const REGION_DEFAULT: &str = "us-east-1";
/// How long one request may take until its answer begins; more waits for S3's own retries.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);
/// How long one request is tried again at most.
const RETRY_TIME_MAX: Duration = Duration::from_secs(120);
/// How often a request is tried again at most.
const RETRIES_MAX: usize = 8;

/// What the environment says of buckets, beside what every AWS client reads there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BucketOptions {
    /// The KMS key that new objects are encrypted with, where that is not the bucket's own default:
    /// `TRAILHOUSE_KMS_KEY`. With it goes an S3 Bucket Key.
    pub kms_key: Option<String>,
    /// Whether the reader pays for requests: `TRAILHOUSE_REQUESTER_PAYS=true`.
    pub requester_pays: bool,
}

impl BucketOptions {
    fn from_env() -> Self {
        let kms_key = std::env::var("TRAILHOUSE_KMS_KEY").ok().filter(|key| !key.is_empty());
        let requester_pays = std::env::var("TRAILHOUSE_REQUESTER_PAYS").is_ok_and(|text| text == "true" || text == "1");
        Self { kms_key, requester_pays }
    }
}

/// An account of AWS's, as this process may use it.
#[derive(Clone)]
pub struct Aws {
    config: SdkConfig,
    chain: Arc<Chain>,
    endpoint: Option<String>,
    options: BucketOptions,
    buckets: Arc<Mutex<HashMap<String, Arc<AmazonS3>>>>,
    /// Whether each bucket is asked for its region: a function's buckets are all in its own.
    asks_regions: bool,
}

impl fmt::Debug for Aws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { endpoint, options, .. } = self;
        f.debug_struct("Aws").field("endpoint", endpoint).field("options", options).finish_non_exhaustive()
    }
}

impl Aws {
    /// Reads the environment and the files that AWS's clients are set up by. No request is made for it.
    pub async fn load() -> Self {
        let http =
            aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
        let config = aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await;
        let config = match config.region() {
            Some(_) => config,
            None => config.into_builder().region(Region::from_static(REGION_DEFAULT)).build(),
        };
        let own = std::env::var("AWS_ENDPOINT_URL_S3").ok().filter(|address| !address.is_empty());
        let endpoint = own.or_else(|| config.endpoint_url().map(str::to_owned));
        let chain = Arc::new(Chain::new(config.credentials_provider()));
        let asks_regions = endpoint.is_none();
        let options = BucketOptions::from_env();
        Self { config, chain, endpoint, options, buckets: Arc::default(), asks_regions }
    }

    /// The same for a function, whose buckets are all in its own region.
    pub async fn load_in_function() -> Self {
        Self { asks_regions: false, ..Self::load().await }
    }

    /// What AWS's own clients are made of.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// All objects of a bucket.
    ///
    /// # Errors
    ///
    /// When the settings make no client. That there is no such bucket shows when it is asked for something.
    pub async fn bucket(&self, name: &str) -> Result<Arc<AmazonS3>, LakeError> {
        if let Some(store) = self.buckets.lock().unwrap_or_else(PoisonError::into_inner).get(name) {
            return Ok(Arc::clone(store));
        }
        let store = Arc::new(self.build(name).await?);
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), Arc::clone(&store));
        Ok(store)
    }

    /// The objects below a bucket's prefix.
    ///
    /// # Errors
    ///
    /// As [`Aws::bucket`].
    pub async fn store(&self, place: &Bucket) -> Result<Arc<dyn ObjectStore>, LakeError> {
        let store = self.bucket(&place.name).await?;
        if place.prefix.is_empty() {
            return Ok(store);
        }
        Ok(Arc::new(PrefixStore::new(store, place.prefix.as_str())))
    }

    async fn build(&self, name: &str) -> Result<AmazonS3, LakeError> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(name)
            .with_region(self.region_of(name).await)
            .with_credentials(Arc::<Chain>::clone(&self.chain) as _)
            .with_request_payer(self.options.requester_pays)
            .with_client_options(ClientOptions::new().with_timeout(REQUEST_TIME_MAX).with_allow_http(true))
            .with_retry(RetryConfig {
                backoff: BackoffConfig::default(),
                max_retries: RETRIES_MAX,
                retry_timeout: RETRY_TIME_MAX,
            });
        builder = match &self.endpoint {
            Some(endpoint) => builder.with_endpoint(endpoint).with_virtual_hosted_style_request(false),
            // A name with dots does not fit S3's certificate.
            None => builder.with_virtual_hosted_style_request(!name.contains('.')),
        };
        if let Some(key) = &self.options.kms_key {
            builder = builder.with_sse_kms_encryption(key).with_bucket_key(true);
        }
        builder.build().map_err(|source| LakeError::store("opening", &format!("s3://{name}"))(source))
    }

    async fn region_of(&self, bucket: &str) -> String {
        let own = self.config.region().map_or(REGION_DEFAULT, Region::as_ref).to_owned();
        if !self.asks_regions {
            return own;
        }
        // Whatever is wrong with the bucket is told by the first request that means something.
        resolve_bucket_region(bucket, &ClientOptions::new().with_timeout(REQUEST_TIME_MAX)).await.unwrap_or(own)
    }
}

/// Opens the lake at `location`, in a folder or in S3.
///
/// # Errors
///
/// When there is none, or it cannot be read.
pub async fn open_lake(location: &str) -> Result<Lake, LakeError> {
    match Location::parse(location)? {
        Location::Folder(_) => Lake::open(location).await,
        Location::Bucket(place) => Aws::load().await.open_lake(&place).await,
    }
}

impl Aws {
    /// Opens a lake in S3.
    ///
    /// # Errors
    ///
    /// When there is none, or it cannot be read.
    pub async fn open_lake(&self, place: &Bucket) -> Result<Lake, LakeError> {
        let lake = Lake::open_in(self.store(place).await?).await.map_err(|error| named(error, place))?;
        Ok(lake.in_bucket(place.clone()))
    }

    /// Opens a lake in S3, or makes one there.
    ///
    /// # Errors
    ///
    /// When it can be neither, or has another partitioning than was `asked` for.
    pub async fn open_or_create_lake(&self, place: &Bucket, asked: Option<Partitioning>) -> Result<Lake, LakeError> {
        let lake = Lake::open_or_create_in(self.store(place).await?, asked).await?;
        Ok(lake.in_bucket(place.clone()))
    }
}

impl Aws {
    /// What has to know the partitions of a lake: Glue, where the lake says so.
    ///
    /// # Errors
    ///
    /// When the lake cannot be read.
    pub async fn catalog(&self, lake: &Lake) -> Result<Arc<dyn Catalog>, LakeError> {
        let config = lake.catalog().await?;
        let catalog = config.and_then(|config| self.glue(lake, &config.glue_database));
        Ok(catalog.map_or_else(|| Arc::new(NoCatalog) as _, |catalog| Arc::new(catalog) as _))
    }

    /// The tables of a lake in a database of Glue's; none of a lake that is not in S3.
    pub fn glue(&self, lake: &Lake, database: &str) -> Option<GlueCatalog> {
        let place = lake.bucket()?;
        Some(GlueCatalog::new(Arc::new(SdkGlue::new(self)), database, place, lake.partitioning()))
    }
}

/// The error with the lake's own address, as it was typed.
fn named(error: LakeError, place: &Bucket) -> LakeError {
    match error {
        LakeError::NotALake { .. } => LakeError::NotALake { location: place.to_string() },
        error => error,
    }
}

/// What failed first: the words above it are about clients and chains.
pub(crate) fn innermost(error: &dyn std::error::Error) -> String {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}
