//! Who and what stands in an account: its people, roles, buckets and machines.
//!
//! Everything is invented and marked as such: account ids are those of AWS's documentation, keys end in `EXAMPLE`,
//! addresses are from the ranges that RFC 5737 and RFC 3849 keep for documentation.

use crate::random::{Random, mix};

/// The account ids that AWS's documentation uses; the first ones are taken first.
const ACCOUNTS: [&str; 14] = [
    "111122223333",
    "444455556666",
    "123456789012",
    "555555555555",
    "777788889999",
    "999988887777",
    "012345678901",
    "111111111111",
    "222222222222",
    "333333333333",
    "444444444444",
    "666666666666",
    "888888888888",
    "999999999999",
];

/// The most accounts that [`account_id`] knows: [`ACCOUNTS`] first, then what its rule derives.
pub(crate) const ACCOUNTS_MAX: u32 = 900;

/// The regions, the busiest first.
pub(crate) const REGIONS: [&str; 17] = [
    "us-east-1",
    "eu-central-1",
    "us-west-2",
    "eu-west-1",
    "ap-southeast-2",
    "us-east-2",
    "ap-northeast-1",
    "eu-north-1",
    "sa-east-1",
    "ca-central-1",
    "ap-south-1",
    "eu-west-3",
    "us-west-1",
    "ap-southeast-1",
    "eu-west-2",
    "ap-northeast-2",
    "af-south-1",
];

const USERS: [&str; 24] = [
    "ana.lindqvist",
    "bo.okafor",
    "carla.meier",
    "dev.raman",
    "emil.novak",
    "fay.tanaka",
    "gil.moreau",
    "hana.ito",
    "ivo.petrov",
    "jun.park",
    "kim.jensen",
    "leo.costa",
    "mara.weiss",
    "nils.berg",
    "oda.svensson",
    "pia.rossi",
    "backup-sync",
    "metrics-export",
    "partner-upload",
    "legacy-batch",
    "smtp-relay",
    "terraform",
    "inventory-reader",
    LEAKED_USER,
];

/// The user whose key leaks in the story; one of every account's, and the last: what it does is told in the story alone,
/// so that its usual work and address can be told from the intruder's.
pub(crate) const LEAKED_USER: &str = "ci-deploy";
/// The user whose password is guessed in the story.
pub(crate) const GUESSED_USER: &str = "mara.weiss";

/// The user that the intruder makes; nobody else's, before or after.
pub(crate) const MADE_USER: &str = "svc-health";
/// Who is on call when the trail is stopped.
pub(crate) const ON_CALL_USER: &str = "bo.okafor";
/// The role of those who may do anything.
pub(crate) const ADMINISTRATOR_ROLE: &str = "AWSReservedSSO_AdministratorAccess_0b1c2d3e4f5a6978";

const ROLES: [&str; 24] = [
    "eks-node",
    "orders-api",
    "data-loader",
    "deploy-pipeline",
    "lambda-manifest-parser",
    "lambda-rates",
    "backup-agent",
    "log-shipper",
    "AWSReservedSSO_PowerUserAccess_8f3d2c1b0a9e7d65",
    "terraform-apply",
    "support-readonly",
    "OrganizationAccountAccessRole",
    "AWSServiceRoleForAutoScaling",
    "AWSServiceRoleForECS",
    "AWSServiceRoleForConfig",
    "security-audit",
    "glue-nightly",
    "sagemaker-training",
    "quicksight-reader",
    "billing-export",
    ADMINISTRATOR_ROLE,
    "stepfunctions-invoices",
    "cross-account-reader",
    "codebuild-images",
];

const BUCKETS: [&str; 16] = [
    "harbourline-orders",
    "harbourline-manifests",
    "harbourline-cloudtrail",
    "harbourline-artifacts",
    "harbourline-access-logs",
    "harbourline-raw-events",
    "harbourline-web-assets",
    "harbourline-backups",
    "harbourline-customer-exports",
    "harbourline-terraform-state",
    "harbourline-invoices",
    "harbourline-ml-features",
    "harbourline-flow-logs",
    "harbourline-athena-results",
    "harbourline-partner-drop",
    "harbourline-media",
];

