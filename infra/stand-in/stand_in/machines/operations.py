"""What the API of Step Functions answers: names, idempotency, limits, ends of executions, CloudFormation."""

import datetime
import functools
import json
import re
import threading
import uuid
import weakref
from typing import Any

import moto.stepfunctions.models as plain_models
from moto.core.exceptions import AWSError
from moto.core.responses import ActionResult, EmptyResult
from moto.stepfunctions.exceptions import InvalidExecutionInput, InvalidName, ValidationException
from moto.stepfunctions.parser.asl.eval.program_state import ProgramStopped
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend.execution import BaseExecutionWorkerCommunication, Execution
from moto.stepfunctions.parser.models import StepFunctionsParserBackend, stepfunctions_parser_backends
from moto.stepfunctions.parser.utils import TMP_THREADS
from moto.stepfunctions.responses import StepFunctionResponse

from stand_in.clock import clock
from stand_in.machines.interpreter import MOST_STATE_BYTES
from stand_in.world import World

LONGEST_NAME = 80
_BAD_IN_NAMES = re.compile(r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]")

_RUNNING: "weakref.WeakSet[Execution]" = weakref.WeakSet()
# Two calls with one name at once must not both find it free.
_STARTING = threading.Lock()


class StateMachineTypeNotSupported(AWSError):
    """Of calls that this type of state machine does not know."""

    TYPE = "StateMachineTypeNotSupported"


def install(world: World) -> None:
    """Patches moto's answers."""
    world.on_stop.append(end_all)
    _start_as_aws_does()
    _tell_how_executions_ended()
    StepFunctionResponse.stop_execution = _stop_execution  # type: ignore[method-assign]
    StepFunctionResponse.send_task_failure = _send_task_failure  # type: ignore[method-assign]
    StepFunctionResponse.start_sync_execution = _start_sync_execution  # type: ignore[attr-defined]
    _create_from_templates()


def end_all() -> None:
    """Ends every execution, without waiting for it."""
    for execution in list(_RUNNING):
        # One that has just started has nothing to stop yet; its calls will be refused.
        if (env := execution.exec_worker and execution.exec_worker.env) is None:
            continue
        execution.stop(datetime.datetime.now(datetime.UTC), None, None)
        # Those that wait for a token wait for nothing else.
        for waiting in list(env.callback_pool_manager._pool.values()):
            waiting.interrupt_all()
    _RUNNING.clear()
    # moto keeps every thread that it ever started.
    TMP_THREADS.clear()


def _start_as_aws_does() -> None:
    start = StepFunctionsParserBackend.start_execution

    @functools.wraps(start)
    def started(
        self: StepFunctionsParserBackend,
        state_machine_arn: str,
        name: str | None = None,
        execution_input: str | None = None,
        trace_header: str | None = None,
    ) -> Execution:
        # moto takes any input and name, and calls an execution without one "None".
        text = "{}" if execution_input is None else execution_input
        check_input(text)
        with _STARTING:
            execution = start(self, state_machine_arn, checked_name(name), text, trace_header)
            _RUNNING.add(execution)
        return execution

    StepFunctionsParserBackend.start_execution = started  # type: ignore[method-assign]


def checked_name(name: str | None) -> str:
    """The name of an execution, made up if there is none."""
    if name is None:
        return str(uuid.uuid4())
    if not 0 < len(name) <= LONGEST_NAME or _BAD_IN_NAMES.search(name):
        raise InvalidName(f"Invalid Name: '{name}'")
    return name


def check_input(text: str) -> None:
    """Raises what AWS answers to an input that is too long or no JSON."""
    if len(text.encode()) > MOST_STATE_BYTES:
        raise ValidationException(
            "1 validation error detected: Value at 'input' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MOST_STATE_BYTES}"
        )
    try:
        json.loads(text)
    except ValueError as error:
        raise InvalidExecutionInput(f"Invalid State Machine Execution Input: '{error}'") from error


def _tell_how_executions_ended() -> None:
    reflect = BaseExecutionWorkerCommunication._reflect_execution_status
    describe = StepFunctionResponse.describe_execution

    @functools.wraps(reflect)
    def reflected(self: BaseExecutionWorkerCommunication) -> None:
        ended = self.execution.exec_worker.env.program_state()
        if isinstance(ended, ProgramStopped):
            # moto forgets what StopExecution said.
            self.execution.error, self.execution.cause = ended.error, ended.cause
        reflect(self)

    @functools.wraps(describe)
    def described(self: StepFunctionResponse) -> ActionResult:
        answer = describe(self)
        result = answer.result
        execution = self.stepfunction_backend.describe_execution(result["executionArn"])
        if result["status"] == "SUCCEEDED":
            # moto gives a text without its quotes, and leaves out null.
            result["output"] = to_json_str(execution.output, separators=(",", ":"))
        if result["status"] == "TIMED_OUT":
            # moto leaves it out.
            result["stopDate"] = execution.stop_date
        return answer

    BaseExecutionWorkerCommunication._reflect_execution_status = reflected  # type: ignore[method-assign]
    StepFunctionResponse.describe_execution = described  # type: ignore[method-assign]


def _stop_execution(self: StepFunctionResponse) -> ActionResult:
    # moto passes on neither error nor cause.
    execution = self.stepfunction_backend.describe_execution(self._get_param("executionArn"))
    now = datetime.datetime.fromtimestamp(clock.now(), datetime.UTC)
    if execution.exec_worker.env is not None:
        execution.stop(now, self._get_param("error"), self._get_param("cause"))
    return ActionResult({"stopDate": execution.stop_date or now})


def _send_task_failure(self: StepFunctionResponse) -> EmptyResult:
    # moto drops the cause.
    self.stepfunction_backend.send_task_failure(
        self._get_param("taskToken"), error=self._get_param("error"), cause=self._get_param("cause")
    )
    return EmptyResult()


def _start_sync_execution(self: StepFunctionResponse) -> ActionResult:
    raise StateMachineTypeNotSupported("This operation is not supported by this type of state machine")


def _create_from_templates() -> None:
    machine = plain_models.StateMachine
    # moto gives state machines of templates to the backend that runs nothing.
    plain_models.stepfunctions_backends = stepfunctions_parser_backends
    for name in ("create_from_cloudformation_json", "update_from_cloudformation_json"):
        setattr(machine, name, classmethod(_with_substitutions(getattr(machine, name).__func__)))


def _with_substitutions(make: Any) -> Any:
    @functools.wraps(make)
    def made(cls: type, *values: Any, **named: Any) -> Any:
        for value in [*values, *named.values()]:
            if isinstance(value, dict) and "Properties" in value:
                substitute(value["Properties"])
        return make(cls, *values, **named)

    return made


def substitute(properties: dict[str, Any]) -> None:
    """Puts a template's DefinitionSubstitutions into its definition, which moto ignores."""
    if "Definition" in properties:
        properties["DefinitionString"] = json.dumps(properties.pop("Definition"))
    text = properties.get("DefinitionString", "")
    for name, value in (properties.get("DefinitionSubstitutions") or {}).items():
        text = text.replace("${" + name + "}", str(value))
    properties["DefinitionString"] = text
