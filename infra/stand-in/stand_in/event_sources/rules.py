"""EventBridge rules: targets that moto lacks, or does not shape as AWS does, and their dead letters."""

import functools
import json
import logging
import threading
import uuid
from typing import Any

import boto3
import botocore.config
from botocore.exceptions import ClientError

from stand_in.clock import iso_of
from stand_in.epochs import Closed, mark
from stand_in.event_sources.background import later
from stand_in.event_sources.inputs import input_of, shaped
from stand_in.lambdas import destinations, invoke_later
from stand_in.world import World

LOG = logging.getLogger(__name__)

OURS = ("lambda", "states", "sns", "sqs")
# How the stand-in's services say that there is no such target.
ABSENT = ("UnknownFunctionException", "StateMachineDoesNotExist", "SNSNotFoundError", "QueueDoesNotExist")

# Making clients at once in several threads is what boto3 does not allow.
_MAKING = threading.Lock()


def patch_moto(world: World) -> None:
    """Delivers to our targets; moto keeps log groups, buses, archives and API destinations."""
    from moto.events.models import Rule

    old = Rule.send_to_targets

    def send_to_targets(self: Any, original_event: dict[str, Any], transform_input: bool = True) -> None:
        # Moto lets disabled rules fire, and rules with a schedule only on any event.
        if self.state == "DISABLED" or not self.event_pattern.get_pattern():
            return
        if not self.event_pattern.matches_event(_matched(original_event)):
            return
        received = iso_of(float(original_event.get("ingestion-time", 0)))
        for target in [one for one in self.targets if _service(one) in OURS]:
            later(_deliver, world, self, target, shaped(original_event), received)
        others = [one for one in self.targets if _service(one) not in OURS]
        if others:
            # A copy without ours, for moto fails on targets that it does not know.
            rule = type(self).__new__(type(self))
            vars(rule).update(vars(self), targets=others)
            old(rule, original_event, transform_input)

    Rule.send_to_targets = send_to_targets


def _matched(event: dict[str, Any]) -> dict[str, Any]:
    # Patterns may ask for the time, which moto has as a number.
    return {**shaped(event), "ingestion-time": event.get("ingestion-time")}


def _service(target: dict[str, Any]) -> str:
    parts = target["Arn"].split(":")
    return parts[2] if len(parts) > 2 else ""


def _deliver(world: World, rule: Any, target: dict[str, Any], event: dict[str, Any], received: str) -> None:
    try:
        text = input_of(target, event, rule, received)
        _send(world, target, event, text)
    except Closed:
        raise
    except Exception as error:
        LOG.info("rule %s could not deliver to %s: %s", rule.name, target["Arn"], error)
        letters = (target.get("DeadLetterConfig") or {}).get("Arn")
        if letters:
            destinations.send(letters, json.dumps(event), _attributes(rule, target, error))


def _send(world: World, target: dict[str, Any], event: dict[str, Any], text: str) -> None:
    arn, service = target["Arn"], _service(target)
    if service == "lambda":
        # Raises ValueError for a template whose filling is no JSON, which AWS refuses too.
        invoke_later(arn, json.loads(text), "events")
    elif service == "states":
        # Over the wire, so that what is true of StartExecution is true here: limits, faults, counting.
        # Two rules may start one machine on one event.
        name = f"{event['id']}_{uuid.uuid4().hex}"
        _machines(world, arn.split(":")[3]).start_execution(stateMachineArn=arn, name=name, input=text)
    else:
        group = (target.get("SqsParameters") or {}).get("MessageGroupId")
        destinations.send(arn, text, group=group)


@functools.cache
def _machines_of(endpoint: str, region: str) -> Any:
    config = botocore.config.Config(retries={"total_max_attempts": 1})
    return mark(boto3.client("stepfunctions", endpoint_url=endpoint, region_name=region, config=config))


def _machines(world: World, region: str) -> Any:
    with _MAKING:
        return _machines_of(world.endpoint, region)


def _attributes(rule: Any, target: dict[str, Any], error: Exception) -> dict[str, str]:
    return {
        "RULE_ARN": rule.arn,
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": _code(error),
        "ERROR_MESSAGE": destinations.attribute_text(getattr(error, "message", None) or error),
    }


def _code(error: Exception) -> str:
    """One of the codes that EventBridge has."""
    if isinstance(error, json.JSONDecodeError):
        return "INVALID_JSON"
    kind = type(error).__name__
    if isinstance(error, ClientError):
        kind = error.response["Error"]["Code"]
    return "NO_RESOURCE" if kind in ABSENT else "ERROR_FROM_TARGET"
