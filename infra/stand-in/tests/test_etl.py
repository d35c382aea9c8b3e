"""The ETL Lambda, as it is built, behind a bucket, a queue and a catalog; and the command line over the same lake."""

import base64
import functools
import gzip
import io
import json
import os
import pathlib
import subprocess
import zipfile
from collections.abc import Iterator
from typing import Any

import functions
import pytest
from conftest import Client
from functions import until
from lake import Lake

BINARY = os.environ.get("TRAILHOUSE_ETL_LAMBDA", "")
CLI = os.environ.get("TRAILHOUSE_CLI", "")
SAMPLE = pathlib.Path(__file__).parents[3] / "testdata" / "cloudtrail"
# What a feed may not begin before.
FEED_BEGINS = 130

pytestmark = pytest.mark.skipif(
    not (BINARY and CLI),
    reason="TRAILHOUSE_ETL_LAMBDA and TRAILHOUSE_CLI name no binaries: `make test-stand-in` builds and names them",
)


@functools.cache
def package() -> bytes:
    """The function's code: a debug build is large, so it is packed once."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(BINARY, "bootstrap")
    return packed.getvalue()


def sample() -> dict[str, bytes]:
    """The sample's objects, by key."""
    found = {str(path.relative_to(SAMPLE)): path.read_bytes() for path in sorted(SAMPLE.rglob("*.gz"))}
    assert len(found) > 5
    return found


