"""What every part of the stand-in shares: where it listens, where it may write, and what a reset must undo."""

import dataclasses
import pathlib
import threading
from collections.abc import Callable

ACCOUNT = "123456789012"
REGION = "us-east-1"


@dataclasses.dataclass
class World:
    """One running stand-in."""

    port: int
    # The one folder that parts may write to; it goes when the stand-in ends.
    home: pathlib.Path
    on_reset: list[Callable[[], None]] = dataclasses.field(default_factory=list)
    on_end: list[Callable[[], None]] = dataclasses.field(default_factory=list)
    # Held while a part changes what another may read.
    lock: threading.RLock = dataclasses.field(default_factory=threading.RLock)

    @property
    def endpoint(self) -> str:
        """The address that clients are given."""
        return f"http://127.0.0.1:{self.port}"

    def reset(self) -> None:
        """Brings every part back to how it was at the start."""
        for undo in self.on_reset:
            undo()
