"""S3: conditions, ranges, multipart uploads, lists, versions and odd keys."""

import json
import urllib.error
import urllib.request
from typing import Any

import boto3
import botocore.config
import pytest
from conftest import Client
from functions import fails

# The least size of a part that is not the last.
PART = 5 << 20


@pytest.fixture
def s3(stand_in: Client) -> Any:
    """A client, and an empty bucket "bucket"."""
    client = stand_in.client("s3")
    client.create_bucket(Bucket="bucket")
    return client


def body(s3: Any, key: str, **more: Any) -> bytes:
    """What an object holds."""
    return s3.get_object(Bucket="bucket", Key=key, **more)["Body"].read()


def keys(s3: Any, **more: Any) -> list[str]:
    """The keys of one page."""
    return [one["Key"] for one in s3.list_objects_v2(Bucket="bucket", **more).get("Contents", [])]


def test_put_get_range_and_head(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=b"0123456789", ContentType="text/plain", Metadata={"a": "b"})
    head = s3.head_object(Bucket="bucket", Key="k")
    assert (head["ContentLength"], head["ContentType"], head["Metadata"]) == (10, "text/plain", {"a": "b"})
    found = s3.get_object(Bucket="bucket", Key="k", Range="bytes=2-4")
    assert (found["Body"].read(), found["ContentRange"]) == (b"234", "bytes 2-4/10")
    assert body(s3, "k", Range="bytes=-3") == b"789" and body(s3, "k", Range="bytes=8-99") == b"89"
    fails("InvalidRange", s3.get_object, Bucket="bucket", Key="k", Range="bytes=10-")
    fails("NoSuchKey", s3.get_object, Bucket="bucket", Key="none")
    fails("404", s3.head_object, Bucket="bucket", Key="none")
    fails("NoSuchBucket", s3.get_object, Bucket="nobucket", Key="k")


def test_conditional_puts(s3: Any) -> None:
    put = {"Bucket": "bucket", "Key": "k"}
    tag = s3.put_object(**put, Body=b"1", IfNoneMatch="*")["ETag"]
    error = fails("PreconditionFailed", s3.put_object, **put, Body=b"2", IfNoneMatch="*")
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    fails("PreconditionFailed", s3.put_object, **put, Body=b"2", IfMatch='"0"')
    assert body(s3, "k") == b"1"
    s3.put_object(**put, Body=b"2", IfMatch=tag)
    assert body(s3, "k") == b"2"
    fails("NoSuchKey", s3.put_object, Bucket="bucket", Key="none", Body=b"2", IfMatch=tag)


def test_conditional_reads(s3: Any) -> None:
    tag = s3.put_object(Bucket="bucket", Key="k", Body=b"1")["ETag"]
    fails("304", s3.get_object, Bucket="bucket", Key="k", IfNoneMatch=tag)
    fails("304", s3.head_object, Bucket="bucket", Key="k", IfNoneMatch=tag)
    fails("PreconditionFailed", s3.get_object, Bucket="bucket", Key="k", IfMatch='"0"')
    assert body(s3, "k", IfMatch=tag) == body(s3, "k", IfNoneMatch='"0"') == b"1"


def start(s3: Any, *parts: bytes) -> dict[str, Any]:
    """An upload with its parts, ready to be completed."""
    upload = s3.create_multipart_upload(Bucket="bucket", Key="k")["UploadId"]
    named = {"Bucket": "bucket", "Key": "k", "UploadId": upload}
    listed = [
        {"PartNumber": number, "ETag": s3.upload_part(**named, PartNumber=number, Body=part)["ETag"]}
        for number, part in enumerate(parts, 1)
    ]
    return {**named, "MultipartUpload": {"Parts": listed}}


def test_multipart(s3: Any) -> None:
    order = start(s3, b"a" * PART, b"b")
    assert keys(s3) == []
    done = s3.complete_multipart_upload(**order)
    assert done["ETag"].endswith('-2"') and s3.head_object(Bucket="bucket", Key="k")["ContentLength"] == PART + 1
    assert body(s3, "k", Range=f"bytes={PART - 1}-") == b"ab"
    fails("EntityTooSmall", s3.complete_multipart_upload, **start(s3, b"a", b"b"))


def test_an_aborted_upload_is_gone(s3: Any) -> None:
    order = start(s3, b"a")
    named = {name: order[name] for name in ("Bucket", "Key", "UploadId")}
    assert [one["UploadId"] for one in s3.list_multipart_uploads(Bucket="bucket")["Uploads"]] == [order["UploadId"]]
    s3.abort_multipart_upload(**named)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket="bucket")
    fails("NoSuchUpload", s3.upload_part, **named, PartNumber=1, Body=b"a")
    fails("NoSuchUpload", s3.complete_multipart_upload, **order)


