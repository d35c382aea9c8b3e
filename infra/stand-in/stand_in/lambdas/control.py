"""What tests may ask: GET /_stand-in/lambdas/<function>/invocations and .../log."""

import re
from collections.abc import Iterable

from stand_in.answers import Environ, StartResponse, Wsgi, answer, answer_json
from stand_in.lambdas.engine import Engine

PREFIX = "/_stand-in/lambdas"
_PATH = re.compile(PREFIX + r"/(?P<name>[A-Za-z0-9_-]{1,64})/(?P<what>log|invocations)")


def control(engine: Engine) -> Wsgi:
    """The control paths of Lambda."""

    def serve(environ: Environ, start: StartResponse) -> Iterable[bytes]:
        found = _PATH.fullmatch(environ["PATH_INFO"])
        if found is None:
            return answer_json(start, {"message": f"use {PREFIX}/<function>/log or .../invocations"}, 404)
        if environ["REQUEST_METHOD"] != "GET":
            return answer_json(start, {"message": "use GET"}, 405)
        if found["what"] == "invocations":
            return answer_json(start, engine.records.of(found["name"]))
        log = engine.fleet.logs(found["name"])
        if log is None:
            return answer_json(start, {"message": f"{found['name']} has not run since the last reset"}, 404)
        return answer(start, 200, log, [("Content-Type", "text/plain; charset=utf-8")])

    return serve
