//! Who made a call: `userIdentity`, and the address and agent that go with it.

use crate::cast::{Cast, Role, RoleKind, User};
use crate::catalog::Caller;
use crate::civil::push_instant;
use crate::random::{Random, mix};

/// The attacker's key and address, for the story's records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Intruder {
    /// The user whose credentials are used.
    pub(crate) user: &'static str,
    pub(crate) address: &'static str,
    pub(crate) agent: &'static str,
}

/// What one call says about its caller.
#[derive(Debug, Default)]
pub(crate) struct Identity {
    /// The `userIdentity` object.
    pub(crate) json: Vec<u8>,
    pub(crate) address: String,
    pub(crate) agent: String,
    /// The ARN, for error messages.
    pub(crate) arn: String,
    /// Whether an AWS service made the call, by itself.
    pub(crate) is_service: bool,
    /// Whether the call came from a console session.
    pub(crate) is_console: bool,
}

/// What an identity is made of.
pub(crate) struct Setting<'a> {
    pub(crate) cast: &'a Cast,
    pub(crate) region: &'a str,
    pub(crate) second: i64,
    pub(crate) event_name: &'a str,
    pub(crate) service: &'a str,
}

const BROWSERS: [&str; 3] = [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0 Safari/537.36",
];
const PROGRAMS: [&str; 8] = [
    "aws-sdk-go-v2/1.36.3 os/linux lang/go#1.24.4 md/GOOS#linux md/GOARCH#arm64 api/orders#1.0.0",
    "Boto3/1.38.46 md/Botocore#1.38.46 ua/2.1 os/linux#6.1.140-154.222.amzn2023.x86_64 md/arch#x86_64 lang/python#3.12.11 md/pyimpl#CPython cfg/retry-mode#standard Botocore/1.38.46",
    "aws-sdk-java/2.31.63 md/io#sync md/http#Apache ua/2.1 os/Linux#6.1.141 lang/java#21.0.7 md/OpenJDK_64-Bit_Server_VM#21.0.7+6-LTS md/vendor#Amazon.com_Inc. md/en_US exec-env/AWS_ECS_FARGATE",
    "APN/1.0 HashiCorp/1.0 Terraform/1.12.2 (+https://www.terraform.io) terraform-provider-aws/6.3.0 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.36.5 ua/2.1 os/linux lang/go#1.24.4 md/GOOS#linux md/GOARCH#amd64",
    "aws-sdk-rust/1.3.8 ua/2.1 api/s3/1.96.0 os/linux lang/rust/1.88.0 md/exec-env#AWS_Lambda_provided.al2023",
    "aws-sdk-js/3.840.0 ua/2.1 os/linux#5.10.238 lang/js md/nodejs#22.17.0 exec-env/AWS_Lambda_nodejs22.x",
    "amazon-ssm-agent/3.3.1957.0",
    "kubelet/v1.33.1-eks-1-33 aws-sdk-go-v2/1.36.3",
];
/// Sessions of a role last an hour; at one time it has so many.
const SESSIONS_AT_ONCE: u32 = 20;
const SESSION_SECONDS: i64 = 3600;

