"""CloudWatch Logs: groups, events, filters, and a subscription to S3 by Firehose."""

import gzip
import json
import time
from typing import Any

import pytest
from conftest import Client
from functions import fails

ROLE = "arn:aws:iam::123456789012:role/role"
STREAM = "arn:aws:firehose:us-east-1:123456789012:deliverystream/stream"


@pytest.fixture
def logs(stand_in: Client) -> Any:
    """A client, and the stream "s" in the group "g"."""
    client = stand_in.client("logs")
    client.create_log_group(logGroupName="g")
    client.create_log_stream(logGroupName="g", logStreamName="s")
    return client


def put(logs: Any, *messages: str) -> None:
    """Puts messages, a millisecond apart."""
    now = int(time.time() * 1_000)
    events = [{"timestamp": now + number, "message": message} for number, message in enumerate(messages)]
    logs.put_log_events(logGroupName="g", logStreamName="s", logEvents=events)


def test_groups(logs: Any) -> None:
    fails("ResourceAlreadyExistsException", logs.create_log_group, logGroupName="g")
    logs.put_retention_policy(logGroupName="g", retentionInDays=7)
    [found] = logs.describe_log_groups(logGroupNamePrefix="g")["logGroups"]
    assert found["retentionInDays"] == 7 and found["arn"].endswith(":log-group:g:*")
    logs.delete_log_group(logGroupName="g")
    fails("ResourceNotFoundException", logs.filter_log_events, logGroupName="g")


def test_events(logs: Any) -> None:
    put(logs, "one", "two")
    found = logs.get_log_events(logGroupName="g", logStreamName="s", startFromHead=True)["events"]
    assert [one["message"] for one in found] == ["one", "two"]
    now = int(time.time() * 1_000)
    order = [{"timestamp": now + 5, "message": "b"}, {"timestamp": now, "message": "a"}]
    put_events = logs.put_log_events
    fails("InvalidParameterException", put_events, logGroupName="g", logStreamName="s", logEvents=order)
    fails("ResourceNotFoundException", put_events, logGroupName="g", logStreamName="none", logEvents=order[:1])
    old = [{"timestamp": now - 15 * 86_400_000, "message": "old"}]
    refused = put_events(logGroupName="g", logStreamName="s", logEvents=old)["rejectedLogEventsInfo"]
    assert "tooOldLogEventEndIndex" in refused


def test_plain_filters(logs: Any) -> None:
    put(logs, "ERROR one", "fine two", "ERROR two")

    def found(pattern: str, **more: Any) -> list[str]:
        events = logs.filter_log_events(logGroupName="g", filterPattern=pattern, **more)["events"]
        return [one["message"] for one in events]

    assert found("ERROR") == ["ERROR one", "ERROR two"] and found("ERROR one") == ["ERROR one"]
    assert found('"fine two"') == ["fine two"]
    page = logs.filter_log_events(logGroupName="g", limit=2)
    rest = logs.filter_log_events(logGroupName="g", limit=2, nextToken=page["nextToken"])
    assert [len(page["events"]), len(rest["events"])] == [2, 1]


def test_a_subscription_ends_in_s3(stand_in: Client, logs: Any) -> None:
    s3 = stand_in.client("s3")
    s3.create_bucket(Bucket="archive")
    order = {"logGroupName": "g", "filterName": "f", "filterPattern": "", "destinationArn": STREAM, "roleArn": ROLE}
    fails("InvalidParameterException", logs.put_subscription_filter, **order)
    target = {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::archive", "Prefix": "logs/"}
    stream = {"DeliveryStreamName": "stream", "ExtendedS3DestinationConfiguration": target}
    stand_in.client("firehose").create_delivery_stream(**stream)
    logs.put_subscription_filter(**order)
    put(logs, "hello")
    [stored] = s3.list_objects_v2(Bucket="archive", Prefix="logs/")["Contents"]
    data = s3.get_object(Bucket="archive", Key=stored["Key"])["Body"].read()
    found = json.loads(gzip.decompress(data))
    assert (found["logGroup"], found["logStream"], found["messageType"]) == ("g", "s", "DATA_MESSAGE")
    assert [one["message"] for one in found["logEvents"]] == ["hello"]
