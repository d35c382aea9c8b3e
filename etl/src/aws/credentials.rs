//! The usual chain of credentials, for `object_store`.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use object_store::CredentialProvider;
use object_store::aws::AwsCredential;
use tokio::sync::Mutex;
use trailhouse_lake::fault::NO_CREDENTIALS;

use super::innermost;

/// How long before their end credentials are asked for again.
const RENEWED_BEFORE: Duration = Duration::from_secs(300);

/// Credentials from wherever the AWS CLI would have them, asked for once and again before they end.
pub(super) struct Chain {
    provider: Option<SharedCredentialsProvider>,
    known: Mutex<Option<Known>>,
}

struct Known {
    credential: Arc<AwsCredential>,
    end: Option<SystemTime>,
}

impl Chain {
    pub(super) fn new(provider: Option<SharedCredentialsProvider>) -> Self {
        Self { provider, known: Mutex::default() }
    }
}

impl fmt::Debug for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chain")
    }
}

impl Known {
    fn is_fresh(&self) -> bool {
        self.end.is_none_or(|end| SystemTime::now() + RENEWED_BEFORE < end)
    }
}

#[async_trait]
impl CredentialProvider for Chain {
    type Credential = AwsCredential;

    async fn get_credential(&self) -> object_store::Result<Arc<AwsCredential>> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| known.is_fresh()) {
            return Ok(Arc::clone(&known.credential));
        }
        let none = |source: Box<dyn std::error::Error + Send + Sync>| object_store::Error::Generic {
            store: NO_CREDENTIALS,
            source,
        };
        let provider = self.provider.as_ref().ok_or_else(|| none("there are no credentials".into()))?;
        let found = provider.provide_credentials().await.map_err(|error| none(innermost(&error).into()))?;
        let credential = Arc::new(AwsCredential {
            key_id: found.access_key_id().to_owned(),
            secret_key: found.secret_access_key().to_owned(),
            token: found.session_token().map(str::to_owned),
        });
        *known = Some(Known { credential: Arc::clone(&credential), end: found.expiry() });
        Ok(credential)
    }
}
