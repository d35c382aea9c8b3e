"""CloudTrail's public keys, which moto lacks, and signatures made with them, so that tests can make genuine digests.

POST /_stand-in/trails/sign {"text": ..., "region": ...} signs a digest's string to sign as CloudTrail does and answers
{"signature": hex, "fingerprint": ...}. A key is made when it is first asked for, one for each region, and stays for
the life of the process: making one takes longer than a reset may.
"""

import base64
import datetime
import functools
import hashlib
import json
import threading
from collections.abc import Iterable
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError

from stand_in.answers import Environ, StartResponse, Wsgi, answer, answer_json
from stand_in.clock import clock
from stand_in.fields import object_of, text
from stand_in.world import REGION, World

BEFORE_START = datetime.timedelta(days=90)
AFTER_START = datetime.timedelta(days=365)

_STARTED = datetime.datetime.now(datetime.UTC)
_MAKING = threading.Lock()


class TrailKey:
    """The key pair that CloudTrail signs one region's digests with."""

    def __init__(self) -> None:
        self._private = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
        self.valid_from = _STARTED - BEFORE_START
        self.valid_to = _STARTED + AFTER_START
        self.der = self._private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
        self.fingerprint = hashlib.md5(self.der, usedforsecurity=False).hexdigest()

    def sign(self, message: str) -> str:
        """The signature in hex."""
        return self._private.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256()).hex()

    def as_dict(self) -> dict[str, Any]:
        """The key as ListPublicKeys gives it."""
        return {
            "Value": base64.b64encode(self.der).decode(),
            "ValidityStartTime": self.valid_from.timestamp(),
            "ValidityEndTime": self.valid_to.timestamp(),
            "Fingerprint": self.fingerprint,
        }


@functools.cache
def _made_key(region: str) -> TrailKey:
    return TrailKey()


def key_of(region: str) -> TrailKey:
    """A region's key, made at the first call."""
    with _MAKING:
        return _made_key(region)


def list_public_keys(self: CloudTrailResponse) -> str:
    """Answers ListPublicKeys: the keys that were valid at any time from StartTime to EndTime."""
    now = clock.now()
    end = _seconds(self._get_param("EndTime"), now)
    start = _seconds(self._get_param("StartTime"), min(now, end))
    if start > end:
        raise JsonRESTError("InvalidTimeRangeException", "The start time must not be after the end time.")
    key = key_of(self.region)
    found = key.valid_from.timestamp() <= end and start <= key.valid_to.timestamp()
    return json.dumps({"PublicKeyList": [key.as_dict()] if found else []})


def _seconds(value: Any, default: float) -> float:
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise JsonRESTError("SerializationException", "Times are numbers of seconds.")
    return float(value)


def _sign(environ: Environ, start: StartResponse) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] != "POST":
        return answer(start, 405)
    order = object_of(environ, "text", "region")
    key = key_of(text(order, "region", REGION))
    return answer_json(start, {"signature": key.sign(text(order, "text")), "fingerprint": key.fingerprint})


def install(world: World) -> dict[str, Wsgi]:
    """Adds the missing operation to moto, and the control."""
    CloudTrailResponse.list_public_keys = list_public_keys  # type: ignore[attr-defined]
    return {"/_stand-in/trails/sign": _sign}
