"""KMS beyond moto: digests are signed as they are, wrong signatures are errors, and disabled keys do nothing."""

import contextlib
import contextvars
import functools
import json
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from moto.core.exceptions import JsonRESTError
from moto.kms.exceptions import ValidationException
from moto.kms.models import Key
from moto.kms.responses import KmsResponse
from moto.kms.utils import ECDSAPrivateKey, RSAPrivateKey

from stand_in.answers import Wsgi
from stand_in.world import World

LONGEST_MESSAGE = 4_096
_IS_DIGEST = contextvars.ContextVar("is_digest", default=False)


def install(world: World) -> dict[str, Wsgi]:
    """Patches moto's KMS."""
    _hash_once()
    _sign_messages()
    _tell_public_key()
    _check_state()
    return {}


def _check_state() -> None:
    for name in ("sign", "verify", "encrypt", "decrypt", "generate_data_key", "get_public_key", "generate_mac"):
        _guard(name)


def _guard(name: str) -> None:
    answer = getattr(KmsResponse, name)

    @functools.wraps(answer)
    def guarded(self: KmsResponse) -> Any:
        key_id = self._get_param("KeyId")
        if key_id is not None:
            self._validate_key_id(key_id)
            _check_usable(self.kms_backend.describe_key(key_id))
        return answer(self)

    # Moto uses keys in any state.
    setattr(KmsResponse, name, guarded)


def _check_usable(key: Key) -> None:
    if key.key_state == "Disabled":
        raise JsonRESTError("DisabledException", f"{key.arn} is disabled.")
    if key.key_state == "PendingDeletion":
        raise JsonRESTError("KMSInvalidStateException", f"{key.arn} is pending deletion.")


def _sign_messages() -> None:
    sign, verify = KmsResponse.sign, KmsResponse.verify

    @functools.wraps(sign)
    def signed(self: KmsResponse) -> str:
        with _digest_or_message(self):
            return sign(self)

    @functools.wraps(verify)
    def verified(self: KmsResponse) -> str:
        with _digest_or_message(self):
            text = verify(self)
        if not json.loads(text)["SignatureValid"]:
            raise JsonRESTError("KMSInvalidSignatureException", "")
        return text

    KmsResponse.sign = signed  # type: ignore[method-assign]
    # Moto answers false where AWS raises.
    KmsResponse.verify = verified  # type: ignore[method-assign]


@contextlib.contextmanager
def _digest_or_message(request: KmsResponse) -> Iterator[None]:
    """Checks the length of what is signed, and keeps a digest from being hashed again."""
    message, algorithm = request._get_param("Message") or b"", request._get_param("SigningAlgorithm") or ""
    is_digest = request._get_param("MessageType") == "DIGEST"
    if is_digest and len(message) * 8 != int(algorithm.rpartition("_")[2]):
        raise ValidationException("Digest is invalid length for algorithm " + algorithm + ".")
    if len(message) > LONGEST_MESSAGE:
        limit = f"Member must have length less than or equal to {LONGEST_MESSAGE}"
        raise ValidationException(
            f"1 validation error detected: Value at 'message' failed to satisfy constraint: {limit}"
        )
    token = _IS_DIGEST.set(is_digest)
    try:
        yield
    finally:
        _IS_DIGEST.reset(token)


def _hash_once() -> None:
    of_curve = ECDSAPrivateKey._ECDSAPrivateKey__hash_algorithm  # type: ignore[attr-defined]
    of_rsa = RSAPrivateKey._RSAPrivateKey__padding_and_hash_algorithm  # type: ignore[attr-defined]

    def curve(self: ECDSAPrivateKey, algorithm: str) -> Any:
        found = of_curve(self, algorithm)
        return Prehashed(found) if _IS_DIGEST.get() else found

    def rsa(self: RSAPrivateKey, algorithm: str) -> tuple[Any, Any]:
        pad, found = of_rsa(self, algorithm)
        if "_PSS_" in algorithm:
            # AWS's salt is as long as the digest; moto's is as long as can be.
            pad = padding.PSS(mgf=padding.MGF1(found), salt_length=found.digest_size)
        return pad, Prehashed(found) if _IS_DIGEST.get() else found

    # Moto takes no notice of MessageType.
    ECDSAPrivateKey._ECDSAPrivateKey__hash_algorithm = curve  # type: ignore[attr-defined]
    RSAPrivateKey._RSAPrivateKey__padding_and_hash_algorithm = rsa  # type: ignore[attr-defined]


def _tell_public_key() -> None:
    answer = KmsResponse.get_public_key

    @functools.wraps(answer)
    def told(self: KmsResponse) -> str:
        found = json.loads(answer(self))
        key = self.kms_backend.describe_key(found["KeyId"])
        # Moto gives the bare id, and leaves out KeySpec.
        return json.dumps({**found, "KeyId": key.arn, "KeySpec": key.key_spec})

    KmsResponse.get_public_key = told  # type: ignore[method-assign]
