"""One command on one instance: waiting, in progress, and how it ended."""

import dataclasses
import threading
from typing import Any

from stand_in.clock import clock, iso_of
from stand_in.ssm.plans import Plan

# How much of each output AWS's answers hold.
LONGEST_OUTPUT = 24_000
LONGEST_LISTED_OUTPUT = 2_500
CUT = "\n---Output truncated---"
DETAILS = {"TimedOut": "Execution Timed Out"}
RUNNING = ("Pending", "InProgress")


@dataclasses.dataclass
class Run:
    """An invocation."""

    command: str
    document: str
    comment: str
    instance: str
    name: str
    plan: Plan
    reachable: bool
    # How long a command waits for an instance that cannot be reached.
    patience: float
    sent: float = dataclasses.field(default_factory=clock.now)
    _cancelled: float | None = None
    _seen: bool = False

    _lock: threading.Lock = dataclasses.field(default_factory=threading.Lock)

    @property
    def _end(self) -> float:
        return self.sent + (self.plan.seconds if self.reachable else self.patience)

    def status(self) -> tuple[str, str]:
        """Status and its details, now."""
        if self._cancelled is not None:
            return "Cancelled", "Cancelled"
        if clock.now() < self._end:
            return ("InProgress", "In Progress") if self.reachable else ("Pending", "Pending")
        if not self.reachable:
            return "TimedOut", "Delivery Timed Out"
        return self.plan.status, DETAILS.get(self.plan.status, self.plan.status)

    def looked_at(self) -> tuple[str, str]:
        """Status and details for a reader; the first one comes too early, so that readers have to ask again."""
        with self._lock:
            early, self._seen = not self._seen, True
        return ("InProgress", "In Progress") if early and self.reachable and self._cancelled is None else self.status()

    def cancel(self) -> None:
        """Ends it, if it has not ended."""
        with self._lock:
            if self._cancelled is None and clock.now() < self._end:
                self._cancelled = clock.now()

    def described(self) -> dict[str, Any]:
        """As GetCommandInvocation gives it."""
        status, details = self.looked_at()
        ended = self.reachable and status not in RUNNING and self._cancelled is None
        return {
            "CommandId": self.command,
            "InstanceId": self.instance,
            "Comment": self.comment,
            "DocumentName": self.document,
            "PluginName": "aws:runShellScript",
            "ResponseCode": self.plan.code if ended else -1,
            "ExecutionStartDateTime": iso_of(self.sent) if self.reachable else "",
            "ExecutionEndDateTime": iso_of(self._end) if ended else "",
            "ExecutionElapsedTime": f"PT{self.plan.seconds:g}S" if ended else "",
            "Status": status,
            "StatusDetails": details,
            "StandardOutputContent": cut(self.plan.stdout, LONGEST_OUTPUT) if ended else "",
            "StandardErrorContent": cut(self.plan.stderr, LONGEST_OUTPUT) if ended else "",
            "StandardOutputUrl": "",
            "StandardErrorUrl": "",
        }

    def listed(self, details: bool) -> dict[str, Any]:
        """As ListCommandInvocations gives it."""
        status, words = self.status()
        found: dict[str, Any] = {
            "CommandId": self.command,
            "InstanceId": self.instance,
            "InstanceName": self.name,
            "Comment": self.comment,
            "DocumentName": self.document,
            "RequestedDateTime": self.sent,
            "Status": status,
            "StatusDetails": words.replace(" ", ""),
            "CommandPlugins": [],
        }
        if details:
            ended = status not in RUNNING and self._cancelled is None and self.reachable
            plugin = {"Name": "aws:runShellScript", "Status": status, "StatusDetails": words.replace(" ", "")}
            output = cut(self.plan.stdout, LONGEST_LISTED_OUTPUT) if ended else ""
            found["CommandPlugins"] = [{**plugin, "ResponseCode": self.plan.code if ended else -1, "Output": output}]
        return found


def cut(text: str, most: int) -> str:
    """An output that is no longer than AWS gives it."""
    return text if len(text) <= most else text[: most - len(CUT)] + CUT
