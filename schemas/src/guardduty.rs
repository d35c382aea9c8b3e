//! The `guardduty` table: findings of GuardDuty, every revision of each.
//!
//! Fields after the `Finding` of GuardDuty's API; an export has the same in S3. What responders filter on is copied out of
//! `resource` and `service`, which stand beside the copies byte for byte.

use crate::table::{
    Column, ENVELOPE, EXTRA, Kind, NULL_KEYS, Routing, SOURCE_ID, SOURCE_OBJECT, SOURCE_RECORD, Storage, Table,
};

/// Findings.
pub const GUARDDUTY: Table = Table {
    name: "guardduty",
    about: "One row per revision of a GuardDuty finding: an update delivers the same id again, with a later updated_at \
            and a higher count.",
    columns: COLUMNS,
    order: &["updated_at"],
    routing: Routing {
        accounts: &["aws_account_id"],
        region: Some("aws_region"),
        times: &["updated_at", "created_at"],
    },
};

const COLUMNS: &[Column] = &[
    Column::instant("updated_at", "updatedAt", "When this revision was made."),
    Column::instant("created_at", "createdAt", "When the finding was made."),
    Column::text("aws_account_id", "accountId", "The account that the finding is about."),
    Column::text("aws_region", "region", "Its region."),
    Column::text("aws_partition", "partition", "`aws`, `aws-cn` or `aws-us-gov`."),
    Column::id("id", "id", "The finding's id, the same in all its revisions."),
    Column::id("arn", "arn", "Its ARN."),
    Column::text("type", "type", "Its type, such as `Backdoor:EC2/C&CActivity.B!DNS`."),
    made("type_purpose", "What the threat is after: `Backdoor` in the example."),
    made("type_resource", "The kind of resource: `EC2` in the example."),
    made("type_family", "The threat's family: `C&CActivity` in the example."),
    made("type_detail", "How it was seen and by which artifact: `B!DNS` in the example."),
    Column::double("severity", "severity", "1 to 8.9, in attack sequences to 10."),
    Column::double("confidence", "confidence", "How sure GuardDuty is."),
    Column::text("schema_version", "schemaVersion", "Version of the finding's format."),
    Column::text("title", "title", "The finding in a line."),
    Column::text("description", "description", "The finding in a sentence or two."),
    Column::text("associated_attack_sequence_arn", "associatedAttackSequenceArn", "The sequence that it is a part of.")
        .needle(),
    // What it is about.
    Column::text("resource_type", "resource.resourceType", "Instance, AccessKey, S3Bucket and so on."),
    Column::first("resource_id", RESOURCE_IDS, "The resource, whatever its kind: its id, else its name or ARN.")
        .needle(),
    Column::first("resource_arn", RESOURCE_ARNS, "Its ARN, if the finding has it.").needle(),
    Column::text("instance_id", "resource.instanceDetails.instanceId", "The instance.").needle(),
    Column::text("instance_type", "resource.instanceDetails.instanceType", "Its type."),
    Column::text("image_id", "resource.instanceDetails.imageId", "Its image.").needle(),
    Column::first("instance_profile_arn", PROFILES, "ARN of its instance profile.").needle(),
    Column::first("network_interface_id", NETWORK_INTERFACES, "Its first network interface.").needle(),
    Column::first("private_ip", &["resource.instanceDetails.networkInterfaces[].privateIpAddress"], "Its address.")
        .needle(),
    Column::first("public_ip", &["resource.instanceDetails.networkInterfaces[].publicIp"], "Its public address.")
        .needle(),
    Column::first("vpc_id", VPCS, "The resource's VPC.").needle(),
    Column::first("subnet_id", SUBNETS, "Its subnet.").needle(),
    Column::first("security_group_id", SECURITY_GROUPS, "Its first security group.").needle(),
    Column::text("access_key_id", "resource.accessKeyDetails.accessKeyId", "The access key.").needle(),
    Column::text("principal_id", "resource.accessKeyDetails.principalId", "The principal's unique id.").needle(),
    Column::text("user_type", "resource.accessKeyDetails.userType", "Root, IAMUser, AssumedRole and so on."),
    Column::text("user_name", "resource.accessKeyDetails.userName", "The user or role.").needle(),
    Column::first(
        "role",
        ROLES,
        "The role of the Lambda function, or the issuer of the session of an attack's first actor.",
    )
    .needle(),
    Column::first("bucket_name", &["resource.s3BucketDetails[].name"], "The first bucket.").needle(),
    Column::text("eks_cluster_name", "resource.eksClusterDetails.name", "The EKS cluster."),
    Column::text("ecs_cluster_name", "resource.ecsClusterDetails.name", "The ECS cluster."),
    Column::first("container_id", CONTAINERS, "The first container.").needle(),
    Column::first("container_image", IMAGES, "Its image."),
    Column::text("function_name", "resource.lambdaDetails.functionName", "The Lambda function."),
    Column::text("db_instance_id", "resource.rdsDbInstanceDetails.dbInstanceIdentifier", "The database instance."),
    Column::text("db_user", "resource.rdsDbUserDetails.user", "The database's user."),
    Column::first(
        "kubernetes_user",
        &["resource.kubernetesDetails.kubernetesUserDetails.username"],
        "The user of the Kubernetes API.",
    ),
    Column::first(
        "kubernetes_workload",
        &["resource.kubernetesDetails.kubernetesWorkloadDetails.name"],
        "The Kubernetes workload.",
    ),
    Column::first("kubernetes_namespace", NAMESPACES, "Its namespace."),
    // What was done.
    Column::text("service_name", "service.serviceName", "`guardduty`."),
    Column::text("detector_id", "service.detectorId", "The detector."),
    Column::text("feature_name", "service.featureName", "The protection plan that found it."),
    Column::text("resource_role", "service.resourceRole", "`TARGET` when the resource is the victim, else `ACTOR`."),
    Column::instant("event_first_seen", "service.eventFirstSeen", "When it began."),
    Column::instant("event_last_seen", "service.eventLastSeen", "When it was seen last."),
    Column::int("event_count", "service.count", "How often it was seen, up to this revision."),
    Column::bool("archived", "service.archived", "Whether it was archived."),
    Column::first("is_sample", &["service.additionalInfo.sample"], "Whether it is a sample that somebody asked for.")
        .of(Kind::Bool, Storage::Fixed),
    Column::text(
        "action_type",
        "service.action.actionType",
        "AWS_API_CALL, DNS_REQUEST, NETWORK_CONNECTION and so on.",
    ),
    Column::text("api", "service.action.awsApiCallAction.api", "The API call."),
    Column::text("api_service_name", "service.action.awsApiCallAction.serviceName", "The service that was called."),
    Column::text("caller_type", "service.action.awsApiCallAction.callerType", "Who called, such as `Remote IP`."),
    Column::text("error_code", "service.action.awsApiCallAction.errorCode", "The call's error."),
    Column::first("user_agent", AGENTS, "The caller's agent."),
    Column::first("remote_ip", REMOTE_IPS, "The remote address.").needle(),
    Column::first("remote_country_code", REMOTE_COUNTRY_CODES, "Its country, as two letters."),
    Column::first("remote_country", REMOTE_COUNTRIES, "Its country's name."),
    Column::first("remote_city", REMOTE_CITIES, "Its city."),
    Column::first("remote_asn", REMOTE_ASNS, "Number of the network that it belongs to."),
    Column::first("remote_org", REMOTE_ORGS, "That network's owner."),
    Column::first("remote_account_id", REMOTE_ACCOUNTS, "The account that the call came from."),
    Column::first("remote_port", REMOTE_PORTS, "The remote port."),
    Column::first("local_port", LOCAL_PORTS, "The resource's port."),
    Column::first("connection_direction", DIRECTIONS, "`INBOUND`, `OUTBOUND` or `UNKNOWN`."),
    Column::first("protocol", &["service.action.*.protocol"], "The protocol of the connection or request."),
    Column::first("domain", DOMAINS, "The domain that was asked for.").needle(),
    Column::first("blocked", &["service.action.*.blocked"], "Whether the action was blocked.")
        .of(Kind::Bool, Storage::Fixed),
    Column::first("process_name", PROCESS_NAMES, "The process."),
    Column::first("process_path", PROCESS_PATHS, "Its program."),
    Column::first("process_sha256", PROCESS_HASHES, "SHA-256 of its program.").needle(),
    Column::first("threat_name", THREATS, "The threat, by the name that a list or a scan gives it."),
    Column::first("threat_list_name", THREAT_LISTS, "The list that names the threat."),
    Column::text("sequence_uid", "service.detection.sequence.uid", "The attack sequence.").needle(),
    Column::json("sequence", "service.detection.sequence", "The whole attack sequence."),
    Column::json("resource", "resource", "The whole resource object."),
    Column::json("service", "service", "The whole service object."),
    EXTRA,
    NULL_KEYS,
    made("key_case", "How keys are written: `camel` in exports and events, `pascal` as AWS CLI and boto3 print them."),
    ENVELOPE,
    SOURCE_OBJECT,
    SOURCE_ID,
    SOURCE_RECORD,
];

