//! What is asked of AWS Glue: a port of few calls, and the one that makes them.

use std::fmt;

use async_trait::async_trait;
use aws_sdk_glue::Client;
use aws_sdk_glue::config::retry::RetryConfig;
use aws_sdk_glue::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_glue::types::{
    BatchUpdatePartitionRequestEntry, DatabaseInput, Partition, PartitionInput, PartitionValueList, Table, TableInput,
};

use crate::aws::Aws;

/// How often a call is tried that Glue throttles or fails itself.
const TRIES: u32 = 6;
/// Partitions that one call makes, changes or tells, at most.
pub(super) const BATCH: usize = 100;

/// The calls of Glue's that a catalog is kept by.
#[async_trait]
pub trait Glue: fmt::Debug + Send + Sync {
    /// Makes a database, if there is none by this name.
    async fn create_database(&self, database: &str) -> Result<(), GlueFault>;
    /// A table, if there is one by this name.
    async fn table(&self, database: &str, name: &str) -> Result<Option<Table>, GlueFault>;
    /// Makes a table; whether it is new.
    async fn create_table(&self, database: &str, table: TableInput) -> Result<bool, GlueFault>;
    /// Changes a table that still is of this version; whether it was.
    async fn update_table(&self, database: &str, table: TableInput, version: &str) -> Result<bool, GlueFault>;
    /// Makes at most a hundred partitions; the values of those that were there.
    async fn create_partitions(
        &self,
        database: &str,
        table: &str,
        partitions: Vec<PartitionInput>,
    ) -> Result<Vec<Vec<String>>, GlueFault>;
    /// Those of at most a hundred partitions that are there.
    async fn partitions(
        &self,
        database: &str,
        table: &str,
        values: Vec<Vec<String>>,
    ) -> Result<Vec<Partition>, GlueFault>;
    /// One page of all partitions, and what to ask the next one with.
    async fn all_partitions(
        &self,
        database: &str,
        table: &str,
        token: Option<String>,
    ) -> Result<(Vec<Partition>, Option<String>), GlueFault>;
    /// Changes at most a hundred partitions, which are there.
    async fn update_partitions(
        &self,
        database: &str,
        table: &str,
        partitions: Vec<PartitionInput>,
    ) -> Result<(), GlueFault>;
}

/// Why Glue did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Glue says {code}: {message}")]
pub struct GlueFault {
    /// One of Glue's codes, such as `AccessDeniedException`; `Unreachable` where it said nothing.
    pub code: String,
    /// Its sentence.
    pub message: String,
}

impl GlueFault {
    /// What to try next.
    pub fn hint(&self) -> Option<&'static str> {
        match self.code.as_str() {
            "AccessDeniedException" => Some(
                "these credentials may not do that: they need glue:GetTable, glue:CreateTable, glue:UpdateTable, \
                 glue:GetPartitions, glue:BatchCreatePartition, glue:BatchGetPartition and glue:BatchUpdatePartition, \
                 and, under Lake Formation, its grants",
            ),
            "ExpiredTokenException" => Some("sign in again, for instance with `aws sso login`, then run again"),
            "UnrecognizedClientException" => Some("set credentials as the AWS CLI wants them"),
            "ThrottlingException" | "Unreachable" | "InternalServiceException" => Some("run again to continue"),
            "ResourceNumberLimitExceededException" => Some("ask AWS for more tables or partitions in this account"),
            _ => None,
        }
    }
}

/// What cannot even be said to Glue.
impl From<BuildError> for GlueFault {
    fn from(error: BuildError) -> Self {
        Self { code: "ValidationException".to_owned(), message: error.to_string() }
    }
}

/// Glue itself.
#[derive(Debug, Clone)]
pub struct SdkGlue {
    client: Client,
}

impl SdkGlue {
    /// The account's.
    pub fn new(aws: &Aws) -> Self {
        let config = aws_sdk_glue::config::Builder::from(aws.config());
        let config = config.retry_config(RetryConfig::standard().with_max_attempts(TRIES)).build();
        Self { client: Client::from_conf(config) }
    }
}

/// What an error of the SDK says.
fn fault<E: ProvideErrorMetadata + std::error::Error + 'static>(error: SdkError<E>) -> GlueFault {
    let said = |code: &str, message: &str| GlueFault { code: code.to_owned(), message: message.to_owned() };
    match &error {
        SdkError::ServiceError(service) => {
            let service = service.err();
            said(service.code().unwrap_or("Unknown"), service.message().unwrap_or("nothing"))
        }
        _ => said("Unreachable", &crate::aws::innermost(&error)),
    }
}

