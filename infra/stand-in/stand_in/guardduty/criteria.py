"""Which findings a ListFindings wants, and in which order."""

import datetime
from collections.abc import Callable
from typing import Any

Finding = dict[str, Any]
_ABSENT = ""
_TIMES = {"createdAt", "updatedAt"}


def value_of(finding: Finding, field: str) -> Any:
    """What a dotted field is in a finding; times are milliseconds since 1970, as criteria give them."""
    value: Any = finding
    for part in field.split("."):
        value = value.get(part, _ABSENT) if isinstance(value, dict) else _ABSENT
    if field in _TIMES:
        return int(datetime.datetime.fromisoformat(value).timestamp() * 1_000)
    return value


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _compared(test: Callable[[float, float], bool]) -> Callable[[Any, Any], bool]:
    def compare(value: Any, wanted: Any) -> bool:
        return isinstance(value, int | float) and test(value, wanted)

    return compare


# Both the old and the new names of each condition.
_LESS, _AT_MOST = _compared(lambda a, b: a < b), _compared(lambda a, b: a <= b)
_MORE, _AT_LEAST = _compared(lambda a, b: a > b), _compared(lambda a, b: a >= b)
CONDITIONS: dict[str, Callable[[Any, Any], bool]] = {
    **dict.fromkeys(("eq", "equals"), lambda value, wanted: _text(value) in wanted),
    **dict.fromkeys(("neq", "notEquals"), lambda value, wanted: _text(value) not in wanted),
    **dict.fromkeys(("lt", "lessThan"), _LESS),
    **dict.fromkeys(("lte", "lessThanOrEqual"), _AT_MOST),
    **dict.fromkeys(("gt", "greaterThan"), _MORE),
    **dict.fromkeys(("gte", "greaterThanOrEqual"), _AT_LEAST),
}


def fits(finding: Finding, criterion: dict[str, dict[str, Any]]) -> bool:
    """Whether a finding meets all conditions. Raises ValueError."""
    for field, conditions in criterion.items():
        for name, wanted in conditions.items():
            if name not in CONDITIONS:
                raise ValueError(f"the condition {name} is not supported")
            if not CONDITIONS[name](value_of(finding, field), wanted):
                return False
    return True


def sort_key(field: str) -> Callable[[Finding], tuple[bool, Any]]:
    """A key to sort findings by; those without the field come first."""

    def key(finding: Finding) -> tuple[bool, Any]:
        value = value_of(finding, field)
        return value != _ABSENT, value if isinstance(value, int | float) else _text(value)

    return key
