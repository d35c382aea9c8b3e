//! What the `cloudwatch_logs` table must know of subscription payloads.

use trailhouse_schemas::{CLOUDWATCH_LOGS, Kind};

use crate::{Field, has_a_column_for_every_field_and_no_other};

/// A log event, after "Real-time processing of log data with subscriptions"; AWS names no version.
const EVENT_FIELDS: &[Field] = &[
    ("id", Kind::Text, ""),
    ("timestamp", Kind::Instant, ""),
    ("message", Kind::Text, ""),
    ("extractedFields", Kind::Json, ""),
];

/// What the events of one payload share, as columns: the payload's own members but for the events.
const PAYLOAD_COLUMNS: &[(&str, Kind)] = &[
    ("owner", Kind::Text),
    ("log_group", Kind::Text),
    ("log_stream", Kind::Text),
    ("message_type", Kind::Text),
    ("policy_level", Kind::Text),
    ("subscription_filters", Kind::Json),
];

#[test]
fn log_events_have_a_column_for_every_field_and_no_other() {
    has_a_column_for_every_field_and_no_other(&CLOUDWATCH_LOGS, EVENT_FIELDS);
}

#[test]
fn every_event_has_what_its_payload_says() {
    for (name, kind) in PAYLOAD_COLUMNS {
        let column = CLOUDWATCH_LOGS.columns.iter().find(|column| column.name == *name);
        assert_eq!(column.map(|column| (column.kind, column.storage.is_coded())), Some((*kind, true)), "`{name}`");
    }
}
