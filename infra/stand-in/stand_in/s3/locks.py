"""Object lock as AWS has it: the default retention of a bucket is stored with each object, and none gets weaker."""

import functools
from typing import Any

from moto.s3.exceptions import AccessDeniedByLock, MissingKey, S3ClientError
from moto.s3.models import FakeKey, S3Backend
from moto.s3.responses import S3Response

BYPASS = "x-amz-bypass-governance-retention"


class NoLock(S3ClientError):
    """An object without retention was asked for it."""

    code = "NoSuchObjectLockConfiguration"

    def __init__(self) -> None:
        super().__init__("The specified object does not have a ObjectLock configuration")


def install() -> None:
    """Patches moto."""
    _store_default()
    _keep_strong()
    _tell_retention()


def _store_default() -> None:
    put = S3Backend.put_object

    @functools.wraps(put)
    def stored(self: S3Backend, bucket_name: str, *values: Any, **named: Any) -> FakeKey:
        key = put(self, bucket_name, *values, **named)
        bucket = self.get_bucket(bucket_name)
        if bucket.has_default_lock and not key.lock_mode:
            # Moto gives it to single puts only, not to multipart uploads.
            key.lock_mode, key.lock_until = bucket.default_lock_mode, bucket.default_retention()
        return key

    S3Backend.put_object = stored  # type: ignore[method-assign]


def _keep_strong() -> None:
    answer = S3Response.put_object_retention

    @functools.wraps(answer)
    def guarded(self: S3Response) -> Any:
        version = self._get_param("versionId")
        key = self.backend.get_object(self.bucket_name, self.parse_key_name(), version_id=version)
        if key is not None and key.lock_mode and is_weaker(key, *self._mode_until_from_body()):
            governed = key.lock_mode == "GOVERNANCE"
            if not (governed and str(self.headers.get(BYPASS, "")).lower() == "true"):
                raise AccessDeniedByLock()
        return answer(self)

    # Moto lets anyone shorten a retention.
    S3Response.put_object_retention = guarded  # type: ignore[method-assign]


def is_weaker(key: FakeKey, mode: str | None, until: str | None) -> bool:
    """Whether a retention would protect the object less than the one it has."""
    lost = key.lock_mode == "COMPLIANCE" and mode != "COMPLIANCE"
    return lost or (until or "")[:19] < (key.lock_until or "")[:19]


def _tell_retention() -> None:
    answer = S3Response._key_response_get

    @functools.wraps(answer)
    def told(self: S3Response, query: dict[str, Any], key_name: str) -> Any:
        if "retention" not in query:
            return answer(self, query, key_name)
        version = query.get("versionId", [None])[0]
        key = self.backend.get_object(self.bucket_name, key_name, version_id=version)
        if key is None:
            raise MissingKey(key=key_name)
        if not key.lock_mode:
            raise NoLock()
        inner = f"<Mode>{key.lock_mode}</Mode><RetainUntilDate>{key.lock_until}</RetainUntilDate>"
        return 200, {"Content-Type": "application/xml"}, f"<Retention>{inner}</Retention>"

    # Moto has no GetObjectRetention.
    S3Response._key_response_get = told  # type: ignore[method-assign]
