//! What makes real flow logs hard to read, one kind at a time. Only what is [`FlowHazard::Broken`] is no record.

use crate::flow::field::{Column, Field, UNKNOWN};
use crate::flow::row::{Row, Status, Times};
use crate::network::Network;
use crate::random::{MILLION, Random};

/// A deviation of one line. A line has at most one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowHazard {
    /// It ended on another day than its object's key says.
    Late,
    /// Its times are in milliseconds.
    Milliseconds,
    /// Its `account-id` is `unknown`.
    UnknownAccount,
    /// It is of a regional NAT gateway, which has no interface.
    RegionalNat,
    /// More packets and bytes than a double can count.
    LargeNumbers,
    /// A port past 32 bits, and a protocol's name where its number is usual.
    UnfitNumbers,
    /// Too few fields.
    Broken,
}

/// How many of a million lines have each hazard.
pub const FLOW_HAZARDS: [(FlowHazard, u32); 7] = [
    (FlowHazard::Late, 4_000),
    (FlowHazard::Milliseconds, 1_000),
    (FlowHazard::UnknownAccount, 2_000),
    (FlowHazard::RegionalNat, 4_000),
    (FlowHazard::LargeNumbers, 1_000),
    (FlowHazard::UnfitNumbers, 500),
    (FlowHazard::Broken, 1_000),
];

/// A deviation of a whole object. An object has at most one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlowShape {
    /// None.
    Plain,
    /// A column that no version knows, somewhere.
    UnknownColumn,
    /// An alphabetical header without `version`.
    WithoutVersion,
    /// A second header in the middle, as when two files are concatenated; the columns are another way round in every
    /// other one.
    TwoHeaders,
    /// A header and no record.
    HeaderOnly,
    /// Several gzip members back to back.
    Members,
    /// No line break at the end.
    OpenEnd,
    /// Lines that end as on Windows.
    CrLf,
}

/// The shapes, each with its place among twenty objects; the others are plain.
pub const FLOW_SHAPES: [(FlowShape, usize); 7] = [
    (FlowShape::UnknownColumn, 3),
    (FlowShape::WithoutVersion, 5),
    (FlowShape::TwoHeaders, 8),
    (FlowShape::HeaderOnly, 11),
    (FlowShape::Members, 13),
    (FlowShape::OpenEnd, 16),
    (FlowShape::CrLf, 18),
];

/// Objects after which the shapes begin anew.
const PERIOD: usize = 20;
/// How long before its key's day a late line ended at most.
const LATE_SECONDS_MAX: i64 = 3_600;
/// A count that a double would round.
const LARGE: u64 = (1 << 60) + 1;

impl FlowShape {
    /// The shape of object `index`.
    pub(crate) fn of(index: usize, has_hazards: bool) -> Self {
        let shaped = FLOW_SHAPES.iter().find(|(_, place)| has_hazards && index % PERIOD == *place);
        shaped.map_or(Self::Plain, |(shape, _)| *shape)
    }

    /// The columns of such an object, and those below its second header.
    pub(crate) fn columns(self, usual: &[Column], seed: u64) -> (Vec<Column>, Option<Vec<Column>>) {
        let mut columns = usual.to_vec();
        match self {
            // A header of which half is unknown would be none.
            Self::UnknownColumn if columns.len() > 1 => {
                let place = Random::new(seed).below(columns.len() as u32 + 1);
                columns.insert(place as usize, UNKNOWN);
            }
            Self::WithoutVersion if columns.len() > 1 => {
                columns.retain(|column| column.field != Field::Version);
                columns.sort_unstable_by_key(|column| column.name);
            }
            Self::TwoHeaders => {
                let second =
                    if seed.is_multiple_of(2) { usual.to_vec() } else { usual.iter().rev().copied().collect() };
                return (columns, Some(second));
            }
            _ => {}
        }
        (columns, None)
    }
}

impl FlowHazard {
    /// The hazard of one line, if it has any.
    pub(crate) fn draw(random: &mut Random) -> Option<Self> {
        let mut drawn = random.below(MILLION);
        for (hazard, share) in FLOW_HAZARDS {
            if drawn < share {
                return Some(hazard);
            }
            drawn -= share;
        }
        None
    }

    /// Whether it shows in an object with these columns.
    pub(crate) fn fits(self, columns: &[Column]) -> bool {
        let has = |field: Field| columns.iter().any(|column| column.field == field);
        match self {
            Self::Late | Self::Milliseconds => has(Field::Start) || has(Field::End),
            Self::UnknownAccount => has(Field::AccountId),
            Self::RegionalNat => has(Field::InterfaceId),
            Self::LargeNumbers => has(Field::Packets) || has(Field::Bytes),
            Self::UnfitNumbers => has(Field::SourcePort) || has(Field::Protocol),
            Self::Broken => columns.len() > 1,
        }
    }

    /// Changes a drawn row of an object whose day began at `day_start`. (A [`FlowHazard::Broken`] line is cut later.)
    pub(crate) fn apply(self, row: &mut Row, network: Network, day_start: i64, random: &mut Random) {
        row.status = Status::Ok;
        match self {
            Self::Late => {
                let span = row.end - row.start;
                row.end = day_start - 1 - random.between(0, LATE_SECONDS_MAX);
                row.start = row.end - span;
            }
            Self::Milliseconds => row.times = Times::Milliseconds,
            Self::UnknownAccount => row.has_account = false,
            Self::RegionalNat => row.regional_nat = Some(network.id("nat-", u64::from(random.below(6)))),
            Self::LargeNumbers => (row.packets, row.bytes) = (LARGE, Some(LARGE + 40)),
            Self::UnfitNumbers => row.is_unfit = true,
            Self::Broken => {}
        }
    }
}
