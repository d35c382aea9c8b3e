"""Answers in plain WSGI, for the parts of the stand-in that are no AWS service."""

import json
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]


def body_of(environ: Environ) -> bytes:
    """The body of a request; reading it twice gives nothing."""
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return environ["wsgi.input"].read(length) if length else b""


def json_of(environ: Environ) -> Any:
    """The JSON body of a request; nothing is an empty object. Raises ValueError."""
    return json.loads(body_of(environ) or b"{}")


def answer(
    start: StartResponse, status: int, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()
) -> Iterable[bytes]:
    """Any answer."""
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Unknown"
    start(f"{status} {phrase}", [*headers, ("Content-Length", str(len(body)))])
    return [body]


def answer_json(
    start: StartResponse, value: Any, status: int = 200, headers: Iterable[tuple[str, str]] = ()
) -> Iterable[bytes]:
    """An answer in JSON."""
    body = json.dumps(value).encode()
    return answer(start, status, body, [("Content-Type", "application/json"), *headers])
