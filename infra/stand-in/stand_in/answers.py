"""Requests and answers in plain WSGI, for the parts of the stand-in that are no AWS service."""

import contextlib
import io
import json
import socket
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]

_TCP_ESTABLISHED = 1


def keep_body(environ: Environ) -> bytes:
    """The body of a request, left in place for whoever reads it next."""
    source, length = environ["wsgi.input"], environ.get("CONTENT_LENGTH") or ""
    if length.isdecimal():
        body = source.read(int(length))
    else:
        # Without a length the server undoes the chunks and marks the end; else there is no body that could be read.
        body = source.read() if not length and environ.get("wsgi.input_terminated") else b""
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def json_of(environ: Environ) -> Any:
    """The JSON body of a request; nothing is an empty object. Raises ValueError."""
    return json_in(keep_body(environ) or b"{}")


def json_in(text: str | bytes) -> Any:
    """The value of a JSON text, by the letter of the standard. Raises ValueError."""
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ValueError("the JSON is nested too deep") from error


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def is_gone(environ: Environ) -> bool:
    """Whether the client has closed its end of the connection, or is dead. Only Linux tells."""
    connection: socket.socket = environ["werkzeug.socket"]
    try:
        return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] != _TCP_ESTABLISHED
    except (OSError, AttributeError):
        return False


def hang_up(environ: Environ) -> Iterable[bytes]:
    """Ends the connection instead of an answer."""
    connection: socket.socket = environ["werkzeug.socket"]
    # It may be gone already.
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    # The server takes this for a client that went away, and says nothing.
    raise ConnectionAbortedError("the stand-in hangs up")


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
