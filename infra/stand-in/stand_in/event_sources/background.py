"""Work that the caller does not wait for."""

import logging
import threading
from collections.abc import Callable
from typing import Any

LOG = logging.getLogger(__name__)


def later(work: Callable[..., Any], *values: Any) -> None:
    """Does `work(*values)` in a thread of its own; what goes wrong is logged."""

    def guarded() -> None:
        try:
            work(*values)
        except Exception as error:
            LOG.warning("%s failed: %s", work.__qualname__, error)

    threading.Thread(target=guarded, name=work.__name__, daemon=True).start()
