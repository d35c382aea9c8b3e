//! The `cloudtrail_digests` table: what CloudTrail says of the log files that it has delivered.
//!
//! Fields after AWS's "CloudTrail digest file structure".

use crate::table::{Column, EXTRA, Kind, NULL_KEYS, Routing, SOURCE_ID, SOURCE_OBJECT, SOURCE_RECORD, Storage, Table};

/// Digests, kept for verification.
pub const CLOUDTRAIL_DIGESTS: Table = Table {
    name: "cloudtrail_digests",
    about: "One row per CloudTrail digest: the log files of an hour with their hashes, chained to the digest before.",
    columns: COLUMNS,
    order: &["digest_end_time"],
    routing: Routing { accounts: &["aws_account_id"], region: None, times: &["digest_end_time"] },
};

const COLUMNS: &[Column] = &[
    Column::instant("digest_end_time", "digestEndTime", "Where the time that it covers ends."),
    Column::instant("digest_start_time", "digestStartTime", "Where it begins."),
    Column::text("aws_account_id", "awsAccountId", "The account of the logs."),
    Column::text("digest_s3_bucket", "digestS3Bucket", "The bucket that it was delivered to."),
    Column::id("digest_s3_object", "digestS3Object", "Its key there."),
    Column::text("digest_public_key_fingerprint", "digestPublicKeyFingerprint", "The key that it was signed with."),
    Column::text("digest_signature_algorithm", "digestSignatureAlgorithm", "Such as `SHA256withRSA`."),
    Column::instant("newest_event_time", "newestEventTime", "Time of the newest event."),
    Column::instant("oldest_event_time", "oldestEventTime", "Time of the oldest event."),
    Column::text("previous_digest_s3_bucket", "previousDigestS3Bucket", "The bucket of the digest before."),
    Column::id("previous_digest_s3_object", "previousDigestS3Object", "The key of the digest before."),
    Column::id("previous_digest_hash_value", "previousDigestHashValue", "Hash of the digest before, uncompressed."),
    Column::text("previous_digest_hash_algorithm", "previousDigestHashAlgorithm", "Such as `SHA-256`."),
    Column::id("previous_digest_signature", "previousDigestSignature", "Signature of the digest before."),
    Column::json("log_files", "logFiles", "The log files, each with its hash."),
    Column::made(
        "digest",
        Kind::Json,
        Storage::Bulk,
        "The whole digest, byte for byte: what its signature and the next digest's hash are of.",
    ),
    EXTRA,
    NULL_KEYS,
    SOURCE_OBJECT,
    SOURCE_ID,
    SOURCE_RECORD,
];
