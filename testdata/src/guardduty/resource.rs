//! `resource`: what a finding is about.

use crate::guardduty::case::{Case, whole_instant};
use crate::guardduty::cluster::{container, ecs_cluster, eks_cluster, kubernetes};
use crate::guardduty::json::{Json, list, object};
use crate::guardduty::types::Source;

/// The resource of a case.
pub(crate) fn resource(case: &mut Case<'_>) -> Json {
    let mut resource = object! { "resourceType": case.resource_type() };
    match case.resource_type() {
        "AccessKey" => {
            resource.push("accessKeyDetails", access_key(case));
            if case.kind.source == Source::Models {
                models(case, &mut resource);
            } else if case.is("InstanceCredentialExfiltration") {
                resource.push("instanceDetails", instance(case));
            }
        }
        "Instance" => resource.push("instanceDetails", instance(case)),
        "S3Bucket" => {
            resource.push("accessKeyDetails", access_key(case));
            resource.push("s3BucketDetails", list![bucket(case)]);
        }
        "S3Object" => resource.push("s3BucketDetails", list![bucket(case)]),
        "EKSCluster" => {
            resource.push("eksClusterDetails", eks_cluster(case));
            resource.push("kubernetesDetails", kubernetes(case));
            if case.kind.source == Source::Runtime {
                resource.push("instanceDetails", instance(case));
            }
        }
        "ECSCluster" => resource.push("ecsClusterDetails", ecs_cluster(case)),
        "Container" => {
            resource.push("containerDetails", container(case));
            resource.push("instanceDetails", instance(case));
        }
        "Lambda" => resource.push("lambdaDetails", function(case)),
        "RDSDBInstance" | "RDSLimitlessDB" => database(case, &mut resource),
        "AttackSequence" => {}
        _ => backup(case, &mut resource),
    }
    if case.kind.source == Source::Volumes {
        resource.push("ebsVolumeDetails", volumes(case));
    }
    resource
}

/// Whose key was used: a user's, a role's session, or the root's.
fn access_key(case: &mut Case<'_>) -> Json {
    let account = case.account();
    let key = |key: &str| case.or_sample(key, "GeneratedFindingAccessKeyId");
    if case.is("Root") {
        return object! {
            "accessKeyId": key(""),
            "principalId": account,
            "userType": "Root",
            "userName": "Root",
        };
    }
    let is_role = case.is("CredentialExfiltration") || case.machine.number.is_multiple_of(3);
    if !is_role {
        let user = case.user();
        return object! {
            "accessKeyId": key(&user.key),
            "principalId": case.or_sample(&user.id, "GeneratedFindingPrincipalId"),
            "userType": "IAMUser",
            "userName": case.or_sample(user.name, "GeneratedFindingUserName"),
        };
    }
    let role = &case.cast.roles[case.machine.number as usize % case.cast.roles.len()];
    let session = case.instance();
    let mut key = Vec::new();
    case.random.iam_id("ASIA", 9, &mut key);
    object! {
        "accessKeyId": String::from_utf8_lossy(&key).into_owned(),
        "principalId": format!("{}:{session}", role.id),
        "userType": "AssumedRole",
        "userName": role.name,
    }
}

/// What only AI Protection tells of.
fn models(case: &mut Case<'_>, resource: &mut Json) {
    let arn = format!("arn:aws:bedrock:{}::foundation-model/anthropic.claude-3-haiku-20240307-v1:0", case.region);
    let model = object! { "modelArn": arn, "modelId": "anthropic.claude-3-haiku-20240307-v1:0" };
    resource.push("modelDetails", list![model]);
    let guardrail = case.arn("bedrock", "guardrail/a1b2c3d4e5f6");
    resource.push("bedrockGuardrailDetails", object! { "guardrailArn": guardrail, "guardrailVersion": "DRAFT" });
}

