"""IAM beyond moto: keys that are no longer active are refused, and inline policies have AWS's size limits.

Keys that IAM never made are let in, so that tests can sign with anything.
"""

import functools
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from moto.iam.exceptions import LimitExceededException
from moto.iam.models import AccessKey, IAMBackend

from stand_in.answers import Environ, StartResponse, Wsgi, answer, answer_json
from stand_in.operations import signer
from stand_in.world import World

# The sum of all inline policies, whitespace not counted.
INLINE_POLICY_BYTES = {"user": 2_048, "role": 10_240, "group": 5_120}

QUERY_SERVICES = {"autoscaling", "cloudformation", "cloudfront", "elasticloadbalancing", "iam", "monitoring", "rds"}
QUERY_SERVICES |= {"route53", "ses", "sns", "sts"}
BAD_TOKEN = "The security token included in the request is invalid."
BAD_S3_KEY = "The AWS Access Key Id you provided does not exist in our records."
BAD_EC2_KEY = "AWS was not able to validate the provided access credentials"


class Keys:
    """Every access key that IAM and STS made since the last reset."""

    def __init__(self) -> None:
        self._made: dict[str, AccessKey] = {}
        self._deleted: set[str] = set()

    def add(self, key: AccessKey) -> None:
        """A key was made."""
        self._made[key.access_key_id] = key

    def delete(self, key_id: str) -> None:
        """A key was deleted."""
        self._deleted.add(key_id)

    def refuses(self, key_id: str) -> bool:
        """Whether requests that this key signed are refused."""
        key = self._made.get(key_id)
        return key is not None and (key_id in self._deleted or key.status != "Active")

    def clear(self) -> None:
        """Forgets all keys."""
        self._made.clear()
        self._deleted.clear()


KEYS = Keys()


def install(world: World) -> dict[str, Wsgi]:
    """Patches moto's IAM."""
    world.on_reset.append(KEYS.clear)
    _note_keys()
    for kind, limit in INLINE_POLICY_BYTES.items():
        _limit_inline_policies(kind, limit)
    return {}


def _note_keys() -> None:
    make: Callable[..., None] = AccessKey.__init__
    delete = IAMBackend.delete_access_key_by_name

    @functools.wraps(make)
    def made(self: AccessKey, *values: Any, **named: Any) -> None:
        make(self, *values, **named)
        KEYS.add(self)

    @functools.wraps(delete)
    def deleted(self: IAMBackend, name: str) -> None:
        delete(self, name)
        KEYS.delete(name)

    # moto forgets deleted keys and would take them for unknown ones.
    AccessKey.__init__ = made  # type: ignore[method-assign]
    IAMBackend.delete_access_key_by_name = deleted  # type: ignore[method-assign]


def _limit_inline_policies(kind: str, limit: int) -> None:
    put = getattr(IAMBackend, f"put_{kind}_policy")

    @functools.wraps(put)
    def limited(self: IAMBackend, owner: str, policy_name: str, policy_json: str) -> None:
        holder = getattr(self, f"get_{kind}")(owner)
        others = [text for name, text in _inline_policies(holder) if name != policy_name]
        if sum(map(policy_size, [*others, policy_json])) > limit:
            refusal = LimitExceededException(f"Maximum policy size of {limit} bytes exceeded for {kind} {owner}")
            refusal.code, refusal.status_code = "LimitExceeded", 409  # type: ignore[attr-defined]
            raise refusal
        put(self, owner, policy_name, policy_json)

    # moto has no limit.
    setattr(IAMBackend, f"put_{kind}_policy", limited)


def _inline_policies(holder: Any) -> list[tuple[str, str]]:
    return list(holder.policies.items())


def policy_size(text: str) -> int:
    """The size of a policy as IAM counts it."""
    return len("".join(text.split()).encode())


def wrap(world: World, app: Wsgi) -> Wsgi:
    """`app` for requests that no inactive or deleted key signed."""

    def guarded(environ: Environ, start: StartResponse) -> Iterable[bytes]:
        key_id, service = signer(environ)
        if KEYS.refuses(key_id):
            return refusal(environ, start, key_id, service)
        return app(environ, start)

    return guarded


def refusal(environ: Environ, start: StartResponse, key_id: str, service: str) -> Iterable[bytes]:
    """AWS's words for a key that it does not take, in the form that the service speaks."""
    request_id = str(uuid.uuid4())
    if service == "s3":
        return _refusal_of_s3(environ, start, key_id, request_id)
    if service == "ec2":
        error = f"<Error><Code>AuthFailure</Code><Message>{BAD_EC2_KEY}</Message></Error>"
        body = f"<Response><Errors>{error}</Errors><RequestID>{request_id}</RequestID></Response>"
        return _xml(start, 401, body)
    if service in QUERY_SERVICES:
        error = f"<Error><Type>Sender</Type><Code>InvalidClientTokenId</Code><Message>{BAD_TOKEN}</Message></Error>"
        return _xml(start, 403, f"<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>")
    headers = [("x-amzn-RequestId", request_id)]
    if "HTTP_X_AMZ_TARGET" not in environ:
        headers.append(("x-amzn-ErrorType", "UnrecognizedClientException"))
        return answer_json(start, {"message": BAD_TOKEN}, 403, headers)
    if service == "sqs":
        headers.append(("x-amzn-query-error", "InvalidClientTokenId;Sender"))
    value = {"__type": "com.amazon.coral.service#UnrecognizedClientException", "message": BAD_TOKEN}
    return answer_json(start, value, 403 if service == "sqs" else 400, headers)


def _refusal_of_s3(environ: Environ, start: StartResponse, key_id: str, request_id: str) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] == "HEAD":
        return answer(start, 403, b"", [("x-amz-request-id", request_id)])
    body = (
        f"<Error><Code>InvalidAccessKeyId</Code><Message>{BAD_S3_KEY}</Message>"
        f"<AWSAccessKeyId>{key_id}</AWSAccessKeyId><RequestId>{request_id}</RequestId></Error>"
    )
    return _xml(start, 403, body)


def _xml(start: StartResponse, status: int, body: str) -> Iterable[bytes]:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'
    return answer(start, status, text.encode(), [("Content-Type", "text/xml")])
