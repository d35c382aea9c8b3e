"""A fake of Telegram's Bot API under /_telegram/bot<token>/<method>, as strict as the real one.

POST /_stand-in/telegram {"tokens", "chats", "fail_next": [{"status": 429, "retry_after": 3}, ...]} says what is known
and which of the next calls fail. GET /_stand-in/telegram/calls tells all calls. POST /_stand-in/telegram/press {"data",
"chat_id", "user_id", "username", "message_id"} presses a button: the webhook gets its callback_query.
"""

import collections
import contextlib
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterable
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request

from stand_in.answers import Environ, StartResponse, Wsgi, answer, answer_json
from stand_in.clock import clock
from stand_in.fields import checked_object, object_of, text, texts, whole
from stand_in.telegram.bot import DEFAULT_CHAT, Telegram, is_loopback
from stand_in.telegram.messages import Parameters, Refusal
from stand_in.world import World

CONTROL = "/_stand-in/telegram"
FRONT = "/_telegram"
CALLS_KEPT = 10_000
WEBHOOK_SECONDS = 60
_METHOD = re.compile(rf"{FRONT}/bot([^/]*)/([A-Za-z]+)")
_TOKEN = re.compile(r"[1-9]\d*:[A-Za-z0-9_-]+")
_REASONS = {429: "Too Many Requests", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}


def install(world: World) -> dict[str, Wsgi]:
    """The Bot API and its control."""
    fake = Fake()
    world.on_reset.append(fake.reset)
    return {
        FRONT: fake.front,
        CONTROL: fake.control,
        f"{CONTROL}/calls": fake.tell_calls,
        f"{CONTROL}/press": fake.press,
    }


