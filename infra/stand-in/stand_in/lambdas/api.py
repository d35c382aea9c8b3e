"""Lambda's own API: moto keeps the functions, these patches make Invoke, code and settings behave."""

import base64
import json
import re
import urllib.parse
from collections.abc import Callable
from typing import Any

from stand_in.answers import json_in
from stand_in.epochs import Closed
from stand_in.lambdas import code
from stand_in.lambdas.asynchronous import Queue
from stand_in.lambdas.engine import Engine
from stand_in.lambdas.environment import check_variables
from stand_in.lambdas.model import ASYNC_REQUEST_BYTES, REQUEST_BYTES, Throttled

Answer = tuple[int, dict[str, Any], str | bytes]


class InvokeApi:
    """The Invoke operation."""

    def __init__(self, engine: Engine, queue: Queue) -> None:
        self._engine = engine
        self._queue = queue

    def invoke(self, name: str, qualifier: str | None, event: bytes, headers: Any) -> Answer:
        """Answers an Invoke request. Raises moto's UnknownFunctionException."""
        kind = headers.get("X-Amz-Invocation-Type") or "RequestResponse"
        function = self._engine.function(name, qualifier)
        refusal = _refusal(kind, event)
        if refusal:
            return refusal
        if kind == "DryRun":
            return 204, {"status": 204}, b""
        event = event or b"{}"
        if kind == "Event":
            request_id = self._queue.put(function.function_arn, event, "invoke")
            return 202, {"status": 202, "x-amzn-requestid": request_id}, b""
        return self._synchronous(function, event, headers.get("X-Amz-Log-Type") == "Tail")

    def _synchronous(self, function: Any, event: bytes, tail: bool) -> Answer:
        try:
            outcome = self._engine.call(function, event, "invoke")
        except Throttled as throttled:
            more = {"Reason": throttled.reason}
            return _error(429, "TooManyRequestsException", str(throttled), more, {"Retry-After": "1"})
        except Closed:
            return _error(500, "ServiceException", "the stand-in was reset")
        headers = {
            "status": 200,
            "content-type": "application/json",
            "x-amzn-requestid": outcome.request_id,
            "x-amz-executed-version": outcome.version,
        }
        if outcome.error:
            headers["x-amz-function-error"] = "Unhandled"
        if tail:
            headers["x-amz-log-result"] = base64.b64encode(outcome.log).decode()
        return 200, headers, outcome.payload


def _refusal(kind: str, event: bytes) -> Answer | None:
    """The answer to a request that reaches no function, or None."""
    if kind not in ("RequestResponse", "Event", "DryRun"):
        return _error(400, "InvalidParameterValueException", f"Unsupported invocation type: {kind}")
    limit = ASYNC_REQUEST_BYTES if kind == "Event" else REQUEST_BYTES
    if len(event) > limit:
        message = f"{len(event)} byte payload is too large for the {kind} invocation type (limit {limit} bytes)"
        return _error(413, "RequestEntityTooLargeException", message)
    try:
        json_in(event or b"{}")
    except ValueError as error:
        return _error(400, "InvalidRequestContentException", f"Could not parse request body into json: {error}")
    return None


def _error(
    status: int, kind: str, message: str, more: dict[str, str] | None = None, headers: dict[str, str] | None = None
) -> Answer:
    body = {"Type": "User", "message": message, **(more or {})}
    fixed = {"status": status, "content-type": "application/json", "x-amzn-errortype": kind}
    return status, {**fixed, **(headers or {})}, json.dumps(body)


def patch_moto(engine: Engine, queue: Queue) -> None:
    """Puts our Lambda under moto's API."""
    _patch_invoke(InvokeApi(engine, queue))
    _patch_inner_invoke(engine)
    _patch_code()
    _patch_settings()
    _patch_dead_letters()
    _check_environments()
    _patch_delete(engine)


def _patch_invoke(api: InvokeApi) -> None:
    from moto.awslambda.responses import LambdaResponse

    old_setup, old_enrich = LambdaResponse.setup_class, LambdaResponse._enrich_response

    def setup_class(
        self: Any, request: Any, full_url: Any = None, headers: Any = None, use_raw_body: Any = None
    ) -> None:
        # Moto decodes bodies first, and fails on bytes that are no text before we can say what is wrong.
        raw = True if request.path.rstrip("/").endswith("/invocations") else use_raw_body
        old_setup(self, request, full_url, headers, raw)

    def invoke(self: Any) -> Answer:
        # Moto runs Docker here, knows no Event type and takes the qualifier from the wrong name.
        name = urllib.parse.unquote(self.path.rstrip("/").rsplit("/", 2)[-2])
        qualifier = urllib.parse.parse_qs(self.parsed_url.query).get("Qualifier", [None])[0]
        return api.invoke(name, qualifier, self.body or b"", self.headers)

    def enrich(headers: dict[str, Any], body: Any) -> tuple[dict[str, Any], Any]:
        # The request id of an answer is the invocation's, which moto would replace.
        known = headers.get("x-amzn-requestid")
        headers, body = old_enrich(headers, body)
        return {**headers, **({"x-amzn-requestid": known} if known else {})}, body

    LambdaResponse.setup_class = setup_class
    LambdaResponse.invoke = invoke
    LambdaResponse._enrich_response = staticmethod(enrich)


