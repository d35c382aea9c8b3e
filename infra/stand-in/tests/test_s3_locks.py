"""S3: object lock."""

import datetime
from typing import Any

import pytest
from conftest import Client
from functions import fails

NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def s3(stand_in: Client) -> Any:
    """A client, and a bucket "bucket" with object lock."""
    client = stand_in.client("s3")
    client.create_bucket(Bucket="bucket", ObjectLockEnabledForBucket=True)
    return client


def default(s3: Any, mode: str) -> None:
    """Gives the bucket a default retention of a day."""
    rule = {"DefaultRetention": {"Mode": mode, "Days": 1}}
    configuration = {"ObjectLockEnabled": "Enabled", "Rule": rule}
    s3.put_object_lock_configuration(Bucket="bucket", ObjectLockConfiguration=configuration)


def put(s3: Any, **more: Any) -> dict[str, str]:
    """Puts an object and gives its name."""
    version = s3.put_object(Bucket="bucket", Key="k", Body=b"x", **more)["VersionId"]
    return {"Bucket": "bucket", "Key": "k", "VersionId": version}


def test_the_default_retention_is_stored(stand_in: Client, s3: Any) -> None:
    default(s3, "COMPLIANCE")
    name = put(s3)
    found = s3.get_object_retention(**name)["Retention"]
    assert (
        found["Mode"] == "COMPLIANCE"
        and abs(found["RetainUntilDate"] - datetime.datetime.now(datetime.UTC) - DAY).total_seconds() < 120
    )
    assert s3.head_object(**name)["ObjectLockMode"] == "COMPLIANCE"
    fails("AccessDenied", s3.delete_object, **name)
    fails("AccessDenied", s3.delete_object, **name, BypassGovernanceRetention=True)
    [error] = s3.delete_objects(Bucket="bucket", Delete={"Objects": [{"Key": "k", "VersionId": name["VersionId"]}]})[
        "Errors"
    ]
    assert error["Code"] == "AccessDenied"
    stand_in.post("/_stand-in/clock", {"advance_seconds": 86_500})
    s3.delete_object(**name)
    fails("404", s3.head_object, **name)


def test_a_delete_marker_is_allowed(s3: Any) -> None:
    default(s3, "COMPLIANCE")
    name = put(s3)
    assert s3.delete_object(Bucket="bucket", Key="k")["DeleteMarker"]
    assert s3.get_object(**name)["Body"].read() == b"x"


def test_multipart_uploads_get_the_default(s3: Any) -> None:
    default(s3, "COMPLIANCE")
    upload = {"Bucket": "bucket", "Key": "k"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    tag = s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tag}]})
    version = s3.head_object(Bucket="bucket", Key="k")["VersionId"]
    assert s3.get_object_retention(Bucket="bucket", Key="k", VersionId=version)["Retention"]["Mode"] == "COMPLIANCE"
    fails("AccessDenied", s3.delete_object, Bucket="bucket", Key="k", VersionId=version)


def test_compliance_only_grows(s3: Any) -> None:
    name = put(s3, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=NOW + 5 * DAY)

    def retention(mode: str, days: int) -> dict[str, Any]:
        return {**name, "Retention": {"Mode": mode, "RetainUntilDate": NOW + days * DAY}}

    fails("AccessDenied", s3.put_object_retention, **retention("COMPLIANCE", 4))
    fails("AccessDenied", s3.put_object_retention, **retention("GOVERNANCE", 9), BypassGovernanceRetention=True)
    s3.put_object_retention(**retention("COMPLIANCE", 6))
    assert s3.get_object_retention(**name)["Retention"]["RetainUntilDate"] == NOW + 6 * DAY


def test_governance_can_be_bypassed(s3: Any) -> None:
    name = put(s3, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=NOW + 5 * DAY)
    shorter = {"Mode": "GOVERNANCE", "RetainUntilDate": NOW + 4 * DAY}
    fails("AccessDenied", s3.put_object_retention, **name, Retention=shorter)
    s3.put_object_retention(**name, Retention=shorter, BypassGovernanceRetention=True)
    fails("AccessDenied", s3.delete_object, **name)
    s3.delete_object(**name, BypassGovernanceRetention=True)
    fails("404", s3.head_object, **name)


def test_a_legal_hold_holds(s3: Any) -> None:
    name = put(s3, ObjectLockLegalHoldStatus="ON")
    assert s3.get_object_legal_hold(**name)["LegalHold"] == {"Status": "ON"}
    fails("AccessDenied", s3.delete_object, **name, BypassGovernanceRetention=True)
    s3.put_object_legal_hold(**name, LegalHold={"Status": "OFF"})
    s3.delete_object(**name)
    fails("404", s3.head_object, **name)


def test_what_has_no_lock(s3: Any) -> None:
    fails("NoSuchObjectLockConfiguration", s3.get_object_retention, **put(s3))
    s3.create_bucket(Bucket="plain")
    fails("ObjectLockConfigurationNotFoundError", s3.get_object_lock_configuration, Bucket="plain")
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": NOW + DAY}
    fails("InvalidRequest", s3.put_object, Bucket="plain", Key="k", Body=b"", **lock)
