"""CloudTrail's public keys."""

import datetime

import botocore.exceptions
import pytest
from conftest import Client
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

NOW = datetime.datetime.now(datetime.UTC)
YEAR = datetime.timedelta(days=366)


def test_the_key_checks_the_signature(stand_in: Client) -> None:
    """A verifier needs nothing but ListPublicKeys."""
    status, signed = stand_in.post("/_stand-in/trails/sign", {"text": "a\nb\nc"})
    assert status == 200
    (found,) = stand_in.client("cloudtrail").list_public_keys()["PublicKeyList"]
    assert found["Fingerprint"] == signed["fingerprint"]
    assert found["ValidityStartTime"] < NOW < found["ValidityEndTime"]
    # The loader takes other forms of DER, too; AWS's is that of PKCS#1.
    public = serialization.load_der_public_key(found["Value"])
    assert isinstance(public, rsa.RSAPublicKey)
    assert public.key_size == 2_048
    assert public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1) == found["Value"]
    signature = bytes.fromhex(signed["signature"])
    public.verify(signature, b"a\nb\nc", padding.PKCS1v15(), hashes.SHA256())
    with pytest.raises(InvalidSignature):
        public.verify(signature, b"a\nb\nd", padding.PKCS1v15(), hashes.SHA256())


def test_the_key_stays(stand_in: Client) -> None:
    """Two calls, one key; another region, another key."""
    first = stand_in.post("/_stand-in/trails/sign", {"text": "x"})
    assert stand_in.post("/_stand-in/trails/sign", {"text": "x"}) == first
    other = stand_in.post("/_stand-in/trails/sign", {"text": "x", "region": "eu-west-1"})
    assert other[1]["fingerprint"] != first[1]["fingerprint"]


@pytest.mark.parametrize(
    ("start", "end", "count"),
    [
        (NOW - YEAR, NOW, 1),
        (NOW, NOW + 2 * YEAR, 1),
        (NOW - 2 * YEAR, NOW - YEAR, 0),
        (NOW + 2 * YEAR, NOW + 3 * YEAR, 0),
    ],
)
def test_the_time_range_counts(stand_in: Client, start: datetime.datetime, end: datetime.datetime, count: int) -> None:
    """Only keys that were valid then are told."""
    found = stand_in.client("cloudtrail").list_public_keys(StartTime=start, EndTime=end)
    assert len(found["PublicKeyList"]) == count


def test_a_time_range_that_ends_before_it_starts(stand_in: Client) -> None:
    """Is an error."""
    with pytest.raises(botocore.exceptions.ClientError) as caught:
        stand_in.client("cloudtrail").list_public_keys(StartTime=NOW, EndTime=NOW - YEAR)
    assert caught.value.response["Error"]["Code"] == "InvalidTimeRangeException"


def test_a_bad_order_is_told(stand_in: Client) -> None:
    """No text, or no object."""
    assert stand_in.post("/_stand-in/trails/sign", {})[0] == 400
    assert stand_in.post("/_stand-in/trails/sign", ["text"])[0] == 400
    assert stand_in.get("/_stand-in/trails/sign")[0] == 405
