"""S3: checksums of bodies, in headers and in trailers."""

import base64
import hashlib
import urllib.error
import urllib.request
import zlib
from typing import Any

import pytest
from conftest import Client
from functions import fails

CRC32 = base64.b64encode(zlib.crc32(b"hello").to_bytes(4, "big")).decode()
SHA256 = base64.b64encode(hashlib.sha256(b"hello").digest()).decode()
SHA1 = base64.b64encode(hashlib.sha1(b"hello").digest()).decode()
MD5 = base64.b64encode(hashlib.md5(b"hello").digest()).decode()


@pytest.fixture
def s3(stand_in: Client) -> Any:
    """A client, and an empty bucket "bucket"."""
    client = stand_in.client("s3")
    client.create_bucket(Bucket="bucket")
    return client


RIGHT = [("ChecksumCRC32", CRC32), ("ChecksumSHA256", SHA256), ("ChecksumSHA1", SHA1), ("ContentMD5", MD5)]


@pytest.mark.parametrize(("name", "value"), RIGHT)
def test_a_wrong_checksum_is_refused(s3: Any, name: str, value: str) -> None:
    """And nothing is stored."""
    error = fails("BadDigest", s3.put_object, Bucket="bucket", Key="k", Body=b"hullo", **{name: value})
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert s3.list_objects_v2(Bucket="bucket")["KeyCount"] == 0
    s3.put_object(Bucket="bucket", Key="k", Body=b"hello", **{name: value})
    assert s3.list_objects_v2(Bucket="bucket")["KeyCount"] == 1


def test_a_malformed_checksum_is_refused(s3: Any) -> None:
    fails("InvalidRequest", s3.put_object, Bucket="bucket", Key="k", Body=b"hello", ChecksumSHA256="AAAA")
    fails("InvalidDigest", s3.put_object, Bucket="bucket", Key="k", Body=b"hello", ContentMD5="no")


def test_a_part_is_checked(s3: Any) -> None:
    upload = s3.create_multipart_upload(Bucket="bucket", Key="k", ChecksumAlgorithm="CRC32")["UploadId"]
    part = {"Bucket": "bucket", "Key": "k", "UploadId": upload, "PartNumber": 1, "ChecksumCRC32": CRC32}
    fails("BadDigest", s3.upload_part, **part, Body=b"hullo")
    tag = s3.upload_part(**part, Body=b"hello")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": tag, "ChecksumCRC32": CRC32}]}
    s3.complete_multipart_upload(Bucket="bucket", Key="k", UploadId=upload, MultipartUpload=parts)
    assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"hello"


def test_a_checksum_is_told(s3: Any) -> None:
    s3.put_object(Bucket="bucket", Key="k", Body=b"hello", ChecksumAlgorithm="SHA256")
    assert s3.head_object(Bucket="bucket", Key="k", ChecksumMode="ENABLED")["ChecksumSHA256"] == SHA256


def put_chunked(endpoint: str, checksum: str, sent: bytes) -> int:
    """A put in aws-chunked form, as the SDKs send streams; its status."""
    headers = {
        "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
        "x-amz-decoded-content-length": "5",
        "x-amz-trailer": "x-amz-checksum-crc32",
        "x-amz-sdk-checksum-algorithm": "CRC32",
        "Content-Encoding": "aws-chunked",
        "Content-Type": "application/octet-stream",
    }
    text = sent + b"0\r\nx-amz-checksum-crc32:" + checksum.encode() + b"\r\n\r\n"
    request = urllib.request.Request(f"{endpoint}/bucket/k", text, headers, method="PUT")
    try:
        with urllib.request.urlopen(request) as found:
            return found.status
    except urllib.error.HTTPError as error:
        return error.code


def test_trailers_are_checked(stand_in: Client, s3: Any) -> None:
    assert put_chunked(stand_in.endpoint, CRC32, b"5\r\nhullo\r\n") == 400
    assert put_chunked(stand_in.endpoint, CRC32, b"no size\r\n") == 400
    assert s3.list_objects_v2(Bucket="bucket")["KeyCount"] == 0
    assert put_chunked(stand_in.endpoint, CRC32, b"3\r\nhel\r\n2\r\nlo\r\n") == 200
    assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"hello"
