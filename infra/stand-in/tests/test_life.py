"""Start and end: seconds to the first answer, and nothing left behind, however it ends."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest.mock
from collections.abc import Callable

import functions
import pytest
from conftest import ROOT, Client

from stand_in.__main__ import environment

CYCLES = int(os.environ.get("TRAILHOUSE_STAND_IN_CYCLES", "5"))
COMMAND = [sys.executable, "-m", "stand_in", "--until-stdin-closes"]


def homes(pid: int) -> list[pathlib.Path]:
    """The folders of a stand-in."""
    return list(pathlib.Path(tempfile.gettempdir()).glob(f"trailhouse-stand-in-{pid}-*"))


def descendants(pid: int) -> set[int]:
    """The processes below one."""
    found, left = set(), [pid]
    while left:
        parent = left.pop()
        for children in pathlib.Path(f"/proc/{parent}/task").glob("*/children"):
            below = [int(child) for child in children.read_text().split()]
            found.update(below)
            left += below
    return found


def is_running(pid: int) -> bool:
    """Whether a process is there, and not only its exit status."""
    try:
        return "State:\tZ" not in pathlib.Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


ENDS: dict[str, Callable[[subprocess.Popen[str]], None]] = {
    "SIGTERM": lambda process: process.send_signal(signal.SIGTERM),
    "SIGHUP": lambda process: process.send_signal(signal.SIGHUP),
    "SIGINT": lambda process: process.send_signal(signal.SIGINT),
    "closed stdin": lambda process: process.stdin.close() if process.stdin else None,
    "SIGKILL": lambda process: process.kill(),
}


def test_nothing_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    """However it ends, no process and no folder is left; a killed one's folder goes with the next start."""
    seconds, killed = [], []
    for cycle in range(CYCLES):
        how = list(ENDS)[cycle % len(ENDS)]
        with subprocess.Popen(COMMAND, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            ready = json.loads(process.stdout.readline())
            seconds.append(ready["seconds"])
            client = Client(ready["endpoint"])
            functions.make(client)
            functions.invoke(client, {})
            below = descendants(process.pid)
            assert len(homes(process.pid)) == 1 and below, "a function runs, and code lies in its folder"
            ENDS[how](process)
            assert process.wait(timeout=20) == (-signal.SIGKILL if how == "SIGKILL" else 0), how
        functions.until(lambda below=below: not any(is_running(one) for one in below))
        if how == "SIGKILL":
            killed.append(process.pid)
        else:
            assert not homes(process.pid), how
            assert not any(homes(pid) for pid in killed)
    with capsys.disabled():
        median = sorted(seconds)[len(seconds) // 2]
        print(f"\n{CYCLES} starts: {median} s until it is ready, {max(seconds)} s at most")
    subprocess.run([*COMMAND], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    assert not any(homes(pid) for pid in killed)


def test_it_ends_with_its_parent() -> None:
    """A parent that dies without a word takes it along."""
    script = (
        "import subprocess, sys, time;"
        "p = subprocess.Popen([sys.executable, '-m', 'stand_in', '--parent', str(__import__('os').getpid())]);"
        "time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = json.loads(parent.stdout.readline())["pid"]
        parent.kill()
    functions.until(lambda: not is_running(pid))
    assert not homes(pid)


def test_a_reset_takes_milliseconds(stand_in: Client, capsys: pytest.CaptureFixture[str]) -> None:
    """A reset with a bucket, a queue and a running function; ten times what was seen would be a fault."""
    took = []
    for _ in range(5):
        stand_in.client("s3").create_bucket(Bucket="bucket")
        functions.queue(stand_in)
        functions.make(stand_in)
        functions.invoke(stand_in, {})
        started = time.monotonic()
        assert stand_in.post("/_stand-in/reset")[0] == 200
        took.append(time.monotonic() - started)
    with capsys.disabled():
        print(f"\na reset takes {sorted(took)[2] * 1000:.0f} ms")
    assert sorted(took)[2] < 0.3


def test_a_dead_parent_that_nobody_has_waited_for_counts_as_gone() -> None:
    """A zombie has its number still."""
    parent = subprocess.Popen(["/bin/true"])
    functions.until(lambda: not is_running(parent.pid))
    command = [sys.executable, "-m", "stand_in", "--parent", str(parent.pid)]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True, timeout=20)
    parent.wait()


def test_proxies_of_the_user_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the environment names, and in whatever case."""
    for name in ("HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    with unittest.mock.patch.dict(os.environ):
        environment(1)
        found = dict(os.environ)
    assert not {"HTTP_PROXY", "https_proxy", "ALL_PROXY", "AWS_REGION"} & set(found)
    assert found["NO_PROXY"] == "*"


@pytest.mark.parametrize("words", [["--port", "99999"], ["--port", "-1"], ["--parent", "99999999999"]])
def test_options_out_of_range_are_refused(words: list[str]) -> None:
    """In words, not in a traceback."""
    done = subprocess.run([*COMMAND, *words], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert done.returncode == 2 and "is no whole number from" in done.stderr
