//! The first line of a flow log: the names of its fields.

use std::fmt;
use std::str::FromStr;

use trailhouse_schemas::{TGW_FLOW, Table, VPC_FLOW};

use crate::limits::{FLOW_FIELDS_MAX, FLOW_NAME_BYTES_MAX};

/// What only transit gateways have.
const TGW_FIELDS: [&str; 3] = ["tgw-", "packets-lost-", "resource-type"];

/// The names of a flow log's fields, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    text: String,
}

impl Header {
    /// The fields that a VPC flow log has when none are chosen: AWS's default format, version 2.
    pub const DEFAULT: &'static str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets \
                                       bytes start end action log-status";

    /// The header that `line` is, if it is one: names of which more than half are known, and none stands twice.
    ///
    /// Values of flow logs are numbers, addresses, ids and words in capitals; what someone may choose freely, a tag, is
    /// seldom the whole line.
    pub fn parse(line: &[u8]) -> Option<Self> {
        // Most lines are none, and tell by their first byte.
        if !line.first()?.is_ascii_lowercase() {
            return None;
        }
        let text = str::from_utf8(line).ok()?;
        let names: Vec<&str> = text.split(' ').collect();
        if names.len() > FLOW_FIELDS_MAX || !names.iter().all(|name| is_name(name)) {
            return None;
        }
        let known = names.iter().filter(|name| is_known(name)).count();
        // A name is one however it is spelled: two fields of one column would leave room for one value.
        let mut sorted: Vec<String> = names.iter().map(|name| hyphened(name)).collect();
        sorted.sort_unstable();
        let has_twins = sorted.windows(2).any(|pair| pair[0] == pair[1]);
        (known * 2 > names.len() && !has_twins).then(|| Self { text: text.to_owned() })
    }

    /// The line.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.text.split(' ')
    }

    /// The table of such lines: a transit gateway's have fields that a VPC's have not.
    pub fn table(&self) -> &'static Table {
        let is_tgw = |name: &str| TGW_FIELDS.iter().any(|field| name.starts_with(field));
        if self.names().any(|name| is_tgw(&hyphened(name))) { &TGW_FLOW } else { &VPC_FLOW }
    }
}

impl FromStr for Header {
    type Err = NoHeader;

    fn from_str(line: &str) -> Result<Self, NoHeader> {
        Self::parse(line.as_bytes()).ok_or_else(|| NoHeader(line.to_owned()))
    }
}

impl fmt::Display for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Text that is no header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoHeader(pub String);

impl fmt::Display for NoHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no header of a flow log, such as `{}`", self.0, Header::DEFAULT)
    }
}

impl std::error::Error for NoHeader {}

/// The name as flow logs write it; Athena and AWS's Parquet files have underscores for its hyphens.
pub(crate) fn hyphened(name: &str) -> String {
    name.replace('_', "-")
}

fn is_name(name: &str) -> bool {
    name.len() <= FLOW_NAME_BYTES_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_'))
}

fn is_known(name: &str) -> bool {
    let name = hyphened(name);
    let columns = VPC_FLOW.columns.iter().chain(TGW_FLOW.columns);
    { columns }.any(|column| column.origin.field() == Some(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_lines() {
        let table = |line: &str| Header::parse(line.as_bytes()).map(|header| header.table().name);
        assert_eq!(table(Header::DEFAULT), Some("vpc_flow"));
        assert_eq!(table("account-id action az-id bytes"), Some("vpc_flow"));
        assert_eq!(table("account_id bytes dstaddr"), Some("vpc_flow"), "as Athena spells them");
        assert_eq!(table("version some-new-field srcaddr"), Some("vpc_flow"));
        assert_eq!(table("version resource-type account-id tgw-id srcaddr"), Some("tgw_flow"));
        for line in [
            "",
            "2 123456789010 eni-1235b8ca123456789 - - - - - - - 1431280876 1431280934 - NODATA",
            "eni-1235b8ca123456789 10.0.0.1",
            "version version srcaddr",
            "account-id account_id srcaddr",
            "version  srcaddr",
            "some-new-field srcaddr",
            "REJECT srcaddr",
            "permission check",
        ] {
            assert_eq!(table(line), None, "{line}");
        }
        let with_name = |bytes| format!("version srcaddr {}", "n".repeat(bytes));
        assert_eq!(table(&with_name(FLOW_NAME_BYTES_MAX)), Some("vpc_flow"));
        assert_eq!(table(&with_name(FLOW_NAME_BYTES_MAX + 1)), None);
    }
}
