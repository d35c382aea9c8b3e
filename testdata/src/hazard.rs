//! What makes real logs hard to read, one kind at a time. All of it is valid JSON that AWS could have written.

use crate::draft::{Draft, Layout};
use crate::random::{MILLION, Random};

/// A deviation of one record. A record has at most one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hazard {
    /// It happened on another day than its object's key says.
    Late,
    /// Members in any order.
    ShuffledKeys,
    /// An event version before 1.06, without the members that came later.
    OldVersion,
    /// Strings full of escapes, surrogate pairs among them.
    Escapes,
    /// Text of many scripts, unescaped.
    NonAscii,
    /// `null` where a value is usual.
    Nulls,
    /// Members that no version of the format knows.
    UnknownKeys,
    /// ARNs of a thousand bytes.
    LongArn,
    /// A member that stands twice, with two values.
    RepeatedKey,
    /// A string where an object is usual, and an object where a string is.
    OtherType,
    /// A time with fractions of a second.
    TimeForm,
    /// Blanks and line breaks between the tokens.
    Spaced,
    /// Keys that are written with escapes.
    EscapedKeys,
    /// Objects and arrays sixty levels deep.
    Deep,
    /// Request parameters of about 100 kB.
    Huge,
}

/// How many of a million records have each hazard.
pub const HAZARDS: [(Hazard, u32); 15] = [
    (Hazard::Late, 7_000),
    (Hazard::ShuffledKeys, 20_000),
    (Hazard::OldVersion, 5_000),
    (Hazard::Escapes, 5_000),
    (Hazard::NonAscii, 3_000),
    (Hazard::Nulls, 5_000),
    (Hazard::UnknownKeys, 2_000),
    (Hazard::LongArn, 1_000),
    (Hazard::RepeatedKey, 500),
    (Hazard::OtherType, 300),
    (Hazard::TimeForm, 300),
    (Hazard::Spaced, 200),
    (Hazard::EscapedKeys, 200),
    (Hazard::Deep, 100),
    (Hazard::Huge, 40),
];

/// The length of a huge record's parameters; AWS cuts them at 100 kB.
const HUGE_BYTES: usize = 100_000;
/// Arrays and objects in one another of a deep record.
const DEEP_LEVELS: usize = 30;
/// The length of a long ARN's name.
const LONG_NAME_BYTES: usize = 1_000;

/// Since which minor version (`1.N`) AWS writes a member; what is not here has always been. The table of `schemas` says
/// the same, to which no arrow goes from here; the benchmarks know both and compare them.
pub const SINCE: [(&str, u32); 18] = [
    ("requestID", 1),
    ("eventID", 1),
    ("readOnly", 1),
    ("resources", 1),
    ("apiVersion", 1),
    ("eventType", 2),
    ("recipientAccountId", 2),
    ("sharedEventID", 3),
    ("vpcEndpointId", 4),
    ("serviceEventDetails", 5),
    ("managementEvent", 6),
    ("eventCategory", 7),
    ("addendum", 8),
    ("sessionCredentialFromConsole", 8),
    ("edgeDeviceDetails", 8),
    ("tlsDetails", 8),
    ("vpcEndpointAccountId", 9),
    ("eventContext", 11),
];

impl Hazard {
    /// The hazard of one record, if it has any.
    pub(crate) fn draw(random: &mut Random) -> Option<Self> {
        let mut drawn = random.below(MILLION);
        for (hazard, share) in HAZARDS {
            if drawn < share {
                return Some(hazard);
            }
            drawn -= share;
        }
        None
    }

