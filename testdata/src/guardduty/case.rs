//! One case: who, what and when one finding is about. Every revision of a finding draws the same from it.

use crate::cast::{Cast, User, text};
use crate::civil::push_instant;
use crate::guardduty::json::{Json, list, object};
use crate::guardduty::types::{Family, FindingType, Source};
use crate::network::{Interface, Network};
use crate::random::{Random, mix};
use crate::template::detector;

/// Of a hundred findings, so many are samples that somebody asked for.
const SAMPLE_PERCENT: u32 = 5;

/// One finding's case.
#[derive(Debug, Clone)]
pub(crate) struct Case<'a> {
    pub(crate) kind: &'static FindingType,
    pub(crate) cast: &'a Cast,
    pub(crate) network: Network,
    pub(crate) region: &'a str,
    /// 32 hexadecimal digits.
    pub(crate) id: String,
    pub(crate) is_sample: bool,
    /// When it was first seen, in milliseconds since 1970.
    pub(crate) first: i64,
    /// When this revision was made.
    pub(crate) updated: i64,
    /// How often it was seen so far.
    pub(crate) count: u32,
    /// The machine that it is about, where it is about one.
    pub(crate) machine: Interface,
    pub(crate) random: Random,
}

impl<'a> Case<'a> {
    /// The case that `seed` stands for, in an account's region.
    pub(crate) fn new(
        kind: &'static FindingType,
        (cast, network, region): (&'a Cast, Network, &'a str),
        seed: u64,
    ) -> Self {
        let mut random = Random::new(seed);
        let id = text(&mut random, |random, out| random.hex(32, out));
        let is_sample = random.percent(SAMPLE_PERCENT);
        let machine = network.interface(random.below(80));
        Self { kind, cast, network, region, id, is_sample, first: 0, updated: 0, count: 1, machine, random }
    }

    /// `resource.resourceType`.
    pub(crate) fn resource_type(&self) -> &'static str {
        let name = self.kind.name;
        // From the id, so that whoever asks gets the same answer.
        let drawn = self.id.bytes().fold(0_usize, |sum, byte| sum + usize::from(byte));
        match self.kind.family {
            Family::AccessKey => "AccessKey",
            Family::Instance => "Instance",
            Family::S3Bucket => "S3Bucket",
            Family::S3Object => "S3Object",
            Family::EksCluster => "EKSCluster",
            Family::Lambda => "Lambda",
            Family::Database => ["RDSDBInstance", "RDSDBInstance", "RDSLimitlessDB"][drawn % 3],
            Family::Workload if name.contains(":EC2/") => "Instance",
            Family::Workload if name.contains(":ECS/") => "ECSCluster",
            Family::Workload if name.contains(":Kubernetes/") => "EKSCluster",
            Family::Workload if name.contains(":Container/") => "Container",
            Family::Workload => ["Instance", "EKSCluster", "ECSCluster", "Container"][drawn % 4],
            Family::Backup if name.ends_with("!Snapshot") => "EBSSnapshot",
            Family::Backup if name.ends_with("!AMI") => "EC2Image",
            Family::Backup if name.contains(":S3/") => "S3RecoveryPoint",
            Family::Backup => "EBSRecoveryPoint",
            Family::AttackSequence => "AttackSequence",
        }
    }

    pub(crate) fn account(&self) -> &'a str {
        &self.cast.account
    }

    /// The id of the detector, which CloudTrail records name, too.
    pub(crate) fn detector(&self) -> String {
        let mut out = Vec::new();
        detector(self.cast, self.region, &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// An ARN in the finding's account and region.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.account())
    }

    /// The finding's own ARN.
    pub(crate) fn finding_arn(&self) -> String {
        self.arn("guardduty", &format!("detector/{}/finding/{}", self.detector(), self.id))
    }

    /// `name`, or what a sample has in its place.
    pub(crate) fn or_sample(&self, name: &str, sample: &str) -> String {
        if self.is_sample { sample.to_owned() } else { name.to_owned() }
    }

    /// The id of the machine's instance.
    pub(crate) fn instance(&self) -> String {
        self.or_sample(self.machine.instance(self.cast).unwrap_or_default(), "i-99999999")
    }

    /// The bucket that it is about.
    pub(crate) fn bucket(&self) -> String {
        let number = (mix(self.machine.number.into()) % self.cast.buckets.len() as u64) as usize;
        self.or_sample(&self.cast.buckets[number], "example-bucket1")
    }

    /// The user that it is about.
    pub(crate) fn user(&self) -> &'a User {
        &self.cast.users[self.machine.number as usize % self.cast.users.len()]
    }

    pub(crate) fn pick<'t>(&mut self, names: &[&'t str]) -> &'t str {
        self.random.pick(names)
    }

    pub(crate) fn hex(&mut self, length: usize) -> String {
        text(&mut self.random, |random, out| random.hex(length, out))
    }

    pub(crate) fn uuid(&mut self) -> String {
        text(&mut self.random, Random::uuid)
    }

    /// A moment up to `days` days before the finding, in whole seconds.
    pub(crate) fn moment_before(&mut self, days: i64) -> i64 {
        (self.first.div_euclid(1_000) - self.random.between(60, days * 86_400)) * 1_000
    }

    /// What three tags are like, one of them in another script.
    pub(crate) fn tags(&mut self) -> Json {
        let environment = self.pick(&["production", "staging", "development"]);
        let owner = self.pick(&["platform", "orders", "Jürgen Größe", "港"]);
        list![
            object! { "key": "environment", "value": environment },
            object! { "key": "team", "value": owner },
            object! { "key": "aws:autoscaling:groupName", "value": "web-2" },
        ]
    }

    /// Whether the type's name says so.
    pub(crate) fn is(&self, word: &str) -> bool {
        self.kind.name.contains(word)
    }

    /// Whether a list of threats told of it.
    pub(crate) fn is_threat(&self) -> bool {
        let words = ["Malicious", "TorIP", "TorClient", "TorRelay", "C&C", "Bitcoin", "DropPoint", "BlackholeTraffic"];
        words.iter().any(|word| self.is(word)) && self.kind.source != Source::Volumes
    }
}

/// `2026-03-02T10:11:12.345Z`.
pub(crate) fn instant(milliseconds: i64) -> String {
    let mut out = Vec::new();
    push_instant(milliseconds.div_euclid(1_000), &mut out);
    let seconds = String::from_utf8_lossy(&out);
    format!("{}.{:03}Z", seconds.trim_end_matches('Z'), milliseconds.rem_euclid(1_000))
}

/// `2026-03-02T10:11:12Z`.
pub(crate) fn whole_instant(milliseconds: i64) -> String {
    let mut out = Vec::new();
    push_instant(milliseconds.div_euclid(1_000), &mut out);
    String::from_utf8_lossy(&out).into_owned()
}
