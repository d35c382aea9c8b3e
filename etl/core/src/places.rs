//! The rows of one part in their order: by partition, then time, then as they came.

use crate::memory::Extent;

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    /// First the partition's number, then its rank.
    partition: u32,
    time: i64,
    row: u32,
}

/// Where every row stands; keeps its buffers.
#[derive(Debug, Default)]
pub(crate) struct Places {
    places: Vec<Place>,
    /// The places, each as one number that orders as it does.
    packed: Vec<u64>,
    rows: Vec<u32>,
    counts: Vec<usize>,
}

impl Places {
    /// Forgets all rows.
    pub(crate) fn clear(&mut self) {
        self.places.clear();
    }

    /// The memory of all places, sorted or not.
    pub(crate) fn extent(&self) -> Extent {
        let places = Extent::of(&self.places);
        let of_each = size_of::<u64>() + size_of::<u32>();
        let sorted = Extent { in_use: self.places.len() * of_each, reserved: self.places.capacity() * of_each };
        [places, sorted].into_iter().sum()
    }

    /// Places the next row at `time` in partition `partition`.
    #[inline]
    pub(crate) fn push(&mut self, partition: u32, time: i64) {
        let row = self.places.len() as u32;
        self.places.push(Place { partition, time, row });
    }

    /// The rows in order, and how many each partition has, by rank; `ranks` are the partitions' by number. Rows are pushed
    /// again only after [`Places::clear`].
    pub(crate) fn sorted(&mut self, ranks: &[u32]) -> (&[u32], &[usize]) {
        self.counts.clear();
        self.counts.resize(ranks.len(), 0);
        for place in &mut self.places {
            place.partition = ranks[place.partition as usize];
            self.counts[place.partition as usize] += 1;
        }
        self.rows.clear();
        match Packing::of(&self.places) {
            Some(packing) => {
                self.packed.clear();
                self.packed.extend(self.places.iter().map(|place| packing.pack(*place)));
                self.packed.sort_unstable();
                self.rows.extend(self.packed.iter().map(|packed| packing.row(*packed)));
            }
            None => {
                self.places.sort_unstable();
                self.rows.extend(self.places.iter().map(|place| place.row));
            }
        }
        (&self.rows, &self.counts)
    }
}

/// How places fit 64 bits each: partition, time and row, from the highest bit down. Such numbers are sorted in a third of
/// the time.
#[derive(Debug, Clone, Copy)]
struct Packing {
    /// The earliest time; 0 stands for no time, which comes before it.
    earliest: i64,
    time_bits: u32,
    row_bits: u32,
}

impl Packing {
    /// `None` where they do not fit: a part can have rows of the year 1 and of the year 9999.
    fn of(places: &[Place]) -> Option<Self> {
        let times = || places.iter().map(|place| place.time).filter(|time| *time != i64::MIN);
        let (earliest, latest) = (times().min().unwrap_or(0), times().max().unwrap_or(0));
        let partitions = places.iter().map(|place| place.partition).max()?;
        let bits = |most: u64| u64::BITS - most.leading_zeros();
        let time_bits = bits(latest.abs_diff(earliest).checked_add(1)?);
        let row_bits = bits(places.len() as u64);
        (bits(u64::from(partitions)) + time_bits + row_bits <= u64::BITS).then_some(Self {
            earliest,
            time_bits,
            row_bits,
        })
    }

    #[inline(always)]
    fn pack(self, place: Place) -> u64 {
        let time = if place.time == i64::MIN { 0 } else { place.time.abs_diff(self.earliest) + 1 };
        let (high, low) = (u64::from(place.partition), u64::from(place.row));
        // A shift by all 64 bits, of a partition that is 0 then, would be none.
        high.checked_shl(self.time_bits + self.row_bits).unwrap_or(0) | time << self.row_bits | low
    }

    #[inline(always)]
    fn row(self, packed: u64) -> u32 {
        (packed & !(u64::MAX << self.row_bits)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sorts rows of `times` over `partitions` partitions, whose ranks are their numbers backwards, and holds them
    /// against a stable sort.
    fn assert_sorted(times: &[i64], partitions: u32, is_packed: bool) {
        let ranks: Vec<u32> = (0..partitions).rev().collect();
        let partition = |row: usize| (row as u32).wrapping_mul(2_654_435_761) % partitions;
        let mut places = Places::default();
        for (row, time) in times.iter().enumerate() {
            places.push(partition(row), *time);
        }
        assert_eq!(Packing::of(&places.places).is_some(), is_packed, "{times:?}");
        let mut expected: Vec<u32> = (0..times.len() as u32).collect();
        expected.sort_by_key(|row| (ranks[partition(*row as usize) as usize], times[*row as usize]));
        let (rows, counts) = places.sorted(&ranks);
        assert_eq!(rows, expected);
        let count = |rank: u32| (0..times.len()).filter(|row| ranks[partition(*row) as usize] == rank).count();
        assert_eq!(counts, (0..partitions).map(count).collect::<Vec<_>>());
    }

    #[test]
    fn rows_stand_by_partition_time_and_number() {
        let day = 86_400_000;
        let usual = |row: i64| 1_767_225_600_000 + row * 7_919 % day / 60_000 * 1000;
        let times: Vec<i64> = (0..5000).map(|row| if row % 97 == 0 { i64::MIN } else { usual(row) }).collect();
        assert_sorted(&times, 1, true);
        assert_sorted(&times, 300, true);
        assert_sorted(&[i64::MIN; 20], 3, true);
        assert_sorted(&[5, -5, 0, i64::MIN, 5], 2, true);
    }

    #[test]
    fn times_that_lie_too_far_apart_are_sorted_all_the_same() {
        assert_sorted(&[i64::MAX, 0, i64::MIN, i64::MIN + 1, 0, i64::MAX], 2, false);
        let years = [-62_135_596_800_000, 253_402_300_799_999];
        let times: Vec<i64> = (0..5000).map(|row| years[row % 2] + row as i64 % 3).collect();
        assert_sorted(&times, 1, true);
        assert_sorted(&times, 4000, false);
    }
}
