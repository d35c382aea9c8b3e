"""HTTP APIs: who may call them, by token and by the origin of a page."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from test_http_api import Caller, api

from stand_in.http_api.tokens import TokenError, check_signature, parse, public_jwk, sign

__all__ = ["api"]


def protected(api: Caller, **more: Any) -> None:
    """An API that wants tokens."""
    scoped = {"function": "f", "scopes": ["write", "admin"]}
    api.make({"$default": {"function": "f"}, "POST /scoped": scoped}, audience=["app", "other"], **more)


def test_a_token_opens_and_its_claims_are_told(api: Caller) -> None:
    """Claims are strings, lists in brackets; scopes only where the route wants some."""
    protected(api)
    token = api.token(sub="ada", groups=["a", "b"], scope="read write", claims={"n": 7, "yes": True})
    jwt = api.event("GET", "/x", **token)["requestContext"]["authorizer"]["jwt"]
    assert jwt["claims"]["sub"] == "ada" and jwt["claims"]["groups"] == "[a b]" and jwt["scopes"] is None
    assert jwt["claims"]["n"] == "7" and jwt["claims"]["yes"] == "true"
    jwt = api.event("POST", "/scoped", **token)["requestContext"]["authorizer"]["jwt"]
    assert jwt["scopes"] == ["read", "write"]


@pytest.mark.parametrize(
    "order",
    [
        {"defect": "expired"},
        {"defect": "other_key"},
        {"defect": "alg_none"},
        {"defect": "not_before"},
        {"defect": "wrong_issuer"},
        {"aud": "stranger"},
        {"claims": {"aud": None}},
        {"claims": {"aud": "stranger", "client_id": "app"}},
        {"claims": {"exp": None}},
        {"claims": {"exp": "soon"}},
        {"claims": {"iat": 4_000_000_000}},
    ],
)
def test_a_bad_token_is_401(api: Caller, order: dict[str, Any]) -> None:
    """Whatever is wrong with it, the body says the same."""
    protected(api)
    status, headers, body = api.ask("GET", "/x", headers=api.token(**order))
    assert (status, json.loads(body)) == (401, {"message": "Unauthorized"})
    assert "invalid_token" in headers["www-authenticate"]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Bearer a.b.c", "Basic YTpi", "Bearer e30.e30."])
def test_junk_is_no_token(api: Caller, header: str) -> None:
    """401, and no traceback."""
    protected(api)
    headers = {"Authorization": header} if header else {}
    status, _, body = api.ask("GET", "/x", headers=headers)
    assert (status, json.loads(body)) == (401, {"message": "Unauthorized"})


def test_only_rs256_will_do() -> None:
    """A token that says another algorithm is refused although RS256 signed it with the right key."""
    key = rsa.generate_private_key(public_exponent=65_537, key_size=2048)
    keys = [public_jwk(key, "k")]
    check_signature(parse(sign({"alg": "RS256", "kid": "k"}, {}, key)), keys)
    for algorithm in ("HS256", "none", "RS512", None):
        with pytest.raises(TokenError):
            check_signature(parse(sign({"alg": algorithm, "kid": "k"}, {}, key)), keys)


def test_good_tokens_of_other_shapes(api: Caller) -> None:
    """Several audiences, client_id in place of one, no "Bearer"."""
    protected(api)
    for order in ({"aud": ["x", "other"]}, {"claims": {"aud": None, "client_id": "app"}}):
        assert api.ask("GET", "/x", headers=api.token(**order))[0] == 200
    bare = {"Authorization": api.token()["Authorization"].removeprefix("Bearer ")}
    assert api.ask("GET", "/x", headers=bare)[0] == 200


def test_a_missing_scope_is_403(api: Caller) -> None:
    """One of the route's scopes is enough, none is not."""
    protected(api)
    status, headers, body = api.ask("POST", "/scoped", headers=api.token(scope="read"))
    assert (status, json.loads(body)) == (403, {"message": "Forbidden"})
    assert "insufficient_scope" in headers["www-authenticate"]
    assert api.ask("POST", "/scoped", headers=api.token(scope="admin read"))[0] == 200
    assert api.ask("POST", "/scoped", headers=api.token(claims={"scp": ["admin"]}))[0] == 200


def test_a_token_expires_by_the_clock(api: Caller) -> None:
    """An hour that nobody waits for."""
    protected(api)
    token = api.token()
    assert api.ask("GET", "/x", headers=token)[0] == 200
    api.client.post("/_stand-in/clock", {"advance_seconds": 3601})
    assert api.ask("GET", "/x", headers=token)[0] == 401


CORS = {
    "allow_origins": ["https://a.example"],
    "allow_methods": ["GET", "PUT"],
    "allow_headers": ["authorization"],
    "expose_headers": ["etag"],
    "max_age": 60,
    "allow_credentials": True,
}


def test_cors(api: Caller) -> None:
    """A preflight needs neither route nor token; answers carry the configuration, errors too."""
    protected(api, cors=CORS)
    asked = {"Origin": "https://a.example", "Access-Control-Request-Method": "PUT"}
    status, found, _ = api.ask("OPTIONS", "/x", headers=asked)
    assert (status, found["access-control-allow-origin"]) == (204, "https://a.example")
    assert found["access-control-allow-methods"] == "GET,PUT" and found["access-control-max-age"] == "60"
    assert found["access-control-allow-headers"] == "authorization"
    status, found, _ = api.ask("OPTIONS", "/x", headers={**asked, "Origin": "https://b.example"})
    assert status == 204 and found["access-control-allow-origin"] is None
    status, found, _ = api.ask("GET", "/x", headers={"Origin": "https://a.example"})
    assert (status, found["access-control-allow-origin"]) == (401, "https://a.example")
    status, found, _ = api.ask("GET", "/x", headers={"Origin": "https://a.example", **api.token()})
    assert (status, found["access-control-expose-headers"]) == (200, "etag")
    assert found["access-control-allow-credentials"] == "true"


def test_without_cors_the_function_speaks_for_itself(api: Caller) -> None:
    """With it the function's own headers are put aside."""
    value = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}}
    assert api.answer(value)[1]["access-control-allow-origin"] == "*"
    api.make(cors=CORS)
    assert api.answer(value)[1]["access-control-allow-origin"] is None
