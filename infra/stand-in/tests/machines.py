"""What tests of state machines share: making one, running it, and how that ended."""

import json
import time
from typing import Any

from conftest import Client

ROLE = "arn:aws:iam::123456789012:role/machine"
LIMIT = 256 * 1024


def make(stand_in: Client, states: dict[str, Any], language: str = "JSONPath", name: str = "m", **more: Any) -> str:
    """The ARN of a new machine that starts at its first state."""
    definition = {"QueryLanguage": language, "StartAt": next(iter(states)), "States": states, **more}
    client = stand_in.client("stepfunctions")
    return client.create_state_machine(name=name, definition=json.dumps(definition), roleArn=ROLE)["stateMachineArn"]


def ended(stand_in: Client, execution: str) -> dict[str, Any]:
    """How an execution ended."""
    client = stand_in.client("stepfunctions")
    for _ in range(500):
        found = client.describe_execution(executionArn=execution)
        if found["status"] != "RUNNING":
            return found
        time.sleep(0.02)
    raise AssertionError("still running")


def run(stand_in: Client, states: dict[str, Any], given: Any = None, language: str = "JSONPath") -> dict[str, Any]:
    """How one execution of a new machine ended."""
    machine = make(stand_in, states, language)
    client = stand_in.client("stepfunctions")
    started = client.start_execution(stateMachineArn=machine, input=json.dumps(given or {}))
    return ended(stand_in, started["executionArn"])


def output(found: dict[str, Any]) -> Any:
    """The output of an execution that succeeded."""
    assert found["status"] == "SUCCEEDED", found
    return json.loads(found["output"])
