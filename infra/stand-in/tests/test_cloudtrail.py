"""CloudTrail: trails and the lookup of planted events."""

import datetime
import json
from typing import Any

import pytest
from conftest import Client
from functions import fails

NOON = datetime.datetime(2024, 1, 1, 12, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def trails(stand_in: Client) -> Any:
    """A client, and a bucket "logs"."""
    stand_in.client("s3").create_bucket(Bucket="logs")
    return stand_in.client("cloudtrail")


def test_trails(trails: Any) -> None:
    order = {"S3BucketName": "logs", "IsMultiRegionTrail": True, "EnableLogFileValidation": True}
    made = trails.create_trail(Name="trail", **order)
    assert made["TrailARN"] == "arn:aws:cloudtrail:us-east-1:123456789012:trail/trail"
    fails("TrailAlreadyExistsException", trails.create_trail, Name="trail", **order)
    fails("S3BucketDoesNotExistException", trails.create_trail, Name="other", S3BucketName="nobucket")
    trails.create_trail(Name="second", S3BucketName="logs")
    assert len(trails.describe_trails()["trailList"]) == 2
    for name in ("trail", made["TrailARN"]):
        [found] = trails.describe_trails(trailNameList=[name])["trailList"]
        assert found["LogFileValidationEnabled"] and found["S3BucketName"] == "logs"
    assert trails.describe_trails(trailNameList=["none"])["trailList"] == []


def test_logging(trails: Any) -> None:
    trails.create_trail(Name="trail", S3BucketName="logs")
    assert trails.get_trail_status(Name="trail")["IsLogging"] is False
    trails.start_logging(Name="trail")
    assert trails.get_trail_status(Name="trail")["IsLogging"] is True
    trails.stop_logging(Name="trail")
    assert trails.get_trail_status(Name="trail")["IsLogging"] is False
    fails("TrailNotFoundException", trails.get_trail_status, Name="none")
    trails.delete_trail(Name="trail")
    fails("TrailNotFoundException", trails.get_trail, Name="trail")


def event(number: int, **more: Any) -> dict[str, Any]:
    """A record, of noon plus so many hours."""
    identity = {"type": "IAMUser", "userName": "ann", "accessKeyId": "AKIA1"}
    times = {"eventTime": (NOON + number * HOUR).strftime("%Y-%m-%dT%H:%M:%SZ")}
    names = {"eventID": f"e{number}", "eventName": "GetObject", "eventSource": "s3.amazonaws.com"}
    return {**names, **times, "userIdentity": identity, "readOnly": True, **more}


def plant(client: Client, *events: dict[str, Any]) -> None:
    """Plants records."""
    assert client.post("/_stand-in/trails/events", {"events": list(events)})[0] == 200


def test_events_are_looked_up(stand_in: Client, trails: Any) -> None:
    role = {"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/r/session", "accessKeyId": "ASIA1"}
    bucket = {"type": "AWS::S3::Bucket", "ARN": "arn:aws:s3:::logs"}
    plant(stand_in, event(1), event(3, eventName="PutObject", readOnly=False), event(2, userIdentity=role))
    plant(stand_in, event(4, resources=[bucket]))

    def ids(key: str = "", value: str = "", **more: Any) -> list[str]:
        attributes = {"LookupAttributes": [{"AttributeKey": key, "AttributeValue": value}]} if key else {}
        return [one["EventId"] for one in trails.lookup_events(**attributes, **more)["Events"]]

    assert ids() == ["e4", "e3", "e2", "e1"]
    assert ids(StartTime=NOON + 2 * HOUR, EndTime=NOON + 3 * HOUR) == ["e3", "e2"]
    assert ids("EventName", "PutObject") == ids("ReadOnly", "false") == ["e3"]
    assert ids("AccessKeyId", "ASIA1") == ids("Username", "session") == ["e2"]
    assert ids("ResourceName", "arn:aws:s3:::logs") == ["e4"]
    [found] = trails.lookup_events(LookupAttributes=[{"AttributeKey": "EventId", "AttributeValue": "e1"}])["Events"]
    assert found["EventTime"] == NOON + HOUR and found["Username"] == "ann" and found["ReadOnly"] == "true"
    assert json.loads(found["CloudTrailEvent"]) == event(1)


def test_lookups_have_pages_and_limits(stand_in: Client, trails: Any) -> None:
    plant(stand_in, *(event(number) for number in range(60)))
    first = trails.lookup_events()
    second = trails.lookup_events(NextToken=first["NextToken"])
    found = [one["EventId"] for one in first["Events"] + second["Events"]]
    assert found == [f"e{number}" for number in reversed(range(60))]
    assert len(first["Events"]) == 50 and "NextToken" not in second
    fails("InvalidTimeRangeException", trails.lookup_events, StartTime=NOON + HOUR, EndTime=NOON)
    two = [{"AttributeKey": "EventName", "AttributeValue": "x"}] * 2
    fails("InvalidLookupAttributesException", trails.lookup_events, LookupAttributes=two)


def test_the_control(stand_in: Client, trails: Any) -> None:
    for bad in ({"events": [{"eventID": "x"}]}, {"events": [event(1, eventTime="noon")]}, {"event": []}):
        assert stand_in.post("/_stand-in/trails/events", bad)[0] == 400
    plant(stand_in, event(1))
    assert stand_in.get("/_stand-in/trails/events") == (200, {"events": [event(1)]})
    assert stand_in.call("DELETE", "/_stand-in/trails/events") == (200, {"events": []})
    assert trails.lookup_events()["Events"] == []
