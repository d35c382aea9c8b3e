"""Faults by rule: each kind as clients see it, how rules count, and the list of calls."""

import concurrent.futures
import http.client
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import xml.etree.ElementTree
from typing import Any

import botocore.exceptions
import pytest
from conftest import Client

# A client in a process of its own, that may be killed.
PUT = """
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]))
connection.request("PUT", "/bucket/killed", b"body")
print(connection.getresponse().status)
"""


def rule(client: Client, operation: str, fault: Any, **more: Any) -> None:
    """Sets a rule."""
    status, value = client.post("/_stand-in/faults", {"operation": operation, "fault": fault, **more})
    assert status == 200, value


def refused(call: Any, **values: Any) -> tuple[int, str]:
    """Status and code that the SDK reads from the error of a call."""
    with pytest.raises(botocore.exceptions.ClientError) as found:
        call(**values)
    response = found.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]


@pytest.fixture
def s3(stand_in: Client) -> Any:
    """S3 with a bucket."""
    client = stand_in.client("s3")
    client.create_bucket(Bucket="bucket")
    return client


def keys(s3: Any) -> list[str]:
    """What is in the bucket."""
    return [one["Key"] for one in s3.list_objects_v2(Bucket="bucket").get("Contents", [])]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("conflict", 409, "ConditionalRequestConflict"),
        ("precondition", 412, "PreconditionFailed"),
        ("internal", 500, "InternalError"),
        ("slow_down", 503, "SlowDown"),
        ("throttle", 503, "SlowDown"),
        ("access_denied", 403, "AccessDenied"),
        ({"kind": "error", "status": 507, "code": "Odd", "message": "<&>"}, 507, "Odd"),
    ],
)
def test_s3_errors(stand_in: Client, s3: Any, fault: Any, status: int, code: str) -> None:
    """The SDK reads status and code, and the call is not made."""
    rule(stand_in, "s3:Put*", fault)
    assert refused(s3.put_object, Bucket="bucket", Key="k", Body=b"1") == (status, code)
    assert keys(s3) == []


@pytest.mark.parametrize(
    ("service", "method", "values", "throttled", "denied"),
    [
        ("sqs", "list_queues", {}, (400, "RequestThrottled"), (400, "AccessDeniedException")),
        ("glue", "get_databases", {}, (400, "ThrottlingException"), (400, "AccessDeniedException")),
        ("iam", "list_users", {}, (400, "Throttling"), (403, "AccessDenied")),
        ("ec2", "describe_instances", {}, (503, "RequestLimitExceeded"), (403, "UnauthorizedOperation")),
        ("lambda", "list_functions", {}, (429, "TooManyRequestsException"), (403, "AccessDeniedException")),
        ("cloudfront", "list_distributions", {}, (400, "Throttling"), (403, "AccessDenied")),
        ("cloudwatch", "list_metrics", {}, (400, "ThrottlingException"), (400, "AccessDeniedException")),
    ],
)
def test_errors_in_the_words_of_the_service(
    stand_in: Client, service: str, method: str, values: dict, throttled: tuple, denied: tuple
) -> None:
    """Query, EC2, JSON, REST and CBOR, read by the SDK."""
    client = stand_in.client(service)
    rule(stand_in, "*", "throttle")
    assert refused(getattr(client, method), **values) == throttled
    rule(stand_in, "*", "access_denied")
    assert refused(getattr(client, method), **values) == denied


def test_ec2_has_a_shape_of_its_own(stand_in: Client) -> None:
    """Errors in a list, which strict SDKs look for."""
    rule(stand_in, "ec2:*", "throttle")
    request = urllib.request.Request(stand_in.endpoint, b"Action=DescribeInstances&Version=2016-11-15")
    with pytest.raises(urllib.error.HTTPError) as found:
        urllib.request.urlopen(request, timeout=10)
    root = xml.etree.ElementTree.fromstring(found.value.read())
    assert root.tag == "Response" and root.findtext("Errors/Error/Code") == "RequestLimitExceeded"
    assert root.findtext("RequestID")


def test_a_head_error_has_no_body(stand_in: Client, s3: Any) -> None:
    """As in S3, where only the status tells."""
    rule(stand_in, "s3:HeadObject", "slow_down")
    assert refused(s3.head_object, Bucket="bucket", Key="k") == (503, "503")


