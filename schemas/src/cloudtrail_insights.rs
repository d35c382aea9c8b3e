//! The `cloudtrail_insights` table: CloudTrail Insights events.
//!
//! Fields after AWS's "CloudTrail record contents for Insights events for trails", which names the first version of
//! members too.

use crate::table::{Column, EXTRA, NULL_KEYS, Routing, SOURCE_ID, SOURCE_OBJECT, SOURCE_RECORD, Table};

/// Starts and ends of unusual activity.
pub const CLOUDTRAIL_INSIGHTS: Table = Table {
    name: "cloudtrail_insights",
    about: "One row per CloudTrail Insights event: the start or the end of unusual activity. Both have the same \
            shared_event_id.",
    columns: COLUMNS,
    order: &["event_time"],
    routing: Routing { accounts: &["recipient_account_id"], region: Some("aws_region"), times: &["event_time"] },
};

const COLUMNS: &[Column] = &[
    Column::instant("event_time", "eventTime", "When the unusual activity began or ended.").since("1.07"),
    Column::text("event_version", "eventVersion", "Version of the record's format.").since("1.07"),
    Column::text("aws_region", "awsRegion", "The region.").since("1.07"),
    Column::id("event_id", "eventID", "The event's UUID.").since("1.07"),
    Column::id("shared_event_id", "sharedEventID", "Equal in the start and the end of one insight.").since("1.07"),
    Column::text("event_type", "eventType", "`AwsCloudTrailInsight`.").since("1.07"),
    Column::text("event_category", "eventCategory", "`Insight`.").since("1.07"),
    Column::text("recipient_account_id", "recipientAccountId", "The account.").since("1.07"),
    Column::text("insight_state", "insightDetails.state", "`Start` or `End`.").since("1.07"),
    Column::text("insight_type", "insightDetails.insightType", "`ApiCallRateInsight` or `ApiErrorRateInsight`.")
        .since("1.07"),
    Column::text("insight_event_source", "insightDetails.eventSource", "The service that was called unusually.")
        .since("1.07"),
    Column::text("insight_event_name", "insightDetails.eventName", "The action that was called unusually.")
        .since("1.07"),
    Column::text("insight_error_code", "insightDetails.errorCode", "The error that came unusually.").since("1.07"),
    Column::double(
        "baseline_average",
        "insightDetails.insightContext.statistics.baseline.average",
        "Calls, or errors, a minute in the time before.",
    )
    .since("1.07"),
    Column::double(
        "insight_average",
        "insightDetails.insightContext.statistics.insight.average",
        "Calls, or errors, a minute in the time of the insight.",
    )
    .since("1.07"),
    Column::int(
        "insight_duration",
        "insightDetails.insightContext.statistics.insightDuration",
        "Minutes of the unusual activity.",
    )
    .since("1.07"),
    Column::int(
        "baseline_duration",
        "insightDetails.insightContext.statistics.baselineDuration",
        "Minutes of the time before.",
    )
    .since("1.07"),
    Column::json(
        "attributions",
        "insightDetails.insightContext.attributions",
        "The users, agents and errors that stand behind it.",
    )
    .since("1.07"),
    Column::json("insight_details", "insightDetails", "The whole insightDetails object.").since("1.07"),
    EXTRA,
    NULL_KEYS,
    SOURCE_OBJECT,
    SOURCE_ID,
    SOURCE_RECORD,
];
