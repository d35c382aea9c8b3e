//! From a decoded row to its partition and its time.

use trailhouse_schemas::{Routing, Table};

use crate::columns::{Columns, NUMBER_NULL, Slot};
use crate::object::{Object, Tally};
use crate::order::{Claims, Doubts, Order};
use crate::text::Texts;
use crate::time::Day;

/// Finds rows' partitions; neighbours mostly share one, so the last answer is kept.
#[derive(Debug)]
pub(crate) struct Router {
    /// Coded columns; `None` behind the last of them.
    accounts: [Option<usize>; FIELDS],
    region: Option<usize>,
    /// Number columns, likewise.
    times: [Option<(usize, Slot)>; FIELDS],
    last: Option<(Key, u32)>,
}

/// Fields that a row's account, or its time, can stand in.
const FIELDS: usize = 2;

/// A row that was decoded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) columns: &'a Columns,
    pub(crate) texts: Texts<'a>,
    pub(crate) number: usize,
    /// The columns that its record has a value for that they do not hold.
    pub(crate) unfit: &'a [Slot],
}

/// What decides a row's partition, as codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    accounts: [u32; FIELDS],
    region: u32,
    day: Option<Day>,
    doubts: Doubts,
}

impl Router {
    /// A router for `table`, whose columns are at `slots`.
    pub(crate) fn new(table: &Table, slots: &[Slot]) -> Self {
        let slot = |name: &&str| table.position(name).map(|position| slots[position]);
        let coded = |name: &&str| match slot(name) {
            Some(Slot::Coded(at)) => at,
            _ => unreachable!("`{name}` is a coded column"),
        };
        let number = |name: &&str| match slot(name) {
            Some(slot @ (Slot::Instant(at) | Slot::Millis(at))) => (at, slot),
            _ => unreachable!("`{name}` is a time column"),
        };
        let Routing { accounts, region, times } = table.routing;
        debug_assert!(accounts.len() <= FIELDS && times.len() <= FIELDS);
        Self {
            accounts: std::array::from_fn(|field| accounts.get(field).map(coded)),
            region: region.as_ref().map(coded),
            times: std::array::from_fn(|field| times.get(field).map(number)),
            last: None,
        }
    }

    /// The next rows are another object's, or another part's.
    pub(crate) fn clear(&mut self) {
        self.last = None;
    }

    /// Puts `row` into its place.
    #[inline]
    pub(crate) fn route(&mut self, row: Row<'_>, object: &Object, tally: &mut Tally, order: &mut Order) {
        let Row { columns, number, .. } = row;
        let times = self.times.map(|field| field.map_or(NUMBER_NULL, |(at, _)| columns.numbers[at][number]));
        let code = |at: Option<usize>| at.map_or(0, |at| columns.coded[at].codes[number]);
        let accounts = self.accounts.map(code);
        let key = Key {
            accounts,
            region: code(self.region),
            day: times.into_iter().find(|millis| *millis != NUMBER_NULL).map(Day::of_millis),
            doubts: if row.unfit.is_empty() { Doubts::default() } else { self.doubts(accounts, times, row.unfit) },
        };
        let partition = match self.last {
            Some((last, partition)) if last == key => partition,
            _ => self.partition(key, row, object, tally, order),
        };
        order.push(partition, times[0]);
    }

    #[cold]
    fn doubts(&self, accounts: [u32; FIELDS], times: [i64; FIELDS], unfit: &[Slot]) -> Doubts {
        let is_doubtful = |fields: [(Option<Slot>, bool); FIELDS]| {
            let mut passed = fields.iter().take_while(|(_, is_filled)| !is_filled);
            passed.any(|(slot, _)| slot.is_some_and(|slot| unfit.contains(&slot)))
        };
        Doubts {
            account: is_doubtful(
                [0, 1].map(|field: usize| (self.accounts[field].map(Slot::Coded), accounts[field] != 0)),
            ),
            day: is_doubtful(
                [0, 1].map(|field: usize| (self.times[field].map(|(_, slot)| slot), times[field] != NUMBER_NULL)),
            ),
        }
    }

    fn partition(&mut self, key: Key, row: Row<'_>, object: &Object, tally: &mut Tally, order: &mut Order) -> u32 {
        let fallbacks = |tally: &Tally| tally.account_fallbacks + tally.date_fallbacks;
        let before = fallbacks(tally);
        let text = |at: usize| row.columns.coded_text(row.texts, at, row.number);
        let account = self.accounts.into_iter().flatten().find_map(text);
        let claims = Claims { account, region: self.region.and_then(text), day: key.day, doubts: key.doubts };
        let partition = order.partition(claims, object, tally);
        // An answer that was counted as a fallback must be counted for each row.
        self.last = (fallbacks(tally) == before).then_some((key, partition));
        partition
    }
}
