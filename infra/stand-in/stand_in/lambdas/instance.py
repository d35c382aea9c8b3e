"""One running copy of a function: a process that asks the runtime API for events, one at a time."""

import concurrent.futures
import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time
import uuid

from stand_in.lambdas.model import Invocation, Outcome, error_payload

LOG_TAIL_BYTES = 4096

# A parent-death signal comes when the THREAD that started the child ends: one that never ends starts them all.
_STARTER = concurrent.futures.ThreadPoolExecutor(1, "instance-starter")
# Functions die with the stand-in even where that is killed; without this tool they do only when it ends in order.
_SETPRIV = shutil.which("setpriv")


class Instance:
    """A process and its side of the runtime API. `_bell` guards all state and rings at each change."""

    def __init__(self, revision: tuple[str, ...], folder: pathlib.Path) -> None:
        self.id = uuid.uuid4().hex
        self.revision = revision
        self.log_path = folder / self.id / "log"
        self.temporary = folder / self.id / "tmp"
        self.task = folder / self.id / "task"
        self.temporary.mkdir(parents=True)
        self._bell = threading.Condition()
        self._work: Invocation | None = None
        self._polls = 0
        self._init_error: bytes | None = None
        self._exit: int | None = None
        self._killed = False
        self._reaper = threading.Thread(target=self._reap, name=f"reaper-{self.id}", daemon=True)

    def start(self, program: pathlib.Path, environment: dict[str, str]) -> None:
        """Starts the process. Raises OSError."""
        protect = [_SETPRIV, "--pdeathsig", "KILL", "--"] if _SETPRIV else []
        with self.log_path.open("ab") as log:
            self._process = _STARTER.submit(
                subprocess.Popen,
                [*protect, str(program)],
                cwd=program.parent,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # A group of its own, so that what the function starts ends with it.
                start_new_session=True,
            ).result()
        self._reaper.start()

    @property
    def alive(self) -> bool:
        """False from when the process has been reaped."""
        with self._bell:
            return self._exit is None

    @property
    def pid(self) -> int:
        """The number of the process."""
        return self._process.pid

    @property
    def usable(self) -> bool:
        """Whether it can take another event: one that is killed lives on for a moment, and must not get one."""
        with self._bell:
            return self._exit is None and not self._killed and self._init_error is None

    def kill(self) -> None:
        """Ends the process group at once; the reaper sees to the rest."""
        with self._bell:
            if self._exit is None:
                self._killed = True
                self._kill_group()

    def join(self, seconds: float) -> None:
        """Waits until the process has been reaped."""
        self._reaper.join(seconds)

    def run(self, work: Invocation) -> Outcome:
        """Hands over one event and waits for how it ends."""
        logged = self._log(f"START RequestId: {work.request_id} Version: {work.version}\n")
        started = time.monotonic()
        with self._bell:
            work.wait_for_init()
            self._work = work
            if self._init_error is not None:
                work.answer = (self._init_error, True)
            self._bell.notify_all()
            while work.answer is None and self._exit is None and (left := work.deadline - time.monotonic()) > 0:
                self._bell.wait(left)
            self._work = None
            payload, error = work.answer or (self._failure(work), True)
            if work.answer is None:
                self.kill()
        spent = (time.monotonic() - started) * 1000
        self._log(f"END RequestId: {work.request_id}\nREPORT RequestId: {work.request_id}\tDuration: {spent:.2f} ms\n")
        return Outcome(payload, error, work.request_id, work.version, self._tail(logged))

    def next_event(self) -> Invocation | None:
        """For the runtime API: the next event, waited for; None when there will be none for this caller."""
        with self._bell:
            # A runtime that asks again has given up its earlier request, whose answer would be lost.
            self._polls += 1
            mine = self._polls
            self._bell.notify_all()
            self._bell.wait_for(lambda: self._polls != mine or self._exit is not None or self._untaken())
            if self._polls != mine or self._exit is not None or self._work is None:
                return None
            self._work.take()
            self._bell.notify_all()
            return self._work

    def answer(self, request_id: str, payload: bytes, error: bool) -> bool:
        """For the runtime API: the answer to an event; False if nobody waits for it."""
        with self._bell:
            if self._work is None or self._work.request_id != request_id or self._work.answer is not None:
                return False
            self._work.answer = (payload, error)
            self._bell.notify_all()
            return True

    def fail_init(self, payload: bytes) -> None:
        """For the runtime API: the function could not start."""
        with self._bell:
            self._init_error = payload
            if self._work is not None:
                self._work.answer = (payload, True)
            self._bell.notify_all()

    def _untaken(self) -> bool:
        return self._work is not None and not self._work.taken

    def _failure(self, work: Invocation) -> bytes:
        prefix = f"RequestId: {work.request_id} Error: "
        if self._exit is None:
            return error_payload("Sandbox.Timedout", f"{prefix}Task timed out after {work.seconds:.2f} seconds")
        if self._exit == 0:
            return error_payload("Runtime.ExitError", f"{prefix}Runtime exited without providing a reason")
        if self._exit < 0:
            how = "signal: " + (signal.strsignal(-self._exit) or str(-self._exit)).lower()
        else:
            how = f"exit status {self._exit}"
        return error_payload("Runtime.ExitError", f"{prefix}Runtime exited with error: {how}")

    def _reap(self) -> None:
        # Seen before it is reaped: until then its number cannot belong to another process.
        os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        with self._bell:
            self._kill_group()
            self._exit = self._process.wait()
            self._bell.notify_all()
        for folder in (self.temporary, self.task):
            shutil.rmtree(folder, ignore_errors=True)

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def _log(self, text: str) -> int:
        """Writes a line of Lambda's own, and tells where it begins."""
        # A reset takes the folder away, maybe while an invocation ends.
        with contextlib.suppress(FileNotFoundError), self.log_path.open("ab") as log:
            start = log.tell()
            log.write(text.encode())
            return start
        return 0

    def _tail(self, start: int) -> bytes:
        with contextlib.suppress(FileNotFoundError), self.log_path.open("rb") as log:
            log.seek(max(start, log.seek(0, os.SEEK_END) - LOG_TAIL_BYTES))
            return log.read(LOG_TAIL_BYTES)
        return b""
