"""What changes objects of a bucket goes one by one: moto looks at a condition and acts later, which S3 never does."""

import threading
from collections.abc import Iterable

from stand_in.answers import Environ, StartResponse, Wsgi, keep_body
from stand_in.operations import tell
from stand_in.world import World

CHANGES = ("PUT", "POST", "DELETE")
_LOCKS: dict[str, threading.Lock] = {}


def wrap(world: World, app: Wsgi) -> Wsgi:
    """`app`, with a lock for each bucket around all that changes it."""

    def locked(environ: Environ, start: StartResponse) -> Iterable[bytes]:
        call = tell(environ) if environ["REQUEST_METHOD"] in CHANGES else None
        if call is None or call.service != "s3" or not call.bucket:
            return app(environ, start)
        # Before the lock, for a client may take its time to send.
        keep_body(environ)
        # Locks outlive a reset: somebody may hold one.
        with _LOCKS.setdefault(call.bucket, threading.Lock()):
            return app(environ, start)

    return locked
