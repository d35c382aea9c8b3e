"""The JWT authorizer of an HTTP API: who may call a route, by a bearer token and the keys of its issuer."""

import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

from stand_in.clock import clock
from stand_in.http_api.routes import Api, Route
from stand_in.http_api.tokens import TokenError, check_claims, check_signature, parse, scopes_of

# AWS keeps the keys of an issuer for so long.
KEYS_SECONDS = 2 * 3_600
FETCH_SECONDS = 1.5
LONGEST_DOCUMENT = 150_000


class Refused(Exception):
    """The call may not be made: the status, and the WWW-Authenticate header that tells why."""

    def __init__(self, status: int, challenge: str) -> None:
        super().__init__(challenge)
        self.status, self.challenge = status, challenge


class Authorizer:
    """Judges tokens, and keeps the keys of issuers meanwhile."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[str, tuple[float, list[dict[str, Any]]]] = {}

    def reset(self) -> None:
        """Knows no keys."""
        with self._lock:
            self._keys.clear()

    def check(self, api: Api, route: Route, authorization: str) -> dict[str, Any]:
        """What the function is told of a caller: claims and scopes. Raises Refused."""
        scheme, _, rest = authorization.strip().partition(" ")
        text = rest.strip() if scheme.lower() == "bearer" else authorization.strip()
        if not text:
            raise Refused(401, "Bearer")
        try:
            token = parse(text)
            check_signature(token, self._keys_of(api.issuer))
            check_claims(token.claims, api.issuer, list(api.audience), clock.now())
        except TokenError as error:
            raise Refused(401, f'Bearer scope="" error="invalid_token" error_description="{error}"') from error
        scopes = scopes_of(token.claims)
        if route.scopes and not set(route.scopes).intersection(scopes):
            raise Refused(403, f'Bearer scope="{" ".join(route.scopes)}" error="insufficient_scope"')
        claims = {name: _claim(value) for name, value in token.claims.items()}
        return {"claims": claims, "scopes": scopes if route.scopes else None}

    def _keys_of(self, issuer: str) -> list[dict[str, Any]]:
        with self._lock:
            since, keys = self._keys.get(issuer, (0.0, []))
        if clock.now() - since < KEYS_SECONDS:
            return keys
        keys = _fetched_keys(issuer)
        with self._lock:
            self._keys[issuer] = (clock.now(), keys)
        return keys


def check_issuer(issuer: str) -> None:
    """Raises ValueError unless the issuer is on this machine: the stand-in calls nobody else."""
    parts = urllib.parse.urlsplit(issuer)
    if parts.scheme != "http" or parts.hostname != "127.0.0.1":
        raise ValueError('"issuer" must start with http://127.0.0.1')


def _fetched_keys(issuer: str) -> list[dict[str, Any]]:
    try:
        where = _document(f"{issuer.rstrip('/')}/.well-known/openid-configuration")["jwks_uri"]
        check_issuer(where)
        keys = _document(where)["keys"]
        if not isinstance(keys, list) or not all(isinstance(key, dict) for key in keys):
            raise ValueError("keys is no list of keys")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TokenError("the issuer tells no keys") from error
    return keys


def _document(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=FETCH_SECONDS) as found:
        return json.loads(found.read(LONGEST_DOCUMENT))


def _claim(value: Any) -> str:
    """Claims come to the function as strings, lists in brackets and without commas."""
    if isinstance(value, list):
        return f"[{' '.join(_claim(one) for one in value)}]"
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
