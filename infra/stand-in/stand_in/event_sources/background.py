"""Work that the caller does not wait for."""

import logging
from collections.abc import Callable
from typing import Any

from stand_in.epochs import Closed, Thread

LOG = logging.getLogger(__name__)


def later(work: Callable[..., Any], *values: Any) -> None:
    """Does `work(*values)` in a thread of its own; what goes wrong is logged."""

    def guarded() -> None:
        try:
            work(*values)
        except Closed:
            LOG.debug("%s was dropped by a reset", work.__qualname__)
        except Exception as error:
            LOG.warning("%s failed: %s", work.__qualname__, error)

    Thread(target=guarded, name=work.__name__, daemon=True).start()
