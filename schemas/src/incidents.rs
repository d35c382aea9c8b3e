//! The `incidents` table: what response did, step by step.
//!
//! Its source is the ledger: JSON objects that response writes, one behind the other, such as
//!
//! ```json
//! {"ledgerVersion":"1","incidentId":"inc-20260131-ab12cd34","entry":3,"time":"2026-01-31T23:55:01.250Z",
//!  "accountId":"111122223333","region":"us-east-1","partition":"aws","findingId":"16afba…","findingType":"Recon:EC2/Portscan",
//!  "findingUpdatedAt":"2026-01-31T23:54:59.000Z","planHash":"sha256:…","kind":"started","step":"isolate","action":"ec2:ModifyNetworkInterfaceAttribute",
//!  "resourceType":"Instance","resourceId":"i-0123","actor":"arn:aws:sts::…","reversible":"exact","before":{"groups":["sg-1"]},
//!  "call":{"Groups":["sg-2"]},"inverse":{"Groups":["sg-1"]},"previousHash":"…","hash":"…","signature":"…"}
//! ```
//!
//! Entries of one incident are numbered from 0, and each has the hash of the one before: a missing, an added or a changed
//! one shows.

use crate::table::{Column, EXTRA, NULL_KEYS, Routing, SOURCE_ID, SOURCE_OBJECT, SOURCE_RECORD, Table};

/// Entries of response's ledger.
pub const INCIDENTS: Table = Table {
    name: "incidents",
    about: "One row per entry of the response ledger: a plan, an approval, a step before it is made and after, a release.",
    columns: COLUMNS,
    order: &["event_time"],
    routing: Routing { accounts: &["aws_account_id"], region: Some("aws_region"), times: &["event_time"] },
};

const COLUMNS: &[Column] = &[
    Column::instant("event_time", "time", "When the entry was written."),
    Column::text("ledger_version", "ledgerVersion", "Version of the entry's format."),
    Column::text("incident_id", "incidentId", "The incident.").needle(),
    Column::int("entry", "entry", "The entry's number in its incident, from 0."),
    Column::text("aws_account_id", "accountId", "The account that response works in."),
    Column::text("aws_region", "region", "Its region."),
    Column::text("aws_partition", "partition", "`aws`, `aws-cn` or `aws-us-gov`."),
    Column::text("finding_id", "findingId", "The finding that it answers.").needle(),
    Column::text("finding_type", "findingType", "The finding's type."),
    Column::instant("finding_updated_at", "findingUpdatedAt", "The finding's revision."),
    Column::text("plan_hash", "planHash", "Hash of the plan, which approvals are bound to."),
    Column::text("kind", "kind", "planned, approved, started, done, failed, skipped, drifted, released or closed."),
    Column::text("step", "step", "The step of the plan."),
    Column::text("action", "action", "The call that the step makes, such as `iam:UpdateAccessKey`."),
    Column::text("resource_type", "resourceType", "The kind of resource that it is made on."),
    Column::text("resource_id", "resourceId", "The resource.").needle(),
    Column::text("actor", "actor", "Who made the step or approved it.").needle(),
    Column::text("reversible", "reversible", "`exact`, `lossy` or `irreversible`."),
    Column::text("outcome", "outcome", "What came of it."),
    Column::text("error", "error", "Why it failed."),
    Column::json("before", "before", "The state before the step."),
    Column::json("call", "call", "The call's parameters."),
    Column::json("inverse", "inverse", "The call that takes it back."),
    Column::json("evidence", "evidence", "What was kept, each with its SHA-256."),
    Column::json("details", "details", "Anything else about it."),
    Column::id("previous_hash", "previousHash", "Hash of the entry before."),
    Column::id("hash", "hash", "Hash of this entry."),
    Column::id("signature", "signature", "Signature of that hash."),
    EXTRA,
    NULL_KEYS,
    SOURCE_OBJECT,
    SOURCE_ID,
    SOURCE_RECORD,
];
