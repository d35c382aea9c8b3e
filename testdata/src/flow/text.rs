//! Writes the fields of a line.

use std::io::Write;
use std::net::IpAddr;

use crate::cast::{Cast, account_id};
use crate::flow::draw::Site;
use crate::flow::field::{Column, Field};
use crate::flow::row::{Row, Status, Times};
use crate::network::{Interface, Owner, ResourceId, push_zone_id};
use crate::random::mix;

const CLUSTERS: [&str; 3] = ["port", "orders", "ledger-batch"];
const TASK_SERVICES: [&str; 5] = ["orders-api", "rates", "manifest-parser", "web", "reports"];
/// Values of tags as AWS writes them: UTF-8, percent-encoded.
const TAGS: [&str; 8] =
    ["prod", "web%20tier", "M%C3%BCnchen", "%E6%9D%B1%E4%BA%AC", "100%25", "team%3Aport", "-", "a%2Fb%F0%9F%9A%A2"];
/// Of so many flows one has lost packets for a reason.
const LOST_OF: u64 = 40;

/// Writes the lines of one object.
pub(crate) struct Lines<'a> {
    pub(crate) cast: &'a Cast,
    pub(crate) site: Site,
    pub(crate) region: &'a str,
    /// The account at the other end of the transit gateway.
    pub(crate) other_account: String,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(cast: &'a Cast, site: Site, region: &'a str) -> Self {
        Self { cast, site, region, other_account: account_id(site.other_account()) }
    }

    /// Appends the fields of `row`, without an end of line.
    pub(crate) fn write(&self, columns: &[Column], version: u8, row: &Row, out: &mut Vec<u8>) {
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                out.push(b' ');
            }
            let start = out.len();
            match column.field {
                Field::Version => push_number(version.into(), out),
                Field::AccountId if !row.has_account => out.extend_from_slice(b"unknown"),
                field => self.push_known(field, row, out),
            }
            if out.len() == start {
                out.push(b'-');
            }
        }
    }

    /// Appends what is told even of an interface without traffic; nothing where there is nothing to tell.
    fn push_known(&self, field: Field, row: &Row, out: &mut Vec<u8>) {
        let interface = row.interface;
        match field {
            Field::AccountId => out.extend_from_slice(self.cast.account.as_bytes()),
            Field::InterfaceId if row.regional_nat.is_none() => push_id(interface.id(), out),
            Field::Start => push_time(row.start, row.times, out),
            Field::End => push_time(row.end, row.times, out),
            Field::LogStatus => out.extend_from_slice(row.status.name().as_bytes()),
            Field::VpcId => push_id(interface.vpc(), out),
            Field::SubnetId => push_id(interface.subnet(), out),
            Field::InstanceId if row.regional_nat.is_none() => {
                out.extend_from_slice(interface.instance(self.cast).unwrap_or_default().as_bytes());
            }
            Field::Region => out.extend_from_slice(self.region.as_bytes()),
            Field::ZoneId => push_zone_id(self.region, interface.zone(), out),
            Field::SublocationType if is_local_zone(interface) => out.extend_from_slice(b"localzone"),
            Field::SublocationId if is_local_zone(interface) => {
                push_zone_id(self.region, interface.zone(), out);
                out.extend_from_slice(b"-lax1");
            }
            Field::InterfaceType => out.extend_from_slice(type_of(row).as_bytes()),
            Field::ResourceId => {
                if let Some(nat) = row.regional_nat {
                    push_id(nat, out);
                }
            }
            Field::Tag(place) => push_tag(place, interface, out),
            Field::Transit(place @ 0..=2) => self.push_transit(place, row, out),
            _ if row.status == Status::Ok => self.push_traffic(field, row, out),
            _ => {}
        }
    }

    /// Appends what only traffic has.
    fn push_traffic(&self, field: Field, row: &Row, out: &mut Vec<u8>) {
        match field {
            Field::SourceAddress => push_address(row.source.address, out),
            Field::TargetAddress => push_address(row.target.address, out),
            Field::PacketSourceAddress => push_address(row.source.packet_address, out),
            Field::PacketTargetAddress => push_address(row.target.packet_address, out),
            Field::SourcePort if row.is_unfit => push_number((1 << 32) + u64::from(row.source.port), out),
            Field::SourcePort => push_number(row.source.port.into(), out),
            Field::TargetPort => push_number(row.target.port.into(), out),
            Field::Protocol if row.is_unfit => out.extend_from_slice(b"tcp"),
            Field::Protocol => push_number(row.protocol.into(), out),
            Field::Packets => push_number(row.packets, out),
            Field::Bytes => push_if(row.bytes, out),
            Field::Action => out.extend_from_slice(if row.is_accepted { b"ACCEPT" } else { b"REJECT" }),
            Field::TcpFlags => push_number(row.tcp_flags.into(), out),
            Field::Type => out.extend_from_slice(if row.source.address.is_ipv6() { b"IPv6" } else { b"IPv4" }),
            Field::SourceService => out.extend_from_slice(row.source.service.unwrap_or_default().as_bytes()),
            Field::TargetService => out.extend_from_slice(row.target.service.unwrap_or_default().as_bytes()),
            Field::Direction => out.extend_from_slice(if row.is_ingress { b"ingress" } else { b"egress" }),
            Field::TrafficPath => push_if(row.path.map(u64::from), out),
            Field::RejectReason => out.extend_from_slice(row.reason.unwrap_or_default().as_bytes()),
            Field::EncryptionStatus => push_if(row.encryption.map(u64::from), out),
            Field::Ecs(place) if row.interface.owner() == Owner::Task => self.push_task(place, row.interface, out),
            Field::NextHop(place) if matches!(row.path, Some(2 | 7 | 8)) => {
                self.push_next_hop(place, row, out);
            }
            Field::Transit(place) => self.push_transit(place, row, out),
            Field::Lost(place) => push_lost(place, row, out),
            Field::Unknown => push_number(row.seed % 900, out),
            _ => {}
        }
    }

    /// Appends a field of the task that the interface is of. On Fargate there is no instance.
    fn push_task(&self, place: u8, interface: Interface, out: &mut Vec<u8>) {
        let name = interface.id().1;
        let (cluster, service) = (pick(&CLUSTERS, name), pick(&TASK_SERVICES, name >> 8));
        let (region, account) = (self.region, &self.cast.account);
        let arn = format_args!("arn:aws:ecs:{region}:{account}");
        let (is_fargate, has_second) = (!(name >> 16).is_multiple_of(3), (name >> 20).is_multiple_of(4));
        let (high, low) = (mix(name), mix(name ^ 1));
        // A vector takes all that is written to it.
        let _ = match place {
            0 => write!(out, "{arn}:cluster/{cluster}"),
            1 => write!(out, "{cluster}"),
            2 | 3 if is_fargate => Ok(()),
            2 => write!(out, "{arn}:container-instance/{cluster}/{low:016x}{high:016x}"),
            3 => write!(out, "{}", self.cast.instances[(name % 80) as usize]),
            5 if !has_second => Ok(()),
            4 | 5 => write!(out, "{high:016x}{low:016x}-{:010}", mix(high ^ u64::from(place)) % 10_000_000_000),
            6 => write!(out, "{service}"),
            7 => write!(out, "{arn}:task-definition/{service}:{}", 1 + name % 90),
            8 => write!(out, "{arn}:task/{cluster}/{high:016x}{low:016x}"),
            _ => write!(out, "{high:016x}{low:016x}"),
        };
    }

    /// Appends a field of where the packets go next: the subnet's NAT gateway.
    fn push_next_hop(&self, place: u8, row: &Row, out: &mut Vec<u8>) {
        let hop = row.interface.nat_gateway();
        match place {
            0 => push_id(hop.id(), out),
            1 => push_id(hop.subnet(), out),
            2 => push_zone_id(self.region, hop.zone(), out),
            3 => push_id(hop.vpc(), out),
            _ => out.extend_from_slice(b"nat_gateway"),
        }
    }

    /// Appends a field of the transit gateway.
    fn push_transit(&self, place: u8, row: &Row, out: &mut Vec<u8>) {
        let network = self.site.network();
        let attachment = |interface: Interface| network.id("tgw-attach-", interface.vpc().1);
        let [source, target] = [row.source, row.target].map(|end| end.interface.unwrap_or(row.interface));
        let is_source = !place.is_multiple_of(2);
        let end = if is_source { source } else { target };
        let is_here = is_source != row.is_ingress;
        match place {
            0 => out.extend_from_slice(b"TransitGateway"),
            1 => push_id(network.id("tgw-", 0), out),
            2 => push_id(attachment(row.interface), out),
            3 | 4 if is_here => out.extend_from_slice(self.cast.account.as_bytes()),
            3 | 4 => out.extend_from_slice(self.other_account.as_bytes()),
            5 | 6 => push_id(end.vpc(), out),
            7 | 8 => push_id(end.subnet(), out),
            9 | 10 => push_id(end.id(), out),
            11 | 12 => push_zone_id(self.region, end.zone(), out),
            _ => push_id(attachment(target), out),
        }
    }
}

