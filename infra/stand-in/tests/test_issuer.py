"""The issuer: its documents, and tokens that a strict reader takes or refuses."""

from typing import Any

import pytest
from conftest import Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet


def token(client: Client, **order: Any) -> str:
    """A new token."""
    status, value = client.post("/_stand-in/tokens", order)
    assert status == 200, value
    return value["token"]


def decoded(client: Client, text: str) -> dict[str, Any]:
    """The claims of a token, by a library that is not ours and the keys that the issuer publishes."""
    configuration = client.get("/_issuer/.well-known/openid-configuration")[1]
    path = configuration["jwks_uri"].removeprefix(client.endpoint)
    keys = KeySet.import_key_set(client.get(path)[1])
    return jwt.decode(text, keys, algorithms=["RS256"]).claims


def test_the_documents_agree(stand_in: Client) -> None:
    """The configuration names its issuer, and the keys are where it says."""
    status, value = stand_in.get("/_issuer/.well-known/openid-configuration")
    assert (status, value["issuer"]) == (200, f"{stand_in.endpoint}/_issuer")
    keys = stand_in.get("/_issuer/.well-known/jwks.json")[1]["keys"]
    assert [(key["kty"], key["alg"], key["use"]) for key in keys] == [("RSA", "RS256", "sig")]
    # Nothing of the private half.
    assert set(keys[0]) == {"kty", "alg", "use", "kid", "n", "e"}
    assert stand_in.get("/_issuer/other")[0] == 404


def test_a_token_says_what_was_asked_for(stand_in: Client) -> None:
    """Claims of the order, of its overrides, and the usual ones."""
    text = token(stand_in, sub="ada", aud=["a", "b"], scope="read write", groups=["admins"], claims={"tenant": 7})
    claims = decoded(stand_in, text)
    assert claims["sub"] == "ada" and claims["aud"] == ["a", "b"] and claims["scope"] == "read write"
    assert claims["groups"] == ["admins"] and claims["tenant"] == 7
    assert claims["iss"] == f"{stand_in.endpoint}/_issuer" and claims["exp"] - claims["iat"] == 3600


def test_overrides_replace_and_null_removes(stand_in: Client) -> None:
    """Any claim may be wrong or missing."""
    claims = decoded(stand_in, token(stand_in, claims={"aud": None, "client_id": "c", "exp": 5}))
    assert "aud" not in claims and claims["client_id"] == "c" and claims["exp"] == 5


def test_times_are_by_the_clock(stand_in: Client) -> None:
    """Tokens made after a move are of then."""
    stand_in.post("/_stand-in/clock", {"to": "2090-01-01T00:00:00Z"})
    claims = decoded(stand_in, token(stand_in, expires_in_seconds=60))
    assert claims["iat"] >= 3_786_912_000 and claims["exp"] == claims["iat"] + 60


@pytest.mark.parametrize("defect", ["other_key", "alg_none"])
def test_a_bad_signature_is_no_signature(stand_in: Client, defect: str) -> None:
    """A reader that checks refuses it."""
    with pytest.raises((JoseError, ValueError)):
        decoded(stand_in, token(stand_in, defect=defect))


def test_defects_of_claims(stand_in: Client) -> None:
    """The signature is right, one claim is wrong."""
    expired = decoded(stand_in, token(stand_in, defect="expired"))
    assert expired["exp"] < expired["iat"]
    early = decoded(stand_in, token(stand_in, defect="not_before"))
    assert early["nbf"] > early["iat"]
    assert decoded(stand_in, token(stand_in, defect="wrong_issuer"))["iss"] != f"{stand_in.endpoint}/_issuer"


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"defect": "ugly"}, "ugly"),
        ({"sub": 1}, "sub"),
        ({"expires_in_seconds": "soon"}, "expires_in_seconds"),
        ({"expires_in_seconds": 1e300}, "expires_in_seconds"),
        ({"claims": []}, "claims"),
        ({"groups": "admins"}, "groups"),
        ({"subject": "x"}, "subject"),
    ],
)
def test_a_bad_order_is_refused(stand_in: Client, order: Any, reason: str) -> None:
    """400 and the word that is wrong."""
    status, value = stand_in.post("/_stand-in/tokens", order)
    assert status == 400 and reason in value["message"]