def test_nth_and_times(stand_in: Client, s3: Any) -> None:
    """The second and third call fail, and the rule tells what it saw."""
    rule(stand_in, "s3:PutObject", "slow_down", nth=2, times=2)
    outcomes = []
    for number in range(5):
        try:
            s3.put_object(Bucket="bucket", Key=str(number), Body=b"")
            outcomes.append("done")
        except botocore.exceptions.ClientError:
            outcomes.append("failed")
    assert outcomes == ["done", "failed", "failed", "done", "done"]
    found = stand_in.get("/_stand-in/faults")[1]
    assert [(one["operation"], one["seen"], one["fired"]) for one in found] == [("s3:PutObject", 5, 2)]


def test_always_until_deleted(stand_in: Client, s3: Any) -> None:
    """`times` null has no end but DELETE."""
    rule(stand_in, "s3:PutObject", "internal", times=None)
    for _ in range(3):
        assert refused(s3.put_object, Bucket="bucket", Key="k", Body=b"")[0] == 500
    assert stand_in.call("DELETE", "/_stand-in/faults")[0] == 200
    s3.put_object(Bucket="bucket", Key="k", Body=b"")


def test_a_reset_forgets_rules_and_calls(stand_in: Client, s3: Any) -> None:
    """Nothing of one test is in the next."""
    rule(stand_in, "s3:*", "internal", times=None)
    stand_in.post("/_stand-in/reset")
    assert stand_in.get("/_stand-in/faults") == (200, [])
    assert stand_in.get("/_stand-in/calls") == (200, [])


def test_a_resource_narrows_a_rule(stand_in: Client, s3: Any) -> None:
    """By bucket and key, by a word of the body, by the path."""
    rule(stand_in, "s3:PutObject", "slow_down", resource="bucket/bad/*")
    s3.put_object(Bucket="bucket", Key="good/1", Body=b"")
    assert refused(s3.put_object, Bucket="bucket", Key="bad/1", Body=b"")[0] == 503
    rule(stand_in, "sqs:CreateQueue", "throttle", resource='*"QueueName": "bad"*')
    sqs = stand_in.client("sqs")
    sqs.create_queue(QueueName="good")
    assert refused(sqs.create_queue, QueueName="bad")[0] == 400
    rule(stand_in, "lambda:GetFunction", "internal", resource="*/functions/bad*")
    assert refused(stand_in.client("lambda").get_function, FunctionName="good")[0] == 404
    assert refused(stand_in.client("lambda").get_function, FunctionName="bad")[0] == 500


def test_every_match_counts_once_under_threads(stand_in: Client, s3: Any) -> None:
    """Of 40 calls at once exactly 7 fail."""
    rule(stand_in, "s3:HeadBucket", "internal", nth=5, times=7)

    def head(_: int) -> int:
        return stand_in.call("HEAD", "/bucket")[0]

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(head, range(40)))
    assert statuses.count(500) == 7 and statuses.count(200) == 33
    assert stand_in.get("/_stand-in/faults")[1][0]["seen"] == 40


def test_a_lost_answer_comes_after_the_call(stand_in: Client, s3: Any) -> None:
    """The object is there, the client knows nothing of it."""
    rule(stand_in, "s3:PutObject", "lost_answer")
    with pytest.raises(botocore.exceptions.HTTPClientError):
        s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    assert keys(s3) == ["k"]


def test_a_delay_and_then_an_error(stand_in: Client, s3: Any) -> None:
    """The delay is real, and what follows follows."""
    rule(stand_in, "s3:PutObject", {"kind": "delay", "milliseconds": 200})
    started = time.monotonic()
    s3.put_object(Bucket="bucket", Key="k", Body=b"1")
    assert 0.2 <= time.monotonic() - started < 5
    rule(stand_in, "s3:PutObject", {"kind": "delay", "milliseconds": 1, "then": "conflict"})
    assert refused(s3.put_object, Bucket="bucket", Key="k", Body=b"1")[0] == 409


def test_a_long_delay_ends_when_the_clock_moves(stand_in: Client, s3: Any) -> None:
    """Nobody need wait for an hour."""
    rule(stand_in, "s3:PutObject", {"kind": "delay", "milliseconds": 3_600_000})
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        put = pool.submit(s3.put_object, Bucket="bucket", Key="k", Body=b"1")
        while not stand_in.get("/_stand-in/faults")[1][0]["fired"]:
            time.sleep(0.01)
        time.sleep(0.05)
        assert not put.done()
        stand_in.post("/_stand-in/clock", {"advance_seconds": 3600})
        put.result(5)


