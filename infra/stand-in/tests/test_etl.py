"""The ETL Lambda, as it is built, behind a bucket, a queue and a catalog; and the command line over the same lake."""

import base64
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
        self.dead, (self.queue, queue_arn) = dead, functions.queue(
            stand_in, "told", RedrivePolicy=redrive, VisibilityTimeout="60"
        )
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(BINARY, "bootstrap")
        variables = {
            "TRAILHOUSE_LAKE": "s3://lake/main",
            "TRAILHOUSE_FEEDS": "s3://logs/AWSLogs",
            "AWS_ENDPOINT_URL": stand_in.endpoint,
        }
        self.run("tables", "s3://lake/main", "--glue", "apply", "--database", "logs")
        functions.make(stand_in, "etl", packed.getvalue(), Timeout=30, Environment={"Variables": variables})
        # The first event makes the feed; it begins later.
        functions.invoke(stand_in, {"Event": "s3:TestEvent"}, "etl")
        self.advance(FEED_BEGINS)
        self.s3.put_bucket_notification_configuration(
            Bucket="logs",
            NotificationConfiguration={"QueueConfigurations": [{"QueueArn": queue_arn, "Events": ["s3:ObjectCreated:*"]}]},
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
        ended = subprocess.run([CLI, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False)
        assert ended.returncode in codes, (arguments, ended.returncode, ended.stdout, ended.stderr)
        return ended

    def ask(self, sql: str) -> list[dict[str, Any]]:
        """What the command line answers on the lake."""
        return [json.loads(line) for line in self.run("query", "s3://lake/main", sql, "--format", "json").stdout.splitlines()]

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
