//! The network of one account in one region. Everything of an interface follows from its number, so that flow logs
//! and findings tell of the same machines without anything being kept.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::cast::Cast;
use crate::random::{Random, mix};

/// Interfaces of one account in one region.
pub(crate) const INTERFACES: u32 = 320;
/// Subnets, a third of them in each VPC.
const SUBNETS: u32 = 9;
/// VPCs.
const VPCS: u32 = 3;
/// The interfaces of NAT gateways, one in each subnet: a multiple of the subnets, so that theirs are found by number.
const NAT_GATEWAYS: u32 = 27 * SUBNETS;
const NAT_GATEWAYS_END: u32 = NAT_GATEWAYS + SUBNETS;

/// What an interface belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The instance with this number in the cast.
    Instance(u32),
    /// A task of ECS, on Fargate or on an instance.
    Task,
    /// AWS itself, for a function, a database and the like.
    Requester,
    NatGateway,
    LoadBalancer,
    Endpoint,
    TransitGateway,
}

/// The network of one account in one region.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Network {
    seed: u64,
}

/// A network interface.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Interface {
    network: Network,
    pub(crate) number: u32,
}

/// `prefix` and 17 hexadecimal digits, the first of which is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResourceId(pub(crate) &'static str, pub(crate) u64);

impl fmt::Display for ResourceId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}0{:016x}", self.0, self.1)
    }
}

impl Network {
    /// The network of account number `account` in region number `region`: the same for every seed.
    pub(crate) fn new(account: u32, region: u8) -> Self {
        Self { seed: mix(u64::from(account) << 8 | u64::from(region)) ^ 0x6e65 }
    }

    /// Interface number `number`.
    pub(crate) fn interface(self, number: u32) -> Interface {
        Interface { network: self, number: number % INTERFACES }
    }

    /// An interface, the first ones more often than the others.
    pub(crate) fn draw(self, random: &mut Random) -> Interface {
        self.interface(random.skewed(INTERFACES as usize) as u32)
    }

    /// An id of the network's own, by its prefix: the flow log's, the transit gateway's.
    pub(crate) fn id(self, prefix: &'static str, number: u64) -> ResourceId {
        let name = prefix.bytes().fold(self.seed, |seed, byte| mix(seed ^ u64::from(byte)));
        ResourceId(prefix, mix(name ^ number))
    }

    /// The address of a machine that has no interface here: an on-premises one, or another VPC's.
    pub(crate) fn neighbour(self, random: &mut Random) -> Ipv4Addr {
        let host = random.skewed(4_000) as u32;
        Ipv4Addr::new(10, 200 + (host / 1_000) as u8, (host / 250) as u8, 4 + (host % 250) as u8)
    }
}

impl Interface {
    pub(crate) fn id(self) -> ResourceId {
        self.network.id("eni-", u64::from(self.number))
    }

    /// What it belongs to.
    pub(crate) fn owner(self) -> Owner {
        match self.number {
            0..120 => Owner::Instance(self.number % 80),
            120..200 => Owner::Task,
            200..NAT_GATEWAYS => Owner::Requester,
            NAT_GATEWAYS..NAT_GATEWAYS_END => Owner::NatGateway,
            NAT_GATEWAYS_END..270 => Owner::LoadBalancer,
            270..300 => Owner::Endpoint,
            _ => Owner::TransitGateway,
        }
    }

    /// The id of its instance.
    pub(crate) fn instance(self, cast: &Cast) -> Option<&str> {
        match self.owner() {
            Owner::Instance(number) => cast.instances.get(number as usize).map(String::as_str),
            _ => None,
        }
    }

    /// The interface of its subnet's NAT gateway.
    pub(crate) fn nat_gateway(self) -> Self {
        Self { number: NAT_GATEWAYS + self.number % SUBNETS, ..self }
    }

    pub(crate) fn subnet(self) -> ResourceId {
        self.network.id("subnet-", u64::from(self.number % SUBNETS))
    }

    pub(crate) fn vpc(self) -> ResourceId {
        self.network.id("vpc-", u64::from(self.vpc_number()))
    }

    fn vpc_number(self) -> u32 {
        self.number % SUBNETS / (SUBNETS / VPCS)
    }

    /// The number of its availability zone, from 1 to 3.
    pub(crate) fn zone(self) -> u32 {
        self.number % SUBNETS % 3 + 1
    }

