//! Plans: which source objects are read, in which order and in which groups.
//!
//! A plan says everything that decides where rows go, so that whoever runs it, and however often, makes the same files.

use std::fmt;

use serde::{Deserialize, Serialize};
use trailhouse_schemas::Partitioning;

use crate::config::partitioning_name;
use crate::ids::{ContentHash, GroupId, PlannerId, SourceId, first_half, hash_of};

/// The version of plans that this program writes.
pub const VERSION: u32 = 1;

/// Source objects that planners give to one plan at most: it is read whole.
pub const PLAN_OBJECTS_MAX: usize = 64 << 10;
/// Stored bytes from which a group ends where account or day change.
pub const GROUP_BYTES_SOFT: u64 = 16 << 20;
/// Objects from which a group ends where account or day change.
pub const GROUP_OBJECTS_SOFT: usize = 8 << 10;
/// Stored bytes that a group of more than one object holds at most.
pub const GROUP_BYTES_MAX: u64 = 32 << 20;
/// Objects that a group holds at most.
pub const GROUP_OBJECTS_MAX: usize = 16 << 10;

const _: () = assert!(GROUP_BYTES_SOFT <= GROUP_BYTES_MAX && GROUP_OBJECTS_SOFT <= GROUP_OBJECTS_MAX);
const _: () = assert!(GROUP_OBJECTS_MAX <= PLAN_OBJECTS_MAX, "a group fits a plan");

/// The content of `_trailhouse/plans/<n>.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Version of the plan's format.
    pub version: u32,
    /// Who made it.
    pub planner: PlannerId,
    /// What moves rows.
    pub settings: PlanSettings,
    /// The folder that the objects' locations are relative to.
    pub source: String,
    /// The groups, in order.
    pub groups: Vec<Group>,
}

/// Every setting that decides where rows go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSettings {
    /// The lake's partition columns.
    #[serde(with = "partitioning_name")]
    pub partitioning: Partitioning,
    /// The most bytes that one object may inflate to.
    pub inflated_bytes_max: u64,
    /// The inflated bytes that a part holds at most.
    pub part_bytes: u64,
    /// The records that a part holds at most.
    pub part_records: u64,
    /// Whether log messages are also read as what they may be.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unwrap: bool,
    /// The header of flow log lines that have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flow_header: Option<String>,
    /// Where groups end.
    pub group: GroupLimits,
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

impl PlanSettings {
    /// The settings of payloads that come without an object, for ever: nobody has written them down.
    pub fn of_payloads(partitioning: Partitioning, unwrap: bool) -> Self {
        Self {
            partitioning,
            inflated_bytes_max: 1 << 30,
            part_bytes: 64 << 20,
            part_records: 1 << 18,
            unwrap,
            flow_header: None,
            group: GroupLimits { bytes_soft: 0, bytes_max: 0, objects_soft: 1, objects_max: 1 },
        }
    }
}

/// Where groups end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupLimits {
    /// Stored bytes from which a group ends where account or day change.
    pub bytes_soft: u64,
    /// Stored bytes that a group of more than one object holds at most.
    pub bytes_max: u64,
    /// Objects from which a group ends where account or day change.
    pub objects_soft: usize,
    /// Objects that a group holds at most.
    pub objects_max: usize,
}

impl GroupLimits {
    /// Limits of much smaller groups.
    #[must_use]
    pub fn smaller(self) -> Self {
        const TIMES: usize = 64;
        Self {
            bytes_soft: (self.bytes_soft / TIMES as u64).max(1),
            bytes_max: (self.bytes_max / TIMES as u64).max(1),
            objects_soft: (self.objects_soft / TIMES).max(1),
            objects_max: (self.objects_max / TIMES).max(1),
        }
    }
}

impl Default for GroupLimits {
    fn default() -> Self {
        Self {
            bytes_soft: GROUP_BYTES_SOFT,
            bytes_max: GROUP_BYTES_MAX,
            objects_soft: GROUP_OBJECTS_SOFT,
            objects_max: GROUP_OBJECTS_MAX,
        }
    }
}

/// Consecutive objects that are read by one worker into common files, under one receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Its identity.
    pub id: GroupId,
    /// Its objects, in order.
    pub objects: Vec<PlannedObject>,
}

/// One source object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedObject {
    /// Where it is, below the plan's source.
    pub location: String,
    /// Its address, where that is not its location.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Its identity.
    pub source_id: SourceId,
    /// What tells its content.
    #[serde(flatten)]
    pub content: Content,
    /// Its stored bytes.
    pub stored_bytes: u64,
    /// The day it was last modified, in days since 1970-01-01.
    pub modified_day: i32,
    /// The name of the format that it is read as, unless that is [`USUAL_FORMAT`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
}

