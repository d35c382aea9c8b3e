//! What a lake is, written down when it is made.

use serde::{Deserialize, Serialize};
use trailhouse_schemas::Partitioning;

/// The version of the lake's layout and control objects that this program writes.
pub const VERSION: u32 = 1;

/// The content of `_trailhouse/lake.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// Version of the layout.
    pub version: u32,
    /// The partition columns of every table.
    #[serde(with = "partitioning_name")]
    pub partitioning: Partitioning,
}

impl Config {
    /// A new lake's.
    pub fn new(partitioning: Partitioning) -> Self {
        Self { version: VERSION, partitioning }
    }
}

/// A partitioning as its name.
pub(crate) mod partitioning_name {
    use std::borrow::Cow;

    use serde::{Deserialize, Deserializer, Serializer};
    use trailhouse_schemas::Partitioning;

    pub(crate) fn serialize<S: Serializer>(value: &Partitioning, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.name())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Partitioning, D::Error> {
        Cow::<'de, str>::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
