"""The frame: start, reset, end."""

import socket
import urllib.error
import urllib.request

import pytest
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


def raw(client: Client, request: bytes) -> bytes:
    """The answer to a request that no library would send."""
    host, _, port = client.endpoint.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(4096), b""))


def test_bodies_of_any_length_are_read_or_refused(stand_in: Client) -> None:
    """Chunks are read, a length that is none hangs nobody."""
    head = b"POST /_stand-in/clock HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    body = b'{"advance_seconds":86400}'
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    assert b" 200 " in raw(stand_in, chunked).split(b"\r\n")[0]
    for length in (b"-1", b"abc"):
        assert b" 400 " in raw(stand_in, head + b"Content-Length: %s\r\n\r\n" % length).split(b"\r\n")[0]


def test_control_says_what_is_wrong_with_strange_json(stand_in: Client) -> None:
    """Never 500."""
    for body in (b"[" * 100_000, b'{"advance_seconds": 1' + b"0" * 400 + b"}", b'{"advance_seconds": NaN}', b"\xff"):
        request = urllib.request.Request(stand_in.endpoint + "/_stand-in/clock", body, method="POST")
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        assert refused.value.code == 400


def test_web_pages_give_no_orders(stand_in: Client) -> None:
    """A page in a browser may call an API that allows it, and control nothing."""
    headers = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
    assert stand_in.call("POST", "/_stand-in/clock", {"advance_seconds": 5}, headers)[0] == 403
    assert stand_in.call("GET", "/_issuer/.well-known/openid-configuration", None, headers)[0] == 200
