"""Lambda with real programs: functions run as processes that speak the runtime API, beside moto's Lambda API.

`invoke` and `invoke_later` are for the other parts of the stand-in that call functions.
"""

import dataclasses
import json
from typing import Any

from stand_in.answers import Wsgi
from stand_in.epochs import Closed
from stand_in.lambdas import api, control, destinations, orphans, runtime
from stand_in.lambdas.asynchronous import Queue
from stand_in.lambdas.engine import Engine
from stand_in.lambdas.fleet import Fleet
from stand_in.lambdas.model import Outcome, Throttled
from stand_in.lambdas.records import Records
from stand_in.world import World

__all__ = ["Closed", "Outcome", "Throttled", "install", "invoke", "invoke_later"]


@dataclasses.dataclass(frozen=True)
class _Lambda:
    engine: Engine
    queue: Queue


_running: _Lambda | None = None


def invoke(function_name: str, event: Any, source: str, wait: bool = False) -> Outcome:
    """Invokes a function, by name or ARN, and waits for its outcome, which may be an error of the function.

    Raises Throttled when all instances are busy (with `wait` one is waited for), Closed when the stand-in is reset
    meanwhile, and moto's UnknownFunctionException.
    """
    engine = _installed().engine
    return engine.call(engine.function(function_name), _bytes_of(event), source, wait=wait)


def invoke_later(function_name: str, event: Any, source: str) -> str:
    """Hands an event to a function's asynchronous queue, with its retries; tells the request id.

    Raises moto's UnknownFunctionException.
    """
    running = _installed()
    return running.queue.put(running.engine.function(function_name).function_arn, _bytes_of(event), source)


def install(world: World) -> dict[str, Wsgi]:
    """Puts Lambda under moto and gives the runtime API and the control paths."""
    global _running
    orphans.adopt()
    fleet, records = Fleet(world), Records()
    engine = Engine(fleet, records)
    queue = Queue(engine)
    _running = _Lambda(engine, queue)
    api.patch_moto(engine, queue)
    destinations.register("lambda", lambda arn, body, _: queue.put(arn, body.encode(), "destination"))
    world.on_stop.append(fleet.reset)
    world.on_reset.append(records.reset)
    world.on_end.append(fleet.end)
    return {runtime.PREFIX: runtime.runtime_api(fleet), control.PREFIX: control.control(engine)}


def _installed() -> _Lambda:
    if _running is None:
        raise RuntimeError("the Lambda part is not installed")
    return _running


def _bytes_of(event: Any) -> bytes:
    return event if isinstance(event, bytes) else json.dumps(event).encode()
