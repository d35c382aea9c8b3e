//! `service.detection`: attack sequences, what custom detection rules saw, and anomalies.

use crate::guardduty::action::intruder;
use crate::guardduty::case::Case;
use crate::guardduty::json::{Json, list, object};
use crate::guardduty::types::Source;

/// A sequence: who did what to which resources. A rule has one signal, its own.
pub(crate) fn sequence(case: &mut Case<'_>) -> Json {
    let resources = resources(case);
    let uids: Vec<Json> = resources.iter().filter_map(|resource| resource.clone().get_mut("uid").cloned()).collect();
    let actor = actor(case);
    let actor_id = actor.clone().get_mut("id").cloned().unwrap_or(Json::Null);
    let names: Vec<&str> = match case.kind.signal {
        Some(signal) => vec![signal],
        None => vec!["Recon:IAMUser/MaliciousIPCaller", "GetCallerIdentity", "ListBuckets"],
    };
    let links = (Json::List(uids), list![actor_id], list!["endpoint-1"]);
    let signals = names.into_iter().map(|name| signal(case, name, &links)).collect();
    let what = case.kind.name.rsplit('/').next().unwrap_or_default();
    object! {
        "uid": case.id.clone(),
        "description": format!("A sequence of {what} was seen in account {}.", case.account()),
        "actors": list![actor],
        "resources": Json::List(resources),
        "endpoints": list![endpoint(case)],
        "signals": Json::List(signals),
        "sequenceIndicators": list![
            object! { "key": "ATTACK_TACTIC", "title": "MITRE ATT&CK tactic", "values": list!["Discovery", "Impact"] },
            object! { "key": "HIGH_RISK_API", "values": list!["s3:DeleteObject", "iam:CreateAccessKey"] },
        ],
        "additionalSequenceTypes": list![],
    }
}

fn actor(case: &mut Case<'_>) -> Json {
    let user = case.user();
    let session = case.moment_before(1);
    let mut actor = object! {
        "id": format!("actor-{}", case.hex(8)),
        "user": object! {
            "name": user.name,
            "uid": user.id.clone(),
            "type": "IAMUser",
            "credentialUid": user.key.clone(),
            "account": object! { "uid": case.account(), "account|Name": "house" },
        },
        "session": object! {
            "uid": case.uuid(),
            "mfaStatus": "DISABLED",
            "createdTime": Json::Moment(session),
            "issuer": format!("arn:aws:iam::{}:user/{}", case.account(), user.name),
        },
    };
    if case.is(":EKS/") || case.is(":ECS/") || case.is(":EC2/Compromised") {
        let sha = case.hex(64);
        actor.push("process", object! { "name": "xmrig", "path": "/tmp/xmrig", "sha256": sha });
    }
    actor
}

fn endpoint(case: &mut Case<'_>) -> Json {
    object! {
        "id": "endpoint-1",
        "ip": intruder(case),
        "domain": "guarddutyc2activityb.example.com",
        "port": 443_i64,
        "location": object! {
            "city": "Roubaix",
            "country": "France",
            "lat|Latitude": Json::Raw("50.6974".to_owned()),
            "lon|Longitude": Json::Raw("3.178".to_owned()),
        },
        "autonomousSystem": object! { "name": "EXAMPLE-HOSTING", "number": 64_500_i64 },
        "connection": object! { "direction": "INBOUND" },
    }
}

fn signal(case: &mut Case<'_>, name: &str, links: &(Json, Json, Json)) -> Json {
    let first = case.moment_before(1);
    let is_finding = name.contains('/');
    object! {
        "uid": case.uuid(),
        "type": if is_finding { "FINDING" } else { "CLOUD_TRAIL" },
        "name": name,
        "description": format!("{name} was seen."),
        "createdAt": Json::Moment(first),
        "updatedAt": Json::Moment(first + 900_000),
        "firstSeenAt": Json::Moment(first),
        "lastSeenAt": Json::Moment(first + 840_500),
        "severity": if is_finding { 5_i64 } else { 2 },
        "count": 1 + case.random.below(30),
        "resourceUids": links.0.clone(),
        "actorIds": links.1.clone(),
        "endpointIds": links.2.clone(),
        "signalIndicators": list![object! { "key": "SUSPICIOUS_NETWORK", "values": list!["AS64500"] }],
    }
}

