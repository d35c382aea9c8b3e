//! The `vpc_flow` table: VPC flow logs, versions 2 to 11.
//!
//! Fields after AWS's "Flow log records"; the first version of each as given there. `end` is a word of SQL, so the times
//! are called `start_time` and `end_time`; the account and the region bear the names that other tables give them, since
//! `account_id` and `region` are the lake's.

use crate::table::{Column, Kind, Routing, SOURCE_ID, SOURCE_OBJECT, SOURCE_RECORD, Storage, Table};

/// Flows through the network interfaces of VPCs.
pub const VPC_FLOW: Table = Table {
    name: "vpc_flow",
    about: "One row per line of a VPC flow log: the packets of one flow through one network interface in one window of \
            time, or that there were none (NODATA) or that they were not recorded (SKIPDATA). Fields that the log has \
            not, and values of -, are null.",
    columns: COLUMNS,
    order: &["end_time"],
    routing: Routing { accounts: &["aws_account_id"], region: Some("aws_region"), times: &["end_time", "start_time"] },
};

const COLUMNS: &[Column] = &[
    Column::seconds("end_time", "end", "When the last packet of the window came.").since("2"),
    Column::seconds("start_time", "start", "When the first packet of the window came.").since("2"),
    Column::int32("version", "version", "The highest version among the fields of the log.").since("2"),
    Column::text("aws_account_id", "account-id", "The account that owns the interface, or `unknown`.").since("2"),
    Column::text("interface_id", "interface-id", "The network interface.").since("2").needle(),
    Column::text("srcaddr", "srcaddr", "The source address of the packets, or the interface's own.")
        .since("2")
        .needle(),
    Column::text("dstaddr", "dstaddr", "The destination address, or the interface's own.").since("2").needle(),
    Column::int32("srcport", "srcport", "The source port.").since("2"),
    Column::int32("dstport", "dstport", "The destination port.").since("2"),
    Column::int32("protocol", "protocol", "The protocol's number: 6 is TCP, 17 UDP, 1 ICMP.").since("2"),
    Column::int("packets", "packets", "How many packets.").since("2"),
    Column::int("bytes", "bytes", "How many bytes.").since("2"),
    Column::text("action", "action", "`ACCEPT` or `REJECT`.").since("2"),
    Column::text("log_status", "log-status", "`OK`, `NODATA` or `SKIPDATA`.").since("2"),
    Column::text("vpc_id", "vpc-id", "The interface's VPC.").since("3").needle(),
    Column::text("subnet_id", "subnet-id", "The interface's subnet.").since("3").needle(),
    Column::text("instance_id", "instance-id", "The instance that the interface is attached to.").since("3").needle(),
    Column::int32("tcp_flags", "tcp-flags", "All flags of the window: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32.")
        .since("3"),
    Column::text("type", "type", "`IPv4`, `IPv6` or `EFA`.").since("3"),
    Column::text("pkt_srcaddr", "pkt-srcaddr", "The packet's own source address.").since("3").needle(),
    Column::text("pkt_dstaddr", "pkt-dstaddr", "The packet's own destination address.").since("3").needle(),
    Column::text("aws_region", "region", "The interface's region.").since("4"),
    Column::text("az_id", "az-id", "Its availability zone.").since("4"),
    Column::text("sublocation_type", "sublocation-type", "`wavelength`, `outpost` or `localzone`.").since("4"),
    Column::text("sublocation_id", "sublocation-id", "The sublocation's id.").since("4"),
    Column::text("pkt_src_aws_service", "pkt-src-aws-service", "The AWS service that `pkt_srcaddr` belongs to.")
        .since("5"),
    Column::text("pkt_dst_aws_service", "pkt-dst-aws-service", "The AWS service that `pkt_dstaddr` belongs to.")
        .since("5"),
    Column::text("flow_direction", "flow-direction", "`ingress` or `egress`, as the interface sees it.").since("5"),
    Column::int32(
        "traffic_path",
        "traffic-path",
        "The way that egress takes: 1 in the VPC, 2 internet gateway and so on.",
    )
    .since("5"),
    Column::text("ecs_cluster_arn", "ecs-cluster-arn", "The ECS cluster.").since("7"),
    Column::text("ecs_cluster_name", "ecs-cluster-name", "Its name.").since("7"),
    Column::text("ecs_container_instance_arn", "ecs-container-instance-arn", "The ECS container instance.").since("7"),
    Column::text("ecs_container_instance_id", "ecs-container-instance-id", "Its id.").since("7"),
    Column::text("ecs_container_id", "ecs-container-id", "Runtime id of the task's first container.").since("7"),
    Column::text("ecs_second_container_id", "ecs-second-container-id", "Runtime id of its second.").since("7"),
    Column::text("ecs_service_name", "ecs-service-name", "The ECS service.").since("7"),
    Column::text("ecs_task_definition_arn", "ecs-task-definition-arn", "The ECS task definition.").since("7"),
    Column::text("ecs_task_arn", "ecs-task-arn", "The ECS task.").since("7"),
    Column::text("ecs_task_id", "ecs-task-id", "Its id.").since("7"),
    Column::text("reject_reason", "reject-reason", "Why it was rejected: `BPA` or `EC`.").since("8"),
    Column::text("resource_id", "resource-id", "The resource, such as a regional NAT gateway.").since("9").needle(),
    Column::int32("encryption_status", "encryption-status", "0 none, 1 by Nitro, 2 by the application, 3 by both.")
        .since("10"),
    Column::percent("instance_tag", "instance-tag", "Value of the first chosen tag of the instance.").since("11"),
    Column::percent("instance_tag_2", "instance-tag-2", "Value of the second.").since("11"),
    Column::percent("interface_tag", "interface-tag", "Value of the first chosen tag of the interface.").since("11"),
    Column::percent("interface_tag_2", "interface-tag-2", "Value of the second.").since("11"),
    Column::percent("asg_tag", "asg-tag", "Value of the first chosen tag of the Auto Scaling group.").since("11"),
    Column::percent("asg_tag_2", "asg-tag-2", "Value of the second.").since("11"),
    Column::text("interface_type", "interface-type", "Such as `nat_gateway`.").since("11"),
    Column::text("next_hop_interface_id", "next-hop-interface-id", "The interface that comes next.")
        .since("11")
        .needle(),
    Column::text("next_hop_subnet_id", "next-hop-subnet-id", "Its subnet.").since("11").needle(),
    Column::text("next_hop_az_id", "next-hop-az-id", "Its availability zone.").since("11"),
    Column::text("next_hop_vpc_id", "next-hop-vpc-id", "Its VPC.").since("11").needle(),
    Column::text("next_hop_interface_type", "next-hop-interface-type", "Its type.").since("11"),
    FLOW_EXTRA,
    FLOW_FIELDS,
    SOURCE_OBJECT,
    SOURCE_ID,
    SOURCE_RECORD,
];

/// What of a line no column holds exactly.
pub(crate) const FLOW_EXTRA: Column = Column::made(
    "extra",
    Kind::Json,
    Storage::Bulk,
    "Fields whose text no column holds exactly, an object of names and texts: unknown ones, numbers that are none, \
     negative or too large, times in milliseconds, percent-encoded text.",
);
/// How a line was written.
pub(crate) const FLOW_FIELDS: Column = Column::made(
    "fields",
    Kind::Text,
    Storage::Coded,
    "The header that the line was read with: the names of its fields in their order.",
);