/// The bucket that the story empties; one of every account's.
pub(crate) const EMPTIED_BUCKET: &str = "harbourline-customer-exports";
/// The bucket in which the leaked key lies about.
pub(crate) const SPILT_BUCKET: &str = "harbourline-terraform-state";

/// Machines of one account.
const INSTANCES: usize = 80;
/// KMS keys, volumes, subnets and the like of one account.
const RESOURCES: usize = 24;

/// Addresses of one account's gateways.
const ADDRESSES: usize = 40;

/// A person or a program with a long-lived key.
#[derive(Debug)]
pub(crate) struct User {
    pub(crate) name: &'static str,
    /// `AIDA…EXAMPLE`.
    pub(crate) id: String,
    /// `AKIA…EXAMPLE`.
    pub(crate) key: String,
    /// Where it works from.
    pub(crate) address: String,
    /// Whether it is a person, who has a password and a browser.
    pub(crate) is_person: bool,
}

/// A role that people, machines and services assume.
#[derive(Debug)]
pub(crate) struct Role {
    pub(crate) name: &'static str,
    /// `AROA…EXAMPLE`.
    pub(crate) id: String,
    pub(crate) kind: RoleKind,
}

/// Who assumes a role; decides the session's name and address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoleKind {
    /// A service on the account's behalf.
    Service,
    /// A person through IAM Identity Center.
    Person,
    /// A Lambda function.
    Function,
    /// An EC2 instance or a program on one.
    Machine,
}

/// What stands in one account.
#[derive(Debug)]
pub(crate) struct Cast {
    pub(crate) account: String,
    pub(crate) users: Vec<User>,
    /// The intruder's own user.
    made_user: User,
    pub(crate) roles: Vec<Role>,
    pub(crate) buckets: Vec<String>,
    /// `i-…`.
    pub(crate) instances: Vec<String>,
    /// UUIDs.
    pub(crate) kms_keys: Vec<String>,
    /// 17 hexadecimal digits, the first one 0, behind `vol-`, `subnet-` and so on.
    pub(crate) resource_ids: Vec<String>,
    /// Addresses of its NAT gateways.
    pub(crate) addresses: Vec<String>,
}

/// The id of account number `number`: the documentation's, then three digits written four times each
/// (`000000001111`, `000000002222`, …), those that the documentation has left out.
pub(crate) fn account_id(number: u32) -> String {
    let Some(derived) = (number as usize).checked_sub(ACCOUNTS.len()) else {
        return ACCOUNTS[number as usize].to_owned();
    };
    let patterns = (1..1000).map(|digits: u32| [digits / 100, digits / 10 % 10, digits % 10]);
    let ids = patterns.map(|digits| digits.iter().map(|digit| digit.to_string().repeat(4)).collect::<String>());
    ids.filter(|id| !ACCOUNTS.contains(&id.as_str())).nth(derived).unwrap_or_default()
}

impl Cast {
    /// The cast of account number `number`: the same for every seed.
    pub(crate) fn new(number: u32) -> Self {
        let account = account_id(number);
        let mut random = Random::new(mix(u64::from(number) ^ 0xca57));
        let users = USERS.iter().map(|name| User::new(name, &mut random)).collect();
        let roles = ROLES.iter().map(|name| Role::new(name, &mut random)).collect();
        let buckets = BUCKETS.iter().map(|name| format!("{name}-{account}")).collect();
        let mut some = |count, write: fn(&mut Random, &mut Vec<u8>)| {
            (0..count).map(|_| text(&mut random, write)).collect::<Vec<_>>()
        };
        let resource_ids = some(RESOURCES, |random, out| random.resource_id(out));
        let kms_keys = some(RESOURCES, |random, out| random.uuid(out));
        let instances = some(INSTANCES, |random, out| random.resource_id(out));
        let instances = instances.into_iter().map(|id| format!("i-{id}")).collect();
        let addresses = (0..ADDRESSES).map(|_| office_address(&mut random)).collect();
        let made_user = User::new(MADE_USER, &mut random);
        Self { account, users, made_user, roles, buckets, instances, kms_keys, resource_ids, addresses }
    }

