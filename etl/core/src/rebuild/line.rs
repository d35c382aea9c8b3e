//! Rows of flow logs back to lines.

use std::fmt::Write;

use trailhouse_schemas::{Kind, Origin, Table};

use super::RebuildError;
use super::cells::{Batch, Row};
use super::object::Objects;
use crate::header::hyphened;
use crate::unescape::unescape;

/// Writes lines.
pub(super) struct Line {
    columns: Vec<Own>,
    objects: Objects,
    header: String,
    /// The fields of the header: each with its column, if it has one.
    fields: Vec<(String, Option<usize>)>,
}

/// A column that holds a field.
struct Own {
    name: &'static str,
    kind: Kind,
    /// The field.
    field: &'static str,
    position: usize,
}

impl Line {
    pub(super) fn new(table: &'static Table) -> Self {
        let own = |column: &'static trailhouse_schemas::Column| {
            let field = column.origin.field()?;
            Some(Own { name: column.name, kind: column.kind, field, position: 0 })
        };
        // Other tables are no lines.
        let is_flow = table.columns.iter().any(|column| matches!(column.origin, Origin::Seconds(_)));
        let columns = table.columns.iter().filter(|_| is_flow).filter_map(own).collect();
        Self { columns, objects: Objects::default(), header: String::new(), fields: Vec::new() }
    }

    /// Finds the columns in `batch`.
    pub(super) fn bind(&mut self, batch: &Batch<'_>) -> Result<(), RebuildError> {
        for own in &mut self.columns {
            own.position = batch.position(own.name, own.kind)?;
        }
        Ok(())
    }

    /// The header of the last line.
    pub(super) fn header(&self) -> &str {
        &self.header
    }

    /// Writes the line of `row`.
    pub(super) fn write(&mut self, row: Row<'_>, out: &mut String) -> Result<(), &'static str> {
        let header = row.text("fields").ok_or("it does not say which fields its line had")?;
        if header != self.header {
            self.read_header(header);
        }
        let extra = row.text("extra");
        let exact = match extra {
            Some(extra) => self.objects.members(extra).ok_or("its `extra` is no JSON object")?,
            None => Vec::new(),
        };
        let mut decoded = Vec::new();
        for (number, (field, column)) in self.fields.iter().enumerate() {
            if number > 0 {
                out.push(' ');
            }
            let written = extra.zip(exact.iter().find(|member| member.key == field.as_bytes()));
            match (written, column) {
                (Some((extra, member)), _) => {
                    let text = text_of(&extra[member.value.clone()], &mut decoded);
                    out.push_str(text.ok_or("its `extra` has no text for a field")?);
                }
                (None, Some(column)) => self.columns[*column].write(row, out),
                (None, None) => out.push('-'),
            }
        }
        if out.ends_with('\r') {
            // One is taken for the end of the line, as in a text of Windows: where that was a value's, it needs another.
            out.push('\r');
        }
        Ok(())
    }

    fn read_header(&mut self, header: &str) {
        header.clone_into(&mut self.header);
        let column = |name: &str| {
            let field = hyphened(name);
            self.columns.iter().position(|own| own.field == field)
        };
        self.fields = header.split(' ').map(|name| (name.to_owned(), column(name))).collect();
    }
}

/// The text that the JSON string `value` stands for.
fn text_of<'d>(value: &str, decoded: &'d mut Vec<u8>) -> Option<&'d str> {
    let inside = value.strip_prefix('"')?.strip_suffix('"')?;
    unescape(inside.as_bytes(), decoded)?;
    str::from_utf8(decoded).ok()
}

impl Own {
    fn write(&self, row: Row<'_>, out: &mut String) {
        let cells = row.cells(self.position);
        let row = row.row;
        let written = match self.kind {
            Kind::Text => cells.text(row).map(|text| out.push_str(text)),
            // Milliseconds stand in `extra`. Writing into a string cannot fail.
            Kind::Instant => cells.int(row).map(|millis| _ = write!(out, "{}", millis.div_euclid(1000))),
            _ => cells.int(row).map(|number| _ = write!(out, "{number}")),
        };
        if written.is_none() {
            out.push('-');
        }
    }
}