/// What tells the content of an object from all others that may stand under its address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Content {
    /// The SHA-256 of its stored bytes: of a file.
    Sha256 {
        /// The hash.
        sha256: ContentHash,
    },
    /// What S3 says of it.
    ETag {
        /// Its ETag without quotes.
        etag: String,
        /// When it was put, in seconds since 1970: no part of its identity. One that was put again may be a feed's.
        modified: i64,
    },
}

impl Content {
    /// The identity of such content at `address`.
    pub fn source_id(&self, address: &str) -> SourceId {
        match self {
            Self::Sha256 { sha256 } => SourceId::of(address, &sha256.to_string()),
            Self::ETag { etag, .. } => SourceId::of(address, etag),
        }
    }
}

/// The format of objects whose plan names none.
pub const USUAL_FORMAT: &str = "cloudtrail";

/// Where an object's key puts it: objects of one account and day are neighbours in a plan, whatever their region, so
/// that they share files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The number that the account's 12 digits write.
    pub account: Option<u64>,
    /// The day, in days since 1970-01-01.
    pub day: Option<i32>,
}

impl PlannedObject {
    /// The name of the format that it is read as.
    pub fn format(&self) -> &str {
        self.format.as_deref().unwrap_or(USUAL_FORMAT)
    }

    /// Its address: what rows show, and what its identity is made of.
    pub fn address(&self) -> &str {
        self.address.as_deref().unwrap_or(&self.location)
    }
}

impl Group {
    /// A group of `objects` of a plan, named by the plan's number, by them, and by what moves their rows.
    ///
    /// With the number, so that nothing that is done to the files of a group can touch those of another one of the same
    /// objects: see [`crate::abandon`].
    pub fn new(settings: &PlanSettings, plan: u32, objects: Vec<PlannedObject>) -> Self {
        let settings = format!("{plan} {settings}");
        let named = objects.iter().flat_map(|object| {
            let format = object.format.iter().map(String::as_bytes);
            std::iter::once(&object.source_id.0[..]).chain(format)
        });
        let hash = hash_of(std::iter::once(settings.as_bytes()).chain(named));
        Self { id: GroupId(first_half(&hash)), objects }
    }

    /// The group of the plan that an object implies which is read as soon as it is there: see [`crate::streamed`]. It needs no
    /// number, since no other plan ever has the object.
    pub fn implied(settings: &PlanSettings, object: PlannedObject) -> Self {
        let settings = format!("implied {settings}");
        let hash = hash_of([settings.as_bytes(), &object.source_id.0]);
        Self { id: GroupId(first_half(&hash)), objects: vec![object] }
    }

    /// The stored bytes of its objects.
    pub fn stored_bytes(&self) -> u64 {
        self.objects.iter().map(|object| object.stored_bytes).sum()
    }
}

impl Plan {
    /// How many objects it has.
    pub fn objects(&self) -> usize {
        self.groups.iter().map(|group| group.objects.len()).sum()
    }

    /// Its objects, in order.
    pub(crate) fn into_objects(self) -> impl Iterator<Item = PlannedObject> {
        self.groups.into_iter().flat_map(|group| group.objects)
    }
}

/// What moves rows within a group. Where groups end shows in the groups themselves.
impl fmt::Display for PlanSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { partitioning, inflated_bytes_max, part_bytes, part_records, unwrap, flow_header, group: _ } = self;
        write!(f, "{partitioning} {inflated_bytes_max} {part_bytes} {part_records}")?;
        if *unwrap {
            f.write_str(" unwrap")?;
        }
        flow_header.as_ref().map_or(Ok(()), |header| write!(f, " `{header}`"))
    }
}

