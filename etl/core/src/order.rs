//! Which partition each row belongs to, and in which order rows stand in their files.

use std::collections::{HashMap, HashSet};

use trailhouse_schemas::{Partition, PartitionColumn, Partitioning};

use crate::key::{KeyFacts, is_account};
use crate::limits::{EVENT_DAYS_AHEAD, MODIFIED_DAYS_BEHIND, OBJECT_PARTITIONS_MAX};
use crate::memory::{Extent, PARTITION_BYTES};
use crate::object::{Object, Tally};
use crate::places::Places;
use crate::time::Day;

/// What stands for an account or region that nothing tells.
const UNKNOWN: &str = "unknown";
/// Bytes of the longest region that is believed.
const REGION_BYTES_MAX: usize = 64;

/// What a row says of its partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Claims<'a> {
    pub(crate) account: Option<&'a [u8]>,
    pub(crate) region: Option<&'a [u8]>,
    pub(crate) day: Option<Day>,
    pub(crate) doubts: Doubts,
}

/// Whether the row has a field for it that is not null and of another type or form than its column takes, before the one
/// that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Doubts {
    pub(crate) account: bool,
    pub(crate) day: bool,
}

/// The rows of one part, by partition and time.
#[derive(Debug)]
pub(crate) struct Order {
    partitioning: Partitioning,
    places: Places,
    partitions: Vec<Partition>,
    numbers: HashMap<Partition, u32>,
    /// The partitions that the open object has rows in.
    of_object: HashSet<Partition>,
}

impl Order {
    pub(crate) fn new(partitioning: Partitioning) -> Self {
        Self {
            partitioning,
            places: Places::default(),
            partitions: Vec::new(),
            numbers: HashMap::new(),
            of_object: HashSet::new(),
        }
    }

    /// Forgets all rows; what the open object has opened still counts.
    pub(crate) fn clear(&mut self) {
        self.places.clear();
        self.partitions.clear();
        self.numbers.clear();
    }

    /// The memory of all rows' places.
    pub(crate) fn extent(&self) -> Extent {
        let partitions = 2 * self.partitions.len() * PARTITION_BYTES;
        [self.places.extent(), Extent { in_use: partitions, reserved: partitions }].into_iter().sum()
    }

    /// Forgets all rows, and gives back their memory.
    pub(crate) fn release(&mut self) {
        let of_object = std::mem::take(&mut self.of_object);
        *self = Self { of_object, ..Self::new(self.partitioning) };
    }

    /// The next rows are another object's.
    pub(crate) fn begin_object(&mut self) {
        self.of_object.clear();
    }

    /// Places the next row at `time` in partition `partition`.
    #[inline]
    pub(crate) fn push(&mut self, partition: u32, time: i64) {
        self.places.push(partition, time);
    }

    /// The partition that `claims` lead to; those that cannot be believed are counted and give way to the key's.
    pub(crate) fn partition(&mut self, claims: Claims<'_>, object: &Object, tally: &mut Tally) -> u32 {
        let believed = Believed {
            account: claims.account.and_then(|text| str::from_utf8(text).ok()).filter(|text| is_account(text)),
            region: claims.region.and_then(|text| str::from_utf8(text).ok()).filter(|text| is_region(text)),
            day: claims.day.filter(|day| is_near(*day, object)),
        };
        let Doubts { account, day } = claims.doubts;
        tally.account_fallbacks += u64::from(account || claims.account.is_some() && believed.account.is_none());
        tally.date_fallbacks += u64::from(day || claims.day.is_some() && believed.day.is_none());
        let partition = self.partition_of(believed, object);
        if !self.of_object.contains(&partition) {
            if self.of_object.len() >= OBJECT_PARTITIONS_MAX {
                tally.date_fallbacks += 1;
                return self.number(key_partition(self.partitioning, object));
            }
            self.of_object.insert(partition.clone());
        }
        self.number(partition)
    }

    fn number(&mut self, partition: Partition) -> u32 {
        if let Some(number) = self.numbers.get(&partition) {
            return *number;
        }
        let number = self.partitions.len() as u32;
        self.partitions.push(partition.clone());
        self.numbers.insert(partition, number);
        number
    }

    fn partition_of(&self, believed: Believed<'_>, object: &Object) -> Partition {
        partition(self.partitioning, believed, object)
    }

    /// Each partition with its rows in order. Files of a part come in the order of their partitions.
    pub(crate) fn sorted(&mut self) -> impl Iterator<Item = (&Partition, &[u32])> {
        let mut by_value: Vec<u32> = (0..self.partitions.len() as u32).collect();
        by_value.sort_unstable_by(|a, b| self.partitions[*a as usize].cmp(&self.partitions[*b as usize]));
        let mut rank = vec![0; by_value.len()];
        for (place, number) in by_value.iter().enumerate() {
            rank[*number as usize] = place as u32;
        }
        let Self { places, partitions, .. } = self;
        let (mut rows, counts) = places.sorted(&rank);
        let partitions = &*partitions;
        let of_partition = move |(number, count): (u32, &usize)| {
            let (own, behind) = rows.split_at(*count);
            rows = behind;
            (&partitions[number as usize], own)
        };
        by_value.into_iter().zip(counts).map(of_partition).filter(|(_, rows)| !rows.is_empty())
    }
}

#[derive(Debug, Clone, Copy, Default)]
struct Believed<'a> {
    account: Option<&'a str>,
    region: Option<&'a str>,
    day: Option<Day>,
}

/// The partition that an object's key leads to.
pub(crate) fn key_partition(partitioning: Partitioning, object: &Object) -> Partition {
    partition(partitioning, Believed::default(), object)
}

fn partition(partitioning: Partitioning, believed: Believed<'_>, object: &Object) -> Partition {
    let KeyFacts { account, region, .. } = &object.key;
    let value = |column: &PartitionColumn| match column {
        PartitionColumn::AccountId => believed.account.or(account.as_deref()).unwrap_or(UNKNOWN).to_owned(),
        PartitionColumn::Region => believed.region.or(region.as_deref()).unwrap_or(UNKNOWN).to_owned(),
        PartitionColumn::EventDate => believed.day.unwrap_or(own_day(object)).to_string(),
    };
    Partition(partitioning.columns().iter().map(|column| (*column, value(column))).collect())
}

/// The day of an object: its key's, else the one it was modified on.
fn own_day(object: &Object) -> Day {
    object.key.day.unwrap_or(object.modified)
}

/// Whether the object lets an event be of `day`.
fn is_near(day: Day, object: &Object) -> bool {
    let is_possible = |day: &Day| (Day::FIRST..=Day::LAST).contains(day);
    let ahead_of = |own: Day| day.0.saturating_sub(own.0);
    if !is_possible(&day) {
        return false;
    }
    // AWS writes the key. Whoever copies the object may set the day it was modified on: to 1970, or to anything.
    match object.key.day.filter(is_possible) {
        Some(own) => ahead_of(own) <= EVENT_DAYS_AHEAD,
        None if is_possible(&object.modified) => {
            !(EVENT_DAYS_AHEAD + 1..=MODIFIED_DAYS_BEHIND).contains(&ahead_of(object.modified))
        }
        None => true,
    }
}

fn is_region(text: &str) -> bool {
    !text.is_empty() && text.len() <= REGION_BYTES_MAX
}