class Fake:
    """The Bot API over HTTP, its failures by order, and what was called."""

    def __init__(self) -> None:
        self._telegram = Telegram()
        self._failures: collections.deque[Refusal] = collections.deque()
        self._calls: collections.deque[dict[str, Any]] = collections.deque(maxlen=CALLS_KEPT)

    def reset(self) -> None:
        """As at the start."""
        self._telegram.reset()
        self._failures.clear()
        self._calls.clear()

    def front(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """One call of a method."""
        named = _METHOD.fullmatch(environ["PATH_INFO"])
        token, method = (named[1], named[2]) if named else ("", "")
        parameters: Parameters = {}
        files: dict[str, FileStorage] = {}
        status = 200
        value: dict[str, Any] = {"ok": True}
        try:
            parameters, files = _read(environ)
            value["result"] = self._result(token, method, parameters, files)
        except Refusal as refusal:
            status, value = refusal.code, _refusal(refusal)
        self._record(token, method, parameters, files, status, value)
        retry = value.get("parameters", {}).get("retry_after")
        return answer_json(start, value, status, [("Retry-After", str(retry))] if retry is not None else [])

    def _result(self, token: str, method: str, parameters: Parameters, files: dict[str, FileStorage]) -> Any:
        if not _TOKEN.fullmatch(token):
            raise Refusal(404, "Not Found")
        if token not in self._telegram.tokens:
            raise Refusal(401, "Unauthorized")
        with contextlib.suppress(IndexError):
            raise self._failures.popleft()
        try:
            return self._telegram.call(token, method, parameters, files)
        except KeyError as error:
            raise Refusal(404, "Not Found") from error

    def _record(
        self, token: str, method: str, parameters: Parameters, files: dict[str, FileStorage], status: int, value: Any
    ) -> None:
        sent = [{"field": field, "name": file.filename, "text": _text(file)} for field, file in files.items()]
        call = {"token": token, "method": method, "parameters": parameters, "files": sent}
        self._calls.append({**call, "status": status, "answer": value, "at": clock.iso()})

    def control(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """Says what is known and what fails next."""
        if environ["PATH_INFO"] != CONTROL or environ["REQUEST_METHOD"] != "POST":
            return answer(start, 405 if environ["PATH_INFO"] == CONTROL else 404)
        order = object_of(environ, "tokens", "chats", "fail_next")
        tokens = texts(order, "tokens", self._telegram.tokens)
        bad = next((token for token in tokens if not _TOKEN.fullmatch(token)), None)
        if bad is not None:
            raise ValueError(f'the token {bad!r} is not like "1:test"')
        chats, failures = order.get("chats", self._telegram.chats), order.get("fail_next", [])
        if not isinstance(chats, list) or not all(isinstance(chat, str | int) for chat in chats):
            raise ValueError('"chats" must be a list of numbers or strings')
        if not isinstance(failures, list):
            raise ValueError('"fail_next" must be a list')
        coming = [_failure(failure) for failure in failures]
        with self._telegram.lock:
            self._telegram.tokens, self._telegram.chats = tokens, [str(chat) for chat in chats]
        self._failures.extend(coming)
        return answer_json(start, {})

    def tell_calls(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """All calls of the Bot API, the oldest first."""
        if environ["REQUEST_METHOD"] == "DELETE":
            self._calls.clear()
            return answer_json(start, {})
        if environ["REQUEST_METHOD"] == "GET":
            return answer_json(start, list(self._calls.copy()))
        return answer(start, 405)

    def press(self, environ: Environ, start: StartResponse) -> Iterable[bytes]:
        """Presses a button and tells what the webhook answered."""
        if environ["REQUEST_METHOD"] != "POST":
            return answer(start, 405)
        order = object_of(environ, "data", "chat_id", "user_id", "username", "message_id")
        url, secret, update = self._telegram.press(
            text(order, "data"),
            str(order.get("chat_id", DEFAULT_CHAT)),
            whole(order, "user_id", 1000),
            text(order, "username", "ada"),
            whole(order, "message_id", None),
        )
        if not is_loopback(url):
            raise ValueError(f"the webhook {url} is not on 127.0.0.1, and the stand-in calls nobody else")
        status, body = _post(url, secret, update)
        return answer_json(start, {"status": status, "body": body, "update": update})


def _read(environ: Environ) -> tuple[Parameters, dict[str, FileStorage]]:
    """The parameters of a call, by query, form, parts or JSON, and its files. Raises Refusal."""
    request = Request(environ)
    try:
        given: dict[str, Any] = dict(request.args)
        if request.mimetype == "application/json":
            body = request.get_data()
            given.update(checked_object(json.loads(body or b"{}"), "the body"))
        else:
            given.update(request.form)
        files = dict(request.files)
    except (ValueError, RecursionError, HTTPException) as error:
        raise Refusal(400, "Bad Request: can't parse the request") from error
    return {name: _plain(value) for name, value in given.items() if value is not None}, files


def _plain(value: Any) -> str:
    """Telegram takes numbers, truth and objects in JSON for their text."""
    return value if isinstance(value, str) else json.dumps(value)


def _refusal(refusal: Refusal) -> dict[str, Any]:
    value: dict[str, Any] = {"ok": False, "error_code": refusal.code, "description": refusal.description}
    if refusal.retry_after is not None:
        value["parameters"] = {"retry_after": refusal.retry_after}
    return value


def _failure(given: Any) -> Refusal:
    values = checked_object(given, 'an entry of "fail_next"', "status", "retry_after", "description")
    status = whole(values, "status", least=400)
    if status > 599:
        raise ValueError('"status" must be from 400 to 599')
    wait = whole(values, "retry_after", None, least=0)
    if status == 429:
        wait = 1 if wait is None else wait
        return Refusal(429, text(values, "description", f"Too Many Requests: retry after {wait}"), wait)
    return Refusal(status, text(values, "description", _REASONS.get(status, "Bad Request: by order")), wait)


def _text(file: FileStorage) -> str:
    file.stream.seek(0)
    return file.stream.read().decode("utf-8", "replace")


def _post(url: str, secret: str, update: Any) -> tuple[int | None, str]:
    """Status and body of the webhook's answer; no status if it gave none."""
    headers = {"Content-Type": "application/json"}
    if secret:
        headers["X-Telegram-Bot-Api-Secret-Token"] = secret
    request = urllib.request.Request(url, json.dumps(update).encode(), headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=WEBHOOK_SECONDS) as found:
            return found.status, found.read().decode("utf-8", "replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode("utf-8", "replace")
    except OSError as error:
        return None, str(error)