fn is_local_zone(interface: Interface) -> bool {
    interface.number % 9 == 8
}

fn type_of(row: &Row) -> &'static str {
    match row.interface.owner() {
        _ if row.regional_nat.is_some() => "regional_nat_gateway",
        Owner::NatGateway => "nat_gateway",
        Owner::LoadBalancer => "network_load_balancer",
        Owner::Endpoint => "vpc_endpoint",
        Owner::TransitGateway => "transit_gateway",
        Owner::Instance(_) | Owner::Task | Owner::Requester => "",
    }
}

/// Appends a tag's value: those of instances and of their groups only where there is one.
fn push_tag(place: u8, interface: Interface, out: &mut Vec<u8>) {
    let is_instance = matches!(interface.owner(), Owner::Instance(_));
    if is_instance || matches!(place, 2 | 3) {
        out.extend_from_slice(pick(&TAGS, mix(interface.id().1 ^ u64::from(place))).as_bytes());
    }
}

fn push_lost(place: u8, row: &Row, out: &mut Vec<u8>) {
    let drawn = mix(row.seed ^ u64::from(place));
    push_number(if drawn.is_multiple_of(LOST_OF) { (drawn >> 32) % 20 } else { 0 }, out);
}

fn push_time(second: i64, times: Times, out: &mut Vec<u8>) {
    let second = second.unsigned_abs();
    match times {
        Times::Seconds => push_number(second, out),
        Times::Milliseconds => push_number(second * 1_000 + second % 997, out),
    }
}

