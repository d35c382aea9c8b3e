"""CloudTrail beyond moto: LookupEvents over planted records, and trails that are told by name and made once.

POST /_stand-in/trails/events {"events": [record, ...]} plants records in the form that log files hold; DELETE forgets
them.
"""

import datetime
import functools
import json
import threading
from collections.abc import Callable, Iterable
from typing import Any

from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError

from stand_in.answers import Environ, StartResponse, Wsgi, answer, answer_json
from stand_in.clock import clock
from stand_in.fields import checked_object, object_of, text
from stand_in.world import World

PAGE = 50
Record = dict[str, Any]

# What an attribute of a lookup is in a record.
ATTRIBUTES: dict[str, Callable[[Record], list[str]]] = {
    "EventId": lambda record: [record["eventID"]],
    "EventName": lambda record: [record["eventName"]],
    "EventSource": lambda record: [record["eventSource"]],
    "ReadOnly": lambda record: [str(record.get("readOnly", False)).lower()],
    "Username": lambda record: [username(record)],
    "AccessKeyId": lambda record: [_identity(record).get("accessKeyId", "")],
    "ResourceName": lambda record: [one["ResourceName"] for one in resources(record)],
    "ResourceType": lambda record: [one["ResourceType"] for one in resources(record)],
}


class Planted:
    """The records that tests planted."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._records: list[Record] = []

    def add(self, records: list[Record]) -> None:
        """More records."""
        with self._lock:
            self._records += records

    def newest_first(self) -> list[Record]:
        """All of them."""
        with self._lock:
            return sorted(self._records, key=lambda one: seconds_of(one["eventTime"]), reverse=True)

    def clear(self) -> None:
        """Forgets them."""
        with self._lock:
            self._records.clear()


PLANTED = Planted()


def seconds_of(moment: str) -> float:
    """An ISO 8601 time in seconds since 1970. Raises ValueError."""
    found = datetime.datetime.fromisoformat(moment)
    return found.replace(tzinfo=found.tzinfo or datetime.UTC).timestamp()


def _identity(record: Record) -> dict[str, Any]:
    return record.get("userIdentity") or {}


def username(record: Record) -> str:
    """Who did it, in the words of LookupEvents: a user's name, or that of a role's session."""
    identity = _identity(record)
    if identity.get("type") == "Root":
        return "root"
    return identity.get("userName") or str(identity.get("arn", "")).rpartition("/")[2]


def resources(record: Record) -> list[dict[str, str]]:
    """The resources that a record names itself; AWS finds more in its request."""
    return [
        {"ResourceType": one.get("type", ""), "ResourceName": one.get("ARN", "")}
        for one in record.get("resources") or []
    ]


def described(record: Record) -> dict[str, Any]:
    """A record as LookupEvents gives it."""
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "ReadOnly": ATTRIBUTES["ReadOnly"](record)[0],
        "AccessKeyId": _identity(record).get("accessKeyId", ""),
        "EventTime": seconds_of(record["eventTime"]),
        "EventSource": record["eventSource"],
        "Username": username(record),
        "Resources": resources(record),
        "CloudTrailEvent": json.dumps(record),
    }


def lookup_events(self: CloudTrailResponse) -> str:
    """Answers LookupEvents."""
    most = self._get_param("MaxResults") or PAGE
    if not 1 <= most <= PAGE:
        raise JsonRESTError("InvalidMaxResultsException", f"MaxResults must be from 1 to {PAGE}.")
    token = self._get_param("NextToken") or "0"
    if not token.isdecimal():
        raise JsonRESTError("InvalidNextTokenException", "The next token is invalid.")
    start, found = int(token), [one for one in PLANTED.newest_first() if _is_wanted(self, one)]
    page: dict[str, Any] = {"Events": [described(one) for one in found[start : start + most]]}
    if start + most < len(found):
        page["NextToken"] = str(start + most)
    return json.dumps(page)


def _is_wanted(request: CloudTrailResponse, record: Record) -> bool:
    now = clock.now()
    first, last = request._get_param("StartTime") or 0, request._get_param("EndTime") or now
    if first > last:
        raise JsonRESTError("InvalidTimeRangeException", "The start time must not be after the end time.")
    attributes = request._get_param("LookupAttributes") or []
    if len(attributes) > 1 or any(one.get("AttributeKey") not in ATTRIBUTES for one in attributes):
        raise JsonRESTError("InvalidLookupAttributesException", "You can look up one attribute that is known.")
    fits = all(one["AttributeValue"] in ATTRIBUTES[one["AttributeKey"]](record) for one in attributes)
    return fits and first <= seconds_of(record["eventTime"]) <= last


def _control(environ: Environ, start: StartResponse) -> Iterable[bytes]:
    method = environ["REQUEST_METHOD"]
    if method == "DELETE":
        PLANTED.clear()
    elif method == "POST":
        PLANTED.add([_checked(one) for one in object_of(environ, "events").get("events") or []])
    elif method != "GET":
        return answer(start, 405)
    return answer_json(start, {"events": PLANTED.newest_first()})


def _checked(value: Any) -> Record:
    record = checked_object(value, "an event")
    for name in ("eventID", "eventName", "eventSource"):
        text(record, name)
    seconds_of(text(record, "eventTime"))
    return record


def _tell_trails() -> None:
    create, describe = CloudTrailResponse.create_trail, CloudTrailResponse.describe_trails

    @functools.wraps(create)
    def once(self: CloudTrailResponse) -> str:
        name = self._get_param("Name")
        if name in self.cloudtrail_backend.trails:
            raise JsonRESTError("TrailAlreadyExistsException", f"Trail {name} already exists.")
        return create(self)

    @functools.wraps(describe)
    def named(self: CloudTrailResponse) -> str:
        names, found = self._get_param("trailNameList"), json.loads(describe(self))["trailList"]
        kept = [one for one in found if not names or one["Name"] in names or one["TrailARN"] in names]
        return json.dumps({"trailList": kept})

    # Moto replaces the trail.
    CloudTrailResponse.create_trail = once  # type: ignore[method-assign]
    # Moto tells them all.
    CloudTrailResponse.describe_trails = named  # type: ignore[method-assign]


def install(world: World) -> dict[str, Wsgi]:
    """Patches moto and gives the control."""
    CloudTrailResponse.lookup_events = lookup_events  # type: ignore[attr-defined]
    _tell_trails()
    world.on_reset.append(PLANTED.clear)
    return {"/_stand-in/trails/events": _control}