/// Cuts `objects`, which are in plan order, into groups.
///
/// A group ends before the object that would take it past a limit, and, once it is half full, before the first object of
/// another account or day: so that few days are spread over two groups.
pub fn group(
    settings: &PlanSettings,
    plan: u32,
    objects: impl IntoIterator<Item = (Place, PlannedObject)>,
) -> Vec<Group> {
    let limits = settings.group;
    let mut groups = Vec::new();
    let mut open: Vec<PlannedObject> = Vec::new();
    let mut open_bytes = 0;
    let mut open_place = Place::default();
    for (place, object) in objects {
        let is_full = open.len() >= limits.objects_max || open_bytes + object.stored_bytes > limits.bytes_max;
        let is_half_full = open.len() >= limits.objects_soft || open_bytes >= limits.bytes_soft;
        if !open.is_empty() && (is_full || (is_half_full && place != open_place)) {
            groups.push(Group::new(settings, plan, std::mem::take(&mut open)));
            open_bytes = 0;
        }
        open_bytes += object.stored_bytes;
        open_place = place;
        open.push(object);
    }
    if !open.is_empty() {
        groups.push(Group::new(settings, plan, open));
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> PlanSettings {
        PlanSettings {
            partitioning: Partitioning::AccountDate,
            inflated_bytes_max: 1 << 30,
            part_bytes: 64 << 20,
            part_records: 1 << 17,
            unwrap: false,
            flow_header: None,
            group: GroupLimits { bytes_soft: 50, bytes_max: 100, objects_soft: 3, objects_max: 5 },
        }
    }

    fn object(name: &str, stored_bytes: u64) -> PlannedObject {
        let content = Content::Sha256 { sha256: ContentHash::of(name.as_bytes()) };
        let source_id = content.source_id(name);
        PlannedObject {
            location: name.to_owned(),
            address: None,
            source_id,
            content,
            stored_bytes,
            modified_day: 0,
            format: None,
        }
    }

    /// The sizes of the groups that objects of the given days and bytes make.
    fn sizes(objects: &[(i32, u64)]) -> Vec<usize> {
        let objects = objects.iter().enumerate().map(|(index, (day, bytes))| {
            (Place { account: Some(1), day: Some(*day) }, object(&index.to_string(), *bytes))
        });
        group(&settings(), 0, objects).iter().map(|group| group.objects.len()).collect()
    }

    #[test]
    fn groups_end_at_their_limits() {
        assert!(sizes(&[]).is_empty());
        assert_eq!(sizes(&[(1, 1); 11]), [5, 5, 1], "objects");
        assert_eq!(sizes(&[(1, 40); 5]), [2, 2, 1], "bytes");
        assert_eq!(sizes(&[(1, 1), (1, 1000), (1, 1)]), [1, 1, 1], "one object may be larger than a group");
    }

    #[test]
    fn a_half_full_group_ends_with_its_day() {
        assert_eq!(sizes(&[(1, 60), (1, 1), (2, 1)]), [2, 1], "bytes");
        assert_eq!(sizes(&[(1, 1), (1, 1), (1, 1), (2, 1)]), [3, 1], "objects");
        assert_eq!(sizes(&[(1, 1), (2, 1), (3, 1)]), [3], "a small group holds several days");
    }

    #[test]
    fn a_group_is_named_by_plan_settings_and_content_alone() {
        let objects = || vec![object("a", 1), object("b", 1)];
        let group = Group::new(&settings(), 0, objects());
        assert_eq!(group, Group::new(&settings(), 0, objects()));
        let mut moved = objects();
        moved[0].location = "elsewhere".to_owned();
        moved[0].address = Some("a".to_owned());
        assert_eq!(group.id, Group::new(&settings(), 0, moved).id);

        assert_ne!(group.id, Group::new(&settings(), 1, objects()).id);
        let mut other = objects();
        other[1].format = Some("guardduty".to_owned());
        assert_ne!(group.id, Group::new(&settings(), 0, other).id);
        let mut turned = objects();
        turned.reverse();
        assert_ne!(group.id, Group::new(&settings(), 0, turned).id);
        for other in [
            PlanSettings { partitioning: Partitioning::Date, ..settings() },
            PlanSettings { inflated_bytes_max: 1, ..settings() },
            PlanSettings { part_bytes: 1, ..settings() },
            PlanSettings { part_records: 1, ..settings() },
            PlanSettings { unwrap: true, ..settings() },
            PlanSettings { flow_header: Some("version srcaddr".to_owned()), ..settings() },
        ] {
            assert_ne!(group.id, Group::new(&other, 0, objects()).id, "{other}");
        }
    }

    #[test]
    fn a_plan_reads_back_and_names_an_address_only_where_it_must() {
        let mut objects = vec![object("AWSLogs/a", 1), object("b", 2)];
        objects[1].address = Some("AWSLogs/b".to_owned());
        objects
            .push(PlannedObject { content: Content::ETag { etag: "d41d8".to_owned(), modified: 7 }, ..object("c", 3) });
        let groups = vec![Group::new(&settings(), 0, objects)];
        let planner = PlannerId([1; 16]);
        let plan = Plan { version: VERSION, planner, settings: settings(), source: "/logs".to_owned(), groups };
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(text.matches("\"address\"").count(), 1);
        assert!(text.contains(r#""partitioning":"account-date""#));
        assert_eq!(text.matches(r#""sha256":""#).count(), 2, "as in plans of the first version: {text}");
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    }
}
