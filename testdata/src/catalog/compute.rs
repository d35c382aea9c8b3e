//! Machines and what runs on them: EC2, Auto Scaling, load balancers, Lambda, ECS, EKS, ECR.

use super::Caller::{Machine, Person, Service, Session};
use super::Event;

const INSTANCES: &str = r#"{"instancesSet":{"items":[{"instanceId":"$instance"}]},"filterSet":{}}"#;
const BY_VPC: &str = r#"{"filterSet":{"items":[{"name":"vpc-id","valueSet":{"items":[{"value":"vpc-$resource"}]}}]}}"#;
const LAMBDA_RESOURCES: &str = r#"[{"accountId":"$account","type":"AWS::Lambda::Function","ARN":"arn:aws:lambda:$region:$account:function:$function"}]"#;

const fn describe(weight: u32, name: &'static str, request: &'static str) -> Event {
    Event::read(weight, "ec2", name).request(request)
}

pub(super) const EVENTS: &[Event] = &[
    describe(260, "DescribeInstances", INSTANCES),
    describe(90, "DescribeInstanceStatus", r#"{"instancesSet":{"items":[{"instanceId":"$instance"}]},"filterSet":{},"includeAllInstances":true}"#),
    describe(80, "DescribeTags", r#"{"filterSet":{"items":[{"name":"resource-id","valueSet":{"items":[{"value":"$instance"}]}}]}}"#),
    describe(80, "DescribeVolumes", r#"{"volumeSet":{"items":[{"volumeId":"vol-$resource"}]},"filterSet":{}}"#),
    describe(60, "DescribeNetworkInterfaces", r#"{"networkInterfaceIdSet":{},"filterSet":{"items":[{"name":"status","valueSet":{"items":[{"value":"in-use"}]}}]}}"#),
    describe(60, "DescribeSecurityGroups", r#"{"securityGroupSet":{},"securityGroupIdSet":{"items":[{"groupId":"sg-$resource"}]},"filterSet":{}}"#),
    describe(50, "DescribeSubnets", BY_VPC),
    describe(40, "DescribeVpcs", r#"{"vpcSet":{},"filterSet":{}}"#),
    describe(40, "DescribeRouteTables", BY_VPC),
    describe(30, "DescribeImages", r#"{"executableBySet":{},"imagesSet":{"items":[{"imageId":"ami-$ami"}]},"ownersSet":{},"filterSet":{}}"#),
    describe(26, "DescribeSnapshots", r#"{"maxResults":$count,"ownersSet":{"items":[{"owner":"self"}]},"snapshotSet":{},"sharedUsersSet":{},"filterSet":{}}"#),
    describe(26, "DescribeAvailabilityZones", r#"{"availabilityZoneSet":{},"availabilityZoneIdSet":{}}"#),
    describe(20, "DescribeAddresses", r#"{"publicIpsSet":{},"filterSet":{},"allocationIdsSet":{}}"#),
    describe(20, "DescribeRegions", r#"{"regionSet":{},"allRegions":true}"#),
    describe(18, "DescribeInstanceTypes", r#"{"DescribeInstanceTypesRequest":{"MaxResults":100,"InstanceType":{"tag":1,"content":"$instancetype"}}}"#),
    describe(16, "DescribeLaunchTemplateVersions", r#"{"DescribeLaunchTemplateVersionsRequest":{"LaunchTemplateId":"lt-$resource","LaunchTemplateVersion":{"tag":1,"content":"$small"}}}"#),
    describe(14, "DescribeVpcEndpoints", r#"{"DescribeVpcEndpointsRequest":{"Filter":{"tag":1,"Value":{"tag":1,"content":"vpc-$resource"},"Name":"vpc-id"}}}"#),
    describe(12, "DescribeNatGateways", r#"{"DescribeNatGatewaysRequest":""}"#),
    describe(12, "DescribeKeyPairs", r#"{"keySet":{},"filterSet":{},"keyPairIdSet":{}}"#),
    describe(10, "DescribeFlowLogs", r#"{"DescribeFlowLogsRequest":{"MaxResults":1000}}"#),
    Event::write(8, "ec2", "RunInstances")
        .request(r#"{"instancesSet":{"items":[{"imageId":"ami-$ami","minCount":1,"maxCount":1,"keyName":"$name"}]},"userData":"<sensitiveDataRemoved>","instanceType":"$instancetype","blockDeviceMapping":{"items":[{"deviceName":"/dev/xvda","ebs":{"volumeSize":$count,"deleteOnTermination":true,"volumeType":"gp3","encrypted":true}}]},"monitoring":{"enabled":false},"disableApiTermination":false,"clientToken":"$uuid","networkInterfaceSet":{"items":[{"deviceIndex":0,"subnetId":"subnet-$resource","associatePublicIpAddress":$bool,"groupSet":{"items":[{"groupId":"sg-$resource"}]}}]},"tagSpecificationSet":{"items":[{"resourceType":"instance","tags":[{"key":"Name","value":"$name"},{"key":"team","value":"port"}]}]}}"#)
        .response(r#"{"requestId":"$uuid","reservationId":"r-$serial","ownerId":"$account","groupSet":{},"instancesSet":{"items":[{"instanceId":"$instance","imageId":"ami-$ami","currentInstanceBootMode":"uefi","instanceState":{"code":0,"name":"pending"},"privateDnsName":"ip-10-20-$small-$small.$region.compute.internal","keyName":"$name","amiLaunchIndex":0,"productCodes":{},"instanceType":"$instancetype","launchTime":$millis,"placement":{"availabilityZone":"${region}a","tenancy":"default"},"monitoring":{"state":"disabled"},"subnetId":"subnet-$resource","vpcId":"vpc-$resource","privateIpAddress":"10.20.$small.$small","stateReason":{"code":"pending","message":"pending"},"architecture":"x86_64","rootDeviceType":"ebs","rootDeviceName":"/dev/xvda","blockDeviceMapping":{},"virtualizationType":"hvm","hypervisor":"xen","clientToken":"$uuid","groupSet":{"items":[{"groupId":"sg-$resource","groupName":"$name"}]},"sourceDestCheck":true,"ebsOptimized":false,"metadataOptions":{"state":"pending","httpTokens":"required","httpPutResponseHopLimit":2}}]}}"#),
    Event::write(6, "ec2", "TerminateInstances")
        .request(r#"{"instancesSet":{"items":[{"instanceId":"$instance"}]}}"#)
        .response(r#"{"requestId":"$uuid","instancesSet":{"items":[{"instanceId":"$instance","currentState":{"code":32,"name":"shutting-down"},"previousState":{"code":16,"name":"running"}}]}}"#)
        .by(Service("autoscaling")),
    Event::write(14, "ec2", "CreateTags").request(r#"{"resourcesSet":{"items":[{"resourceId":"$instance"}]},"tagSet":{"items":[{"key":"team","value":"port"},{"key":"Name","value":"$name"}]}}"#).response(r#"{"requestId":"$uuid","_return":true}"#),
    Event::write(10, "ec2", "CreateSnapshot")
        .request(r#"{"volumeId":"vol-$resource","description":"nightly $time"}"#)
        .response(r#"{"requestId":"$uuid","snapshotId":"snap-$serial","volumeId":"vol-$resource","status":"pending","startTime":$millis,"progress":"","ownerId":"$account","volumeSize":$count,"description":"nightly","encrypted":true}"#)
        .by(Session),
    Event::write(2, "ec2", "AuthorizeSecurityGroupIngress")
        .request(r#"{"groupId":"sg-$resource","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":$port,"toPort":$port,"groups":{},"ipRanges":{"items":[{"cidrIp":"192.0.2.0/24","description":"office"}]},"ipv6Ranges":{},"prefixListIds":{}}]}}"#)
        .response(r#"{"requestId":"$uuid","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"$account","groupId":"sg-$resource","securityGroupRuleId":"sgr-$serial","isEgress":false,"ipProtocol":"tcp","fromPort":$port,"toPort":$port,"cidrIpv4":"192.0.2.0/24"}]}}"#)
        .by(Person),
    Event::write(0, "ec2", "ModifySnapshotAttribute")
        .request(r#"{"snapshotId":"snap-$serial","createVolumePermission":{"add":{"items":[{"userId":"999999999999"}]}},"attributeType":"CREATE_VOLUME_PERMISSION"}"#)
        .response(r#"{"requestId":"$uuid","_return":true}"#),
    Event::write(0, "ec2", "DeleteFlowLogs").request(r#"{"DeleteFlowLogsRequest":{"FlowLogId":{"tag":1,"content":"fl-$serial"}}}"#).response(r#"{"DeleteFlowLogsResponse":{"xmlns":"http://ec2.amazonaws.com/doc/2016-11-15/","unsuccessful":"","requestId":"$uuid"}}"#),
    Event::write(4, "ec2", "BidEvictedEvent").details(r#"{"instanceIdSet":["$instance"]}"#),
    Event::read(50, "autoscaling", "DescribeAutoScalingGroups").request(r#"{"maxRecords":100,"autoScalingGroupNames":["$name-asg"]}"#),
    Event::read(14, "autoscaling", "DescribeScalingActivities").request(r#"{"autoScalingGroupName":"$name-asg","maxRecords":20}"#),
    Event::write(6, "autoscaling", "SetDesiredCapacity").request(r#"{"autoScalingGroupName":"$name-asg","desiredCapacity":$small,"honorCooldown":false}"#),
    Event::read(60, "elasticloadbalancing", "DescribeTargetHealth").request(r#"{"targetGroupArn":"arn:aws:elasticloadbalancing:$region:$account:targetgroup/$name/$resource"}"#).version("2015-12-01"),
    Event::read(50, "elasticloadbalancing", "DescribeLoadBalancers").request(r#"{"pageSize":100}"#).version("2015-12-01"),
    Event::write(10, "elasticloadbalancing", "RegisterTargets").request(r#"{"targetGroupArn":"arn:aws:elasticloadbalancing:$region:$account:targetgroup/$name/$resource","targets":[{"id":"$instance","port":$port}]}"#).version("2015-12-01"),
    Event::write(260, "lambda", "Invoke")
        .request(r#"{"functionName":"arn:aws:lambda:$region:$account:function:$function","invocationType":"Event","sourceArn":"arn:aws:s3:::$bucket"}"#)
        .additional(r#"{"customerEniId":"eni-$resource","functionVersion":"arn:aws:lambda:$region:$account:function:$function:$small"}"#)
        .resources(LAMBDA_RESOURCES)
        .version("2015-03-31")
        .by(Service("s3"))
        .data(),
    Event::read(50, "lambda", "ListFunctions20150331").request(r#"{"maxItems":$count,"functionVersion":"ALL"}"#).version("2015-03-31"),
    Event::read(40, "lambda", "GetFunction20150331v2").request(r#"{"functionName":"$function"}"#).version("2015-03-31"),
    Event::write(3, "lambda", "UpdateFunctionCode20150331v2")
        .request(r#"{"functionName":"$function","s3Bucket":"$bucket","s3Key":"lambda/$function.zip","publish":true,"dryRun":false}"#)
        .response(r#"{"functionName":"$function","functionArn":"arn:aws:lambda:$region:$account:function:$function","runtime":"provided.al2023","role":"arn:aws:iam::$account:role/$role","handler":"bootstrap","codeSize":$count,"description":"","timeout":30,"memorySize":512,"lastModified":"$time","codeSha256":"$base64=","version":"$small","environment":{},"tracingConfig":{"mode":"PassThrough"},"revisionId":"$uuid","state":"Active","lastUpdateStatus":"InProgress","packageType":"Zip","architectures":["arm64"],"ephemeralStorage":{"size":512},"snapStart":{"applyOn":"None","optimizationStatus":"Off"},"loggingConfig":{"logFormat":"JSON","logGroup":"/aws/lambda/$function"}}"#)
        .version("2015-03-31"),
    Event::write(1, "lambda", "AddPermission20150331v2")
        .request(r#"{"functionName":"$function","statementId":"$name","action":"lambda:InvokeFunction","principal":"s3.amazonaws.com","sourceArn":"arn:aws:s3:::$bucket"}"#)
        .response(r#"{"statement":"{\"Sid\":\"$name\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"s3.amazonaws.com\"},\"Action\":\"lambda:InvokeFunction\",\"Resource\":\"arn:aws:lambda:$region:$account:function:$function\"}"}"#)
        .version("2015-03-31"),
    Event::read(40, "ecs", "DescribeTasks").request(r#"{"tasks":["arn:aws:ecs:$region:$account:task/port/$hex32"],"cluster":"port"}"#),
    Event::write(30, "ecs", "SubmitTaskStateChange").request(r#"{"cluster":"port","task":"arn:aws:ecs:$region:$account:task/port/$hex32","status":"RUNNING"}"#).response(r#"{"acknowledgment":"ACCEPT"}"#).by(Machine),
    Event::read(20, "eks", "DescribeCluster").request(r#"{"name":"port"}"#),
    Event::read(40, "ecr", "GetAuthorizationToken").by(Machine),
    Event::read(40, "ecr", "BatchGetImage").request(r#"{"repositoryName":"port/$name","registryId":"$account","imageIds":[{"imageDigest":"sha256:$digest"}],"acceptedMediaTypes":["application/vnd.docker.distribution.manifest.v2+json","application/vnd.oci.image.manifest.v1+json"]}"#).resources(r#"[{"accountId":"$account","ARN":"arn:aws:ecr:$region:$account:repository/port/$name"}]"#),
];