impl Setting<'_> {
    /// Draws who made a call that `caller` may make.
    pub(crate) fn draw(&self, caller: Caller, random: &mut Random) -> Identity {
        let roles = &self.cast.roles;
        let users = &self.cast.users;
        let mut role = |wanted: fn(RoleKind) -> bool| {
            let fitting: Vec<&Role> = roles.iter().filter(|role| wanted(role.kind)).collect();
            fitting[random.skewed(fitting.len())]
        };
        match caller {
            Caller::Service(name) => self.service(name),
            Caller::Nobody => self.nobody(),
            Caller::Outsider => self.outsider(random),
            Caller::Federated => self.federated(random),
            Caller::Machine => {
                let role = role(|kind| kind != RoleKind::Person);
                self.session(role, random)
            }
            Caller::Person => {
                let role = role(|kind| kind == RoleKind::Person);
                self.session(role, random)
            }
            Caller::SignIn => {
                let people: Vec<&User> = users.iter().filter(|user| user.is_person).collect();
                self.sign_in(people[random.skewed(people.len())], random)
            }
            Caller::Session => self.session(&roles[random.skewed(roles.len())], random),
            Caller::Anybody => match random.below(100) {
                0..68 => self.session(&roles[random.skewed(roles.len())], random),
                68..88 => self.user(&users[random.skewed(users.len())], random),
                88..96 => self.service(random.pick(&["config", "autoscaling", "backup", "cloudformation"])),
                96..98 => self.federated_user(random),
                _ => self.root(random),
            },
        }
    }

    /// The story's caller: a user's own key, or its password's session, in the wrong hands.
    pub(crate) fn intruder(&self, intruder: Intruder, caller: Caller, random: &mut Random) -> Identity {
        let user = self.cast.user(intruder.user);
        let mut identity = if caller == Caller::SignIn { self.sign_in(user, random) } else { self.plain_user(user) };
        identity.address = intruder.address.to_owned();
        identity.agent = intruder.agent.to_owned();
        identity
    }

    fn service(&self, name: &str) -> Identity {
        let host = format!("{name}.amazonaws.com");
        let json = format!(r#"{{"type":"AWSService","invokedBy":"{host}"}}"#).into_bytes();
        Identity { json, address: host.clone(), agent: host.clone(), arn: host, is_service: true, is_console: false }
    }

    fn nobody(&self) -> Identity {
        let internal = "AWS Internal".to_owned();
        let json = format!(r#"{{"accountId":"{}","invokedBy":"AWS Internal"}}"#, self.cast.account).into_bytes();
        Identity { json, address: internal.clone(), agent: internal.clone(), arn: internal, ..Identity::default() }
    }

    fn outsider(&self, random: &mut Random) -> Identity {
        let address = format!("203.0.113.{}", random.between(1, 254));
        let json: &[u8] = if random.percent(50) {
            br#"{"type":"AWSAccount","principalId":"","accountId":"ANONYMOUS_PRINCIPAL"}"#
        } else {
            br#"{"type":"AWSAccount","principalId":"AIDAQZ7KEXTERNEXAMPLE","accountId":"999988887777"}"#
        };
        let agent = format!("[{}]", BROWSERS[1]);
        Identity { json: json.to_vec(), address, agent, arn: "anonymous".to_owned(), ..Identity::default() }
    }

    fn federated(&self, random: &mut Random) -> Identity {
        if self.event_name == "AssumeRoleWithSAML" {
            return self.saml(random);
        }
        let Cast { account, addresses, .. } = self.cast;
        let provider = format!(
            "arn:aws:iam::{account}:oidc-provider/oidc.eks.{}.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
            self.region
        );
        let user = random.pick(&["port:orders-api", "port:data-loader", "kube-system:cluster-autoscaler"]);
        let user = format!("system:serviceaccount:{user}");
        let json = format!(
            r#"{{"type":"WebIdentityUser","principalId":"{provider}:sts.amazonaws.com:{user}","userName":"{user}","identityProvider":"{provider}"}}"#
        );
        let address = addresses[random.skewed(addresses.len())].clone();
        let agent = PROGRAMS[random.below(6) as usize].to_owned();
        Identity { json: json.into_bytes(), address, agent, arn: provider, ..Identity::default() }
    }

    fn saml(&self, random: &mut Random) -> Identity {
        let user = &self.cast.users[random.below(8) as usize];
        let (name, provider) = (user.name, "https://idp.example.com/metadata");
        let json = format!(
            r#"{{"type":"SAMLUser","principalId":"u5m9XexampleQualifier=:{name}@example.com","userName":"{name}@example.com","identityProvider":"{provider}"}}"#
        );
        let (address, agent) = (user.address.clone(), BROWSERS[0].to_owned());
        Identity { json: json.into_bytes(), address, agent, arn: provider.to_owned(), ..Identity::default() }
    }

    fn federated_user(&self, random: &mut Random) -> Identity {
        let account = &self.cast.account;
        let user = &self.cast.users[random.skewed(self.cast.users.len())];
        let arn = format!("arn:aws:sts::{account}:federated-user/{}", user.name);
        let head = format!(
            r#"{{"type":"FederatedUser","principalId":"{account}:{}","arn":"{arn}","accountId":"{account}","accessKeyId":""#,
            user.name
        );
        let mut json = head.into_bytes();
        let started = self.session_key(user.name, 0, &mut json);
        let issuer = format!(
            r#"","sessionContext":{{"sessionIssuer":{{"type":"IAMUser","principalId":"{}","arn":"arn:aws:iam::{account}:user/{}","accountId":"{account}","userName":"{}"}},"attributes":{{"creationDate":""#,
            user.id, user.name, user.name
        );
        json.extend_from_slice(issuer.as_bytes());
        push_instant(started, &mut json);
        json.extend_from_slice(br#"","mfaAuthenticated":"false"}}}"#);
        Identity { json, address: user.address.clone(), agent: PROGRAMS[1].to_owned(), arn, ..Identity::default() }
    }

    fn root(&self, random: &mut Random) -> Identity {
        let account = &self.cast.account;
        let arn = format!("arn:aws:iam::{account}:root");
        let head = format!(
            r#"{{"type":"Root","principalId":"{account}","arn":"{arn}","accountId":"{account}","accessKeyId":""#
        );
        let mut json = head.into_bytes();
        let started = self.session_key("root", 0, &mut json);
        json.extend_from_slice(
            br#"","sessionContext":{"sessionIssuer":{},"webIdFederationData":{},"attributes":{"creationDate":""#,
        );
        push_instant(started, &mut json);
        let mfa = random.pick(&["true", "true", "false"]);
        json.extend_from_slice(format!(r#"","mfaAuthenticated":"{mfa}"}}}}}}"#).as_bytes());
        let address = self.cast.addresses[0].clone();
        Identity { json, address, agent: BROWSERS[0].to_owned(), arn, is_service: false, is_console: true }
    }

    /// A user's long-lived key.
    fn user(&self, user: &User, random: &mut Random) -> Identity {
        if !user.is_person || random.percent(40) {
            let mut identity = self.plain_user(user);
            identity.agent = match user.is_person {
                true => self.command_line(),
                false => PROGRAMS[user.name.len() % PROGRAMS.len()].to_owned(),
            };
            return identity;
        }
        let mut json = self.user_head(user, b"");
        json.extend_from_slice(br#","accessKeyId":""#);
        let started = self.session_key(user.name, 0, &mut json);
        json.extend_from_slice(
            format!(r#"","userName":"{}","sessionContext":{{"attributes":{{"creationDate":""#, user.name).as_bytes(),
        );
        push_instant(started, &mut json);
        json.extend_from_slice(br#"","mfaAuthenticated":"true"}}}"#);
        let agent = BROWSERS[user.name.len() % BROWSERS.len()].to_owned();
        Identity {
            json,
            address: user.address.clone(),
            agent,
            arn: self.user_arn(user),
            is_service: false,
            is_console: true,
        }
    }

    fn plain_user(&self, user: &User) -> Identity {
        let tail = format!(r#","accessKeyId":"{}","userName":"{}"}}"#, user.key, user.name);
        let json = self.user_head(user, tail.as_bytes());
        Identity { json, address: user.address.clone(), arn: self.user_arn(user), ..Identity::default() }
    }

    fn sign_in(&self, user: &User, random: &mut Random) -> Identity {
        let tail = format!(r#","userName":"{}"}}"#, user.name);
        let json = self.user_head(user, tail.as_bytes());
        let agent = random.pick(&BROWSERS).to_owned();
        Identity { json, address: user.address.clone(), agent, arn: self.user_arn(user), ..Identity::default() }
    }

    fn user_arn(&self, user: &User) -> String {
        format!("arn:aws:iam::{}:user/{}", self.cast.account, user.name)
    }

    fn user_head(&self, user: &User, tail: &[u8]) -> Vec<u8> {
        let account = &self.cast.account;
        let arn = self.user_arn(user);
        let head = format!(r#"{{"type":"IAMUser","principalId":"{}","arn":"{arn}","accountId":"{account}""#, user.id);
        [head.as_bytes(), tail].concat()
    }

    /// A role's session.
    fn session(&self, role: &Role, random: &mut Random) -> Identity {
        let Cast { account, instances, users, addresses, .. } = self.cast;
        let number = random.below(SESSIONS_AT_ONCE);
        let person = &users[number as usize];
        let (session, address, agent) = match role.kind {
            RoleKind::Person if random.percent(60) => {
                (person.name, &person.address, BROWSERS[number as usize % 3].to_owned())
            }
            RoleKind::Person => (person.name, &person.address, self.command_line()),
            RoleKind::Function => (role.name, &addresses[0], PROGRAMS[5].to_owned()),
            RoleKind::Service => ("service", &addresses[1], "AWS Internal".to_owned()),
            RoleKind::Machine => {
                let address = &addresses[number as usize % addresses.len()];
                let program = PROGRAMS[(role.name.len() + number as usize) % PROGRAMS.len()];
                (instances[number as usize * 13 % instances.len()].as_str(), address, program.to_owned())
            }
        };
        let (name, id) = (role.name, &role.id);
        let arn = format!("arn:aws:sts::{account}:assumed-role/{name}/{session}");
        let head = format!(
            r#"{{"type":"AssumedRole","principalId":"{id}:{session}","arn":"{arn}","accountId":"{account}","accessKeyId":""#
        );
        let mut json = head.into_bytes();
        let started = self.session_key(name, number, &mut json);
        let issuer = format!(
            r#"","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{id}","arn":"arn:aws:iam::{account}:role/{name}","accountId":"{account}","userName":"{name}"}},"webIdFederationData":{{}},"attributes":{{"creationDate":""#
        );
        json.extend_from_slice(issuer.as_bytes());
        push_instant(started, &mut json);
        json.extend_from_slice(br#"","mfaAuthenticated":"false"}"#);
        json.extend_from_slice(self.session_tail(role.kind, number).as_bytes());
        let is_service = role.kind == RoleKind::Service;
        let is_console = agent.starts_with("Mozilla");
        let address = if is_service { "autoscaling.amazonaws.com".to_owned() } else { address.clone() };
        Identity { json, address, agent, arn, is_service, is_console }
    }

    /// What stands behind the session's attributes, to the end of `userIdentity`.
    fn session_tail(&self, kind: RoleKind, number: u32) -> String {
        let (account, region) = (&self.cast.account, self.region);
        match kind {
            RoleKind::Machine if number == 0 => r#","ec2RoleDelivery":"2.0"}}"#.to_owned(),
            RoleKind::Machine => "}}".to_owned(),
            RoleKind::Service => r#"},"invokedBy":"autoscaling.amazonaws.com"}"#.to_owned(),
            RoleKind::Person => format!(
                r#"}},"onBehalfOf":{{"userId":"d4f8c4e8-1011-70a4-8f0c-{number:012}","identityStoreArn":"arn:aws:identitystore::{account}:identitystore/d-9067000000"}},"credentialId":"EXAMPLEVHULjJdTUdPJfofVa1sufHDoj7aYcOYcxFVllWR_Whr1fEXAMPLE"}}"#
            ),
            RoleKind::Function => format!(
                r#"}},"inScopeOf":{{"issuerType":"AWS::Lambda::Function","credentialsIssuedTo":"arn:aws:lambda:{region}:{account}:function:manifest-parser"}}}}"#
            ),
        }
    }

    /// Appends the key of a session that holds now, and tells when the session began.
    fn session_key(&self, holder: &str, number: u32, out: &mut Vec<u8>) -> i64 {
        let hour = self.second.div_euclid(SESSION_SECONDS);
        let text = holder.bytes().chain(self.cast.account.bytes());
        let seed = text.fold(u64::from(number) ^ mix(hour as u64), |seed, byte| mix(seed ^ u64::from(byte)));
        let mut random = Random::new(seed);
        random.iam_id("ASIA", 9, out);
        hour * SESSION_SECONDS - random.between(0, SESSION_SECONDS - 1)
    }

    fn command_line(&self) -> String {
        let (service, name) = (self.service, self.event_name);
        let mut command = String::new();
        for letter in name.chars() {
            if letter.is_ascii_uppercase() && !command.is_empty() {
                command.push('-');
            }
            command.push(letter.to_ascii_lowercase());
        }
        format!(
            "aws-cli/2.27.49 md/awscrt#0.26.1 ua/2.1 os/macos#24.5.0 md/arch#arm64 lang/python#3.13.4 md/pyimpl#CPython cfg/retry-mode#standard md/installer#exe md/prompt#off md/command#{service}.{command}"
        )
    }
}