def test_a_multipart_upload_does_not_replace(s3: Any) -> None:
    order = start(s3, b"new")
    s3.put_object(Bucket="bucket", Key="k", Body=b"old")
    error = fails("PreconditionFailed", s3.complete_multipart_upload, **order, IfNoneMatch="*")
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 412
    assert body(s3, "k") == b"old"


def test_lists_have_pages(s3: Any) -> None:
    names = [f"p/{number:02}" for number in range(7)]
    for name in [*names, "q/x"]:
        s3.put_object(Bucket="bucket", Key=name, Body=b"")
    found, token, pages = [], None, 0
    while token or not pages:
        more = {"ContinuationToken": token} if token else {}
        page = s3.list_objects_v2(Bucket="bucket", Prefix="p/", MaxKeys=3, **more)
        found += [one["Key"] for one in page["Contents"]]
        token, pages = page.get("NextContinuationToken"), pages + 1
        assert page["IsTruncated"] == bool(token)
    assert (found, pages) == (names, 3)
    assert keys(s3, StartAfter="p/05") == ["p/06", "q/x"]
    fails("InvalidArgument", s3.list_objects_v2, Bucket="bucket", ContinuationToken="none")


def test_lists_have_folders(s3: Any) -> None:
    for name in ("a/b/1", "a/b/2", "a/c/1", "a/d", "e"):
        s3.put_object(Bucket="bucket", Key=name, Body=b"")
    found = s3.list_objects_v2(Bucket="bucket", Prefix="a/", Delimiter="/")
    assert [one["Prefix"] for one in found["CommonPrefixes"]] == ["a/b/", "a/c/"]
    assert [one["Key"] for one in found["Contents"]] == ["a/d"] and found["KeyCount"] == 3


def test_versions(s3: Any) -> None:
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    first, second = (s3.put_object(Bucket="bucket", Key="k", Body=one)["VersionId"] for one in (b"1", b"2"))
    assert body(s3, "k") == b"2" and body(s3, "k", VersionId=first) == b"1"
    marker = s3.delete_object(Bucket="bucket", Key="k")
    assert marker["DeleteMarker"] and keys(s3) == []
    fails("NoSuchKey", s3.get_object, Bucket="bucket", Key="k")
    found = s3.list_object_versions(Bucket="bucket")
    assert [one["VersionId"] for one in found["Versions"]] == [second, first]
    assert [one["VersionId"] for one in found["DeleteMarkers"]] == [marker["VersionId"]]
    s3.delete_object(Bucket="bucket", Key="k", VersionId=marker["VersionId"])
    assert body(s3, "k") == b"2"


ODD = [
    "a b+c",
    "ü/é",
    "x%2Fy",
    "a//b",
    "q?x&y=z",
    "day=2024-01-01/a=b",
    "~*()'!",
    "a/../b",
    "a#b",
    "\U0001f600",
    "end/",
]


@pytest.mark.parametrize("key", ODD)
def test_odd_keys(s3: Any, key: str) -> None:
    s3.put_object(Bucket="bucket", Key=key, Body=key.encode())
    assert body(s3, key) == key.encode() and keys(s3) == [key] and keys(s3, Prefix=key) == [key]
    s3.copy_object(Bucket="bucket", Key="copy", CopySource={"Bucket": "bucket", "Key": key})
    assert body(s3, "copy") == key.encode()
    s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": key}]})
    assert keys(s3) == ["copy"]


def test_keys_have_a_limit(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="é" * 512, Body=b"")
    fails("KeyTooLongError", s3.put_object, Bucket="bucket", Key="é" * 512 + "x", Body=b"")


def test_copies_have_conditions(s3: Any) -> None:
    tag = s3.put_object(Bucket="bucket", Key="a", Body=b"1")["ETag"]
    order = {"Bucket": "bucket", "Key": "b", "CopySource": {"Bucket": "bucket", "Key": "a"}}
    fails("PreconditionFailed", s3.copy_object, **order, CopySourceIfMatch='"0"')
    fails("PreconditionFailed", s3.copy_object, **order, CopySourceIfNoneMatch=tag)
    s3.copy_object(**order, CopySourceIfMatch=tag, IfNoneMatch="*")
    fails("PreconditionFailed", s3.copy_object, **order, IfNoneMatch="*")
    assert body(s3, "b") == b"1"
    fails("NoSuchKey", s3.copy_object, Bucket="bucket", Key="b", CopySource="bucket/none")


