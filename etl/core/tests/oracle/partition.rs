//! Where a row goes.

use std::collections::HashSet;

use trailhouse_core::Object;
use trailhouse_core::limits::OBJECT_PARTITIONS_MAX;
use trailhouse_schemas::{CLOUDTRAIL, Partition, PartitionColumn, Partitioning};

use super::{Expected, Value, Values, calendar};

const DAY_MILLIS: i64 = 86_400_000;
const UNKNOWN: &str = "unknown";

/// The partitions of one object's rows.
pub(crate) struct Partitions<'a> {
    object: &'a Object,
    partitioning: Partitioning,
    opened: HashSet<Partition>,
}

impl<'a> Partitions<'a> {
    pub(crate) fn new(object: &'a Object, partitioning: Partitioning) -> Self {
        Self { object, partitioning, opened: HashSet::new() }
    }

    /// The partition that the object's key leads to.
    pub(crate) fn of_key(&self) -> Partition {
        self.partition(None, None, None)
    }

    /// The partition of a row; counts what could not be believed.
    pub(crate) fn of_row(&mut self, values: &Values, unfit: &[&str], expected: &mut Expected) -> Partition {
        let value = |name: &str| values[CLOUDTRAIL.position(name).unwrap()].clone();
        let text = |name: &str| match value(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        };
        let day = |name: &str| match value(name) {
            Some(Value::Int(millis)) => Some(millis.div_euclid(DAY_MILLIS)),
            _ => None,
        };
        let account = text("recipient_account_id").or_else(|| text("aggregated_account_id"));
        let believed_account = account.clone().filter(|text| is_account(text));
        // A field that says something else than an account or time is one that is not believed, too.
        let is_doubtful = |names: [&str; 2]| {
            let first = names.into_iter().find(|name| value(name).is_some() || unfit.contains(name));
            first.is_some_and(|name| unfit.contains(&name))
        };
        expected.account_fallbacks += u64::from(
            is_doubtful(["recipient_account_id", "aggregated_account_id"])
                || account.is_some() && believed_account.is_none(),
        );
        let region = text("aws_region").filter(|text| (1..=64).contains(&text.len()));
        let date = day("event_time").or_else(|| day("time_window_start"));
        let believed_date = date.filter(|day| self.is_believed(*day));
        expected.date_fallbacks +=
            u64::from(is_doubtful(["event_time", "time_window_start"]) || date.is_some() && believed_date.is_none());
        let partition = self.partition(believed_account, region, believed_date);
        if self.opened.contains(&partition) || self.opened.len() < OBJECT_PARTITIONS_MAX {
            self.opened.insert(partition.clone());
            return partition;
        }
        expected.partition_overflows += 1;
        self.of_key()
    }

    fn own_day(&self) -> i64 {
        i64::from(self.object.key.day.unwrap_or(self.object.modified).0)
    }

    fn is_believed(&self, day: i64) -> bool {
        let years = calendar::days(2006, 1, 1).unwrap()..=calendar::days(2099, 12, 31).unwrap();
        let Object { key, modified, .. } = self.object;
        let key_day = key.day.map(|day| i64::from(day.0)).filter(|day| years.contains(day));
        let modified = Some(i64::from(modified.0)).filter(|day| years.contains(day));
        years.contains(&day)
            && match (key_day, modified) {
                (Some(own), _) => day <= own + 1,
                (None, Some(own)) => day <= own + 1 || day > own + 366,
                (None, None) => true,
            }
    }

    fn partition(&self, account: Option<String>, region: Option<String>, day: Option<i64>) -> Partition {
        let key = &self.object.key;
        let account = account.or_else(|| key.account.clone()).unwrap_or_else(|| UNKNOWN.to_owned());
        let region = region.or_else(|| key.region.clone()).unwrap_or_else(|| UNKNOWN.to_owned());
        let (year, month, day) = calendar::date(day.unwrap_or_else(|| self.own_day()));
        let date = format!("{year:04}-{month:02}-{day:02}");
        let columns = self.partitioning.columns().iter().map(|column| {
            let value = match column {
                PartitionColumn::AccountId => &account,
                PartitionColumn::Region => &region,
                PartitionColumn::EventDate => &date,
            };
            (*column, value.clone())
        });
        Partition(columns.collect())
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
