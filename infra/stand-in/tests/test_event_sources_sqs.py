"""SQS event source mappings: batches, partial failures, redrive."""

import json
import time
from typing import Any

import pytest
from conftest import Client
from functions import fails, invocations, make, package, queue, receive, until

# Fails the messages whose body starts with "bad".
PARTIAL = """{'batchItemFailures': [
    {'itemIdentifier': one['messageId']} for one in event['Records'] if one['body'].startswith('bad')
]}"""


def mapping(client: Client, queue_arn: str, **settings: Any) -> str:
    """A mapping from a queue to the function `f`, and its id."""
    settings.setdefault("FunctionResponseTypes", ["ReportBatchItemFailures"])
    created = client.client("lambda").create_event_source_mapping
    return created(EventSourceArn=queue_arn, FunctionName="f", **settings)["UUID"]


def send(client: Client, url: str, *bodies: str) -> None:
    """One batch of messages."""
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(bodies)]
    assert len(client.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)["Successful"]) == len(bodies)


def left(client: Client, url: str) -> int:
    """How many messages a queue holds, visible or not."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = client.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def bodies(record: dict[str, Any]) -> list[str]:
    """The bodies of the messages that an attempt got."""
    return [one["body"] for one in record["event"]["Records"]]


def test_a_batch_comes_as_aws_sends_it_and_is_deleted(stand_in: Client) -> None:
    make(stand_in)
    url, arn = queue(stand_in)
    mapping(stand_in, arn, FunctionResponseTypes=[])
    sent = stand_in.client("sqs").send_message(
        QueueUrl=url,
        MessageBody="hello",
        MessageAttributes={
            "kind": {"DataType": "String", "StringValue": "greeting"},
            "raw": {"DataType": "Binary", "BinaryValue": b"\x00\x01"},
        },
    )
    [record] = invocations(stand_in)
    [message] = record["event"]["Records"]
    assert record["source"] == "sqs"
    assert message.pop("receiptHandle")
    attributes = message.pop("attributes")
    assert attributes["ApproximateReceiveCount"] == "1" and attributes["SenderId"]
    assert abs(int(attributes["SentTimestamp"]) / 1000 - time.time()) < 60
    assert int(attributes["ApproximateFirstReceiveTimestamp"]) >= int(attributes["SentTimestamp"])
    assert message == {
        "messageId": sent["MessageId"],
        "body": "hello",
        "messageAttributes": {
            "kind": {
                "stringValue": "greeting",
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "String",
            },
            "raw": {"binaryValue": "AAE=", "stringListValues": [], "binaryListValues": [], "dataType": "Binary"},
        },
        "md5OfBody": "5d41402abc4b2a76b9719d911017c592",
        "md5OfMessageAttributes": sent["MD5OfMessageAttributes"],
        "eventSource": "aws:sqs",
        "eventSourceARN": arn,
        "awsRegion": "us-east-1",
    }
    until(lambda: left(stand_in, url) == 0)


def test_of_a_batch_only_the_failed_come_again(stand_in: Client) -> None:
    make(stand_in, code=package(reply=PARTIAL))
    url, arn = queue(stand_in)
    mapping(stand_in, arn)
    send(stand_in, url, "a", "bad", "c")
    [record] = invocations(stand_in)
    assert bodies(record) == ["a", "bad", "c"]
    until(lambda: left(stand_in, url) == 1)
    stand_in.post("/_stand-in/clock", {"advance_seconds": 31})
    second = invocations(stand_in, count=2)[1]
    assert bodies(second) == ["bad"]
    assert second["event"]["Records"][0]["attributes"]["ApproximateReceiveCount"] == "2"


def test_a_failing_message_ends_in_the_queues_dead_letters(stand_in: Client) -> None:
    make(stand_in, code=package(reply=PARTIAL))
    letters, letters_arn = queue(stand_in, name="letters")
    redrive = json.dumps({"deadLetterTargetArn": letters_arn, "maxReceiveCount": 2})
    url, arn = queue(stand_in, RedrivePolicy=redrive)
    mapping(stand_in, arn)
    send(stand_in, url, "bad")
    for count in (1, 2):
        invocations(stand_in, count=count)
        stand_in.post("/_stand-in/clock", {"advance_seconds": 31})
    assert receive(stand_in, letters)["Body"] == "bad"
    assert len(invocations(stand_in, count=2)) == 2 and left(stand_in, url) == 0


@pytest.mark.parametrize(
    ("reply", "kept"),
    [
        ("{'batchItemFailures': []}", 0),
        ("{'batchItemFailures': None}", 0),
        ("{}", 0),
        ("None", 0),
        ("{'batchItemFailures': [{'itemIdentifier': 'unknown'}]}", 2),
        ("{'batchItemFailures': [{'itemIdentifier': None}]}", 2),
        ("{'batchItemFailures': [{'itemIdentifier': ''}]}", 2),
        ("{'batchItemFailures': [{'id': event['Records'][0]['messageId']}]}", 2),
        ("{'batchItemFailures': 'all'}", 2),
        ("'text'", 2),
        ("handle({'do': 'fail'}, headers)", 2),
    ],
)
def test_answers_to_a_batch(stand_in: Client, reply: str, kept: int) -> None:
    make(stand_in, code=package(reply=reply))
    url, arn = queue(stand_in)
    mapping(stand_in, arn)
    send(stand_in, url, "a", "b")
    invocations(stand_in)
    until(lambda: left(stand_in, url) == kept)
    time.sleep(0.1)
    assert left(stand_in, url) == kept


def test_without_report_an_answer_names_nothing(stand_in: Client) -> None:
    make(stand_in, code=package(reply=PARTIAL))
    url, arn = queue(stand_in)
    mapping(stand_in, arn, FunctionResponseTypes=[])
    send(stand_in, url, "bad")
    until(lambda: left(stand_in, url) == 0)


def test_batch_size_and_window(stand_in: Client) -> None:
    make(stand_in)
    url, arn = queue(stand_in)
    uuid = mapping(stand_in, arn, BatchSize=2)
    send(stand_in, url, "a", "b", "c", "d")
    assert sorted(sorted(bodies(one)) for one in invocations(stand_in, count=2)) == [["a", "b"], ["c", "d"]]
    stand_in.client("lambda").update_event_source_mapping(UUID=uuid, BatchSize=3, MaximumBatchingWindowInSeconds=60)
    send(stand_in, url, "e")
    time.sleep(0.2)
    send(stand_in, url, "f")
    time.sleep(0.2)
    assert len(invocations(stand_in, count=2)) == 2
    stand_in.post("/_stand-in/clock", {"advance_seconds": 61})
    assert bodies(invocations(stand_in, count=3)[2]) == ["e", "f"]


def test_a_disabled_or_deleted_mapping_takes_nothing(stand_in: Client) -> None:
    make(stand_in)
    url, arn = queue(stand_in)
    uuid = mapping(stand_in, arn, Enabled=False)
    send(stand_in, url, "a")
    time.sleep(0.3)
    assert stand_in.get("/_stand-in/lambdas/f/invocations") == (200, [])
    functions = stand_in.client("lambda")
    functions.update_event_source_mapping(UUID=uuid, Enabled=True)
    invocations(stand_in)
    functions.delete_event_source_mapping(UUID=uuid)
    send(stand_in, url, "b")
    time.sleep(0.3)
    assert len(invocations(stand_in)) == 1 and left(stand_in, url) == 1


def test_mappings_that_aws_refuses(stand_in: Client) -> None:
    make(stand_in, Timeout=20)
    _, short = queue(stand_in, name="short", VisibilityTimeout="10")
    fails("InvalidParameterValueException", mapping, stand_in, short)
    _, arn = queue(stand_in)
    fails("InvalidParameterValueException", mapping, stand_in, arn, BatchSize=100)
    filters = {"Filters": [{"Pattern": "{}"}]}
    fails("InvalidParameterValueException", mapping, stand_in, arn, FilterCriteria=filters)
    mapping(stand_in, arn)
    fails("ResourceConflictException", mapping, stand_in, arn)


def test_a_fifo_queue_keeps_the_order_of_a_group(stand_in: Client) -> None:
    make(stand_in, code=package(reply="time.sleep(0.05)"))
    url, arn = queue(stand_in, name="jobs.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    mapping(stand_in, arn, BatchSize=1)
    for number in range(4):
        stand_in.client("sqs").send_message(QueueUrl=url, MessageBody=str(number), MessageGroupId="g")
    assert [bodies(one) for one in invocations(stand_in, count=4)] == [["0"], ["1"], ["2"], ["3"]]


def test_many_messages_are_each_taken_once(stand_in: Client) -> None:
    make(stand_in)
    url, arn = queue(stand_in)
    mapping(stand_in, arn)
    for start in range(0, 100, 10):
        send(stand_in, url, *[str(number) for number in range(start, start + 10)])
    until(lambda: left(stand_in, url) == 0)
    seen = [body for one in invocations(stand_in) for body in bodies(one)]
    assert sorted(seen, key=int) == [str(number) for number in range(100)]
