"""Batches of SQS messages: the event that a function gets, and what its answer says of each message."""

import base64
import json
from collections.abc import Iterable
from typing import Any

from stand_in.lambdas import Outcome


def event_of(messages: Iterable[Any], queue: Any) -> dict[str, Any]:
    """The event for moto's messages."""
    return {"Records": [_record(message, queue) for message in messages]}


def failed_ids(outcome: Outcome, sent: set[str], partial: bool) -> set[str]:
    """The ids of the messages that are not done, by AWS's rules for ReportBatchItemFailures.

    A function error, an answer of another shape, and an id that was not sent fail the whole batch.
    """
    if outcome.error:
        return sent
    if not partial:
        return set()
    try:
        answer = json.loads(outcome.payload or b"null")
    except ValueError:
        return sent
    if answer is None:
        return set()
    if not isinstance(answer, dict):
        return sent
    items = answer.get("batchItemFailures")
    if items is None:
        return set()
    if not isinstance(items, list):
        return sent
    named = [item.get("itemIdentifier") if isinstance(item, dict) else None for item in items]
    if not all(isinstance(name, str) and name in sent for name in named):
        return sent
    return set(named)


def _record(message: Any, queue: Any) -> dict[str, Any]:
    record = {
        "messageId": message.id,
        "receiptHandle": message.receipt_handle,
        "body": message.body,
        "attributes": _attributes(message),
        "messageAttributes": {name: _value(value) for name, value in message.message_attributes.items()},
        "md5OfBody": message.body_md5,
        "eventSource": "aws:sqs",
        "eventSourceARN": queue.queue_arn,
        "awsRegion": queue.region,
    }
    if message.message_attributes:
        record["md5OfMessageAttributes"] = message.attribute_md5
    return record


def _attributes(message: Any) -> dict[str, str]:
    found = {
        "ApproximateReceiveCount": message.approximate_receive_count,
        "SentTimestamp": message.sent_timestamp,
        "SenderId": message.sender_id,
        "ApproximateFirstReceiveTimestamp": message.approximate_first_receive_timestamp,
        "MessageGroupId": message.group_id,
        "MessageDeduplicationId": message.deduplication_id,
        "SequenceNumber": message.sequence_number,
        "AWSTraceHeader": message.system_attributes.get("AWSTraceHeader", {}).get("StringValue"),
    }
    return {name: str(value) for name, value in found.items() if value is not None}


def _value(attribute: dict[str, Any]) -> dict[str, Any]:
    value = {"stringListValues": [], "binaryListValues": [], "dataType": attribute["DataType"]}
    if "BinaryValue" in attribute:
        binary = attribute["BinaryValue"]
        return {"binaryValue": base64.b64encode(binary).decode() if isinstance(binary, bytes) else binary, **value}
    return {"stringValue": attribute.get("StringValue"), **value}
