//! What a document is, by its keys.

use std::ops::Range;

use trailhouse_schemas::{CLOUDTRAIL, CLOUDTRAIL_DIGESTS, GUARDDUTY, INCIDENTS, Table};

use crate::format::Format;
use crate::keys::KeyCase;
use crate::window::{Member, Window};

/// A whole document without faults.
pub(super) struct Document<'a> {
    pub(super) window: Window<'a>,
    members: Vec<Member>,
}

/// What a document is.
#[derive(Debug, Clone)]
pub(super) enum Shape {
    /// A record of its own.
    Record(Kind),
    /// An EventBridge event with a record in it.
    Event(Kind, Member),
    /// A list of records, with something around it.
    List(Kind, Member),
    /// A payload of log events.
    Payload,
    /// Nothing that is known.
    Unknown,
}

/// What a record is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    CloudTrail,
    Finding(KeyCase),
    Digest,
    Incident,
}

/// The source of GuardDuty's events, and how the detail types of CloudTrail's end.
const GUARDDUTY_SOURCE: &[u8] = b"\"aws.guardduty\"";
const CLOUDTRAIL_TYPES: &[u8] = b" via CloudTrail\"";

impl<'a> Document<'a> {
    /// The document that the window begins with.
    pub(super) fn new(window: Window<'a>) -> Self {
        Self { window, members: window.members(0).collect() }
    }

    /// The first member called `key`.
    pub(super) fn get(&self, key: &str) -> Option<&Member> {
        self.members.iter().find(|member| &self.window.arena[member.key.clone()] == key.as_bytes())
    }

    fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// The text of a value, as it is written.
    pub(super) fn text(&self, range: &Range<usize>) -> &'a [u8] {
        &self.window.arena[range.clone()]
    }

    /// What it is, in an object of `format`.
    pub(super) fn shape(&self, format: Format) -> Shape {
        if let (Some(detail), Some(detail_type)) = (self.get("detail"), self.get("detail-type")) {
            return self.event(detail, detail_type);
        }
        if self.has("logEvents") || self.has("messageType") {
            return Shape::Payload;
        }
        for (key, case) in [("findings", KeyCase::Camel), ("Findings", KeyCase::Pascal)] {
            if let Some(list) = self.get(key).filter(|member| self.is(member, b'[')) {
                return Shape::List(Kind::Finding(case), list.clone());
            }
        }
        if let Some(list) = self.get("Records").filter(|member| self.is(member, b'[')) {
            return Shape::List(Kind::CloudTrail, list.clone());
        }
        self.record(format).map_or(Shape::Unknown, Shape::Record)
    }

    fn event(&self, detail: &Member, detail_type: &Member) -> Shape {
        let source = self.get("source").map(|source| self.text(&source.value)).unwrap_or_default();
        let is_cloudtrail = self.text(&detail_type.value).ends_with(CLOUDTRAIL_TYPES);
        match source {
            _ if !self.is(detail, b'{') => Shape::Unknown,
            GUARDDUTY_SOURCE => Shape::Event(Kind::Finding(KeyCase::Camel), detail.clone()),
            _ if is_cloudtrail => Shape::Event(Kind::CloudTrail, detail.clone()),
            _ => Shape::Unknown,
        }
    }

    /// The kind of a record that stands alone. In objects of one kind, what is not known to be another is of that.
    fn record(&self, format: Format) -> Option<Kind> {
        match format {
            Format::Digest => Some(Kind::Digest),
            Format::Incidents => Some(Kind::Incident),
            Format::GuardDuty => Some(Kind::Finding(self.case())),
            Format::Json if self.has("ledgerVersion") => Some(Kind::Incident),
            Format::Json if self.has("digestStartTime") => Some(Kind::Digest),
            Format::Json if self.has("schemaVersion") || self.has("SchemaVersion") => Some(Kind::Finding(self.case())),
            Format::Json if self.has("eventVersion") => Some(Kind::CloudTrail),
            _ => None,
        }
    }

    /// How the document writes its keys: by the first of them.
    fn case(&self) -> KeyCase {
        let first = self.members.first().and_then(|member| self.text(&member.key).first());
        if first.is_some_and(u8::is_ascii_uppercase) { KeyCase::Pascal } else { KeyCase::Camel }
    }

    fn is(&self, member: &Member, first: u8) -> bool {
        self.window.byte(member.value.start) == first
    }
}

impl Kind {
    /// The table of such records.
    pub(super) const fn table(self) -> &'static Table {
        match self {
            Self::CloudTrail => &CLOUDTRAIL,
            Self::Finding(_) => &GUARDDUTY,
            Self::Digest => &CLOUDTRAIL_DIGESTS,
            Self::Incident => &INCIDENTS,
        }
    }
}
