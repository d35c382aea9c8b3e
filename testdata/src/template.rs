//! Text with places to fill: how the generator makes JSON at the speed of copying.
//!
//! A place is written `$name`, or `${name}` before a letter. Names of things (`$bucket`, `$instance`, `$object`, …) mean the same thing everywhere in
//! one record; the others (`$uuid`, `$bytes`, …) are drawn anew each time.

use crate::cast::Cast;
use crate::civil::{push_instant, push_spoken};
use crate::random::{Random, mix};

/// A compiled template.
#[derive(Debug, Default)]
pub(crate) struct Template {
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(&'static str),
    Slot(Slot),
}

/// What a place is filled with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Account,
    Ami,
    Asia,
    Base64,
    Bool,
    Bucket,
    Bytes,
    Count,
    Detector,
    Digest,
    Expiry,
    Function,
    Group,
    Hex32,
    Host,
    Id2,
    Instance,
    InstanceType,
    Key,
    Millis,
    Name,
    Object,
    Parameter,
    Port,
    Region,
    Resource,
    Role,
    RoleId,
    Seconds,
    Secret,
    Serial,
    Session,
    Small,
    Spoken,
    Table,
    Time,
    Token,
    Unix,
    User,
    UserId,
    UserKey,
    Uuid,
}

const SLOTS: [(&str, Slot); 42] = [
    ("account", Slot::Account),
    ("ami", Slot::Ami),
    ("asia", Slot::Asia),
    ("base64", Slot::Base64),
    ("bool", Slot::Bool),
    ("bucket", Slot::Bucket),
    ("bytes", Slot::Bytes),
    ("count", Slot::Count),
    ("detector", Slot::Detector),
    ("digest", Slot::Digest),
    ("expiry", Slot::Expiry),
    ("function", Slot::Function),
    ("group", Slot::Group),
    ("hex32", Slot::Hex32),
    ("host", Slot::Host),
    ("id2", Slot::Id2),
    ("instance", Slot::Instance),
    ("instancetype", Slot::InstanceType),
    ("key", Slot::Key),
    ("millis", Slot::Millis),
    ("name", Slot::Name),
    ("object", Slot::Object),
    ("parameter", Slot::Parameter),
    ("port", Slot::Port),
    ("region", Slot::Region),
    ("resource", Slot::Resource),
    ("role", Slot::Role),
    ("roleid", Slot::RoleId),
    ("seconds", Slot::Seconds),
    ("secret", Slot::Secret),
    ("serial", Slot::Serial),
    ("session", Slot::Session),
    ("small", Slot::Small),
    ("spoken", Slot::Spoken),
    ("table", Slot::Table),
    ("time", Slot::Time),
    ("token", Slot::Token),
    ("unix", Slot::Unix),
    ("user", Slot::User),
    ("userid", Slot::UserId),
    ("userkey", Slot::UserKey),
    ("uuid", Slot::Uuid),
];

const FUNCTIONS: [&str; 8] =
    ["manifest-parser", "rates", "invoice-mailer", "thumbnails", "webhook-in", "dlq-drain", "nightly-totals", "geo"];
const TABLES: [&str; 6] = ["orders", "shipments", "sessions", "rate-cards", "locks", "audit-outbox"];
const GROUPS: [&str; 6] =
    ["/aws/lambda/manifest-parser", "/aws/eks/port/cluster", "/ecs/orders-api", "/aws/rds/ledger", "vpc-flow", "waf"];
const SECRETS: [&str; 5] = ["prod/ledger/db", "prod/carrier/api-key", "prod/smtp", "stage/ledger/db", "shared/signing"];
const PARAMETERS: [&str; 5] =
    ["/prod/orders/url", "/prod/orders/flags", "/prod/ledger/host", "/shared/ami/base", "/stage/orders/url"];
const INSTANCE_TYPES: [&str; 6] = ["t3.micro", "m6i.large", "c7g.xlarge", "r6i.2xlarge", "t4g.small", "p4d.24xlarge"];
const NAMES: [&str; 8] = ["api", "worker", "ingest", "edge", "ledger", "search", "reports", "mailer"];
const FOLDERS: [&str; 6] = ["orders/2026/", "manifests/in/", "raw/year=2026/month=03/", "exports/", "assets/img/", ""];
const ENDINGS: [&str; 6] = [".json", ".parquet", ".csv.gz", ".pdf", ".json.gz", ".png"];

/// Everything that a record's templates draw on.
#[derive(Debug)]
pub(crate) struct Scene<'a> {
    pub(crate) cast: &'a Cast,
    pub(crate) region: &'a str,
    /// The service's short name, for hosts.
    pub(crate) service: &'a str,
    /// When it happened, in seconds since 1970.
    pub(crate) second: i64,
    pub(crate) random: Random,
    /// What the record's named things are drawn from.
    pub(crate) props: u64,
    /// The story's bucket, when it is not any.
    pub(crate) bucket: Option<&'a str>,
    /// The story's object, when it is not any.
    pub(crate) object: Option<&'a str>,
    /// The story's user, when it is not any.
    pub(crate) user: Option<&'a str>,
}

