//! How a lake cuts its tables into folders.

use std::fmt;
use std::str::FromStr;

/// The partition columns of every table of one lake, fixed when the lake is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Partitioning {
    /// `event_date`.
    Date,
    /// `account_id`, `event_date`.
    #[default]
    AccountDate,
    /// `region`, `account_id`, `event_date`: the columns of Security Lake.
    RegionAccountDate,
}

/// One partition of a table: a value for each of the lake's partition columns, outermost first.
///
/// Values are text as it stands in a path before percent-encoding; a date is `YYYY-MM-DD`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Partition(pub Vec<(PartitionColumn, String)>);

/// One partition column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PartitionColumn {
    /// The region, text.
    Region,
    /// The 12 digits of the account, text, or `unknown`.
    AccountId,
    /// The day in UTC, a date.
    EventDate,
}

/// What a partition column's values are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartitionKind {
    /// Text.
    Text,
    /// A day, written `YYYY-MM-DD`.
    Date,
}

impl Partitioning {
    /// Every preset.
    pub const ALL: [Self; 3] = [Self::Date, Self::AccountDate, Self::RegionAccountDate];

    /// The preset's name, as typed and as written in `lake.json`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Date => "date",
            Self::AccountDate => "account-date",
            Self::RegionAccountDate => "region-account-date",
        }
    }

    /// The partition columns, outermost folder first.
    pub const fn columns(self) -> &'static [PartitionColumn] {
        use PartitionColumn::{AccountId, EventDate, Region};
        match self {
            Self::Date => &[EventDate],
            Self::AccountDate => &[AccountId, EventDate],
            Self::RegionAccountDate => &[Region, AccountId, EventDate],
        }
    }
}

impl PartitionColumn {
    /// Every partition column of any preset, outermost folder first.
    pub const ALL: [Self; 3] = [Self::Region, Self::AccountId, Self::EventDate];

    /// The column with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.name() == name)
    }

    /// What the column's values are.
    pub const fn kind(self) -> PartitionKind {
        match self {
            Self::Region | Self::AccountId => PartitionKind::Text,
            Self::EventDate => PartitionKind::Date,
        }
    }

    /// The column's name in paths and catalogs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Region => "region",
            Self::AccountId => "account_id",
            Self::EventDate => "event_date",
        }
    }

    /// What it means, for the manual and the Glue comment.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Region => "The region that the record names, else the one in the object's key, else `unknown`.",
            Self::AccountId => {
                "The account that the record belongs to, if it is 12 digits, else the one in the object's key, else \
                 `unknown`."
            }
            Self::EventDate => {
                "The day of the record's own time in UTC, if that can be, else the day in the object's key, else the day \
                 on which the object was last modified."
            }
        }
    }
}

impl fmt::Display for Partitioning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no preset.
#[derive(Debug, PartialEq, Eq)]
pub struct UnknownPartitioning(pub String);

impl fmt::Display for UnknownPartitioning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Partitioning::ALL.map(|preset| format!("`{preset}`")).join(", ");
        write!(f, "no partitioning `{}`; it is one of {names}", self.0)
    }
}

impl std::error::Error for UnknownPartitioning {}

impl FromStr for Partitioning {
    type Err = UnknownPartitioning;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|preset| preset.name() == name).ok_or_else(|| UnknownPartitioning(name.to_owned()))
    }
}
