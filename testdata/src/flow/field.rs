//! The fields that a flow log can have, in AWS's own order, and since which version.

use crate::error::Error;
use crate::flow::FlowKind;

/// A field of a flow log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Version,
    AccountId,
    InterfaceId,
    SourceAddress,
    TargetAddress,
    SourcePort,
    TargetPort,
    Protocol,
    Packets,
    Bytes,
    Start,
    End,
    Action,
    LogStatus,
    VpcId,
    SubnetId,
    InstanceId,
    TcpFlags,
    Type,
    PacketSourceAddress,
    PacketTargetAddress,
    Region,
    ZoneId,
    SublocationType,
    SublocationId,
    SourceService,
    TargetService,
    Direction,
    TrafficPath,
    /// A field of ECS, by its place among them.
    Ecs(u8),
    RejectReason,
    ResourceId,
    EncryptionStatus,
    /// The value of a tag, by its place among them.
    Tag(u8),
    InterfaceType,
    /// A field of the next hop, by its place among them.
    NextHop(u8),
    /// A field of a transit gateway, by its place among them.
    Transit(u8),
    /// Packets lost, by the reason's place.
    Lost(u8),
    /// A field that no version knows.
    Unknown,
}

/// A field with its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) version: u8,
    pub(crate) field: Field,
}

/// The column that only a hazard adds.
pub(crate) const UNKNOWN: Column = of("path-latency", 0, Field::Unknown);

const fn of(name: &'static str, version: u8, field: Field) -> Column {
    Column { name, version, field }
}

/// The newest version of a VPC's flow logs.
pub(crate) const VPC_VERSION: u8 = 11;
/// The newest version of a transit gateway's flow logs, which is also the one by default.
pub(crate) const TGW_VERSION: u8 = 6;
/// The oldest version, which is also a VPC's by default.
pub(crate) const VERSION_MIN: u8 = 2;

const VPC: [Column; 54] = [
    of("version", 2, Field::Version),
    of("account-id", 2, Field::AccountId),
    of("interface-id", 2, Field::InterfaceId),
    of("srcaddr", 2, Field::SourceAddress),
    of("dstaddr", 2, Field::TargetAddress),
    of("srcport", 2, Field::SourcePort),
    of("dstport", 2, Field::TargetPort),
    of("protocol", 2, Field::Protocol),
    of("packets", 2, Field::Packets),
    of("bytes", 2, Field::Bytes),
    of("start", 2, Field::Start),
    of("end", 2, Field::End),
    of("action", 2, Field::Action),
    of("log-status", 2, Field::LogStatus),
    of("vpc-id", 3, Field::VpcId),
    of("subnet-id", 3, Field::SubnetId),
    of("instance-id", 3, Field::InstanceId),
    of("tcp-flags", 3, Field::TcpFlags),
    of("type", 3, Field::Type),
    of("pkt-srcaddr", 3, Field::PacketSourceAddress),
    of("pkt-dstaddr", 3, Field::PacketTargetAddress),
    of("region", 4, Field::Region),
    of("az-id", 4, Field::ZoneId),
    of("sublocation-type", 4, Field::SublocationType),
    of("sublocation-id", 4, Field::SublocationId),
    of("pkt-src-aws-service", 5, Field::SourceService),
    of("pkt-dst-aws-service", 5, Field::TargetService),
    of("flow-direction", 5, Field::Direction),
    of("traffic-path", 5, Field::TrafficPath),
    of("ecs-cluster-arn", 7, Field::Ecs(0)),
    of("ecs-cluster-name", 7, Field::Ecs(1)),
    of("ecs-container-instance-arn", 7, Field::Ecs(2)),
    of("ecs-container-instance-id", 7, Field::Ecs(3)),
    of("ecs-container-id", 7, Field::Ecs(4)),
    of("ecs-second-container-id", 7, Field::Ecs(5)),
    of("ecs-service-name", 7, Field::Ecs(6)),
    of("ecs-task-definition-arn", 7, Field::Ecs(7)),
    of("ecs-task-arn", 7, Field::Ecs(8)),
    of("ecs-task-id", 7, Field::Ecs(9)),
    of("reject-reason", 8, Field::RejectReason),
    of("resource-id", 9, Field::ResourceId),
    of("encryption-status", 10, Field::EncryptionStatus),
    of("instance-tag", 11, Field::Tag(0)),
    of("instance-tag-2", 11, Field::Tag(1)),
    of("interface-tag", 11, Field::Tag(2)),
    of("interface-tag-2", 11, Field::Tag(3)),
    of("asg-tag", 11, Field::Tag(4)),
    of("asg-tag-2", 11, Field::Tag(5)),
    of("interface-type", 11, Field::InterfaceType),
    of("next-hop-interface-id", 11, Field::NextHop(0)),
    of("next-hop-subnet-id", 11, Field::NextHop(1)),
    of("next-hop-az-id", 11, Field::NextHop(2)),
    of("next-hop-vpc-id", 11, Field::NextHop(3)),
    of("next-hop-interface-type", 11, Field::NextHop(4)),
];

