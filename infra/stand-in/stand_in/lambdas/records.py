"""What tests may ask about: every attempt to invoke a function, the latest of each function."""

import collections
import threading
from typing import Any

from stand_in.epochs import EPOCHS
from stand_in.lambdas.model import Outcome, json_or_text

# Events may be megabytes, and nobody looks at older ones.
KEPT = 1000


class Records:
    """The attempts of all functions since the last reset."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, collections.deque[dict[str, Any]]] = {}

    def begin(self, name: str, request_id: str, event: bytes, source: str, attempt: int) -> dict[str, Any]:
        """Notes an attempt that begins; finish() gets what this returns."""
        record = {
            "request_id": request_id,
            "event": json_or_text(event),
            "result": None,
            "error": None,
            "source": source,
            "attempt": attempt,
            "finished": False,
        }
        with self._lock:
            # An attempt that a reset overtook is nobody's.
            if not EPOCHS.mine().ended.is_set():
                self._of.setdefault(name, collections.deque(maxlen=KEPT)).append(record)
        return record

    def finish(self, record: dict[str, Any], outcome: Outcome) -> None:
        """Notes how an attempt ended."""
        with self._lock:
            record.update({"error" if outcome.error else "result": outcome.value(), "finished": True})

    def of(self, name: str) -> list[dict[str, Any]]:
        """A function's attempts, oldest first."""
        with self._lock:
            return [dict(record) for record in self._of.get(name, ())]

    def reset(self) -> None:
        """Forgets all."""
        with self._lock:
            self._of.clear()
