"""Where events and records of them go: SQS, SNS, Lambda and EventBridge, by ARN, inside this process."""

import json
from collections.abc import Callable
from typing import Any

from stand_in.epochs import EPOCHS
from stand_in.world import ACCOUNT

# AWS cuts the error text that it puts in an attribute of a dead letter.
ERROR_TEXT_LENGTH = 1024

# Each sender gets the ARN, the body and the attributes.
Sender = Callable[[str, str, dict[str, str]], None]
_SENDERS: dict[str, Sender] = {}


def register(service: str, sender: Sender) -> None:
    """Adds a service that can be sent to."""
    _SENDERS[service] = sender


def send(arn: str, body: str, attributes: dict[str, str] | None = None, group: str | None = None) -> None:
    """Sends `body` to a queue, topic, function or bus.

    Raises ValueError, moto's error if there is no such thing, and Closed after a reset, for what is there by the same
    name then is another's.
    """
    with EPOCHS.entered():
        _send(arn, body, attributes or {}, group)


def _send(arn: str, body: str, attributes: dict[str, str], group: str | None) -> None:
    service = arn.split(":")[2] if arn.count(":") >= 5 else ""
    if service == "sqs":
        send_to_queue(arn, body, attributes, group)
    elif service in _SENDERS:
        _SENDERS[service](arn, body, attributes)
    else:
        raise ValueError(f"the stand-in sends nothing to {arn}")


def send_to_queue(arn: str, body: str, attributes: dict[str, str], group: str | None = None) -> None:
    """One SQS message; the attributes are strings."""
    from moto.sqs.models import sqs_backends

    region, name = arn.split(":")[3], arn.split(":")[5]
    values = {key: {"DataType": "String", "StringValue": value} for key, value in attributes.items()}
    sqs_backends[ACCOUNT][region].send_message(name, body, message_attributes=values, group_id=group)


def send_to_topic(arn: str, body: str, attributes: dict[str, str]) -> None:
    """One SNS message; the attributes are strings."""
    from moto.sns.models import sns_backends

    values = {key: {"Type": "String", "Value": value} for key, value in attributes.items()}
    sns_backends[ACCOUNT][arn.split(":")[3]].publish(body, arn=arn, message_attributes=values)


def send_to_bus(arn: str, body: str, attributes: dict[str, str]) -> None:
    """The record of an invocation, as an event."""
    from moto.events.models import events_backends

    record = json.loads(body)
    how = "Success" if record["requestContext"]["condition"] == "Success" else "Failure"
    event = {
        "Source": "lambda",
        "DetailType": f"Lambda Function Invocation Result - {how}",
        "Detail": body,
        "Resources": [record["requestContext"]["functionArn"], arn],
        "EventBusName": arn.rsplit("/", 1)[-1],
    }
    events_backends[ACCOUNT][arn.split(":")[3]].put_events([event])


def attribute_text(value: Any) -> str:
    """A value as the attribute of a dead letter."""
    return str(value)[:ERROR_TEXT_LENGTH]


register("sns", send_to_topic)
register("events", send_to_bus)
