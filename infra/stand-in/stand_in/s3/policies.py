"""Bucket policies: malformed ones are refused, and statements that hold for insecure transport only are passed over."""

import functools
import json
from typing import Any

from moto.s3.exceptions import S3ClientError
from moto.s3.models import FakeBucket, S3Backend
from moto.s3.responses import S3Response

SECURE = "aws:securetransport"
DENIED = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"


class MalformedPolicy(S3ClientError):
    """What S3 says of a policy that it cannot read."""

    code = "MalformedPolicy"


def install() -> None:
    """Patches moto."""
    put, permission = S3Backend.put_bucket_policy, FakeBucket.get_permission

    @functools.wraps(put)
    def checked(self: S3Backend, bucket_name: str, policy: bytes) -> None:
        _check(policy)
        put(self, bucket_name, policy)

    @functools.wraps(permission)
    def met(self: FakeBucket, action: str, resource: str) -> Any:
        stored = self.policy
        if stored is None or SECURE.encode() not in stored.lower():
            return permission(self, action, resource)
        view = FakeBucket.__new__(FakeBucket)
        view.policy = without_insecure(stored)
        return permission(view, action, resource)

    S3Backend.put_bucket_policy = checked  # type: ignore[method-assign]
    # Moto enforces policies without their conditions: the usual rule that only TLS may be used would deny all.
    FakeBucket.get_permission = met  # type: ignore[method-assign]
    _say_denied()


def _say_denied() -> None:
    send = S3Response._send_response

    def told(response: Any) -> Any:
        return send((403, {"Content-Type": "application/xml"}, DENIED) if response == (403, {}, "") else response)

    # Moto says nothing where a policy denies.
    S3Response._send_response = staticmethod(told)  # type: ignore[assignment]


def _check(policy: bytes) -> None:
    try:
        statements = json.loads(policy)["Statement"]
    except (ValueError, KeyError, TypeError) as error:
        raise MalformedPolicy("Policies must be valid JSON and the first byte must be '{'") from error
    for one in statements if isinstance(statements, list) else [statements]:
        if not isinstance(one, dict) or one.get("Effect") not in ("Allow", "Deny"):
            raise MalformedPolicy("Missing required field Effect")
        if not one.keys() & {"Principal", "NotPrincipal"}:
            raise MalformedPolicy("Missing required field Principal")


def without_insecure(policy: bytes) -> bytes:
    """The policy without the statements that ask for insecure transport: the loopback counts as secure."""
    document = json.loads(policy)
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    document["Statement"] = [one for one in statements if not _is_for_insecure(one)]
    return json.dumps(document).encode()


def _is_for_insecure(statement: dict[str, Any]) -> bool:
    for operator, keys in statement.get("Condition", {}).items():
        for key, value in keys.items():
            values = value if isinstance(value, list) else [value]
            if operator.startswith("Bool") and key.lower() == SECURE:
                return all(str(one).lower() == "false" for one in values)
    return False
