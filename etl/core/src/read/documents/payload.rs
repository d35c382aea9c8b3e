//! Payloads of CloudWatch Logs subscriptions: a row for each log event.

use std::ops::Range;

use trailhouse_schemas::CLOUDWATCH_LOGS;

use super::shape::Document;
use super::{Documents, around};
use crate::desk::Desk;
use crate::error::Error;
use crate::keys::KeyCase;
use crate::part::Emit;
use crate::reading::{Piece, Reading};
use crate::reason::Reason;
use crate::split::capture::Capture;
use crate::unescape::unescape;
use crate::window::Window;

/// Fields of a payload that each of its rows repeats, and their columns.
const COLUMNS: [(&str, &str); 5] = [
    ("owner", "owner"),
    ("logGroup", "log_group"),
    ("logStream", "log_stream"),
    ("messageType", "message_type"),
    ("policyLevel", "policy_level"),
];
/// The type of payloads that only try whether the destination takes them.
const CONTROL: &[u8] = b"\"CONTROL_MESSAGE\"";

/// Text that all rows of a payload share, each with its column.
type Shared = Vec<(&'static str, String)>;

impl Documents {
    /// Reads the payload at `range` of the piece.
    pub(super) fn read_payload(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        range: Range<usize>,
        emit: Emit<'_>,
    ) -> Result<(), Error> {
        let start = piece.start + range.start;
        let text = &desk.arena[start..start + range.len()];
        let document = Document::new(Window { arena: &desk.arena, start, index: &desk.index });
        let events = document.get("logEvents").filter(|events| desk.arena[events.value.start] == b'[');
        let elements = events.map(|events| document.window.elements(events.bracket)).unwrap_or_default();
        if document.get("messageType").is_some_and(|kind| document.text(&kind.value) == CONTROL) {
            let records = elements.len().max(1) as u64;
            reading.tally.records += records;
            reading.tally.skipped += records;
            return Ok(());
        }
        let Some(events) = events else {
            let text = Capture::of(reading.offset + range.start as u64, text);
            self.reject(desk, reading, (Reason::UnknownDocument, 0), text);
            return Ok(());
        };
        let shared = shared(&document, around(&mut self.scratch, text, start, &events.value));
        for (event, bracket) in elements {
            desk.close_if_full(piece, emit)?;
            let start = piece.start + range.start;
            if desk.arena[start + event.start] == b'{' {
                self.read_event(desk, reading, piece, (start, bracket), &shared);
            } else if !self.reject_element(desk, reading, *piece, (&range, &event)) {
                break;
            }
        }
        Ok(())
    }

    /// Makes a row of the log event whose `{` is bracket number `bracket` of the document at `start`.
    fn read_event(
        &mut self,
        desk: &mut Desk,
        reading: &mut Reading<'_>,
        piece: &mut Piece,
        (start, bracket): (usize, usize),
        shared: &Shared,
    ) {
        let (id, row) = desk.begin_row(&CLOUDWATCH_LOGS, KeyCase::Camel);
        let Desk { arena, part, .. } = desk;
        let (sheet, side) = part.sheet(id);
        for (name, text) in shared {
            sheet.fill_coded(name, text, arena, side, row..row + 1);
        }
        desk.fill_row(reading, (id, row), KeyCase::Camel, (start, bracket));
        if desk.settings.unwrap {
            self.unwrap.row(desk, reading, piece, (id, row), reading.tally.records - 1);
        }
    }
}

/// What the payload says of all its events.
fn shared(document: &Document<'_>, envelope: String) -> Shared {
    let mut decoded = Vec::new();
    let mut shared: Shared = Vec::new();
    for (key, column) in COLUMNS {
        let text = document.get(key).map(|member| document.text(&member.value));
        let Some(text) = text.and_then(|text| text.strip_prefix(b"\"")?.strip_suffix(b"\"")) else { continue };
        if unescape(text, &mut decoded).is_some() {
            shared.push((column, String::from_utf8_lossy(&decoded).into_owned()));
        }
    }
    if let Some(filters) = document.get("subscriptionFilters") {
        shared.push(("subscription_filters", String::from_utf8_lossy(document.text(&filters.value)).into_owned()));
    }
    shared.push(("envelope", envelope));
    shared
}