    /// Changes a finished record, and tells how it is written. ([`Hazard::Late`] was dealt with before.)
    pub(crate) fn apply(self, draft: &mut Draft, random: &mut Random) -> Layout {
        match self {
            Self::Late => {}
            Self::ShuffledKeys => draft.reorder(|order| random.shuffle(order)),
            Self::OldVersion => old_version(draft, random.below(6)),
            Self::Escapes => {
                draft.replace(
                    "userAgent",
                    br#""\u0041gent \"quoted\" C:\\temp\/x \u00e9\u20ac \ud83d\ude80 tab\there""#,
                );
                draft.replace(
                    "requestParameters",
                    br#"{"description":"line\none\r\n\u0000 \ud834\udd1e \b\f","k\u0065y":"v\\"}"#,
                );
            }
            Self::NonAscii => {
                draft.replace("userAgent", "\"Überwachung/1.0 (東京; Ελλάδα) 🚢\"".as_bytes());
                let tags = r#"{"tags":[{"key":"Eigentümer","value":"Jürgen Größe"},{"key":"港","value":"上海 🏗️"}]}"#;
                draft.replace("requestParameters", tags.as_bytes());
            }
            Self::Nulls => {
                let keys =
                    ["userAgent", "additionalEventData", "resources", "errorCode", "sharedEventID", "tlsDetails"];
                (0..=random.below(3)).for_each(|_| draft.replace(random.pick(&keys), b"null"));
            }
            Self::UnknownKeys => {
                draft.raw("annotation", |out| out.extend_from_slice(br#"{"note":"not in the format","weight":1.5e3}"#));
                draft.raw("x-trace", |out| out.extend_from_slice(br#"["a",[],{},-0,true,null]"#));
            }
            Self::LongArn => long_arn(draft, random),
            Self::RepeatedKey => draft.raw("userAgent", |out| out.extend_from_slice(br#""the second one""#)),
            Self::OtherType => {
                draft.replace("requestParameters", br#""a string where an object is usual""#);
                draft.replace("userAgent", br#"["an","array"]"#);
            }
            Self::TimeForm => fractional_time(draft, random),
            Self::Spaced => return Layout::Spaced,
            Self::EscapedKeys => return Layout::EscapedKeys,
            Self::Deep => {
                let (open, close) = (r#"{"a":["#.repeat(DEEP_LEVELS), "]}".repeat(DEEP_LEVELS));
                draft.replace("requestParameters", format!("{open}1{close}").as_bytes());
            }
            Self::Huge => huge(draft, random),
        }
        Layout::Dense
    }
}

fn old_version(draft: &mut Draft, minor: u32) {
    draft.retain(|key| SINCE.iter().all(|(newer, since)| key != *newer || *since <= minor));
    let version = if minor == 0 { "\"1.0\"".to_owned() } else { format!("\"1.0{minor}\"") };
    draft.replace("eventVersion", version.as_bytes());
}

fn long_arn(draft: &mut Draft, random: &mut Random) {
    let mut resources = br#"[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::harbourline-media/"#.to_vec();
    random.small(LONG_NAME_BYTES, &mut resources);
    resources.extend_from_slice(br#""}]"#);
    draft.replace("resources", &resources);
    let mut parameters = br#"{"policyArn":"arn:aws:iam::111122223333:policy/"#.to_vec();
    random.small(LONG_NAME_BYTES, &mut parameters);
    parameters.extend_from_slice(br#""}"#);
    draft.replace("requestParameters", &parameters);
}

fn fractional_time(draft: &mut Draft, random: &mut Random) {
    let Some(time) = draft.value("eventTime").and_then(|time| time.strip_suffix(b"Z\"")) else { return };
    let fraction = format!(".{:03}Z\"", random.between(1, 999));
    let time = [time, fraction.as_bytes()].concat();
    draft.replace("eventTime", &time);
}

fn huge(draft: &mut Draft, random: &mut Random) {
    let mut parameters = br#"{"templateBody":"#.to_vec();
    let mut separator = b'{';
    while parameters.len() < HUGE_BYTES {
        parameters.push(separator);
        separator = b',';
        parameters.push(b'"');
        random.small(12, &mut parameters);
        parameters.extend_from_slice(
            br#"":{"Type":"AWS::SSM::Parameter","Properties":{"Type":"String","Tier":"Standard","Value":"#,
        );
        parameters.extend_from_slice(random.below(MILLION).to_string().as_bytes());
        parameters.extend_from_slice(b"}}");
    }
    parameters.extend_from_slice(b"}}");
    draft.replace("requestParameters", &parameters);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hazard_is_valid_json_that_differs() {
        for (hazard, _) in HAZARDS.into_iter().filter(|(hazard, _)| *hazard != Hazard::Late) {
            let mut draft = Draft::default();
            for key in ["eventVersion", "eventID", "eventType", "userAgent", "requestParameters", "resources"] {
                draft.string(key, "text");
            }
            draft.string("eventTime", "2026-03-02T00:00:00Z");
            let (mut before, mut after) = (Vec::new(), Vec::new());
            draft.write(Layout::Dense, &mut before);
            let layout = hazard.apply(&mut draft, &mut Random::new(3));
            draft.write(layout, &mut after);
            assert!(serde_json::from_slice::<serde_json::Value>(&after).is_ok(), "{hazard:?}");
            assert_ne!(before, after, "{hazard:?}");
        }
    }

    #[test]
    fn an_old_version_lacks_what_came_later() {
        let mut draft = Draft::default();
        for key in ["eventVersion", "eventName", "eventID", "eventType", "eventCategory"] {
            draft.string(key, "text");
        }
        old_version(&mut draft, 1);
        let kept = ["eventName", "eventID", "eventType"].map(|key| draft.value(key).is_some());
        assert_eq!(kept, [true, true, false]);
        assert_eq!(draft.value("eventVersion"), Some(&b"\"1.01\""[..]));
    }

    #[test]
    fn shares_are_those_of_the_table() {
        let mut random = Random::new(11);
        let late = (0..200_000).filter(|_| Hazard::draw(&mut random) == Some(Hazard::Late)).count();
        assert!((1_200..1_600).contains(&late), "{late}");
    }
}
