"""Quotas on how much one call may bring, which moto does not enforce."""

import dataclasses
import functools
from collections.abc import Callable
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.events.exceptions import ValidationException as EventsValidation
from moto.events.models import EventsBackend
from moto.glue.responses import GlueResponse
from moto.s3.exceptions import MalformedXML
from moto.s3.responses import S3Response
from moto.ssm.exceptions import ValidationException as SsmValidation
from moto.ssm.responses import SimpleSystemManagerResponse
from moto.stepfunctions.exceptions import ValidationException as StatesValidation
from moto.stepfunctions.responses import StepFunctionResponse

from stand_in.answers import Wsgi
from stand_in.world import World


@dataclasses.dataclass(frozen=True)
class BatchQuota:
    """How many items a list in a request may have."""

    operation: str
    parameter: str
    most: int


# From the API reference of Glue. botocore's models do not hold these limits, so that clients do not check them.
GLUE_BATCHES = (
    BatchQuota("batch_create_partition", "PartitionInputList", 100),
    BatchQuota("batch_get_partition", "PartitionsToGet", 1_000),
    BatchQuota("batch_update_partition", "Entries", 100),
    BatchQuota("batch_delete_partition", "PartitionsToDelete", 25),
    BatchQuota("batch_delete_table", "TablesToDelete", 100),
)

MOST_DELETED_OBJECTS = 1_000
PARAMETER_BYTES = {"Standard": 4_096, "Advanced": 8_192}
# Of all entries of one call together: 256 KB until 2026, as older documents still say.
EVENTS_BYTES = 1_024 * 1_024
DEFINITION_BYTES = 1_024 * 1_024


def install(world: World) -> dict[str, Wsgi]:
    """Makes moto enforce the quotas."""
    for quota in GLUE_BATCHES:
        _enforce(GlueResponse, quota)
    _guard(S3Response, "_bucket_response_delete_keys", _check_delete_objects)
    _guard(SimpleSystemManagerResponse, "put_parameter", _check_parameter)
    _guard(EventsBackend, "put_events", _check_events)
    for operation in ("create_state_machine", "update_state_machine"):
        _guard(StepFunctionResponse, operation, _check_definition)
    return {}


def _guard(owner: type, operation: str, check: Callable[..., None]) -> None:
    """Puts a check before an operation; it gets the same values."""
    old = getattr(owner, operation)

    @functools.wraps(old)
    def guarded(self: Any, *values: Any, **named: Any) -> Any:
        check(self, *values, **named)
        return old(self, *values, **named)

    setattr(owner, operation, guarded)


def _check_delete_objects(response: Any, *_: Any, **__: Any) -> None:
    body = response.body if isinstance(response.body, bytes) else response.body.encode()
    # A key cannot hold this, for it is escaped there.
    if body.count(b"<Object>") > MOST_DELETED_OBJECTS:
        raise MalformedXML


def _check_parameter(response: Any) -> None:
    tier = response._get_param("Tier") or "Standard"
    most = PARAMETER_BYTES[tier] if tier in PARAMETER_BYTES else max(PARAMETER_BYTES.values())
    if len((response._get_param("Value") or "").encode()) > most:
        raise SsmValidation(
            f"{tier} tier parameters support a maximum parameter value of {most} characters. To create a larger "
            "parameter value, upgrade the parameter to use the advanced-parameter tier."
        )


def _check_events(backend: Any, events: list[dict[str, Any]]) -> None:
    if sum(map(entry_size, events)) > EVENTS_BYTES:
        raise EventsValidation("Total size of the entries in the request is over the limit.")


def entry_size(entry: dict[str, Any]) -> int:
    """The size of an event as EventBridge counts it."""
    texts = [entry.get(name) or "" for name in ("Source", "DetailType", "Detail")] + (entry.get("Resources") or [])
    return sum(len(text.encode()) for text in texts) + (14 if entry.get("Time") else 0)


def _check_definition(response: Any) -> None:
    if len((response._get_param("definition") or "").encode()) > DEFINITION_BYTES:
        raise StatesValidation(
            "1 validation error detected: Value at 'definition' failed to satisfy constraint: "
            f"Member must have length less than or equal to {DEFINITION_BYTES}"
        )


def _enforce(responses: type, quota: BatchQuota) -> None:
    answer = getattr(responses, quota.operation)

    @functools.wraps(answer)
    def limited(self: Any) -> Any:
        items = self.parameters.get(quota.parameter) or []
        if len(items) > quota.most:
            raise JsonRESTError("ValidationException", _message(quota))
        return answer(self)

    setattr(responses, quota.operation, limited)


def _message(quota: BatchQuota) -> str:
    # AWS writes the whole list where we write dots: it can be long and nobody reads it.
    name = quota.parameter[0].lower() + quota.parameter[1:]
    return (
        f"1 validation error detected: Value '[...]' at '{name}' failed to satisfy constraint: "
        f"Member must have length less than or equal to {quota.most}"
    )
