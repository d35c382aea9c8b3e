//! S3 and DynamoDB.

use super::Caller::{Machine, Outsider, Service, Session};
use super::Event;

const BUCKET: &str = r#"{"bucketName":"$bucket","Host":"$bucket.s3.$region.amazonaws.com"}"#;
const OBJECT: &str = r#"{"bucketName":"$bucket","Host":"$bucket.s3.$region.amazonaws.com","key":"$object"}"#;
const TRANSFER: &str = r#"{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"$id2=","bytesTransferredOut":$bytes}"#;
const UPLOAD: &str = r#"{"SignatureVersion":"SigV4","CipherSuite":"ECDHE-RSA-AES128-GCM-SHA256","bytesTransferredIn":$bytes,"SSEApplied":"SSE_KMS","AuthenticationMethod":"AuthHeader","x-amz-id-2":"$id2=","bytesTransferredOut":0}"#;
const OBJECT_RESOURCES: &str = r#"[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::$bucket/$object"},{"accountId":"$account","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::$bucket"}]"#;
const LIST_RESOURCES: &str = r#"[{"type":"AWS::S3::Object","ARNPrefix":"arn:aws:s3:::$bucket/"},{"accountId":"$account","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::$bucket"}]"#;
const BUCKET_RESOURCES: &str = r#"[{"accountId":"$account","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::$bucket"}]"#;
const TABLE_RESOURCES: &str = r#"[{"accountId":"$account","type":"AWS::DynamoDB::Table","ARN":"arn:aws:dynamodb:$region:$account:table/$table"}]"#;
const DYNAMO: &str = "2012-08-10";

const fn bucket_read(weight: u32, name: &'static str) -> Event {
    Event::read(weight, "s3", name).request(BUCKET).additional(TRANSFER).resources(BUCKET_RESOURCES)
}

