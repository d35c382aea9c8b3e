"""Events that nobody waits for: tried again as AWS does, then recorded at a destination or in a dead-letter queue."""

import dataclasses
import json
import logging
import uuid
from typing import Any

from stand_in.clock import clock
from stand_in.epochs import EPOCHS, Closed, Thread
from stand_in.lambdas import destinations
from stand_in.lambdas.engine import Engine
from stand_in.lambdas.model import Outcome, Throttled, json_or_text

LOG = logging.getLogger(__name__)

# Before the second and the third attempt, by the stand-in's clock.
RETRY_SECONDS = (60, 120)
LONGEST_AGE_SECONDS = 6 * 3600


@dataclasses.dataclass(frozen=True)
class Job:
    """One event that was taken on."""

    arn: str
    event: bytes
    source: str
    accepted: float
    request_id: str


class Queue:
    """Takes events on, and sees each through in a thread of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def put(self, arn: str, event: bytes, source: str) -> str:
        """Takes an event on and tells its request id. The order of events is not kept, as at AWS."""
        job = Job(arn, event, source, clock.now(), str(uuid.uuid4()))
        Thread(target=self._see_through, args=(job,), name="async-event", daemon=True).start()
        return job.request_id

    def _see_through(self, job: Job) -> None:
        try:
            self._attempt_all(job)
        except Closed:
            LOG.debug("an event for %s was dropped by a reset", job.arn)
        except Exception as error:
            # The function is gone, say; AWS drops such events too.
            LOG.warning("an event for %s was dropped: %s", job.arn, error)

    def _attempt_all(self, job: Job) -> None:
        attempt, stop = 0, EPOCHS.mine().ended
        while not stop.is_set():
            function = self._engine.function(job.arn)
            settings = function.event_invoke_config[0].config if function.event_invoke_config else {}
            attempt += 1
            try:
                outcome = self._engine.call(function, job.event, job.source, attempt, job.request_id, wait=True)
            except Throttled:
                # Only a reserved concurrency of zero refuses who waits; AWS then gives up at once.
                return self._fail(job, function, settings, "RetriesExhausted", attempt - 1, None)
            if stop.is_set():
                return None
            if not outcome.error:
                return self._record(job, function, settings, "OnSuccess", "Success", attempt, outcome)
            if attempt > settings.get("MaximumRetryAttempts", len(RETRY_SECONDS)):
                return self._fail(job, function, settings, "RetriesExhausted", attempt, outcome)
            clock.wait(RETRY_SECONDS[attempt - 1], stop)
            if clock.now() - job.accepted > settings.get("MaximumEventAgeInSeconds", LONGEST_AGE_SECONDS):
                return self._fail(job, function, settings, "EventAgeExceeded", attempt, outcome)
        return None

    def _fail(
        self, job: Job, function: Any, settings: dict[str, Any], condition: str, attempt: int, outcome: Outcome | None
    ) -> None:
        self._record(job, function, settings, "OnFailure", condition, attempt, outcome)
        letters = (getattr(function, "dead_letter_config", None) or {}).get("TargetArn")
        if letters:
            value = outcome.value() if outcome else {}
            message = value.get("errorMessage", "") if isinstance(value, dict) else value
            attributes = {"RequestID": job.request_id, "ErrorCode": "200" if outcome else "429"}
            if message:
                attributes["ErrorMessage"] = destinations.attribute_text(message)
            _send(letters, job.event.decode(), attributes)

    def _record(
        self,
        job: Job,
        function: Any,
        settings: dict[str, Any],
        which: str,
        condition: str,
        attempt: int,
        outcome: Outcome | None,
    ) -> None:
        goal = settings.get("DestinationConfig", {}).get(which, {}).get("Destination")
        if goal:
            _send(goal, json.dumps(record_of(job, function, condition, attempt, outcome)), {})


def record_of(job: Job, function: Any, condition: str, attempt: int, outcome: Outcome | None) -> dict[str, Any]:
    """The record of an invocation as AWS sends it to destinations."""
    qualified = function.function_arn
    if qualified.count(":") == 6:
        qualified += f":{function.version}"
    record: dict[str, Any] = {
        "version": "1.0",
        "timestamp": clock.iso(),
        "requestContext": {
            "requestId": job.request_id,
            "functionArn": qualified,
            "condition": condition,
            "approximateInvokeCount": attempt,
        },
        "requestPayload": json_or_text(job.event),
    }
    if outcome is not None:
        record["responseContext"] = {"statusCode": 200, "executedVersion": outcome.version}
        if outcome.error:
            record["responseContext"]["functionError"] = "Unhandled"
        record["responsePayload"] = outcome.value()
    return record


def _send(arn: str, body: str, attributes: dict[str, str]) -> None:
    try:
        destinations.send(arn, body, attributes)
    except Exception as error:
        # AWS counts this in a metric; the event is lost.
        LOG.warning("nothing could be sent to %s: %s", arn, error)