@pytest.mark.parametrize(("kept", "arrives"), [(3, b"012"), (99, b"012345678")])
def test_a_cut_body_breaks_off(stand_in: Client, s3: Any, kept: int, arrives: bytes) -> None:
    """The length is that of the whole, the bytes are fewer, and never all."""
    s3.put_object(Bucket="bucket", Key="k", Body=b"0123456789")
    rule(stand_in, "s3:GetObject", {"kind": "cut_body", "bytes": kept})
    url = s3.generate_presigned_url("get_object", {"Bucket": "bucket", "Key": "k"})
    with urllib.request.urlopen(url, timeout=10) as found, pytest.raises(http.client.IncompleteRead) as broken:
        found.read()
    assert found.headers["Content-Length"] == "10" and broken.value.partial == arrives
    assert s3.get_object(Bucket="bucket", Key="k")["Body"].read() == b"0123456789"


@pytest.mark.parametrize(("kind", "left"), [("kill", []), ("kill_after", ["killed"])])
def test_the_client_is_killed(stand_in: Client, s3: Any, kind: str, left: list[str]) -> None:
    """Before the call is made or after it."""
    rule(stand_in, "s3:PutObject", kind)
    port = stand_in.endpoint.rpartition(":")[2]
    client = subprocess.run([sys.executable, "-c", PUT, port], capture_output=True, timeout=30)
    assert client.returncode == -signal.SIGKILL and client.stdout == b""
    assert keys(s3) == left


def test_ancestors_are_never_killed(stand_in: Client, s3: Any) -> None:
    """Whoever started the stand-in lives, and sees that the rule could not be kept."""
    rule(stand_in, "s3:PutObject", "kill")
    assert refused(s3.put_object, Bucket="bucket", Key="k", Body=b"")[0] == 500
    assert os.getpid()


def test_calls_are_told(stand_in: Client, s3: Any) -> None:
    """Operation, resource, status, time, and the fault that struck."""
    assert stand_in.call("DELETE", "/_stand-in/calls")[0] == 200
    rule(stand_in, "s3:PutObject", "conflict", nth=2)
    s3.put_object(Bucket="bucket", Key="a/b", Body=b"")
    refused(s3.put_object, Bucket="bucket", Key="a/b", Body=b"")
    first, second = stand_in.get("/_stand-in/calls")[1]
    assert (first["operation"], first["resource"], first["status"]) == ("s3:PutObject", "bucket/a/b", 200)
    assert first["milliseconds"] > 0 and first["at"].endswith("Z") and "fault" not in first
    assert (second["status"], second["fault"]) == (409, "conflict")


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"fault": "kill"}, "operation"),
        ({"operation": "PutObject", "fault": "kill"}, "operation"),
        ({"operation": "s3:*"}, "fault"),
        ({"operation": "s3:PutObjct", "fault": "kill"}, "s3:PutObject"),
        ({"operation": "sfn:StartExecution", "fault": "kill"}, "sfn"),
        ({"operation": "stepfunctions:StartExecution", "fault": "kill"}, "states"),
        ({"operation": "s3:*", "fault": {"kind": "internal", "message": "\ud800"}}, "surrogates"),
        ({"operation": "s3:*", "fault": "explode"}, "explode"),
        ({"operation": "s3:*", "fault": {"kind": "error", "status": 200, "code": "x"}}, "status"),
        ({"operation": "s3:*", "fault": {"kind": "error", "status": 600, "code": "x"}}, "status"),
        ({"operation": "s3:*", "fault": {"kind": "error", "status": 500}}, "code"),
        ({"operation": "s3:*", "fault": {"kind": "error", "status": 500, "code": "a\r\nb: c"}}, "code"),
        ({"operation": "s3:*", "fault": {"kind": "delay"}}, "milliseconds"),
        ({"operation": "s3:*", "fault": {"kind": "delay", "milliseconds": 1, "then": "no"}}, "no"),
        ({"operation": "s3:*", "fault": {"kind": "kill", "bytes": 1}}, "bytes"),
        ({"operation": "s3:*", "fault": "kill", "nth": 0}, "nth"),
        ({"operation": "s3:*", "fault": "kill", "times": 0}, "times"),
        ({"operation": "s3:*", "fault": "kill", "after": 1}, "after"),
        ([], "object"),
    ],
)
def test_a_bad_rule_is_refused_with_its_reason(stand_in: Client, wrong: Any, reason: str) -> None:
    """400, the word that is wrong, and no rule."""
    status, value = stand_in.post("/_stand-in/faults", wrong)
    assert status == 400 and reason in value["message"]
    assert stand_in.get("/_stand-in/faults") == (200, [])
