"""SQS event source mappings: a poller for each, which sleeps until its queue has something to give."""

import logging
import threading
from typing import Any

from moto.core.utils import unix_time_millis

from stand_in.clock import clock
from stand_in.epochs import EPOCHS, Closed, Thread
from stand_in.event_sources.batches import event_of, failed_ids
from stand_in.lambdas import invoke
from stand_in.world import ACCOUNT

LOG = logging.getLogger(__name__)

# AWS starts with five batches at once for a standard queue.
BATCHES_AT_ONCE = 5


class Poller:
    """Feeds the messages of one queue to one function, for as long as the mapping lasts."""

    def __init__(self, mapping: Any, queue: Any) -> None:
        self._mapping = mapping
        self._queue = queue
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._running = 0
        self._stopped = False
        Thread(target=self._run, name=f"poller-{queue.name}", daemon=True).start()

    def wake(self) -> None:
        """Something may have changed: a message, the mapping, a batch that is done."""
        self._wake.set()

    def stop(self) -> None:
        """Takes no more messages; batches that run are dealt with."""
        self._stopped = True
        self._wake.set()

    def _run(self) -> None:
        while not self._stopped:
            # Cleared before looking, so that what comes while we look is not slept through.
            self._wake.clear()
            looked = unix_time_millis()
            try:
                messages = self._receive()
            except Closed:
                return
            except Exception as error:
                # The queue is gone; a new one of its name is another queue.
                LOG.warning("the poller of %s ends: %s", self._queue.name, error)
                return
            if messages:
                with self._lock:
                    self._running += 1
                Thread(target=self._process, args=(messages,), name="batch", daemon=True).start()
            else:
                # Also the clock ends this wait when it is moved.
                clock.wait(self._seconds_until_visible(looked), self._wake)

    def _receive(self) -> list[Any]:
        if not self._mapping.enabled or self._running >= self._most():
            return []
        from moto.sqs.models import sqs_backends

        self._gather()
        if self._stopped:
            return []
        backend = sqs_backends[ACCOUNT][self._queue.region]
        with EPOCHS.entered():
            return backend.receive_message(
                self._queue.name, self._mapping.batch_size, 0, self._queue.visibility_timeout, ["All"]
            )

    def _gather(self) -> None:
        """Waits for the batch to fill, for as long as the mapping allows from the first message on."""
        end = clock.now() + (self._mapping.max_batch_window or 0)
        while not self._stopped and 0 < len(self._queue.messages) < self._mapping.batch_size:
            left = end - clock.now()
            if left <= 0:
                return
            self._wake.clear()
            clock.wait(left, self._wake)

    def _most(self) -> int:
        return (self._mapping.scaling_config or {}).get("MaximumConcurrency") or BATCHES_AT_ONCE

    def _seconds_until_visible(self, looked: float) -> float:
        """From now until a message comes back that was out of sight at the time `looked`."""
        if not self._mapping.enabled or self._running >= self._most():
            return float("inf")
        with self._queue._messages_lock:
            times = [max(message.visible_at, message.delayed_until) for message in self._queue._messages]
        # What was in sight and not received waits for others of its group, whose end wakes us.
        times = [time for time in times if time >= looked]
        # One more millisecond, for visible is what comes after the time.
        return max((min(times) - unix_time_millis()) / 1000, 0) + 0.001 if times else float("inf")

    def _process(self, messages: list[Any]) -> None:
        try:
            outcome = invoke(self._mapping.function_arn, event_of(messages, self._queue), "sqs", wait=True)
            partial = "ReportBatchItemFailures" in (self._mapping.function_response_types or [])
            failed = failed_ids(outcome, {message.id for message in messages}, partial)
            for message in messages:
                # The failed come back by themselves when their visibility timeout is over.
                if message.id not in failed:
                    self._queue.delete_message(message.receipt_handle)
        except Closed:
            return
        except Exception as error:
            LOG.warning("a batch of %s failed: %s", self._queue.name, error)
        finally:
            with self._lock:
                self._running -= 1
            self._wake.set()


class Pollers:
    """The pollers of all mappings."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._of: dict[str, Poller] = {}
        self._queues: dict[str, str] = {}

    def add(self, mapping: Any, queue: Any) -> None:
        """Starts to poll."""
        with self._lock:
            self._of[mapping.uuid] = Poller(mapping, queue)
            self._queues[mapping.uuid] = queue.queue_arn

    def remove(self, uuid: str) -> None:
        """Ends polling."""
        with self._lock:
            self._queues.pop(uuid, None)
            poller = self._of.pop(uuid, None)
        if poller:
            poller.stop()

    def wake(self, queue_arn: str | None = None) -> None:
        """Makes the pollers of a queue, or all, look again."""
        with self._lock:
            pollers = [self._of[uuid] for uuid, arn in self._queues.items() if queue_arn in (None, arn)]
        for poller in pollers:
            poller.wake()

    def reset(self) -> None:
        """Ends all."""
        with self._lock:
            uuids = list(self._of)
        for uuid in uuids:
            self.remove(uuid)