const fn made(name: &'static str, about: &'static str) -> Column {
    Column::made(name, Kind::Text, Storage::Coded, about)
}

const RESOURCE_IDS: &[&str] = &[
    "resource.instanceDetails.instanceId",
    "resource.accessKeyDetails.accessKeyId",
    "resource.s3BucketDetails[].name",
    "resource.eksClusterDetails.name",
    "resource.ecsClusterDetails.taskDetails.arn",
    "resource.ecsClusterDetails.name",
    "resource.containerDetails.id",
    "resource.lambdaDetails.functionName",
    "resource.rdsDbInstanceDetails.dbInstanceIdentifier",
    "resource.rdsLimitlessDbDetails.dbShardGroupIdentifier",
    "resource.ebsVolumeDetails.scannedVolumeDetails[].volumeArn",
    "resource.ebsSnapshotDetails.snapshotArn",
    "resource.ec2ImageDetails.imageArn",
    "resource.recoveryPointDetails.recoveryPointArn",
    "service.detection.sequence.resources[].uid",
];

const RESOURCE_ARNS: &[&str] = &[
    "resource.s3BucketDetails[].arn",
    "resource.eksClusterDetails.arn",
    "resource.ecsClusterDetails.taskDetails.arn",
    "resource.ecsClusterDetails.arn",
    "resource.lambdaDetails.functionArn",
    "resource.rdsDbInstanceDetails.dbInstanceArn",
    "resource.rdsLimitlessDbDetails.dbShardGroupArn",
    "resource.ebsVolumeDetails.scannedVolumeDetails[].volumeArn",
    "resource.ebsSnapshotDetails.snapshotArn",
    "resource.ec2ImageDetails.imageArn",
    "resource.recoveryPointDetails.recoveryPointArn",
];

