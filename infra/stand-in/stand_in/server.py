"""One port for everything: control, the parts of our own, and moto behind faults and quotas."""

import json
import logging
import os
import socket
import time
from collections.abc import Iterable

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from stand_in import (
    athena,
    bucket_locks,
    clock,
    ec2,
    event_sources,
    faults,
    glue,
    guardduty,
    http_api,
    iam,
    kms,
    lambdas,
    machines,
    outward,
    quotas,
    s3,
    ssm,
    telegram,
    trail_events,
    trails,
)
from stand_in.answers import Environ, StartResponse, Wsgi, answer, answer_json, hang_up, is_gone
from stand_in.epochs import EPOCHS, HEADER, Closed
from stand_in.faults.answers import NAMED, error_answer
from stand_in.http_api import issuer
from stand_in.operations import tell
from stand_in.world import World

LOG = logging.getLogger(__name__)

# Those that others need come first; and nothing of moto can be reset under a clock beyond what a date can say.
PARTS = (
    clock,
    outward,
    lambdas,
    event_sources,
    machines,
    athena,
    iam,
    trails,
    trail_events,
    glue,
    quotas,
    s3,
    ec2,
    kms,
    ssm,
    guardduty,
    faults,
    issuer,
    http_api,
    telegram,
)
# From the outside in: a fault spares what lies behind it the work, and a refused key must not reach moto.
WRAPPERS = (faults, iam, bucket_locks, s3)
# What pages may ask: the APIs, each by its own CORS, and the documents of the issuer.
FOR_BROWSERS = ("/_api/", "/_issuer/")
# After a reset a call may still come in of a function that has been killed.
WATCH_SECONDS = 5.0
_EPOCH_HEADER = "HTTP_" + HEADER.upper().replace("-", "_")


class QuietHandler(MotoRequestHandler):
    """Says nothing of single requests."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


class Front:
    """Sends each request to the part that its path names, else to AWS."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._watch_until = 0.0
        self._parts: dict[str, Wsgi] = {"/_stand-in/reset": self._reset, "/_stand-in": self._tell}
        for part in PARTS:
            self._parts.update(part.install(world))
        world.on_reset += [BackendDict.reset, reset_model_data]
        aws: Wsgi = DomainDispatcherApplication(create_backend_app)
        for wrapper in reversed(WRAPPERS):
            aws = wrapper.wrap(world, aws)
        self._aws = aws
        # Of two prefixes of one path the longer one says more.
        self._prefixes = sorted(self._parts, key=len, reverse=True)

    def __call__(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """Answers one request."""
        path = environ["PATH_INFO"]
        if not path.startswith("/_"):
            return self._call(environ, start)
        if environ.get("HTTP_ORIGIN") and not path.startswith(FOR_BROWSERS):
            # A page of some website in a browser on this machine.
            return answer_json(start, {"message": "the stand-in takes no orders from web pages"}, 403)
        for prefix in self._prefixes:
            if path == prefix or path.startswith(f"{prefix}/"):
                return self._guarded(self._parts[prefix], environ, start)
        return _unknown(environ, start)

    @staticmethod
    def _guarded(part: Wsgi, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        try:
            return part(environ, start)
        except ConnectionError:
            # Hangs up on purpose, or the client has gone.
            raise
        except ValueError as error:
            return answer_json(start, {"message": str(error)}, 400)
        except Exception:
            LOG.exception("%s %s", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            return answer_json(start, {"message": "the stand-in failed: see its log"}, 500)

    def _call(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """A call of AWS, in the epoch in which it is made."""
        try:
            with EPOCHS.call(environ.get(_EPOCH_HEADER)):
                if time.monotonic() < self._watch_until and is_gone(environ):
                    raise Closed
                return self._aws(environ, start)
        except Closed:
            return hang_up(environ)
        except ConnectionError:
            raise
        except Exception:
            LOG.exception("%s %s", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            call = tell(environ)
            status, headers, body = error_answer(NAMED["internal"](call), call, environ)
            return answer(start, status, body, headers)

    def _tell(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/_stand-in":
            return _unknown(environ, start)
        return answer_json(start, {"endpoint": self._world.endpoint, "pid": os.getpid()})

    def _reset(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST":
            return answer(start, 405)
        self._watch_until = time.monotonic() + WATCH_SECONDS
        self._world.reset()
        return answer_json(start, {})


def _unknown(environ: Environ, start: StartResponse) -> Iterable[bytes]:
    return answer_json(start, {"message": f"the stand-in has no {environ['PATH_INFO']}"}, 404)


def serve(world: World, listener: socket.socket) -> BaseWSGIServer:
    """A server on `listener` that is ready and not yet running."""
    return make_server(
        "127.0.0.1", world.port, Front(world), threaded=True, request_handler=QuietHandler, fd=listener.fileno()
    )


def ready_line(world: World, seconds: float) -> str:
    """What whoever started the stand-in waits for."""
    return json.dumps({"endpoint": world.endpoint, "pid": os.getpid(), "seconds": round(seconds, 2)})