fn push_address(address: IpAddr, out: &mut Vec<u8>) {
    let IpAddr::V4(address) = address else {
        // A vector takes all that is written to it.
        let _ = write!(out, "{address}");
        return;
    };
    for (index, octet) in address.octets().into_iter().enumerate() {
        if index > 0 {
            out.push(b'.');
        }
        push_number(octet.into(), out);
    }
}

fn push_id(id: ResourceId, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.extend_from_slice(id.0.as_bytes());
    out.push(b'0');
    out.extend((0..16).rev().map(|place| HEX[(id.1 >> (4 * place) & 15) as usize]));
}

fn push_if(number: Option<u64>, out: &mut Vec<u8>) {
    if let Some(number) = number {
        push_number(number, out);
    }
}

fn push_number(mut number: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut first = digits.len();
    loop {
        first -= 1;
        digits[first] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[first..]);
}

fn pick<'a>(names: &[&'a str], number: u64) -> &'a str {
    names[(number % names.len() as u64) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::Network;

    #[test]
    fn numbers_are_written_as_they_are() {
        for number in [0, 9, 10, 65_535, u64::MAX] {
            let mut out = Vec::new();
            push_number(number, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
    }

    #[test]
    fn ids_are_written_as_they_are_shown() {
        for id in [Network::new(3, 1).id("tgw-", 4), Network::new(0, 0).interface(9).id()] {
            let mut out = Vec::new();
            push_id(id, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), id.to_string());
        }
    }
}