/// An instance with its interface.
pub(crate) fn instance(case: &mut Case<'_>) -> Json {
    let machine = case.machine;
    let launched = case.moment_before(90);
    let (instance_type, profile) = (case.pick(&["t3.micro", "m6i.large", "c7g.xlarge", "p4d.24xlarge"]), case.hex(10));
    let zone = (b'a' + machine.zone() as u8 - 1) as char;
    object! {
        "instanceId": case.instance(),
        "instanceType": instance_type,
        "launchTime": whole_instant(launched),
        "platform": Json::Null,
        "productCodes": list![],
        "iamInstanceProfile": object! {
            "arn": format!("arn:aws:iam::{}:instance-profile/orders-api", case.account()),
            "id": format!("AIPA{}EXAMPLE", profile.to_ascii_uppercase()),
        },
        "networkInterfaces": list![interface(case)],
        "outpostArn": Json::Null,
        "tags": case.tags(),
        "instanceState": "running",
        "availabilityZone": format!("{}{zone}", case.region),
        "imageId": format!("ami-0{:016x}", machine.subnet().1),
        "imageDescription": "Amazon Linux 2023 AMI 2023.8.20250707.0 x86_64 HVM kernel-6.1",
    }
}

fn interface(case: &Case<'_>) -> Json {
    let machine = case.machine;
    let address = machine.address().to_string();
    let private_name = format!("ip-{}.ec2.internal", address.replace('.', "-"));
    let v6 = if machine.number.is_multiple_of(4) { list![machine.address_v6().to_string()] } else { list![] };
    let mut interface = object! {
        "networkInterfaceId": machine.id().to_string(),
        "ipv6Addresses": v6,
        "privateDnsName": private_name.clone(),
        "privateIpAddress": address.clone(),
        "privateIpAddresses": list![object! { "privateDnsName": private_name, "privateIpAddress": address }],
        "subnetId": machine.subnet().to_string(),
        "vpcId": machine.vpc().to_string(),
        "securityGroups": security_groups(case),
    };
    if let Some(public) = machine.public_address() {
        let name = format!("ec2-{}.compute-1.amazonaws.com", public.to_string().replace('.', "-"));
        interface.push("publicDnsName", name);
        interface.push("publicIp", public.to_string());
    }
    interface
}

fn security_groups(case: &Case<'_>) -> Json {
    let group = case.network.id("sg-", u64::from(case.machine.number % 12));
    list![object! { "groupName": "web-tier", "groupId": group.to_string() }]
}

/// A bucket; of malware, the object in it, too.
fn bucket(case: &mut Case<'_>) -> Json {
    let name = case.bucket();
    let (created, owner) = (case.moment_before(900), case.hex(64));
    let encryption = object! {
        "encryptionType": "SSEAlgorithm",
        "kmsMasterKeyArn": case.arn("kms", &format!("key/{}", case.cast.kms_keys[0])),
    };
    let mut bucket = object! {
        "arn": format!("arn:aws:s3:::{name}"),
        "name": name.clone(),
        "type": "Destination",
        "createdAt": Json::Moment(created),
        "owner": object! { "id": owner },
        "tags": case.tags(),
        "defaultServerSideEncryption": if case.machine.number.is_multiple_of(5) { Json::Null } else { encryption },
        "publicAccess": public_access(case.is("PublicAccessGranted") || case.is("AnonymousAccessGranted")),
    };
    if case.resource_type() == "S3Object" {
        let key = "partner-drop/2026/invoice.pdf.exe";
        let found = object! {
            "objectArn": format!("arn:aws:s3:::{name}/{key}"),
            "key": key,
            "eTag": case.hex(32),
            "hash": case.hex(64),
            "versionId": case.hex(32),
        };
        bucket.push("s3ObjectDetails", list![found]);
    }
    bucket
}

fn public_access(is_public: bool) -> Json {
    let blocked = |is_blocked: bool| {
        object! {
            "ignorePublicAcls": is_blocked,
            "restrictPublicBuckets": is_blocked,
            "blockPublicAcls": is_blocked,
            "blockPublicPolicy": is_blocked,
        }
    };
    let allowed = object! { "allowsPublicReadAccess": is_public, "allowsPublicWriteAccess": false };
    object! {
        "permissionConfiguration": object! {
            "bucketLevelPermissions": object! {
                "accessControlList": allowed.clone(),
                "bucketPolicy": allowed,
                "blockPublicAccess": blocked(!is_public),
            },
            "accountLevelPermissions": object! { "blockPublicAccess": blocked(!is_public) },
        },
        "effectivePermission": if is_public { "PUBLIC" } else { "NOT_PUBLIC" },
    }
}