    /// The user called `name`, else the first one.
    pub(crate) fn user(&self, name: &str) -> &User {
        if name == MADE_USER {
            return &self.made_user;
        }
        self.users.iter().find(|user| user.name == name).unwrap_or(&self.users[0])
    }

    /// The users whose calls are drawn: all but the one of the story.
    pub(crate) fn drawn_users(&self) -> &[User] {
        &self.users[..self.users.len() - 1]
    }

    /// The role called `name`, else the first one.
    pub(crate) fn role(&self, name: &str) -> &Role {
        self.roles.iter().find(|role| role.name == name).unwrap_or(&self.roles[0])
    }

    /// The bucket whose name begins with `stem`, else the first one.
    pub(crate) fn bucket(&self, stem: &str) -> &str {
        self.buckets.iter().find(|bucket| bucket.starts_with(stem)).unwrap_or(&self.buckets[0])
    }
}

impl User {
    fn new(name: &'static str, random: &mut Random) -> Self {
        let is_person = name.contains('.');
        let address = if random.percent(15) { home_address(random) } else { office_address(random) };
        let id = text(random, |random, out| random.iam_id("AIDA", 10, out));
        let key = text(random, |random, out| random.iam_id("AKIA", 9, out));
        Self { name, id, key, address, is_person }
    }
}

impl Role {
    fn new(name: &'static str, random: &mut Random) -> Self {
        let kind = match name {
            _ if name.starts_with("AWSServiceRoleFor") => RoleKind::Service,
            _ if name.starts_with("AWSReservedSSO_") => RoleKind::Person,
            _ if name.starts_with("lambda-") => RoleKind::Function,
            _ => RoleKind::Machine,
        };
        Self { name, id: text(random, |random, out| random.iam_id("AROA", 10, out)), kind }
    }
}

/// An address of the house itself. 198.51.100.0/24 is left to the story.
fn office_address(random: &mut Random) -> String {
    let network = random.pick(&["192.0.2", "203.0.113"]);
    format!("{network}.{}", random.between(1, 254))
}

/// An IPv6 address of somebody's home.
fn home_address(random: &mut Random) -> String {
    let [a, b, c] = [(); 3].map(|()| random.below(0x1_0000));
    format!("2001:db8:{a:x}:{b:x}::{c:x}")
}

/// What `write` writes, as a string.
pub(crate) fn text(random: &mut Random, write: impl Fn(&mut Random, &mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(random, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn account_ids_are_twelve_digits_and_differ() {
        let ids: HashSet<String> = (0..ACCOUNTS_MAX).map(account_id).collect();
        assert_eq!(ids.len(), ACCOUNTS_MAX as usize);
        assert!(ids.iter().all(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())));
        assert_eq!(account_id(ACCOUNTS.len() as u32), "000000001111");
    }

    #[test]
    fn the_storys_people_and_places_stand_in_every_account() {
        let cast = Cast::new(3);
        assert_eq!(cast.user(LEAKED_USER).name, LEAKED_USER);
        assert!(cast.drawn_users().iter().all(|user| user.name != LEAKED_USER));
        for name in [GUESSED_USER, ON_CALL_USER, MADE_USER] {
            assert_eq!(cast.user(name).name, name);
        }
        assert_eq!(cast.role(ADMINISTRATOR_ROLE).name, ADMINISTRATOR_ROLE);
        for stem in [EMPTIED_BUCKET, SPILT_BUCKET] {
            assert!(cast.bucket(stem).starts_with(stem));
        }
        assert!(cast.users.iter().all(|user| !user.address.starts_with("198.51.100.")));
    }
}