const PROFILES: &[&str] = &[
    "resource.instanceDetails.iamInstanceProfile.arn",
    "service.detection.sequence.resources[].data.ec2Instance.IamInstanceProfile.arn",
];

const NETWORK_INTERFACES: &[&str] = &["resource.instanceDetails.networkInterfaces[].networkInterfaceId"];

const VPCS: &[&str] = &[
    "resource.instanceDetails.networkInterfaces[].vpcId",
    "resource.eksClusterDetails.vpcId",
    "resource.lambdaDetails.vpcConfig.vpcId",
];

const SUBNETS: &[&str] =
    &["resource.instanceDetails.networkInterfaces[].subnetId", "resource.lambdaDetails.vpcConfig.subnetIds[]"];

const SECURITY_GROUPS: &[&str] = &[
    "resource.instanceDetails.networkInterfaces[].securityGroups[].groupId",
    "resource.lambdaDetails.vpcConfig.securityGroups[].groupId",
];

const ROLES: &[&str] = &["resource.lambdaDetails.role", "service.detection.sequence.actors[].session.issuer"];

const CONTAINERS: &[&str] = &[
    "resource.containerDetails.id",
    "resource.kubernetesDetails.kubernetesWorkloadDetails.containers[].id",
    "resource.ecsClusterDetails.taskDetails.containers[].id",
];

