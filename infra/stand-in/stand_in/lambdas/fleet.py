"""All instances of all functions: started when the others are busy, used again, and ended together."""

import contextlib
import pathlib
import shutil
import threading
import time
from collections.abc import Iterator
from typing import Any

from stand_in.epochs import EPOCHS, Closed
from stand_in.lambdas.code import CodeStore, copy_of
from stand_in.lambdas.environment import environment
from stand_in.lambdas.instance import Instance
from stand_in.lambdas.model import CannotStart, Throttled
from stand_in.lambdas.orphans import kill_orphans
from stand_in.world import World

# Of one function without reserved concurrency; AWS has 1,000 for all together, more than a test machine can take.
MOST_INSTANCES = 10
END_SECONDS = 5.0


def revision_of(function: Any) -> tuple[str, ...]:
    """Changes with every update of code or configuration."""
    return (str(function.version), function.code_sha_256, function.last_modified)


class Pool:
    """The instances of one function, in all its versions."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._idle: list[Instance] = []
        self._busy = 0
        self._closed = False
        self.logs: list[pathlib.Path] = []

    def take(self, function: Any, wait: bool) -> Instance | None:
        """An idle instance, or None if one may be started. Raises Throttled, Closed."""
        reserved = function.reserved_concurrency
        limit = MOST_INSTANCES if reserved is None else int(reserved)
        with self._changed:
            while not self._closed and self._busy >= limit:
                if not wait or limit == 0:
                    raise Throttled(reserved is not None)
                self._changed.wait()
            if self._closed:
                raise Closed
            self._busy += 1
            return self._pick(revision_of(function))

    def give_back(self, instance: Instance | None) -> None:
        """Ends the use of an instance that take() allowed."""
        with self._changed:
            self._busy -= 1
            if instance is not None:
                if instance.usable and not self._closed:
                    self._idle.append(instance)
                else:
                    instance.kill()
            self._changed.notify()

    def close(self) -> None:
        """Lets nobody in any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def retire(self) -> None:
        """Ends the idle instances."""
        with self._changed:
            for instance in self._idle:
                instance.kill()
            self._idle.clear()

    def _pick(self, revision: tuple[str, ...]) -> Instance | None:
        outdated = [one for one in self._idle if one.revision[0] == revision[0] and one.revision != revision]
        for instance in outdated:
            instance.kill()
        self._idle = [one for one in self._idle if one not in outdated and one.usable]
        # Last used first, as AWS does: instances above the need grow cold.
        for instance in reversed(self._idle):
            if instance.revision == revision:
                self._idle.remove(instance)
                return instance
        return None


class Fleet:
    """Every instance there is, by its id."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._folder = world.home / "lambdas"
        self._code = CodeStore(self._folder / "code")
        self._lock = threading.Lock()
        self._pools: dict[str, Pool] = {}
        self._instances: dict[str, Instance] = {}
        self._resets = 0

    @contextlib.contextmanager
    def lease(self, function: Any, wait: bool) -> Iterator[Instance]:
        """An instance for one invocation; with `wait` one is waited for. Raises Throttled, Closed, CannotStart."""
        with self._lock:
            # Under the lock: from here on a reset closes the pool.
            EPOCHS.mine().check()
            pool = self._pools.setdefault(function.function_name, Pool())
        instance = pool.take(function, wait)
        try:
            if instance is None:
                instance = self._start(function, pool)
            yield instance
        finally:
            pool.give_back(instance)

    def instance(self, instance_id: str) -> Instance | None:
        """The instance of a caller of the runtime API."""
        with self._lock:
            return self._instances.get(instance_id)

    def pool(self, name: str) -> Pool:
        """The instances of a function."""
        with self._lock:
            return self._pools.setdefault(name, Pool())

    def logs(self, name: str) -> bytes | None:
        """What all instances of a function wrote, one after the other; None if it never had one."""
        with self._lock:
            paths = list(self._pools[name].logs) if name in self._pools else []
        return b"".join(path.read_bytes() for path in paths if path.exists()) if paths else None

    def reset(self) -> None:
        """Ends all instances, so that they call nobody any more; their folders go later."""
        old, folder = self._forget_all()
        self._end(old)
        threading.Thread(target=shutil.rmtree, args=(folder, True), name="cleaner", daemon=True).start()

    def end(self) -> None:
        """Ends all instances and waits until they are gone."""
        old, folder = self._forget_all()
        self._end(old)
        shutil.rmtree(folder, ignore_errors=True)

    def _end(self, instances: list[Instance]) -> None:
        end = time.monotonic() + END_SECONDS
        for instance in instances:
            instance.join(max(end - time.monotonic(), 0))
        # Under the lock no process is being started, so all children are known.
        with self._lock:
            kill_orphans({one.pid for one in [*instances, *self._instances.values()]})

    def _forget_all(self) -> tuple[list[Instance], pathlib.Path]:
        with self._lock:
            old, pools, folder = list(self._instances.values()), list(self._pools.values()), self._run_folder()
            self._instances, self._pools = {}, {}
            self._resets += 1
        for pool in pools:
            pool.close()
        for instance in old:
            instance.kill()
        return old, folder

    def _run_folder(self) -> pathlib.Path:
        # One for each reset, so that the old can be removed while the new is used.
        return self._folder / f"run-{self._resets}"

    def _start(self, function: Any, pool: Pool) -> Instance:
        program = self._code.bootstrap(getattr(function, "code_bytes", b""))
        with self._lock:
            if self._pools.get(function.function_name) is not pool:
                raise Closed
            instance = Instance(revision_of(function), self._run_folder())
            program = copy_of(program, instance.task)
            variables = environment(function, self._world, instance.id, instance.task, instance.temporary)
            # Under the lock, so that a reset finds every process that was started; it takes about 2 ms.
            try:
                instance.start(program, variables)
            except OSError as error:
                raise CannotStart(f"fork/exec /var/task/bootstrap: {error.strerror}") from error
            self._instances = {key: one for key, one in self._instances.items() if one.alive} | {instance.id: instance}
            pool.logs.append(instance.log_path)
        return instance
