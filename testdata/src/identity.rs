//! Who made a call: `userIdentity`, and the address and agent that go with it.

use crate::agent::{BROWSERS, PROGRAMS, command_line};
use crate::cast::{ADMINISTRATOR_ROLE, Cast, ON_CALL_USER, Role, RoleKind, User};
use crate::catalog::Caller;
use crate::civil::push_instant;
use crate::random::{Random, mix};

/// Who makes a call of the story.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Actor {
    /// A user's key or password in the wrong hands.
    Intruder {
        /// The user whose credentials are used.
        user: &'static str,
        address: &'static str,
        agent: &'static str,
    },
    /// A user's key, from the address that it always has.
    Usual(&'static str),
    /// The administrator on call, in the console.
    OnCall,
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

impl Identity {
    /// Takes the ARN out of `userIdentity`, which a failed sign-in leaves open.
    pub(crate) fn forget_arn(&mut self) {
        let member = format!(r#","arn":"{}""#, self.arn);
        self.json = String::from_utf8_lossy(&self.json).replacen(&member, "", 1).into_bytes();
    }
}

/// What an identity is made of.
pub(crate) struct Setting<'a> {
    pub(crate) cast: &'a Cast,
    pub(crate) region: &'a str,
    pub(crate) second: i64,
    pub(crate) event_name: &'a str,
    pub(crate) service: &'a str,
}

/// Sessions of a role last an hour; at one time it has so many.
const SESSIONS_AT_ONCE: u32 = 20;
const SESSION_SECONDS: i64 = 3600;

impl Setting<'_> {
    /// Draws who made a call that `caller` may make.
    pub(crate) fn draw(&self, caller: Caller, random: &mut Random) -> Identity {
        let roles = &self.cast.roles;
        let users = self.cast.drawn_users();
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
                self.sign_in(people[random.skewed(people.len())], random.pick(&BROWSERS))
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

    /// The story's caller, who last signed in to the console in the second `signed_in`.
    pub(crate) fn told(&self, actor: Actor, caller: Caller, signed_in: i64) -> Identity {
        match actor {
            Actor::Usual(name) => self.key_of(self.cast.user(name)),
            Actor::OnCall => self.on_call(),
            Actor::Intruder { user, address, agent } => {
                let user = self.cast.user(user);
                let identity = match caller {
                    Caller::SignIn => self.sign_in(user, agent),
                    _ if agent.starts_with("Mozilla") => self.stolen_session(user, signed_in),
                    _ => self.plain_user(user),
                };
                Identity { address: address.to_owned(), agent: agent.to_owned(), ..identity }
            }
        }
    }

    fn on_call(&self) -> Identity {
        let users = self.cast.users.iter();
        let number = users.zip(0..).find(|(user, _)| user.name == ON_CALL_USER).map_or(0, |(_, number)| number);
        let identity = self.session_of(self.cast.role(ADMINISTRATOR_ROLE), number, true);
        Identity { agent: BROWSERS[0].to_owned(), is_console: true, ..identity }
    }

    /// A console session that began with a guessed password.
    fn stolen_session(&self, user: &User, signed_in: i64) -> Identity {
        let mut key = Vec::new();
        Random::new(mix(signed_in as u64)).iam_id("ASIA", 9, &mut key);
        self.console_session(user, &key, signed_in, false)
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
        // The organization's own root may act as that of a member.
        let assumed = if random.percent(20) { r#","assumedRoot":"true""# } else { "" };
        json.extend_from_slice(format!(r#"","mfaAuthenticated":"{mfa}"}}{assumed}}}}}"#).as_bytes());
        let address = self.cast.addresses[0].clone();
        Identity { json, address, agent: BROWSERS[0].to_owned(), arn, is_service: false, is_console: true }
    }

    /// A user's long-lived key.
    fn user(&self, user: &User, random: &mut Random) -> Identity {
        if !user.is_person || random.percent(40) {
            return self.key_of(user);
        }
        let mut key = Vec::new();
        let started = self.session_key(user.name, 0, &mut key);
        self.console_session(user, &key, started, true)
    }

    /// A user's long-lived key, as it is always used.
    fn key_of(&self, user: &User) -> Identity {
        let agent = match user.is_person {
            true => command_line(self.service, self.event_name),
            false => PROGRAMS[user.name.len() % PROGRAMS.len()].to_owned(),
        };
        Identity { agent, ..self.plain_user(user) }
    }

    fn console_session(&self, user: &User, key: &[u8], started: i64, has_mfa: bool) -> Identity {
        let mut json = self.user_head(user, b"");
        json.extend_from_slice(br#","accessKeyId":""#);
        json.extend_from_slice(key);
        json.extend_from_slice(
            format!(r#"","userName":"{}","sessionContext":{{"attributes":{{"creationDate":""#, user.name).as_bytes(),
        );
        push_instant(started, &mut json);
        let (account, region) = (&self.cast.account, self.region);
        let mut session = Vec::new();
        Random::new(mix(started as u64)).uuid(&mut session);
        let session = String::from_utf8_lossy(&session);
        let tail = format!(
            r#"","mfaAuthenticated":"{has_mfa}"}},"signInSessionArn":"arn:aws:signin:{region}:{account}:session/{session}"}}}}"#
        );
        json.extend_from_slice(tail.as_bytes());
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

    fn sign_in(&self, user: &User, agent: &str) -> Identity {
        let tail = format!(r#","userName":"{}"}}"#, user.name);
        let json = self.user_head(user, tail.as_bytes());
        let agent = agent.to_owned();
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

    /// One of a role's sessions.
    fn session(&self, role: &Role, random: &mut Random) -> Identity {
        let number = random.below(SESSIONS_AT_ONCE);
        self.session_of(role, number, random.percent(60))
    }

    /// Session `number` of a role; a person has it in the console, or at the command line.
    fn session_of(&self, role: &Role, number: u32, is_in_console: bool) -> Identity {
        let Cast { account, instances, users, addresses, .. } = self.cast;
        let person = &users[number as usize];
        let (session, address, agent) = match role.kind {
            RoleKind::Person if is_in_console => {
                (person.name, &person.address, BROWSERS[number as usize % 3].to_owned())
            }
            RoleKind::Person => (person.name, &person.address, command_line(self.service, self.event_name)),
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
            r#"","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"{id}","arn":"arn:aws:iam::{account}:role/{name}","accountId":"{account}","userName":"{name}"}},"webIdFederationData":{},"attributes":{{"creationDate":""#,
            self.federation(role.kind, number)
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
            RoleKind::Machine if number == 2 => r#","sourceIdentity":"harbourline-ci"}}"#.to_owned(),
            RoleKind::Machine if number == 4 => r#"},"invokedByDelegate":{"accountId":"999988887777"}}"#.to_owned(),
            RoleKind::Machine => "}}".to_owned(),
            RoleKind::Service => format!(
                r#"}},"invokedBy":"autoscaling.amazonaws.com","inScopeOf":{{"sourceArn":"arn:aws:autoscaling:{region}:{account}:autoScalingGroup:d4f8c4e8-1011-40a4-8f0c-{number:012}:autoScalingGroupName/api-asg","sourceAccount":"{account}"}}}}"#
            ),
            RoleKind::Person => format!(
                r#"}},"onBehalfOf":{{"userId":"d4f8c4e8-1011-70a4-8f0c-{number:012}","identityStoreArn":"arn:aws:identitystore::{account}:identitystore/d-9067000000"}},"credentialId":"EXAMPLEVHULjJdTUdPJfofVa1sufHDoj7aYcOYcxFVllWR_Whr1fEXAMPLE"}}"#
            ),
            RoleKind::Function => format!(
                r#"}},"inScopeOf":{{"issuerType":"AWS::Lambda::Function","credentialsIssuedTo":"arn:aws:lambda:{region}:{account}:function:manifest-parser"}}}}"#
            ),
        }
    }

    /// Who vouched for a session: a cluster for some of its machines', nobody for others.
    fn federation(&self, kind: RoleKind, number: u32) -> String {
        if kind != RoleKind::Machine || number != 1 {
            return "{}".to_owned();
        }
        let provider = format!("oidc.eks.{}.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF", self.region);
        let account = &self.cast.account;
        format!(
            r#"{{"federatedProvider":"arn:aws:iam::{account}:oidc-provider/{provider}","attributes":{{"{provider}:aud":"sts.amazonaws.com","{provider}:sub":"system:serviceaccount:port:orders-api"}}}}"#
        )
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
}