impl Scene<'_> {
    fn prop(&self, slot: u64) -> Random {
        Random::new(mix(self.props ^ slot))
    }

    /// The user that `$user`, `$userid` and `$userkey` name.
    fn named_user(&self) -> &crate::cast::User {
        match self.user {
            Some(name) => self.cast.user(name),
            None => &self.cast.users[self.prop(1).skewed(self.cast.users.len())],
        }
    }

    fn named_role(&self) -> &crate::cast::Role {
        &self.cast.roles[self.prop(2).skewed(self.cast.roles.len())]
    }

    fn named<'t>(&self, slot: Slot, names: &'t [&'t str]) -> &'t str {
        names[self.prop(slot as u64 + 100).skewed(names.len())]
    }

    fn drawn<'t>(&self, slot: Slot, things: &'t [String]) -> &'t str {
        &things[self.prop(slot as u64 + 100).skewed(things.len())]
    }
}

impl Template {
    /// Compiles `text`; a `$` before no known name stays as it is.
    pub(crate) fn new(text: &'static str) -> Self {
        let (mut pieces, mut rest) = (Vec::new(), text);
        while let Some(at) = rest.find('$') {
            let (before, behind) = (&rest[..at], &rest[at + 1..]);
            let (name, after) = place_name(behind);
            match SLOTS.iter().find(|(known, _)| *known == name) {
                Some((_, slot)) => pieces.extend([Piece::Text(before), Piece::Slot(*slot)]),
                None => pieces.push(Piece::Text(&rest[..rest.len() - after.len()])),
            }
            rest = after;
        }
        pieces.push(Piece::Text(rest));
        Self { pieces }
    }

    /// Whether nothing stands in it.
    pub(crate) fn is_empty(&self) -> bool {
        matches!(self.pieces.as_slice(), [Piece::Text("")])
    }

    /// Appends the filled text.
    pub(crate) fn fill(&self, scene: &mut Scene<'_>, out: &mut Vec<u8>) {
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text.as_bytes()),
                Piece::Slot(slot) => fill_slot(*slot, scene, out),
            }
        }
    }
}

/// The name that begins `text` and what stands behind it.
fn place_name(text: &'static str) -> (&'static str, &'static str) {
    if let Some((name, after)) = text.strip_prefix('{').and_then(|text| text.split_once('}')) {
        return (name, after);
    }
    text.split_at(text.bytes().take_while(u8::is_ascii_alphanumeric).count())
}

fn fill_slot(slot: Slot, scene: &mut Scene<'_>, out: &mut Vec<u8>) {
    let named = match slot {
        Slot::Account => scene.cast.account.as_str(),
        Slot::Bucket => match scene.bucket {
            Some(bucket) => bucket,
            None => scene.drawn(slot, &scene.cast.buckets),
        },
        Slot::Function => scene.named(slot, &FUNCTIONS),
        Slot::Group => scene.named(slot, &GROUPS),
        Slot::Instance => scene.drawn(slot, &scene.cast.instances),
        Slot::InstanceType => scene.named(slot, &INSTANCE_TYPES),
        Slot::Key => scene.drawn(slot, &scene.cast.kms_keys),
        Slot::Name => scene.named(slot, &NAMES),
        Slot::Parameter => scene.named(slot, &PARAMETERS),
        Slot::Region => scene.region,
        Slot::Resource => scene.drawn(slot, &scene.cast.resource_ids),
        Slot::Role => scene.named_role().name,
        Slot::RoleId => &scene.named_role().id,
        Slot::Secret => scene.named(slot, &SECRETS),
        Slot::Table => scene.named(slot, &TABLES),
        Slot::User => scene.named_user().name,
        Slot::UserId => &scene.named_user().id,
        Slot::UserKey => &scene.named_user().key,
        _ => return fill_drawn(slot, scene, out),
    };
    out.extend_from_slice(named.as_bytes());
}

