"""The stand-in's clock: real time plus an offset that tests can make larger, where waiting would be long.

Whatever waits or tells the time asks `clock`. GET /_stand-in/clock tells it; POST moves it, by
{"advance_seconds": N} or {"to": "2026-01-02T03:04:05Z"}, and never backwards. A reset brings it back to real time.
"""

import datetime
import threading
import time
import types
from collections.abc import Iterable
from typing import Any

from stand_in.answers import Environ, StartResponse, Wsgi, answer, answer_json
from stand_in.fields import number, object_of, text
from stand_in.world import World

# Of all moves since the last reset together: more is a slip of the hand, and soon more than a date can say.
LONGEST_MOVE_SECONDS = 100 * 366 * 86_400.0


class Clock:
    """Real time plus an offset; those that wait on it wake when it is moved."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._offset = 0.0
        # All moves ever: unlike the offset it survives a reset, so a reset neither wakes nor delays who waits.
        self._moved = 0.0
        self._bells: list[threading.Condition] = []

    def now(self) -> float:
        """Seconds since 1970."""
        return time.time() + self._offset

    def iso(self) -> str:
        """The time in UTC as ISO 8601 with milliseconds: 2026-01-02T03:04:05.678Z."""
        return iso_of(self.now())

    def wait(self, seconds: float, stop: threading.Event | None = None) -> None:
        """Returns when the clock has gone on by `seconds`, be it by itself or moved, or when `stop` is set."""
        alarm = stop or threading.Event()
        # An event has no public way to wait for it and for something else at once, short of polling.
        bell: threading.Condition = alarm._cond  # type: ignore[attr-defined]
        started = time.monotonic()
        with self._lock:
            moved = self._moved
            self._bells.append(bell)
        try:
            with bell:
                while not alarm.is_set():
                    left = seconds - (time.monotonic() - started) - (self._moved - moved)
                    if left <= 0:
                        return
                    bell.wait(min(left, threading.TIMEOUT_MAX))
        finally:
            with self._lock:
                self._bells.remove(bell)

    def advance(self, seconds: float) -> None:
        """Moves the clock forward. Raises ValueError."""
        with self._lock:
            left = LONGEST_MOVE_SECONDS - self._offset
            if not 0 <= seconds <= left:
                raise ValueError(f"the clock goes forward by up to {left:.0f} s, not by {seconds}")
            self._offset += seconds
            self._moved += seconds
            bells = list(self._bells)
        for bell in bells:
            with bell:
                bell.notify_all()

    def reset(self) -> None:
        """Back to real time; who waits goes on waiting for as long as before."""
        with self._lock:
            self._offset = 0.0


clock = Clock()


def iso_of(seconds: float) -> str:
    """A time in UTC as ISO 8601 with milliseconds."""
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


class _MovedDatetime:
    """What a module takes for the class `datetime`: `now` follows the clock, all else is the real class.

    No subclass, because objects of one would leak out of the module.
    """

    def __call__(self, *values: Any, **named: Any) -> datetime.datetime:
        return datetime.datetime(*values, **named)

    def __getattr__(self, name: str) -> Any:
        return getattr(datetime.datetime, name)

    def __instancecheck__(self, value: object) -> bool:
        return isinstance(value, datetime.datetime)

    @staticmethod
    def now(tz: datetime.tzinfo | None = None) -> datetime.datetime:
        """The clock's time."""
        return datetime.datetime.fromtimestamp(clock.now(), tz)

    @staticmethod
    def utcnow() -> datetime.datetime:
        """The clock's time in UTC, without saying so."""
        return datetime.datetime.fromtimestamp(clock.now(), datetime.UTC).replace(tzinfo=None)


def _copy(module: types.ModuleType, **changes: Any) -> types.ModuleType:
    changed = types.ModuleType(module.__name__, module.__doc__)
    changed.__dict__.update(module.__dict__)
    changed.__dict__.update(changes)
    return changed


_MOVED_CLASS = _MovedDatetime()
_MOVED_DATETIME = _copy(datetime, datetime=_MOVED_CLASS)
_MOVED_TIME = _copy(time, time=clock.now)


def follow(module: types.ModuleType) -> None:
    """Makes a module that took `time` or `datetime` by name follow the clock."""
    for name, found in list(vars(module).items()):
        if found is time:
            setattr(module, name, _MOVED_TIME)
        elif found is datetime:
            setattr(module, name, _MOVED_DATETIME)
        elif found is datetime.datetime:
            setattr(module, name, _MOVED_CLASS)


def _control(environ: Environ, start: StartResponse) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] not in ("GET", "POST"):
        return answer(start, 405)
    if environ["REQUEST_METHOD"] == "POST":
        clock.advance(_seconds_of(object_of(environ, "advance_seconds", "to")))
    return answer_json(start, {"now": clock.iso()})


def _seconds_of(order: dict[str, Any]) -> float:
    if len(order) != 1:
        raise ValueError('give either "advance_seconds" or "to"')
    if "advance_seconds" in order:
        return number(order, "advance_seconds")
    goal = datetime.datetime.fromisoformat(text(order, "to"))
    if goal.tzinfo is None:
        raise ValueError('"to" must say its offset from UTC, as in 2026-01-02T03:04:05Z')
    return goal.timestamp() - clock.now()


def install(world: World) -> dict[str, Wsgi]:
    """Makes moto follow the clock and gives the control."""
    import moto.core.utils
    import moto.s3.models

    # Nearly everything in moto asks this module's utcnow: LastModified, SQS visibility, expiry of session keys.
    follow(moto.core.utils)
    # Buckets ask for themselves when they are made.
    follow(moto.s3.models)
    world.on_reset.append(clock.reset)
    return {"/_stand-in/clock": _control}
