//! The formats that are read.

use std::fmt;
use std::str::FromStr;

use trailhouse_schemas::{
    CLOUDTRAIL, CLOUDTRAIL_DIGESTS, CLOUDTRAIL_INSIGHTS, CLOUDWATCH_LOGS, GUARDDUTY, INCIDENTS, Table, VPC_FLOW,
};

/// How the content of an object is written. A plan records it by [`Format::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// `{"Records":[…]}` of CloudTrail events.
    #[default]
    CloudTrail,
    /// `{"Records":[…]}` of Insights events.
    Insights,
    /// One CloudTrail digest.
    Digest,
    /// Flow log lines of a VPC or a transit gateway, below a header.
    Flow,
    /// The same as AWS delivers it in Parquet: a column for each field.
    FlowParquet,
    /// GuardDuty findings, alone, in envelopes or in lists.
    GuardDuty,
    /// Payloads of CloudWatch Logs subscriptions.
    CloudWatchLogs,
    /// Lines of a CloudWatch Logs export task.
    CloudWatchExport,
    /// Entries of the response ledger.
    Incidents,
    /// JSON documents of any kind that is known, each told by its keys: EventBridge events, or records line by line.
    Json,
    /// The object by which CloudWatch Logs tries whether it may write: no log.
    Probe,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 11] = [
        Self::CloudTrail,
        Self::Insights,
        Self::Digest,
        Self::Flow,
        Self::FlowParquet,
        Self::GuardDuty,
        Self::CloudWatchLogs,
        Self::CloudWatchExport,
        Self::Incidents,
        Self::Json,
        Self::Probe,
    ];

    /// Its name, as typed and as written in plans.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CloudTrail => "cloudtrail",
            Self::Insights => "cloudtrail-insight",
            Self::Digest => "cloudtrail-digest",
            Self::Flow => "vpc-flow",
            Self::FlowParquet => "vpc-flow-parquet",
            Self::GuardDuty => "guardduty",
            Self::CloudWatchLogs => "cloudwatch-logs",
            Self::CloudWatchExport => "cloudwatch-export",
            Self::Incidents => "incidents",
            Self::Json => "json",
            Self::Probe => "probe",
        }
    }

    /// The table that its records are for, unless they say otherwise themselves.
    pub const fn table(self) -> &'static Table {
        match self {
            Self::CloudTrail | Self::Json => &CLOUDTRAIL,
            Self::Insights => &CLOUDTRAIL_INSIGHTS,
            Self::Digest => &CLOUDTRAIL_DIGESTS,
            Self::Flow | Self::FlowParquet => &VPC_FLOW,
            Self::GuardDuty => &GUARDDUTY,
            Self::CloudWatchLogs | Self::CloudWatchExport | Self::Probe => &CLOUDWATCH_LOGS,
            Self::Incidents => &INCIDENTS,
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownFormat(pub String);

impl fmt::Display for UnknownFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Format::ALL.map(|format| format!("`{format}`")).join(", ");
        write!(f, "no format `{}`; it is one of {names}", self.0)
    }
}

impl std::error::Error for UnknownFormat {}

impl FromStr for Format {
    type Err = UnknownFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|format| format.name() == name).ok_or_else(|| UnknownFormat(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_come_back_from_their_names() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
        }
        assert!("csv".parse::<Format>().unwrap_err().to_string().contains("`vpc-flow`"));
    }
}
