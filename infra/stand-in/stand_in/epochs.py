"""Epochs: the time between two resets. Work belongs to the one in which it began, and must not reach the next.

A thread that is a `Thread` of this module belongs to the epoch of the thread that started it. Whoever changes what a
test may see does so inside `EPOCHS.entered()`; a reset waits for those, and lets nobody else in.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

LOG = logging.getLogger(__name__)

# How long a reset waits for calls of AWS that have begun: all that wait for something have been told to end.
DRAIN_SECONDS = 5.0
# By this header the stand-in's own clients say in which epoch they call.
HEADER = "X-Stand-In-Epoch"


class Closed(Exception):
    """The stand-in was reset since the work began."""

    def __init__(self) -> None:
        super().__init__("the stand-in was reset")


class Epoch:
    """One epoch; `ended` is set by the reset that ends it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.ended = threading.Event()

    def check(self) -> None:
        """Raises Closed if it is over."""
        if self.ended.is_set():
            raise Closed


class Epochs:
    """Which epoch it is, and which the calling thread belongs to."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._now = Epoch(0)
        self._inside = 0
        self._resetting = False
        self._resets = threading.Lock()
        self._of_thread = threading.local()

    def mine(self) -> Epoch:
        """The epoch of the calling thread; the present one for a thread that has none."""
        return getattr(self._of_thread, "epoch", None) or self._now

    def join(self, epoch: Epoch | None) -> None:
        """The calling thread belongs to `epoch` from now on."""
        self._of_thread.epoch = epoch

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """While this is held no reset goes on. Raises Closed for work of an epoch that is over."""
        with self._changed:
            self.mine().check()
            self._inside += 1
        try:
            yield
        finally:
            self._leave()

    @contextlib.contextmanager
    def call(self, number: str | None) -> Iterator[None]:
        """As entered(), for a call from outside: it waits for a reset that goes on, and joins the epoch after it.

        Raises Closed if `number`, where the caller tells it, is that of an epoch that is over.
        """
        with self._changed:
            if number is not None and number != str(self._now.number):
                raise Closed
            self._changed.wait_for(lambda: not self._resetting)
            self._inside += 1
            self.join(self._now)
        try:
            yield
        finally:
            self.join(None)
            self._leave()

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Ends the epoch, and lets nobody in until the body is done; two resets at once come one after the other."""
        with self._resets:
            with self._changed:
                self._resetting = True
                self._now.ended.set()
                self._now = Epoch(self._now.number + 1)
            try:
                yield
            finally:
                with self._changed:
                    self._resetting = False
                    self._changed.notify_all()

    def drain(self) -> None:
        """Waits until all who had entered have left."""
        end = time.monotonic() + DRAIN_SECONDS
        with self._changed:
            while self._inside and (left := end - time.monotonic()) > 0:
                self._changed.wait(left)
            if self._inside:
                LOG.warning("%d calls go on after a reset", self._inside)

    def _leave(self) -> None:
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()


EPOCHS = Epochs()


class Thread(threading.Thread):
    """A thread that belongs to the epoch of whoever makes it."""

    def __init__(self, *values: Any, **named: Any) -> None:
        super().__init__(*values, **named)
        self._epoch = EPOCHS.mine()

    def run(self) -> None:
        """The work, in its epoch."""
        EPOCHS.join(self._epoch)
        super().run()


def mark(client: Any) -> Any:
    """Makes a boto client tell the epoch of the thread that calls."""

    def tell(params: dict[str, Any], **_: Any) -> None:
        params["headers"][HEADER] = str(EPOCHS.mine().number)

    client.meta.events.register("before-call", tell)
    return client
