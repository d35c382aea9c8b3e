"""The process at the other end of a connection: who it is, and its end."""

import contextlib
import logging
import os
import pathlib
import signal

LOG = logging.getLogger(__name__)

_TABLES = (pathlib.Path("/proc/net/tcp"), pathlib.Path("/proc/net/tcp6"))
# 127.0.0.1 in the words of /proc/net/tcp; in tcp6 it is the end of a mapped address.
_LOOPBACK = "0100007F"


def kill_client(client_port: int, server_port: int) -> list[int]:
    """Kills whoever holds the client's end of a loopback connection, and tells whom.

    Raises PermissionError if that is the stand-in or one of its ancestors, LookupError if there is nobody.
    """
    inodes = _sockets(client_port, server_port)
    holders = [process for process in _processes() if _holds(process, inodes)] if inodes else []
    if not holders:
        raise LookupError(f"no process holds the client's end of the connection from port {client_port}")
    spared = _ancestors()
    if not spared.isdisjoint(holders):
        raise PermissionError("the client is the stand-in or one of its ancestors, which are never killed")
    for process in holders:
        LOG.info("killing process %d by rule", process)
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    return holders


def _sockets(client_port: int, server_port: int) -> set[str]:
    found = set()
    for table in _TABLES:
        with contextlib.suppress(FileNotFoundError):
            for line in table.read_text().splitlines()[1:]:
                fields = line.split()
                if fields[1].endswith(f"{_LOOPBACK}:{client_port:04X}") and fields[2].endswith(f":{server_port:04X}"):
                    found.add(f"socket:[{fields[9]}]")
    return found


def _processes() -> list[int]:
    return [int(entry.name) for entry in pathlib.Path("/proc").iterdir() if entry.name.isdecimal()]


def _holds(process: int, sockets: set[str]) -> bool:
    # Processes end while we look, and those of other users cannot be looked at.
    with contextlib.suppress(OSError):
        for descriptor in pathlib.Path(f"/proc/{process}/fd").iterdir():
            with contextlib.suppress(OSError):
                if str(descriptor.readlink()) in sockets:
                    return True
    return False


def _ancestors() -> set[int]:
    """This process, its parent, and so on."""
    found, process = set(), os.getpid()
    while process:
        found.add(process)
        try:
            status = pathlib.Path(f"/proc/{process}/status").read_text()
        except OSError:
            break
        process = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("PPid:")), 0)
    return found