pub(super) const EVENTS: &[Event] = &[
    Event::read(1350, "s3", "GetObject").request(OBJECT).additional(TRANSFER).resources(OBJECT_RESOURCES).data(),
    Event::read(310, "s3", "HeadObject").request(OBJECT).additional(TRANSFER).resources(OBJECT_RESOURCES).data(),
    Event::write(700, "s3", "PutObject")
        .request(r#"{"bucketName":"$bucket","Host":"$bucket.s3.$region.amazonaws.com","key":"$object","x-amz-server-side-encryption":"aws:kms","x-amz-storage-class":"STANDARD"}"#)
        .response(r#"{"x-amz-server-side-encryption":"aws:kms","x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:$region:$account:key/$key","x-amz-version-id":"$base64"}"#)
        .additional(UPLOAD)
        .resources(OBJECT_RESOURCES)
        .data(),
    Event::write(520, "s3", "PutObjectAcl")
        .request(r#"{"bucketName":"$bucket","Host":"$bucket.s3.$region.amazonaws.com","key":"$object","acl":"","x-amz-acl":"bucket-owner-full-control","x-amz-server-side-encryption":"AES256"}"#)
        .additional(UPLOAD)
        .resources(OBJECT_RESOURCES)
        .by(Service("delivery.logs"))
        .data(),
    Event::write(60, "s3", "DeleteObject").request(OBJECT).additional(TRANSFER).resources(OBJECT_RESOURCES).data(),
    Event::write(12, "s3", "DeleteObjects")
        .request(r#"{"bucketName":"$bucket","Host":"$bucket.s3.$region.amazonaws.com","delete":""}"#)
        .additional(UPLOAD)
        .resources(LIST_RESOURCES)
        .data(),
    Event::read(260, "s3", "ListObjects")
        .request(r#"{"list-type":"2","bucketName":"$bucket","encoding-type":"url","prefix":"","delimiter":"/","Host":"$bucket.s3.$region.amazonaws.com","continuation-token":"$base64$base64="}"#)
        .additional(TRANSFER)
        .resources(LIST_RESOURCES)
        .data(),
    Event::read(420, "s3", "GetBucketAcl")
        .request(r#"{"bucketName":"$bucket","Host":"$bucket.s3.$region.amazonaws.com","acl":""}"#)
        .additional(TRANSFER)
        .resources(BUCKET_RESOURCES)
        .by(Service("cloudtrail")),
    bucket_read(130, "HeadBucket").data(),
    bucket_read(60, "GetBucketLocation"),
    bucket_read(24, "GetBucketPolicy"),
    bucket_read(16, "GetBucketPublicAccessBlock"),
    bucket_read(16, "GetBucketVersioning"),
    bucket_read(14, "GetBucketEncryption"),
    Event::read(30, "s3", "ListBuckets")
        .request(r#"{"Host":"s3.$region.amazonaws.com"}"#)
        .additional(TRANSFER),
    Event::read(6, "s3", "GetObjectTagging").request(OBJECT).additional(TRANSFER).by(Outsider).data(),
    Event::write(1, "s3", "PutBucketPolicy")
        .request(r#"{"bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"AllowReader","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::$account:role/$role"},"Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::$bucket","arn:aws:s3:::$bucket/*"],"Condition":{"Bool":{"aws:SecureTransport":"true"}}}]},"bucketName":"$bucket","Host":"$bucket.s3.$region.amazonaws.com","policy":""}"#)
        .additional(UPLOAD)
        .resources(BUCKET_RESOURCES),
    Event::write(1, "s3", "PutBucketPublicAccessBlock")
        .request(r#"{"publicAccessBlock":"","bucketName":"$bucket","PublicAccessBlockConfiguration":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","RestrictPublicBuckets":$bool,"BlockPublicPolicy":$bool,"BlockPublicAcls":true,"IgnorePublicAcls":true},"Host":"$bucket.s3.$region.amazonaws.com"}"#)
        .additional(UPLOAD)
        .resources(BUCKET_RESOURCES),
    Event::write(20, "s3-outposts", "UploadPart")
        .request(r#"{"bucketName":"$bucket","Key":"$object","partNumber":$small,"uploadId":"$uuid"}"#)
        .additional(UPLOAD)
        .resources(r#"[{"accountId":"$account","type":"AWS::S3Outposts::Object","ARN":"arn:aws:s3-outposts:$region:$account:outpost/op-01ac5d28a6a232904/bucket/$bucket/object/$object"},{"accountId":"$account","type":"AWS::S3Outposts::Bucket","ARN":"arn:aws:s3-outposts:$region:$account:outpost/op-01ac5d28a6a232904/bucket/$bucket"}]"#)
        .by(Session)
        .data(),
    Event::read(150, "dynamodb", "GetItem")
        .request(r#"{"tableName":"$table","key":{"pk":"HIDDEN_DUE_TO_SECURITY_REASONS"},"consistentRead":$bool}"#)
        .resources(TABLE_RESOURCES)
        .version(DYNAMO)
        .by(Session)
        .data(),
    Event::write(90, "dynamodb", "PutItem")
        .request(r#"{"tableName":"$table","key":{"pk":"$uuid","sk":"v$small"},"items":["pk","sk","state","total","updatedAt"],"returnConsumedCapacity":"TOTAL","conditionExpression":"attribute_not_exists(pk)"}"#)
        .resources(TABLE_RESOURCES)
        .version(DYNAMO)
        .by(Session)
        .data(),
    Event::read(60, "dynamodb", "Query")
        .request(r#"{"tableName":"$table","keyConditionExpression":"pk = :pk and sk > :from","limit":$count,"scanIndexForward":$bool}"#)
        .resources(TABLE_RESOURCES)
        .version(DYNAMO)
        .by(Machine)
        .data(),
    Event::read(50, "dynamodb", "DescribeTable").request(r#"{"tableName":"$table"}"#).version(DYNAMO),
    Event::write(1, "dynamodb", "UpdateTable")
        .request(r#"{"tableName":"$table","provisionedThroughput":{"readCapacityUnits":$count,"writeCapacityUnits":$count}}"#)
        .response(r#"{"tableDescription":{"tableName":"$table","tableStatus":"UPDATING","tableArn":"arn:aws:dynamodb:$region:$account:table/$table","itemCount":$count,"tableSizeBytes":$bytes,"creationDateTime":"$spoken"}}"#)
        .version(DYNAMO),
];
