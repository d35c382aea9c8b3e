"""Errors in the words and the protocol of the AWS service that a call was meant for."""

import dataclasses
import json
import uuid
from collections.abc import Callable
from xml.sax.saxutils import escape

from stand_in.answers import Environ
from stand_in.operations import Call, path_of


@dataclasses.dataclass(frozen=True)
class AwsError:
    """What an error says."""

    status: int
    code: str
    message: str


# How services spell "too many requests"; all others say ThrottlingException with 400.
_THROTTLES = {
    "s3": (503, "SlowDown"),
    "ec2": (503, "RequestLimitExceeded"),
    "lambda": (429, "TooManyRequestsException"),
    "apigateway": (429, "TooManyRequestsException"),
    "guardduty": (429, "TooManyRequestsException"),
    "scheduler": (429, "ThrottlingException"),
    "access-analyzer": (429, "ThrottlingException"),
    "athena": (400, "TooManyRequestsException"),
    "dynamodb": (400, "ProvisionedThroughputExceededException"),
    "sqs": (400, "RequestThrottled"),
    "route53": (400, "Throttling"),
    "cloudfront": (400, "Throttling"),
}


def _fixed(status: int, code: str, message: str) -> Callable[[Call], AwsError]:
    return lambda call: AwsError(status, code, message)


def _throttle(call: Call) -> AwsError:
    usual = (400, "Throttling") if call.protocol == "query" else (400, "ThrottlingException")
    status, code = _THROTTLES.get(call.service, usual)
    return AwsError(status, code, "Please reduce your request rate." if code == "SlowDown" else "Rate exceeded")


def _access_denied(call: Call) -> AwsError:
    if call.service == "s3":
        return AwsError(403, "AccessDenied", "Access Denied")
    message = f"User: anonymous is not authorized to perform: {call.name}"
    if call.protocol == "ec2":
        return AwsError(403, "UnauthorizedOperation", "You are not authorized to perform this operation.")
    if call.protocol in ("query", "rest-xml"):
        return AwsError(403, "AccessDenied", message)
    return AwsError(403 if call.protocol == "rest-json" else 400, "AccessDeniedException", message)


# Errors that a rule may call by a short name.
NAMED: dict[str, Callable[[Call], AwsError]] = {
    "conflict": _fixed(
        409,
        "ConditionalRequestConflict",
        "The conditional request cannot succeed due to a conflicting operation against this resource.",
    ),
    "precondition": _fixed(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"),
    "internal": _fixed(500, "InternalError", "We encountered an internal error. Please try again."),
    "slow_down": _fixed(503, "SlowDown", "Please reduce your request rate."),
    "throttle": _throttle,
    "access_denied": _access_denied,
}


def error_answer(error: AwsError, call: Call, environ: Environ) -> tuple[int, list[tuple[str, str]], bytes]:
    """Status, headers and body of an error, as the client of this call expects them."""
    request = str(uuid.uuid4())
    headers = [("x-amzn-requestid", request)]
    if call.service == "s3":
        headers = [("x-amz-request-id", request), ("x-amz-id-2", request)]
    kind, body = "application/xml", b""
    if call.protocol.startswith("json"):
        kind, body = f"application/x-amz-{call.protocol}", _json(error)
        if call.service == "sqs":
            # SQS once spoke XML; SDKs still take the code from here.
            headers.append(("x-amzn-query-error", f"{error.code};{_fault(error)}"))
    elif call.protocol == "rest-json":
        kind, body = "application/json", json.dumps({"message": error.message}).encode()
    elif call.protocol == "cbor":
        kind, body = "application/cbor", _cbor({"__type": error.code, "message": error.message})
        headers.append(("smithy-protocol", "rpc-v2-cbor"))
    else:
        body = _xml(error, call, environ, request).encode()
    if "json" in call.protocol:
        headers.append(("x-amzn-errortype", error.code))
    if environ["REQUEST_METHOD"] == "HEAD":
        body = b""
    return error.status, [*headers, ("Content-Type", kind)], body


def _fault(error: AwsError) -> str:
    return "Receiver" if error.status >= 500 else "Sender"


def _json(error: AwsError) -> bytes:
    return json.dumps({"__type": error.code, "message": error.message}).encode()


def _xml(error: AwsError, call: Call, environ: Environ, request: str) -> str:
    says = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    if call.service == "s3":
        where = f"<Resource>{escape(path_of(environ))}</Resource>"
        return f"{head}<Error>{says}{where}<RequestId>{request}</RequestId><HostId>{request}</HostId></Error>"
    if call.protocol == "ec2":
        return f"{head}<Response><Errors><Error>{says}</Error></Errors><RequestID>{request}</RequestID></Response>"
    typed = f"<Type>{_fault(error)}</Type>{says}"
    return f"{head}<ErrorResponse><Error>{typed}</Error><RequestId>{request}</RequestId></ErrorResponse>"


def _cbor(values: dict[str, str]) -> bytes:
    """A map of strings; no more is needed of CBOR here."""
    texts = [text for pair in values.items() for text in pair]
    return bytes([0xA0 + len(values)]) + b"".join(_cbor_text(text.encode()) for text in texts)


def _cbor_text(text: bytes) -> bytes:
    return b"\x79" + len(text).to_bytes(2, "big") + text