/// The resources of a sequence, by what its type is about.
fn resources(case: &mut Case<'_>) -> Vec<Json> {
    let instance = |case: &mut Case<'_>| list![case.arn("ec2", &format!("instance/{}", case.instance()))];
    let key = case.user().key.clone();
    let mut found = vec![access_key(case, &key)];
    if case.is(":S3/") {
        let name = case.bucket();
        found.push(bucket(case, &name));
        let data =
            object! { "s3Object": object! { "eTag": case.hex(32), "key": "orders/1.json", "versionId": "null" } };
        found.push(of(case, &format!("arn:aws:s3:::{name}/orders/1.json"), "S3_OBJECT", "s3", data));
    }
    if case.is(":EC2/") || case.is(":EKS/") {
        found.push(machine(case));
        let data = object! { "ec2Vpc": object! { "ec2InstanceUids": instance(case) } };
        let uid = case.arn("ec2", &format!("vpc/{}", case.machine.vpc()));
        found.push(of(case, &uid, "EC2_VPC", "ec2", data));
        let data = object! { "iamInstanceProfile": object! { "ec2InstanceUids": instance(case) } };
        let uid = format!("arn:aws:iam::{}:instance-profile/orders-api", case.account());
        found.push(of(case, &uid, "IAM_INSTANCE_PROFILE", "iam", data));
    }
    if case.is("InstanceGroup") {
        groups(case, &mut found);
    }
    if case.is(":EKS/") {
        let cluster = object! {
            "arn": case.arn("eks", "cluster/port"),
            "createdAt": Json::Moment(case.moment_before(300)),
            "status": "ACTIVE",
            "vpcId": case.machine.vpc().to_string(),
            "ec2InstanceUids": instance(case),
        };
        let uid = case.arn("eks", "cluster/port");
        found.push(of(case, &uid, "EKS_CLUSTER", "eks", object! { "eksCluster": cluster }));
        let workload = object! {
            "containerUids": list!["container-1"],
            "namespace": "default",
            "type|KubernetesResourcesTypes": "DEPLOYMENTS",
        };
        found.push(of(case, "default/web", "KUBERNETES_WORKLOAD", "eks", object! { "kubernetesWorkload": workload }));
    }
    if case.is(":ECS/") {
        let cluster = object! { "status": "ACTIVE", "ec2InstanceUids": list![] };
        let uid = case.arn("ecs", "cluster/orders");
        found.push(of(case, &uid, "ECS_CLUSTER", "ecs", object! { "ecsCluster": cluster }));
        let uid = case.arn("ecs", "task/orders/1");
        let task = object! {
            "createdAt": Json::Moment(case.moment_before(5)),
            "taskDefinitionArn": case.arn("ecs", "task-definition/orders-api:76"),
            "launchType": "FARGATE",
            "containerUids": list!["container-1"],
        };
        found.push(of(case, &uid, "ECS_TASK", "ecs", object! { "ecsTask": task }));
        let data = object! { "container": object! { "image": "orders-api:1.9.3", "imageUid": case.hex(64) } };
        found.push(of(case, "container-1", "CONTAINER", "ecs", data));
    }
    found
}

/// What the instances of a group have in common, and the interface of one.
fn groups(case: &mut Case<'_>, found: &mut Vec<Json>) {
    const GROUPS: [(&str, &str, &str); 4] = [
        ("autoscalingAutoScalingGroup", "AUTOSCALING_AUTO_SCALING_GROUP", "autoscaling"),
        ("cloudformationStack", "CLOUDFORMATION_STACK", "cloudformation"),
        ("ec2Image", "EC2_IMAGE", "ec2"),
        ("ec2LaunchTemplate", "EC2_LAUNCH_TEMPLATE", "ec2"),
    ];
    for (key, resource_type, service) in GROUPS {
        let instance = case.arn("ec2", &format!("instance/{}", case.instance()));
        let data = Json::Object(vec![(key, object! { "ec2InstanceUids": list![instance] })]);
        let uid = case.arn(service, "web-2");
        found.push(of(case, &uid, resource_type, service, data));
    }
    let machine = case.machine;
    let address =
        object! { "privateDnsName": "ip-10-0-0-4.ec2.internal", "privateIpAddress": machine.address().to_string() };
    let interface = object! {
        "ipv6Addresses": list![machine.address_v6().to_string()],
        "privateIpAddresses": list![address],
        "publicIp": machine.public_address().map_or_else(String::new, |public| public.to_string()),
        "securityGroups": list![object! { "groupName": "web-tier", "groupId": "sg-0123456789abcdef0" }],
        "subNetId": machine.subnet().to_string(),
        "vpcId": machine.vpc().to_string(),
    };
    let uid = case.arn("ec2", &format!("network-interface/{}", machine.id()));
    found.push(of(case, &uid, "EC2_NETWORK_INTERFACE", "ec2", object! { "ec2NetworkInterface": interface }));
}