class Account:
    """A bucket of logs with a queue, the function behind that, and a lake with its database."""

    def __init__(self, stand_in: Client) -> None:
        self.stand_in = stand_in
        self.s3, self.sqs, self.glue = map(stand_in.client, ("s3", "sqs", "glue"))
        self.lake = Lake(stand_in)
        self.s3.create_bucket(Bucket="logs")
        dead, dead_arn = functions.queue(stand_in, "dead")
        redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 4})
        self.dead, (self.queue, queue_arn) = (
            dead,
            functions.queue(stand_in, "told", RedrivePolicy=redrive, VisibilityTimeout="60"),
        )
        variables = {
            "TRAILHOUSE_LAKE": "s3://lake/main",
            "TRAILHOUSE_FEEDS": "s3://logs/AWSLogs",
            "AWS_ENDPOINT_URL": stand_in.endpoint,
        }
        self.run("tables", "s3://lake/main", "--glue", "apply", "--database", "logs")
        functions.make(stand_in, "etl", package(), Timeout=30, Environment={"Variables": variables})
        # The first event makes the feed; it begins later.
        functions.invoke(stand_in, {"Event": "s3:TestEvent"}, "etl")
        self.advance(FEED_BEGINS)
        self.s3.put_bucket_notification_configuration(
            Bucket="logs",
            NotificationConfiguration={
                "QueueConfigurations": [{"QueueArn": queue_arn, "Events": ["s3:ObjectCreated:*"]}]
            },
        )
        stand_in.client("lambda").create_event_source_mapping(
            FunctionName="etl",
            EventSourceArn=queue_arn,
            BatchSize=10,
            FunctionResponseTypes=["ReportBatchItemFailures"],
        )

    def advance(self, seconds: int) -> None:
        """Moves the clock of the account."""
        status, _ = self.stand_in.post("/_stand-in/clock", {"advance_seconds": seconds})
        assert status == 200

    def run(self, *arguments: str, codes: tuple[int, ...] = (0,), **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs the command line in the account."""
        environment = {
            **os.environ,
            "AWS_ENDPOINT_URL": self.stand_in.endpoint,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            **variables,
        }
        ended = subprocess.run(
            [CLI, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert ended.returncode in codes, (arguments, ended.returncode, ended.stdout, ended.stderr)
        return ended

    def ask(self, sql: str) -> list[dict[str, Any]]:
        """What the command line answers on the lake."""
        return [
            json.loads(line)
            for line in self.run("query", "s3://lake/main", sql, "--format", "json").stdout.splitlines()
        ]

    def put(self, objects: dict[str, bytes]) -> None:
        """Puts log objects."""
        for key, content in objects.items():
            self.s3.put_object(Bucket="logs", Key=key, Body=content)

    def receipts(self) -> list[str]:
        """The receipts of objects that were read as they came."""
        found = self.s3.list_objects_v2(Bucket="lake", Prefix="main/_trailhouse/receipts/id/")
        return [one["Key"] for one in found.get("Contents", [])]

    def wait(self, objects: int) -> None:
        """Until so many objects are read."""
        until(lambda: len(self.receipts()) >= objects, 60)

    def athena(self, sql: str) -> int:
        """A number that Athena says of what is registered."""
        query = self.lake.start(sql, QueryExecutionContext={"Database": "logs"})
        found = self.lake.ended(query)
        assert found["Status"]["State"] == "SUCCEEDED", found["Status"]
        rows = self.lake.athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
        return int(rows[1]["Data"][0]["VarCharValue"])

    def log(self) -> list[dict[str, Any]]:
        """The lines of JSON that the function wrote."""
        _, text = self.stand_in.get("/_stand-in/lambdas/etl/log")
        lines = text if isinstance(text, list) else str(text.decode() if isinstance(text, bytes) else text).splitlines()
        return [json.loads(line) for line in lines if str(line).startswith("{")]


@pytest.fixture
def account(stand_in: Client) -> Iterator[Account]:
    """An account that is set up."""
    yield Account(stand_in)


def records(objects: dict[str, bytes]) -> int:
    """The records of objects, counted otherwise."""
    return sum(len(json.loads(gzip.decompress(content))["Records"]) for content in objects.values())


def test_objects_become_rows_that_athena_sees(account: Account) -> None:
    """Objects, notifications, the function, files, partitions, receipts; then both engines count the same."""
    objects = sample()
    account.put(objects)
    account.wait(len(objects))
    counted = records(objects)
    assert account.athena("SELECT count(*) FROM cloudtrail") == counted
    assert account.ask("SELECT count(*) AS n FROM cloudtrail") == [{"n": counted}]
    told = account.ask("SELECT sum(records) AS records, sum(rows_written + rejects + skipped) AS sum FROM receipts")
    assert told == [{"records": counted, "sum": counted}]
    # Once more, and by a batch: nothing changes.
    account.put(dict(list(objects.items())[:3]))
    account.run("ingest", "s3://logs/AWSLogs", "s3://lake/main")
    assert account.ask("SELECT count(*) AS n FROM cloudtrail") == [{"n": counted}]


@pytest.mark.parametrize(
    ("operation", "resource"),
    [
        ("glue:BatchCreatePartition", "*"),
        ("s3:PutObject", "lake/main/_trailhouse/receipts/id/*"),
        ("s3:PutObject", "lake/main/cloudtrail/*"),
    ],
)
@pytest.mark.parametrize("fault", ["kill", "kill_after"])
def test_a_kill_between_two_writes_heals(account: Account, operation: str, resource: str, fault: str) -> None:
    """The function dies before or after a file, a partition, a receipt; its messages come again."""
    objects = dict(list(sample().items())[:4])
    rule = {"operation": operation, "resource": resource, "nth": 2, "times": 1, "fault": fault}
    status, _ = account.stand_in.post("/_stand-in/faults", rule)
    assert status == 200
    account.put(objects)

    def done() -> bool:
        account.advance(61)
        return len(account.receipts()) >= len(objects)

    until(done, 60)
    counted = records(objects)
    assert account.athena("SELECT count(*) FROM cloudtrail") == counted
    assert account.ask("SELECT count(*) AS n, count(DISTINCT event_id) AS d FROM cloudtrail")[0]["n"] == counted
    told = account.ask("SELECT sum(records) AS records, sum(rows_written + rejects + skipped) AS sum FROM receipts")
    assert told == [{"records": counted, "sum": counted}]


@pytest.mark.parametrize("fault", ["slow_down", "internal", "lost_answer", "conflict"])
def test_what_s3_does_at_times_loses_nothing(account: Account, fault: str) -> None:
    """Throttled, failed, answered into the void: tried again, by the client or by the queue."""
    objects = dict(list(sample().items())[:4])
    kind = {"kind": "lost_answer"} if fault == "lost_answer" else fault
    account.put(objects)
    calls = {"s3:PutObject": "lake/*", "s3:GetObject": "logs/*"}
    for operation, resource in calls.items():
        if (fault, operation) != ("conflict", "s3:GetObject"):
            rule = {"operation": operation, "resource": resource, "nth": 3, "times": 2, "fault": kind}
            status, _ = account.stand_in.post("/_stand-in/faults", rule)
            assert status == 200

    def done() -> bool:
        account.advance(61)
        return len(account.receipts()) >= len(objects)

    until(done, 60)
    assert account.ask("SELECT count(*) AS n FROM cloudtrail") == [{"n": records(objects)}]
    assert account.athena("SELECT count(*) FROM cloudtrail") == records(objects)


def test_what_is_refused_is_told_with_a_hint(account: Account) -> None:
    """A bucket that is not there, rights that are missing, a lake in its source, a message that is none."""
    missing = account.run("ingest", "s3://nobody-has-this/AWSLogs", "s3://lake/main", codes=(3,)).stderr
    assert "NoSuchBucket" in missing and "check the bucket's name" in missing, missing
    nested = account.run("ingest", "s3://lake/main", "s3://lake/main/in", codes=(2,)).stderr
    assert "inside one another" in nested
    nowhere = account.run("query", "s3://lake/nothing", "SELECT 1", codes=(2,)).stderr
    assert "`s3://lake/nothing` is not a lake" in nowhere
    account.put(dict(list(sample().items())[:2]))
    account.wait(2)
    account.stand_in.post(
        "/_stand-in/faults",
        {"operation": "s3:PutObject", "resource": "lake/*", "times": 1000, "fault": "access_denied"},
    )
    denied = account.run("ingest", "s3://logs/AWSLogs", "s3://lake/other", codes=(3,)).stderr
    assert "AccessDenied" in denied and "s3:PutObject" in denied, denied


def test_what_is_archived_holds_up_no_other(account: Account) -> None:
    """Objects in an archive are named and left; the others of their plan are read."""
    objects = dict(list(sample().items())[:5])
    account.s3.put_bucket_notification_configuration(Bucket="logs", NotificationConfiguration={})
    account.put({f"old/{key}": content for key, content in objects.items()})
    first = sorted(objects)[0]
    fault = {"kind": "error", "status": 403, "code": "InvalidObjectState"}
    rule = {"operation": "s3:GetObject", "resource": f"logs/old/{first}", "times": 1, "fault": fault}
    status, _ = account.stand_in.post("/_stand-in/faults", rule)
    assert status == 200
    told = account.run("ingest", "s3://logs/old", "s3://lake/main", codes=(3,)).stderr
    assert "is archived" in told and "restore-object" in told, told
    left = {key: content for key, content in objects.items() if key != first}
    assert account.ask("SELECT count(*) AS n FROM cloudtrail") == [{"n": records(left)}]
    # It has been restored.
    account.run("ingest", "s3://logs/old", "s3://lake/main")
    assert account.ask("SELECT count(*) AS n FROM cloudtrail") == [{"n": records(objects)}]


def test_a_lake_that_was_there_before_its_catalog(account: Account) -> None:
    """Partitions of files that stood before Glue was told are registered when it is."""
    objects = dict(list(sample().items())[:5])
    account.s3.put_bucket_notification_configuration(Bucket="logs", NotificationConfiguration={})
    account.put({f"old/{key}": content for key, content in objects.items()})
    account.run("ingest", "s3://logs/old", "s3://lake/other")
    refused = account.run("tables", "s3://lake/other", "--glue", "apply", "--database", "logs", codes=(3,)).stderr
    assert "is not this lake's: it stands at `s3://lake/main/" in refused, refused
    missing = account.run("tables", "s3://lake/other", "--glue", "diff", "--database", "others").stdout
    assert "others.cloudtrail" in missing and "not registered" in missing, missing
    account.run("tables", "s3://lake/other", "--glue", "apply", "--database", "others")
    query = account.lake.start("SELECT count(*) FROM cloudtrail", QueryExecutionContext={"Database": "others"})
    assert account.lake.ended(query)["Status"]["State"] == "SUCCEEDED"
    rows = account.lake.athena.get_query_results(QueryExecutionId=query)["ResultSet"]["Rows"]
    assert int(rows[1]["Data"][0]["VarCharValue"]) == records(objects)
    assert "as it should be" in account.run("tables", "s3://lake/other", "--glue", "diff").stdout


def test_a_message_that_is_none_ends_among_the_dead(account: Account) -> None:
    """What nobody understands is given back until the queue has enough of it; others are done with."""
    account.sqs.send_message(QueueUrl=account.queue, MessageBody='{"hello": 1}')
    account.put(dict(list(sample().items())[:1]))
    account.wait(1)

    def dead() -> bool:
        account.advance(61)
        found = account.sqs.get_queue_attributes(QueueUrl=account.dead, AttributeNames=["ApproximateNumberOfMessages"])
        return found["Attributes"]["ApproximateNumberOfMessages"] == "1"

    until(dead, 60)
    assert any(line.get("kind") == "Event.Unclear" for line in account.log())


def test_a_payload_of_a_subscription_is_read_once(account: Account) -> None:
    """CloudWatch Logs invokes the function, and again with the same bytes."""
    events = [
        {"id": str(number), "timestamp": 1_767_225_600_000 + number, "message": f"m{number}"} for number in range(3)
    ]
    payload = {
        "messageType": "DATA_MESSAGE",
        "owner": "111122223333",
        "logGroup": "g",
        "logStream": "s",
        "subscriptionFilters": ["f"],
        "logEvents": events,
    }
    data = base64.b64encode(gzip.compress(json.dumps(payload).encode(), mtime=0)).decode()
    for known in (0, 1):
        answer = functions.invoke(account.stand_in, {"awslogs": {"data": data}}, "etl")["Payload"]
        assert (answer["objects"], answer["objects_known"]) == (1 - known, known), answer
    assert account.ask("SELECT count(*) AS n FROM cloudwatch_logs") == [{"n": 3}]
