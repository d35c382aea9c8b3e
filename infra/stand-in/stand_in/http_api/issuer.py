"""A local OpenID Connect issuer: its documents under /_issuer, and tokens, right or wrong, by POST /_stand-in/tokens.

{"sub", "aud", "scope", "groups", "expires_in_seconds", "claims", "defect"} -> {"token"}; all are optional. `claims`
are put over the others, and null takes one away.
"""

import functools
import uuid
from collections.abc import Iterable
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from stand_in.answers import Environ, StartResponse, Wsgi, answer, answer_json
from stand_in.clock import clock
from stand_in.fields import checked_object, number, object_of, text, texts
from stand_in.http_api.tokens import public_jwk, sign
from stand_in.world import World

KEY_NAME = "stand-in-1"
KEY_BITS = 2048
DEFECTS = ("expired", "other_key", "alg_none", "not_before", "wrong_issuer")
AN_HOUR = 3_600.0
# A date of today with room to spare; more is a slip of the hand.
LONGEST_SECONDS = 10 * 366 * 86_400.0


def install(world: World) -> dict[str, Wsgi]:
    """The issuer's documents and the control that makes tokens."""
    return {"/_issuer": _documents(world), "/_stand-in/tokens": _tokens(world)}


def issuer_of(world: World) -> str:
    """The issuer's name, which is also the address that its documents start from."""
    return f"{world.endpoint}/_issuer"


@functools.cache
def _key(name: str) -> rsa.RSAPrivateKey:
    """A key that is made when it is first used: most runs need none."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=KEY_BITS)


def _documents(world: World) -> Wsgi:
    issuer = issuer_of(world)

    def app(environ: Environ, start: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"].removeprefix("/_issuer")
        if environ["REQUEST_METHOD"] != "GET":
            return answer(start, 405)
        if path == "/.well-known/openid-configuration":
            return answer_json(start, _configuration(issuer))
        if path == "/.well-known/jwks.json":
            return answer_json(start, {"keys": [public_jwk(_key(KEY_NAME), KEY_NAME)]})
        return answer_json(start, {"message": f"the issuer has no {path}"}, 404)

    return app


def _configuration(issuer: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }


def _tokens(world: World) -> Wsgi:
    def app(environ: Environ, start: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST":
            return answer(start, 405)
        known = ("sub", "aud", "scope", "groups", "expires_in_seconds", "claims", "defect")
        return answer_json(start, {"token": _token(issuer_of(world), object_of(environ, *known))})

    return app


def _token(issuer: str, order: dict[str, Any]) -> str:
    defect = text(order, "defect", None)
    if defect is not None and defect not in DEFECTS:
        raise ValueError(f"there is no defect {defect!r}; there are {', '.join(DEFECTS)}")
    claims = _claims(issuer, order)
    if defect == "expired":
        claims["exp"] = claims["iat"] - 1
    if defect == "not_before":
        claims["nbf"] = claims["iat"] + int(AN_HOUR)
    if defect == "wrong_issuer":
        claims["iss"] = f"{issuer}/other"
    claims.update(checked_object(order.get("claims", {}), '"claims"'))
    claims = {name: value for name, value in claims.items() if value is not None}
    if defect == "alg_none":
        return sign({"alg": "none", "typ": "JWT"}, claims, None)
    # The other key comes by the name of ours, so that only the signature tells.
    key = _key("other" if defect == "other_key" else KEY_NAME)
    return sign({"alg": "RS256", "typ": "JWT", "kid": KEY_NAME}, claims, key)


def _claims(issuer: str, order: dict[str, Any]) -> dict[str, Any]:
    now = int(clock.now())
    seconds = number(order, "expires_in_seconds", AN_HOUR)
    if abs(seconds) > LONGEST_SECONDS:
        raise ValueError(f'"expires_in_seconds" must be within {LONGEST_SECONDS:.0f}')
    claims: dict[str, Any] = {
        "iss": issuer,
        "sub": text(order, "sub", "somebody"),
        "aud": order.get("aud", "trailhouse"),
        "iat": now,
        "exp": now + int(seconds),
        "jti": str(uuid.uuid4()),
    }
    if "scope" in order:
        claims["scope"] = text(order, "scope")
    if "groups" in order:
        claims["groups"] = texts(order, "groups")
    return claims
