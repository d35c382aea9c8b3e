//! What was read for an answer, and what was left out.

use std::collections::HashSet;
use std::sync::Arc;

use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::metrics::{MetricValue, MetricsSet};
use object_store::path::Path;

use crate::naming::Naming;

/// How many were left out, and how many were not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pruned {
    /// Left out.
    pub pruned: u64,
    /// Kept.
    pub kept: u64,
}

/// What was read of the lake for an answer, so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Files that the partitions of the statement have; others were not even opened. One that is read twice counts
    /// once.
    pub files: u64,
    /// Bytes that were read of them, footers left aside.
    pub bytes: u64,
    /// Files, or ranges of them, by the least and greatest values of whole files.
    pub files_by_statistics: Pruned,
    /// Row groups, by their least and greatest values.
    pub row_groups_by_statistics: Pruned,
    /// Row groups, by their bloom filters.
    pub row_groups_by_bloom_filter: Pruned,
    /// Pages, by their least and greatest values.
    pub pages_by_statistics: Pruned,
    /// Rows that were left out while reading.
    pub rows_by_filter: Pruned,
}

impl Reading {
    /// Adds up what the plan's scans have counted.
    pub(crate) fn of(plan: &Arc<dyn ExecutionPlan>) -> Self {
        let mut reading = Self::default();
        let (mut rest, mut files) = (vec![plan], HashSet::new());
        while let Some(step) = rest.pop() {
            reading.add(step.as_ref(), &mut files);
            rest.extend(step.children());
        }
        reading.files = files.len() as u64;
        reading
    }

    fn add<'p>(&mut self, step: &'p dyn ExecutionPlan, files: &mut HashSet<&'p Path>) {
        let Some(scan) = step.downcast_ref::<DataSourceExec>() else { return };
        let Some((config, _)) = scan.downcast_to_file_source::<Naming>() else { return };
        let scanned = config.file_groups.iter().flat_map(|group| group.iter());
        files.extend(scanned.map(|file| &file.object_meta.location));
        let Some(metrics) = step.metrics() else { return };
        self.bytes += count(&metrics, "bytes_scanned");
        self.files_by_statistics.add(&metrics, "files_ranges_pruned_statistics");
        self.row_groups_by_statistics.add(&metrics, "row_groups_pruned_statistics");
        self.row_groups_by_bloom_filter.add(&metrics, "row_groups_pruned_bloom_filter");
        self.pages_by_statistics.add(&metrics, "page_index_pages_pruned");
        self.rows_by_filter.pruned += count(&metrics, "pushdown_rows_pruned");
        self.rows_by_filter.kept += count(&metrics, "pushdown_rows_matched");
    }
}

fn count(metrics: &MetricsSet, name: &str) -> u64 {
    metrics.sum_by_name(name).map_or(0, |value| value.as_usize() as u64)
}

impl Pruned {
    fn add(&mut self, metrics: &MetricsSet, name: &str) {
        for metric in metrics.iter().filter(|metric| metric.value().name() == name) {
            if let MetricValue::PruningMetrics { pruning_metrics, .. } = metric.value() {
                self.pruned += pruning_metrics.pruned() as u64;
                self.kept += pruning_metrics.matched() as u64;
            }
        }
    }
}
