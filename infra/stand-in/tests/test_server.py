"""The frame: start, reset, end."""

from conftest import Client


def test_a_reset_leaves_nothing(stand_in: Client) -> None:
    """Buckets of one test are not there in the next."""
    stand_in.client("s3").create_bucket(Bucket="left")
    assert stand_in.post("/_stand-in/reset") == (200, {})
    assert stand_in.client("s3").list_buckets()["Buckets"] == []


def test_unknown_control_is_told(stand_in: Client) -> None:
    """A wrong control path is no AWS call."""
    status, value = stand_in.get("/_stand-in/nothing")
    assert (status, value) == (404, {"message": "the stand-in has no /_stand-in/nothing"})
