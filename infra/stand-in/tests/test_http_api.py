"""HTTP APIs: routes, events, answers and limits. The function is a script that does what it is sent."""

import contextlib
import http.client
import io
import json
import sys
import threading
import time
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError
from conftest import Client

# By the last word of the path: gives the event back, answers with the body of the request, fails, or sleeps.
PROGRAM = """#!{python}
import base64, json, os, time, urllib.request

API = os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(API + "next") as found:
        request, event = found.headers["Lambda-Runtime-Aws-Request-Id"], json.load(found)
    order, end, body = event["rawPath"].rpartition("/")[2], "response", json.dumps(event)
    if order == "answer":
        body = event["body"]
        body = base64.b64decode(body).decode() if event["isBase64Encoded"] else body
    if order == "large":
        body = json.dumps(dict(statusCode=200, body="x" * 6_300_000))
    if order == "fail":
        end, body = "error", json.dumps(dict(errorType="Failed", errorMessage="secret"))
    if order == "sleep":
        time.sleep(2)
    try:
        urllib.request.urlopen(urllib.request.Request(API + request + "/" + end, body.encode(), method="POST")).read()
    except urllib.error.HTTPError:
        pass
"""


class Caller:
    """An API with one function behind it."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def make(self, routes: dict[str, Any] | None = None, **more: Any) -> None:
        """Makes the API anew."""
        routes = routes or {"$default": {"function": "f", "public": True}}
        status, value = self.client.call("PUT", "/_stand-in/apis/api", {"routes": routes, **more})
        assert status == 200, value

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Status, headers and body."""
        connection = http.client.HTTPConnection("127.0.0.1", int(self.client.endpoint.rpartition(":")[2]), timeout=30)
        with contextlib.closing(connection):
            connection.request(method, f"/_api/api{path}", body, headers or {})
            found = connection.getresponse()
            return found.status, found.headers, found.read()

    def event(self, method: str, path: str, body: bytes | None = None, **headers: str) -> dict[str, Any]:
        """The event that the function got."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        status, _, text = self.ask(method, path, body, named)
        assert status == 200, text
        return json.loads(text)

    def answer(self, value: Any) -> tuple[int, http.client.HTTPMessage, bytes]:
        """What the client gets if the function answers this."""
        return self.ask("POST", "/answer", json.dumps(value).encode(), {"Content-Type": "application/json"})

    def token(self, **order: Any) -> dict[str, str]:
        """A header with a new token."""
        value = self.client.post("/_stand-in/tokens", {"aud": "app", **order})[1]
        return {"Authorization": f"Bearer {value['token']}"}


@pytest.fixture
def api(stand_in: Client) -> Caller:
    """An API that hands everything to the function "f"."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, PROGRAM.replace("{python}", sys.executable))
    with contextlib.suppress(ClientError):
        stand_in.client("iam").create_role(RoleName="function", AssumeRolePolicyDocument="{}")
    stand_in.client("lambda").create_function(
        FunctionName="f",
        Runtime="provided.al2023",
        Role="arn:aws:iam::123456789012:role/function",
        Handler="bootstrap",
        Code={"ZipFile": file.getvalue()},
        Timeout=60,
    )
    caller = Caller(stand_in)
    caller.make()
    return caller


def test_the_event_is_of_format_2(api: Caller) -> None:
    """Names, cookies, several values, the context."""
    event = api.event("GET", "/a%20b/c?x=1&y=&x=2%2F3", X_One="1", Cookie="a=1; b=2", User_Agent="probe")
    assert (event["version"], event["routeKey"], event["rawPath"]) == ("2.0", "$default", "/a b/c")
    assert event["rawQueryString"] == "x=1&y=&x=2%2F3"
    assert event["queryStringParameters"] == {"x": "1,2/3", "y": ""}
    assert event["headers"]["x-one"] == "1" and "cookie" not in event["headers"]
    assert event["cookies"] == ["a=1", "b=2"]
    assert not {"body", "pathParameters", "stageVariables", "multiValueHeaders"} & set(event)
    context = event["requestContext"]
    assert context["http"]["method"] == "GET" and context["http"]["userAgent"] == "probe"
    assert context["http"]["path"] == "/a b/c" and context["http"]["sourceIp"] == "127.0.0.1"
    assert context["stage"] == "$default" and "authorizer" not in context


