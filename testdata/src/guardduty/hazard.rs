//! What makes real findings hard to read, one kind at a time. Only what is [`FindingHazard::Broken`] is no JSON.

use crate::cast::account_id;
use crate::guardduty::Carrier;
use crate::guardduty::json::{Json, list, object};
use crate::guardduty::lane::Sighting;
use crate::random::{MILLION, Random};

/// A deviation of one finding. A finding has at most one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingHazard {
    /// It was updated on the day before its key.
    Late,
    /// It is of another account than its object's.
    OtherAccount,
    /// It ends in the middle of a line.
    Broken,
    /// A number for `organization.asn`, where a string is usual.
    AsnNumber,
    /// A number for `additionalInfo.unusual`, where an object is usual.
    UnusualNumber,
    /// A string for it.
    UnusualText,
    /// A number for `launchTime`, where a string is usual.
    LaunchTimeNumber,
    /// Whole numbers for `geoLocation`, where fractions are usual.
    WholePlace,
    /// `null` for the evidence, and for a profile, a workload or an encryption.
    Nulls,
    /// A severity with a point.
    DecimalSeverity,
    /// Members that no model knows.
    UnknownKeys,
    /// `findingTypeVersion`, which no model knows and AWS writes.
    TypeVersion,
    /// Strings full of escapes, surrogate pairs among them.
    Escapes,
    /// Text of many scripts, unescaped.
    NonAscii,
    /// A member that stands twice, with two values.
    RepeatedKey,
}

/// How many of a million findings have each hazard. Those that few findings can have are first, so that they are shown.
pub const FINDING_HAZARDS: [(FindingHazard, u32); 15] = [
    (FindingHazard::Late, 10_000),
    (FindingHazard::OtherAccount, 6_000),
    (FindingHazard::Broken, 4_000),
    (FindingHazard::AsnNumber, 8_000),
    (FindingHazard::UnusualNumber, 6_000),
    (FindingHazard::UnusualText, 6_000),
    (FindingHazard::LaunchTimeNumber, 8_000),
    (FindingHazard::WholePlace, 20_000),
    (FindingHazard::Nulls, 20_000),
    (FindingHazard::DecimalSeverity, 40_000),
    (FindingHazard::UnknownKeys, 6_000),
    (FindingHazard::TypeVersion, 12_000),
    (FindingHazard::Escapes, 6_000),
    (FindingHazard::NonAscii, 6_000),
    (FindingHazard::RepeatedKey, 3_000),
];

/// A deviation of a whole object. An object has at most one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingShape {
    /// None.
    Plain,
    /// No line break at the end; of exports only.
    OpenEnd,
    /// Several gzip members back to back.
    Members,
}

/// The shapes that are not plain.
pub const FINDING_SHAPES: [FindingShape; 2] = [FindingShape::OpenEnd, FindingShape::Members];

/// Accounts past which another one is taken.
const OTHER_ACCOUNT: u32 = 13;

impl FindingShape {
    /// The shape of the carrier's object number `number`: of three, one is plain at least.
    pub(crate) fn of(number: usize, has_hazards: bool, carrier: Carrier) -> Self {
        match (number % 3, carrier) {
            _ if !has_hazards => Self::Plain,
            (1, Carrier::Export) => Self::OpenEnd,
            (2, Carrier::Export) | (1, _) => Self::Members,
            _ => Self::Plain,
        }
    }
}

impl FindingHazard {
    /// The hazard of one finding, if it has any.
    pub(crate) fn draw(random: &mut Random) -> Option<Self> {
        let mut drawn = random.below(MILLION);
        for (hazard, share) in FINDING_HAZARDS {
            if drawn < share {
                return Some(hazard);
            }
            drawn -= share;
        }
        None
    }

    /// Whether it may be had there: what would contradict another revision, only where there is none; and nothing ends
    /// in the middle of a line but lines.
    pub(crate) fn fits(self, sighting: Sighting, carrier: Carrier) -> bool {
        match self {
            Self::Late | Self::OtherAccount => sighting.is_alone,
            Self::Broken => sighting.is_alone && carrier == Carrier::Export,
            _ => true,
        }
    }

