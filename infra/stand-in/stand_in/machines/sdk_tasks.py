"""Tasks that call AWS: the clients they use, and parameters, answers and errors in the form that AWS gives them."""

import datetime
import functools
import json
import re
import threading
from typing import Any

import boto3
import botocore.config
import botocore.exceptions
from botocore.model import ListShape, MapShape, Shape, StructureShape
from botocore.response import StreamingBody
from moto.stepfunctions.parser.asl.component.state.exec.state_task.service.state_task_service_aws_sdk import (
    StateTaskServiceAwsSdk,
)

from stand_in.epochs import mark
from stand_in.world import REGION

_TASK_TIMEOUT_SECONDS = 900
_SERVICE_NAMES = {"sfn": "stepfunctions", "states": "stepfunctions", "eventbridge": "events"}


def install(clients: "Clients") -> None:
    """Patches moto's tasks of the form aws-sdk:service:action."""
    task = StateTaskServiceAwsSdk
    # moto writes services in lower case; AWS names errors as its SDK for Java names classes.
    task._normalise_service_error_name = staticmethod(service_error_name)  # type: ignore[method-assign]

    def shape(self: StateTaskServiceAwsSdk, kind: str) -> Shape | None:
        model = clients.get(REGION, self._get_boto_service_name()).meta.service_model
        names = {name.lower(): name for name in model.operation_names}
        found = names.get(self.resource.api_action.lower())
        return getattr(model.operation_model(found), kind) if found else None

    def asked(self: StateTaskServiceAwsSdk, parameters: dict[str, Any], *_: Any) -> None:
        parameters.update(_replaced(parameters, to_boto(parameters, shape(self, "input_shape"))))

    def answered(self: StateTaskServiceAwsSdk, response: Any, *_: Any) -> None:
        response.update(_replaced(response, from_boto(response, shape(self, "output_shape"))))

    # moto hands both over as they are: states write every name with a capital, some services do not.
    task._normalise_parameters = asked  # type: ignore[method-assign]
    task._normalise_response = answered  # type: ignore[method-assign]


def _replaced(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    old.clear()
    return new


def to_boto(value: Any, shape: Shape | None) -> Any:
    """A parameter in the form that the SDK takes: with its own names, and JSON where it wants bytes or a text."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        names = {name.lower(): name for name in shape.members}
        known = {name: names.get(name.lower(), name) for name in value}
        return {known[name]: to_boto(one, shape.members.get(known[name])) for name, one in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [to_boto(one, shape.member) for one in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {name: to_boto(one, shape.value) for name, one in value.items()}
    if shape is not None and shape.type_name in ("blob", "string") and isinstance(value, dict | list):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return value


def from_boto(value: Any, shape: Shape | None) -> Any:
    """An answer as a state sees it: capitals, texts instead of streams, and times as AWS writes them."""
    if isinstance(value, StreamingBody):
        value = value.read()
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, dict) and isinstance(shape, StructureShape):
        return {name[0].upper() + name[1:]: from_boto(one, shape.members.get(name)) for name, one in value.items()}
    if isinstance(value, dict):
        return {name: from_boto(one, getattr(shape, "value", None)) for name, one in value.items()}
    if isinstance(value, list):
        return [from_boto(one, getattr(shape, "member", None)) for one in value]
    return value


class Clients:
    """The AWS clients of tasks, each made once.

    moto makes one for each call, which is slow and not safe in parallel branches, and looks up "localhost".
    """

    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._session = boto3.Session(aws_access_key_id="states", aws_secret_access_key="states")
        self._made: dict[tuple[str, str], Any] = {}

    def get(self, region: str, service: str, state_credentials: Any = None) -> Any:
        """The client of a service in a region; whose credentials a state names makes no difference."""
        with self._lock:
            if (region, service) not in self._made:
                self._made[region, service] = self._make(region, service)
            return self._made[region, service]

    def _make(self, region: str, service: str) -> Any:
        config = botocore.config.Config(
            parameter_validation=False,
            retries={"total_max_attempts": 1},
            read_timeout=_TASK_TIMEOUT_SECONDS,
            max_pool_connections=50,
        )
        return mark(self._session.client(service, region_name=region, endpoint_url=self._endpoint, config=config))


def service_error_name(service: str) -> str:
    """A service as AWS spells it in names of errors: Iam, DynamoDb, SecretsManager."""
    try:
        words = _service_id(_SERVICE_NAMES.get(service.lower(), service.lower())).split()
    except botocore.exceptions.UnknownServiceError:
        words = [service]
    return "".join(re.sub(r"([A-Z])([A-Z]+)", lambda found: found[1] + found[2].lower(), word) for word in words)


@functools.cache
def _service_id(service: str) -> str:
    return boto3.Session()._session.get_service_model(service).service_id
