"""One port for everything: control, the parts of our own, and moto behind faults and quotas."""

import json
import logging
import os
import socket
from collections.abc import Iterable

from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from stand_in import (
    athena,
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
    quotas,
    s3,
    ssm,
    telegram,
    trail_events,
    trails,
)
from stand_in.answers import Environ, StartResponse, Wsgi, answer, answer_json
from stand_in.http_api import issuer
from stand_in.world import World

LOG = logging.getLogger(__name__)

# Those that others need come first.
PARTS = (
    clock,
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
WRAPPERS = (faults, iam, s3)


class QuietHandler(MotoRequestHandler):
    """Says nothing of single requests."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


class Front:
    """Sends each request to the part that its path names, else to AWS."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._parts: dict[str, Wsgi] = {"/_stand-in/reset": self._reset, "/_stand-in": self._tell}
        for part in PARTS:
            self._parts.update(part.install(world))
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
            return self._aws(environ, start)
        for prefix in self._prefixes:
            if path == prefix or path.startswith(f"{prefix}/"):
                return self._guarded(self._parts[prefix], environ, start)
        return _unknown(environ, start)

    @staticmethod
    def _guarded(part: Wsgi, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        try:
            return part(environ, start)
        except ValueError as error:
            return answer_json(start, {"message": str(error)}, 400)
        except Exception:
            LOG.exception("%s %s", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            return answer_json(start, {"message": "the stand-in failed: see its log"}, 500)

    def _tell(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] != "/_stand-in":
            return _unknown(environ, start)
        return answer_json(start, {"endpoint": self._world.endpoint, "pid": os.getpid()})

    def _reset(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST":
            return answer(start, 405)
        BackendDict.reset()
        reset_model_data()
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
