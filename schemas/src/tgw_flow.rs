//! The `tgw_flow` table: transit gateway flow logs, which stand under the keys of VPC flow logs.
//!
//! Fields after AWS's "Transit Gateway Flow Logs"; names as in [`crate::vpc_flow`].

use crate::table::{Column, Routing, SOURCE_ID, SOURCE_OBJECT, SOURCE_RECORD, Table};
use crate::vpc_flow::{FLOW_EXTRA, FLOW_FIELDS};

/// Flows through transit gateways.
pub const TGW_FLOW: Table = Table {
    name: "tgw_flow",
    about: "One row per line of a transit gateway flow log: the packets of one flow through one attachment in one \
            window of time. Fields that the log has not, and values of -, are null.",
    columns: COLUMNS,
    order: &["end_time"],
    routing: Routing { accounts: &["aws_account_id"], region: Some("aws_region"), times: &["end_time", "start_time"] },
};

const COLUMNS: &[Column] = &[
    Column::seconds("end_time", "end", "When the last packet of the window came.").since("2"),
    Column::seconds("start_time", "start", "When the first packet of the window came.").since("2"),
    Column::int32("version", "version", "The highest version among the fields of the log.").since("2"),
    Column::text("resource_type", "resource-type", "`TransitGateway`.").since("6"),
    Column::text("aws_account_id", "account-id", "The account that owns the transit gateway.").since("2"),
    Column::text("tgw_id", "tgw-id", "The transit gateway.").since("6").needle(),
    Column::text("tgw_attachment_id", "tgw-attachment-id", "The attachment.").since("6").needle(),
    Column::text("tgw_src_vpc_account_id", "tgw-src-vpc-account-id", "Owner of the source VPC.").since("6"),
    Column::text("tgw_dst_vpc_account_id", "tgw-dst-vpc-account-id", "Owner of the destination VPC.").since("6"),
    Column::text("tgw_src_vpc_id", "tgw-src-vpc-id", "The source VPC.").since("6").needle(),
    Column::text("tgw_dst_vpc_id", "tgw-dst-vpc-id", "The destination VPC.").since("6").needle(),
    Column::text("tgw_src_subnet_id", "tgw-src-subnet-id", "The source subnet.").since("6").needle(),
    Column::text("tgw_dst_subnet_id", "tgw-dst-subnet-id", "The destination subnet.").since("6").needle(),
    Column::text("tgw_src_eni", "tgw-src-eni", "The source attachment's network interface.").since("6").needle(),
    Column::text("tgw_dst_eni", "tgw-dst-eni", "The destination attachment's network interface.").since("6").needle(),
    Column::text("tgw_src_az_id", "tgw-src-az-id", "The source availability zone.").since("6"),
    Column::text("tgw_dst_az_id", "tgw-dst-az-id", "The destination availability zone.").since("6"),
    Column::text("tgw_pair_attachment_id", "tgw-pair-attachment-id", "The attachment at the other end.")
        .since("6")
        .needle(),
    Column::text("srcaddr", "srcaddr", "The source address.").since("2").needle(),
    Column::text("dstaddr", "dstaddr", "The destination address.").since("2").needle(),
    Column::int32("srcport", "srcport", "The source port.").since("2"),
    Column::int32("dstport", "dstport", "The destination port.").since("2"),
    Column::int32("protocol", "protocol", "The protocol's number: 6 is TCP, 17 UDP, 1 ICMP.").since("2"),
    Column::int("packets", "packets", "How many packets.").since("2"),
    Column::int("bytes", "bytes", "How many bytes.").since("2"),
    Column::text("log_status", "log-status", "`OK`, `NODATA` or `SKIPDATA`.").since("2"),
    Column::text("type", "type", "`IPv4` or `IPv6`.").since("3"),
    Column::int("packets_lost_no_route", "packets-lost-no-route", "Packets lost for want of a route.").since("6"),
    Column::int("packets_lost_blackhole", "packets-lost-blackhole", "Packets lost in a black hole.").since("6"),
    Column::int("packets_lost_mtu_exceeded", "packets-lost-mtu-exceeded", "Packets lost for their size.").since("6"),
    Column::int("packets_lost_ttl_expired", "packets-lost-ttl-expired", "Packets lost for their age.").since("6"),
    Column::int32("tcp_flags", "tcp-flags", "All flags of the window: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32.")
        .since("3"),
    Column::text("aws_region", "region", "The transit gateway's region.").since("4"),
    Column::text("flow_direction", "flow-direction", "`ingress` or `egress`, as the gateway sees it.").since("5"),
    Column::text("pkt_src_aws_service", "pkt-src-aws-service", "The service that the source address is of.").since("5"),
    Column::text("pkt_dst_aws_service", "pkt-dst-aws-service", "The service that the destination address is of.")
        .since("5"),
    FLOW_EXTRA,
    FLOW_FIELDS,
    SOURCE_OBJECT,
    SOURCE_ID,
    SOURCE_RECORD,
];