/// One resource of a sequence.
fn of(case: &mut Case<'_>, uid: &str, resource_type: &str, service: &str, data: Json) -> Json {
    object! {
        "uid": uid,
        "name": uid.rsplit(['/', ':']).next().unwrap_or_default(),
        "accountId": case.account(),
        "resourceType": resource_type,
        "region": case.region,
        "service": service,
        "cloudPartition": "aws",
        "tags": case.tags(),
        "data": data,
    }
}

fn access_key(case: &mut Case<'_>, key: &str) -> Json {
    let user = case.user();
    let data = object! { "principalId": user.id.clone(), "userName": user.name, "userType": "IAMUser" };
    of(case, key, "ACCESS_KEY", "iam", object! { "accessKey": data })
}

fn bucket(case: &mut Case<'_>, name: &str) -> Json {
    let access = object! {
        "publicAclAccess": "BLOCKED",
        "publicPolicyAccess": "BLOCKED",
        "publicAclIgnoreBehavior": "IGNORED",
        "publicBucketRestrictBehavior": "RESTRICTED",
    };
    let data = object! {
        "ownerId": case.hex(64),
        "createdAt": Json::Moment(case.moment_before(700)),
        "encryptionType": "AES256",
        "effectivePermission": "NOT_PUBLIC",
        "publicReadAccess": "BLOCKED",
        "publicWriteAccess": "BLOCKED",
        "accountPublicAccess": access.clone(),
        "bucketPublicAccess": access,
        "s3ObjectUids": list![format!("arn:aws:s3:::{name}/orders/1.json")],
    };
    of(case, &format!("arn:aws:s3:::{name}"), "S3_BUCKET", "s3", object! { "s3Bucket": data })
}

fn machine(case: &mut Case<'_>) -> Json {
    let data = object! {
        "availabilityZone": format!("{}a", case.region),
        "imageDescription": "Amazon Linux 2023",
        "instanceState": "running",
        "IamInstanceProfile": object! {
            "arn": format!("arn:aws:iam::{}:instance-profile/orders-api", case.account()),
            "id": "AIPA0123456789EXAMPLE",
        },
        "instanceType": "m6i.large",
        "productCodes": list![
            object! { "productCodeId|Code": "abcd1234efgh5678", "productCodeType|ProductType": "marketplace" },
        ],
        "ec2NetworkInterfaceUids": list![case.machine.id().to_string()],
    };
    let uid = case.arn("ec2", &format!("instance/{}", case.instance()));
    of(case, &uid, "EC2_INSTANCE", "ec2", object! { "ec2Instance": data })
}

/// What is unusual for whom, of types of anomalous behaviour.
pub(crate) fn anomaly(case: &mut Case<'_>) -> Json {
    let seen = |subtype: &str, text: &str| {
        object! {
            "profileType": "FREQUENCY",
            "profileSubtype": subtype,
            "observations": object! { "text": list![text] },
        }
    };
    let api = case.pick(&["CreateAccessKey", "GetCallerIdentity", "RunInstances"]);
    let map = |key: &str, value: Json| Json::Map(vec![(key.to_owned(), value)]);
    let profiles = map("account", map("api", list![seen("FREQUENT", "DescribeInstances"), seen("RARE", api)]));
    let behavior = map("user identity", map("api", seen("UNSEEN", api)));
    object! { "profiles": profiles, "unusual": object! { "behavior": behavior } }
}

/// `service.detection`, where a case has one.
pub(crate) fn detection(case: &mut Case<'_>) -> Option<Json> {
    match case.kind.source {
        Source::Sequences | Source::Rules => Some(object! { "sequence": sequence(case) }),
        Source::Management if case.is("AnomalousBehavior") => Some(object! { "anomaly": anomaly(case) }),
        _ => None,
    }
}
