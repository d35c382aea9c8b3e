//! What must hold for every table, and what the `cloudtrail` table must know of AWS's format.

use std::collections::BTreeSet;

use trailhouse_schemas::glue::{COMMENT_BYTES_MAX, DESCRIPTION_BYTES_MAX};
use trailhouse_schemas::{CLOUDTRAIL, Column, Kind, Origin, PartitionColumn, Partitioning, TABLES, Table, table};

fn path(column: &Column) -> Option<&'static str> {
    match column.origin {
        Origin::Field(path) => Some(path),
        Origin::Trailhouse => None,
    }
}

fn of_path(table: &Table, wanted: &str) -> Option<&'static Column> {
    table.columns.iter().find(|column| path(column) == Some(wanted))
}

fn is_snake_case(name: &str) -> bool {
    let part_is_fine =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    name.starts_with(|first: char| first.is_ascii_lowercase()) && name.split('_').all(part_is_fine)
}

#[test]
fn tables_are_found_by_their_names() {
    for expected in TABLES {
        assert_eq!(table(expected.name), Some(*expected));
    }
    assert_eq!(table("no_such_table"), None);
}

#[test]
fn names_are_snake_case_and_unique() {
    let mut tables = BTreeSet::new();
    for table in TABLES {
        assert!(is_snake_case(table.name) && tables.insert(table.name), "table `{}`", table.name);
        let mut columns: BTreeSet<&str> = PartitionColumn::ALL.iter().map(|column| column.name()).collect();
        for column in table.columns {
            assert!(is_snake_case(column.name), "`{}` of `{}` is not snake case", column.name, table.name);
            assert!(columns.insert(column.name), "`{}` stands twice in `{}`", column.name, table.name);
        }
    }
}

#[test]
fn a_source_field_has_one_column() {
    for table in TABLES {
        let mut paths = BTreeSet::new();
        for path in table.columns.iter().filter_map(path) {
            assert!(paths.insert(path), "`{path}` fills two columns of `{}`", table.name);
        }
    }
}

/// Values inside an object need no `extra` of their own, because the text of the object around them is kept.
#[test]
fn every_object_that_a_path_leads_through_is_kept_whole() {
    for table in TABLES {
        for path in table.columns.iter().filter_map(path) {
            let Some((root, _)) = path.split_once('.') else { continue };
            let kind = of_path(table, root).map(|column| column.kind);
            assert_eq!(kind, Some(Kind::Json), "`{path}` of `{}` needs a JSON column of `{root}`", table.name);
        }
    }
}

#[test]
fn order_names_columns() {
    for table in TABLES {
        for name in table.order {
            assert!(table.position(name).is_some(), "`{}` is sorted by `{name}`, which it lacks", table.name);
        }
    }
    assert_eq!(CLOUDTRAIL.position("event_time"), Some(0), "readers rely on the time standing first");
}

#[test]
fn every_row_says_where_it_came_from() {
    for table in TABLES {
        let last = table.columns.iter().rev().take(3).map(|column| column.name).collect::<Vec<_>>();
        assert_eq!(last, ["source_record", "source_id", "source_object"], "the last columns of `{}`", table.name);
    }
}

/// Catalogs cut or refuse longer comments, and some keep them in Latin-1.
/// Tools that send a file statement by statement cut at semicolons, some of them inside quotes and escapes.
#[test]
fn no_comment_has_a_semicolon() {
    for table in TABLES {
        let comments = table.columns.iter().map(|column| column.about).chain([table.about]);
        let found: Vec<&str> = comments.filter(|about| about.contains(';')).collect();
        assert!(found.is_empty(), "{}: {found:?}", table.name);
    }
}

#[test]
fn comments_fit_the_catalog() {
    let columns = TABLES.iter().flat_map(|table| table.columns).map(|column| (column.name, column.about));
    let partitions = PartitionColumn::ALL.iter().map(|column| (column.name(), column.about()));
    for (name, about) in columns.chain(partitions) {
        assert!(about.len() <= COMMENT_BYTES_MAX, "the comment of `{name}` is too long");
        assert!(about.is_ascii() && !about.contains('\n'), "the comment of `{name}` is not plain text");
        assert!(about.ends_with('.'), "the comment of `{name}` is no sentence");
    }
    for table in TABLES {
        assert!(table.about.len() <= DESCRIPTION_BYTES_MAX && table.about.is_ascii(), "table `{}`", table.name);
    }
}

#[test]
fn presets_come_back_from_their_names() {
    for preset in Partitioning::ALL {
        assert_eq!(preset.name().parse(), Ok(preset));
        let places =
            preset.columns().iter().map(|column| PartitionColumn::ALL.iter().position(|other| other == column));
        assert!(places.is_sorted(), "the folders of `{preset}` are out of order");
    }
    let error = "hourly".parse::<Partitioning>().unwrap_err();
    assert_eq!(
        error.to_string(),
        "no partitioning `hourly`; it is one of `date`, `account-date`, `region-account-date`"
    );
}

