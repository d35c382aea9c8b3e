"""How states run: waits that follow the clock, limits, errors that are not caught, JSONPath and choices."""

import functools
import json
import re
import sys
import threading
import types
from typing import Any

from jsonpath_ng.ext import parse
from moto.core.config import default_user_config
from moto.stepfunctions.parser import models, quotas
from moto.stepfunctions.parser.api import HistoryEventType, TaskFailedEventDetails
from moto.stepfunctions.parser.asl.component.common.error_name.error_equals_decl import ErrorEqualsDecl
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl
from moto.stepfunctions.parser.asl.component.state import state
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison_operator_type import (
    ComparisonOperatorType,
)
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison_variable import ComparisonVariable
from moto.stepfunctions.parser.asl.component.state.choice.comparison.variable import NoSuchVariable
from moto.stepfunctions.parser.asl.component.state.exec import execute_state
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import timestamp
from moto.stepfunctions.parser.asl.component.state.wait.wait_function.wait_function import WaitFunction
from moto.stepfunctions.parser.asl.eval.callback import callback
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event import event_manager
from moto.stepfunctions.parser.asl.utils import boto_client, json_path
from moto.stepfunctions.parser.asl.utils.encoding import _DateTimeEncoder
from moto.stepfunctions.parser.backend import execution

from stand_in.clock import clock, follow
from stand_in.epochs import Thread
from stand_in.machines import sdk_tasks
from stand_in.world import World

MOST_STATE_BYTES = 256 * 1024
PARSER = quotas.__name__.rpartition(".")[0]

# States.ALL and States.TaskFailed do not catch these.
TERMINAL_ERRORS = ("States.Runtime", "States.DataLimitExceeded")
_INDEFINITE_PATH = re.compile(r"\*|\.\.|\[\?|\[[^\]'\"]*[:,]")


def install(world: World) -> None:
    """Patches the interpreter."""
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    clients = sdk_tasks.Clients(world.endpoint)
    _replace_everywhere(boto_client.boto_client_for, clients.get)
    _replace_everywhere(quotas.is_within_size_quota, is_within_size_quota)
    _replace_everywhere(json_path.extract_json, extract_json)
    # What an execution does after a reset must be known for the old one's, in whichever of its threads.
    _replace_everywhere(threading.Thread, Thread)
    _replace_everywhere(threading, _copy_of(threading, Thread=Thread))
    _follow_the_clock()
    sdk_tasks.install(clients)
    _spare_terminal_errors()
    ComparisonVariable._eval_body = _compare_variable  # type: ignore[method-assign]


def _replace_everywhere(old: Any, new: Any) -> None:
    """Replaces a function, class or module also where a module of the interpreter took it by name."""
    for name, module in list(sys.modules.items()):
        if name.startswith(PARSER) and vars(module).get(old.__name__) is old:
            setattr(module, old.__name__, new)


def is_within_size_quota(value: Any) -> bool:
    """Whether a value, as compact JSON in UTF-8, is at most 256 KiB."""
    compact = {"cls": _DateTimeEncoder, "separators": (",", ":"), "ensure_ascii": False}
    text = value if isinstance(value, str) else json.dumps(value, **compact)
    return len(text.encode()) <= MOST_STATE_BYTES


def extract_json(path: str, data: Any) -> Any:
    """What a JSONPath finds: one value for a definite path, else a list. moto nests values below an index too deep."""
    found = [match.value for match in parse(path).find(data)]
    if _INDEFINITE_PATH.search(path):
        return found
    if not found:
        raise json_path.NoSuchJsonPathError(json_path=path, data=data)
    return found[0]


class ClockEvent(threading.Event):
    """An event that is waited for by the stand-in's clock."""

    def wait(self, timeout: float | None = None) -> bool:
        """Whether the event was set before the time was over."""
        if timeout is None:
            return super().wait()
        clock.wait(timeout, self)
        return self.is_set()


class LastingEvent(ClockEvent):
    """An event that stays set: moto clears the one of an ended execution at once, and a waiter might miss it."""

    def clear(self) -> None:
        """Nothing."""


def _follow_the_clock() -> None:
    make = Environment.__init__

    @functools.wraps(make)
    def made(self: Environment, *values: Any, **named: Any) -> None:
        make(self, *values, **named)
        self.program_state_event = LastingEvent()  # type: ignore[misc]

    Environment.__init__ = made  # type: ignore[method-assign]
    # Waits for a task's end or its token end by time-out when the clock is moved.
    execute_state.threading = _copy_of(threading, Event=ClockEvent, Thread=Thread)  # type: ignore[attr-defined]
    callback.Event = ClockEvent  # type: ignore[misc]
    WaitFunction._wait_interval = _wait_interval  # type: ignore[method-assign]
    _follow_in_retries()
    for module in (state, timestamp, event_manager, execution, models):
        follow(module)


def _copy_of(module: types.ModuleType, **changes: Any) -> types.SimpleNamespace:
    return types.SimpleNamespace(**{**vars(module), **changes})


def _wait_interval(self: WaitFunction, env: Environment, wait_seconds: float) -> None:
    clock.wait(max(0, wait_seconds), env.program_state_event)


def _follow_in_retries() -> None:
    current = threading.local()
    run = retrier_decl.RetrierDecl._eval_body

    @functools.wraps(run)
    def noted(self: retrier_decl.RetrierDecl, env: Environment) -> None:
        # The sleep in there is not told which execution it is for, and must end with it.
        current.over = env.program_state_event
        run(self, env)

    retrier_decl.RetrierDecl._eval_body = noted  # type: ignore[method-assign]
    by_clock = types.SimpleNamespace(sleep=lambda seconds: clock.wait(seconds, current.over))
    retrier_decl.time = by_clock  # type: ignore[attr-defined]


def _spare_terminal_errors() -> None:
    match = ErrorEqualsDecl._eval_body

    @functools.wraps(match)
    def matched(self: ErrorEqualsDecl, env: Environment) -> None:
        error = env.stack[-1].error_name
        if error in TERMINAL_ERRORS and error not in [name.error_name for name in self.error_names]:
            env.stack[-1] = False
        else:
            match(self, env)

    # moto's States.ALL catches everything.
    ErrorEqualsDecl._eval_body = matched  # type: ignore[method-assign]


def _compare_variable(self: ComparisonVariable, env: Environment) -> None:
    """Compares, and fails as AWS does if the variable is missing; moto goes on to the default."""
    self.variable.eval(env)
    is_present = self.comparison_function.operator_type == ComparisonOperatorType.IsPresent
    if isinstance(env.stack[-1], NoSuchVariable) and not is_present:
        path = self.variable.string_sampler.literal_value
        raise _runtime_failure(
            env, f"Invalid path '{path}': The choice state's condition path references an invalid value."
        )
    self.comparison_function.eval(env)


def _runtime_failure(env: Environment, cause: str) -> FailureEventException:
    name = StatesErrorName(typ=StatesErrorNameType.StatesRuntime)
    details = TaskFailedEventDetails(error=name.error_name, cause=cause)
    event = FailureEvent(env, name, HistoryEventType.TaskFailed, {"taskFailedEventDetails": details})
    return FailureEventException(event)
