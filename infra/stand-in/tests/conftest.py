"""A running stand-in for each test run, as new for each test."""

import json
import pathlib
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import boto3
import botocore.config
import pytest

ROOT = pathlib.Path(__file__).parents[1]


class Client:
    """What tests ask the stand-in by."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint

    def client(self, service: str, key: str = "test", secret: str = "test") -> Any:
        """A boto3 client of a service that makes every call once."""
        config = botocore.config.Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"})
        return boto3.client(
            service,
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            config=config,
        )

    def get(self, path: str) -> tuple[int, Any]:
        """GET: status and JSON."""
        return self.call("GET", path)

    def post(self, path: str, value: Any = None) -> tuple[int, Any]:
        """POST: status and JSON."""
        return self.call("POST", path, value)

    def call(self, method: str, path: str, value: Any = None, headers: dict[str, str] | None = None) -> tuple[int, Any]:
        """Any request: status, and the answer's JSON or else its bytes."""
        body = None if value is None else json.dumps(value).encode()
        request = urllib.request.Request(self.endpoint + path, body, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as found:
                status, text = found.status, found.read()
        except urllib.error.HTTPError as error:
            status, text = error.code, error.read()
        try:
            return status, json.loads(text or b"null")
        except ValueError:
            return status, text


@pytest.fixture(scope="session")
def running() -> Iterator[Client]:
    """The stand-in, started once."""
    command = [sys.executable, "-m", "stand_in", "--until-stdin-closes"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield Client(json.loads(process.stdout.readline())["endpoint"])
        process.terminate()
        assert process.wait(timeout=30) == 0


@pytest.fixture(autouse=True)
def stand_in(running: Client) -> Client:
    """The stand-in, as if it had just started."""
    status, _ = running.post("/_stand-in/reset")
    assert status == 200
    return running