fn function(case: &mut Case<'_>) -> Json {
    let name = case.pick(&["manifest-parser", "rates", "thumbnails", "webhook-in"]);
    let (changed, revision) = (case.moment_before(60), case.uuid());
    object! {
        "functionArn": case.arn("lambda", &format!("function:{name}")),
        "functionName": name,
        "description": "",
        "lastModifiedAt": Json::Moment(changed),
        "revisionId": revision,
        "functionVersion": "$LATEST",
        "role": format!("arn:aws:iam::{}:role/lambda-{name}", case.account()),
        "vpcConfig": object! {
            "subnetIds": list![case.machine.subnet().to_string()],
            "vpcId": case.machine.vpc().to_string(),
            "securityGroups": security_groups(case),
        },
        "tags": case.tags(),
    }
}

fn database(case: &mut Case<'_>, resource: &mut Json) {
    let (id, tags) = (case.hex(26).to_ascii_uppercase(), case.tags());
    if case.resource_type() == "RDSLimitlessDB" {
        let details = object! {
            "dbShardGroupIdentifier": "ledger-shards",
            "dbShardGroupResourceId": format!("shardgroup-{id}"),
            "dbShardGroupArn": case.arn("rds", "shard-group:ledger-shards"),
            "engine": "aurora-postgresql",
            "engineVersion": "16.4-limitless",
            "dbClusterIdentifier": "ledger",
            "tags": tags,
        };
        resource.push("rdsLimitlessDbDetails", details);
    } else {
        let details = object! {
            "dbInstanceIdentifier": "ledger-1",
            "engine": "Aurora PostgreSQL",
            "engineVersion": "16.6",
            "dbClusterIdentifier": "ledger",
            "dbInstanceArn": case.arn("rds", "db:ledger-1"),
            "dbiResourceId": format!("db-{id}"),
            "tags": tags,
        };
        resource.push("rdsDbInstanceDetails", details);
    }
    let user = case.pick(&["ledger_app", "postgres", "reporting"]);
    let details = object! {
        "user": user,
        "application": "psql",
        "database": "ledger",
        "ssl": "TLSv1.3",
        "authMethod": "Password",
    };
    resource.push("rdsDbUserDetails", details);
}

fn volumes(case: &mut Case<'_>) -> Json {
    let (volume, snapshot) = (case.hex(16), case.hex(16));
    let scanned = object! {
        "volumeArn": case.arn("ec2", &format!("volume/vol-0{volume}")),
        "volumeType": "gp3",
        "deviceName": "/dev/xvda",
        "volumeSizeInGB": 8_i64,
        "encryptionType": "UNENCRYPTED",
        "snapshotArn": case.arn("ec2", &format!("snapshot/snap-0{snapshot}")),
        "kmsKeyArn": Json::Null,
    };
    object! { "scannedVolumeDetails": list![scanned], "skippedVolumeDetails": Json::Null }
}

/// A copy in which malware was found.
fn backup(case: &mut Case<'_>, resource: &mut Json) {
    let (id, point) = (case.hex(16), case.uuid());
    match case.resource_type() {
        "EBSSnapshot" => {
            let arn = case.arn("ec2", &format!("snapshot/snap-0{id}"));
            resource.push("ebsSnapshotDetails", object! { "snapshotArn": arn });
        }
        "EC2Image" => {
            let arn = case.arn("ec2", &format!("image/ami-0{id}"));
            resource.push("ec2ImageDetails", object! { "imageArn": arn });
        }
        _ => {
            let arn = case.arn("backup", &format!("recovery-point:{point}"));
            resource.push("recoveryPointDetails", object! { "recoveryPointArn": arn, "backupVaultName": "Default" });
        }
    }
}
