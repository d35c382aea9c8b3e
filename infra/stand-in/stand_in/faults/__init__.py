"""Faults by rule, in front of AWS: errors, lost answers, delays, cut bodies, and the kill of the calling process.

POST /_stand-in/faults sets a rule, GET lists the rules with their counts, DELETE forgets them. The first rule that is
due strikes. /_stand-in/calls tells the last calls of AWS, with the fault that struck each.
"""

import collections
import dataclasses
import logging
import time
from collections.abc import Iterable
from typing import Any

from stand_in.answers import Environ, StartResponse, Wsgi, answer, answer_json, hang_up, keep_body
from stand_in.clock import clock
from stand_in.epochs import EPOCHS
from stand_in.faults.answers import NAMED, AwsError, error_answer
from stand_in.faults.client_process import kill_client
from stand_in.faults.rules import Fault, Rules
from stand_in.fields import object_of
from stand_in.operations import Call, path_of, tell
from stand_in.world import World

LOG = logging.getLogger(__name__)

CALLS_KEPT = 10_000
# Of a body as much as a test needs to find its call.
RESOURCE_LENGTH = 1_000
# Control of moto itself is no AWS.
_NOT_AWS = ("/moto-api", "/favicon.ico")
_REFUSED = AwsError(500, "InternalError", "the stand-in could not kill the client: see its log")

RULES = Rules()
CALLS: collections.deque[dict[str, Any]] = collections.deque(maxlen=CALLS_KEPT)


def install(world: World) -> dict[str, Wsgi]:
    """The controls."""
    world.on_reset += [RULES.clear, CALLS.clear]
    return {"/_stand-in/faults": _faults, "/_stand-in/calls": _calls}


def wrap(world: World, app: Wsgi) -> Wsgi:
    """AWS behind the rules."""

    def guarded(environ: Environ, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith(_NOT_AWS):
            return app(environ, start)
        return _Exchange(world, app, environ, start).run()

    return guarded


@dataclasses.dataclass
class _Answer:
    """An answer of AWS before it is sent."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes


class _Exchange:
    """One call and what becomes of it."""

    def __init__(self, world: World, app: Wsgi, environ: Environ, start: StartResponse) -> None:
        self._world, self._app, self._environ, self._start = world, app, environ, start
        self._began = time.monotonic()
        self._call = tell(environ)
        self._where = self._resources()
        self._struck = ""

    def run(self) -> Iterable[bytes]:
        """The answer, or its like."""
        fault = RULES.strike(self._call, self._where)
        if fault:
            self._struck = fault.kind
            LOG.info("%s: %s", self._call.name, fault.kind)
        while fault and fault.kind == "delay":
            ended = EPOCHS.mine().ended
            clock.wait(fault.milliseconds / 1000, ended)
            if ended.is_set():
                # The call was meant for what the reset has taken away.
                return hang_up(self._environ)
            fault = fault.then
            self._struck += f", {fault.kind}" if fault else ""
        return self._strike(fault) if fault else self._pass()

    def _resources(self) -> list[str]:
        """What a rule's resource may mean: bucket and key, or else the path and the body."""
        if self._call.service == "s3":
            return [self._call.resource]
        named_in_body = not self._call.protocol.startswith("rest")
        if named_in_body or RULES.concern(self._call):
            body = keep_body(self._environ).decode("utf-8", "replace")
            return [body] if named_in_body else [path_of(self._environ), body]
        return [path_of(self._environ)]

    def _pass(self) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            self._record(int(status.split()[0]))
            return self._start(status, headers, *more)

        return self._app(self._environ, start)

    def _strike(self, fault: Fault) -> Iterable[bytes]:
        if fault.kind == "kill":
            # Read first: whoever dies in the middle of sending may not have meant this call.
            keep_body(self._environ)
            return self._kill()
        if fault.kind == "kill_after":
            self._answer_of_aws()
            return self._kill()
        if fault.kind == "lost_answer":
            self._answer_of_aws()
            self._record(None)
            return hang_up(self._environ)
        if fault.kind == "cut_body":
            return self._cut(fault.bytes)
        return self._error(_error(fault, self._call))

    def _error(self, error: AwsError) -> Iterable[bytes]:
        # A client that is still sending would see a broken connection and no answer.
        keep_body(self._environ)
        status, headers, body = error_answer(error, self._call, self._environ)
        self._record(status)
        return answer(self._start, status, body, headers)

    def _kill(self) -> Iterable[bytes]:
        try:
            kill_client(int(self._environ["REMOTE_PORT"]), self._world.port)
        except (PermissionError, LookupError) as error:
            LOG.error("%s: %s", self._call.name, error)
            return self._error(_REFUSED)
        self._record(None)
        return hang_up(self._environ)

    def _cut(self, kept: int) -> Iterable[bytes]:
        found = self._answer_of_aws()
        whole = len(found.body)
        self._record(int(found.status.split()[0]))
        lengthless = [(name, value) for name, value in found.headers if name.lower() != "content-length"]
        self._start(found.status, [*lengthless, ("Content-Length", str(whole))])
        # Of a body that is shorter the last byte goes, so that every cut is one; nothing can be cut off of nothing.
        return _broken_off(self._environ, found.body[: max(min(kept, whole - 1), 0)])

    def _answer_of_aws(self) -> _Answer:
        found = _Answer("", [], b"")

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> None:
            found.status, found.headers = status, headers

        parts = self._app(self._environ, start)
        try:
            found.body = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        return found

    def _record(self, status: int | None) -> None:
        CALLS.append(
            {
                "operation": self._call.name,
                "resource": self._where[0][:RESOURCE_LENGTH],
                "status": status,
                "milliseconds": round((time.monotonic() - self._began) * 1000, 3),
                "at": clock.iso(),
                **({"fault": self._struck} if self._struck else {}),
            }
        )


def _error(fault: Fault, call: Call) -> AwsError:
    if fault.kind == "error":
        return AwsError(fault.status, fault.code, fault.message)
    named = NAMED[fault.kind](call)
    return dataclasses.replace(named, message=fault.message or named.message)


def _broken_off(environ: Environ, body: bytes) -> Iterable[bytes]:
    yield body
    yield from hang_up(environ)


def _faults(environ: Environ, start: StartResponse) -> Iterable[bytes]:
    method = environ["REQUEST_METHOD"]
    if method == "POST":
        rule = RULES.add(object_of(environ, "operation", "resource", "nth", "times", "fault"))
        return answer_json(start, rule.report())
    if method == "GET":
        return answer_json(start, RULES.reports())
    if method == "DELETE":
        RULES.clear()
        return answer_json(start, {})
    return answer(start, 405)


def _calls(environ: Environ, start: StartResponse) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] == "GET":
        return answer_json(start, list(CALLS.copy()))
    if environ["REQUEST_METHOD"] == "DELETE":
        CALLS.clear()
        return answer_json(start, {})
    return answer(start, 405)