@pytest.mark.parametrize(
    ("kind", "body", "arrives", "encoded"),
    [
        ("application/json; charset=utf-8", '{"a":"é"}'.encode(), '{"a":"é"}', False),
        ("application/problem+json", b"{}", "{}", False),
        ("text/plain", b"\xff", "/w==", True),
        ("application/octet-stream", b"abc", "YWJj", True),
        ("application/x-www-form-urlencoded", b"a=1", "YT0x", True),
    ],
)
def test_bodies_are_text_or_base64(api: Caller, kind: str, body: bytes, arrives: str, encoded: bool) -> None:
    """By their type."""
    event = api.event("POST", "/x", body, Content_Type=kind)
    assert (event["body"], event["isBase64Encoded"]) == (arrives, encoded)


def test_the_best_route_wins(api: Caller) -> None:
    """Full before greedy before $default; names before variables; a method before ANY."""
    public = {"function": "f", "public": True}
    keys = ["GET /things/{id}", "GET /things/new", "ANY /things/new", "GET /{rest+}", "GET /things/{id}/{more+}"]
    api.make(dict.fromkeys((*keys, "$default"), public))
    expected = {
        ("GET", "/things/7"): ("GET /things/{id}", {"id": "7"}),
        ("GET", "/things/a%2Fb"): ("GET /things/{id}", {"id": "a/b"}),
        ("GET", "/things/new"): ("GET /things/new", None),
        ("PUT", "/things/new"): ("ANY /things/new", None),
        ("GET", "/things/7/8/9"): ("GET /things/{id}/{more+}", {"id": "7", "more": "8/9"}),
        ("GET", "/other/x"): ("GET /{rest+}", {"rest": "other/x"}),
        ("PUT", "/other"): ("$default", None),
    }
    found = {request: api.event(*request) for request in expected}
    assert {request: (event["routeKey"], event.get("pathParameters")) for request, event in found.items()} == expected


def test_no_route_no_api(api: Caller) -> None:
    """404 in the gateway's words."""
    api.make({"GET /a/{id}": {"function": "f", "public": True}})
    for path in ("/b", "/a", "/a/", "/a/b/c", ""):
        status, _, body = api.ask("GET", path)
        assert (status, json.loads(body)) == (404, {"message": "Not Found"})
    assert api.client.get("/_api/none/x") == (404, {"message": "Not Found"})


@pytest.mark.parametrize(
    ("value", "status", "kind", "body"),
    [
        ({"statusCode": 201, "body": "made"}, 201, "text/plain;charset=UTF-8", b"made"),
        ({"statusCode": "404", "headers": {"Content-Type": "a/b"}}, 404, "a/b", b""),
        ({"statusCode": 200, "body": "AP8=", "isBase64Encoded": True}, 200, "text/plain;charset=UTF-8", b"\x00\xff"),
        ({"a": 1}, 200, "application/json", b'{"a":1}'),
        ("hello", 200, "application/json", b"hello"),
        ([1, 2], 200, "application/json", b"[1,2]"),
    ],
)
def test_answers(api: Caller, value: Any, status: int, kind: str, body: bytes) -> None:
    """With a status they are taken apart, without one they are the body."""
    found = api.answer(value)
    assert (found[0], found[1]["content-type"], found[2]) == (status, kind, body)


def test_headers_and_cookies_of_an_answer(api: Caller) -> None:
    """Numbers and truth become words; each cookie is a header; the length is the gateway's."""
    headers = {"X-N": 5, "X-B": True, "Content-Length": "999"}
    status, found, _ = api.answer({"statusCode": 200, "headers": headers, "cookies": ["a=1; Secure", "b=2"]})
    assert (status, found["x-n"], found["x-b"], found["content-length"]) == (200, "5", "true", "0")
    assert found.get_all("set-cookie") == ["a=1; Secure", "b=2"] and found["apigw-requestid"]