/// A record's own fields, after AWS's "CloudTrail record contents": name, type, and the first eventVersion with it.
const RECORD_FIELDS: &[(&str, Kind, &str)] = &[
    ("eventVersion", Kind::Text, "1.0"),
    ("eventTime", Kind::Instant, "1.0"),
    ("userIdentity", Kind::Json, "1.0"),
    ("eventSource", Kind::Text, "1.0"),
    ("eventName", Kind::Text, "1.0"),
    ("awsRegion", Kind::Text, "1.0"),
    ("sourceIPAddress", Kind::Text, "1.0"),
    ("userAgent", Kind::Text, "1.0"),
    ("errorCode", Kind::Text, "1.0"),
    ("errorMessage", Kind::Text, "1.0"),
    ("requestParameters", Kind::Json, "1.0"),
    ("responseElements", Kind::Json, "1.0"),
    ("additionalEventData", Kind::Json, "1.0"),
    ("requestID", Kind::Text, "1.01"),
    ("eventID", Kind::Text, "1.01"),
    ("readOnly", Kind::Bool, "1.01"),
    ("resources", Kind::Json, "1.01"),
    ("apiVersion", Kind::Text, "1.01"),
    ("eventType", Kind::Text, "1.02"),
    ("recipientAccountId", Kind::Text, "1.02"),
    ("sharedEventID", Kind::Text, "1.03"),
    ("vpcEndpointId", Kind::Text, "1.04"),
    ("serviceEventDetails", Kind::Json, "1.05"),
    ("managementEvent", Kind::Bool, "1.06"),
    ("eventCategory", Kind::Text, "1.07"),
    ("insightDetails", Kind::Json, "1.07"),
    ("addendum", Kind::Json, "1.08"),
    ("sessionCredentialFromConsole", Kind::Text, "1.08"),
    ("edgeDeviceDetails", Kind::Json, "1.08"),
    ("tlsDetails", Kind::Json, "1.08"),
    ("vpcEndpointAccountId", Kind::Text, "1.09"),
    ("eventContext", Kind::Json, "1.11"),
];

/// Members of those objects, after the same page and "CloudTrail userIdentity element"; AWS names no version.
const MEMBERS: &[(&str, Kind)] = &[
    ("addendum.reason", Kind::Text),
    ("addendum.updatedFields", Kind::Text),
    ("addendum.originalRequestID", Kind::Text),
    ("addendum.originalEventID", Kind::Text),
    ("tlsDetails.tlsVersion", Kind::Text),
    ("tlsDetails.cipherSuite", Kind::Text),
    ("tlsDetails.clientProvidedHostHeader", Kind::Text),
    ("tlsDetails.keyExchange", Kind::Text),
    ("userIdentity.type", Kind::Text),
    ("userIdentity.principalId", Kind::Text),
    ("userIdentity.arn", Kind::Text),
    ("userIdentity.accountId", Kind::Text),
    ("userIdentity.accessKeyId", Kind::Text),
    ("userIdentity.userName", Kind::Text),
    ("userIdentity.invokedBy", Kind::Text),
    ("userIdentity.invokedByDelegate.accountId", Kind::Text),
    ("userIdentity.onBehalfOf.userId", Kind::Text),
    ("userIdentity.onBehalfOf.identityStoreArn", Kind::Text),
    ("userIdentity.inScopeOf.sourceArn", Kind::Text),
    ("userIdentity.inScopeOf.sourceAccount", Kind::Text),
    ("userIdentity.inScopeOf.issuerType", Kind::Text),
    ("userIdentity.inScopeOf.credentialsIssuedTo", Kind::Text),
    ("userIdentity.credentialId", Kind::Text),
    ("userIdentity.identityProvider", Kind::Text),
    ("userIdentity.sessionContext.sessionIssuer.type", Kind::Text),
    ("userIdentity.sessionContext.sessionIssuer.userName", Kind::Text),
    ("userIdentity.sessionContext.sessionIssuer.principalId", Kind::Text),
    ("userIdentity.sessionContext.sessionIssuer.arn", Kind::Text),
    ("userIdentity.sessionContext.sessionIssuer.accountId", Kind::Text),
    ("userIdentity.sessionContext.webIdFederationData.federatedProvider", Kind::Text),
    ("userIdentity.sessionContext.webIdFederationData.attributes", Kind::Json),
    ("userIdentity.sessionContext.attributes.creationDate", Kind::Text),
    ("userIdentity.sessionContext.attributes.mfaAuthenticated", Kind::Text),
    ("userIdentity.sessionContext.assumedRoot", Kind::Text),
    ("userIdentity.sessionContext.sourceIdentity", Kind::Text),
    ("userIdentity.sessionContext.ec2RoleDelivery", Kind::Text),
    ("userIdentity.sessionContext.signInSessionArn", Kind::Text),
];

/// What aggregated events have besides, after "Aggregating data events".
const AGGREGATED_FIELDS: &[(&str, Kind)] = &[
    ("accountId", Kind::Text),
    ("eventId", Kind::Text),
    ("timeWindow", Kind::Json),
    ("timeWindow.windowStart", Kind::Instant),
    ("timeWindow.windowEnd", Kind::Instant),
    ("timeWindow.windowSize", Kind::Text),
    ("summary", Kind::Json),
    ("summary.primaryDimension.dimension", Kind::Text),
    ("summary.primaryDimension.statistics", Kind::Json),
    ("summary.primaryDimension.aggregationType", Kind::Text),
    ("summary.details", Kind::Json),
];

#[test]
fn cloudtrail_has_a_column_for_every_field_and_no_other() {
    let unversioned = MEMBERS.iter().chain(AGGREGATED_FIELDS).map(|(path, kind)| (*path, *kind, ""));
    let fields: Vec<(&str, Kind, &str)> = RECORD_FIELDS.iter().copied().chain(unversioned).collect();
    for (path, kind, since) in &fields {
        let column = of_path(&CLOUDTRAIL, path).unwrap_or_else(|| panic!("no column for `{path}`"));
        assert_eq!((column.kind, column.since), (*kind, *since), "kind and version of `{path}`");
    }
    let known: BTreeSet<&str> = fields.iter().map(|(path, ..)| *path).collect();
    for path in CLOUDTRAIL.columns.iter().filter_map(path) {
        assert!(known.contains(path), "`{path}` is no field that AWS documents");
    }
}
