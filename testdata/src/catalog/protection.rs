//! Keys, secrets and what watches the account: KMS, Secrets Manager, Systems Manager, CloudTrail, GuardDuty, Config.

use super::Caller::{Machine, Person, Service, Session};
use super::Event;

const KEY_RESOURCES: &str =
    r#"[{"accountId":"$account","type":"AWS::KMS::Key","ARN":"arn:aws:kms:$region:$account:key/$key"}]"#;
const TRAIL: &str = r#"{"name":"arn:aws:cloudtrail:us-east-1:$account:trail/harbourline-audit"}"#;
const SSM: &str = "2014-11-06";

pub(super) const EVENTS: &[Event] = &[
    Event::read(1000, "kms", "Decrypt")
        .request(r#"{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::$bucket/$object"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#)
        .resources(KEY_RESOURCES),
    Event::read(620, "kms", "GenerateDataKey")
        .request(r#"{"keyId":"arn:aws:kms:$region:$account:key/$key","keySpec":"AES_256","encryptionContext":{"aws:cloudtrail:arn":"arn:aws:cloudtrail:us-east-1:$account:trail/harbourline-audit","aws:s3:arn":"arn:aws:s3:::$bucket/AWSLogs/$account/CloudTrail/$region/$object"}}"#)
        .resources(KEY_RESOURCES)
        .by(Service("cloudtrail")),
    Event::read(30, "kms", "GenerateDataKeyWithoutPlaintext")
        .request(r#"{"keySpec":"AES_256","keyId":"arn:aws:kms:$region:$account:key/$key","encryptionContext":{"aws:ebs:id":"vol-$resource"}}"#)
        .resources(KEY_RESOURCES)
        .by(Session),
    Event::read(40, "kms", "Encrypt")
        .request(r#"{"keyId":"alias/app-secrets","encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"PARAMETER_ARN":"arn:aws:ssm:$region:$account:parameter$parameter"}}"#)
        .resources(KEY_RESOURCES),
    Event::read(60, "kms", "DescribeKey").request(r#"{"keyId":"arn:aws:kms:$region:$account:key/$key"}"#).resources(KEY_RESOURCES),
    Event::read(20, "kms", "ListAliases").request(r#"{"limit":$count}"#),
    Event::write(16, "kms", "CreateGrant")
        .request(r#"{"keyId":"arn:aws:kms:$region:$account:key/$key","granteePrincipal":"ec2.$region.amazonaws.com","operations":["Decrypt","Encrypt","GenerateDataKeyWithoutPlaintext"],"constraints":{"encryptionContextSubset":{"aws:ebs:id":"vol-$resource"}}}"#)
        .response(r#"{"grantId":"$digest","keyId":"arn:aws:kms:$region:$account:key/$key"}"#)
        .resources(KEY_RESOURCES),
    Event::write(2, "kms", "RotateKey").details(r#"{"keyId":"$key","keyOrigin":"AWS_KMS","rotationType":"AUTOMATIC"}"#).resources(KEY_RESOURCES),
    Event::write(0, "kms", "ScheduleKeyDeletion")
        .request(r#"{"keyId":"arn:aws:kms:$region:$account:key/$key","pendingWindowInDays":7}"#)
        .response(r#"{"keyId":"arn:aws:kms:$region:$account:key/$key","keyState":"PendingDeletion","pendingWindowInDays":7,"deletionDate":"$spoken"}"#)
        .resources(KEY_RESOURCES),
    Event::read(110, "secretsmanager", "GetSecretValue")
        .request(r#"{"secretId":"arn:aws:secretsmanager:$region:$account:secret:$secret-q7Jx2A","versionStage":"AWSCURRENT"}"#)
        .by(Session),
    Event::read(24, "secretsmanager", "DescribeSecret").request(r#"{"secretId":"$secret"}"#),
    Event::read(4, "secretsmanager", "ListSecrets").request(r#"{"maxResults":100,"includePlannedDeletion":false}"#),
    Event::write(2, "secretsmanager", "RotateSecret")
        .request(r#"{"secretId":"$secret","clientRequestToken":"$uuid","rotateImmediately":true}"#)
        .response(r#"{"arn":"arn:aws:secretsmanager:$region:$account:secret:$secret-q7Jx2A"}"#),
    Event::read(110, "ssm", "GetParameter").request(r#"{"name":"$parameter","withDecryption":true}"#).version(SSM),
    Event::read(50, "ssm", "GetParametersByPath")
        .request(r#"{"path":"/prod/orders","recursive":true,"withDecryption":$bool,"maxResults":10}"#)
        .version(SSM),
    Event::write(200, "ssm", "UpdateInstanceInformation")
        .request(r#"{"instanceId":"$instance","agentVersion":"3.3.1957.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"10.20.$small.$small$small","computerName":"ip-10-20-$small-$small.$region.compute.internal","agentName":"amazon-ssm-agent","availabilityZone":"${region}a","sSMConnectionChannel":"ssmmessages"}"#)
        .version(SSM)
        .by(Machine),
    Event::read(20, "ssm", "DescribeInstanceInformation").request(r#"{"maxResults":50}"#).version(SSM),
    Event::write(6, "ssm", "SendCommand")
        .request(r#"{"documentName":"AWS-RunShellScript","instanceIds":["$instance"],"parameters":"HIDDEN_DUE_TO_SECURITY_REASONS","timeoutSeconds":$seconds,"interactive":false}"#)
        .response(r#"{"command":{"commandId":"$uuid","documentName":"AWS-RunShellScript","instanceIds":["$instance"],"status":"Pending","requestedDateTime":"$spoken","expiresAfter":"$expiry","targetCount":1,"completedCount":0,"errorCount":0,"cloudWatchOutputConfig":{"cloudWatchLogGroupName":"","cloudWatchOutputEnabled":false}}}"#)
        .resources(r#"[{"accountId":"$account","ARN":"arn:aws:ec2:$region:$account:instance/$instance"}]"#)
        .version(SSM),
    Event::write(3, "ssm", "StartSession")
        .request(r#"{"target":"$instance"}"#)
        .response(r#"{"sessionId":"$session-$serial","tokenValue":"Value hidden due to security reasons.","streamUrl":"wss://ssmmessages.$region.amazonaws.com/v1/data-channel/$session-$serial?role=publish_subscribe"}"#)
        .version(SSM)
        .by(Person),
    Event::read(30, "cloudtrail", "DescribeTrails").request(r#"{"trailNameList":[],"includeShadowTrails":true}"#),
    Event::read(28, "cloudtrail", "GetTrailStatus").request(TRAIL),
    Event::read(16, "cloudtrail", "LookupEvents").request(r#"{"maxResults":50,"lookupAttributes":[{"attributeKey":"ReadOnly","attributeValue":"false"}]}"#).by(Person),
    Event::read(8, "cloudtrail", "GetEventSelectors").request(r#"{"trailName":"harbourline-audit"}"#),
    Event::write(0, "cloudtrail", "StopLogging").request(TRAIL),
    Event::write(0, "cloudtrail", "StartLogging").request(TRAIL),
    Event::read(14, "guardduty", "ListFindings").request(r#"{"detectorId":"$detector","maxResults":50,"findingCriteria":{"criterion":{"service.archived":{"equals":["false"]}}}}"#).version("2017-11-28"),
    Event::read(10, "guardduty", "GetDetector").request(r#"{"detectorId":"$detector"}"#).version("2017-11-28"),
    Event::write(0, "guardduty", "UpdateDetector").request(r#"{"detectorId":"$detector","enable":false}"#).version("2017-11-28"),
    Event::write(50, "config", "PutEvaluations")
        .request(r#"{"evaluations":[{"complianceResourceType":"AWS::EC2::Instance","complianceResourceId":"$instance","complianceType":"COMPLIANT","orderingTimestamp":"$spoken"}],"resultToken":"HIDDEN_DUE_TO_SECURITY_REASONS","testMode":false}"#)
        .response(r#"{"failedEvaluations":[]}"#)
        .by(Session),
    Event::read(12, "config", "DescribeConfigurationRecorders"),
    Event::read(12, "config", "DescribeConfigRules").request(r#"{"configRuleNames":["encrypted-volumes","s3-bucket-public-read-prohibited"]}"#),
    Event::read(6, "access-analyzer", "ListAnalyzers").request(r#"{"type":"ACCOUNT"}"#),
    Event::read(4, "inspector2", "ListFindings2").request(r#"{"filterCriteria":{"severity":[{"comparison":"EQUALS","value":"CRITICAL"}]},"maxResults":100}"#),
];
