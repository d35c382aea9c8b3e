"""Checks of the JSON that control requests bring: each raises ValueError with words that a person can act on."""

import math
from typing import Any

from stand_in.answers import Environ, json_of

_ABSENT = object()


def object_of(environ: Environ, *known: str) -> dict[str, Any]:
    """The JSON object of a request's body, which may hold only the `known` names."""
    return checked_object(json_of(environ), "the body", *known)


def checked_object(value: Any, what: str, *known: str) -> dict[str, Any]:
    """`value`, if it is an object that holds only the `known` names; no names allow any."""
    if not isinstance(value, dict):
        raise ValueError(f"{what} must be a JSON object")
    unknown = sorted(set(value) - set(known)) if known else []
    if unknown:
        raise ValueError(f"{what} has the unknown field {unknown[0]!r}; known are {', '.join(known)}")
    return value


def text(values: dict[str, Any], name: str, default: Any = _ABSENT) -> str:
    """A string."""
    value = _found(values, name, default)
    if value is not default and not isinstance(value, str):
        raise ValueError(f'"{name}" must be a string')
    # Half a pair of UTF-16 is a string of JSON, but no text that could be sent.
    if isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError(f'"{name}" must be text, without lone surrogates')
    return value


def number(values: dict[str, Any], name: str, default: Any = _ABSENT) -> float:
    """A finite number."""
    value = _found(values, name, default)
    if value is default:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f'"{name}" must be a number')
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise ValueError(f'"{name}" must be a number')
    return found


def whole(values: dict[str, Any], name: str, default: Any = _ABSENT, least: int | None = None) -> int:
    """A whole number, of at least `least`."""
    value = _found(values, name, default)
    if value is default:
        return value
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f'"{name}" must be a whole number')
    if least is not None and value < least:
        raise ValueError(f'"{name}" must be at least {least}')
    return value


def flag(values: dict[str, Any], name: str, default: Any = _ABSENT) -> bool:
    """True or false."""
    value = _found(values, name, default)
    if value is not default and not isinstance(value, bool):
        raise ValueError(f'"{name}" must be true or false')
    return value


def texts(values: dict[str, Any], name: str, default: Any = _ABSENT) -> list[str]:
    """A list of strings."""
    value = _found(values, name, default)
    if value is default:
        return value
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f'"{name}" must be a list of strings')
    return value


def _found(values: dict[str, Any], name: str, default: Any) -> Any:
    value = values.get(name, default)
    if value is _ABSENT:
        raise ValueError(f'"{name}" is missing')
    return value