fn is(fault: &GlueFault, code: &str) -> bool {
    fault.code == code
}

/// Whether an answer is `code`, which is no failure here.
fn unless<T>(answer: Result<T, GlueFault>, code: &str) -> Result<Option<T>, GlueFault> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(fault) if is(&fault, code) => Ok(None),
        Err(fault) => Err(fault),
    }
}

const EXISTS: &str = "AlreadyExistsException";
const MISSING: &str = "EntityNotFoundException";
const CHANGED: &str = "ConcurrentModificationException";

#[async_trait]
impl Glue for SdkGlue {
    async fn create_database(&self, database: &str) -> Result<(), GlueFault> {
        let input = DatabaseInput::builder().name(database).description("Logs, by Trailhouse").build()?;
        let made = self.client.create_database().database_input(input).send().await;
        unless(made.map_err(fault), EXISTS).map(|_| ())
    }

    async fn table(&self, database: &str, name: &str) -> Result<Option<Table>, GlueFault> {
        let found = self.client.get_table().database_name(database).name(name).send().await;
        Ok(unless(found.map_err(fault), MISSING)?.and_then(|found| found.table))
    }

    async fn create_table(&self, database: &str, table: TableInput) -> Result<bool, GlueFault> {
        let made = self.client.create_table().database_name(database).table_input(table).send().await;
        Ok(unless(made.map_err(fault), EXISTS)?.is_some())
    }

    async fn update_table(&self, database: &str, table: TableInput, version: &str) -> Result<bool, GlueFault> {
        let update = self.client.update_table().database_name(database).table_input(table).version_id(version);
        Ok(unless(update.send().await.map_err(fault), CHANGED)?.is_some())
    }

    async fn create_partitions(
        &self,
        database: &str,
        table: &str,
        partitions: Vec<PartitionInput>,
    ) -> Result<Vec<Vec<String>>, GlueFault> {
        let call = self.client.batch_create_partition().database_name(database).table_name(table);
        let answer = call.set_partition_input_list(Some(partitions)).send().await.map_err(fault)?;
        let mut standing = Vec::new();
        for refused in answer.errors.unwrap_or_default() {
            let detail = refused.error_detail.unwrap_or_else(|| aws_sdk_glue::types::ErrorDetail::builder().build());
            let code = detail.error_code.unwrap_or_default();
            if code != EXISTS {
                return Err(GlueFault { code, message: detail.error_message.unwrap_or_default() });
            }
            standing.push(refused.partition_values.unwrap_or_default());
        }
        Ok(standing)
    }

    async fn partitions(
        &self,
        database: &str,
        table: &str,
        values: Vec<Vec<String>>,
    ) -> Result<Vec<Partition>, GlueFault> {
        let keys = |values: Vec<String>| PartitionValueList::builder().set_values(Some(values)).build();
        let keys = values.into_iter().map(keys).collect::<Result<Vec<_>, _>>()?;
        let call = self.client.batch_get_partition().database_name(database).table_name(table);
        let answer = call.set_partitions_to_get(Some(keys)).send().await.map_err(fault)?;
        Ok(answer.partitions.unwrap_or_default())
    }

    async fn all_partitions(
        &self,
        database: &str,
        table: &str,
        token: Option<String>,
    ) -> Result<(Vec<Partition>, Option<String>), GlueFault> {
        let call = self.client.get_partitions().database_name(database).table_name(table).set_next_token(token);
        let answer = call.send().await.map_err(fault)?;
        Ok((answer.partitions.unwrap_or_default(), answer.next_token.filter(|token| !token.is_empty())))
    }

    async fn update_partitions(
        &self,
        database: &str,
        table: &str,
        partitions: Vec<PartitionInput>,
    ) -> Result<(), GlueFault> {
        let entry = |input: PartitionInput| {
            let values = input.values.clone();
            BatchUpdatePartitionRequestEntry::builder().set_partition_value_list(values).partition_input(input).build()
        };
        let entries = partitions.into_iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        let call = self.client.batch_update_partition().database_name(database).table_name(table);
        let answer = call.set_entries(Some(entries)).send().await.map_err(fault)?;
        match answer.errors.unwrap_or_default().into_iter().find_map(|refused| refused.error_detail) {
            None => Ok(()),
            Some(detail) => Err(GlueFault {
                code: detail.error_code.unwrap_or_default(),
                message: detail.error_message.unwrap_or_default(),
            }),
        }
    }
}
