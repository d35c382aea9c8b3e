"""JSON Web Tokens with RS256: made by the issuer, judged as the JWT authorizer of an HTTP API judges them."""

import base64
import binascii
import dataclasses
import json
import math
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


class TokenError(Exception):
    """Why a token is no good, in the words of the WWW-Authenticate header."""


@dataclasses.dataclass(frozen=True)
class Token:
    """A token in parts, not yet believed."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


def base64url(data: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(header: dict[str, Any], claims: dict[str, Any], key: rsa.RSAPrivateKey | None) -> str:
    """A token; without a key its signature is empty."""
    signed = ".".join(base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()) if key else b""
    return f"{signed}.{base64url(signature)}"


def public_jwk(key: rsa.RSAPrivateKey, name: str) -> dict[str, str]:
    """The public half of a key as an entry of a JWKS."""
    numbers = key.public_key().public_numbers()
    size = (numbers.n.bit_length() + 7) // 8
    modulus = base64url(numbers.n.to_bytes(size, "big"))
    return {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": name, "n": modulus, "e": base64url(b"\1\0\1")}


def parse(text: str) -> Token:
    """The parts of a token. Raises TokenError."""
    parts = text.split(".")
    if len(parts) != 3:
        raise TokenError("the token is malformed")
    try:
        header, claims = json.loads(_bytes(parts[0])), json.loads(_bytes(parts[1]))
        signature = _bytes(parts[2])
    except (ValueError, RecursionError) as error:
        raise TokenError("the token is malformed") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise TokenError("the token is malformed")
    return Token(header, claims, f"{parts[0]}.{parts[1]}".encode(), signature)


def check_signature(token: Token, keys: list[dict[str, Any]]) -> None:
    """Raises TokenError unless one of the keys of a JWKS signed the token with RS256."""
    if token.header.get("alg") != "RS256":
        raise TokenError("signing method is invalid")
    key = next((key for key in keys if key.get("kid") == token.header.get("kid") and key.get("kty") == "RSA"), None)
    if key is None:
        raise TokenError("the token is signed by an unknown key")
    try:
        public = rsa.RSAPublicNumbers(_number(key["e"]), _number(key["n"])).public_key()
        public.verify(token.signature, token.signed, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise TokenError("the signature is invalid") from error
    except (KeyError, TypeError, ValueError) as error:
        raise TokenError("the issuer's key is no RSA key") from error


def check_claims(claims: dict[str, Any], issuer: str, audience: list[str], now: float) -> None:
    """Raises TokenError unless the token is of this issuer, for one of this audience, and of this time."""
    if claims.get("iss") != issuer:
        raise TokenError("invalid issuer")
    # Access tokens of Cognito have no audience but the client.
    meant = claims["aud"] if "aud" in claims else claims.get("client_id")
    if not set(audience).intersection(entry for entry in _list(meant) if isinstance(entry, str)):
        raise TokenError("invalid audience")
    if _time(claims, "exp", 0) <= now:
        raise TokenError("the token has expired")
    if _time(claims, "nbf", 0) > now:
        raise TokenError("the token is not valid yet")
    # A whole second was cut off or rounded up when the token was made.
    if _time(claims, "iat", 0) > now + 1:
        raise TokenError("the token was issued in the future")


def scopes_of(claims: dict[str, Any]) -> list[str]:
    """The scopes that a token grants, by `scope` or `scp`."""
    given = claims.get("scope", claims.get("scp"))
    return given.split() if isinstance(given, str) else [one for one in _list(given) if isinstance(one, str)]


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def _number(text: str) -> int:
    return int.from_bytes(_bytes(text), "big")


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _time(claims: dict[str, Any], name: str, default: float) -> float:
    value = claims.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TokenError(f"the claim {name} is no time")
    return value
