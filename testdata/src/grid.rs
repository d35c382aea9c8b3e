//! Where objects stand: spread over days, accounts and regions, the same way for every format.

use crate::cast::{ACCOUNTS_MAX, REGIONS};
use crate::civil::{DAY_SECONDS, Date, MINUTE_SECONDS};
use crate::error::Error;

/// Objects past which a corpus cannot be planned in memory.
const OBJECTS_MAX: u64 = 50_000_000;
/// The first day, when none is named: a Monday.
const START: &str = "2026-03-02";

/// The first day, when none is named.
pub(crate) fn usual_start() -> Date {
    START.parse().unwrap_or_else(|_| crate::civil::day_of(0))
}

/// The days, accounts and regions over which objects are spread.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid {
    pub(crate) start: Date,
    pub(crate) days: u32,
    pub(crate) accounts: u32,
    pub(crate) regions: u32,
}

/// The place of one object.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cell {
    /// The number of its account.
    pub(crate) account: u32,
    /// The number of its region.
    pub(crate) region: u8,
    /// The first second of which it holds anything, and the one behind the last.
    pub(crate) window: (i64, i64),
}

impl Grid {
    /// Refuses what cannot be spread.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let bounds = [
            ("--days", self.days, 10_000),
            ("--accounts", self.accounts, ACCOUNTS_MAX),
            ("--regions", self.regions, REGIONS.len() as u32),
        ];
        for (what, value, most) in bounds {
            if !(1..=most).contains(&value) {
                return Err(Error::OutOfBounds { what, least: 1, most: u64::from(most) });
            }
        }
        let last = self.start.plus(self.days - 1);
        if last > Date::LAST { Err(Error::TooLate) } else { Ok(()) }
    }

    /// How many objects there are: as many as asked for, else about one for `usual` of `records`.
    pub(crate) fn objects(&self, asked: Option<u64>, records: u64, usual: u64) -> Result<u64, Error> {
        let count = asked.unwrap_or_else(|| (records / usual).max(self.cells().min(records)).max(1));
        match (1..=OBJECTS_MAX).contains(&count) {
            true => Ok(count),
            false => Err(Error::OutOfBounds { what: "--objects", least: 1, most: OBJECTS_MAX }),
        }
    }

    /// Days times accounts times regions.
    pub(crate) fn cells(&self) -> u64 {
        u64::from(self.days) * u64::from(self.accounts) * u64::from(self.regions)
    }

    /// The place of object `index` of `count`.
    pub(crate) fn cell(&self, index: u64, count: u64) -> Cell {
        let cells = self.cells();
        let cell = if count >= cells { index % cells } else { index * cells / count };
        let (turn, turns) = if count >= cells { (index / cells, count.div_ceil(cells)) } else { (0, 1) };
        let (accounts, regions) = (u64::from(self.accounts), u64::from(self.regions));
        let (day, account, region) = (cell / regions / accounts, cell / regions % accounts, cell % regions);
        let window = window(self.start.plus(day as u32), turn, turns);
        Cell { account: account as u32, region: region as u8, window }
    }
}

/// Turn `turn` of a day's `turns`, in whole minutes that end before the day does.
fn window(day: Date, turn: u64, turns: u64) -> (i64, i64) {
    let minutes = DAY_SECONDS / MINUTE_SECONDS - 1;
    let minute_of = |turn: u64| i64::try_from(turn * minutes as u64 / turns).unwrap_or(minutes);
    let (first, last) = (minute_of(turn), minute_of(turn + 1));
    let first = first.min(last - 1).max(0);
    (day.start() + first * MINUTE_SECONDS, day.start() + last.max(1) * MINUTE_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_stay_within_their_day() {
        let day: Date = "2026-03-02".parse().unwrap();
        for turns in [1, 2, 7, 1_000, 10_000] {
            for turn in [0, turns / 2, turns - 1] {
                let (first, last) = window(day, turn, turns);
                assert!(day.start() <= first && first < last && last < day.plus(1).start(), "{turn} of {turns}");
            }
        }
    }

    #[test]
    fn every_cell_has_an_object_when_there_are_enough() {
        let grid = Grid { start: usual_start(), days: 3, accounts: 2, regions: 4 };
        let cells: std::collections::HashSet<_> = (0..24)
            .map(|index| grid.cell(index, 24))
            .map(|cell| (cell.account, cell.region, cell.window.0 / DAY_SECONDS))
            .collect();
        assert_eq!(cells.len(), 24);
    }
}
