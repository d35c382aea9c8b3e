//! Rows of JSON records back to objects.

use std::fmt::Write;

use trailhouse_schemas::json::push_string;
use trailhouse_schemas::{Kind, Origin, Table};

use super::RebuildError;
use super::cells::{Batch, Row};
use super::object::Objects;
use crate::keys::KeyCase;
use crate::time::write_canonical;

/// Writes the members of records.
pub(super) struct Members {
    columns: Vec<Own>,
    objects: Objects,
}

/// A column that holds one of a record's own members.
struct Own {
    name: &'static str,
    kind: Kind,
    /// Its key, in either case.
    keys: [String; 2],
    /// Whether a time is written as its number.
    is_number: bool,
    position: usize,
}

impl Own {
    /// Whether it can hold a value that is written in another way, and then stands in `extra` as well.
    fn is_copy(&self) -> bool {
        self.kind == Kind::Double || (self.kind == Kind::Instant && !self.is_number)
    }

    /// Writes the value in `row`; `false` where there is none.
    fn write(&self, row: Row<'_>, out: &mut String) -> bool {
        let cells = row.cells(self.position);
        let row = row.row;
        // Writing into a string cannot fail.
        let written = match self.kind {
            Kind::Text => cells.text(row).map(|text| push_string(out, text)),
            Kind::Json => cells.text(row).map(|text| out.push_str(text)),
            Kind::Bool => cells.bool(row).map(|is_true| out.push_str(if is_true { "true" } else { "false" })),
            Kind::Double => cells.double(row).map(|number| _ = write!(out, "{number}")),
            Kind::Instant if !self.is_number => cells.int(row).map(|millis| {
                out.push('"');
                write_canonical(out, millis);
                out.push('"');
            }),
            Kind::Instant | Kind::Int | Kind::Int32 => cells.int(row).map(|number| _ = write!(out, "{number}")),
            Kind::Bytes => None,
        };
        written.is_some()
    }
}

impl Members {
    pub(super) fn new(table: &'static Table) -> Self {
        let own = |column: &'static trailhouse_schemas::Column| {
            // What stands further inside comes back with the object around it.
            let key = column.origin.field().filter(|path| !path.contains('.'))?;
            let keys = [KeyCase::Camel, KeyCase::Pascal].map(|case| case.write(key));
            let is_number = matches!(column.origin, Origin::Millis(_));
            Some(Own { name: column.name, kind: column.kind, keys, is_number, position: 0 })
        };
        Self { columns: table.columns.iter().filter_map(own).collect(), objects: Objects::default() }
    }

    /// Finds the columns in `batch`.
    pub(super) fn bind(&mut self, batch: &Batch<'_>) -> Result<(), RebuildError> {
        for own in &mut self.columns {
            own.position = batch.position(own.name, own.kind)?;
        }
        Ok(())
    }

    /// Writes the object of `row`.
    pub(super) fn write(&mut self, row: Row<'_>, out: &mut String) -> Result<(), &'static str> {
        let case = KeyCase::Pascal.name() == row.text("key_case").unwrap_or_default();
        let extra = row.text("extra");
        let rest = match extra {
            Some(extra) => self.objects.members(extra).ok_or("its `extra` is no JSON object")?,
            None => Vec::new(),
        };
        let start = out.len();
        for own in &self.columns {
            let (key, before) = (&own.keys[usize::from(case)], out.len());
            if own.is_copy() && rest.iter().any(|member| member.key == key.as_bytes()) {
                continue;
            }
            out.push(',');
            push_string(out, key);
            out.push(':');
            if !own.write(row, out) {
                out.truncate(before);
            }
        }
        for key in row.text("null_keys").iter().flat_map(|keys| keys.split(',')) {
            out.push(',');
            push_string(out, key);
            out.push_str(":null");
        }
        if let Some(extra) = extra.filter(|_| !rest.is_empty()) {
            out.push(',');
            out.push_str(&extra[1..extra.len() - 1]);
        }
        if out.len() == start {
            out.push(',');
        }
        // The first comma is where the object begins.
        out.replace_range(start..=start, "{");
        out.push('}');
        Ok(())
    }
}
