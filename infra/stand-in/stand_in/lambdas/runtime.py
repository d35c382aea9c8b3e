"""The runtime API, which every instance talks to: /_runtime/<instance>/2018-06-01/runtime/..."""

import json
import re
import uuid
from collections.abc import Iterable

from stand_in.answers import Environ, StartResponse, Wsgi, answer, answer_json, keep_body
from stand_in.lambdas.fleet import Fleet
from stand_in.lambdas.instance import Instance
from stand_in.lambdas.model import ANSWER_BYTES, error_payload, too_large

PREFIX = "/_runtime"
_PATH = re.compile(
    PREFIX + r"/(?P<instance>[0-9a-f]{32})/2018-06-01/runtime/"
    r"(?P<what>invocation/next|init/error|invocation/(?P<request>[0-9a-f-]{36})/(?P<how>response|error))"
)


def runtime_api(fleet: Fleet) -> Wsgi:
    """The runtime API of all instances."""

    def serve(environ: Environ, start: StartResponse) -> Iterable[bytes]:
        found = _PATH.fullmatch(environ["PATH_INFO"])
        instance = fleet.instance(found["instance"]) if found else None
        if found is None or instance is None:
            return _refuse(start, 404, "InvalidInstance", "no such instance or path")
        wanted = "GET" if found["what"] == "invocation/next" else "POST"
        if environ["REQUEST_METHOD"] != wanted:
            return _refuse(start, 405, "InvalidMethod", f"use {wanted}")
        if wanted == "GET":
            return _next(instance, start)
        body = keep_body(environ)
        if found["how"] == "response":
            return _response(instance, found["request"], body, start)
        payload = _error_of(body, environ.get("HTTP_LAMBDA_RUNTIME_FUNCTION_ERROR_TYPE"))
        if found["what"] == "init/error":
            instance.fail_init(payload)
        elif not instance.answer(found["request"], payload, True):
            return _refuse(start, 400, "InvalidRequestID", "Invalid request ID")
        return answer_json(start, {"status": "OK"}, 202)

    return serve


def _next(instance: Instance, start: StartResponse) -> Iterable[bytes]:
    work = instance.next_event()
    if work is None:
        # Nobody reads this: the process is gone, or asked again.
        return _refuse(start, 410, "Gone", "no event for this request")
    trace = uuid.uuid4().hex
    headers = [
        ("Content-Type", "application/json"),
        ("Lambda-Runtime-Aws-Request-Id", work.request_id),
        ("Lambda-Runtime-Deadline-Ms", str(work.deadline_milliseconds())),
        ("Lambda-Runtime-Invoked-Function-Arn", work.arn),
        ("Lambda-Runtime-Trace-Id", f"Root=1-{trace[:8]}-{trace[8:]};Sampled=0"),
    ]
    return answer(start, 200, work.event, headers)


def _response(instance: Instance, request_id: str, body: bytes, start: StartResponse) -> Iterable[bytes]:
    large = len(body) > ANSWER_BYTES
    if not instance.answer(request_id, too_large() if large else body, large):
        return _refuse(start, 400, "InvalidRequestID", "Invalid request ID")
    if large:
        message = f"Exceeded maximum allowed payload size ({ANSWER_BYTES} bytes)."
        return _refuse(start, 413, "RequestEntityTooLarge", message)
    return answer_json(start, {"status": "OK"}, 202)


def _error_of(body: bytes, kind: str | None) -> bytes:
    """A handler's error, as it goes to the caller: unchanged if it is JSON."""
    try:
        json.loads(body)
    except ValueError:
        return error_payload(kind or "Runtime.Unknown", body.decode(errors="replace"))
    return body


def _refuse(start: StartResponse, status: int, kind: str, message: str) -> Iterable[bytes]:
    return answer_json(start, {"errorType": kind, "errorMessage": message}, status)