const IMAGES: &[&str] = &[
    "resource.containerDetails.image",
    "resource.kubernetesDetails.kubernetesWorkloadDetails.containers[].image",
    "resource.ecsClusterDetails.taskDetails.containers[].image",
];

const NAMESPACES: &[&str] = &[
    "resource.kubernetesDetails.kubernetesWorkloadDetails.namespace",
    "service.action.kubernetesApiCallAction.namespace",
];

const AGENTS: &[&str] = &["service.action.*.userAgent"];

const REMOTE_IPS: &[&str] = &[
    "service.action.*.remoteIpDetails.ipAddressV4",
    "service.action.*.remoteIpDetails.ipAddressV6",
    "service.action.portProbeAction.portProbeDetails[].remoteIpDetails.ipAddressV4",
    "service.action.portProbeAction.portProbeDetails[].remoteIpDetails.ipAddressV6",
    "service.detection.sequence.endpoints[].ip",
];

const REMOTE_COUNTRY_CODES: &[&str] = &[
    "service.action.*.remoteIpDetails.country.countryCode",
    "service.action.portProbeAction.portProbeDetails[].remoteIpDetails.country.countryCode",
];

const REMOTE_COUNTRIES: &[&str] = &[
    "service.action.*.remoteIpDetails.country.countryName",
    "service.action.portProbeAction.portProbeDetails[].remoteIpDetails.country.countryName",
    "service.detection.sequence.endpoints[].location.country",
];

const REMOTE_CITIES: &[&str] = &[
    "service.action.*.remoteIpDetails.city.cityName",
    "service.action.portProbeAction.portProbeDetails[].remoteIpDetails.city.cityName",
    "service.detection.sequence.endpoints[].location.city",
];

const REMOTE_ASNS: &[&str] = &[
    "service.action.*.remoteIpDetails.organization.asn",
    "service.action.portProbeAction.portProbeDetails[].remoteIpDetails.organization.asn",
    "service.detection.sequence.endpoints[].autonomousSystem.number",
];

const REMOTE_ORGS: &[&str] = &[
    "service.action.*.remoteIpDetails.organization.org",
    "service.action.portProbeAction.portProbeDetails[].remoteIpDetails.organization.org",
    "service.detection.sequence.endpoints[].autonomousSystem.name",
];

const REMOTE_ACCOUNTS: &[&str] = &["service.action.awsApiCallAction.remoteAccountDetails.accountId"];

const REMOTE_PORTS: &[&str] =
    &["service.action.networkConnectionAction.remotePortDetails.port", "service.detection.sequence.endpoints[].port"];

const LOCAL_PORTS: &[&str] = &[
    "service.action.networkConnectionAction.localPortDetails.port",
    "service.action.portProbeAction.portProbeDetails[].localPortDetails.port",
];

const DIRECTIONS: &[&str] = &[
    "service.action.networkConnectionAction.connectionDirection",
    "service.detection.sequence.endpoints[].connection.direction",
];

const DOMAINS: &[&str] = &[
    "service.action.dnsRequestAction.domain",
    "service.action.awsApiCallAction.domainDetails.domain",
    "service.detection.sequence.endpoints[].domain",
];

const PROCESS_NAMES: &[&str] =
    &["service.runtimeDetails.process.name", "service.detection.sequence.actors[].process.name"];

const PROCESS_PATHS: &[&str] =
    &["service.runtimeDetails.process.executablePath", "service.detection.sequence.actors[].process.path"];

const PROCESS_HASHES: &[&str] =
    &["service.runtimeDetails.process.executableSha256", "service.detection.sequence.actors[].process.sha256"];

const THREATS: &[&str] = &[
    "service.evidence.threatIntelligenceDetails[].threatNames[]",
    "service.malwareScanDetails.threats[].name",
    "service.ebsVolumeScanDetails.scanDetections.threatDetectedByName.threatNames[].name",
    "service.additionalInfo.threatName",
];

const THREAT_LISTS: &[&str] =
    &["service.evidence.threatIntelligenceDetails[].threatListName", "service.additionalInfo.threatListName"];