/// Fills a place whose text is made, not chosen.
fn fill_drawn(slot: Slot, scene: &mut Scene<'_>, out: &mut Vec<u8>) {
    let mut prop = scene.prop(slot as u64 + 100);
    let random = &mut scene.random;
    match slot {
        Slot::Ami => prop.resource_id(out),
        Slot::Asia => random.iam_id("ASIA", 9, out),
        Slot::Base64 => random.base64(43, out),
        Slot::Bool => out.extend_from_slice(random.pick(&["true", "false"]).as_bytes()),
        Slot::Bytes => bytes_moved(random, out),
        Slot::Count => number(random.between(1, 1000), out),
        Slot::Detector => detector(scene.cast, scene.region, out),
        Slot::Digest => prop.hex(64, out),
        Slot::Expiry => push_spoken(scene.second + 3600, out),
        Slot::Hex32 => prop.hex(32, out),
        Slot::Host => host(scene.service, scene.region, out),
        Slot::Id2 => random.base64(75, out),
        Slot::Millis => number(scene.second * 1000 + i64::from(scene.second as i32 % 997), out),
        Slot::Object => match scene.object {
            Some(key) => out.extend_from_slice(key.as_bytes()),
            None => object_key(&mut prop, out),
        },
        Slot::Port => number(*prop.pick(&[&22, &443, &5432, &8080]), out),
        Slot::Serial => random.resource_id(out),
        Slot::Seconds => number(*random.pick(&[&900, &3600, &3600, &43_200]), out),
        Slot::Session => session_name(&mut prop, out),
        Slot::Small => number(random.between(0, 9), out),
        Slot::Spoken => push_spoken(scene.second, out),
        Slot::Time => push_instant(scene.second, out),
        Slot::Token => {
            let length = random.between(180, 460);
            random.base64(length as usize, out);
        }
        Slot::Unix => number(scene.second, out),
        // What is left is `Uuid`: the named ones were filled before.
        _ => random.uuid(out),
    }
}

fn number(number: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(number.to_string().as_bytes());
}

/// The id of the detector that an account has in a region.
pub(crate) fn detector(cast: &Cast, region: &str, out: &mut Vec<u8>) {
    let name = cast.account.bytes().chain(region.bytes());
    let seed = name.fold(0xde7e, |seed, byte| mix(seed ^ u64::from(byte)));
    Random::new(seed).hex(32, out);
}

/// Bytes that went over a line: AWS writes them as an integer in some records and as a float in others.
fn bytes_moved(random: &mut Random, out: &mut Vec<u8>) {
    let magnitude = random.below(26);
    number(i64::from(random.below(1 << magnitude)), out);
    if random.percent(45) {
        out.extend_from_slice(b".0");
    }
}

/// The name of a service's host.
pub(crate) fn host(service: &str, region: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(service.as_bytes());
    if service != "iam" {
        out.push(b'.');
        out.extend_from_slice(region.as_bytes());
    }
    out.extend_from_slice(b".amazonaws.com");
}

fn object_key(prop: &mut Random, out: &mut Vec<u8>) {
    out.extend_from_slice(prop.pick(&FOLDERS).as_bytes());
    let day = prop.between(1, 28);
    out.extend_from_slice(format!("{day:02}/").as_bytes());
    match prop.below(3) {
        0 => prop.uuid(out),
        1 => prop.letters(16, out),
        _ => out.extend_from_slice(format!("part-{:05}-c000", prop.below(400)).as_bytes()),
    }
    out.extend_from_slice(prop.pick(&ENDINGS).as_bytes());
}

fn session_name(prop: &mut Random, out: &mut Vec<u8>) {
    match prop.below(3) {
        0 => out.extend_from_slice(format!("botocore-session-{}", 1_772_000_000 + prop.below(9_000_000)).as_bytes()),
        1 => out.extend_from_slice(format!("aws-go-sdk-{}", prop.next() >> 4).as_bytes()),
        _ => out.extend_from_slice(prop.pick(&NAMES).as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &'static str, props: u64) -> String {
        let cast = Cast::new(0);
        let random = Random::new(1);
        let (bucket, object, user) = (None, None, None);
        let mut scene = Scene {
            cast: &cast,
            region: "us-east-1",
            service: "s3",
            second: 1_772_445_600,
            random,
            props,
            bucket,
            object,
            user,
        };
        let mut out = Vec::new();
        Template::new(text).fill(&mut scene, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_thing_has_one_name_in_one_record() {
        for props in 0..20 {
            for place in ["$bucket", "$object", "$instance", "$user", "$key", "$session"] {
                let text = filled(Box::leak(format!("{place}|{place}").into_boxed_str()), props);
                let (one, other) = text.split_once('|').unwrap();
                assert_eq!(one, other, "{place}");
            }
        }
        let uuids = filled("$uuid|$uuid", 1);
        assert_ne!(uuids.split_once('|').unwrap().0, uuids.split_once('|').unwrap().1);
    }

    #[test]
    fn every_place_is_filled() {
        for (name, slot) in SLOTS {
            let text = filled(Box::leak(format!("<${name}>").into_boxed_str()), 3);
            assert!(!text.contains('$') && text.len() > 2, "{slot:?}: {text}");
        }
        assert_eq!(filled("a $ b $unknown-c", 1), "a $ b $unknown-c");
    }
}
