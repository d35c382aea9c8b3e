"""What the target of an EventBridge rule gets: the event, a part of it, a constant, or a filled template."""

import datetime
import json
import re
from typing import Any

_PLACE = re.compile(r"<([A-Za-z0-9_.\-]+)>")
_STEP = re.compile(r"\.([A-Za-z0-9_\-/*]+)|\[(\d+|\*)\]|\['([^']+)'\]")
# A string of JSON, or a place outside of strings.
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|<[A-Za-z0-9_.\-]+>', re.DOTALL)
_ABSENT = object()


def shaped(event: dict[str, Any]) -> dict[str, Any]:
    """Moto's event as AWS sends it: with its time as text, and without the time of receipt."""
    moment = event["time"]
    if isinstance(moment, int | float) or re.fullmatch(r"[\d.]+", str(moment)):
        moment = datetime.datetime.fromtimestamp(float(moment), datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {name: value for name, value in event.items() if name != "ingestion-time"} | {"time": moment}


def input_of(target: dict[str, Any], event: dict[str, Any], rule: Any, received: str) -> str:
    """The text that a target gets of a shaped event."""
    if target.get("Input"):
        return str(target["Input"])
    if target.get("InputPath"):
        found = find(event, target["InputPath"])
        return json.dumps(None if found is _ABSENT else found)
    transformer = target.get("InputTransformer")
    if not transformer:
        return json.dumps(event)
    values = {name: find(event, path) for name, path in (transformer.get("InputPathsMap") or {}).items()}
    values |= {
        "aws.events.rule-arn": rule.arn,
        "aws.events.rule-name": rule.name,
        "aws.events.event.ingestion-time": received,
        "aws.events.event": {name: value for name, value in event.items() if name != "detail"},
        "aws.events.event.json": event,
    }
    return fill(transformer["InputTemplate"], values)


def fill(template: str, values: dict[str, Any]) -> str:
    """Fills a template: JSON where it is JSON, else one text, which becomes a JSON string."""
    if template.lstrip()[:1] not in ("{", "[", '"'):
        return json.dumps(_PLACE.sub(lambda place: _as_text(values, place), template))

    def replace(token: re.Match[str]) -> str:
        if not token[0].startswith('"'):
            value = values.get(token[0][1:-1], token[0])
            return json.dumps("" if value is _ABSENT else value)
        # Inside of a string a value must not end it.
        return _PLACE.sub(lambda place: json.dumps(_as_text(values, place))[1:-1], token[0])

    return _TOKEN.sub(replace, template)


def find(event: Any, path: str) -> Any:
    """The value at a path like $.detail.list[0]; a marker of absence if there is none."""
    found, rest = event, path.removeprefix("$")
    while rest:
        step = _STEP.match(rest)
        if step is None:
            return _ABSENT
        name = step[1] or step[2] or step[3]
        rest = rest[step.end() :]
        if name == "*" and step[3] is None:
            parts = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
            inner = [find(part, f"${rest}") for part in parts]
            return [value for value in inner if value is not _ABSENT]
        if isinstance(found, dict) and step[2] is None:
            found = found.get(name, _ABSENT)
        elif isinstance(found, list) and step[2] is not None and int(name) < len(found):
            found = found[int(name)]
        else:
            return _ABSENT
    return found


def _as_text(values: dict[str, Any], place: re.Match[str]) -> str:
    value = values.get(place[1], place[0])
    if value is _ABSENT:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