const TGW: [Column; 36] = [
    of("version", 2, Field::Version),
    of("resource-type", 6, Field::Transit(0)),
    of("account-id", 2, Field::AccountId),
    of("tgw-id", 6, Field::Transit(1)),
    of("tgw-attachment-id", 6, Field::Transit(2)),
    of("tgw-src-vpc-account-id", 6, Field::Transit(3)),
    of("tgw-dst-vpc-account-id", 6, Field::Transit(4)),
    of("tgw-src-vpc-id", 6, Field::Transit(5)),
    of("tgw-dst-vpc-id", 6, Field::Transit(6)),
    of("tgw-src-subnet-id", 6, Field::Transit(7)),
    of("tgw-dst-subnet-id", 6, Field::Transit(8)),
    of("tgw-src-eni", 6, Field::Transit(9)),
    of("tgw-dst-eni", 6, Field::Transit(10)),
    of("tgw-src-az-id", 6, Field::Transit(11)),
    of("tgw-dst-az-id", 6, Field::Transit(12)),
    of("tgw-pair-attachment-id", 6, Field::Transit(13)),
    of("srcaddr", 2, Field::SourceAddress),
    of("dstaddr", 2, Field::TargetAddress),
    of("srcport", 2, Field::SourcePort),
    of("dstport", 2, Field::TargetPort),
    of("protocol", 2, Field::Protocol),
    of("packets", 2, Field::Packets),
    of("bytes", 2, Field::Bytes),
    of("start", 2, Field::Start),
    of("end", 2, Field::End),
    of("log-status", 2, Field::LogStatus),
    of("type", 3, Field::Type),
    of("packets-lost-no-route", 6, Field::Lost(0)),
    of("packets-lost-blackhole", 6, Field::Lost(1)),
    of("packets-lost-mtu-exceeded", 6, Field::Lost(2)),
    of("packets-lost-ttl-expired", 6, Field::Lost(3)),
    of("tcp-flags", 3, Field::TcpFlags),
    of("region", 4, Field::Region),
    of("flow-direction", 5, Field::Direction),
    of("pkt-src-aws-service", 5, Field::SourceService),
    of("pkt-dst-aws-service", 5, Field::TargetService),
];

/// Every field of a kind of flow log, in AWS's own order.
pub(crate) fn columns_of(kind: FlowKind) -> &'static [Column] {
    match kind {
        FlowKind::Vpc => &VPC,
        FlowKind::Tgw => &TGW,
    }
}

/// The fields of a kind of flow log with the version that brought each, in AWS's own order.
pub fn flow_fields(kind: FlowKind) -> impl Iterator<Item = (&'static str, u8)> {
    columns_of(kind).iter().map(|column| (column.name, column.version))
}

/// The fields up to `version`.
pub(crate) fn up_to(kind: FlowKind, version: u8) -> Result<Vec<Column>, Error> {
    let most = if kind == FlowKind::Vpc { VPC_VERSION } else { TGW_VERSION };
    if !(VERSION_MIN..=most).contains(&version) {
        return Err(Error::OutOfBounds { what: "--version", least: VERSION_MIN.into(), most: most.into() });
    }
    Ok(columns_of(kind).iter().filter(|column| column.version <= version).copied().collect())
}

/// The fields called `names`, in that order.
pub(crate) fn named(kind: FlowKind, names: &[String]) -> Result<Vec<Column>, Error> {
    let mut found: Vec<Column> = Vec::new();
    for name in names {
        let known = columns_of(kind).iter().find(|column| column.name == name);
        let column = known.ok_or_else(|| Error::UnknownField(name.clone()))?;
        if found.contains(column) {
            return Err(Error::RepeatedField(name.clone()));
        }
        found.push(*column);
    }
    if found.is_empty() { Err(Error::NoField) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_add_fields_and_the_sixth_adds_none_to_a_vpc() {
        let counts: Vec<usize> = (2..=11).map(|version| up_to(FlowKind::Vpc, version).unwrap().len()).collect();
        assert_eq!(counts, [14, 21, 25, 29, 29, 39, 40, 41, 42, 54]);
        let counts: Vec<usize> = (2..=6).map(|version| up_to(FlowKind::Tgw, version).unwrap().len()).collect();
        assert_eq!(counts, [12, 14, 15, 18, 36]);
    }

    #[test]
    fn wrong_names_are_refused() {
        let fault = |names: &str| {
            let names: Vec<String> = names.split_whitespace().map(str::to_owned).collect();
            named(FlowKind::Tgw, &names).unwrap_err().to_string()
        };
        assert_eq!(fault(""), "no field is named");
        assert_eq!(fault("start action"), "`action` is no field of such a flow log");
        assert_eq!(fault("start end start"), "the field `start` is named twice");
    }
}
