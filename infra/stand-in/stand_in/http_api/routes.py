"""An HTTP API as the control describes it, and the route that a request takes."""

import dataclasses
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from stand_in.fields import checked_object, flag, text, texts, whole

METHODS = ("ANY", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
DEFAULT_KEY = "$default"
_VARIABLE = re.compile(r"\{([A-Za-z0-9_.-]+)(\+?)\}")


@dataclasses.dataclass(frozen=True)
class Route:
    """One route: `key` is as in AWS, "GET /things/{id}" or "$default"."""

    key: str
    method: str
    segments: tuple[str, ...]
    function: str
    scopes: tuple[str, ...]
    public: bool

    @property
    def greedy(self) -> bool:
        """Whether its last segment takes all that follows."""
        return bool(self.segments) and self.segments[-1].endswith("+}")

    @property
    def literals(self) -> int:
        """How many segments it names."""
        return sum(not segment.startswith("{") for segment in self.segments)

    def parameters(self, path: Sequence[str]) -> dict[str, str] | None:
        """The path parameters, or None if the path is not of this route."""
        if len(path) != len(self.segments) and not (self.greedy and len(path) > len(self.segments)):
            return None
        found = {}
        for place, segment in enumerate(self.segments):
            variable = _VARIABLE.fullmatch(segment)
            sent = "/".join(path[place:]) if variable and variable[2] else path[place]
            if variable and sent:
                found[variable[1]] = unquote(sent)
            elif variable or unquote(sent) != segment:
                return None
        return found


@dataclasses.dataclass(frozen=True)
class Cors:
    """The CORS configuration of an API."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    max_age: int | None
    credentials: bool

    def allows(self, origin: str) -> bool:
        """Whether pages of this origin may read answers."""
        return "*" in self.origins or origin in self.origins


@dataclasses.dataclass(frozen=True)
class Api:
    """One HTTP API."""

    name: str
    routes: tuple[Route, ...]
    audience: tuple[str, ...]
    issuer: str
    cors: Cors | None

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]] | None:
        """The route of a request and its path parameters: a full match, else a greedy one, else $default."""
        sent = path.split("/")[1:]
        fitting = [
            (route, found)
            for route in self.routes
            if route.key != DEFAULT_KEY and route.method in ("ANY", method)
            for found in [route.parameters(sent)]
            if found is not None
        ]
        if fitting:
            return max(fitting, key=lambda one: (not one[0].greedy, one[0].literals, one[0].method != "ANY"))
        return next(((route, {}) for route in self.routes if route.key == DEFAULT_KEY), None)


def api_of(name: str, order: dict[str, Any], issuer: str) -> Api:
    """An API from the body of a PUT; `issuer` is for those that name none. Raises ValueError."""
    given = checked_object(order.get("routes"), '"routes"')
    if not given:
        raise ValueError('"routes" is empty')
    routes = tuple(_route(key, values) for key, values in given.items())
    audience = tuple(texts(order, "audience", []))
    if not audience and not all(route.public for route in routes):
        raise ValueError('"audience" is missing, and not every route is public')
    cors = order.get("cors")
    return Api(name, routes, audience, text(order, "issuer", issuer), None if cors is None else _cors(cors))


def _route(key: str, given: Any) -> Route:
    values = checked_object(given, f"the route {key!r}", "function", "scopes", "public")
    method, _, path = key.partition(" ")
    if key == DEFAULT_KEY:
        method, path = "ANY", "/"
    elif method not in METHODS or not path.startswith("/"):
        raise ValueError(f'the route {key!r} is not like "GET /things/{{id}}" or "$default"')
    segments = tuple(path.split("/")[1:])
    for place, segment in enumerate(segments):
        variable = _VARIABLE.fullmatch(segment)
        if ("{" in segment or "}" in segment) and not variable:
            raise ValueError(f"the route {key!r} has the bad segment {segment!r}")
        if variable and variable[2] and place < len(segments) - 1:
            raise ValueError(f"the route {key!r} goes on after {segment!r}, which takes all")
    scopes, public = tuple(texts(values, "scopes", [])), flag(values, "public", False)
    if scopes and public:
        raise ValueError(f"the route {key!r} is public and yet wants scopes")
    return Route(key, method, segments, text(values, "function"), scopes, public)


def _cors(given: Any) -> Cors:
    lists = ("allow_origins", "allow_methods", "allow_headers", "expose_headers")
    values = checked_object(given, '"cors"', *lists, "max_age", "allow_credentials")
    origins, methods, headers, exposed = (tuple(texts(values, name, [])) for name in lists)
    credentials = flag(values, "allow_credentials", False)
    if credentials and "*" in (*origins, *methods, *headers, *exposed):
        raise ValueError('"cors" cannot allow credentials together with *')
    return Cors(origins, methods, headers, exposed, whole(values, "max_age", None, least=0), credentials)
