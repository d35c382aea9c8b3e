//! The `cloudwatch_logs` table: log events that CloudWatch Logs sent to a subscription, or wrote for an export task.

use crate::table::{
    Column, ENVELOPE, EXTRA, Kind, NULL_KEYS, Routing, SOURCE_ID, SOURCE_OBJECT, SOURCE_RECORD, Storage, Table,
};

/// Log events.
pub const CLOUDWATCH_LOGS: Table = Table {
    name: "cloudwatch_logs",
    about: "One row per log event, from payloads of subscriptions (by way of Firehose too) and from export tasks. An \
            export says neither account nor log group, and its stream by the name of its folder.",
    columns: COLUMNS,
    order: &["event_time"],
    routing: Routing { accounts: &["owner"], region: None, times: &["event_time"] },
};

const COLUMNS: &[Column] = &[
    Column::millis("event_time", "timestamp", "When the event happened, as its writer said."),
    shared("owner", "The account that owns the log group."),
    shared("log_group", "The log group.").needle(),
    shared("log_stream", "The log stream.").needle(),
    shared("message_type", "The payload's type: `DATA_MESSAGE`."),
    shared("policy_level", "`ACCOUNT_LEVEL_POLICY` where a policy of the account sent it."),
    shared("subscription_filters", "The subscription filters that let it pass.").of(Kind::Json, Storage::Coded),
    Column::id("event_id", "id", "The event's id."),
    Column::id("message", "message", "The message.").of(Kind::Text, Storage::Bulk),
    Column::json("extracted_fields", "extractedFields", "What the filter's pattern found in the message."),
    EXTRA,
    NULL_KEYS,
    ENVELOPE,
    SOURCE_OBJECT,
    SOURCE_ID,
    SOURCE_RECORD,
];

/// What all events of a payload share.
const fn shared(name: &'static str, about: &'static str) -> Column {
    Column::made(name, Kind::Text, Storage::Coded, about)
}