def test_many_are_deleted_at_once(s3: Any) -> None:
    for name in "abc":
        s3.put_object(Bucket="bucket", Key=name, Body=b"")
    found = s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": one} for one in ("a", "b", "none")]})
    assert {one["Key"] for one in found["Deleted"]} == {"a", "b", "none"} and keys(s3) == ["c"]
    fails("BucketNotEmpty", s3.delete_bucket, Bucket="bucket")


def test_tags_and_settings_of_buckets(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=b"", Tagging="a=b&c=d%20e")
    tags = [{"Key": "a", "Value": "b"}, {"Key": "c", "Value": "d e"}]
    assert s3.get_object_tagging(Bucket="bucket", Key="k")["TagSet"] == tags
    s3.put_object_tagging(Bucket="bucket", Key="k", Tagging={"TagSet": tags[:1]})
    assert s3.get_object_tagging(Bucket="bucket", Key="k")["TagSet"] == tags[:1]
    fails("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket="bucket")
    rule = {"ID": "x", "Status": "Enabled", "Filter": {"Prefix": "p/"}, "Expiration": {"Days": 3}}
    s3.put_bucket_lifecycle_configuration(Bucket="bucket", LifecycleConfiguration={"Rules": [rule]})
    assert s3.get_bucket_lifecycle_configuration(Bucket="bucket")["Rules"] == [rule]
    fails("NoSuchPublicAccessBlockConfiguration", s3.get_public_access_block, Bucket="bucket")
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    block = dict.fromkeys(names, True)
    s3.put_public_access_block(Bucket="bucket", PublicAccessBlockConfiguration=block)
    assert s3.get_public_access_block(Bucket="bucket")["PublicAccessBlockConfiguration"] == block


def statement(**more: Any) -> str:
    """A policy that denies all on the bucket and its objects, or what `more` says."""
    resources = ["arn:aws:s3:::bucket", "arn:aws:s3:::bucket/*"]
    one = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": resources, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [one]})


def test_bucket_policies(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    fails("NoSuchBucketPolicy", s3.get_bucket_policy, Bucket="bucket")
    fails("MalformedPolicy", s3.put_bucket_policy, Bucket="bucket", Policy="{")
    fails("MalformedPolicy", s3.put_bucket_policy, Bucket="bucket", Policy=statement(Effect="Maybe"))
    s3.put_bucket_policy(Bucket="bucket", Policy=statement(Action="s3:GetObject"))
    assert json.loads(s3.get_bucket_policy(Bucket="bucket")["Policy"]) == json.loads(statement(Action="s3:GetObject"))
    fails("AccessDenied", s3.get_object, Bucket="bucket", Key="k")
    s3.delete_bucket_policy(Bucket="bucket")
    assert body(s3, "k") == b"1"


def test_the_loopback_counts_as_secure(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    policy = statement(Condition={"Bool": {"aws:SecureTransport": "false"}})
    s3.put_bucket_policy(Bucket="bucket", Policy=policy)
    assert body(s3, "k") == b"1"
    assert json.loads(s3.get_bucket_policy(Bucket="bucket")["Policy"]) == json.loads(policy)
    s3.put_bucket_policy(Bucket="bucket", Policy=statement(Condition={"Bool": {"aws:SecureTransport": "true"}}))
    fails("AccessDenied", s3.get_object, Bucket="bucket", Key="k")


def test_another_owner_is_refused(s3: Any) -> None:
    put = {"Bucket": "bucket", "Key": "k", "Body": b""}
    s3.put_object(**put, ExpectedBucketOwner="123456789012")
    fails("AccessDenied", s3.put_object, **put, ExpectedBucketOwner="999999999999")
    fails("403", s3.head_bucket, Bucket="bucket", ExpectedBucketOwner="999999999999")


def test_presigned_urls_expire(stand_in: Client, s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="a b", Body=b"1")
    config = botocore.config.Config(signature_version="s3v4", s3={"addressing_style": "path"})
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
    signer = boto3.client("s3", endpoint_url=stand_in.endpoint, config=config, **keys)
    url = signer.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "a b"}, ExpiresIn=60)
    with urllib.request.urlopen(url) as found:
        assert found.read() == b"1"
    stand_in.post("/_stand-in/clock", {"advance_seconds": 70})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(url)
    assert caught.value.code == 403 and b"Request has expired" in caught.value.read()
