"""Conditions of S3 hold when many write at once: exactly one wins."""

import concurrent.futures
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from conftest import Client
from functions import fails

WRITERS = 8


@pytest.fixture
def clients(stand_in: Client) -> list[Any]:
    """One client for each writer, and a bucket."""
    found = [stand_in.client("s3") for _ in range(WRITERS)]
    found[0].create_bucket(Bucket="bucket")
    return found


def winners(clients: list[Any], write: Callable[[int, Any], Any]) -> int:
    """How many of the writers succeed, all at once."""

    def attempt(number: int) -> int:
        try:
            write(number, clients[number])
        except ClientError as error:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 412
            return 0
        return 1

    with concurrent.futures.ThreadPoolExecutor(WRITERS) as pool:
        return sum(pool.map(attempt, range(WRITERS)))


def test_one_of_many_completes_an_upload(clients: list[Any]) -> None:
    for turn in range(10):
        place = {"Bucket": "bucket", "Key": f"k{turn}"}
        uploads = []
        for client in clients:
            upload = client.create_multipart_upload(**place)["UploadId"]
            part = client.upload_part(**place, UploadId=upload, PartNumber=1, Body=b"x" * 200_000)["ETag"]
            uploads.append({"UploadId": upload, "MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": part}]}})

        def complete(number: int, client: Any, place: Any = place, uploads: Any = uploads) -> None:
            client.complete_multipart_upload(**place, **uploads[number], IfNoneMatch="*")

        assert winners(clients, complete) == 1


def test_one_of_many_puts_a_large_object(clients: list[Any]) -> None:
    for turn in range(4):
        place = {"Bucket": "bucket", "Key": f"k{turn}", "Body": b"x" * 2_000_000, "IfNoneMatch": "*"}
        assert winners(clients, lambda _, client, place=place: client.put_object(**place)) == 1


def test_a_copy_onto_what_is_there(clients: list[Any]) -> None:
    s3 = clients[0]
    s3.put_object(Bucket="bucket", Key="a", Body=b"a")
    s3.put_object(Bucket="bucket", Key="b", Body=b"b")
    copy = {"Bucket": "bucket", "CopySource": "bucket/a", "IfNoneMatch": "*"}
    fails("PreconditionFailed", s3.copy_object, **copy, Key="b")
    assert s3.get_object(Bucket="bucket", Key="b")["Body"].read() == b"b"
    s3.copy_object(**copy, Key="c")
    assert s3.get_object(Bucket="bucket", Key="c")["Body"].read() == b"a"
