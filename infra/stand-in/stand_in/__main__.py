"""Starts the stand-in: `python -m stand_in`; `--help` tells its options.

Prints one line of JSON when it is ready. It ends on SIGTERM, SIGINT and SIGHUP, and with whoever started it: when the
process that `--parent` names is gone, or when its standard input is closed, where it was told to watch that.
"""

import argparse
import logging
import os
import pathlib
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable

from stand_in.world import ACCOUNT, REGION, World

# How often the main thread wakes up, to look for the parent. A signal that comes while another thread runs is handled
# only when the main thread does, so it must not wait for ever.
LOOK_SECONDS = 0.2
# For whoever starts it by hand.
HELP = """AWS is at {endpoint}. In another shell:
  export AWS_ENDPOINT_URL={endpoint} AWS_REGION={region} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
Ctrl-C ends it."""
# What the names of the stand-in's folders begin with, before its process id.
HOME_PREFIX = "trailhouse-stand-in-"
# How often the server looks whether to end.
SERVER_SECONDS = 0.02


def main() -> None:
    """Runs until it is told to end, and leaves nothing behind."""
    started = time.monotonic()
    end = threading.Event()
    # First of all, for the imports below take a second.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: end.set())
    options = arguments()
    logging.basicConfig(level=options.log, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    listener = socket.create_server(("127.0.0.1", options.port), backlog=128)
    port = listener.getsockname()[1]
    environment(port)
    # Only now: moto reads the environment when it is imported.
    from stand_in.server import ready_line, serve

    remove_left_homes()
    home = pathlib.Path(tempfile.mkdtemp(prefix=f"{HOME_PREFIX}{os.getpid()}-"))
    world = World(port=port, home=home)
    try:
        server = serve(world, listener)
        threading.Thread(target=server.serve_forever, args=(SERVER_SECONDS,), name="server", daemon=True).start()
        if options.until_stdin_closes:
            threading.Thread(target=watch_stdin, args=(end,), name="stdin", daemon=True).start()
        print(ready_line(world, time.monotonic() - started), flush=True)
        if sys.stderr.isatty():
            print(HELP.format(endpoint=world.endpoint, region=REGION), file=sys.stderr)
        while not end.wait(LOOK_SECONDS) and is_alive(options.parent):
            pass
        server.shutdown()
    finally:
        world.end()
        shutil.rmtree(home, ignore_errors=True)
    # Threads of requests that wait for something would keep the process alive.
    os._exit(0)


def arguments() -> argparse.Namespace:
    """The words of the command."""
    parser = argparse.ArgumentParser(prog="stand_in", description="AWS on one loopback port.")
    parser.add_argument("--port", type=between(0, 65_535), default=0, help="port of 127.0.0.1 [a free one]")
    parser.add_argument("--parent", type=between(1, 2**31 - 1), help="end when this process is gone")
    parser.add_argument("--until-stdin-closes", action="store_true", help="end when standard input does")
    parser.add_argument("--log", default="WARNING", choices=("DEBUG", "INFO", "WARNING", "ERROR"), help="[WARNING]")
    return parser.parse_args()


def between(least: int, most: int) -> Callable[[str], int]:
    """A type of options: whole numbers in a range."""

    def whole(text: str) -> int:
        if not (text.isdecimal() and len(text) < 20 and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
        return int(text)

    return whole


def environment(port: int) -> None:
    """What moto and the SDK inside it read: our own port, dummy keys, and nothing of the user's."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "MOTO_")) or name.lower().endswith("_proxy")]:
        del os.environ[name]
    os.environ.update(
        MOTO_PORT=str(port),
        MOTO_ACCOUNT_ID=ACCOUNT,
        AWS_ACCESS_KEY_ID="stand-in",
        AWS_SECRET_ACCESS_KEY="stand-in",
        AWS_DEFAULT_REGION=REGION,
        AWS_ENDPOINT_URL=f"http://127.0.0.1:{port}",
        AWS_EC2_METADATA_DISABLED="true",
        NO_PROXY="*",
    )


def watch_stdin(end: threading.Event) -> None:
    """Sets `end` when standard input is closed, as it is when the process at its other end dies."""
    while os.read(0, 4096):
        pass
    end.set()


def remove_left_homes() -> None:
    """Removes the folders of stand-ins that were killed."""
    for home in pathlib.Path(tempfile.gettempdir()).glob(f"{HOME_PREFIX}*-*"):
        pid = home.name.removeprefix(HOME_PREFIX).partition("-")[0]
        if pid.isdigit() and not is_alive(int(pid)):
            shutil.rmtree(home, ignore_errors=True)


def is_alive(process: int | None) -> bool:
    """Whether the process that was named, if one was, is there and has not ended."""
    if process is None:
        return True
    try:
        # The state stands after the name, which may hold anything in its parentheses.
        return pathlib.Path(f"/proc/{process}/stat").read_bytes().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except (FileNotFoundError, ProcessLookupError):
        return False


if __name__ == "__main__":
    main()