    /// Changes a finding, and tells whether it could. ([`FindingHazard::Late`] was dealt with before, and
    /// [`FindingHazard::Broken`] is later.)
    pub(crate) fn apply(self, finding: &mut Json, random: &mut Random) -> bool {
        match self {
            Self::Late | Self::Broken => true,
            Self::AsnNumber => put(remote(finding), &["organization", "asn"], Json::Int(64_500)),
            Self::UnusualNumber => put_unusual(finding, Json::Int(22)),
            Self::UnusualText => put_unusual(finding, Json::from("UDP")),
            Self::LaunchTimeNumber => {
                let launched = 1_772_000_000 + random.between(0, 400_000);
                put(Some(finding), &["resource", "instanceDetails", "launchTime"], Json::Int(launched))
            }
            Self::WholePlace => put(remote(finding), &["geoLocation"], object! { "lat": 0_i64, "lon": 0_i64 }),
            Self::Nulls => nulls(finding),
            Self::DecimalSeverity => {
                let severity = random.pick(&["1.5", "4.0", "5.3", "7.9", "8.0", "8.5"]);
                put(Some(finding), &["severity"], Json::Raw(severity.to_owned()))
            }
            Self::UnknownKeys => {
                finding.push("correlation", object! { "weight": Json::Raw("1.5e3".to_owned()), "of": list![] });
                finding.push("x-trace", list!["a", list![], Json::Null, true]);
                true
            }
            Self::TypeVersion => {
                finding.push("findingTypeVersion", object! { "present": false });
                true
            }
            Self::Escapes => {
                let title = r#""\u0041n \"odd\" na\u006de C:\\temp\/x \u00e9\u20ac \ud83d\ude80 \ttab \u0007""#;
                put(Some(finding), &["title"], Json::Raw(title.to_owned()))
            }
            Self::NonAscii => put(Some(finding), &["title"], Json::from("Überwachung (東京; Ελλάδα) 🚢")),
            Self::RepeatedKey => {
                finding.push("title", "The second one.");
                true
            }
            Self::OtherAccount => other_account(finding),
        }
    }
}

/// Gives what `path` leads to another value, and tells whether there was any.
fn put(place: Option<&mut Json>, path: &[&str], value: Json) -> bool {
    let place = place.and_then(|place| place.at_mut(path));
    place.is_some_and(|place| {
        *place = value;
        true
    })
}

fn put_unusual(finding: &mut Json, value: Json) -> bool {
    let info = finding.at_mut(&["service", "additionalInfo"]);
    info.is_some_and(|info| {
        info.set("unusual", value);
        true
    })
}

/// The other side of the finding's action, where it has one.
fn remote(finding: &mut Json) -> Option<&mut Json> {
    const ACTIONS: [&[&str]; 5] = [
        &["awsApiCallAction"],
        &["networkConnectionAction"],
        &["kubernetesApiCallAction"],
        &["rdsLoginAttemptAction"],
        &["portProbeAction", "portProbeDetails"],
    ];
    let action = finding.at_mut(&["service", "action"])?;
    let path = ACTIONS.iter().find(|path| action.at_mut(path).is_some())?;
    action.at_mut(path)?.at_mut(&["remoteIpDetails"])
}

/// Nulls all of which were seen. Every finding has at least one place for them.
fn nulls(finding: &mut Json) -> bool {
    const PATHS: [&[&str]; 3] = [
        &["resource", "instanceDetails", "iamInstanceProfile"],
        &["resource", "kubernetesDetails", "kubernetesWorkloadDetails"],
        &["resource", "s3BucketDetails", "defaultServerSideEncryption"],
    ];
    for path in PATHS {
        put(Some(finding), path, Json::Null);
    }
    let service = finding.get_mut("service");
    service.is_some_and(|service| {
        service.set("evidence", Json::Null);
        true
    })
}

fn other_account(finding: &mut Json) -> bool {
    let Some(Json::Text(account)) = finding.get_mut("accountId") else { return false };
    let other = account_id(OTHER_ACCOUNT);
    let is_other = *account != other;
    *account = other;
    is_other
}
