"""Rules for faults: what they may say, which call they meet, and how often they met one."""

import dataclasses
import fnmatch
import threading
from typing import Any

from stand_in.faults.answers import NAMED
from stand_in.faults.known import check_operation
from stand_in.fields import checked_object, text, whole
from stand_in.operations import Call

# What each kind of fault may say besides its kind.
KINDS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(NAMED, ("message",)),
    "error": ("status", "code", "message"),
    "lost_answer": (),
    "delay": ("milliseconds", "then"),
    "cut_body": ("bytes",),
    "kill": (),
    "kill_after": (),
}
LONGEST_DELAY_MILLISECONDS = 3_600_000


@dataclasses.dataclass(frozen=True)
class Fault:
    """One kind of trouble. `then` is the trouble after a delay, if any."""

    kind: str
    status: int = 0
    code: str = ""
    message: str = ""
    milliseconds: int = 0
    bytes: int = 0
    then: "Fault | None" = None


@dataclasses.dataclass
class Rule:
    """On calls of `operation`, from the `nth` on, `times` times (None: always)."""

    number: int
    operation: str
    resource: str | None
    nth: int
    times: int | None
    fault: Fault
    given: dict[str, Any]
    seen: int = 0
    fired: int = 0

    def meets(self, call: Call, where: list[str]) -> bool:
        """Whether this is a call of the rule's operation on its resource."""
        if not fnmatch.fnmatchcase(call.name, self.operation):
            return False
        return self.resource is None or any(fnmatch.fnmatchcase(one, self.resource) for one in where)

    def due(self) -> bool:
        """Whether the call that was seen last is one to fail."""
        return self.seen >= self.nth and (self.times is None or self.seen < self.nth + self.times)

    def report(self) -> dict[str, Any]:
        """The rule as given, and how often it met a call and fired."""
        return {**self.given, "id": self.number, "seen": self.seen, "fired": self.fired}


class Rules:
    """All rules that are set."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Rule] = []
        self._count = 0

    def add(self, given: dict[str, Any]) -> Rule:
        """A new rule, after all others. Raises ValueError."""
        rule = _rule(given)
        with self._lock:
            self._count += 1
            rule.number = self._count
            self._rules.append(rule)
        return rule

    def clear(self) -> None:
        """No rules."""
        with self._lock:
            self._rules = []

    def reports(self) -> list[dict[str, Any]]:
        """All rules with their counts."""
        with self._lock:
            return [rule.report() for rule in self._rules]

    def concern(self, call: Call) -> bool:
        """Whether a rule looks at the resource of such a call, so that its body must be read."""
        with self._lock:
            return any(rule.resource and fnmatch.fnmatchcase(call.name, rule.operation) for rule in self._rules)

    def strike(self, call: Call, where: list[str]) -> Fault | None:
        """Counts a call for every rule that it meets; the fault of the first rule that is due."""
        struck = None
        with self._lock:
            for rule in self._rules:
                if rule.meets(call, where):
                    rule.seen += 1
                    if struck is None and rule.due():
                        rule.fired += 1
                        struck = rule.fault
        return struck


def _rule(given: dict[str, Any]) -> Rule:
    operation = text(given, "operation")
    if ":" not in operation and operation != "*":
        raise ValueError('"operation" must be like "s3:PutObject", with * and ? for parts of it')
    check_operation(operation)
    times = given.get("times", 1)
    return Rule(
        number=0,
        operation=operation,
        resource=text(given, "resource", None),
        nth=whole(given, "nth", 1, least=1),
        times=None if times is None else whole(given, "times", 1, least=1),
        fault=_fault(given.get("fault")),
        given=given,
    )


def _fault(given: Any) -> Fault:
    values = {"kind": given} if isinstance(given, str) else checked_object(given, '"fault"')
    kind = text(values, "kind")
    if kind not in KINDS:
        raise ValueError(f"there is no fault {kind!r}; there are {', '.join(KINDS)}")
    checked_object(values, f"the fault {kind!r}", "kind", *KINDS[kind])
    if kind == "error":
        status = whole(values, "status", least=400)
        if status > 599:
            raise ValueError('"status" must be from 400 to 599')
        code = text(values, "code")
        if not code or not code.isascii() or not code.isprintable():
            raise ValueError('"code" must be a word, like SlowDown')
        return Fault(kind, status, code, text(values, "message", "by rule"))
    if kind == "delay":
        milliseconds = whole(values, "milliseconds", least=0)
        if milliseconds > LONGEST_DELAY_MILLISECONDS:
            raise ValueError(f'"milliseconds" must be at most {LONGEST_DELAY_MILLISECONDS}')
        then = values.get("then")
        return Fault(kind, milliseconds=milliseconds, then=None if then is None else _fault(then))
    if kind == "cut_body":
        return Fault(kind, bytes=whole(values, "bytes", least=0))
    return Fault(kind, message=text(values, "message", ""))
