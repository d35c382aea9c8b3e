"""What tests of functions share: a function that does what it is told, and ways to make, invoke and watch it."""

import contextlib
import io
import json
import pathlib
import sys
import time
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from conftest import Client

ROLE = "arn:aws:iam::123456789012:role/function"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f"

# What the event's "do" says is done; without it the event comes back.
PROGRAM = """#!{python}
import json, os, sys, time, urllib.request

API = os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/"
ANSWERED = 0

def post(path, body):
    request = urllib.request.Request(API + path, body, method="POST")
    try:
        urllib.request.urlopen(request).read()
    except urllib.error.HTTPError as error:
        print("runtime API:", error.code, flush=True)

class Failed(Exception):
    pass

def handle(event, headers):
    order = event.get("do") if isinstance(event, dict) else None
    if order == "fail":
        raise Failed(event.get("message", "as told"))
    if order == "exit":
        os._exit(event["code"])
    if order == "sleep":
        time.sleep(event["seconds"])
    if order == "print":
        print(event["text"], flush=True)
    if order == "large":
        return "x" * event["bytes"]
    if order == "environment":
        return dict(os.environ)
    if order == "headers":
        return dict(headers.items())
    if order == "who":
        time.sleep(event.get("seconds", 0))
        return dict(pid=os.getpid(), parent=os.getppid(), answered=ANSWERED)
    if order == "child":
        return os.spawnl(os.P_NOWAIT, "/bin/sleep", "sleep", "600")
    return {reply}

print("init", flush=True)
{start}
while True:
    with urllib.request.urlopen(API + "invocation/next") as found:
        request, headers, event = found.headers["Lambda-Runtime-Aws-Request-Id"], found.headers, json.load(found)
    try:
        answer = json.dumps(handle(event, headers)).encode()
    except Failed as error:
        post("invocation/%s/error" % request, json.dumps(dict(errorType="Failed", errorMessage=str(error))).encode())
    else:
        post("invocation/%s/response" % request, answer)
    ANSWERED += 1
"""


def package(reply: str = "event", start: str = "", mode: int = 0o755, name: str = "bootstrap") -> bytes:
    """The zip of a function; `reply` and `start` are Python."""
    text = PROGRAM.replace("{python}", sys.executable).replace("{reply}", reply).replace("{start}", start)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = mode << 16
        archive.writestr(entry, text)
    return file.getvalue()


def make_role(client: Client) -> None:
    """Creates the role of all functions once."""
    with contextlib.suppress(ClientError):
        client.client("iam").create_role(RoleName="function", AssumeRolePolicyDocument="{}")


def make(client: Client, name: str = "f", code: bytes | None = None, **settings: Any) -> str:
    """Creates a function, and the role it needs, and gives its ARN."""
    make_role(client)
    found = client.client("lambda").create_function(
        FunctionName=name,
        Runtime="provided.al2023",
        Role=ROLE,
        Handler="bootstrap",
        Code={"ZipFile": code or package()},
        **{"Timeout": 10, **settings},
    )
    return found["FunctionArn"]


def invoke(client: Client, event: Any, name: str = "f", **more: Any) -> dict[str, Any]:
    """Invokes; the payload is read."""
    payload = event if isinstance(event, bytes) else json.dumps(event).encode()
    found = client.client("lambda").invoke(FunctionName=name, Payload=payload, **more)
    text = found["Payload"].read()
    return {**found, "Payload": json.loads(text) if text else None}


def until(check: Callable[[], Any], seconds: float = 10) -> Any:
    """The first true value of `check`."""
    end = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found


def invocations(client: Client, name: str = "f", count: int = 1) -> list[dict[str, Any]]:
    """The finished attempts of a function, when there are `count`."""

    def finished() -> list[dict[str, Any]] | None:
        _, found = client.get(f"/_stand-in/lambdas/{name}/invocations")
        done = [one for one in found if one["finished"]]
        return done if len(done) >= count else None

    return until(finished)


def alive(pid: int) -> bool:
    """True for a process that runs, and for a zombie."""
    return pathlib.Path(f"/proc/{pid}").exists()


def fails(code: str, call: Callable[..., Any], /, *values: Any, **named: Any) -> ClientError:
    """The call must fail with the error code."""
    with pytest.raises(ClientError) as caught:
        call(*values, **named)
    assert caught.value.response["Error"]["Code"] == code
    return caught.value


def receive(client: Client, url: str) -> dict[str, Any]:
    """The next message of a queue, waited for."""

    def look() -> Any:
        return client.client("sqs").receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages")

    return until(look)[0]


def queue(client: Client, name: str = "jobs", **attributes: str) -> tuple[str, str]:
    """A new queue's URL and ARN."""
    url = client.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    return url, f"arn:aws:sqs:us-east-1:123456789012:{name}"


def rule(client: Client, target: dict[str, Any], pattern: Any = None, name: str = "r") -> Any:
    """A rule with one target; and the EventBridge client."""
    events = client.client("events")
    events.put_rule(Name=name, EventPattern=json.dumps(pattern or {"source": ["app"]}))
    events.put_targets(Rule=name, Targets=[{"Id": "1", **target}])
    return events
