//! One flow: what a line of any columns is written from.

use std::net::IpAddr;

use crate::network::{Interface, ResourceId};

/// Whether there was anything to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Ok,
    /// Nothing went over the interface.
    NoData,
    /// AWS could not count.
    SkipData,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::NoData => "NODATA",
            Self::SkipData => "SKIPDATA",
        }
    }
}

/// How times are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Times {
    Seconds,
    Milliseconds,
}

/// One end of a flow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    pub(crate) address: IpAddr,
    /// The address inside, where another one is written outside.
    pub(crate) packet_address: IpAddr,
    pub(crate) port: u32,
    /// The service of AWS that it is.
    pub(crate) service: Option<&'static str>,
    /// Its interface, where it has one that AWS knows.
    pub(crate) interface: Option<Interface>,
}

/// One flow.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) status: Status,
    pub(crate) interface: Interface,
    pub(crate) source: End,
    pub(crate) target: End,
    pub(crate) protocol: u8,
    pub(crate) packets: u64,
    /// Not counted where public access is blocked.
    pub(crate) bytes: Option<u64>,
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) is_accepted: bool,
    pub(crate) tcp_flags: u8,
    pub(crate) is_ingress: bool,
    pub(crate) path: Option<u8>,
    pub(crate) reason: Option<&'static str>,
    pub(crate) encryption: Option<u8>,
    pub(crate) times: Times,
    pub(crate) has_account: bool,
    pub(crate) is_unfit: bool,
    pub(crate) regional_nat: Option<ResourceId>,
    /// What seldom fields are drawn from.
    pub(crate) seed: u64,
}
