"""What a function behind an HTTP API is given and may answer: payload format 2.0."""

import base64
import binascii
import dataclasses
import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from stand_in.answers import Environ
from stand_in.clock import clock
from stand_in.http_api.routes import Api, Route
from stand_in.world import ACCOUNT, REGION

# Bodies of other types come to the function in base64, those of forms too.
_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")
_TEXT_SUFFIXES = ("+json", "+xml")
# The gateway's own business, whatever the function says.
_NOT_PASSED_ON = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding", "upgrade"}


class Malformed(Exception):
    """The function's answer is none that the gateway understands."""


@dataclasses.dataclass(frozen=True)
class FunctionAnswer:
    """An answer for the client."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes


def event_of(
    environ: Environ, body: bytes, api: Api, route: Route, path: str, parameters: dict[str, str], jwt: Any
) -> dict[str, Any]:
    """The event of a request. `path` is what follows the API's name, and `jwt` what the authorizer found, if any."""
    headers = _headers(environ)
    cookies = [cookie for cookie in headers.pop("cookie", "").split("; ") if cookie]
    query = environ.get("QUERY_STRING", "")
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": path,
        "rawQueryString": query,
        "headers": headers,
        "requestContext": _context(environ, api, route, path, headers, jwt),
        "isBase64Encoded": False,
    }
    if cookies:
        event["cookies"] = cookies
    if query:
        event["queryStringParameters"] = _joined(parse_qsl(query, keep_blank_values=True))
    if parameters:
        event["pathParameters"] = parameters
    if body:
        event["body"], event["isBase64Encoded"] = _body(headers.get("content-type", ""), body)
    return event


def answer_of(payload: bytes) -> FunctionAnswer:
    """What the client is told by a function's payload. Raises Malformed."""
    try:
        value = json.loads(payload)
    except ValueError as error:
        raise Malformed("the payload is no JSON") from error
    if not isinstance(value, dict) or "statusCode" not in value:
        body = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        return FunctionAnswer(200, [("content-type", "application/json")], body.encode())
    return FunctionAnswer(_status(value["statusCode"]), _answer_headers(value), _answer_body(value))


def _headers(environ: Environ) -> dict[str, str]:
    """Lower-case names; the values of headers that were sent twice are joined by commas."""
    found = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if isinstance(value, str) and name.startswith("HTTP_")
    }
    for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(name):
            found[name.replace("_", "-").lower()] = environ[name]
    found["x-forwarded-for"] = environ.get("REMOTE_ADDR", "")
    found["x-forwarded-port"] = "443"
    found["x-forwarded-proto"] = "https"
    found["x-amzn-trace-id"] = f"Root=1-{int(clock.now()):08x}-{uuid.uuid4().hex[:24]}"
    return found


def _context(environ: Environ, api: Api, route: Route, path: str, headers: dict[str, str], jwt: Any) -> dict[str, Any]:
    now = clock.now()
    context: dict[str, Any] = {
        "accountId": ACCOUNT,
        "apiId": api.name,
        "domainName": f"{api.name}.execute-api.{REGION}.amazonaws.com",
        "domainPrefix": api.name,
        "http": {
            "method": environ["REQUEST_METHOD"],
            "path": path,
            "protocol": environ.get("SERVER_PROTOCOL", "HTTP/1.1"),
            "sourceIp": environ.get("REMOTE_ADDR", ""),
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": str(uuid.uuid4()),
        "routeKey": route.key,
        "stage": "$default",
        "time": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "timeEpoch": int(now * 1000),
    }
    if jwt is not None:
        context["authorizer"] = {"jwt": jwt}
    return context


def _joined(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def _body(content_type: str, body: bytes) -> tuple[str, bool]:
    kind = content_type.partition(";")[0].strip().lower()
    if kind.startswith(_TEXT_TYPES) or kind.endswith(_TEXT_SUFFIXES):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(body).decode(), True


def _status(value: Any) -> int:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:4])
    if isinstance(value, bool) or not isinstance(value, int) or not 200 <= value <= 599:
        raise Malformed("statusCode is no HTTP status")
    return value


def _answer_headers(value: dict[str, Any]) -> list[tuple[str, str]]:
    given, cookies = value.get("headers") or {}, value.get("cookies") or []
    if not isinstance(given, dict) or not isinstance(cookies, list):
        raise Malformed("headers is no object, or cookies no list")
    pairs = [(name.lower(), _plain(content)) for name, content in given.items()]
    pairs += [("set-cookie", _plain(cookie)) for cookie in cookies]
    if any(_unsafe(name) or _unsafe(content) for name, content in pairs):
        raise Malformed("a header breaks its line")
    if "content-type" not in dict(pairs):
        pairs.append(("content-type", "text/plain;charset=UTF-8"))
    return [(name, content) for name, content in pairs if name not in _NOT_PASSED_ON]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int | float):
        raise Malformed("a header is no string")
    return str(value)


def _unsafe(text: str) -> bool:
    return any(sign in text for sign in "\r\n\0") or not text.isascii()


def _answer_body(value: dict[str, Any]) -> bytes:
    body, encoded = value.get("body"), value.get("isBase64Encoded", False)
    if body is None:
        return b""
    if not isinstance(body, str) or not isinstance(encoded, bool):
        raise Malformed("body is no string, or isBase64Encoded neither true nor false")
    if not encoded:
        return body.encode("utf-8", "replace")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed("body is no base64") from error
