"""Multipart uploads that are gone, and conditions on copies."""

import functools
from typing import Any
from urllib.parse import unquote

from moto.s3.exceptions import NoSuchUpload, PreconditionFailed
from moto.s3.models import FakeKey, S3Backend
from moto.s3.responses import S3Response


def install() -> None:
    """Patches moto."""
    for name in ("upload_part", "upload_part_copy", "complete_multipart_upload"):
        _only_known(name)
    copy = S3Response.copy_object

    @functools.wraps(copy)
    def if_met(self: S3Response) -> Any:
        _check_source(self)
        _check_target(self)
        return copy(self)

    # Moto has only x-amz-copy-source-if-none-match.
    S3Response.copy_object = if_met  # type: ignore[method-assign]


def _only_known(name: str) -> None:
    use = getattr(S3Backend, name)

    @functools.wraps(use)
    def checked(self: S3Backend, bucket_name: str, multipart_id: str, *values: Any, **named: Any) -> Any:
        if multipart_id not in self.get_bucket(bucket_name).multiparts:
            raise NoSuchUpload(upload_id=multipart_id)
        return use(self, bucket_name, multipart_id, *values, **named)

    # Moto fails on uploads that were aborted.
    setattr(S3Backend, name, checked)


def _check_source(request: S3Response) -> None:
    wanted = request.headers.get("x-amz-copy-source-if-match")
    if wanted is None:
        return
    path, _, query = str(request.headers["x-amz-copy-source"]).partition("?versionId=")
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    source = request.backend.get_object(bucket, key, version_id=query or None)
    if source is not None and not _matches(source, wanted):
        raise PreconditionFailed("x-amz-copy-source-If-Match")


def _check_target(request: S3Response) -> None:
    target = request.backend.get_object(request.bucket_name, request.parse_key_name())
    if target is not None and request.headers.get("if-none-match") == "*":
        raise PreconditionFailed("If-None-Match")
    wanted = request.headers.get("if-match")
    if wanted is not None and (target is None or not _matches(target, wanted)):
        raise PreconditionFailed("If-Match")


def _matches(key: FakeKey, wanted: str) -> bool:
    return wanted == "*" or wanted.strip('"') == key.etag.strip('"')
