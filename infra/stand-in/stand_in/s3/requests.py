"""What S3 looks at before anything else: the checksums of a body, the expected owner, the expiry of a presigned URL."""

import base64
import binascii
import datetime
import hashlib
import zlib
from collections.abc import Callable, Iterable
from html import escape
from typing import Any
from urllib.parse import parse_qs, unquote_to_bytes

from moto.s3.exceptions import InvalidContinuationToken
from moto.s3.models import S3Backend

from stand_in.answers import Environ, StartResponse, Wsgi, answer
from stand_in.clock import clock
from stand_in.operations import keep_body, path_of
from stand_in.world import ACCOUNT, World

# CRC32C and CRC64NVME have no quick form in Python's library, so those are not checked.
HASHES: dict[str, Callable[[bytes], bytes]] = {
    "x-amz-checksum-crc32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "x-amz-checksum-sha1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "x-amz-checksum-sha256": lambda body: hashlib.sha256(body).digest(),
    "content-md5": lambda body: hashlib.md5(body, usedforsecurity=False).digest(),
}
LONGEST_KEY_BYTES = 1_024
BAD_DIGEST = "The {name} you specified did not match what we received."


class Refused(Exception):
    """A request that S3 does not take."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def wrap(world: World, app: Wsgi) -> Wsgi:
    """`app` for requests that pass the checks. Those that need none lose no time."""

    def checked(environ: Environ, start: StartResponse) -> Iterable[bytes]:
        try:
            check(environ)
        except Refused as refusal:
            return _refuse(environ, start, refusal)
        return app(environ, start)

    return checked


def check(environ: Environ) -> None:
    """Raises Refused."""
    if environ.get("HTTP_X_AMZ_EXPECTED_BUCKET_OWNER", ACCOUNT) != ACCOUNT:
        raise Refused(403, "AccessDenied", "Access Denied")
    query = environ.get("QUERY_STRING", "")
    if "X-Amz-Expires=" in query:
        _check_expiry(parse_qs(query))
    if "HTTP_X_AMZ_CONTENT_SHA256" in environ:
        _check_key(environ)
    # A CompleteMultipartUpload names the checksum of the object, not of its own body.
    if environ["REQUEST_METHOD"] == "PUT" or (environ["REQUEST_METHOD"] == "POST" and "uploadId=" not in query):
        _check_body(environ)


def _check_expiry(query: dict[str, list[str]]) -> None:
    try:
        signed = datetime.datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%S%z").timestamp()
        seconds = int(query["X-Amz-Expires"][0])
    except (KeyError, ValueError) as error:
        message = "X-Amz-Date and X-Amz-Expires must be a time and a number."
        raise Refused(400, "AuthorizationQueryParametersError", message) from error
    if clock.now() > signed + seconds:
        raise Refused(403, "AccessDenied", "Request has expired")


def _check_key(environ: Environ) -> None:
    key = path_of(environ).lstrip("/").partition("/")[2]
    if len(unquote_to_bytes(key)) > LONGEST_KEY_BYTES:
        raise Refused(400, "KeyTooLongError", "Your key is too long")


def _check_body(environ: Environ) -> None:
    told = {name: environ.get("HTTP_" + name.upper().replace("-", "_")) for name in HASHES}
    trailers = environ.get("HTTP_X_AMZ_TRAILER", "").lower()
    if not any(told.values()) and not trailers:
        return
    body = keep_body(environ)
    if environ.get("HTTP_X_AMZ_CONTENT_SHA256", "").startswith("STREAMING-"):
        body, found = unchunked(body)
        told |= {name: value for name, value in found.items() if name in HASHES}
    for name, value in told.items():
        if value is not None:
            _check_digest(name, value, body)


def _check_digest(name: str, value: str, body: bytes) -> None:
    real = HASHES[name](body)
    try:
        sent = base64.b64decode(value, validate=True)
    except binascii.Error:
        sent = b""
    if len(sent) != len(real):
        code = "InvalidDigest" if name == "content-md5" else "InvalidRequest"
        raise Refused(400, code, f"Value for {name} header is invalid.")
    if sent != real:
        title = "Content-MD5" if name == "content-md5" else name.rpartition("-")[2].upper()
        raise Refused(400, "BadDigest", BAD_DIGEST.format(name=title))


def unchunked(sent: bytes) -> tuple[bytes, dict[str, str]]:
    """The body and the trailers of a request in aws-chunked form. Raises Refused."""
    parts, at = [], 0
    while True:
        end = sent.find(b"\r\n", at)
        try:
            size = int(sent[at:end].partition(b";")[0], 16)
        except ValueError as error:
            raise Refused(400, "IncompleteBody", "The request body is no aws-chunked one.") from error
        at = end + 2
        if size == 0:
            return b"".join(parts), _trailers(sent[at:])
        parts.append(sent[at : at + size])
        at += size + 2


def _trailers(text: bytes) -> dict[str, str]:
    lines = [line.partition(b":") for line in text.splitlines() if b":" in line]
    return {name.decode().strip().lower(): value.decode().strip() for name, _, value in lines}


def _refuse(environ: Environ, start: StartResponse, refusal: Refused) -> Iterable[bytes]:
    keep_body(environ)
    if environ["REQUEST_METHOD"] == "HEAD":
        return answer(start, refusal.status)
    error = f"<Error><Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message></Error>"
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{error}'.encode()
    return answer(start, refusal.status, body, [("Content-Type", "application/xml")])


def install() -> None:
    """Refuses tokens that no page gave; moto fails on them."""
    page = S3Backend._get_results_from_token

    def known(self: S3Backend, result_keys: Any, token: Any) -> Any:
        if token is None:
            raise InvalidContinuationToken()
        return page(self, result_keys, token)

    S3Backend._get_results_from_token = known  # type: ignore[method-assign]
