//! How DataFusion is set up.

use std::num::NonZeroUsize;
use std::sync::Arc;

use datafusion::common::Result;
use datafusion::execution::memory_pool::{FairSpillPool, TrackConsumersPool};
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::date_format::date_format;
use crate::json::{json_extract, json_extract_scalar};
use crate::memory;

/// Values of an `IN (…)` by which files and row groups are left out: people paste lists of addresses and keys.
const PRUNING_LIST_MAX: usize = 200;
/// Footers that are kept between statements, in bytes.
const FOOTER_CACHE_BYTES: usize = 64 << 20;
/// Steps of a plan that an error of memory names.
const MEMORY_CONSUMERS_NAMED: NonZeroUsize = NonZeroUsize::MIN.saturating_add(2);

/// What a session may use.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// Bytes that sorts, joins and aggregations hold before they spill; see [`memory::default_bytes`] for `None`.
    pub memory_bytes: Option<usize>,
    /// Threads; one a core by default.
    pub threads: Option<usize>,
}

/// A context without tables.
pub(crate) fn context(options: &Options) -> Result<SessionContext> {
    let memory = options.memory_bytes.unwrap_or_else(memory::default_bytes);
    let pool = TrackConsumersPool::new(FairSpillPool::new(memory), MEMORY_CONSUMERS_NAMED);
    let runtime = RuntimeEnvBuilder::new()
        .with_memory_pool(Arc::new(pool))
        // A lake grows while it is asked: no list of files is kept.
        .with_object_list_cache_limit(0)
        .with_metadata_cache_limit(FOOTER_CACHE_BYTES)
        .build_arc()?;
    let mut context = SessionContext::new_with_config_rt(config(options), runtime);
    datafusion_functions_json::register_all(&mut context)?;
    context.register_udf(json_extract());
    context.register_udf(json_extract_scalar());
    // In place of the engine's, which takes other patterns under this name.
    context.register_udf(date_format());
    Ok(context)
}

fn config(options: &Options) -> SessionConfig {
    let mut config = SessionConfig::new().with_information_schema(true);
    if let Some(threads) = options.threads {
        config = config.with_target_partitions(threads);
    }
    let settings = config.options_mut();
    settings.execution.time_zone = Some("UTC".to_owned());
    // A footer is read when its file's turn comes, by all threads at once and once: collecting the statistics of whole
    // files reads every footer first, one after the other, before there is a row.
    settings.execution.collect_statistics = false;
    // As in Athena, whichever the direction.
    settings.sql_parser.default_null_ordering = "nulls_last".to_owned();
    let parquet = &mut settings.execution.parquet;
    parquet.pruning = true;
    parquet.enable_page_index = true;
    parquet.bloom_filter_on_read = true;
    parquet.pushdown_filters = true;
    parquet.reorder_filters = true;
    parquet.max_in_list_size = PRUNING_LIST_MAX;
    config
}
