//! Draws what goes over a network.

use std::net::{IpAddr, Ipv4Addr};

use crate::cast::ACCOUNTS_MAX;
use crate::flow::FlowKind;
use crate::flow::row::{End, Row, Status, Times};
use crate::network::{INTERFACES, Interface, Network, Owner, outside, outside_v6};
use crate::random::Random;

const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMP: u8 = 1;
const ICMP_V6: u8 = 58;

/// Of a thousand lines, so many are `SKIPDATA`, and with those that are `NODATA` so many.
const SKIP_DATA_TO: u32 = 4;
const NO_DATA_TO: u32 = 24;

/// What servers listen on, the busiest first.
const PORTS: [u32; 20] =
    [443, 443, 443, 80, 53, 5432, 8080, 6379, 22, 3306, 9092, 123, 2049, 8443, 3389, 445, 23, 25, 389, 27017];
const UDP_PORTS: [u32; 5] = [53, 53, 123, 443, 4789];
/// What is tried from outside and refused.
const TRIED_PORTS: [u32; 8] = [23, 22, 3389, 445, 8088, 5900, 6379, 1433];
const FLAGS: [u8; 8] = [19, 3, 2, 18, 0, 1, 27, 4];
const SERVICES: [&str; 7] = ["AMAZON", "S3", "EC2", "DYNAMODB", "CLOUDFRONT", "ROUTE53", "API_GATEWAY"];

/// The longest time that a line tells of: interfaces of Nitro instances keep to a minute, whatever was asked for.
const WINDOWS: [i64; 2] = [60, 600];

/// Where lines are drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Site {
    pub(crate) kind: FlowKind,
    pub(crate) account: u32,
    pub(crate) region: u8,
}

impl Site {
    /// The site's network.
    pub(crate) fn network(self) -> Network {
        Network::new(self.account, self.region)
    }

    /// The number of the account at the other end of the transit gateway.
    pub(crate) fn other_account(self) -> u32 {
        (self.account + 1) % ACCOUNTS_MAX
    }

    /// A line that ends in second `end`.
    pub(crate) fn draw(self, end: i64, mut random: Random) -> Row {
        let network = self.network();
        let interface = network.draw(&mut random);
        let status = match random.below(1_000) {
            NO_DATA_TO.. => Status::Ok,
            SKIP_DATA_TO.. => Status::NoData,
            _ => Status::SkipData,
        };
        let (is_ingress, is_v6, is_outer) = (random.percent(50), random.percent(4), random.percent(55));
        let local = local_end(interface, is_v6, network);
        let remote = match self.kind {
            FlowKind::Tgw => self.far_end(is_v6, &mut random),
            FlowKind::Vpc if is_outer => outer_end(is_v6, &mut random),
            FlowKind::Vpc => inner_end(network, is_v6, &mut random),
        };
        let (source, target) = if is_ingress { (remote, local) } else { (local, remote) };
        let window = WINDOWS[usize::from(interface.number.is_multiple_of(3))];
        let row = Row {
            status,
            interface,
            source,
            target,
            protocol: protocol(is_v6, &mut random),
            packets: 0,
            bytes: None,
            start: end - random.between(0, window),
            end,
            is_accepted: !random.percent(if is_ingress && is_outer { 16 } else { 2 }),
            tcp_flags: 0,
            is_ingress,
            path: path(is_ingress, is_outer, &mut random),
            reason: None,
            encryption: random.below(6).checked_sub(2).map(|status| status as u8),
            times: Times::Seconds,
            has_account: true,
            is_unfit: false,
            regional_nat: None,
            seed: random.next(),
        };
        carried(row, &mut random)
    }

    /// The end of a transit gateway's flow, in another account's network.
    fn far_end(self, is_v6: bool, random: &mut Random) -> End {
        let network = Network::new(self.other_account(), self.region);
        local_end(network.draw(random), is_v6, network)
    }
}

/// Fills in ports, packets and bytes, and what a refusal is like.
fn carried(mut row: Row, random: &mut Random) -> Row {
    if !row.is_accepted {
        row.reason = [None, None, None, Some("BPA"), Some("EC")][random.below(5) as usize];
    }
    if row.protocol == TCP || row.protocol == UDP {
        let is_tried = !row.is_accepted && row.is_ingress;
        let ports: &[u32] = match row.protocol {
            UDP => &UDP_PORTS,
            _ if is_tried => &TRIED_PORTS,
            _ => &PORTS,
        };
        let server_port = ports[random.skewed(ports.len())];
        let client_port = 1_024 + random.below(64_512);
        let to_server = is_tried || random.percent(50);
        (row.source.port, row.target.port) =
            if to_server { (client_port, server_port) } else { (server_port, client_port) };
    }
    let magnitude = if row.is_accepted { random.below(12) } else { 1 };
    row.packets = u64::from(1 + random.below(1 << magnitude));
    let bytes = row.packets * u64::from(40 + random.below(if row.is_accepted { 1_400 } else { 20 }));
    row.bytes = (row.reason != Some("BPA")).then_some(bytes);
    if row.protocol == TCP {
        row.tcp_flags = if row.is_accepted { FLAGS[random.skewed(8)] } else { 2 };
    }
    row
}

fn protocol(is_v6: bool, random: &mut Random) -> u8 {
    match random.below(100) {
        0..79 => TCP,
        79..94 => UDP,
        _ if is_v6 => ICMP_V6,
        _ => ICMP,
    }
}

fn path(is_ingress: bool, is_outer: bool, random: &mut Random) -> Option<u8> {
    let paths: [u8; 4] = if is_outer { [8, 8, 7, 2] } else { [1, 1, 4, 3] };
    let path = paths[random.skewed(4)];
    (!is_ingress).then_some(path)
}

fn of_address(address: IpAddr) -> End {
    End { address, packet_address: address, port: 0, service: None, interface: None }
}

/// The end that the interface is. Of a gateway's packets other addresses are inside.
fn local_end(interface: Interface, is_v6: bool, network: Network) -> End {
    let address = address_of(interface, is_v6);
    let packet_address = match interface.owner() {
        Owner::NatGateway | Owner::LoadBalancer => address_of(network.interface(interface.number % 80), is_v6),
        _ => address,
    };
    End { packet_address, interface: Some(interface), ..of_address(address) }
}

fn address_of(interface: Interface, is_v6: bool) -> IpAddr {
    if is_v6 { interface.address_v6().into() } else { interface.address().into() }
}

fn outer_end(is_v6: bool, random: &mut Random) -> End {
    let address: IpAddr = if is_v6 { outside_v6(random).into() } else { outside(random).into() };
    let service = random.percent(20).then(|| SERVICES[random.skewed(SERVICES.len())]);
    End { service, ..of_address(address) }
}

fn inner_end(network: Network, is_v6: bool, random: &mut Random) -> End {
    if is_v6 || random.percent(40) {
        return local_end(network.interface(random.below(INTERFACES)), is_v6, network);
    }
    let neighbour: Ipv4Addr = network.neighbour(random);
    of_address(neighbour.into())
}
