"""JSONata for state machines. moto builds a text of all values and has nothing to evaluate it with.

Here the values are bound instead of written into the expression: any string is safe, and large inputs are cheap.
"""

import hashlib
import json
import random
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from jsonata.jsonata import Jsonata
from jsonata.utils import Utils
from moto.stepfunctions.parser.api import EvaluationFailedEventDetails, HistoryEventType
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name import StatesErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.states_error_name_type import StatesErrorNameType
from moto.stepfunctions.parser.asl.component.common.query_language import QueryLanguageMode
from moto.stepfunctions.parser.asl.component.common.string.string_expression import (
    StringJSONata,
    StringVariableSample,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.asl.utils.json_path import NoSuchJsonPathError

from stand_in.clock import clock

# An expression that does not end would keep a thread for ever.
LONGEST_MILLISECONDS = 10_000
DEEPEST_RECURSION = 200

HASHES = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


class Undefined:
    """What an expression gives that finds nothing."""


class ExpressionError(Exception):
    """An expression that cannot be evaluated."""


def evaluate(expression: str, bindings: Mapping[str, Any]) -> Any:
    """The value of an expression as JSON has it, or Undefined. Raises ExpressionError."""
    try:
        compiled = Jsonata(expression)
        compiled.set_output_convert_nulls(False)
        compiled.environment.set_runtime_bounds(LONGEST_MILLISECONDS, DEEPEST_RECURSION)
        for name, function in FUNCTIONS.items():
            compiled.register_lambda(name, function)
        bound = {name: Utils.NULL_VALUE if value is None else value for name, value in bindings.items()}
        found = compiled.evaluate(None, bound)
    except Exception as error:  # The evaluator also raises TypeError and the like for bad expressions.
        raise ExpressionError(str(error)) from error
    return Undefined if found is None else _plain(found)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | range):
        return [_plain(one) for one in value]
    if value is Utils.NULL_VALUE or value is None:
        return None
    if isinstance(value, str | bool | int | float):
        return value
    raise ExpressionError("returned an unsupported result type.")


def _partition(array: list[Any], size: int) -> list[list[Any]]:
    return [array[start : start + size] for start in range(0, len(array), size)]


def _range(first: int, last: int, step: int) -> list[int]:
    return list(range(first, last + (1 if step > 0 else -1), step))


def _hash(value: Any, algorithm: str) -> str:
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return hashlib.new(HASHES[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def _now(picture: str | None = None, zone: str | None = None) -> str:
    if picture is None:
        return clock.iso()
    return evaluate("$fromMillis($ms, $picture, $zone)", {"ms": _millis(), "picture": picture, "zone": zone or "+0000"})


def _millis() -> int:
    return int(clock.now() * 1000)


# What Step Functions adds to JSONata, and the time, which is the stand-in's.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "partition": _partition,
    "range": _range,
    "hash": _hash,
    "random": lambda seed=None: random.Random(seed).random(),
    "uuid": lambda: str(uuid.uuid4()),
    "parse": json.loads,
    "now": _now,
    "millis": _millis,
}


def install() -> None:
    """Puts this evaluator where moto has a hole."""
    StringJSONata._eval_body = _evaluate_jsonata  # type: ignore[method-assign]
    StringVariableSample._eval_body = _sample_variable  # type: ignore[method-assign]


def _evaluate_jsonata(self: StringJSONata, env: Environment) -> None:
    try:
        found = evaluate(self.expression, {**_variables(env), "states": _states(env)})
    except ExpressionError as error:
        raise _failure(env, f"The JSONata expression '{self.expression}' failed: {error}") from error
    if found is Undefined:
        raise _failure(env, f"The JSONata expression '{self.expression}' returned nothing (undefined).")
    env.stack.append(found)


def _sample_variable(self: StringVariableSample, env: Environment) -> None:
    """Reads a variable by a path such as $name.field, in either language."""
    bindings = _variables(env)
    if self.query_language_mode == QueryLanguageMode.JSONata:
        bindings["states"] = _states(env)
    try:
        found = evaluate(self.expression, bindings)
    except ExpressionError:
        found = Undefined
    if found is Undefined:
        raise NoSuchJsonPathError(self.expression, bindings)
    env.stack.append(found)


def _variables(env: Environment) -> dict[str, Any]:
    store = env.variable_store
    return {**store._outer_scope, **store._inner_scope}


def _states(env: Environment) -> dict[str, Any]:
    states = dict(env.states._states_data)
    # The context holds dates; expressions see them as strings.
    states["context"] = json.loads(to_json_str(states["context"]))
    if states.get("errorOutput") is None:
        states.pop("errorOutput", None)
    return states


def _failure(env: Environment, cause: str) -> FailureEventException:
    name = StatesErrorName(typ=StatesErrorNameType.StatesQueryEvaluationError)
    details = EventDetails(
        evaluationFailedEventDetails=EvaluationFailedEventDetails(error=name.error_name, cause=cause)
    )
    event = FailureEvent(env, name, HistoryEventType.EvaluationFailed, details)
    return FailureEventException(event)