def _patch_inner_invoke(engine: Engine) -> None:
    from moto.awslambda.models import LambdaFunction

    def invoke_lambda(self: Any, event: Any = None) -> tuple[str, bool, str]:
        # The way that moto's other services (Kinesis, DynamoDB, log filters) take, which would be Docker.
        outcome = engine.call(self, json.dumps(event or {}).encode(), "moto", wait=True)
        return outcome.payload.decode(errors="replace"), outcome.error, outcome.log.decode(errors="replace")

    LambdaFunction._invoke_lambda = invoke_lambda


def _patch_code() -> None:
    from moto.awslambda.exceptions import InvalidParameterValueException
    from moto.awslambda.models import LambdaFunction

    old = LambdaFunction._set_function_code

    def set_function_code(self: Any, updated: dict[str, Any]) -> None:
        before = {name: value for name, value in vars(self).items() if name.startswith("code")}
        try:
            old(self, updated)
            # Moto takes any bytes as a package; AWS unpacks it at once.
            if not updated.get("DryRun") and ("ZipFile" in updated or "S3Key" in updated):
                code.check(self.code_bytes)
        except ValueError as error:
            vars(self).update(before)
            # Moto's own come as (code, message), which its server cannot answer.
            raise InvalidParameterValueException(str(error.args[-1])) from error

    LambdaFunction._set_function_code = set_function_code


def _patch_settings() -> None:
    from moto.awslambda.models import LambdaBackend, LambdaFunction
    from moto.core.utils import iso_8601_datetime_with_nanoseconds

    def touching(old: Callable[..., Any]) -> Callable[..., Any]:
        def update(self: Any, changes: dict[str, Any]) -> Any:
            # Moto leaves LastModified as it was; new instances are told from old ones by it.
            self.last_modified = iso_8601_datetime_with_nanoseconds()
            return old(self, changes)

        return update

    old_put = LambdaBackend.put_function_event_invoke_config

    def put(self: Any, function_name: str, config: dict[str, Any]) -> dict[str, Any]:
        # Moto appends, and goes on using the first.
        function = self.get_function(function_name)
        kept, function.event_invoke_config = function.event_invoke_config, []
        try:
            return old_put(self, function_name, config)
        finally:
            function.event_invoke_config = function.event_invoke_config or kept

    def merge(self: Any, function_name: str, config: dict[str, Any]) -> dict[str, Any]:
        # Moto replaces all where AWS changes what is named.
        known = self.get_function(function_name).event_invoke_config
        return put(self, function_name, {**(known[0].config if known else {}), **config})

    LambdaFunction.update_configuration = touching(LambdaFunction.update_configuration)
    LambdaFunction.update_function_code = touching(LambdaFunction.update_function_code)
    LambdaBackend.put_function_event_invoke_config = put
    LambdaBackend.update_function_event_invoke_config = merge


def _patch_dead_letters() -> None:
    from moto.awslambda.models import LambdaFunction

    old_init, old_get, old_update = (
        LambdaFunction.__init__,
        LambdaFunction.get_configuration,
        LambdaFunction.update_configuration,
    )

    # Moto drops DeadLetterConfig.
    def init(self: Any, account_id: str, spec: dict[str, Any], *more: Any, **named: Any) -> None:
        old_init(self, account_id, spec, *more, **named)
        self.dead_letter_config = spec.get("DeadLetterConfig")

    def get_configuration(self: Any, on_create: bool = False) -> dict[str, Any]:
        config = old_get(self, on_create)
        letters = getattr(self, "dead_letter_config", None)
        return {**config, "DeadLetterConfig": letters} if letters else config

    def update_configuration(self: Any, changes: dict[str, Any]) -> dict[str, Any]:
        self.dead_letter_config = changes.get("DeadLetterConfig", self.dead_letter_config)
        return old_update(self, changes)

    LambdaFunction.__init__ = init
    LambdaFunction.get_configuration = get_configuration
    LambdaFunction.update_configuration = update_configuration


def _check_environments() -> None:
    from moto.awslambda.exceptions import InvalidParameterValueException
    from moto.awslambda.models import LambdaFunction

    old_init, old_update = LambdaFunction.__init__, LambdaFunction.update_configuration

    def check(given: dict[str, Any]) -> None:
        # Moto takes any.
        try:
            check_variables((given.get("Environment") or {}).get("Variables") or {})
        except ValueError as error:
            raise InvalidParameterValueException(str(error)) from error

    def init(self: Any, account_id: str, spec: dict[str, Any], *more: Any, **named: Any) -> None:
        check(spec)
        old_init(self, account_id, spec, *more, **named)

    def update_configuration(self: Any, changes: dict[str, Any]) -> dict[str, Any]:
        check(changes)
        return old_update(self, changes)

    LambdaFunction.__init__ = init
    LambdaFunction.update_configuration = update_configuration


def _patch_delete(engine: Engine) -> None:
    from moto.awslambda.models import LambdaBackend

    old = LambdaBackend.delete_function

    def delete_function(self: Any, function_name: str, qualifier: str | None = None) -> None:
        old(self, function_name, qualifier)
        # Without its function an idle instance would stay until the next reset.
        engine.fleet.pool(re.split("[:/]", function_name.rsplit(":function:", 1)[-1])[0]).retire()

    LambdaBackend.delete_function = delete_function
