//! Which column takes which field of a header.

use trailhouse_schemas::{Column, Kind, Origin};

use crate::columns::Slot;
use crate::header::{Header, hyphened};
use crate::sheet::Sheet;

/// What becomes of the values of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// Text of few values.
    Coded(usize),
    /// Such text, percent-encoded.
    Percent(usize),
    /// A number of at most 64 bits.
    Int(usize),
    /// A number of at most 32 bits.
    Int32(usize),
    /// Seconds since 1970.
    Seconds(usize),
    /// No column is for it.
    Extra,
}

/// A header, and where the values below it go.
#[derive(Debug)]
pub(super) struct Fields {
    pub(super) header: Header,
    /// The name of each field, as a JSON string.
    pub(super) names: Vec<String>,
    /// What becomes of each.
    pub(super) targets: Vec<Target>,
    /// The columns that are filled, and those that rows need for their place.
    pub(super) slots: Vec<Slot>,
}

impl Fields {
    /// The fields of `header`, for the sheet of its table.
    pub(super) fn new(header: Header, sheet: &Sheet) -> Self {
        let columns = || sheet.table.columns.iter().zip(sheet.columns.slots());
        let target = |name: &str| {
            let name = hyphened(name);
            let found = columns().find(|(column, _)| column.origin.field() == Some(&name));
            found.map_or(Target::Extra, |(column, slot)| target(column, *slot))
        };
        let targets = header.names().map(target).collect();
        let names = header.names().map(|name| format!("\"{name}\"")).collect();
        let is_taken = |column: &Column| {
            let is_own = |name: &str| column.origin.field() == Some(&hyphened(name));
            header.names().any(is_own) || is_always_filled(column.name, sheet)
        };
        let slots = columns().filter(|(column, _)| is_taken(column)).map(|(_, slot)| *slot).collect();
        Self { names, targets, slots, header }
    }
}

/// Whether rows have the column whatever fields their lines have.
fn is_always_filled(name: &str, sheet: &Sheet) -> bool {
    let routing = sheet.table.routing;
    ["fields", "source_object", "source_id", "source_record"].contains(&name)
        || routing.accounts.contains(&name)
        || routing.region == Some(name)
        || routing.times.contains(&name)
}

fn target(column: &Column, slot: Slot) -> Target {
    match (slot, column.origin, column.kind) {
        (Slot::Coded(at), Origin::Percent(_), _) => Target::Percent(at),
        (Slot::Coded(at), ..) => Target::Coded(at),
        (Slot::Int32(at), ..) => Target::Int32(at),
        (Slot::Instant(at), Origin::Seconds(_), Kind::Instant) => Target::Seconds(at),
        (Slot::Int(at), ..) => Target::Int(at),
        _ => Target::Extra,
    }
}