    /// Its address inside.
    pub(crate) fn address(self) -> Ipv4Addr {
        let subnet = self.number % SUBNETS;
        Ipv4Addr::new(10, self.vpc_number() as u8, (subnet * 16) as u8, (4 + self.number / SUBNETS) as u8)
    }

    /// Its address of the sixth version.
    pub(crate) fn address_v6(self) -> Ipv6Addr {
        let group = |shift: u32| (self.network.seed >> shift) as u16;
        Ipv6Addr::new(
            0x2001,
            0xdb8,
            group(0) | 0x8001,
            group(16),
            (self.number % SUBNETS) as u16,
            0,
            0,
            self.number as u16,
        )
    }

    /// Its address outside, where it has one: one in three.
    pub(crate) fn public_address(self) -> Option<Ipv4Addr> {
        let drawn = mix(self.id().1);
        let last = 1 + (drawn >> 8) as u8 % 254;
        drawn.is_multiple_of(3).then(|| Ipv4Addr::new(203, 0, 113, last))
    }
}

/// An address outside: of the ranges that RFC 5737 and RFC 2544 keep. 198.51.100.0/24 is left to intruders.
pub(crate) fn outside(random: &mut Random) -> Ipv4Addr {
    let last = 1 + random.below(254) as u8;
    match random.below(10) {
        0 => Ipv4Addr::new(192, 0, 2, last),
        1 => Ipv4Addr::new(203, 0, 113, last),
        _ => Ipv4Addr::new(198, 18 + random.below(2) as u8, random.skewed(64) as u8, last),
    }
}

/// An address of the sixth version outside, of the range that RFC 3849 keeps.
pub(crate) fn outside_v6(random: &mut Random) -> Ipv6Addr {
    let word = random.next();
    let group = |shift: u32| (word >> shift) as u16;
    Ipv6Addr::new(0x2001, 0xdb8, group(0) & 0xfffe, group(16) & 0xff, 0, 0, group(32) & 1, group(48))
}

/// Appends an availability zone's id: `use1-az2`.
pub(crate) fn push_zone_id(region: &str, zone: u32, out: &mut Vec<u8>) {
    let mut parts = region.split('-');
    out.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    let side = parts.next().unwrap_or_default();
    for (word, letter) in [("north", b'n'), ("south", b's'), ("central", b'c'), ("east", b'e'), ("west", b'w')] {
        if side.contains(word) {
            out.push(letter);
        }
    }
    out.extend_from_slice(parts.next().unwrap_or_default().as_bytes());
    out.extend_from_slice(b"-az");
    out.push(b'0' + zone as u8);
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn interfaces_are_told_apart() {
        let network = Network::new(1, 2);
        let all = || (0..INTERFACES).map(|number| network.interface(number));
        assert_eq!(all().map(|each| each.id().to_string()).collect::<HashSet<_>>().len(), INTERFACES as usize);
        assert_eq!(all().map(Interface::address).collect::<HashSet<_>>().len(), INTERFACES as usize);
        assert_eq!(all().map(Interface::address_v6).collect::<HashSet<_>>().len(), INTERFACES as usize);
        assert_eq!(all().map(|each| each.vpc().to_string()).collect::<HashSet<_>>().len(), VPCS as usize);
        assert!(all().all(|each| each.id().to_string().len() == "eni-".len() + 17));
        assert_ne!(network.interface(3).id(), Network::new(2, 1).interface(3).id());
    }

    #[test]
    fn instances_are_those_of_the_cast() {
        let cast = Cast::new(0);
        let network = Network::new(0, 0);
        assert_eq!(network.interface(79).instance(&cast), Some(cast.instances[79].as_str()));
        assert_eq!(network.interface(300).instance(&cast), None);
        let gateway = network.interface(5).nat_gateway();
        assert_eq!((gateway.owner(), gateway.subnet()), (Owner::NatGateway, network.interface(5).subnet()));
    }

    #[test]
    fn zones_are_abbreviated_as_aws_does() {
        for (region, id) in [("us-east-1", "use1-az1"), ("ap-southeast-2", "apse2-az1"), ("eu-central-1", "euc1-az1")] {
            let mut out = Vec::new();
            push_zone_id(region, 1, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), id);
        }
    }
}
