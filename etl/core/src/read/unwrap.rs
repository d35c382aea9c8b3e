//! Log messages that are records of another kind: CloudTrail events, and lines of flow logs.
//!
//! Messages are told by what they are, never by where they come from. A message that is none of them, or is broken, stays
//! what it is: a row of log events.

use trailhouse_schemas::CLOUDTRAIL;

use super::documents::check;
use super::flow::Flow;
use crate::columns::Slot;
use crate::desk::Desk;
use crate::index::Index;
use crate::keys::KeyCase;
use crate::part::SheetId;
use crate::reading::{Piece, Reading};
use crate::split::documents::{DocumentEnd, DocumentLexer};
use crate::text::Texts;
use crate::window::Window;

/// Fields that CloudTrail events have, as they are written. No other log that is known has all of them.
const EVENT_KEYS: [&[u8]; 3] = [b"eventVersion", b"eventSource", b"eventName"];

/// Reads messages a second time.
#[derive(Default)]
pub(super) struct Unwrap {
    flow: Flow,
    /// Of the message at hand; that of the document around it is still in use.
    index: Index,
}

impl Unwrap {
    /// Looks at the message in `row` of the sheet of log events, which is that of record number `record`.
    pub(super) fn row(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        (id, row): (SheetId, usize),
        record: u64,
    ) {
        let (sheet, side) = desk.part.sheet(id);
        let Slot::Text(column) = sheet.slot("message") else { return };
        let span = sheet.columns.spans[column][row];
        if span.is_null() {
            return;
        }
        let text = Texts { arena: &desk.arena, side: side.bytes() }.get(span).trim_ascii().to_vec();
        let is_taken = match text.first() {
            Some(b'{') => self.event(desk, reading, piece, &text, record),
            _ => self.flow.message(desk, reading, piece, &text, record),
        };
        reading.tally.unwrapped += u64::from(is_taken);
    }

    /// Makes a row of a message that is a CloudTrail event; whether it is one.
    fn event(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        text: &[u8],
        record: u64,
    ) -> bool {
        // Nothing has found its end yet: it may be cut off, or more than one document.
        let is_whole = DocumentLexer::default().find_end(text) == Some(DocumentEnd::Whole(text.len() as u64));
        if !is_whole || check(text, &mut self.index).is_err() {
            return false;
        }
        let Some(start) = desk.append(piece, text) else { return false };
        let window = Window { arena: &desk.arena, start, index: &self.index };
        let has = |key: &&[u8]| window.members(0).any(|member| &desk.arena[member.key] == *key);
        if !EVENT_KEYS.iter().all(has) {
            return false;
        }
        let id = desk.open(&CLOUDTRAIL);
        let Desk { arena, part, .. } = desk;
        let (sheet, side) = part.sheet(id);
        sheet.prepare(KeyCase::Camel);
        let row = sheet.columns.rows();
        sheet.columns.grow(1);
        let window = Window { arena, start, index: &self.index };
        sheet.decode(KeyCase::Camel, (window, 0), row, side, (reading.object, &mut reading.tally));
        sheet.number(row, record);
        sheet.note_source(arena, side, reading.object, row..row + 1);
        part.records += 1;
        true
    }
}
