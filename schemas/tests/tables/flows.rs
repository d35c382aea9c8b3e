//! What the tables of flow logs must know of AWS's formats.

use std::collections::BTreeSet;

use trailhouse_schemas::{Column, Kind, Origin, TGW_FLOW, Table, VPC_FLOW};

use crate::{Field, has_a_column_for_every_field_and_no_other, of_path};

/// After "Flow log records", in its order: name, type as in AWS's own Parquet files, and the first version with it.
const VPC_FIELDS: &str = "
    version INT32 2
    account-id STRING 2
    interface-id STRING 2
    srcaddr STRING 2
    dstaddr STRING 2
    srcport INT32 2
    dstport INT32 2
    protocol INT32 2
    packets INT64 2
    bytes INT64 2
    start INT64 2
    end INT64 2
    action STRING 2
    log-status STRING 2
    vpc-id STRING 3
    subnet-id STRING 3
    instance-id STRING 3
    tcp-flags INT32 3
    type STRING 3
    pkt-srcaddr STRING 3
    pkt-dstaddr STRING 3
    region STRING 4
    az-id STRING 4
    sublocation-type STRING 4
    sublocation-id STRING 4
    pkt-src-aws-service STRING 5
    pkt-dst-aws-service STRING 5
    flow-direction STRING 5
    traffic-path INT32 5
    ecs-cluster-arn STRING 7
    ecs-cluster-name STRING 7
    ecs-container-instance-arn STRING 7
    ecs-container-instance-id STRING 7
    ecs-container-id STRING 7
    ecs-second-container-id STRING 7
    ecs-service-name STRING 7
    ecs-task-definition-arn STRING 7
    ecs-task-arn STRING 7
    ecs-task-id STRING 7
    reject-reason STRING 8
    resource-id STRING 9
    encryption-status INT32 10
    instance-tag STRING 11
    instance-tag-2 STRING 11
    interface-tag STRING 11
    interface-tag-2 STRING 11
    asg-tag STRING 11
    asg-tag-2 STRING 11
    interface-type STRING 11
    next-hop-interface-id STRING 11
    next-hop-subnet-id STRING 11
    next-hop-az-id STRING 11
    next-hop-vpc-id STRING 11
    next-hop-interface-type STRING 11
";

/// After "Transit Gateway Flow Logs", likewise: its default format, which is all fields.
const TGW_FIELDS: &str = "
    version INT32 2
    resource-type STRING 6
    account-id STRING 2
    tgw-id STRING 6
    tgw-attachment-id STRING 6
    tgw-src-vpc-account-id STRING 6
    tgw-dst-vpc-account-id STRING 6
    tgw-src-vpc-id STRING 6
    tgw-dst-vpc-id STRING 6
    tgw-src-subnet-id STRING 6
    tgw-dst-subnet-id STRING 6
    tgw-src-eni STRING 6
    tgw-dst-eni STRING 6
    tgw-src-az-id STRING 6
    tgw-dst-az-id STRING 6
    tgw-pair-attachment-id STRING 6
    srcaddr STRING 2
    dstaddr STRING 2
    srcport INT32 2
    dstport INT32 2
    protocol INT32 2
    packets INT64 2
    bytes INT64 2
    start INT64 2
    end INT64 2
    log-status STRING 2
    type STRING 3
    packets-lost-no-route INT64 6
    packets-lost-blackhole INT64 6
    packets-lost-mtu-exceeded INT64 6
    packets-lost-ttl-expired INT64 6
    tcp-flags INT32 3
    region STRING 4
    flow-direction STRING 5
    pkt-src-aws-service STRING 5
    pkt-dst-aws-service STRING 5
";

/// Fields whose columns have another name: a word of SQL, or a partition column's name.
const RENAMED: [(&str, &str); 4] =
    [("end", "end_time"), ("start", "start_time"), ("account-id", "aws_account_id"), ("region", "aws_region")];

fn fields(lines: &'static str) -> Vec<Field> {
    let words = |line: &'static str| line.split_whitespace().collect::<Vec<_>>();
    lines
        .lines()
        .map(words)
        .filter_map(|words| match words[..] {
            [name, kind, since] => Some((name, kind_of(name, kind), since)),
            _ => None,
        })
        .collect()
}

fn kind_of(field: &str, parquet_type: &str) -> Kind {
    match (field, parquet_type) {
        ("start" | "end", "INT64") => Kind::Instant,
        (_, "INT64") => Kind::Int,
        (_, "INT32") => Kind::Int32,
        (_, other) => {
            assert_eq!(other, "STRING", "the type of `{field}`");
            Kind::Text
        }
    }
}

fn origins(table: &Table, is_meant: impl Fn(&Column) -> bool) -> BTreeSet<&'static str> {
    table.columns.iter().filter(|column| is_meant(column)).filter_map(|column| column.origin.field()).collect()
}

#[test]
fn vpc_flow_has_a_column_for_every_field_and_no_other() {
    let fields = fields(VPC_FIELDS);
    assert_eq!(fields.len(), 54);
    has_a_column_for_every_field_and_no_other(&VPC_FLOW, &fields);
}

#[test]
fn tgw_flow_has_a_column_for_every_field_and_no_other() {
    let fields = fields(TGW_FIELDS);
    assert_eq!(fields.len(), 36);
    has_a_column_for_every_field_and_no_other(&TGW_FLOW, &fields);
}

#[test]
fn columns_are_called_like_their_fields() {
    for (table, lines) in [(&VPC_FLOW, VPC_FIELDS), (&TGW_FLOW, TGW_FIELDS)] {
        for (field, ..) in fields(lines) {
            let renamed = RENAMED.iter().find(|(from, _)| *from == field);
            let expected = renamed.map_or_else(|| field.replace('-', "_"), |(_, to)| (*to).to_owned());
            let found = of_path(table, field).map(|column| column.name);
            assert_eq!(found, Some(expected.as_str()), "`{field}` of `{}`", table.name);
        }
    }
}

#[test]
fn times_are_seconds_and_tags_are_percent_encoded() {
    for table in [&VPC_FLOW, &TGW_FLOW] {
        let seconds = origins(table, |column| matches!(column.origin, Origin::Seconds(_)));
        assert_eq!(seconds, BTreeSet::from(["end", "start"]), "`{}`", table.name);
        let percent = origins(table, |column| matches!(column.origin, Origin::Percent(_)));
        let tags = origins(table, |column| column.name.ends_with("_tag") || column.name.ends_with("_tag_2"));
        assert_eq!(percent, tags, "`{}`", table.name);
    }
}

/// Transit gateway flow logs lie among VPC flow logs; what both have must be one thing under one name.
#[test]
fn what_both_have_is_alike() {
    for column in TGW_FLOW.columns.iter() {
        let Some(other) = column.origin.field().and_then(|field| of_path(&VPC_FLOW, field)) else { continue };
        let [column, other] = [column, other].map(|column| (column.name, column.kind, column.origin, column.since));
        assert_eq!(column, other);
    }
}
