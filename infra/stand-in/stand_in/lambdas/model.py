"""What the parts of Lambda tell each other: an invocation, its outcome, and the errors of Lambda itself."""

import dataclasses
import json
import time
import uuid
from typing import Any

# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
# An answer may be 100 bytes larger than a request.
REQUEST_BYTES = 6 * 1024 * 1024
ASYNC_REQUEST_BYTES = 1024 * 1024
ANSWER_BYTES = REQUEST_BYTES + 100
UNZIPPED_BYTES = 250 * 1024 * 1024

# What an instance may take to ask for its first event; AWS has the same.
INIT_SECONDS = 10.0


class Throttled(Exception):
    """All instances that the function may have are busy."""

    def __init__(self, reserved: bool) -> None:
        super().__init__("Rate Exceeded.")
        kind = "ReservedFunctionConcurrentInvocationLimitExceeded" if reserved else "ConcurrentInvocationLimitExceeded"
        self.reason = kind


class CannotStart(Exception):
    """The function's code cannot be run at all."""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How an invocation ended."""

    payload: bytes
    # True if the function failed, in whatever way; AWS says "Unhandled" of all that a custom runtime does.
    error: bool
    request_id: str = ""
    version: str = "$LATEST"
    # What the instance wrote meanwhile.
    log: bytes = b""

    def value(self) -> Any:
        """The payload's JSON, or its text where it is none."""
        return json_or_text(self.payload)


@dataclasses.dataclass
class Invocation:
    """One event on its way through an instance."""

    event: bytes
    arn: str
    seconds: float
    version: str = "$LATEST"
    request_id: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))
    taken: bool = False
    answer: tuple[bytes, bool] | None = None
    # By time.monotonic(): before the event is taken the end of the init, then that of the time-out.
    deadline: float = 0.0

    def wait_for_init(self) -> None:
        """Gives the instance time to start."""
        self.deadline = time.monotonic() + INIT_SECONDS + self.seconds

    def take(self) -> None:
        """From here on the function's own time-out counts."""
        self.taken = True
        self.deadline = time.monotonic() + self.seconds

    def deadline_milliseconds(self) -> int:
        """The deadline as the runtime API tells it: in real time, for functions know no other clock."""
        return int((time.time() + self.deadline - time.monotonic()) * 1000)


def error_payload(kind: str, message: str) -> bytes:
    """An error that Lambda makes itself."""
    return json.dumps({"errorType": kind, "errorMessage": message}).encode()


def too_large() -> bytes:
    """What the caller gets for an answer over the limit."""
    message = f"Response payload size exceeded maximum allowed payload size ({ANSWER_BYTES} bytes)."
    return error_payload("Function.ResponseSizeTooLarge", message)


def json_or_text(payload: bytes) -> Any:
    """The JSON in `payload`, or else its text."""
    try:
        return json.loads(payload or b"null")
    except ValueError:
        return payload.decode(errors="replace")
