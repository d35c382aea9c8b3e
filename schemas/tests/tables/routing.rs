//! Which columns decide a row's partition and its place.

use trailhouse_schemas::{Column, Kind, Partitioning, Routing, TABLES, Table};

/// Fields that the engine looks at for an account, or for a time.
const FIELDS_MAX: usize = 2;

fn column(table: &Table, name: &str) -> Option<&'static Column> {
    table.columns.iter().find(|column| column.name == name)
}

#[test]
fn routing_names_columns_of_the_right_kind() {
    for table in TABLES {
        let Routing { accounts, region, times } = table.routing;
        assert!(accounts.len() <= FIELDS_MAX && times.len() <= FIELDS_MAX, "`{}`: {:?}", table.name, table.routing);
        for name in accounts.iter().chain(region.as_slice()) {
            let is_coded_text = |column: &Column| column.kind == Kind::Text && column.storage.is_coded();
            assert!(column(table, name).is_some_and(is_coded_text), "`{name}` of `{}`", table.name);
        }
        for name in times {
            let kind = column(table, name).map(|column| column.kind);
            assert_eq!(kind, Some(Kind::Instant), "`{name}` of `{}`", table.name);
        }
    }
}

/// Readers rely on the time standing first, and the engine sorts by nothing else.
#[test]
fn rows_are_sorted_by_their_time_which_stands_first() {
    for table in TABLES {
        assert_eq!(table.order, table.routing.times.get(..1).unwrap_or(&[]), "the order of `{}`", table.name);
        for time in table.order {
            assert_eq!(table.position(time), Some(0), "`{time}` of `{}`", table.name);
        }
    }
}

#[test]
fn a_table_that_names_no_columns_is_routed_by_keys() {
    for table in TABLES.iter().filter(|table| table.order.is_empty()) {
        assert_eq!(table.routing, Routing::NONE, "`{}`", table.name);
    }
    for partition in Partitioning::RegionAccountDate.columns() {
        assert!(Routing::NONE.columns_for(*partition).is_empty());
    }
}
