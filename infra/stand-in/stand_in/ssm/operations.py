"""The operations of Systems Manager that moto lacks or answers without a look at the instance."""

import functools
import threading
from typing import Any

from moto.core.responses import ActionResult
from moto.ssm.exceptions import SSMException
from moto.ssm.models import Command, SimpleSystemManagerBackend
from moto.ssm.responses import SimpleSystemManagerResponse

from stand_in.ssm.plans import PLANS
from stand_in.ssm.runs import RUNNING, Run

PATIENCE_SECONDS = 3_600
PAGE = 50
# Of those that a command's runs have, the first one here is the command's.
RANKS = ("InProgress", "Pending", "Failed", "TimedOut", "Cancelled", "Success")


class Runs:
    """Every run since the last reset."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._runs: list[Run] = []

    def add(self, run: Run) -> None:
        """A command was sent to an instance."""
        with self._lock:
            self._runs.append(run)

    def of(self, command: str | None = None, instance: str | None = None) -> list[Run]:
        """The runs of a command, on an instance, or both."""
        with self._lock:
            return [one for one in self._runs if command in (None, one.command) and instance in (None, one.instance)]

    def clear(self) -> None:
        """Forgets them."""
        with self._lock:
            self._runs.clear()


RUNS = Runs()


def install() -> None:
    """Patches moto."""
    _send()
    _tell_status()
    responses: Any = SimpleSystemManagerResponse
    responses.get_command_invocation = get_command_invocation
    responses.list_command_invocations = list_command_invocations
    responses.cancel_command = cancel_command
    responses.describe_instance_information = describe_instance_information


def _send() -> None:
    send = SimpleSystemManagerBackend.send_command

    @functools.wraps(send)
    def checked(self: SimpleSystemManagerBackend, **named: Any) -> Command:
        _check_document(self, named["document_name"] or "")
        _check_instances(named["instance_ids"])
        command = send(self, **named)
        # Targets that are not managed get nothing, and nobody is told.
        command.instance_ids = [one for one in command.instance_ids if PLANS.instance(one)]
        command.target_count = len(command.instance_ids)
        for one in command.instance_ids:
            RUNS.add(_run_of(command, one, named["timeout_seconds"] or PATIENCE_SECONDS))
        return command

    # Moto sends anything anywhere.
    SimpleSystemManagerBackend.send_command = checked  # type: ignore[method-assign]


def _check_document(backend: SimpleSystemManagerBackend, name: str) -> None:
    # AWS's own documents are not in moto; which of them there are is not checked.
    if not name.startswith(("AWS-", "AmazonInspector", "AmazonCloudWatch-")) and name not in backend._documents:
        raise SSMException("InvalidDocument", f"Document with name {name} does not exist.")


def _check_instances(ids: list[str]) -> None:
    unknown = [one for one in ids if PLANS.instance(one) is None]
    if unknown:
        raise SSMException("InvalidInstanceId", f"Instances {unknown} not in a valid state for account.")


def _run_of(command: Command, instance_id: str, patience: float) -> Run:
    instance, document = PLANS.instance(instance_id), command.document_name or ""
    assert instance is not None
    return Run(
        command=command.command_id,
        document=document,
        comment=command.comment,
        instance=instance_id,
        name=instance.name,
        plan=PLANS.plan_of(document, instance_id),
        reachable=instance.ping == "Online",
        patience=patience,
    )


def _tell_status() -> None:
    describe = Command.response_object

    @functools.wraps(describe)
    def told(self: Command) -> dict[str, Any]:
        statuses = [one.status()[0] for one in RUNS.of(self.command_id)]
        status = next((one for one in RANKS if one in statuses), "Success")
        return {
            **describe(self),
            "Status": status,
            "StatusDetails": status,
            "CompletedCount": sum(one not in RUNNING for one in statuses),
            "ErrorCount": sum(one in ("Failed", "TimedOut") for one in statuses),
        }

    # Moto's commands succeed at once.
    Command.response_object = told  # type: ignore[method-assign]


def get_command_invocation(self: SimpleSystemManagerResponse) -> ActionResult:
    """Answers GetCommandInvocation."""
    found = RUNS.of(self._get_param("CommandId"), self._get_param("InstanceId"))
    if not found or self._get_param("PluginName") not in (None, "aws:runShellScript"):
        raise SSMException("InvocationDoesNotExist", "")
    return ActionResult(found[0].described())


def list_command_invocations(self: SimpleSystemManagerResponse) -> ActionResult:
    """Answers ListCommandInvocations: the newest first, in pages."""
    command = self._get_param("CommandId")
    if command is not None:
        self.ssm_backend.get_command_by_id(command)
    found = RUNS.of(command, self._get_param("InstanceId"))[::-1]
    details = bool(self._get_param("Details"))
    return ActionResult(_page(self, "CommandInvocations", [one.listed(details) for one in found]))


def cancel_command(self: SimpleSystemManagerResponse) -> ActionResult:
    """Answers CancelCommand."""
    command = self.ssm_backend.get_command_by_id(self._get_param("CommandId"))
    wanted = self._get_param("InstanceIds") or command.instance_ids
    for one in RUNS.of(command.command_id):
        if one.instance in wanted:
            one.cancel()
    return ActionResult({})


def describe_instance_information(self: SimpleSystemManagerResponse) -> ActionResult:
    """Answers DescribeInstanceInformation."""
    filters = self._get_param("Filters") or []
    wanted = {one["Key"]: one["Values"] for one in filters}
    wanted |= {one["key"]: one["valueSet"] for one in self._get_param("InstanceInformationFilterList") or []}
    fields = {"InstanceIds": "InstanceId", "PingStatus": "PingStatus", "PlatformTypes": "PlatformType"}
    for key in wanted:
        if key not in fields:
            raise SSMException("InvalidFilterKey", f"the stand-in has no filter {key}")
    found = [
        one
        for one in (instance.described() for instance in PLANS.instances())
        if all(one[fields[key]] in values for key, values in wanted.items())
    ]
    return ActionResult(_page(self, "InstanceInformationList", found))


def _page(request: SimpleSystemManagerResponse, name: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    most, token = request._get_param("MaxResults") or PAGE, request._get_param("NextToken") or "0"
    if not token.isdecimal():
        raise SSMException("InvalidNextToken", "The specified token is not valid.")
    start = int(token)
    page: dict[str, Any] = {name: items[start : start + most]}
    if start + most < len(items):
        page["NextToken"] = str(start + most)
    return page
