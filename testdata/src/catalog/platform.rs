//! What else an account is made of: logs, metrics, stacks, queues, databases, names, models.

use super::Caller::{Machine, Person, Service, Session};
use super::Event;

const LOGS: &str = "20140328";

pub(super) const EVENTS: &[Event] = &[
    Event::write(170, "logs", "CreateLogStream").request(r#"{"logGroupName":"$group","logStreamName":"2026/03/[$LATEST]$hex32"}"#).version(LOGS).by(Session),
    Event::read(60, "logs", "DescribeLogStreams").request(r#"{"logGroupName":"$group","orderBy":"LastEventTime","descending":true,"limit":50}"#).version(LOGS),
    Event::read(30, "logs", "DescribeLogGroups").request(r#"{"limit":50}"#).version(LOGS),
    Event::read(16, "logs", "DescribeMetricFilters").request(r#"{"logGroupName":"$group"}"#).version(LOGS),
    Event::read(12, "logs", "StartQuery").request(r#"{"logGroupName":"$group","startTime":$unix,"endTime":$unix,"queryString":"fields @timestamp, @message\n| filter @message like /(?i)error/\n| sort @timestamp desc","limit":$count}"#).response(r#"{"queryId":"$uuid"}"#).version(LOGS).by(Person),
    Event::write(8, "logs", "CreateLogGroup").request(r#"{"logGroupName":"$group"}"#).version(LOGS),
    Event::write(3, "logs", "PutRetentionPolicy").request(r#"{"logGroupName":"$group","retentionInDays":$count}"#).version(LOGS),
    Event::read(60, "monitoring", "DescribeAlarms").request(r#"{"maxRecords":100,"alarmTypes":["MetricAlarm"]}"#),
    Event::read(30, "monitoring", "GetMetricData").request(r#"{"startTime":"$spoken","endTime":"$spoken","metricDataQueries":[{"id":"q1","returnData":true,"metricStat":{"stat":"Average","period":300,"metric":{"namespace":"AWS/EC2","metricName":"CPUUtilization","dimensions":[{"name":"InstanceId","value":"$instance"}]}}}]}"#),
    Event::write(5, "monitoring", "PutMetricAlarm").request(r#"{"alarmName":"$name-errors","comparisonOperator":"GreaterThanThreshold","evaluationPeriods":$small,"threshold":$small.5,"treatMissingData":"notBreaching","actionsEnabled":true,"alarmActions":["arn:aws:sns:$region:$account:oncall"]}"#),
    Event::read(40, "cloudformation", "DescribeStacks").request(r#"{"stackName":"$name"}"#),
    Event::read(14, "cloudformation", "DescribeStackEvents").request(r#"{"stackName":"arn:aws:cloudformation:$region:$account:stack/$name/$uuid"}"#),
    Event::write(2, "cloudformation", "CreateChangeSet").request(r#"{"stackName":"$name","changeSetName":"deploy-$unix","capabilities":["CAPABILITY_IAM"],"templateURL":"https://$bucket.s3.$region.amazonaws.com/$name.yaml","parameters":[{"parameterKey":"Stage","parameterValue":"prod"}]}"#).response(r#"{"id":"arn:aws:cloudformation:$region:$account:changeSet/deploy-$unix/$uuid","stackId":"arn:aws:cloudformation:$region:$account:stack/$name/$uuid"}"#),
    Event::read(40, "rds", "DescribeDBInstances").request(r#"{"dBInstanceIdentifier":"ledger-$small"}"#),
    Event::read(16, "rds", "DescribeDBClusters").request(r#"{"maxRecords":100}"#),
    Event::write(3, "rds", "CreateDBSnapshot").request(r#"{"dBInstanceIdentifier":"ledger","dBSnapshotIdentifier":"ledger-$unix"}"#).response(r#"{"dBSnapshotIdentifier":"ledger-$unix","dBInstanceIdentifier":"ledger","engine":"postgres","allocatedStorage":$count,"status":"creating","port":5432,"availabilityZone":"${region}b","encrypted":true,"kmsKeyId":"arn:aws:kms:$region:$account:key/$key","tagList":[],"percentProgress":0,"dBSnapshotArn":"arn:aws:rds:$region:$account:snapshot:ledger-$unix"}"#),
    Event::read(20, "sqs", "GetQueueAttributes").request(r#"{"queueUrl":"https://sqs.$region.amazonaws.com/$account/$name","attributeNames":["ApproximateNumberOfMessages"]}"#),
    Event::read(10, "sns", "ListTopics").version("2010-03-31"),
    Event::write(30, "sns", "Publish").request(r#"{"topicArn":"arn:aws:sns:$region:$account:oncall","subject":"HIDDEN_DUE_TO_SECURITY_REASONS","message":"HIDDEN_DUE_TO_SECURITY_REASONS"}"#).response(r#"{"messageId":"$uuid"}"#).resources(r#"[{"accountId":"$account","type":"AWS::SNS::Topic","ARN":"arn:aws:sns:$region:$account:oncall"}]"#).by(Service("cloudwatch")).data(),
    Event::read(20, "events", "DescribeRule").request(r#"{"name":"$name-every-5-minutes"}"#),
    Event::write(3, "events", "PutRule").request(r#"{"name":"$name","scheduleExpression":"rate(5 minutes)","state":"ENABLED"}"#).response(r#"{"ruleArn":"arn:aws:events:$region:$account:rule/$name"}"#),
    Event::read(20, "route53", "ListResourceRecordSets").request(r#"{"hostedZoneId":"Z0123456789EXAMPLE","maxItems":$count}"#),
    Event::write(6, "route53", "ChangeResourceRecordSets").request(r#"{"hostedZoneId":"Z0123456789EXAMPLE","changeBatch":{"changes":[{"action":"UPSERT","resourceRecordSet":{"name":"$name.example.com","type":"A","tTL":60,"resourceRecords":[{"value":"203.0.113.$small"}]}}]}}"#).response(r#"{"changeInfo":{"id":"/change/C0123456789EXAMPLE","status":"PENDING","submittedAt":"$spoken"}}"#).by(Machine),
    Event::read(14, "glue", "GetTable").request(r#"{"databaseName":"port","name":"$table"}"#).resources(r#"[{"accountId":"$account","type":"AWS::Glue::Table","ARN":"arn:aws:glue:$region:$account:table/port/$table"}]"#),
    Event::read(16, "athena", "GetQueryExecution").request(r#"{"queryExecutionId":"$uuid"}"#),
    Event::write(5, "athena", "StartQueryExecution").request(r#"{"queryString":"***OMITTED***","clientRequestToken":"$uuid","queryExecutionContext":{"database":"port"},"workGroup":"primary"}"#).response(r#"{"queryExecutionId":"$uuid"}"#),
    Event::read(10, "tagging", "GetResources").request(r#"{"resourcesPerPage":100,"tagFilters":[{"key":"team","values":["port"]}]}"#),
    Event::read(8, "health", "DescribeEventAggregates").request(r#"{"aggregateField":"eventTypeCategory","filter":{"eventStatusCodes":["open","upcoming"]}}"#).by(Person),
    Event::write(10, "bedrock", "InvokeModel").request(r#"{"modelId":"amazon.titan-embed-text-v2:0"}"#).additional(r#"{"inputTokens":$count,"outputTokens":$count}"#).by(Session),
    Event::read(4, "acm", "ListCertificates").request(r#"{"maxItems":$count,"includes":{"keyTypes":["RSA_2048","EC_prime256v1"]}}"#),
];
