"""API Gateway's HTTP APIs in front of functions: routes, JWT authorizers, CORS and limits. There are no REST APIs.

PUT /_stand-in/apis/<name> {"routes": {"GET /things/{id}": {"function", "scopes", "public"}, "$default": ...},
"audience": [...], "issuer", "cors"} makes an API, GET lists the names, DELETE takes one away. It is called at
/_api/<name>/...; its stage is $default, so that no stage is part of a path.
"""

import json
import logging
import threading
import uuid
from collections.abc import Iterable
from urllib.parse import unquote

from moto.awslambda.exceptions import UnknownFunctionException

from stand_in import lambdas
from stand_in.answers import Environ, StartResponse, Wsgi, answer, answer_json, keep_body
from stand_in.clock import clock
from stand_in.epochs import Thread
from stand_in.fields import object_of
from stand_in.http_api.authorizer import Authorizer, Refused, check_issuer
from stand_in.http_api.events import FunctionAnswer, Malformed, answer_of, event_of
from stand_in.http_api.issuer import issuer_of
from stand_in.http_api.routes import Api, Cors, api_of
from stand_in.lambdas.model import REQUEST_BYTES
from stand_in.operations import path_of
from stand_in.world import World

LOG = logging.getLogger(__name__)

LARGEST_BODY = 10 * 1024 * 1024
LONGEST_SECONDS = 30.0
CONTROL = "/_stand-in/apis"
FRONT = "/_api"


class Problem(Exception):
    """The gateway itself answers, with this status and message."""

    def __init__(self, status: int, message: str, headers: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__(message)
        self.status, self.message, self.headers = status, message, list(headers)


INTERNAL = "Internal Server Error"
UNAVAILABLE = "Service Unavailable"
TOO_LARGE = "Request Entity Too Large"


def install(world: World) -> dict[str, Wsgi]:
    """The APIs and their control."""
    gateway = Gateway(issuer_of(world))
    world.on_reset.append(gateway.reset)
    return {CONTROL: gateway.control, FRONT: gateway.front}


class Gateway:
    """All HTTP APIs."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self._apis: dict[str, Api] = {}
        self._authorizer = Authorizer()

    def reset(self) -> None:
        """No APIs."""
        self._apis.clear()
        self._authorizer.reset()

    def control(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """Makes, lists and removes APIs."""
        method, name = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(CONTROL).strip("/")
        if method == "GET" and not name:
            return answer_json(start, sorted(self._apis))
        if method == "PUT" and name and "/" not in name:
            api = api_of(name, object_of(environ, "routes", "audience", "issuer", "cors"), self._issuer)
            check_issuer(api.issuer)
            self._apis[name] = api
            return answer_json(start, {"name": name, "path": f"{FRONT}/{name}"})
        if method == "DELETE" and self._apis.pop(name, None):
            return answer_json(start, {})
        return answer_json(start, {"message": f"there is no API {name!r}"}, 404)

    def front(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """Calls an API."""
        name, _, path = path_of(environ).removeprefix(FRONT).lstrip("/").partition("/")
        api, origin = self._apis.get(unquote(name)), environ.get("HTTP_ORIGIN", "")
        cors = _cors_headers(api.cors, origin) if api and api.cors else []
        try:
            if api is None:
                raise Problem(404, "Not Found")
            if api.cors and _preflight(environ):
                return answer(start, 204, headers=[*cors, *_preflight_headers(api.cors, origin)])
            found = self._call(api, environ, f"/{path}")
        except Problem as problem:
            headers = [("apigw-requestid", uuid.uuid4().hex[:16]), *problem.headers, *cors]
            return answer_json(start, {"message": problem.message}, problem.status, headers)
        headers = found.headers
        if api.cors:
            # The configuration stands in place of what the function says of it.
            headers = [pair for pair in headers if not pair[0].startswith("access-control-")] + cors
        body = b"" if environ["REQUEST_METHOD"] == "HEAD" else found.body
        return answer(start, found.status, body, [*headers, ("apigw-requestid", uuid.uuid4().hex[:16])])

    def _call(self, api: Api, environ: Environ, path: str) -> FunctionAnswer:
        found = api.find(environ["REQUEST_METHOD"], path)
        if found is None:
            raise Problem(404, "Not Found")
        route, parameters = found
        jwt = None
        if not route.public:
            try:
                jwt = self._authorizer.check(api, route, environ.get("HTTP_AUTHORIZATION", ""))
            except Refused as refused:
                message = "Unauthorized" if refused.status == 401 else "Forbidden"
                raise Problem(refused.status, message, [("www-authenticate", refused.challenge)]) from refused
        event = event_of(environ, _checked_body(environ), api, route, unquote(path), parameters, jwt)
        sent = json.dumps(event).encode()
        if len(sent) > REQUEST_BYTES:
            raise Problem(413, TOO_LARGE)
        try:
            return answer_of(_payload(route.function, sent))
        except Malformed as error:
            LOG.warning("the answer of %s: %s", route.function, error)
            raise Problem(500, INTERNAL) from error


def _checked_body(environ: Environ) -> bytes:
    length = environ.get("CONTENT_LENGTH") or "0"
    if length.isdecimal() and int(length) > LARGEST_BODY:
        raise Problem(413, TOO_LARGE)
    body = keep_body(environ)
    if len(body) > LARGEST_BODY:
        raise Problem(413, TOO_LARGE)
    return body


def _payload(function: str, event: bytes) -> bytes:
    """The payload of a function that has 30 s by the stand-in's clock; it may go on, but nobody will hear of it."""
    done = threading.Event()
    ends: list[lambdas.Outcome | Exception] = []

    def work() -> None:
        try:
            ends.append(lambdas.invoke(function, event, "http-api"))
        except Exception as error:
            ends.append(error)
        done.set()

    Thread(target=work, name=f"http-api {function}", daemon=True).start()
    clock.wait(LONGEST_SECONDS, done)
    if not ends:
        raise Problem(503, UNAVAILABLE)
    end = ends[0]
    if isinstance(end, lambdas.Outcome) and not end.error:
        return end.payload
    if isinstance(end, lambdas.Throttled):
        raise Problem(503, UNAVAILABLE)
    if isinstance(end, Exception) and not isinstance(end, lambdas.Closed | UnknownFunctionException):
        LOG.error("calling %s", function, exc_info=end)
    raise Problem(500, INTERNAL)


def _preflight(environ: Environ) -> bool:
    return (
        environ["REQUEST_METHOD"] == "OPTIONS"
        and "HTTP_ORIGIN" in environ
        and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
    )


def _cors_headers(cors: Cors, origin: str) -> list[tuple[str, str]]:
    if not origin or not cors.allows(origin):
        return []
    found = [("access-control-allow-origin", "*" if "*" in cors.origins else origin)]
    if found[0][1] != "*":
        found.append(("vary", "origin"))
    if cors.exposed:
        found.append(("access-control-expose-headers", ",".join(cors.exposed)))
    if cors.credentials:
        found.append(("access-control-allow-credentials", "true"))
    return found


def _preflight_headers(cors: Cors, origin: str) -> list[tuple[str, str]]:
    if not cors.allows(origin):
        return []
    found = []
    if cors.methods:
        found.append(("access-control-allow-methods", ",".join(cors.methods)))
    if cors.headers:
        found.append(("access-control-allow-headers", ",".join(cors.headers)))
    if cors.max_age is not None:
        found.append(("access-control-max-age", str(cors.max_age)))
    return found
