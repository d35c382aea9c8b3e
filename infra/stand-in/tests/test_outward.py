"""Nothing calls beyond this machine."""

import subprocess
import sys

import pytest
from conftest import ROOT, Client
from functions import fails

from stand_in.outward import is_local

TRY = """
import pathlib, socket, sys
import requests
from stand_in import outward
sys.addaudithook(outward._watch)
for call in (
    lambda: requests.post("http://192.0.2.1:9/", timeout=2),
    lambda: socket.getaddrinfo("example.invalid", 80),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"", ("192.0.2.1", 9)),
):
    try:
        call()
    except OSError as error:
        # Libraries wrap it in errors of their own.
        assert "nobody but this machine" in str(error)
    else:
        raise SystemExit("went out")
with socket.create_server(("127.0.0.1", 0)) as server:
    socket.create_connection(("localhost", server.getsockname()[1])).close()
"""


def test_the_process_connects_to_loopback_only() -> None:
    subprocess.run([sys.executable, "-c", TRY], cwd=ROOT, check=True, timeout=60)


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("localhost", True), ("10.0.0.1", False), ("a.b", False)],
)
def test_what_is_local(host: str, local: bool) -> None:
    assert is_local(host) is local


@pytest.mark.parametrize("endpoint", ["http://192.0.2.1/", "http://example.com:80/", "http://[/", "http:///"])
def test_subscribers_elsewhere_are_refused(stand_in: Client, endpoint: str) -> None:
    sns = stand_in.client("sns")
    topic = sns.create_topic(Name="t")["TopicArn"]
    fails("InvalidParameter", sns.subscribe, TopicArn=topic, Protocol="http", Endpoint=endpoint)
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint="http://127.0.0.1:9/")
