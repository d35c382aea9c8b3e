//! What could not be read, on its way to the `rejects` table.

use trailhouse_schemas::Partition;

use crate::reason::Reason;
use crate::split::capture::Capture;

/// One row of `rejects`.
#[derive(Debug)]
pub(crate) struct Reject {
    pub(crate) partition: Partition,
    pub(crate) source_object: String,
    pub(crate) source_id: String,
    pub(crate) record: u64,
    pub(crate) reason: Reason,
    pub(crate) message: String,
    /// Where in the inflated object it went wrong.
    pub(crate) fault: u64,
    pub(crate) text: Capture,
}
