"""S3 notifications to Lambda, SQS, SNS and EventBridge."""

import json
import time
from typing import Any

from conftest import Client
from functions import FUNCTION, invocations, make, package, queue, receive, rule

# Of b"hello".
HELLO_MD5 = "5d41402abc4b2a76b9719d911017c592"


def watch(client: Client, kind: str, arn: str, **filters: str) -> Any:
    """A bucket that tells a function, queue or topic; and its S3 client."""
    s3 = client.client("s3")
    s3.create_bucket(Bucket="bucket")
    rules = [{"Name": name, "Value": value} for name, value in filters.items()]
    settings = {f"{kind}Arn": arn, "Id": "n", "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}
    if rules:
        settings["Filter"] = {"Key": {"FilterRules": rules}}
    name = {"LambdaFunction": "LambdaFunctionConfigurations"}.get(kind, f"{kind}Configurations")
    s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration={name: [settings]})
    return s3


def test_an_s3_object_invokes_a_function(stand_in: Client) -> None:
    make(stand_in)
    s3 = watch(stand_in, "LambdaFunction", FUNCTION)
    key = "in/a b+ü=(1)~*.json"
    s3.put_object(Bucket="bucket", Key=key, Body=b"hello")
    [attempt] = invocations(stand_in)
    [record] = attempt["event"]["Records"]
    assert attempt["source"] == "s3"
    details = record.pop("s3")
    assert record.pop("eventTime").endswith("Z") and record.pop("responseElements").keys() == {
        "x-amz-request-id",
        "x-amz-id-2",
    }
    assert record.pop("userIdentity")["principalId"] and record.pop("requestParameters")["sourceIPAddress"]
    assert record == {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventName": "ObjectCreated:Put",
    }
    assert details["s3SchemaVersion"] == "1.0" and details["configurationId"] == "n"
    assert details["bucket"].pop("ownerIdentity")["principalId"]
    assert details["bucket"] == {"name": "bucket", "arn": "arn:aws:s3:::bucket"}
    assert int(details["object"].pop("sequencer"), 16) > 0
    assert details["object"] == {
        "key": "in/a+b%2B%C3%BC%3D%281%29%7E*.json",
        "size": 5,
        "eTag": HELLO_MD5,
    }


def test_versions_delete_markers_and_sequence(stand_in: Client) -> None:
    make(stand_in)
    s3 = watch(stand_in, "LambdaFunction", FUNCTION)
    s3.put_bucket_versioning(Bucket="bucket", VersioningConfiguration={"Status": "Enabled"})
    versions = [s3.put_object(Bucket="bucket", Key="k", Body=b"x")["VersionId"] for _ in range(2)]
    versions.append(s3.delete_object(Bucket="bucket", Key="k")["VersionId"])
    found = [one["event"]["Records"][0] for one in invocations(stand_in, count=3)]
    found.sort(key=lambda one: one["s3"]["object"]["sequencer"])
    assert [one["s3"]["object"]["versionId"] for one in found] == versions
    assert [one["eventName"] for one in found][1:] == ["ObjectCreated:Put", "ObjectRemoved:DeleteMarkerCreated"]


def test_s3_filters_by_prefix_and_suffix(stand_in: Client) -> None:
    make(stand_in)
    s3 = watch(stand_in, "LambdaFunction", FUNCTION, prefix="in/", suffix=".gz")
    for key in ("in/a.txt", "out/a.gz", "in/a.gz"):
        s3.put_object(Bucket="bucket", Key=key, Body=b"")
    invocations(stand_in)
    time.sleep(0.2)
    assert [one["event"]["Records"][0]["s3"]["object"]["key"] for one in invocations(stand_in)] == ["in/a.gz"]


def test_a_function_that_fails_on_s3_is_tried_again(stand_in: Client) -> None:
    make(stand_in, code=package(reply="handle({'do': 'fail'}, headers)"))
    s3 = watch(stand_in, "LambdaFunction", FUNCTION)
    s3.put_object(Bucket="bucket", Key="k", Body=b"")
    invocations(stand_in)
    stand_in.post("/_stand-in/clock", {"advance_seconds": 61})
    assert [one["attempt"] for one in invocations(stand_in, count=2)] == [1, 2]


def test_s3_to_sqs_and_sns(stand_in: Client) -> None:
    url, arn = queue(stand_in)
    s3 = watch(stand_in, "Queue", arn)
    test = json.loads(receive(stand_in, url)["Body"])
    assert test["Event"] == "s3:TestEvent" and test["Bucket"] == "bucket" and test["RequestId"] and test["HostId"]
    s3.put_object(Bucket="bucket", Key="a b", Body=b"")
    assert json.loads(receive(stand_in, url)["Body"])["Records"][0]["s3"]["object"]["key"] == "a+b"
    sns = stand_in.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    make(stand_in)
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=FUNCTION)
    settings = {"TopicConfigurations": [{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}]}
    s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration=settings)
    s3.put_object(Bucket="bucket", Key="c", Body=b"")
    messages = [one["event"]["Records"][0]["Sns"]["Message"] for one in invocations(stand_in, count=2)]
    assert any('"key": "c"' in message for message in messages)


def test_s3_to_event_bridge(stand_in: Client) -> None:
    make(stand_in)
    s3 = stand_in.client("s3")
    s3.create_bucket(Bucket="bucket")
    settings: dict[str, Any] = {"EventBridgeConfiguration": {}}
    s3.put_bucket_notification_configuration(Bucket="bucket", NotificationConfiguration=settings)
    rule(stand_in, {"Arn": FUNCTION}, pattern={"source": ["aws.s3"], "detail-type": ["Object Created"]})
    s3.put_object(Bucket="bucket", Key="a b/c", Body=b"hello")
    [attempt] = invocations(stand_in)
    event = attempt["event"]
    assert event["detail"]["object"].pop("sequencer")
    assert event["detail"]["object"] == {"key": "a b/c", "size": 5, "etag": HELLO_MD5}
    assert event["detail"]["reason"] == "PutObject" and event["detail"]["bucket"] == {"name": "bucket"}
    assert event["resources"] == ["arn:aws:s3:::bucket"] and event["time"].endswith("Z")
    assert "ingestion-time" not in event
