"""Processes that functions started in sessions of their own, so that they outlived them: all end at a reset."""

import contextlib
import ctypes
import os
import pathlib
import signal
import time

_PR_SET_CHILD_SUBREAPER = 36
# What is killed leaves its own children behind, which come to us in turn.
ROUNDS_SECONDS = 2.0


def adopt() -> None:
    """Makes descendants whose parent ends children of this process. Where that is unknown nothing changes."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def kill_orphans(known: set[int]) -> None:
    """Kills and reaps all children of this process but those that are `known`, and what they leave behind."""
    end = time.monotonic() + ROUNDS_SECONDS
    while (orphans := children() - known) and time.monotonic() < end:
        for orphan in orphans:
            # Only ever our own child that nobody else waits for: its number cannot have become another's.
            with contextlib.suppress(ProcessLookupError, PermissionError, ChildProcessError):
                os.kill(orphan, signal.SIGKILL)
                os.waitpid(orphan, 0)


def children() -> set[int]:
    """The children of this process, dead ones that nobody has waited for too."""
    found: set[int] = set()
    for task in pathlib.Path("/proc/self/task").glob("*/children"):
        # Threads end while we look.
        with contextlib.suppress(OSError):
            found.update(map(int, task.read_text().split()))
    return found
