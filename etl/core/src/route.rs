//! From a decoded row to its partition and its time.

use trailhouse_schemas::Table;

use crate::columns::{Columns, NUMBER_NULL, Slot};
use crate::object::{Object, Tally};
use crate::order::{Claims, Order};
use crate::text::Texts;
use crate::time::Day;

/// Finds rows' partitions; neighbours mostly share one, so the last answer is kept.
#[derive(Debug)]
pub(crate) struct Router {
    accounts: [usize; 2],
    region: usize,
    times: [usize; 2],
    last: Option<(Key, u32)>,
}

/// What decides a row's partition, as codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Key {
    accounts: [u32; 2],
    region: u32,
    day: Option<Day>,
}

impl Router {
    /// A router for `table`, whose columns are at `slots`.
    pub(crate) fn new(table: &Table, slots: &[Slot]) -> Self {
        let slot = |name: &str| table.position(name).map(|position| slots[position]);
        let coded = |name: &str| match slot(name) {
            Some(Slot::Coded(at)) => at,
            _ => unreachable!("`{name}` is a coded column"),
        };
        let number = |name: &str| match slot(name) {
            Some(Slot::Instant(at)) => at,
            _ => unreachable!("`{name}` is a time column"),
        };
        Self {
            accounts: [coded("recipient_account_id"), coded("aggregated_account_id")],
            region: coded("aws_region"),
            times: [number("event_time"), number("time_window_start")],
            last: None,
        }
    }

    /// The next rows are another object's, or another part's.
    pub(crate) fn clear(&mut self) {
        self.last = None;
    }

    /// Puts `row` into its place.
    #[inline]
    pub(crate) fn route(
        &mut self,
        columns: &Columns,
        texts: Texts<'_>,
        row: usize,
        object: &Object,
        tally: &mut Tally,
        order: &mut Order,
    ) {
        let [time, window] = self.times.map(|at| columns.numbers[at][row]);
        let key = Key {
            accounts: self.accounts.map(|at| columns.coded[at].codes[row]),
            region: columns.coded[self.region].codes[row],
            day: [time, window].into_iter().find(|millis| *millis != NUMBER_NULL).map(Day::of_millis),
        };
        let partition = match self.last {
            Some((last, partition)) if last == key => partition,
            _ => self.partition(key, columns, texts, row, object, tally, order),
        };
        order.push(partition, time);
    }

    #[allow(clippy::too_many_arguments, reason = "the cold half of `route`, with its arguments")]
    fn partition(
        &mut self,
        key: Key,
        columns: &Columns,
        texts: Texts<'_>,
        row: usize,
        object: &Object,
        tally: &mut Tally,
        order: &mut Order,
    ) -> u32 {
        let fallbacks = |tally: &Tally| tally.account_fallbacks + tally.date_fallbacks;
        let before = fallbacks(tally);
        let text = |at: usize| columns.coded_text(texts, at, row);
        let claims =
            Claims { account: self.accounts.into_iter().find_map(text), region: text(self.region), day: key.day };
        let partition = order.partition(claims, object, tally);
        // An answer that was counted as a fallback must be counted for each row.
        self.last = (fallbacks(tally) == before).then_some((key, partition));
        partition
    }
}
