"""The controls by which tests plant managed instances and what commands say."""

from collections.abc import Iterable
from typing import Any

from stand_in.answers import Environ, StartResponse, answer, answer_json
from stand_in.clock import clock
from stand_in.fields import number, object_of, text, whole
from stand_in.ssm.plans import PLANS, Managed, Plan

PINGS = ("Online", "ConnectionLost", "Inactive")
PLATFORMS = ("Linux", "Windows", "MacOS")
ENDS = ("Success", "Failed", "TimedOut", "Cancelled")


def instances(environ: Environ, start: StartResponse) -> Iterable[bytes]:
    """POST plants a managed instance."""
    if environ["REQUEST_METHOD"] != "POST":
        return answer(start, 405)
    order = object_of(environ, "id", "ping", "platform", "name")
    instance = Managed(
        id=text(order, "id"),
        ping=_one_of(PINGS, order, "ping"),
        platform=_one_of(PLATFORMS, order, "platform"),
        name=text(order, "name", "host"),
        seen=clock.now(),
    )
    PLANS.manage(instance)
    return answer_json(start, {"id": instance.id})


def commands(environ: Environ, start: StartResponse) -> Iterable[bytes]:
    """POST plants what a command will say."""
    if environ["REQUEST_METHOD"] != "POST":
        return answer(start, 405)
    order = object_of(environ, "document", "instance", "status", "stdout", "stderr", "code", "seconds")
    status = _one_of(ENDS, order, "status")
    seconds = number(order, "seconds", 0.0)
    if seconds < 0:
        raise ValueError('"seconds" must not be negative')
    plan = Plan(
        document=text(order, "document", "*"),
        instance=text(order, "instance", "*"),
        status=status,
        stdout=text(order, "stdout", ""),
        stderr=text(order, "stderr", ""),
        code=whole(order, "code", 0 if status == "Success" else 1),
        seconds=seconds,
    )
    PLANS.add(plan)
    return answer_json(start, {"document": plan.document, "instance": plan.instance})


def _one_of(known: tuple[str, ...], order: dict[str, Any], name: str) -> str:
    value = text(order, name, known[0])
    if value not in known:
        raise ValueError(f'"{name}" must be one of {", ".join(known)}')
    return value