@pytest.mark.parametrize(
    "value",
    [
        {"statusCode": "ok"},
        {"statusCode": 99},
        {"statusCode": True},
        {"statusCode": 200, "body": {"a": 1}},
        {"statusCode": 200, "headers": ["a"]},
        {"statusCode": 200, "headers": {"a": {"b": 1}}},
        {"statusCode": 200, "headers": {"a": "b\r\nc: d"}},
        {"statusCode": 200, "cookies": "a=1"},
        {"statusCode": 200, "body": "!", "isBase64Encoded": True},
    ],
)
def test_malformed_answers_are_500(api: Caller, value: Any) -> None:
    """Nothing of them reaches the client."""
    status, _, body = api.answer(value)
    assert (status, json.loads(body)) == (500, {"message": "Internal Server Error"})


def test_errors_of_the_function_are_500(api: Caller) -> None:
    """A failure, no JSON, an answer that is too large, no such function."""
    internal = (500, {"message": "Internal Server Error"})
    for method, path, body in (("GET", "/fail", None), ("POST", "/answer", b"{"), ("GET", "/large", None)):
        status, _, text = api.ask(method, path, body, {"Content-Type": "text/plain"})
        assert (status, json.loads(text)) == internal, path
    api.make({"$default": {"function": "nobody", "public": True}})
    status, _, text = api.ask("GET", "/x")
    assert (status, json.loads(text)) == internal


def test_too_large_a_request(api: Caller) -> None:
    """Over 10 MB, or over 6 MB as an event."""
    for size in (10 * 1024 * 1024 + 1, 6 * 1024 * 1024):
        status, _, body = api.ask("POST", "/x", b"x" * size, {"Content-Type": "text/plain"})
        assert (status, json.loads(body)) == (413, {"message": "Request Entity Too Large"})


def test_thirty_seconds_and_no_more(api: Caller) -> None:
    """By the clock, so that nobody need wait for them."""
    ends: list[Any] = []
    thread = threading.Thread(target=lambda: ends.append(api.ask("GET", "/sleep")))
    thread.start()
    time.sleep(0.5)
    assert not ends
    api.client.post("/_stand-in/clock", {"advance_seconds": 30})
    thread.join(1)
    assert ends and ends[0][0] == 503 and json.loads(ends[0][2]) == {"message": "Service Unavailable"}


def test_a_reset_forgets_apis(api: Caller) -> None:
    """No API of one test is in the next."""
    assert api.client.get("/_stand-in/apis") == (200, ["api"])
    api.client.post("/_stand-in/reset")
    assert api.client.get("/_stand-in/apis") == (200, [])


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({}, "routes"),
        ({"routes": {}}, "routes"),
        ({"routes": {"GET things": {"function": "f"}}}, "GET things"),
        ({"routes": {"FETCH /things": {"function": "f"}}}, "FETCH"),
        ({"routes": {"GET /{a+}/b": {"function": "f"}}}, "{a+}"),
        ({"routes": {"GET /{a": {"function": "f"}}}, "{a"),
        ({"routes": {"GET /a": {"public": True}}}, "function"),
        ({"routes": {"GET /a": {"function": "f"}}}, "audience"),
        ({"routes": {"GET /a": {"function": "f", "public": True, "scopes": ["x"]}}}, "scopes"),
        ({"routes": {"GET /a": {"function": "f", "public": True}}, "issuer": "https://example.com"}, "issuer"),
        ({"routes": {"GET /a": {"function": "f", "public": True}}, "cors": {"allow": "*"}}, "allow"),
    ],
)
def test_a_bad_api_is_refused(stand_in: Client, order: dict[str, Any], reason: str) -> None:
    """400 and the word that is wrong."""
    status, value = stand_in.call("PUT", "/_stand-in/apis/api", order)
    assert status == 400 and reason in value["message"]
