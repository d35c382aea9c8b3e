"""What every part of the stand-in shares: where it listens, where it may write, and what a reset must undo."""

import dataclasses
import logging
import pathlib
from collections.abc import Callable

from stand_in.epochs import EPOCHS

LOG = logging.getLogger(__name__)

ACCOUNT = "123456789012"
REGION = "us-east-1"


@dataclasses.dataclass
class World:
    """One running stand-in."""

    port: int
    # The one folder that parts may write to; it goes when the stand-in ends.
    home: pathlib.Path
    # At a reset: ends whatever runs or waits, before anything is forgotten, for it could write into what comes next.
    on_stop: list[Callable[[], None]] = dataclasses.field(default_factory=list)
    # At a reset: forgets.
    on_reset: list[Callable[[], None]] = dataclasses.field(default_factory=list)
    on_end: list[Callable[[], None]] = dataclasses.field(default_factory=list)

    @property
    def endpoint(self) -> str:
        """The address that clients are given."""
        return f"http://127.0.0.1:{self.port}"

    def reset(self) -> None:
        """Brings every part back to how it was at the start."""
        with EPOCHS.turn():
            _do_all(self.on_stop)
            EPOCHS.drain()
            _do_all(self.on_reset)

    def end(self) -> None:
        """Stops every part, for good."""
        with EPOCHS.turn():
            _do_all(self.on_end)


def _do_all(steps: list[Callable[[], None]]) -> None:
    for step in steps:
        try:
            step()
        except Exception:
            # One part that fails must not keep the others from it.
            LOG.exception("%s failed", getattr(step, "__qualname__", step))
